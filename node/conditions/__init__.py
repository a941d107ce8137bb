"""Reports of conditions: how people work, live or are held, and the figures made from what groups say of it.

Words: a **condition** is one thing that was found (a wage, a rent, how many hours, what is broken), in words, as a
number or a range, or both. It is **measured in** a currency or a unit, perhaps for a **period**. **Respondents** are
the people from whom a report has it.

Invariants: a report of conditions is a statement (see that room) with more fields, decided under the rule for reports;
figures are compared only with those of the same topic, currency or unit, and period; a range gives a range, and what
is open on one side stays open; reports of strangers are shown and not counted; nobody is told a number of respondents
under five; another's report that breaks a rule is kept as it came, shown as text, and counted nowhere.
"""

from node.conditions import actions, inbox
from node.conditions.hearing import HEARINGS
from node.conditions.store import TABLES

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
