"""What became of each delivery, by server: who has received an activity of ours, who refused it and in which words.

One row for each activity and **server** (a host): written when its deliveries are promised, and counted up by the
worker in the transaction in which it writes down how jobs ended, one statement for the batch. However many inboxes a
server has, their number is kept and no address: nothing here is about a person. A server that took it at one inbox has
**received** it; one whose answer is a no has **refused** it, with its status and the beginning of what it said;
**dropped** is what we ourselves gave up to deliver. What still waits, and who cannot be reached, stands in the jobs and
in `node.hosts`, and only there (`node.peering.arrivals` puts it all together). Being refused and being unreachable are
two things, and no answer at all never counts as a no.

A second table counts the same by day and server, with how long the answers took in steps: enough for a median. Both are
kept for 90 days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    case,
    delete,
    func,
    or_,
    select,
    tuple_,
)

from federation.refusals import cleaned
from node.context import Transaction
from node.database import Moment, metadata
from node.prepared import Prepared

KEPT_FOR = timedelta(days=90)
TOGETHER = 1000
STEPS_MILLISECONDS = (50, 100, 200, 500, 1000, 2000, 5000)
STEPS = (*(f"within_{one}" for one in STEPS_MILLISECONDS), "slower")


class Outcome(StrEnum):
    """How one attempt at one inbox ended; `waiting` is what nobody has attempted yet, or will be tried again."""

    RECEIVED = "received"
    REFUSED = "refused"
    WAITING = "waiting"
    DROPPED = "dropped"


receipts = Table(
    "delivery_receipts",
    metadata,
    Column("activity", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("at", Moment, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("received", Integer, nullable=False),
    Column("received_at", Moment),
    Column("refused", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("status", Integer),
    Column("words", Text),
    PrimaryKeyConstraint("activity", "host"),
    Index("delivery_receipts_by_age", "since"),
    sqlite_with_rowid=False,
)

receipt_days = Table(
    "delivery_days",
    metadata,
    Column("host", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    *(Column(step, Integer, nullable=False) for step in STEPS),
    Column("last_received", Moment),
    PrimaryKeyConstraint("host", "day"),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """How one attempt to deliver ended, after so many `seconds`. `words` are the server's, or say what went wrong."""

    activity: str
    host: str
    outcome: Outcome
    seconds: float
    status: int | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """What a server did with what was sent to it on one day (UTC). `median` is an upper bound, in milliseconds."""

    day: str
    received: int
    refused: int
    failed: int
    median: int | None
    last_received: datetime | None

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        last = self.last_received.isoformat() if self.last_received is not None else None
        return {
            "day": self.day, "received": self.received, "refused": self.refused, "failed": self.failed,
            "median_milliseconds": self.median, "last_received": last,
        }  # fmt: skip


_COLUMNS = tuple(column.name for column in receipts.columns)
_DAY_COLUMNS = tuple(column.name for column in receipt_days.columns)


def _adding(insert: Any) -> Any:
    statement = insert(receipts)
    new = statement.excluded
    stays = or_(
        receipts.c.outcome == Outcome.RECEIVED.value,  # at another inbox
        (receipts.c.outcome == Outcome.REFUSED.value) & (new.outcome == Outcome.WAITING.value),
    )
    changes: dict[str, Any] = {name: receipts.c[name] + new[name] for name in ("received", "refused", "tries")}
    changes |= {
        "at": new.at,
        "outcome": case((stays & (new.outcome != Outcome.RECEIVED.value), receipts.c.outcome), else_=new.outcome),
        "received_at": func.coalesce(receipts.c.received_at, new.received_at),
        "status": case((new.words.is_not(None), new.status), else_=func.coalesce(new.status, receipts.c.status)),
        "words": case((new.status.is_not(None), new.words), else_=func.coalesce(new.words, receipts.c.words)),
    }
    return statement.on_conflict_do_update(index_elements=["activity", "host"], set_=changes)


def _adding_to_days(insert: Any) -> Any:
    statement = insert(receipt_days)
    new = statement.excluded
    changes = {name: receipt_days.c[name] + new[name] for name in ("refused", "failed", *STEPS)}
    changes["last_received"] = func.coalesce(new.last_received, receipt_days.c.last_received)
    return statement.on_conflict_do_update(index_elements=["host", "day"], set_=changes)


_EXPECT = Prepared(
    lambda insert: insert(receipts).on_conflict_do_nothing(index_elements=["activity", "host"]), columns=_COLUMNS
)
_ADD = Prepared(_adding, columns=_COLUMNS)
_ADD_TO_DAYS = Prepared(_adding_to_days, columns=_DAY_COLUMNS)


