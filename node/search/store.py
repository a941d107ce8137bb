"""The index: a row for each text that can be found, and what finds it by its words, in the way of each database.

SQLite has the words of a text as one line, and FTS5 over that column; PostgreSQL has them as a `tsvector` with an
index. FTS5 keeps no text of its own: what it is to forget of a text it is told in the words that stand in the row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Dialect,
    FromClause,
    Index,
    Integer,
    Row,
    Table,
    Text,
    and_,
    column,
    delete,
    exists,
    insert,
    literal,
    select,
    table,
    union,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from node.actors import actors, local_actors
from node.context import Transaction
from node.database import metadata
from node.objects import objects
from node.reports import filters, listing
from node.reports.filters import Filters
from node.reports.store import reports
from node.search.entries import REPORT, Entry, mark
from node.search.rules import Term, Wanted

POSITION_AT_MOST = 16_383
POSITIONS_AT_MOST = 255
AUTHORS_AT_MOST = 500
PAGES_AT_ONCE = 300  # of the index, in one transaction: a tenth of a second


class Words(TypeDecorator[Sequence[str]]):
    """The words of a text in their order: one line on SQLite, a `tsvector` with their places on PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(Text())
        from sqlalchemy.dialects.postgresql import TSVECTOR

        return dialect.type_descriptor(TSVECTOR())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return _vector(value) if dialect.name == "postgresql" else " ".join(value)


search_entries = Table(
    "search_entries",
    metadata,
    Column(
        "sort_id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    ),  # as in `objects`: the newest is found first
    Column("iri", Text, nullable=False, unique=True),
    Column("words", Words, nullable=False),
    Index("search_entries_by_words", "words", postgresql_using="gin").ddl_if(dialect="postgresql"),
)

# FTS5's own table; what is written into its column of the same name is a command.
search_words = table("search_words", column("search_words"), column("rowid"), column("words"), column("rank"))


def held(tx: Transaction, iris: Sequence[str]) -> dict[str, Row[Any]]:
    """The rows of those of `iris` that stand in the index, with the words as the database writes them."""
    return {row.iri: row for row in tx.execute(select(search_entries).where(search_entries.c.iri.in_(iris)))}


def add(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Enter texts that do not stand in the index."""
    if not entries:
        return
    rows = [{"sort_id": one.sort_id, "iri": one.iri, "words": one.words} for one in entries]
    tx.execute(insert(search_entries), rows)
    if _is_sqlite(tx):
        lines = [{"rowid": one.sort_id, "words": " ".join(one.words)} for one in entries]
        tx.execute(insert(search_words), lines)


def remove(tx: Transaction, rows: Sequence[Row[Any]]) -> None:
    """Take texts out of the index; `rows` are theirs, with the words that they were entered with."""
    if not rows:
        return
    if _is_sqlite(tx):
        gone = [{"search_words": "delete", "rowid": row.sort_id, "words": row.words} for row in rows]
        tx.execute(insert(search_words), gone)
    tx.execute(delete(search_entries).where(search_entries.c.sort_id.in_([row.sort_id for row in rows])))


def merge(tx: Transaction, *, first: bool) -> bool:
    """Go on with writing FTS5's index anew without what was removed, or begin; whether something is left to do."""
    driver: Any = tx.connection.connection.driver_connection
    before = driver.total_changes
    pages = -PAGES_AT_ONCE if first else PAGES_AT_ONCE
    tx.execute(insert(search_words).values(search_words="merge", rank=pages))
    return bool(driver.total_changes - before >= 2)  # sqlite.org/fts5.html#the_merge_command


def found(
    tx: Transaction,
    wanted: Wanted,
    *,
    marks: Mapping[str, Sequence[str]],
    conditions: Sequence[Any] = (),
    before: int | None,
    limit: int,
) -> list[Row[Any]]:
    """The public objects that have the words and the marks that are wanted, newest first."""
    index: FromClause
    if _is_sqlite(tx):
        index, key = search_words, search_words.c.rowid
        match = search_words.c.words.op("MATCH")(_for_fts5(wanted, marks))
    else:
        asked = literal(_for_tsquery(wanted, marks)).op("::")(column("tsquery"))
        index, key = search_entries, search_entries.c.sort_id
        match = search_entries.c.words.op("@@")(asked)
    query = (
        select(objects)
        .select_from(index.join(objects, objects.c.sort_id == key))
        .where(match, objects.c.public.is_(True), objects.c.deleted.is_(None), *conditions)
    )
    if before is not None:
        query = query.where(key < before)
    return list(tx.execute(query.order_by(key.desc()).limit(limit)))


def reporting(tx: Transaction, asked: Filters) -> ColumnElement[bool]:
    """Whether an object is a report that meets what is asked for."""
    return exists().where(reports.c.iri == objects.c.iri, *listing.conditions(tx, asked))


def within(tx: Transaction, asked: Filters) -> ColumnElement[bool]:
    """Whether an object is of the period that is asked for: a report by when its action began, others by their date."""
    period = {name: asked[name] for name in ("since", "until") if name in asked}
    about = reporting(tx, period)
    said = [objects.c.kind != REPORT]
    if "since" in asked:
        said.append(objects.c.published >= _midnight(filters.first(asked).earliest))
    if "until" in asked:
        said.append(objects.c.published < _midnight(filters.last(asked).latest) + timedelta(days=1))
    return about | and_(*said)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def of_tendency(tx: Transaction, names: Sequence[str]) -> list[str]:
    """The groups, ours and others', that name one of these as their tendency."""
    found = (select(table.c.iri).where(table.c.tendency.in_(names)) for table in (actors, local_actors))
    return list(tx.execute(union(*found).limit(AUTHORS_AT_MOST)).scalars())


def _is_sqlite(tx: Transaction) -> bool:
    return tx.connection.dialect.name == "sqlite"


def _for_fts5(wanted: Wanted, asked: Mapping[str, Sequence[str]]) -> str:
    def line(term: Term) -> str:
        return f'"{" ".join(term.words)}"{" *" if term.begins else ""}'

    parts = [line(term) for term in wanted.terms]
    parts += [f"({' OR '.join(f'{chr(34)}{one}{chr(34)}' for one in any_of)})" for any_of in _marks(asked)]
    match = f"({' AND '.join(parts)})"
    for term in wanted.without:
        match = f"({match} NOT {line(term)})"
    return match


def _for_tsquery(wanted: Wanted, asked: Mapping[str, Sequence[str]]) -> str:
    def line(term: Term) -> str:
        return f"({' <-> '.join(map(_quoted, term.words))}{':*' if term.begins else ''})"

    parts = [line(term) for term in wanted.terms]
    parts += [f"({' | '.join(map(_quoted, marks))})" for marks in _marks(asked)]
    parts += [f"!{line(term)}" for term in wanted.without]
    return " & ".join(parts)


def _marks(asked: Mapping[str, Sequence[str]]) -> list[list[str]]:
    return [[mark(name, value) for value in values] for name, values in asked.items() if values]


def _vector(words: Sequence[str]) -> str:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words, start=1):
        seen = places.setdefault(word, [])
        if len(seen) < POSITIONS_AT_MOST:
            seen.append(min(place, POSITION_AT_MOST))
    return " ".join(f"{_quoted(word)}:{','.join(map(str, seen))}" for word, seen in places.items())


def _quoted(word: str) -> str:
    doubled = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
