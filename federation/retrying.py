"""When to try a delivery again, or never, and when to leave a whole host alone. Pure: the time is the caller's.

Doubling from one minute to twelve hours, 26 attempts: a peer that is down for a week loses nothing. A host that failed
a few times in a row is probed with one delivery at a time, after the same delays; all others wait with it. When that
has lasted a week, it counts as unreachable.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum

FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=12)
ATTEMPTS = 26
FAILURES_IN_A_ROW = 5  # of a host, until it is left alone
UNREACHABLE_AFTER = timedelta(days=7)
LONGEST_ASKED_FOR = timedelta(days=7)


class Outcome(Enum):
    DELIVERED = "delivered"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    GONE = "gone"


def next_delay(
    attempts: int, outcome: Outcome, *, jitter: float = 0.0, retry_after: timedelta | None = None
) -> timedelta | None:
    """How long to wait after the `attempts`-th attempt (1 is the first) ended in `outcome`; None: never again.

    Only UNREACHABLE is tried again. `jitter` (0 to 1, the caller's chance) lengthens a delay by up to a fifth, so that
    the deliveries of a moment do not come back as one. `retry_after` is heeded up to the longest delay. All delays
    together are at least seven days.
    """
    if outcome is not Outcome.UNREACHABLE or attempts >= ATTEMPTS:
        return None
    return _delay(attempts, jitter, retry_after)


def probe_delay(probes: int, *, jitter: float = 0.0, retry_after: timedelta | None = None) -> timedelta:
    """How long to leave a host alone of which `probes` probes in a row have failed.

    `retry_after` is what the host asked for; it is heeded up to the longest delay.
    """
    return _delay(probes + 1, jitter, retry_after)


def _delay(attempts: int, jitter: float, retry_after: timedelta | None) -> timedelta:
    doubled = FIRST_DELAY * (1 << min(max(attempts, 1) - 1, 20))
    wait = max(min(doubled, LONGEST_DELAY), min(retry_after or timedelta(), LONGEST_DELAY))
    return wait * (1 + 0.2 * min(max(jitter, 0.0), 1.0))


def asked_for(header: str, *, now: datetime) -> timedelta | None:
    """How long a Retry-After wants us to wait, between nothing and a week; None if it says neither seconds nor a date.

    RFC 9110 §10.2.3.
    """
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_ASKED_FOR)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta()), LONGEST_ASKED_FOR)
