"""Marks on texts: the table and its queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
)

from node.context import Transaction
from node.database import insert, metadata
from node.marks.rules import Kind
from node.objects import objects
from node.prepared import Prepared
from node.window import Window, within

NUMBER = BigInteger().with_variant(Integer(), "sqlite")

marks = Table(
    "marks",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),  # says in which order, and no time
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("object", Text, ForeignKey("objects.iri", ondelete="CASCADE"), nullable=False),
    Index("marks_by_object", "object", "viewer", "kind", unique=True),
    Index("marks_by_viewer", "viewer", "kind", "id"),
)


@dataclass(frozen=True, slots=True)
class On:
    """What a viewer has noted on one text."""

    favourited: bool = False
    bookmarked: bool = False
    muted: bool = False


_FIND = Prepared(
    select(marks.c.id).where(
        marks.c.viewer == bindparam("viewer"), marks.c.kind == bindparam("kind"), marks.c.object == bindparam("object")
    )
)
_ANY = Prepared(select(marks.c.id).where(marks.c.viewer == bindparam("viewer")).limit(1))


def count(tx: Transaction, table: Table, *conditions: ColumnElement[bool]) -> int:
    """How many rows of a table there are."""
    return int(tx.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())


def put(tx: Transaction, viewer: int, kind: Kind, iri: str) -> None:
    """Note something on a text; once is enough."""
    written = insert(tx, marks).values(viewer=viewer, kind=kind.value, object=iri)
    tx.execute(written.on_conflict_do_nothing())


def take(tx: Transaction, viewer: int, kind: Kind, iri: str) -> None:
    """Take it from the text."""
    mine = (marks.c.viewer == viewer) & (marks.c.kind == kind.value)
    tx.execute(delete(marks).where(mine, marks.c.object == iri))


def has(tx: Transaction, viewer: int, kind: Kind, iri: str) -> bool:
    """Whether it stands on the text."""
    return tx.execute(_FIND, {"viewer": viewer, "kind": kind.value, "object": iri}).first() is not None


def count_of(tx: Transaction, viewer: int, kind: Kind) -> int:
    """How many of a kind a viewer has."""
    return count(tx, marks, marks.c.viewer == viewer, marks.c.kind == kind.value)


def marked(tx: Transaction, viewer: int, kind: Kind, window: Window) -> list[Row[Any]]:
    """The texts that carry a mark (`id` of the mark, `object`), the last noted first, deleted ones left out."""
    query = (
        select(marks.c.id, marks.c.object)
        .join(objects, objects.c.iri == marks.c.object)
        .where(
            marks.c.viewer == viewer,
            marks.c.kind == kind.value,
            objects.c.public.is_(True),
            objects.c.deleted.is_(None),
        )
    )
    return within(tx, query, marks.c.id, window)


def root(row: Row[Any]) -> str:
    """The first word of the thread that an object stands in."""
    return str(row.thread or row.iri)


def quiet_threads(viewer: int) -> Select[Any]:
    """The roots of the threads that are quiet. By the texts marked: a root moves up when an older word comes."""
    where = marks.c.viewer == viewer, marks.c.kind == Kind.QUIET.value
    named = func.coalesce(objects.c.thread, objects.c.iri)
    return select(named).join(marks, marks.c.object == objects.c.iri).where(*where)


def end_quiet(tx: Transaction, viewer: int, thread: str) -> None:
    """Hear of a thread again, whichever text of it was marked."""
    inside = select(objects.c.iri).where((objects.c.thread == thread) | (objects.c.iri == thread))
    mine = (marks.c.viewer == viewer) & (marks.c.kind == Kind.QUIET.value)
    tx.execute(delete(marks).where(mine, marks.c.object.in_(inside)))


def on(tx: Transaction, viewer: int, iris: Sequence[str]) -> dict[str, On]:
    """What a viewer has noted on texts; those without a mark are left out."""
    if tx.execute(_ANY, {"viewer": viewer}).first() is None:
        return {}
    query = select(marks.c.kind, marks.c.object).where(marks.c.viewer == viewer, marks.c.object.in_(iris))
    found: dict[str, set[str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.object, set()).add(row.kind)
    thread = func.coalesce(objects.c.thread, objects.c.iri)
    silent = select(objects.c.iri).where(objects.c.iri.in_(iris), thread.in_(quiet_threads(viewer)))
    for iri in tx.execute(silent).scalars():
        found.setdefault(iri, set()).add(Kind.QUIET.value)
    return {
        iri: On(Kind.FAVOURITE in kinds, Kind.BOOKMARK in kinds, Kind.QUIET in kinds) for iri, kinds in found.items()
    }
