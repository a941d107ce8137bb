"""Statements: what groups say; publishing our own, hearing others', the threads below them.

Words: a **draft** is what a member wrote; a **publication** is a draft on its way out, by a decision and then a delay
in which it can be called back; a **statement** is what is public. **Hearing** is keeping what another actor has said:
of those our groups follow, and answers in threads that this node holds. A **reaction** is a like or a boost, kept only
to be counted and undone. A **crawl** looks for what a thread lacks; an **errand** is what that may cost in a day.

Invariants: nothing is public before its release; a release happens once; a statement's type and author never change;
what was deleted does not come back; HTML of others is sanitised before it is kept, and the bytes they sent are kept
beside it. Words that are not for everybody are not kept.
"""

from node.statements import (
    actions,
    consent,
    correcting,
    errands,
    forwarding,
    inbox,
    minority,
    passing_on,
    pins,
    polls,
    quotings,
    redacting,
    threads,
    versions,
)
from node.statements.hearing import HEARINGS
from node.statements.hearing import JOBS as HEARING_JOBS
from node.statements.publishing import JOBS as PUBLISHING_JOBS

HANDLERS = inbox.HANDLERS
ACTS = actions.ACTS | consent.ACTS | correcting.ACTS | minority.ACTS | passing_on.ACTS | polls.ACTS | redacting.ACTS
REFUSALS = actions.REFUSALS | correcting.REFUSALS | minority.REFUSALS
EFFECTS = (
    actions.EFFECTS
    | consent.EFFECTS
    | correcting.EFFECTS
    | minority.EFFECTS
    | passing_on.EFFECTS
    | polls.EFFECTS
    | redacting.EFFECTS
)
ISSUES = actions.ISSUES | correcting.ISSUES | minority.ISSUES
MAKINGS = actions.MAKINGS | minority.MAKINGS
PREVIEWING = actions.PREVIEWING | minority.PREVIEWING
PROPOSING = actions.PROPOSING | minority.PROPOSING
JOBS = HEARING_JOBS | consent.JOBS | PUBLISHING_JOBS | threads.JOBS | forwarding.JOBS | polls.JOBS
LOOPS = threads.LOOPS
PRUNINGS = (threads.prune_threads, errands.prune_errands)
TABLES = (pins.pins, polls.poll_votes, quotings.quotings, versions.versions)

__all__ = [
    "ACTS",
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
    "TABLES",
]
