"""The table of events, and its queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Row, Table, Text, bindparam, delete, func, select

from node.context import Transaction
from node.database import Moment, metadata
from node.prepared import Prepared

KEPT_FOR = timedelta(hours=1)
TOGETHER = 1000

events = Table(
    "events",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("what", Text, nullable=False),  # node.happenings.What
    Column("iri", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("place", BigInteger, nullable=False),  # as which number apps know it
    Index("events_by_time", "at"),
    sqlite_autoincrement=True,  # a number that was pruned never comes again: a tail would wait for it
)

_COLUMNS = ("at", "what", "iri", "author", "place")
_ADD = Prepared(lambda insert: insert(events), columns=_COLUMNS)
_AFTER = Prepared(
    select(events)
    .where(events.c.id > bindparam("after"))
    .order_by(events.c.id)
    .limit(bindparam("limit", type_=Integer()))
)


def add(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Enter events: `what`, `iri`, `author` and `place` of each."""
    tx.execute(_ADD, [{"at": tx.now, **row} for row in rows])


def after(tx: Transaction, number: int, *, limit: int) -> list[Row[Any]]:
    """The events that follow event `number`, in their order."""
    return list(tx.execute(_AFTER, {"after": number, "limit": limit}))


def newest(tx: Transaction) -> int:
    """The number of the last event, 0 if there is none."""
    return int(tx.execute(select(func.coalesce(func.max(events.c.id), 0))).scalar_one())


def prune(tx: Transaction) -> int:
    """Delete events that nobody waits for any more; how many there were."""
    old = select(events.c.id).where(events.c.at < tx.now - KEPT_FOR).order_by(events.c.id).limit(TOGETHER)
    return int(tx.execute(delete(events).where(events.c.id.in_(old))).rowcount)
