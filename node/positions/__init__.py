"""Positions: what groups think of each other's words, side by side and never added up.

Words: a **position** is a group's answer to a statement or report of another group, with a **stance**: support, oppose,
support with reservations, propose an amendment, or no position, which is an answer too. It is **live** until the group
replaces or revokes it; what it was before stays readable. A group is **recognised** if a group of this node follows
it; a position of anybody else **waits** until a delegate admits it. A **removal** takes a position of another from this
node for one of four reasons (`rules.REASONS`), and is written down for everybody to see.

Invariants: a position is a statement (see that room) with two more fields; a group has one live position on a text; a
position that waits is shown to nobody but members, over no route; only groups have positions: what an individual sends
in this form is an answer like any other. Nothing here counts positions for a reader: there is no score.
"""

from node.positions import actions, inbox, moderation
from node.positions.hearing import HEARINGS
from node.positions.store import TABLES

HANDLERS = inbox.HANDLERS
ACTS = actions.ACTS | moderation.ACTS
EFFECTS = actions.EFFECTS | moderation.EFFECTS
REFUSALS = actions.REFUSALS
ISSUES = actions.ISSUES
PREVIEWING = actions.PREVIEWING
MAKINGS = actions.MAKINGS
PROPOSING = actions.PROPOSING
PRUNINGS = (moderation.prune_waiting,)

__all__ = [
    "ACTS",
    "EFFECTS",
    "HANDLERS",
    "HEARINGS",
    "ISSUES",
    "MAKINGS",
    "PREVIEWING",
    "PROPOSING",
    "PRUNINGS",
    "REFUSALS",
    "TABLES",
]
