"""What `commonwire check` looks at: `here` on this machine, `outside` through the node's public address.

A check answers with findings. A finding says what was found; one that is not ok says what to do. No check changes
anything, and each can be made while the node runs and while it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How a finding is."""

    OK = "ok"
    WARNING = "warning"  # it works, and somebody should look at it
    BAD = "bad"  # something does not work
    SKIPPED = "skipped"  # it could not be looked at; says why


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `mend` says what to do, where something is to be done."""

    level: Level
    subject: str
    found: str
    mend: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"level": self.level.value, "subject": self.subject, "found": self.found, "mend": self.mend}


def ok(subject: str, found: str) -> Finding:
    return Finding(Level.OK, subject, found)


def warning(subject: str, found: str, mend: str) -> Finding:
    return Finding(Level.WARNING, subject, found, mend)


def bad(subject: str, found: str, mend: str) -> Finding:
    return Finding(Level.BAD, subject, found, mend)


def skipped(subject: str, why: str) -> Finding:
    return Finding(Level.SKIPPED, subject, why)


def days(seconds: float) -> str:
    """A duration for people: 3 seconds, 5 minutes, 2 hours, 40 days."""
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count:,} {name}{'s' if count != 1 else ''}"
    return f"{seconds:.0f} second{'s' if round(seconds) != 1 else ''}"


def size(count: float) -> str:
    """A number of bytes for people."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:,.1f} GB"
