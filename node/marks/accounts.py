"""Accounts that a viewer does not want to see: muted for a time or hidden; hosts that she hides; her notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    delete,
    or_,
    select,
)

from node.actors import actors
from node.context import Transaction
from node.database import Moment, insert, metadata
from node.marks.store import NUMBER
from node.window import Window, within

mutes = Table(
    "mutes",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False),
    Column("actor", Text, ForeignKey("actors.iri", ondelete="CASCADE"), nullable=False),
    Column("notifications", Boolean, nullable=False),  # whether these are muted too
    Column("ends", Moment),
    Index("mutes_by_viewer", "viewer", "actor", unique=True),
    Index("mutes_by_actor", "actor"),
)

hidden_actors = Table(
    "hidden_actors",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False),
    Column("actor", Text, ForeignKey("actors.iri", ondelete="CASCADE"), nullable=False),
    Index("hidden_actors_by_viewer", "viewer", "actor", unique=True),
    Index("hidden_actors_by_actor", "actor"),
)

hidden_hosts = Table(
    "hidden_hosts",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False),
    Column("host", Text, nullable=False),
    Index("hidden_hosts_by_viewer", "viewer", "host", unique=True),
)

actor_notes = Table(
    "actor_notes",
    metadata,
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False),
    Column("actor", Text, ForeignKey("actors.iri", ondelete="CASCADE"), nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("viewer", "actor"),
    Index("actor_notes_by_actor", "actor"),
)


def in_force(now: datetime) -> ColumnElement[bool]:
    """That a mute is not over."""
    return or_(mutes.c.ends.is_(None), mutes.c.ends > now)


def mute(tx: Transaction, viewer: int, actor: str, *, notifications: bool, ends: datetime | None) -> None:
    """Mute an account, or change how."""
    values = {"notifications": notifications, "ends": ends}
    written = insert(tx, mutes).values(viewer=viewer, actor=actor, **values)
    tx.execute(written.on_conflict_do_update(index_elements=["viewer", "actor"], set_=values))


def unmute(tx: Transaction, viewer: int, actor: str) -> None:
    """Hear an account again."""
    tx.execute(delete(mutes).where(mutes.c.viewer == viewer, mutes.c.actor == actor))


def hide(tx: Transaction, viewer: int, actor: str) -> None:
    """See nothing of an account."""
    tx.execute(insert(tx, hidden_actors).values(viewer=viewer, actor=actor).on_conflict_do_nothing())


def show(tx: Transaction, viewer: int, actor: str) -> None:
    """See it again."""
    tx.execute(delete(hidden_actors).where(hidden_actors.c.viewer == viewer, hidden_actors.c.actor == actor))


def hide_host(tx: Transaction, viewer: int, host: str) -> None:
    """See nothing of a host."""
    tx.execute(insert(tx, hidden_hosts).values(viewer=viewer, host=host).on_conflict_do_nothing())


def show_host(tx: Transaction, viewer: int, host: str) -> None:
    """See it again."""
    tx.execute(delete(hidden_hosts).where(hidden_hosts.c.viewer == viewer, hidden_hosts.c.host == host))


def write_note(tx: Transaction, viewer: int, actor: str, text: str) -> None:
    """Note something on an account; nothing takes the note away."""
    mine = (actor_notes.c.viewer == viewer) & (actor_notes.c.actor == actor)
    tx.execute(delete(actor_notes).where(mine))
    if text:
        tx.execute(actor_notes.insert().values(viewer=viewer, actor=actor, text=text))


def muted_page(tx: Transaction, viewer: int, window: Window) -> list[Row[Any]]:
    """Mutes in force: `id`, `actor`, `ends`; the last one first."""
    query = select(mutes).where(mutes.c.viewer == viewer, in_force(tx.now))
    return within(tx, query, mutes.c.id, window)


def hidden_page(tx: Transaction, viewer: int, window: Window) -> list[Row[Any]]:
    """Hidden accounts: `id`, `actor`; the last one first."""
    return within(tx, select(hidden_actors).where(hidden_actors.c.viewer == viewer), hidden_actors.c.id, window)


def hosts_page(tx: Transaction, viewer: int, window: Window) -> list[Row[Any]]:
    """Hidden hosts: `id`, `host`; the last one first."""
    return within(tx, select(hidden_hosts).where(hidden_hosts.c.viewer == viewer), hidden_hosts.c.id, window)


def mutes_of(tx: Transaction, viewer: int, iris: Sequence[str]) -> dict[str, Row[Any]]:
    """Those of `iris` that are muted now."""
    query = select(mutes).where(mutes.c.viewer == viewer, mutes.c.actor.in_(iris), in_force(tx.now))
    return {row.actor: row for row in tx.execute(query)}


def hidden_of(tx: Transaction, viewer: int, iris: Sequence[str]) -> set[str]:
    """Those of `iris` that are hidden."""
    table = hidden_actors.c
    query = select(table.actor).where(table.viewer == viewer, table.actor.in_(iris))
    return set(tx.execute(query).scalars())


def at_hidden_hosts(tx: Transaction, viewer: int, iris: Sequence[str]) -> set[str]:
    """Those of `iris` whose host is hidden."""
    hosts = select(hidden_hosts.c.host).where(hidden_hosts.c.viewer == viewer)
    query = select(actors.c.iri).where(actors.c.iri.in_(iris), actors.c.local.is_(False), actors.c.host.in_(hosts))
    return set(tx.execute(query).scalars())


def notes_of(tx: Transaction, viewer: int, iris: Sequence[str]) -> dict[str, str]:
    """What a viewer has noted on those of `iris`."""
    query = select(actor_notes).where(actor_notes.c.viewer == viewer, actor_notes.c.actor.in_(iris))
    return {row.actor: row.text for row in tx.execute(query)}


def prune_mutes(tx: Transaction) -> int:
    """Delete mutes that are over; how many there were."""
    return int(tx.execute(delete(mutes).where(mutes.c.ends <= tx.now)).rowcount)
