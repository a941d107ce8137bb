"""Groups: how a group of this node shows itself to others, by which keys they know it, who holds which role in it,
and how it begins and ends.

Words: the **profile** is name, summary, tendency, the two pictures, and whether the group wants to be found and
searched. It stands in the actor document, which is made from its row whenever it is asked for.

A change of **roles** gives a mandate, opens an invitation, arranges turns or recalls a mandate; all of it is decided,
but for the first steward of a node and of a group that is added. A group is **added** by the main group and **retired**
by itself.

A **rotation** gives the group new keys; the old proof keys stay listed, unless they may be in the wrong hands.

Invariants: the handle and the address never change; a profile changes by a decision alone, and then every follower and
everybody whom the group follows is told; no handle is used twice; a group that was retired says nothing more, and
what it said stays readable; every group has a steward as long as it lasts.
"""

from node.groups import actions, founding, roles, rotation

ACTS = actions.ACTS | rotation.ACTS | roles.ACTS | founding.ACTS
EFFECTS = actions.EFFECTS | rotation.EFFECTS | roles.EFFECTS | founding.EFFECTS
REFUSALS = actions.REFUSALS | rotation.REFUSALS | roles.REFUSALS | founding.REFUSALS
JOBS = rotation.JOBS | founding.JOBS
KEEPERS = (actions.keeps,)
PRUNINGS = (roles.prune,)

__all__ = ["ACTS", "EFFECTS", "JOBS", "KEEPERS", "PRUNINGS", "REFUSALS"]
