"""Lists of policies that stand in a file: read, compared with what is decided here, applied as one act, and written.

Words: a **list** is a file of domains, one a line: the CSV of Mastodon for domain blocks or for domains let in, or
plain names. A **line** of it says what a policy would say about one domain; a **flaw** is a line that cannot be
used, with its number and the reason. The **difference** is what the list would change here: policies that are new or
changed, those that are already so, and ours that stand **against** it and stay, unless the list is to replace them.

Files: `formats` (reading and writing: pure), `rules` (lines and their difference: pure), `shown` (for people and
programs), `actions` (what it would do, the act, the effect, the export), `subscribing` (lists of others).

Invariants: nothing is applied that was not shown before; a list is one decision of the group by the rule `limit_peer`,
one entry of the peering log, and one `governing.settle`, however long it is. What waits for that decision is in
`proposed_lists` and nowhere else. What a list cannot say (a policy about an actor, for some kinds of text, until a day,
without sub-domains) is not written into one, and how many those were is said. Political disagreement is not written
either, unless somebody asks for it: a list of abuse that others take over is no place for it.
"""

from node.policy_lists import actions, subscribing

ACTS = actions.ACTS | subscribing.ACTS
EFFECTS = actions.EFFECTS | subscribing.EFFECTS
JOBS = subscribing.JOBS
REFUSALS = actions.REFUSALS

__all__ = ["ACTS", "EFFECTS", "JOBS", "REFUSALS"]
