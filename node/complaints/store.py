"""Table and queries of complaints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    select,
    update,
)

from node.actors import host_of
from node.complaints.rules import DAY, KEPT_FOR
from node.context import Transaction
from node.database import Json, Moment, insert, metadata

complaints = Table(
    "complaints",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("group", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("actor", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("about", Json, nullable=False),
    Column("words", Text, nullable=False),
    Column("sameness", Text, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("at", Moment, nullable=False),
    Column("closed", Moment),
    UniqueConstraint("actor", "sameness"),
    Index("complaints_by_host", "host", "at"),
    Index("complaints_by_group", "group", "closed", "at"),
)


def add(tx: Transaction, *, group: str, actor: str, about: Sequence[str], words: str) -> None:
    """Enter a complaint."""
    values = {
        "group": group,
        "actor": actor,
        "host": host_of(actor),
        "about": list(about),
        "words": words,
        "sameness": _sameness(about, words),
        "at": tx.now,
    }
    tx.execute(insert(tx, complaints).values(**values).on_conflict_do_nothing())


def count_once_more(tx: Transaction, *, actor: str, about: Sequence[str], words: str) -> bool:
    """Count a complaint that the same actor has brought before; False if it has not."""
    same = (complaints.c.actor == actor) & (complaints.c.sameness == _sameness(about, words))
    return tx.execute(update(complaints).where(same).values(times=complaints.c.times + 1)).rowcount > 0


def _sameness(about: Sequence[str], words: str) -> str:
    return hashlib.sha256(json.dumps([sorted(about), words]).encode()).hexdigest()


def of_today(tx: Transaction, *, actor: str | None = None, host: str | None = None) -> int:
    """How many complaints one actor, or one host, has brought within a day."""
    query = select(func.count()).where(complaints.c.at > tx.now - DAY)
    if actor is not None:
        query = query.where(complaints.c.actor == actor)
    if host is not None:
        query = query.where(complaints.c.host == host)
    return int(tx.execute(query).scalar_one())


def count_open(tx: Transaction, *, group: str | None = None) -> int:
    """How many complaints are open: of one group, or of all."""
    query = select(func.count()).where(complaints.c.closed.is_(None))
    if group is not None:
        query = query.where(complaints.c.group == group)
    return int(tx.execute(query).scalar_one())


def of_group(tx: Transaction, group: str, *, closed: bool = False, limit: int = 500) -> list[Row[Any]]:
    """A group's open complaints (with `closed` all), the newest first."""
    query = select(complaints).where(complaints.c.group == group)
    if not closed:
        query = query.where(complaints.c.closed.is_(None))
    return list(tx.execute(query.order_by(complaints.c.at.desc(), complaints.c.id.desc()).limit(limit)))


def find(tx: Transaction, number: int) -> Row[Any] | None:
    """One complaint."""
    return tx.execute(select(complaints).where(complaints.c.id == number)).one_or_none()


def close(tx: Transaction, number: int) -> None:
    """Write that a complaint has been dealt with."""
    open_one = (complaints.c.id == number) & complaints.c.closed.is_(None)
    tx.execute(update(complaints).where(open_one).values(closed=tx.now))


def prune(tx: Transaction) -> int:
    """Delete complaints whose time is over; how many there were."""
    return int(tx.execute(delete(complaints).where(complaints.c.at < tx.now - KEPT_FOR)).rowcount)
