"""Who has blocked one of our groups, and whom one of our groups has: table, queries, and what follows from it.

Kept is the least that keeps the two apart: who, whom, and which activity said so. Who has blocked us is shown to
nobody; whom a group of ours blocks is its own act (the room `moderation`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, PrimaryKeyConstraint, Row, Select, Table, Text, bindparam, delete, or_, select

from node.actors import actors
from node.context import Transaction
from node.database import Moment, insert, metadata
from node.prepared import Prepared

blocks = Table(
    "blocks",
    metadata,
    Column("actor", Text, nullable=False),
    Column("blocked", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("since", Moment, nullable=False),
    PrimaryKeyConstraint("actor", "blocked"),
)


_FIND = Prepared(select(blocks).where(blocks.c.actor == bindparam("by"), blocks.c.blocked == bindparam("about")))
_LIFT = Prepared(
    delete(blocks).where(
        blocks.c.actor == bindparam("by"),
        (blocks.c.activity == bindparam("named")) | (blocks.c.blocked == bindparam("about")),
    )
)


def put(tx: Transaction, *, actor: str, blocked: str, activity: str) -> None:
    """Enter that `actor` has blocked a group of ours."""
    values = {"activity": activity, "since": tx.now}
    statement = insert(tx, blocks).values(actor=actor, blocked=blocked, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["actor", "blocked"], set_=values))


def find(tx: Transaction, *, actor: str, blocked: str) -> Row[Any] | None:
    """The block of one pair."""
    row: Row[Any] | None = tx.execute(_FIND, {"by": actor, "about": blocked}).one_or_none()
    return row


def lift(tx: Transaction, *, actor: str, activity: str | None = None, blocked: str | None = None) -> None:
    """Forget a block, named by its activity or by whom it was about."""
    tx.execute(_LIFT, {"by": actor, "named": activity, "about": blocked})


def forget(tx: Transaction, actor: str) -> None:
    """Forget all blocks of an actor that has left."""
    tx.execute(delete(blocks).where(or_(blocks.c.actor == actor, blocks.c.blocked == actor)))


def inboxes(tx: Transaction, blocked: str) -> set[str]:
    """The own inboxes of those who have blocked a group, and of those whom it has."""
    theirs: Select[Any] = select(blocks.c.actor).where(blocks.c.blocked == blocked)
    ours: Select[Any] = select(blocks.c.blocked).where(blocks.c.actor == blocked)
    query: Select[Any] = select(actors.c.inbox).where(
        or_(actors.c.iri.in_(theirs), actors.c.iri.in_(ours)),
        actors.c.local.is_(False),
        actors.c.inbox.is_not(None),
    )
    return set(tx.execute(query).scalars())
