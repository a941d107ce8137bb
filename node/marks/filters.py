"""Filters: words and texts that a viewer does not want to meet, and where. Tables and queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from node.context import Transaction
from node.database import Json, Moment, insert, metadata
from node.errors import Missing
from node.objects import objects
from node.prepared import Prepared

filters = Table(
    "filters",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("contexts", Json, nullable=False),
    Column("action", Text, nullable=False),
    Column("ends", Moment),
)

filter_keywords = Table(
    "filter_keywords",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("filter", Integer, ForeignKey("filters.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("keyword", Text, nullable=False),
    Column("whole_word", Boolean, nullable=False),
)

filter_statuses = Table(
    "filter_statuses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("filter", Integer, ForeignKey("filters.id", ondelete="CASCADE"), nullable=False),
    Column("object", Text, ForeignKey("objects.iri", ondelete="CASCADE"), nullable=False),
    UniqueConstraint("filter", "object"),
    Index("filter_statuses_by_object", "object"),
)

_ANY = Prepared(select(filters.c.id).where(filters.c.viewer == bindparam("viewer")).limit(1))


@dataclass(frozen=True, slots=True)
class Whole:
    """A filter with its keywords and texts (rows with `id`, `keyword`, `whole_word`; `id`, `object`, `sort_id`)."""

    row: Row[Any]
    keywords: tuple[Row[Any], ...]
    statuses: tuple[Row[Any], ...]


def of(tx: Transaction, viewer: int, *, active: bool = False) -> list[Whole]:
    """The filters of a viewer in the order in which she made them; `active`: without those that are over."""
    if tx.execute(_ANY, {"viewer": viewer}).first() is None:
        return []
    query = select(filters).where(filters.c.viewer == viewer)
    if active:
        query = query.where(or_(filters.c.ends.is_(None), filters.c.ends > tx.now))
    return _whole(tx, tx.execute(query.order_by(filters.c.id).limit(1000)).all())


def _whole(tx: Transaction, rows: Sequence[Row[Any]]) -> list[Whole]:
    numbers = [row.id for row in rows]
    words = select(filter_keywords).where(filter_keywords.c.filter.in_(numbers)).order_by(filter_keywords.c.id)
    said = (
        select(filter_statuses, objects.c.sort_id)
        .join(objects, objects.c.iri == filter_statuses.c.object)
        .where(filter_statuses.c.filter.in_(numbers))
        .order_by(filter_statuses.c.id)
    )
    keywords: dict[int, list[Row[Any]]] = {}
    statuses: dict[int, list[Row[Any]]] = {}
    for row in tx.execute(words):
        keywords.setdefault(row.filter, []).append(row)
    for row in tx.execute(said):
        statuses.setdefault(row.filter, []).append(row)
    return [Whole(row, tuple(keywords.get(row.id, ())), tuple(statuses.get(row.id, ()))) for row in rows]


def find(tx: Transaction, viewer: int, number: int) -> Whole:
    """A filter of a viewer. Raises Missing for anybody else's too."""
    query = select(filters).where(filters.c.viewer == viewer, filters.c.id == number)
    row = tx.execute(query).one_or_none()
    if row is None:
        raise Missing("you have no such filter")
    return _whole(tx, [row])[0]


def add(tx: Transaction, viewer: int, **values: Any) -> int:
    """A new filter without words; its number."""
    return int(tx.execute(filters.insert().values(viewer=viewer, **values).returning(filters.c.id)).scalar_one())


def change(tx: Transaction, number: int, **values: Any) -> None:
    """Change columns of a filter."""
    tx.execute(update(filters).where(filters.c.id == number).values(**values))


def drop(tx: Transaction, number: int) -> None:
    """Delete a filter."""
    tx.execute(delete(filters).where(filters.c.id == number))


def keyword(tx: Transaction, viewer: int, number: int) -> Row[Any]:
    """A keyword of one of a viewer's filters. Raises Missing."""
    query = (
        select(filter_keywords)
        .join(filters, filters.c.id == filter_keywords.c.filter)
        .where(filters.c.viewer == viewer, filter_keywords.c.id == number)
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        raise Missing("you have no such keyword in a filter")
    return row


def add_keyword(tx: Transaction, number: int, keyword: str, *, whole_word: bool) -> int:
    """A new keyword of a filter; its number."""
    values = {"filter": number, "keyword": keyword, "whole_word": whole_word}
    return int(tx.execute(filter_keywords.insert().values(**values).returning(filter_keywords.c.id)).scalar_one())


def count_keywords(tx: Transaction, viewer: int) -> int:
    """How many keywords all filters of a viewer have."""
    query = select(func.count()).select_from(filter_keywords.join(filters)).where(filters.c.viewer == viewer)
    return int(tx.execute(query).scalar_one())


def change_keyword(tx: Transaction, number: int, **values: Any) -> None:
    """Change a keyword."""
    tx.execute(update(filter_keywords).where(filter_keywords.c.id == number).values(**values))


def drop_keyword(tx: Transaction, number: int) -> None:
    """Delete a keyword."""
    tx.execute(delete(filter_keywords).where(filter_keywords.c.id == number))


def status(tx: Transaction, viewer: int, number: int) -> Row[Any]:
    """A text in one of a viewer's filters, with its `sort_id`. Raises Missing."""
    query = (
        select(filter_statuses, objects.c.sort_id)
        .join(filters, filters.c.id == filter_statuses.c.filter)
        .join(objects, objects.c.iri == filter_statuses.c.object)
        .where(filters.c.viewer == viewer, filter_statuses.c.id == number)
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        raise Missing("you have no such text in a filter")
    return row


def add_status(tx: Transaction, number: int, iri: str) -> None:
    """Enter a text in a filter; once is enough."""
    tx.execute(insert(tx, filter_statuses).values(filter=number, object=iri).on_conflict_do_nothing())


def drop_status(tx: Transaction, number: int) -> None:
    """Take a text from a filter."""
    tx.execute(delete(filter_statuses).where(filter_statuses.c.id == number))
