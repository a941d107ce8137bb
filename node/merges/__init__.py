"""Merges: which struggles are one, and who says so.

Words: a **merge** is what a group says of two struggles: that they are the same, with its reason (`schemas.merge`). It
**counts** for whoever counts the group among its sources, and for nobody else. All struggles that merges of a source
set join, however many steps apart, are one; one of them **represents** them, the same on every node. A **match** is a
likely one: two struggles that look alike, with what they have in common in words (`matching`, `candidates`); a member
can **dismiss** it (`dismissing`), and it is not proposed again before the facts have changed.

Invariants: nothing is merged but by a group that has decided so, under the rule for publishing reports, over its name
and proof; a merge changes no report and no address, and whatever it joined is apart again when it is withdrawn; of
another's nothing is kept but what carries its author's proof, and of an actor whom a group here follows.
"""

from node.merges import actions, dismissing, inbox, store

ACTS = actions.ACTS
EFFECTS = actions.EFFECTS
REFUSALS = actions.REFUSALS
HANDLERS = inbox.HANDLERS
HEARINGS = inbox.HEARINGS
DELETIONS = (store.drop,)
PRUNINGS = (store.drop_withdrawn, dismissing.drop_unknown)
TABLES = (*store.TABLES, dismissing.dismissals)

__all__ = ["ACTS", "DELETIONS", "EFFECTS", "HANDLERS", "HEARINGS", "PRUNINGS", "REFUSALS", "TABLES"]
