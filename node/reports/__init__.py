"""Reports of struggles: publishing our own, importing tables of them, hearing others'.

Words: a **report** says something about a **struggle** at a time; whoever reports first mints the struggle's address,
and several groups may report one struggle without its being counted twice. An **import** is a collection of reports
transcribed from somebody else's publication: the group vouches for the transcription, not for the facts. It is
announced by one **digest**, a statement that links to it. A **field** of a report is a text under a name, in a file, a
form, a program's request or a table; several values in one are written as JSON in its place (`writing`, `shapes`), and
files hold them as JSON or YAML (`documents`). What may put somebody in danger is **asked** twice (`asking`, `linting`).

Invariants: a report of ours is a statement (see that room) with more fields; an imported report stands in its
collection and nowhere else, in no outbox, feed or time line, and is public only when the group has decided so; a row
is imported once, however often its file is; what is not known is left out and never zero; of another node's
collection nothing is kept but what carries its author's proof; what is counted of a report is written down with it.
"""

from node.reports import actions, developing, hearing, importing, inbox, naming, recounting, undoing
from node.reports.hearing import HEARINGS
from node.reports.store import prune_struggles
from node.reports.uploads import prune_uploads

HANDLERS = inbox.HANDLERS
ACTS = actions.ACTS | developing.ACTS | importing.ACTS | undoing.ACTS
DELETIONS = undoing.DELETIONS
REFUSALS = actions.REFUSALS | developing.REFUSALS | importing.REFUSALS
EFFECTS = actions.EFFECTS | developing.EFFECTS | importing.EFFECTS | undoing.EFFECTS
ISSUES = actions.ISSUES | developing.ISSUES | importing.ISSUES
JOBS = hearing.JOBS | developing.JOBS | recounting.JOBS | undoing.JOBS
LOOPS = recounting.LOOPS
MAKINGS = actions.MAKINGS
PREVIEWING = actions.PREVIEWING
PROPOSING = actions.PROPOSING
PRUNINGS = (prune_struggles, prune_uploads)
SETTLINGS = (naming.settle,)

__all__ = [
    "ACTS",
    "DELETIONS",
    "EFFECTS",
    "HANDLERS",
    "HEARINGS",
    "ISSUES",
    "JOBS",
    "LOOPS",
    "MAKINGS",
    "PREVIEWING",
    "PROPOSING",
    "PRUNINGS",
    "REFUSALS",
    "SETTLINGS",
]
