"""Push: what the notifications of a group say is brought to the devices of its members while no app is open. Web Push.

Words: a **subscription** belongs to one token of one app, and ends with it; it names an **endpoint** (an address at the
push service that the device has chosen), the keys of the device, and the **alerts** that it asks for: kinds of
notifications, of everybody or (`policy`) of whom the group follows or who follows it.

Invariants: what is pushed is in the list of the viewer at the moment it is sent (her policy, mutes, filters, what she
has put away), is news, and is asked for; it is encrypted for the device, and each message of the same length, so that
the push service learns when and nothing else; of a text with a content warning only the warning; of a vote not what it
is about. Whoever gets nothing for long, is refused or unsubscribes is forgotten. Requests go through the client of the
node and never inside a transaction.

The key by which push services know the node, and what locks the tokens that apps want back in each message, are made
from one secret of the keyring (`keys/push.secret`). A subscription that was made under another secret is none: its app
is told so when it asks, and subscribes anew.
"""

from node.push import actions

JOBS = actions.JOBS
SETTLINGS = (actions.settle,)
PRUNINGS = (actions.prune,)

__all__ = ["JOBS", "PRUNINGS", "SETTLINGS"]
