"""Table and queries of what others have pinned to their pages, as far as a group here follows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, PrimaryKeyConstraint, Table, Text, delete, func, select

from node import objects
from node.context import Transaction
from node.database import Moment, insert, metadata

AT_MOST = 20  # of one actor; Mastodon has five

featured = Table(
    "featured",
    metadata,
    Column("actor", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("actor", "object"),
)


def add(tx: Transaction, actor: str, iri: str) -> bool:
    """Enter that an actor has pinned an object; False if it has pinned too many."""
    number = tx.execute(select(func.count()).where(featured.c.actor == actor)).scalar_one()
    if number >= AT_MOST:
        return False
    values = {"actor": actor, "object": iri, "at": tx.now}
    tx.execute(insert(tx, featured).values(**values).on_conflict_do_nothing())
    return True


def replace(tx: Transaction, actor: str, iris: Sequence[str], *, read_at: datetime, whole: bool) -> None:
    """Enter what an actor's own server listed as pinned at `read_at`; if that is the `whole` list, nothing else is.

    What it has told us to have pinned since then stays.
    """
    listed = iris[:AT_MOST]
    if whole:
        over = (featured.c.actor == actor) & featured.c.object.not_in(listed) & (featured.c.at <= read_at)
        tx.execute(delete(featured).where(over))
    for iri in listed:
        add(tx, actor, iri)


def remove(tx: Transaction, actor: str, iri: str) -> None:
    """An actor has taken an object down."""
    tx.execute(delete(featured).where(featured.c.actor == actor, featured.c.object == iri))


def has(tx: Transaction, iri: str) -> bool:
    """Whether an object is pinned by its author."""
    table = objects.objects
    query = (
        select(featured.c.object)
        .join(table, (table.c.iri == featured.c.object) & (table.c.author == featured.c.actor))
        .where(featured.c.object == iri)
    )
    return tx.execute(query).first() is not None


def forget_all_of(tx: Transaction, actor: str) -> None:
    """An actor has left."""
    tx.execute(delete(featured).where(featured.c.actor == actor))
