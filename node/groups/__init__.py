"""Groups: how a group of this node shows itself to others, and by which keys they know it.

Words: the **profile** is name, summary, tendency, the two pictures, and whether the group wants to be found and
searched. It stands in the actor document, which is made from its row whenever it is asked for.

A **rotation** gives the group new keys; the old proof keys stay listed, unless they may be in the wrong hands.

Invariants: the handle and the address never change; a profile changes by a decision alone, and then every follower and
everybody whom the group follows is told.
"""

from node.groups import actions, rotation

ACTS = actions.ACTS | rotation.ACTS
REFUSALS = rotation.REFUSALS
EFFECTS = actions.EFFECTS | rotation.EFFECTS
JOBS = rotation.JOBS

__all__ = ["ACTS", "EFFECTS", "JOBS", "REFUSALS"]
