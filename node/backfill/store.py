"""Table and queries of backfills: how far the past of each actor has been read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, Row, Table, Text, delete, select, update

from node import objects
from node.backfill.rules import Phase, State
from node.context import Transaction
from node.database import Json, Moment, insert, metadata
from node.peering import store as peering
from node.peering.admission import follow_answers

backfills = Table(
    "backfills",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("page", Text),  # where the phase goes on; None at its beginning
    Column("rest", Text),  # where the outbox goes on behind the limit
    Column("seen", Json, nullable=False),  # fingerprints of the pages of this phase
    Column("run", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("most", Integer, nullable=False),
    Column("oldest", Moment),
    Column("total", BigInteger),  # entries of the outbox, as it says itself
    Column("found", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("idle", Integer, nullable=False),
    Column("reason", Text),
    Column("began", Moment, nullable=False),
    Column("changed", Moment, nullable=False),
)


def find(tx: Transaction, actor: str) -> Row[Any] | None:
    """The backfill of one actor."""
    return tx.execute(select(backfills).where(backfills.c.actor == actor)).one_or_none()


def all_of(tx: Transaction) -> list[Row[Any]]:
    """Every backfill, the one that moved last first."""
    return list(tx.execute(select(backfills).order_by(backfills.c.changed.desc(), backfills.c.actor).limit(10_000)))


def put(tx: Transaction, actor: str, *, run: int, most: int, oldest: datetime | None) -> None:
    """Enter a backfill at its beginning, in place of an earlier run."""
    values: dict[str, Any] = {
        "state": State.RUNNING.value,
        "phase": Phase.FEATURED.value,
        "page": None,
        "rest": None,
        "seen": [],
        "run": run,
        "step": 0,
        "most": most,
        "oldest": oldest,
        "total": None,
        "found": 0,
        "kept": 0,
        "asked": 0,
        "refused": 0,
        "idle": 0,
        "reason": None,
        "began": tx.now,
        "changed": tx.now,
    }
    statement = insert(tx, backfills).values(actor=actor, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["actor"], set_=values))


def change(tx: Transaction, actor: str, **values: Any) -> None:
    """Write how far a backfill has come."""
    tx.execute(update(backfills).where(backfills.c.actor == actor).values(changed=tx.now, **values))


def threads_of(tx: Transaction, actor: str, *, before: int | None, limit: int) -> list[Row[Any]]:
    """Where objects of an actor stand: their sort_id, their thread and what they answer, the newest first."""
    table = objects.objects
    query = select(table.c.sort_id, table.c.iri, table.c.thread, table.c.in_reply_to).where(
        table.c.author == actor,
        table.c.listed.is_(True),
        table.c.public.is_(True),
        table.c.deleted.is_(None),
    )
    if before is not None:
        query = query.where(table.c.sort_id < before)
    return list(tx.execute(query.order_by(table.c.sort_id.desc()).limit(limit)))


def prune_backfills(tx: Transaction) -> int:
    """Forget how far the past of actors was read whom nobody here follows any more; how many there were."""
    followed, admitted = select(peering.follows.c.followed), select(follow_answers.c.follower)
    over = backfills.c.actor.not_in(followed) & backfills.c.actor.not_in(admitted)
    return int(tx.execute(delete(backfills).where(over)).rowcount)
