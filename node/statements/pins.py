"""Table and queries of what a group has pinned to its page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Row, Table, Text, delete, select

from node import objects
from node.context import Transaction
from node.database import Moment, insert, metadata

pins = Table(
    "pins",
    metadata,
    Column("actor", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("object", Text, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("actor", "object"),
)


def add(tx: Transaction, actor: str, iri: str) -> bool:
    """Pin an object; whether it was not pinned before."""
    statement = insert(tx, pins).values(actor=actor, object=iri, at=tx.now)
    return tx.execute(statement.on_conflict_do_nothing().returning(pins.c.object)).first() is not None


def remove(tx: Transaction, actor: str, iri: str) -> bool:
    """Take an object down; whether it was pinned."""
    return tx.execute(delete(pins).where(pins.c.actor == actor, pins.c.object == iri)).rowcount > 0


def of(tx: Transaction, actor: str) -> list[Row[Any]]:
    """The objects that a group has pinned, the last one first."""
    table = objects.objects
    query = (
        select(table)
        .join(pins, pins.c.object == table.c.iri)
        .where(pins.c.actor == actor, table.c.deleted.is_(None), table.c.public.is_(True))
        .order_by(pins.c.at.desc(), table.c.sort_id.desc())
        .limit(100)
    )
    return list(tx.execute(query))
