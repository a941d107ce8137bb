"""Tables and queries of notifications."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
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
    exists,
    false,
    func,
    select,
)

from node.context import Transaction
from node.database import Moment, insert, metadata
from node.notifications.rules import Kind

KEPT_FOR = timedelta(days=30)
TOGETHER = 1000

notifications = Table(
    "notifications",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("of", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),  # who did it
    Column("iri", Text, nullable=False),  # of the text, of the group that is followed, or the number of a decision
    Column("at", Moment, nullable=False),
    Column("wave", Boolean, nullable=False, server_default=false()),  # one of too many: it waits as a request
    Index("notifications_by_group", "of", "id"),
    Index("notifications_by_deed", "iri", "kind", "actor", "of", unique=True),
    Index("notifications_by_actor", "actor"),
)

cleared = Table(
    "cleared_notifications",
    metadata,
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), primary_key=True),
    Column("up_to", BigInteger, nullable=False),
)

dismissed = Table(
    "dismissed_notifications",
    metadata,
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False),
    Column("notification", BigInteger, ForeignKey("notifications.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("viewer", "notification"),
)


def add(tx: Transaction, *, of: str, kind: Kind, actor: str, iri: str, wave: bool = False) -> int | None:
    """Enter one; its number, or None if it was there."""
    number = tx.new_id()
    row = {"id": number, "of": of, "kind": kind.value, "actor": actor, "iri": iri, "at": tx.now, "wave": wave}
    made = tx.execute(insert(tx, notifications).values(row).on_conflict_do_nothing())
    return number if made.rowcount else None


def take_back(tx: Transaction, *, iri: str, kinds: Iterable[Kind] = (), actor: str | None = None) -> None:
    """Delete those of one text, group or decision: of some kinds, or of whatever kind; of one who did it."""
    where: list[ColumnElement[bool]] = [notifications.c.iri == iri]
    if names := [kind.value for kind in kinds]:
        where.append(notifications.c.kind.in_(names))
    if actor is not None:
        where.append(notifications.c.actor == actor)
    tx.execute(delete(notifications).where(*where))


def forget_actor(tx: Transaction, actor: str) -> None:
    """Delete all that one actor has caused: it is gone, or blocked."""
    tx.execute(delete(notifications).where(notifications.c.actor == actor))


def seen_by(viewer: int, group: str) -> list[ColumnElement[bool]]:
    """The conditions under which a notification is in the list of a viewer."""
    mine = notifications.c
    up_to = select(func.coalesce(func.max(cleared.c.up_to), 0)).where(cleared.c.viewer == viewer).scalar_subquery()
    hidden = exists().where(dismissed.c.viewer == viewer, dismissed.c.notification == mine.id)
    return [mine.of == group, mine.id > up_to, ~hidden]


def numbered(tx: Transaction, viewer: int, group: str, numbers: Collection[int]) -> list[Row[Any]]:
    """Those of `numbers` that are in the list of a viewer, the newest first."""
    query = select(notifications).where(*seen_by(viewer, group), notifications.c.id.in_(numbers))
    return list(tx.execute(query.order_by(notifications.c.id.desc())))


def dismiss(tx: Transaction, viewer: int, numbers: Sequence[int]) -> None:
    """Take these out of the list of one viewer."""
    rows = [{"viewer": viewer, "notification": number} for number in numbers]
    if rows:
        tx.execute(insert(tx, dismissed).values(rows).on_conflict_do_nothing())


def clear(tx: Transaction, viewer: int) -> None:
    """Take all there are out of the list of one viewer."""
    up_to = tx.new_id()
    statement = insert(tx, cleared).values(viewer=viewer, up_to=up_to)
    tx.execute(statement.on_conflict_do_update(index_elements=["viewer"], set_={"up_to": up_to}))
    tx.execute(delete(dismissed).where(dismissed.c.viewer == viewer))


def prune(tx: Transaction) -> int:
    """Delete those that are too old; how many there were."""
    old = select(notifications.c.id).where(notifications.c.at < tx.now - KEPT_FOR)
    some = old.order_by(notifications.c.id).limit(TOGETHER)
    return int(tx.execute(delete(notifications).where(notifications.c.id.in_(some))).rowcount)
