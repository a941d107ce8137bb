"""Groups: how a group of this node shows itself to others.

Words: the **profile** is name, summary, tendency, the two pictures, and whether the group wants to be found and
searched. It stands in the actor document, which is made from its row whenever it is asked for.

Invariants: the handle and the address never change; a profile changes by a decision alone, and then every follower and
everybody whom the group follows is told.
"""

from node.groups.actions import EFFECTS

__all__ = ["EFFECTS"]
