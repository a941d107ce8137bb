"""The worker: claims jobs and does them, many at once, and writes down how they ended, many together.

Three things keep one slow host from slowing others: a lane (a host) has only so many jobs under way; a job that has
been under way for a while no longer takes one of the places, of which there are a few more for such; and a host that
failed a few times in a row is left alone (`node.hosts`). A host that has not answered lately gets one job at a time,
and more with each answer. Some places are kept for answers.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Row, bindparam, delete, update
from sqlalchemy.exc import DBAPIError

from federation.deadlines import within
from federation.errors import Gone, Malformed, NotYet, Refused, Unreachable, Unwelcome
from federation.knocking import Declined
from federation.retrying import ATTEMPTS, Outcome, next_delay
from node import hosts, jobs, lost_inboxes, receipts
from node.context import Node, Transaction
from node.database import read_committed
from node.errors import NodeError
from node.hosts import Failure
from node.jobs import TOPIC, Job
from node.metrics import OTHER
from node.receipts import Outcome as Became
from node.receipts import Receipt

log = logging.getLogger("commonwire.jobs")

BUG_ATTEMPTS = 5
POLL_SECONDS = 1.0
GATHER_SECONDS = 0.04  # so long ended jobs wait for others that end, to be written down together
HASTE_SECONDS = 0.01
TOGETHER = 48
FINISH_AT_MOST_SECONDS = 15.0  # with all else there is to end, within the unit's TimeoutStopSec
SLOW_SECONDS = 2.0
SLOW_AT_MOST = 4  # times the places there are
REMEMBERED = 10_000
DELIVER = "deliver"
DELIVERED_WITHIN = timedelta(days=8)  # or given up, where the host is well and only this inbox is not


Claim = Callable[[Transaction], list[Row[Any]]]


@dataclass(frozen=True, slots=True)
class Ended:
    """How one attempt ended: done (`again` is None and not parked), to be tried again, or parked.

    Of a delivery: `answered` is whether the host answered at all, None if we did not come as far as to ask it;
    `inbox` took it. `status` and `words` are what it said; `receipt` is what is kept of that.
    """

    id: int
    again: datetime | None = None
    parked: bool = False
    error: str | None = None
    host: str | None = None
    answered: bool | None = None
    retry_after: timedelta | None = None
    inbox: str | None = None
    status: int | None = None
    words: str | None = None
    receipt: Receipt | None = None

    @property
    def outcome(self) -> str:
        """In one word, to be counted."""
        if self.parked:
            return "parked"
        if self.again is not None:
            return "again"
        return "done" if self.error is None else "refused"

    @property
    def became(self) -> Became | None:
        """What became of a delivery; None if it ended by a mistake of ours."""
        if self.error is None:
            return Became.RECEIVED
        if self.again is None and not self.parked:
            return Became.REFUSED if self.answered else Became.DROPPED
        return Became.WAITING if self.answered is not None else None


@read_committed
def settle_and_claim(tx: Transaction, ended: list[Ended], claim: Claim | None) -> list[Row[Any]]:
    """Write down what has ended, and take what comes next."""
    if ended:
        settle(tx, ended)
    return claim(tx) if claim is not None else []


def settle(tx: Transaction, ended: list[Ended]) -> None:
    """Write down how attempts ended, and how hosts took them: one transaction for all."""
    done = [one.id for one in ended if one.again is None and not one.parked]
    if done:
        tx.execute(delete(jobs.jobs).where(jobs.jobs.c.id.in_(done)))
    failed = [_failed(one) for one in ended if one.again is not None or one.parked]
    if failed:
        tx.execute(_FAILED, failed)
    if unasked := {one.host for one in ended if one.host and one.answered is None}:
        hosts.probe_again(tx, unasked)
    lost_inboxes.found(tx, (one.inbox for one in ended if one.inbox is not None))
    receipts.note(tx, [one.receipt for one in ended if one.receipt is not None])
    hosts.note(tx, answered={one.host for one in ended if one.host and one.answered}, failed=_failures(ended))


_FAILED = (
    update(jobs.jobs)
    .where(jobs.jobs.c.id == bindparam("job"))
    .values(
        error=bindparam("new_error"),
        parked=bindparam("new_parked"),
        due=bindparam("new_due"),
        attempts=jobs.jobs.c.attempts + 1,
        claimed_until=None,
    )
)


def _failed(one: Ended) -> dict[str, Any]:
    return {"job": one.id, "new_error": one.error, "new_parked": one.parked, "new_due": one.again or jobs.RESTING}


def _failures(ended: list[Ended]) -> dict[str, Failure]:
    found: dict[str, Failure] = {}
    for one in ended:
        if one.host is not None and one.answered is False:
            before = found.get(one.host, Failure("", 0))
            waits = [wait for wait in (one.retry_after, before.retry_after) if wait is not None]
            found[one.host] = Failure(one.error or "", before.count + 1, max(waits, default=None))
    return found


@dataclass(frozen=True, slots=True)
class _Attempt:
    job: int
    begun: float


class Worker:
    """Claims jobs and does them, as many at once as the settings allow, until it is told to stop."""

    def __init__(self, node: Node, table: Mapping[str, Job]) -> None:
        self._node, self._table = node, table
        self._places = node.config.deliveries_at_once
        self._for_answers = max(1, self._places // 8)
        self._under_way: dict[asyncio.Task[None], _Attempt] = {}
        self._lanes: Counter[str] = Counter()
        self._trust: OrderedDict[str, int] = OrderedDict()
        self._ended: list[Ended] = []
        self._probed: datetime | None = None
        self._stopping = False
        self._resting = asyncio.Event()
        self._resting.set()

    async def run(self) -> None:
        """The loop; ends when `stop` was called and nothing is under way any more."""
        self._resting.clear()
        try:
            while not self._stopping or self._under_way:
                await self._probe()
                busy = bool(self._ended)
                for row in await self._settle_and_claim():
                    self._start(row)
                    busy = True
                await self._node.bell.wait(TOPIC, at_most=self._patience() if busy else POLL_SECONDS)
        finally:
            self._resting.set()

    def _patience(self) -> float:
        """How long to wait for others that end: not long while few are under way, because a host gets few at a time."""
        return GATHER_SECONDS if len(self._under_way) > self._places // 4 else HASTE_SECONDS

    async def stop(self) -> None:
        """Claim nothing more, let what is under way end, and free the rest for the next process.

        A delivery that has begun is waited for: broken off, it would be made twice.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + min(self._node.config.request_timeout + 1, FINISH_AT_MOST_SECONDS)
        self._stopping = True
        self._node.bell.ring(TOPIC)
        with suppress(TimeoutError):  # what it is claiming at this moment would be claimed by nobody else for a minute
            await asyncio.wait_for(self._resting.wait(), end - loop.time())
        if self._under_way:  # the loop had ended by itself, without a database
            await asyncio.wait(list(self._under_way), timeout=max(0.0, end - loop.time()))
        left = dict(self._under_way)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        try:
            await self._settle()
            if left:
                await self._node.database.write(jobs.free, [one.job for one in left.values()])
        except DBAPIError:
            log.error("the database does not answer; what was just done may be done once more")

    async def _settle_and_claim(self) -> list[Row[Any]]:
        """In one transaction: each waits for the disk."""
        answers = self._room()
        if answers <= 0 or self._stopping or self._node.health.stopping:
            return await self._settle()
        claim = partial(
            jobs.claim,
            answers=answers,
            others=answers - self._for_answers,
            full_lanes=[lane for lane in self._lanes if self._room_in(lane) <= 0],
            room=self._room_in,
        )
        rows = await self._settle(claim)
        self._lanes.update(row.lane for row in rows)
        return rows

    def _room_in(self, lane: str) -> int:
        """How many more jobs of a lane may begin: one of a host that has not answered lately, more with each answer."""
        if not lane:
            return self._places
        trusted = 1 + self._trust.get(lane, 0)
        return min(self._node.config.deliveries_per_host, trusted) - self._lanes.get(lane, 0)

    def _learn(self, lane: str, *, answered: bool) -> None:
        self._trust[lane] = min(self._trust.get(lane, 0) + 1, self._node.config.deliveries_per_host) if answered else 0
        self._trust.move_to_end(lane)
        while len(self._trust) > REMEMBERED:
            self._trust.popitem(last=False)

    def _room(self) -> int:
        """How many more jobs may begin. What takes long gives up its place, as far as there are places for that."""
        begun = asyncio.get_running_loop().time() - SLOW_SECONDS
        slow = sum(one.begun < begun for one in self._under_way.values())
        return self._places + min(slow, self._places * SLOW_AT_MOST) - len(self._under_way)

    async def _probe(self) -> None:
        """Once a second, see whether the time of a host that was left alone has come."""
        now = self._node.clock()
        if self._probed is not None and timedelta() <= now - self._probed < timedelta(seconds=POLL_SECONDS):
            return
        self._probed = now
        await self._node.hosts.look()
        if self._node.hosts.any_left_alone and (due := await self._node.database.read(hosts.to_probe)):
            await self._node.database.write(hosts.probe, due)

    def _start(self, row: Row[Any]) -> None:
        task = asyncio.create_task(self._do(row))
        self._under_way[task] = _Attempt(row.id, asyncio.get_running_loop().time())
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        if len(self._ended) >= TOGETHER or not self._under_way:
            self._node.bell.ring(TOPIC)

    async def _do(self, row: Row[Any]) -> None:
        try:
            ended = await self._with_receipt(row)
            self._learn(row.lane, answered=ended.error is None or bool(ended.answered))
            self._node.metrics.jobs.add(row.kind if row.kind in self._table else OTHER, ended.outcome)
            self._ended.append(ended)  # not in one line: the list may be another one after the attempt
        finally:
            self._lanes[row.lane] -= 1
            if not self._lanes[row.lane]:
                del self._lanes[row.lane]

    async def _with_receipt(self, row: Row[Any]) -> Ended:
        """Do it; of a delivery with what is kept of how it ended."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        ended = await self._attempt(row)
        if row.kind != DELIVER or (became := ended.became) is None:
            return ended
        words = ended.words if became is Became.REFUSED else ended.error
        seconds, activity = loop.time() - begun, row.payload["activity"]
        return replace(ended, receipt=Receipt(activity, row.lane, became, seconds, ended.status, words))

    async def _attempt(self, row: Row[Any]) -> Ended:
        job = self._table.get(row.kind)
        if job is None:
            return Ended(row.id, parked=True, error=f"this program knows no job {row.kind!r}")
        host = row.lane if row.kind == DELIVER else None
        try:
            async with within(jobs.longest(self._node).total_seconds()):
                await job(self._node, row.payload)
        except TimeoutError:
            return self._again(row, Unreachable(f"{row.kind} took too long"), host)
        except (Refused, Malformed, NodeError) as error:
            if isinstance(error, Unwelcome) and error.status == 429:  # too much for now, and not for ever
                return self._again(row, Unreachable(str(error), retry_after=error.retry_after, status=429), host)
            log.info("%s ended: %s", row.kind, error)
            answered = True if isinstance(error, Declined | Gone) else None
            # Another server's no is an answer. A no of our own is a mistake that somebody has to see.
            said: dict[str, Any] = {"status": error.status, "words": error.words} if isinstance(error, Refused) else {}
            return Ended(row.id, parked=not row.lane, error=str(error), host=host, answered=answered, **said)
        except Unreachable as error:
            return self._again(row, error, host)
        except Exception as error:  # the worker loop is the one place that catches everything
            log.exception("%s failed (attempt %d)", row.kind, row.attempts + 1)
            return self._after_bug(row, error)
        return Ended(row.id, host=host, answered=True, inbox=row.payload.get("inbox") if host else None)

    def _again(self, row: Row[Any], error: Unreachable, host: str | None) -> Ended:
        attempts = row.attempts + 1
        if host is not None and self._node.clock() - row.promised < DELIVERED_WITHIN:
            attempts = min(attempts, ATTEMPTS - 1)  # that its host was probed with it is not its fault
        delay = next_delay(attempts, Outcome.UNREACHABLE, jitter=random.random(), retry_after=error.retry_after)
        return Ended(
            row.id,
            again=None if delay is None else self._node.clock() + delay,
            parked=delay is None,
            error=str(error),
            host=host,
            answered=isinstance(error, NotYet),
            retry_after=error.retry_after,
            status=error.status,
        )

    def _after_bug(self, row: Row[Any], error: Exception) -> Ended:
        reason = f"{type(error).__name__}: {error}"
        if row.attempts + 1 >= BUG_ATTEMPTS:
            return Ended(row.id, parked=True, error=reason)
        return Ended(row.id, again=self._node.clock() + timedelta(seconds=10 * 4**row.attempts), error=reason)

    async def _settle(self, claim: Claim | None = None) -> list[Row[Any]]:
        """Write down what has ended; what `claim` has taken."""
        ended, self._ended = self._ended, []
        if not ended and claim is None:
            return []
        try:
            return await self._node.database.write(settle_and_claim, ended, claim)
        except DBAPIError:
            self._ended = ended + self._ended
            raise
