"""Apps: other people's programs, which members and readers let in. OAuth 2 as Mastodon speaks it.

Words: an **app** is registered by itself, with a name, the addresses it can be sent back to and the **scopes** it may
ask for; a member lets it in as one **viewer** (node.members.viewers) and it gets a **code**, which it changes for a
**token**, once and within ten minutes. A token lasts until the app or the member ends it, or the mandate by which she
meets the account does. An app can also have tokens by which it speaks for nobody.

Invariants: codes, tokens and secrets are kept as digests; a code that is shown twice ends the token it was changed for;
a token opens the account it was made for and no other, and nothing of our own API; whose mandate is over is out with
the next request. Scopes are those of Mastodon, broad and fine; there are none for administrators.

This room knows nothing of what an app may do with a token, nor of HTTP.
"""

from node.apps.actions import note_departure, prune
from node.apps.store import end_codes

DEPARTURES = (note_departure,)
LOCKINGS = (end_codes,)
PRUNINGS = (prune,)
