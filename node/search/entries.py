"""From what the tables hold of a text to its entry: all its words in their order, and the marks it is filtered by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Row, select

from node import actors
from node.context import Transaction
from node.objects import objects
from node.reports import filters
from node.reports.store import report_terms, reports
from node.search import words
from node.statements import markup
from node.statements.store import hashtags, statements

WORDS_AT_MOST = 16_000  # PostgreSQL counts no further
CHARACTERS_AT_MOST = 200_000
BYTES_AT_MOST = 400_000
PERSON = "Person"
REPORT = "StruggleReport"
OF_REPORTS = {
    "field": "field",
    "kind": "action_kind",
    "started_by": "started_by",
    "status": "status",
    "outcome": "outcome",
    "country": "country",
    "region": "region",
    "sector": "section",
    "basis": "basis",
    "struggle": "struggle",
}
"""Filters (`node.reports.filters`) and the columns of a report that they are about."""
OF_TERMS = ("who", "demand", "occupation", "addressee", "family", "organisation")
"""Filters about that of which a report may say more than one."""
MARKED = frozenset({"type", "author", "language", *OF_REPORTS, *OF_TERMS})
"""The filters that an entry has marks for. It has one for `year` too: when what is reported began, or it was said."""
TYPES = {kind: name for name, kind in filters.TYPES.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index holds of one text."""

    iri: str
    sort_id: int
    words: tuple[str, ...]


def mark(name: str, value: str) -> str:
    """A filter as a word: no text has one like it, because a word has no point in it."""
    return "·" + hashlib.blake2b(f"{name}={value}".encode(), digest_size=8).hexdigest()


def of(tx: Transaction, iris: Sequence[str]) -> dict[str, Entry]:
    """The entries of those of `iris` that everybody may read and find."""
    rows = _texts(tx, iris)
    open_ones = _to_be_found(tx, rows)
    rows = [row for row in rows if row.author in open_ones or row.kind == REPORT]
    found = [row.iri for row in rows]
    tags = _lists(tx, select(hashtags.c.iri, hashtags.c.name).where(hashtags.c.iri.in_(found)))
    told = {row.iri: row for row in tx.execute(select(reports).where(reports.c.iri.in_(found)))} if found else {}
    terms = report_terms.c
    named = _lists(
        tx, select(terms.report, terms.dimension, terms.value, terms.label).where(terms.report.in_(list(told)))
    )
    return {row.iri: _entry(row, tags.get(row.iri, []), told.get(row.iri), named.get(row.iri, [])) for row in rows}


def _texts(tx: Transaction, iris: Sequence[str]) -> list[Row[Any]]:
    table = objects.c
    query = (
        select(
            table.iri, table.sort_id, table.kind, table.author, table.local, table.published,
            *(statements.c[name] for name in ("title", "html", "summary", "language", "attachments")),
        )
        .join(statements, statements.c.iri == table.iri)
        .where(table.iri.in_(iris), table.public.is_(True), table.deleted.is_(None))
    )  # fmt: skip
    return list(tx.execute(query))


def _to_be_found(tx: Transaction, rows: Sequence[Row[Any]]) -> set[str]:
    """The authors whose words may be found: persons who have said so, and others unless they say that they may not."""
    found = {row.author for row in rows if row.local}
    for iri, row in actors.find_all(tx, sorted({row.author for row in rows} - found)).items():
        said = actors.document(row).get("indexable") if row.document is not None else False
        if said is True or (said is not False and row.type != PERSON):
            found.add(iri)
    return found


def _lists(tx: Transaction, query: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in tx.execute(query):
        found.setdefault(row[0], []).append(row)
    return found


def _entry(row: Row[Any], tags: Sequence[Any], report: Row[Any] | None, terms: Sequence[Any]) -> Entry:
    marks = sorted(set(_marks(row, report, terms)))
    said = (word for text in _said(row, tags, report, terms) for word in words.of(text[:CHARACTERS_AT_MOST]))
    return Entry(row.iri, row.sort_id, (*marks, *_bounded(said)))


def _bounded(said: Iterator[str]) -> Iterator[str]:
    """As many words as both databases take of one text: PostgreSQL a megabyte of them, with what it notes of each."""
    size = 0
    for word in islice(said, WORDS_AT_MOST):
        size += len(word.encode())
        if size > BYTES_AT_MOST:
            return
        yield word


def _marks(row: Row[Any], report: Row[Any] | None, terms: Sequence[Any]) -> Iterator[str]:
    yield mark("author", row.author)
    yield mark("type", TYPES.get(row.kind, row.kind))
    if row.language:
        yield from (mark("language", tag) for tag in {row.language.lower(), row.language.lower().partition("-")[0]})
    yield mark("year", (report.began or "")[:4] if report is not None else f"{row.published:%Y}")
    if report is None:
        return
    for name, column in OF_REPORTS.items():
        if value := getattr(report, column):
            yield mark(name, value)
    for term in terms:
        if term.dimension in OF_TERMS:
            yield mark(term.dimension, term.value)


def _said(row: Row[Any], tags: Sequence[Any], report: Row[Any] | None, terms: Sequence[Any]) -> Iterator[str]:
    yield row.title or ""
    yield row.summary or ""
    yield markup.plain(row.html)
    yield from (one.get("name") or "" for one in row.attachments)
    yield from (tag.name for tag in tags)
    if report is not None:
        yield report.locality or ""
        yield from (term.label for term in terms if term.value != term.label)
