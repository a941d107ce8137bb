"""Work that is promised in a transaction and done after it: the jobs table, `promise`, `claim`, and the worker loop.

A promise is a row written with the change that makes it necessary, so neither exists without the other. Workers do a
job at least once; every job is idempotent. Jobs of one `lane` (a host) are limited, so that a slow host slows nobody.

A job function is `async def (node, payload) -> None`. It raises Unreachable to be tried again after a growing delay
(`federation.retrying`), Refused or Malformed to end for good; anything else is our bug: tried a few times, then parked
with its reason where an administrator sees it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    Row,
    SmallInteger,
    Table,
    Text,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from federation.errors import Malformed, Refused, Unreachable
from federation.retrying import Outcome, next_delay
from node.context import Node, Transaction
from node.database import Json, Moment, insert, metadata, notify, read_committed
from node.errors import NodeError

log = logging.getLogger("commonwire.jobs")

Job = Callable[[Node, dict[str, Any]], Awaitable[None]]
TOPIC = "jobs"
REQUESTS_IN_A_JOB = 5  # no job makes more requests to others one after the other
BUG_ATTEMPTS = 5
POLL_SECONDS = 1.0


class Priority(Enum):
    """Smaller goes first: an Accept does not wait behind a fan-out."""

    ANSWER = 0
    NORMAL = 5
    BULK = 9


jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("payload", Json, nullable=False),
    Column("lane", Text, nullable=False, server_default=""),
    Column("priority", SmallInteger, nullable=False),
    Column("key", Text, unique=True),
    Column("promised", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_until", Moment),
    Column("parked", Boolean, nullable=False, server_default="0"),
    Column("error", Text),
    Index("jobs_by_due", "parked", "due", "priority"),
)


@dataclass(frozen=True, slots=True)
class Promise:
    """One job to be done. `key` makes a second promise of the same thing harmless."""

    kind: str
    payload: dict[str, Any]
    lane: str = ""
    key: str | None = None


def promise(
    tx: Transaction,
    *promises: Promise,
    due: datetime | None = None,
    priority: Priority = Priority.NORMAL,
) -> None:
    """Write promises in the caller's transaction; workers are woken when it has been committed."""
    if not promises:
        return
    rows = [
        {
            "kind": one.kind,
            "payload": one.payload,
            "lane": one.lane,
            "key": one.key and _fingerprint(one.key),
            "priority": priority.value,
            "promised": tx.now,
            "due": due or tx.now,
        }
        for one in promises
    ]
    statement = insert(tx, jobs)
    # The same promise again changes nothing, unless it had been given up.
    again = {"parked": False, "attempts": 0, "due": statement.excluded.due, "claimed_until": None}
    tx.execute(statement.on_conflict_do_update(index_elements=["key"], set_=again, where=jobs.c.parked.is_(True)), rows)
    notify(tx)
    tx.after_commit(lambda: tx.node.bell.ring(TOPIC))


def withdraw(tx: Transaction, key: str) -> bool:
    """Take back the promise with this key; whether it was still there."""
    return tx.execute(delete(jobs).where(jobs.c.key == _fingerprint(key))).rowcount > 0


def _fingerprint(key: str) -> str:
    # A key holds addresses that strangers chose, and an index takes only so many bytes.
    return hashlib.sha256(key.encode()).hexdigest()


def withdraw_lanes(tx: Transaction, lanes: list[str]) -> None:
    """Take back every promise of these lanes."""
    tx.execute(delete(jobs).where(jobs.c.lane.in_(lanes)))


