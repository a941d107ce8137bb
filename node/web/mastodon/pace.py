"""How often one account may act through apps: so many acts in so long, counted in this process and nowhere else.

Reading is not counted: it costs little, and an app that is told to wait shows an empty screen. No address is known, so
nobody shares a limit with a neighbour. What is left stands in the headers that apps know from Mastodon.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from node.errors import Busy
from node.web.mastodon.entities.moments import moment

ACTS = 600
EVERY = timedelta(minutes=5)
ACCOUNTS_AT_MOST = 20_000
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class _Span:
    ends: datetime
    acts: int = 0


class Pace:
    """The spans of time in which accounts act, the oldest first."""

    def __init__(self) -> None:
        self._spans: OrderedDict[int, _Span] = OrderedDict()

    def note(self, account: int, *, now: datetime) -> dict[str, str]:
        """Count one act; the headers that say what is left. Raises Busy."""
        span = self._spans.get(account)
        if span is None or span.ends <= now or span.ends > now + EVERY:
            self._spans.pop(account, None)
            span = self._spans[account] = _Span(now + EVERY)
            while len(self._spans) > ACCOUNTS_AT_MOST:
                self._spans.popitem(last=False)
        if span.acts >= ACTS:
            raise Busy("this account has done too much in a short time; wait for a few minutes")
        span.acts += 1
        left = {"X-RateLimit-Limit": str(ACTS), "X-RateLimit-Remaining": str(ACTS - span.acts)}
        return left | {"X-RateLimit-Reset": moment(span.ends)}


PACE: web.AppKey[Pace] = web.AppKey("pace", Pace)
