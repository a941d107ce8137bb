"""Appeals for solidarity, and what groups answer to them.

Words: an **appeal** asks others for something (money, letters, people at a gate), perhaps for a struggle, and is
**open** until its last day has passed or its group says that it is met or closed; one that names no day is open for
three months after it was last changed. An **answer** is what a group says to it: that it has given, will, has passed
it on, or cannot. A **pledge** is how much.

Invariants: both are statements (see that room) with more fields, decided under the rule for statements; an answer
stays the answer to the same appeal; pledges are never added up, because what was promised and what was then given for
it would count twice, and so nobody is told who gave most. Beside an appeal stand the answers of groups that this node
knows (its own, and those it follows); what anybody else answers stands in the thread.
"""

from node.appeals import actions, inbox
from node.appeals.hearing import HEARINGS
from node.appeals.store import TABLES

HANDLERS = inbox.HANDLERS
ACTS = actions.ACTS
EFFECTS = actions.EFFECTS
REFUSALS = actions.REFUSALS
ISSUES = actions.ISSUES
MAKINGS = actions.MAKINGS
PREVIEWING = actions.PREVIEWING
PROPOSING = actions.PROPOSING

__all__ = [
    "ACTS",
    "EFFECTS",
    "HANDLERS",
    "HEARINGS",
    "ISSUES",
    "MAKINGS",
    "PREVIEWING",
    "PROPOSING",
    "REFUSALS",
    "TABLES",
]
