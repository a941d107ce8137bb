"""Recognitions: what groups say other groups are to them, and who may see the lists of a group.

Words: a **recognition** is an act of a group: it says, over its name and proof and with a reason, what another group
is to it in its own words (fraternal, comradely, an ally ...); it may name a day on which the group wants to look at it
again (its **review**). It is **revoked** by a Delete, and a tombstone stays. What others say of groups is **received**,
and shown as it is.

Invariants: a group recognises for itself alone, another group, once; recognitions are never added up, ranked or passed
on. Whom a recognition leaves for, and who may read it and the list of them, is the choice of the group
(`peering.choices`): everybody, the peers it recognises, or its members; whoever is recognised is always told. Of
another's nothing is kept but what carries its author's proof, and is about a group of ours or by one that a group here
follows.

`visibility` is THE question who may see a list of a group; it stands here because its answer may be: those whom the
group recognises.
"""

from node.recognitions import actions, inbox, store

ACTS = actions.ACTS
EFFECTS = actions.EFFECTS
REFUSALS = actions.REFUSALS
HANDLERS = inbox.HANDLERS
DELETIONS = (store.drop,)
TABLES = (store.recognitions,)

__all__ = ["ACTS", "DELETIONS", "EFFECTS", "HANDLERS", "REFUSALS", "TABLES"]
