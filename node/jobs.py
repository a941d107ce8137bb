"""Work that is promised in a transaction and done after it: the jobs table, `promise`, `claim`.

A promise is a row written with the change that makes it necessary, so neither exists without the other. Workers
(`node.worker`) do a job at least once; every job is idempotent. Jobs of one `lane` (a host) are limited, so that a slow
host slows nobody; a lane that **rests** is not tried at all until it is woken (`node.hosts`).

A job function is `async def (node, payload) -> None`. It raises Unreachable to be tried again after a growing delay
(`federation.retrying`), as it is after an errand that was answered 429; Refused or Malformed to end for good; anything
else is our bug: tried a few times, then parked with its reason where an administrator sees it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    Row,
    SmallInteger,
    Table,
    Text,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from node.context import Node, Transaction
from node.database import Json, Moment, insert, metadata, notify, read_committed

Room = Callable[[str], int]
Job = Callable[[Node, dict[str, Any]], Awaitable[None]]
TOPIC = "jobs"
REQUESTS_IN_A_JOB = 5  # no job makes more requests to others one after the other
RESTING = datetime(9999, 1, 1, tzinfo=UTC)  # when a job of a resting lane is due
PARKED_FOR = timedelta(days=30)
TOGETHER = 1000
CANDIDATES = 4  # looked at for each that is taken, because those of one lane may stand together


class Priority(Enum):
    """Smaller goes first: an Accept does not wait behind a fan-out. In the order in which they are claimed."""

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
    Index("jobs_by_priority", "parked", "priority", "due", "id"),
    Index("jobs_by_lane", "lane", "due"),
)


@dataclass(frozen=True, slots=True)
class Promise:
    """One job to be done, not before `due`. `key` makes a second promise of the same thing harmless."""

    kind: str
    payload: dict[str, Any]
    lane: str = ""
    key: str | None = None
    due: datetime | None = None


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
            "due": one.due or due or tx.now,
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


def lanes(tx: Transaction) -> list[str]:
    """The lanes in which something waits."""
    return list(tx.execute(select(jobs.c.lane).where(jobs.c.lane != "").distinct()).scalars())


def count_by_lane(tx: Transaction) -> list[tuple[str, int]]:
    """How many wait in each lane."""
    query = select(jobs.c.lane, func.count().label("number")).where(jobs.c.lane != "").group_by(jobs.c.lane)
    return [(row.lane, row.number) for row in tx.execute(query)]


def withdraw_lanes(tx: Transaction, lanes: list[str]) -> None:
    """Take back every promise of these lanes."""
    tx.execute(delete(jobs).where(jobs.c.lane.in_(lanes)))


@read_committed
def claim(tx: Transaction, *, answers: int, others: int, full_lanes: list[str], room: Room) -> list[Row[Any]]:
    """Take jobs that are due: up to `answers` in all, up to `others` that are no answers; of no lane more than it has
    room for.

    A claim ends by itself after the longest time a job can take, so that the work of a process that died is done by
    another.
    """
    taken: list[int] = []
    lanes: Counter[str] = Counter()
    for priority in Priority:  # each a range of the index, however much waits behind it
        limit = (answers if priority is Priority.ANSWER else others) - len(taken)
        for row in _due(tx, priority, limit=limit * CANDIDATES, full_lanes=full_lanes) if limit > 0 else ():
            if limit > 0 and lanes[row.lane] < room(row.lane):
                lanes[row.lane] += 1
                limit -= 1
                taken.append(row.id)
    if not taken:
        return []
    tx.execute(update(jobs).where(jobs.c.id.in_(taken)).values(claimed_until=tx.now + longest(tx.node) * 1.2))
    rows = {row.id: row for row in tx.execute(select(jobs).where(jobs.c.id.in_(taken)))}
    return [rows[number] for number in taken]


def _due(tx: Transaction, priority: Priority, *, limit: int, full_lanes: list[str]) -> Sequence[Row[Any]]:
    free = or_(jobs.c.claimed_until.is_(None), jobs.c.claimed_until < tx.now)
    query = (
        select(jobs.c.id, jobs.c.lane)
        .where(jobs.c.parked.is_(False), jobs.c.priority == priority.value, jobs.c.due <= tx.now, free)
        .order_by(jobs.c.due, jobs.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return tx.execute(query.where(jobs.c.lane.not_in(full_lanes)) if full_lanes else query).all()


def longest(node: Node) -> timedelta:
    """How long a job may take before it is broken off, to be tried again."""
    return timedelta(seconds=node.config.request_timeout * REQUESTS_IN_A_JOB)


def release_all(tx: Transaction) -> None:
    """Free every claim: when the only process of a node starts, nobody holds one."""
    tx.execute(update(jobs).where(jobs.c.claimed_until.is_not(None)).values(claimed_until=None))


def free(tx: Transaction, ids: list[int]) -> None:
    """Give back claims that were not used."""
    tx.execute(update(jobs).where(jobs.c.id.in_(ids)).values(claimed_until=None))


def rest(tx: Transaction, lane: str) -> None:
    """Let every job of a lane wait until it is woken."""
    waits = (jobs.c.lane == lane) & jobs.c.parked.is_(False) & (jobs.c.due < RESTING)
    tx.execute(update(jobs).where(waits).values(due=RESTING))


def wake(tx: Transaction, lane: str) -> None:
    """Let every job of a resting lane be tried now."""
    tx.execute(update(jobs).where(jobs.c.lane == lane, jobs.c.due == RESTING).values(due=tx.now))
    notify(tx)
    tx.after_commit(lambda: tx.node.bell.ring(TOPIC))


def wake_one(tx: Transaction, lane: str) -> None:
    """Let the oldest job of a resting lane be tried now."""
    oldest = (
        select(jobs.c.id).where(jobs.c.lane == lane, jobs.c.parked.is_(False)).order_by(jobs.c.id).limit(1)
    ).scalar_subquery()
    tx.execute(update(jobs).where(jobs.c.id == oldest).values(due=tx.now))
    notify(tx)
    tx.after_commit(lambda: tx.node.bell.ring(TOPIC))


def waits_for(lane: ColumnElement[str]) -> ColumnElement[bool]:
    """For use in a query: whether a job of this lane waits to be woken."""
    return exists().where(jobs.c.lane == lane, jobs.c.due == RESTING, jobs.c.parked.is_(False))


def promised_since(tx: Transaction, lane: str) -> datetime | None:
    """When the oldest job of a lane was promised."""
    found: datetime | None = tx.execute(select(func.min(jobs.c.promised)).where(jobs.c.lane == lane)).scalar()
    return found


def prune_parked(tx: Transaction) -> int:
    """Delete what was given up a month after it was promised; how many there were."""
    old = select(jobs.c.id).where(jobs.c.parked.is_(True), jobs.c.promised < tx.now - PARKED_FOR).limit(TOGETHER)
    return int(tx.execute(delete(jobs).where(jobs.c.id.in_(old))).rowcount)


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
