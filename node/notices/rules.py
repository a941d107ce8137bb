"""When a member is told by e-mail, and what an address is: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from node.errors import Invalid

AT_MOST_EVERY = timedelta(hours=1)
SOON = timedelta(hours=24)
CODE_LASTS = timedelta(days=1)
CODES_IN_A_DAY = 5
TRIES = 10
_PART = r"[^@\s<>()\[\],;:\\\"\x00-\x1f\x7f]"
ADDRESS = re.compile(rf"{_PART}{{1,64}}@{_PART}{{1,190}}\.{_PART}{{2,63}}")


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that waits for a member: since when, and until when, if it ends by itself."""

    number: int
    since: datetime
    until: datetime | None


def check_address(address: str) -> str:
    """The address, without space around it. Raises Invalid for what is none."""
    found = address.strip()
    if not ADDRESS.fullmatch(found) or len(found) > 254:
        raise Invalid("“{address}” is not an e-mail address", field="email", address=found[:100])
    return found


def is_due(deadlines: Iterable[Deadline], *, told: datetime | None, now: datetime) -> bool:
    """Whether to write to her now: something is new since she was told last, or ends within a day and she was not told
    of it within that day; and never twice in an hour."""
    if told is not None and now - told < AT_MOST_EVERY:
        return False
    return any(
        told is None or one.since > told or (one.until is not None and now >= one.until - SOON > told)
        for one in deadlines
    )
