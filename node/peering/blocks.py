"""Who has blocked one of our groups: table, queries, and what follows from it.

Kept is the least that keeps us away: who, whom, and which activity said so. It is shown to nobody.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, PrimaryKeyConstraint, Select, Table, Text, bindparam, delete, select

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


def lift(tx: Transaction, *, actor: str, activity: str | None = None, blocked: str | None = None) -> None:
    """Forget a block, named by its activity or by whom it was about."""
    tx.execute(_LIFT, {"by": actor, "named": activity, "about": blocked})


def forget(tx: Transaction, actor: str) -> None:
    """Forget all blocks of an actor that has left."""
    tx.execute(delete(blocks).where(blocks.c.actor == actor))


def inboxes(tx: Transaction, blocked: str) -> set[str]:
    """The own inboxes of those who have blocked a group."""
    query: Select[Any] = (
        select(actors.c.inbox)
        .join(blocks, blocks.c.actor == actors.c.iri)
        .where(blocks.c.blocked == blocked, actors.c.inbox.is_not(None))
    )
    return set(tx.execute(query).scalars())
