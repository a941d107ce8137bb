"""How much one host is asked for: so many fetches at a time, and so many a minute on average.

Two kinds of fetch share it. For some, somebody waits: a sender at our inbox whose key is not known yet, a member who
names an account. They begin at once and are paid for afterwards, up to five minutes' worth. Errands (backfill, threads,
imports) have time: they wait until it is their turn, and leave a place free for those who wait.

Deliveries are not counted here: a host is sent only what it asked for by following.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from federation.errors import Refused, Unreachable, Unwelcome
from federation.knocking import Declined

BURST = 10  # fetches that may follow each other at once where nothing was asked for a while
ADVANCE_MINUTES = 5
REMEMBERED = 5_000
_STOP = frozenset({403, 429})


class Budget:
    """What one errand may cost over all its requests; spending more than there is raises Refused.

    An errand has time (see federation.courtesy), and is over as soon as it is answered 403 or 429: that request and
    all later ones with the same budget raise Unwelcome.
    """

    def __init__(self, *, requests: int, bytes: int) -> None:
        self.requests_left = requests
        self.bytes_left = bytes
        self._stopped: Unwelcome | None = None

    def stop(self, reason: Unwelcome) -> None:
        self._stopped = reason

    def spend_request(self) -> None:
        if self._stopped is not None:
            raise self._stopped
        if self.requests_left <= 0:
            raise Refused("this errand has used up its requests")
        self.requests_left -= 1

    def spend_bytes(self, count: int) -> None:
        if count > self.bytes_left:
            raise Refused("this errand has used up its bytes")
        self.bytes_left -= count


@contextmanager
def errand_ends(budget: Budget | None) -> Iterator[None]:
    """Whoever answers an errand with 403 or 429 is asked nothing more."""
    try:
        yield
    except (Declined, Unreachable) as error:
        if budget is None or error.status not in _STOP:
            raise
        wait = error.retry_after if isinstance(error, Unreachable) else None
        stopped = Unwelcome(f"{error}, and is left alone", status=error.status or 403, retry_after=wait)
        budget.stop(stopped)
        raise stopped from None


@dataclass(slots=True)
class _Host:
    """What one host was asked: `credit` in fetches, as of `at` on the loop's clock; who is at it and who waits."""

    credit: float
    at: float
    under_way: int = 0
    errands: int = 0
    awaited: int = 0
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def idle(self) -> bool:
        return not (self.under_way or self.waiting)

    async def until(self, free: Callable[[], bool]) -> None:
        """Return when `free()`, which is asked again whenever a fetch has ended."""
        while not free():
            turn = asyncio.get_running_loop().create_future()
            self.waiting.append(turn)
            await turn

    def ended(self, *, errand: bool) -> None:
        self.under_way -= 1
        self.errands -= errand
        self.wake()

    def wake(self) -> None:
        waiting, self.waiting = self.waiting, []
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)


class Courtesy:
    """Gives out turns. `at_once` fetches of one host may be under way, `per_minute` may begin on average."""

    def __init__(self, *, at_once: int = 2, per_minute: int = 60) -> None:
        self._at_once = at_once
        self._errands_at_once = max(1, at_once - 1)
        self._per_second = per_minute / 60
        self._advance = float(per_minute * ADVANCE_MINUTES)
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    @asynccontextmanager
    async def turn(self, host: str, *, errand: bool, at_most: timedelta) -> AsyncIterator[None]:
        """One fetch of `host`: begins when it may.

        An errand waits as long as it takes. For another fetch somebody waits: Unreachable when it could not begin
        within `at_most`.
        """
        known = self._host(host)
        wait = self._pay(known, errand=errand)
        try:
            if errand:
                await asyncio.sleep(wait)
                await self._enter_as_errand(known)
            else:
                await self._enter(known, host, wait, at_most)
        except BaseException:
            known.credit += 1  # what was not asked need not be paid for
            raise
        try:
            yield
        finally:
            known.ended(errand=errand)

    def charge(self, host: str) -> None:
        """Count one more request, of a fetch that has its turn and asks twice."""
        self._host(host).credit -= 1

    def _pay(self, known: _Host, *, errand: bool) -> float:
        """Take one fetch from the credit; how many seconds to wait before it may begin."""
        now = asyncio.get_running_loop().time()
        known.credit = min(float(BURST), known.credit + (now - known.at) * self._per_second) - 1
        known.at = now
        owed = -known.credit if errand else -known.credit - self._advance
        return max(0.0, owed / self._per_second)

    async def _enter(self, known: _Host, host: str, wait: float, at_most: timedelta) -> None:
        seconds = at_most.total_seconds()
        if wait > seconds:
            raise Unreachable(
                f"{host} was asked as often as it should be for now", retry_after=timedelta(seconds=round(wait) + 1)
            )
        known.awaited += 1
        try:
            async with asyncio.timeout(seconds):
                await asyncio.sleep(wait)
                await known.until(lambda: known.under_way < self._at_once)
                known.under_way += 1
        except TimeoutError:
            raise Unreachable(f"{host} is still busy with what it was asked before") from None
        finally:
            known.awaited -= 1
            known.wake()

    async def _enter_as_errand(self, known: _Host) -> None:
        await known.until(
            lambda: known.under_way < self._at_once and known.errands < self._errands_at_once and not known.awaited
        )
        known.under_way += 1
        known.errands += 1

    def _host(self, name: str) -> _Host:
        known = self._hosts.get(name)
        if known is None:
            known = self._hosts[name] = _Host(float(BURST), asyncio.get_running_loop().time())
            self._forget_the_oldest()
        self._hosts.move_to_end(name)
        return known

    def _forget_the_oldest(self) -> None:
        for name in list(self._hosts)[: max(0, len(self._hosts) - REMEMBERED)]:
            if self._hosts[name].idle:
                del self._hosts[name]
