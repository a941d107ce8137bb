"""Tables and queries of positions, and of what was removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    func,
    select,
    update,
)

from node import actors, objects
from node.context import Transaction
from node.database import Moment, metadata
from node.positions.rules import WAITING_KEPT_FOR, State
from node.statements import store as statements
from node.statements.rules import State as Publication

positions = Table(
    "positions",
    metadata,
    Column("iri", Text, ForeignKey("statements.iri", ondelete="CASCADE"), primary_key=True),
    Column("sort_id", BigInteger, nullable=False),
    Column("about", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("stance", Text, nullable=False),
    Column("of_version", Moment),  # which version of the text the group had before it
    Column("state", Text, nullable=False),
    Column("superseded", Boolean, nullable=False, server_default="0"),
    Index("positions_by_text", "about", "state", "sort_id"),
    Index("positions_by_state", "state", "sort_id"),
)
_ONE = positions.c.superseded.is_(False)
Index("positions_live", positions.c.author, positions.c.about, unique=True, sqlite_where=_ONE, postgresql_where=_ONE)

removals = Table(
    "position_removals",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("about", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("at", Moment, nullable=False),
    Index("position_removals_by_text", "about", "id"),
)
TABLES = (positions, removals)


def find(tx: Transaction, iri: str) -> Row[Any] | None:
    """One position."""
    return tx.execute(select(positions).where(positions.c.iri == iri)).one_or_none()


def of(tx: Transaction, iris: Sequence[str]) -> dict[str, Row[Any]]:
    """The positions among `iris`."""
    return {row.iri: row for row in tx.execute(select(positions).where(positions.c.iri.in_(iris)))}


def live(tx: Transaction, *, author: str, about: str) -> Row[Any] | None:
    """The position that a group has on a text."""
    query = select(positions).where(positions.c.author == author, positions.c.about == about, _ONE)
    return tx.execute(query).one_or_none()


def enter(
    tx: Transaction,
    iri: str,
    *,
    sort_id: int,
    about: str,
    author: str,
    stance: str,
    of_version: datetime | None,
    state: State,
) -> None:
    """Enter a position whose object is held. Of two of one group on one text the later one is live."""
    if find(tx, iri) is not None:
        return
    earlier = live(tx, author=author, about=about)
    superseded = earlier is not None and _is_later(tx, earlier.iri, iri)
    if earlier is not None and not superseded:
        tx.execute(update(positions).where(positions.c.iri == earlier.iri).values(superseded=True))
    values = {"about": about, "author": author, "stance": stance, "of_version": of_version, "state": state.value}
    tx.execute(positions.insert().values(iri=iri, sort_id=sort_id, superseded=superseded, **values))


def _is_later(tx: Transaction, known: str, new: str) -> bool:
    """Whether a position that is held was published after another; of the same second the one heard last counts."""
    held = objects.find_all(tx, [known, new])
    return bool(held[known].published > held[new].published)


def change(tx: Transaction, iri: str, **values: Any) -> None:
    """Change a position's row."""
    tx.execute(update(positions).where(positions.c.iri == iri).values(**values))


def on(tx: Transaction, about: str, *, limit: int) -> list[Row[Any]]:
    """The objects of the live positions on a text that are shown here, in the order of their authors' addresses."""
    table = objects.objects
    query = (
        select(table)
        .join(positions, positions.c.iri == table.c.iri)
        .where(
            positions.c.about == about,
            positions.c.state == State.SHOWN.value,
            _ONE,
            table.c.public.is_(True),
            table.c.deleted.is_(None),
        )
        .order_by(positions.c.author)
        .limit(limit)
    )
    return list(tx.execute(query))


def waiting(tx: Transaction, *, author: str | None = None, limit: int = 100) -> list[Row[Any]]:
    """The positions that wait to be admitted, of one group or of all, the oldest first."""
    query = select(positions).where(positions.c.state == State.WAITING.value)
    if author is not None:
        query = query.where(positions.c.author == author)
    return list(tx.execute(query.order_by(positions.c.sort_id).limit(limit)))


def count_waiting(tx: Transaction, *, origin: str | None = None) -> int:
    """How many positions wait to be admitted, of groups on one server or of all."""
    query = select(func.count()).where(positions.c.state == State.WAITING.value)
    if origin is not None:
        query = query.where(positions.c.author.startswith(f"{origin}/", autoescape=True))
    return int(tx.execute(query).scalar_one())


def by(tx: Transaction, author: str, *, limit: int = 100) -> list[Row[Any]]:
    """The live positions of a group, the latest first."""
    query = select(positions).where(positions.c.author == author, _ONE)
    return list(tx.execute(query.order_by(positions.c.sort_id.desc()).limit(limit)))


def of_others_on_texts_of(tx: Transaction, group: str, *, limit: int = 100) -> list[Row[Any]]:
    """The positions of others that stand below the texts of a group of ours, the latest first."""
    table = objects.objects
    query = (
        select(positions)
        .join(table, table.c.iri == positions.c.about)
        .where(table.c.author == group, positions.c.author != group, positions.c.state == State.SHOWN.value)
    )
    return list(tx.execute(query.order_by(positions.c.sort_id.desc()).limit(limit)))


def on_its_way(tx: Transaction, *, author: str, about: str) -> Row[Any] | None:
    """The publication of a group's position on a text that is proposed, or decided and has not left."""
    table = statements.publications
    open_states = [Publication.PROPOSED.value, Publication.WAITING.value]
    query = select(table).where(table.c.actor == author, table.c.kind == "position", table.c.state.in_(open_states))
    rows = tx.execute(query.order_by(table.c.proposed).limit(1000))
    return next((row for row in rows if row.draft["draft"]["position"]["on"] == about), None)


def log_removal(tx: Transaction, *, about: str, author: str, reason: str, by: str) -> None:
    """Write down that a position was removed, and for which reason."""
    tx.execute(removals.insert().values(about=about, author=author, reason=reason, by=by, at=tx.now))


def removed_from(tx: Transaction, about: str, *, limit: int = 100) -> list[Row[Any]]:
    """What was removed from below a text, the first one first."""
    query = select(removals).where(removals.c.about == about).order_by(removals.c.id)
    return list(tx.execute(query.limit(limit)))


def waiting_too_long(tx: Transaction) -> list[str]:
    """The positions that nobody has admitted in time."""
    table = objects.objects
    query = (
        select(table.c.iri)
        .join(positions, positions.c.iri == table.c.iri)
        .where(
            positions.c.state == State.WAITING.value,
            table.c.local.is_(False),
            table.c.heard < tx.now - WAITING_KEPT_FOR,
        )
        .limit(1000)
    )
    return list(tx.execute(query).scalars())


def is_group(tx: Transaction, iri: str, types: frozenset[str]) -> bool:
    """Whether an actor that is known here is of one of these types."""
    row = actors.find(tx, iri)
    return row is not None and row.type in types
