"""When a walk through the past ends, and what to call it: pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum

IDLE_PAGES = 3  # pages with nothing on them before a walk counts as ended: GoToSocial's last page is empty
FINGERPRINT = 12


class State(StrEnum):
    """Where a backfill stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # it said why; a person may let it go on


class Phase(StrEnum):
    """What is walked through; in this order."""

    FEATURED = "featured"
    OUTBOX = "outbox"
    THREADS = "threads"


class Outcome(StrEnum):
    """What became of one entry of a page."""

    KEPT = "kept"
    HELD = "held"  # it was here, or its author has deleted it
    ASKED = "asked"  # promised to be fetched where it is from
    IGNORED = "ignored"  # none of our business, such as a like
    REFUSED = "refused"  # not theirs to say, or not readable
    TOO_OLD = "too old"


PHASES = tuple(Phase)


def after(phase: Phase) -> Phase | None:
    """The next phase; None after the last."""
    following = PHASES[PHASES.index(phase) + 1 :]
    return following[0] if following else None


def fingerprint(page: str) -> str:
    """A short name for the address of a page."""
    return hashlib.sha256(page.encode()).hexdigest()[:FINGERPRINT]


def ends_at(
    *, next_page: str | None, seen: Sequence[str], found: int, most: int, idle: int, outcomes: Sequence[Outcome]
) -> tuple[State, str | None] | None:
    """How a phase ends after a page, with the reason; None if it goes on at `next_page`.

    `found` counts the entries so far, this page's `outcomes` among them; `idle` the pages without any since the last
    one with some.
    """
    if next_page is None:
        return State.DONE, None
    if found >= most:
        return State.DONE, f"the limit of {most} entries was reached"
    if fingerprint(next_page) in seen:
        return State.STOPPED, f"its pages lead round in a circle, to {next_page[:200]}"
    if idle >= IDLE_PAGES:
        return State.DONE, None
    dated = [one for one in outcomes if one in (Outcome.KEPT, Outcome.HELD, Outcome.TOO_OLD)]
    if dated and all(one is Outcome.TOO_OLD for one in dated):
        return State.DONE, "what comes before is older than was asked for"
    return None
