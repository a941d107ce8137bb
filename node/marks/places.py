"""How far a viewer has read (markers): table and queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    select,
    update,
)

from node.context import Transaction
from node.database import Moment, insert, metadata
from node.errors import Conflict

markers = Table(
    "markers",
    metadata,
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False),
    Column("timeline", Text, nullable=False),
    Column("last_read", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("viewer", "timeline"),
)


def of(tx: Transaction, viewer: int, timelines: Sequence[str]) -> dict[str, Row[Any]]:
    """How far a viewer has read, by time line."""
    query = select(markers).where(markers.c.viewer == viewer, markers.c.timeline.in_(timelines))
    return {row.timeline: row for row in tx.execute(query)}


def put(tx: Transaction, viewer: int, timeline: str, last_read: int, *, version: int | None = None) -> None:
    """Write how far she has read; `version` is the one that the app has seen.

    Raises Conflict if another app of hers was faster.
    """
    held = of(tx, viewer, [timeline]).get(timeline)
    if version is not None and version != (held.version if held is not None else 0):
        raise Conflict("another app has changed this meanwhile; ask for it once more")
    if held is None:
        first = insert(tx, markers).values(viewer=viewer, timeline=timeline, last_read=last_read, version=1, at=tx.now)
        tx.execute(first)
        return
    mine = (markers.c.viewer == viewer) & (markers.c.timeline == timeline)
    tx.execute(update(markers).where(mine).values(last_read=last_read, version=held.version + 1, at=tx.now))