def expect(tx: Transaction, activity: str, hosts: Iterable[str]) -> None:
    """An activity is promised to these servers; what is known of them already stays."""
    rows = [_empty(tx, activity, host) for host in sorted(set(hosts))]
    if rows:
        tx.execute(_EXPECT, rows)


def note(tx: Transaction, ended: Sequence[Receipt]) -> None:
    """Write down how attempts ended, all at once."""
    if not ended:
        return
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    days: dict[str, dict[str, Any]] = {}
    for one in ended:
        key = (one.activity, one.host)
        _count(rows.setdefault(key, _empty(tx, *key)), one, tx.now)
        if one.outcome is not Outcome.DROPPED:
            _count_day(days.setdefault(one.host, _empty_day(tx, one.host)), one, tx.now)
    # In one order, so that two processes wait for each other and not in a circle.
    tx.execute(_ADD, [rows[key] for key in sorted(rows)])
    if days:
        tx.execute(_ADD_TO_DAYS, [days[host] for host in sorted(days)])


def _empty(tx: Transaction, activity: str, host: str) -> dict[str, Any]:
    counts = {"received": 0, "refused": 0, "tries": 0, "received_at": None, "status": None, "words": None}
    return {"activity": activity, "host": host, "since": tx.now, "at": tx.now, "outcome": "waiting", **counts}


def _empty_day(tx: Transaction, host: str) -> dict[str, Any]:
    return {
        "host": host, "day": tx.now.date().isoformat(), "refused": 0, "failed": 0, **dict.fromkeys(STEPS, 0),
        "last_received": None,
    }  # fmt: skip


def _count(row: dict[str, Any], one: Receipt, now: datetime) -> None:
    row["tries"] += 1
    if one.outcome is Outcome.RECEIVED:
        row |= {"outcome": one.outcome.value, "received": row["received"] + 1, "received_at": now}
        return
    if row["outcome"] != Outcome.RECEIVED.value and one.outcome is not Outcome.WAITING:
        row["outcome"] = one.outcome.value
    row["refused"] += one.outcome is Outcome.REFUSED
    row |= {"status": one.status, "words": cleaned(one.words)}


def _count_day(row: dict[str, Any], one: Receipt, now: datetime) -> None:
    if one.outcome is Outcome.RECEIVED:
        row[_step(one.seconds)] += 1
        row["last_received"] = now
    else:
        row["refused" if one.outcome is Outcome.REFUSED else "failed"] += 1


def _step(seconds: float) -> str:
    for number, limit in enumerate(STEPS_MILLISECONDS):
        if seconds * 1000 <= limit:
            return STEPS[number]
    return STEPS[-1]


def of(tx: Transaction, activity: str, *, limit: int = 10_000) -> list[Row[Any]]:
    """What is known of an activity, by server."""
    query = select(receipts).where(receipts.c.activity == activity).order_by(receipts.c.host).limit(limit)
    return list(tx.execute(query))


def days_of(tx: Transaction, host: str) -> list[Day]:
    """What a server did with what was sent to it, the last day first; days of which there is nothing are left out."""
    query = select(receipt_days).where(receipt_days.c.host == host).order_by(receipt_days.c.day.desc())
    return [_day(row) for row in tx.execute(query.limit(KEPT_FOR.days + 1))]


def _day(row: Row[Any]) -> Day:
    counts = [getattr(row, step) for step in STEPS]
    return Day(row.day, sum(counts), row.refused, row.failed, median(counts), row.last_received)


def median(counts: Sequence[int]) -> int | None:
    """The step in which the middle one of these answers lies, in milliseconds; of the slowest, twice its beginning."""
    half, seen = (sum(counts) + 1) // 2, 0
    for number, limit in zip(counts, (*STEPS_MILLISECONDS, 2 * STEPS_MILLISECONDS[-1]), strict=True):
        seen += number
        if half and seen >= half:
            return limit
    return None


def prune(tx: Transaction) -> int:
    """Delete what is older than 90 days; how many rows there were."""
    before = tx.now - KEPT_FOR
    tx.execute(delete(receipt_days).where(receipt_days.c.day < before.date().isoformat()))
    old = select(receipts.c.activity, receipts.c.host).where(receipts.c.since < before).limit(TOGETHER)
    return int(tx.execute(delete(receipts).where(tuple_(receipts.c.activity, receipts.c.host).in_(old))).rowcount)