@read_committed
def claim(tx: Transaction, *, limit: int, full_lanes: list[str]) -> list[Row[Any]]:
    """Take up to `limit` jobs that are due, none of a lane that is full.

    A claim ends by itself after the longest time a job can take, so that the work of a process that died is done by
    another.
    """
    free = or_(jobs.c.claimed_until.is_(None), jobs.c.claimed_until < tx.now)
    query = (
        select(jobs)
        .where(jobs.c.parked.is_(False), jobs.c.due <= tx.now, free, jobs.c.lane.not_in(full_lanes))
        .order_by(jobs.c.priority, jobs.c.due, jobs.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(tx.execute(query))
    if rows:
        ids = [row.id for row in rows]
        tx.execute(update(jobs).where(jobs.c.id.in_(ids)).values(claimed_until=tx.now + longest(tx.node) * 1.2))
    return rows


def longest(node: Node) -> timedelta:
    """How long a job may take before it is broken off, to be tried again."""
    return timedelta(seconds=node.config.request_timeout * REQUESTS_IN_A_JOB)


def release_all(tx: Transaction) -> None:
    """Free every claim: when the only process of a node starts, nobody holds one."""
    tx.execute(update(jobs).where(jobs.c.claimed_until.is_not(None)).values(claimed_until=None))


def free(tx: Transaction, ids: list[int]) -> None:
    """Give back claims that were not used."""
    tx.execute(update(jobs).where(jobs.c.id.in_(ids)).values(claimed_until=None))


@dataclass(frozen=True, slots=True)
class Ended:
    """How one attempt ended: done (`again` is None and not parked), to be tried again, or parked."""

    id: int
    again: datetime | None = None
    parked: bool = False
    error: str | None = None


def settle(tx: Transaction, ended: list[Ended]) -> None:
    """Write down how attempts ended: one transaction for all of them."""
    done = [one.id for one in ended if one.again is None and not one.parked]
    if done:
        tx.execute(delete(jobs).where(jobs.c.id.in_(done)))
    for one in ended:
        if one.again is not None or one.parked:
            values: dict[str, Any] = {"error": one.error, "parked": one.parked, "claimed_until": None}
            values["attempts"] = jobs.c.attempts + 1
            if one.again is not None:
                values["due"] = one.again
            tx.execute(update(jobs).where(jobs.c.id == one.id).values(**values))


def waiting(tx: Transaction) -> int:
    """How many jobs are promised and not parked."""
    return int(tx.execute(select(func.count()).select_from(jobs).where(jobs.c.parked.is_(False))).scalar_one())


def due_now(tx: Transaction) -> int:
    """How many jobs could be done at this moment, those under way included."""
    query = select(func.count()).select_from(jobs).where(jobs.c.parked.is_(False), jobs.c.due <= tx.now)
    return int(tx.execute(query).scalar_one())


def by_lane(tx: Transaction) -> list[Row[Any]]:
    """What waits, for each lane and kind: waiting, parked, next (earliest due), attempts (the most), error (one)."""
    parked = func.sum(case((jobs.c.parked.is_(True), 1), else_=0))
    query = (
        select(
            jobs.c.lane,
            jobs.c.kind,
            (func.count() - parked).label("waiting"),
            parked.label("parked"),
            func.min(jobs.c.due).label("next"),
            func.max(jobs.c.attempts).label("attempts"),
            func.max(jobs.c.error).label("error"),
        )
        .group_by(jobs.c.lane, jobs.c.kind)
        .order_by(jobs.c.lane, jobs.c.kind)
        .limit(10_000)
    )
    return list(tx.execute(query))


def retry_now(tx: Transaction, *, lane: str | None) -> int:
    """Try again now what failed for a lane (for all, with None), given up or not; how many jobs there were.

    What merely waits for its time is left to wait: a publication in its delay too.
    """
    failed = or_(jobs.c.attempts > 0, jobs.c.parked.is_(True))
    idle = or_(jobs.c.claimed_until.is_(None), jobs.c.claimed_until < tx.now)
    query = update(jobs).where(failed, idle).values(due=tx.now, parked=False, attempts=0)
    changed = tx.execute(query if lane is None else query.where(jobs.c.lane == lane))
    notify(tx)
    tx.after_commit(lambda: tx.node.bell.ring(TOPIC))
    return int(changed.rowcount)


class Worker:
    """Claims jobs and does them, as many at once as the settings allow, until it is told to stop."""

    def __init__(self, node: Node, table: Mapping[str, Job]) -> None:
        self._node, self._table = node, table
        self._under_way: dict[asyncio.Task[None], int] = {}
        self._lanes: Counter[str] = Counter()
        self._ended: list[Ended] = []

    async def run(self) -> None:
        """The loop; ends by cancellation, after which `stop` gives back what was claimed."""
        while True:
            await self._settle()
            room = self._node.config.deliveries_at_once - len(self._under_way)
            claimed = await self._claim(room) if room > 0 else []
            for row in claimed:
                self._start(row)
            if not claimed:
                await self._pause()

    async def stop(self) -> None:
        """End what is under way and free its claims, so that the next process starts with it."""
        ids = list(self._under_way.values())
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._settle()
        if ids:
            await self._node.database.write(free, ids)

    async def _claim(self, room: int) -> list[Row[Any]]:
        per_lane = self._node.config.deliveries_per_host
        full = [lane for lane, count in self._lanes.items() if lane and count >= per_lane]
        rows = await self._node.database.write(claim, limit=room, full_lanes=full)
        taken, back = [], []
        for row in rows:
            if row.lane and self._lanes[row.lane] >= per_lane:
                back.append(row.id)
            else:
                self._lanes[row.lane] += 1
                taken.append(row)
        if back:
            await self._node.database.write(free, back)
        return taken

    def _start(self, row: Row[Any]) -> None:
        task = asyncio.create_task(self._do(row))
        self._under_way[task] = row.id
        task.add_done_callback(lambda done: self._under_way.pop(done, None))

    async def _do(self, row: Row[Any]) -> None:
        try:
            ended = await self._attempt(row)
            self._ended.append(ended)  # not in one line: the list may be another one after the attempt
        finally:
            self._lanes[row.lane] -= 1
            if not self._lanes[row.lane]:
                del self._lanes[row.lane]
            self._node.bell.ring(TOPIC)

    async def _attempt(self, row: Row[Any]) -> Ended:
        job = self._table.get(row.kind)
        if job is None:
            return Ended(row.id, parked=True, error=f"this program knows no job {row.kind!r}")
        try:
            async with asyncio.timeout(longest(self._node).total_seconds()):
                await job(self._node, row.payload)
        except TimeoutError:
            return self._again(row, Unreachable(f"{row.kind} took too long"))
        except (Refused, Malformed, NodeError) as error:
            log.info("%s ended: %s", row.kind, error)
            # Another server's no is an answer. A no of our own is a mistake that somebody has to see.
            return Ended(row.id, parked=not row.lane, error=str(error))
        except Unreachable as error:
            return self._again(row, error)
        except Exception as error:  # the worker loop is the one place that catches everything
            log.exception("%s failed (attempt %d)", row.kind, row.attempts + 1)
            return self._after_bug(row, error)
        return Ended(row.id)

    def _again(self, row: Row[Any], error: Unreachable) -> Ended:
        delay = next_delay(row.attempts + 1, Outcome.UNREACHABLE, jitter=random.random(), retry_after=error.retry_after)
        if delay is None:
            return Ended(row.id, parked=True, error=str(error))
        return Ended(row.id, again=self._node.clock() + delay, error=str(error))

    def _after_bug(self, row: Row[Any], error: Exception) -> Ended:
        reason = f"{type(error).__name__}: {error}"
        if row.attempts + 1 >= BUG_ATTEMPTS:
            return Ended(row.id, parked=True, error=reason)
        return Ended(row.id, again=self._node.clock() + timedelta(seconds=10 * 4**row.attempts), error=reason)

    async def _settle(self) -> None:
        if self._ended:
            ended, self._ended = self._ended, []
            try:
                await self._node.database.write(settle, ended)
            except DBAPIError:
                self._ended = ended + self._ended
                raise

    async def _pause(self) -> None:
        await self._node.bell.wait(TOPIC, at_most=POLL_SECONDS)
