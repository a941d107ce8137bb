"""What is held here and meets a reader's filters, newest first: the wire, its feeds, and what they can be asked for.

Filters that only a report can meet are answered with reports alone, those of imports among them. The others are
answered with whatever stands in feeds, ours and others'.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Select, exists, func, or_, select, union_all

from node.actors import GROUP, actors, local_actors
from node.context import Transaction
from node.objects import objects
from node.peering.rules import Follow
from node.peering.standing import not_hidden
from node.peering.store import follows
from node.reports import filters, selecting
from node.reports.counts import counted_reports
from node.reports.filters import Filters
from node.reports.store import report_terms, reports
from node.statements.store import statements

RARE = 2000
VALUES_AT_MOST = 400

_COLUMNS = {
    "field": reports.c.field,
    "kind": reports.c.action_kind,
    "started_by": reports.c.started_by,
    "status": reports.c.status,
    "outcome": reports.c.outcome,
    "country": reports.c.country,
    "region": reports.c.region,
    "sector": reports.c.section,
    "basis": reports.c.basis,
    "struggle": reports.c.struggle,
}
_TERMS = ("who", "demand", "occupation", "addressee", "family", "organisation")
_UNDATED = ("year", "quarter", "month")
_OF_TEXTS = ("tendency", "language", "author", "source")
YEAR_CHARACTERS = 4


@dataclass(frozen=True, slots=True)
class Present:
    """What there is to ask for: the countries of public reports, tendencies of groups, languages of public texts."""

    countries: tuple[str, ...]
    tendencies: tuple[str, ...]
    languages: tuple[str, ...]


def heard(tx: Transaction, *, before: int | None = None, limit: int) -> list[Row[Any]]:
    """What others have said, newest first, from sort_id `before` on; nothing from a suspended host."""
    return _texts(tx, {}, local=False, before=before, limit=limit)


def matching(
    tx: Transaction, asked: Filters, *, before: int | None = None, limit: int, in_feeds: bool = False
) -> list[Row[Any]]:
    """The objects that meet all of `asked`, newest first, from sort_id `before` on.

    `in_feeds`: those alone that stand in feeds, which imported reports do not.
    """
    if asks_for_reports(asked):
        return _reports(tx, asked, before=before, limit=limit, in_feeds=in_feeds)
    # Each of the two is one range of the index; both together would be none.
    found = [row for local in (True, False) for row in _texts(tx, asked, local=local, before=before, limit=limit)]
    return sorted(found, key=lambda row: -int(row.sort_id))[:limit]


def asks_for_reports(asked: Filters) -> bool:
    """Whether only reports can meet `asked`."""
    return asked.get("type") == ("report",) or any(name in asked for name in filters.OF_REPORTS)


def _reports(tx: Transaction, asked: Filters, *, before: int | None, limit: int, in_feeds: bool) -> list[Row[Any]]:
    if "report" not in asked.get("type", ("report",)):
        return []
    query = _found(tx, asked, in_feeds=in_feeds)
    # The narrow table is walked where there is one: of a rare thing a hundred thousand rows are asked for ten.
    number = (counted_reports if "counted" in asked else reports).c.sort_id
    if before is not None:
        query = query.where(number < before)
    return list(tx.execute(query.order_by(number.desc()).limit(limit)))


def announced(tx: Transaction, asked: Filters, *, today: date, limit: int) -> list[Row[Any]]:
    """The reports in feeds, not withdrawn, on actions that are announced or begin today or later; newest first."""
    query = _found(tx, asked, in_feeds=True).where(reports.c.withdrawn.is_(False), reports.c.began.is_not(None))
    found: dict[int, Row[Any]] = {}
    # Each of the two has its index; both together would be looked for everywhere.
    for ahead in (reports.c.status == "announced", reports.c.began >= today.isoformat()):
        rows = tx.execute(query.where(ahead).order_by(reports.c.sort_id.desc()).limit(limit))
        found |= {row.sort_id: row for row in rows}
    return [found[sort_id] for sort_id in sorted(found, reverse=True)][:limit]


def _found(tx: Transaction, asked: Filters, *, in_feeds: bool) -> Select[Any]:
    """The objects of reports that meet `asked`; with `counted`, those and no others that a figure is made of."""
    query = select(objects).join(reports, reports.c.iri == objects.c.iri).where(*_shown(tx, in_feeds))
    if "counted" not in asked:
        return query.where(*conditions(tx, asked))
    of_texts = {name: asked[name] for name in _OF_TEXTS if name in asked}
    query = selecting.standing(query, objects.c.sort_id).where(*conditions(tx, of_texts), *_of_sources(asked))
    return query.where(*selecting.fitting(selecting.newest, asked, meant=asked.get("struggle", ())))


def conditions(tx: Transaction, asked: Filters) -> list[ColumnElement[bool]]:
    """What of the table of reports meets `asked`."""
    found = [_is_said(column, asked[name]) for name, column in _COLUMNS.items() if name in asked]
    found += [_has_term(tx, name, asked[name]) for name in _TERMS if name in asked]
    found += [_is_dated(name) for name in _UNDATED if name in asked]
    found += _written_by(asked, reports.c.author) + _in_language(asked, reports.c.iri)
    least, less, none_of = filters.bounds(asked)
    if least is not None:
        found.append(reports.c.began >= least)
    if less is not None:
        found.append(reports.c.began < less)
    if none_of:
        found.append(reports.c.began.not_in(none_of))
    return found


def _is_said(column: Column[Any], values: Sequence[str]) -> ColumnElement[bool]:
    said = [one for one in values if one != filters.UNSAID]
    if len(said) == len(values):
        return column.in_(said)
    return or_(column.is_(None), column.in_(said)) if said else column.is_(None)


def _is_dated(name: str) -> ColumnElement[bool]:
    """That nobody tells the year, or the month, of a beginning: a year is written with four characters."""
    if name == "year":
        return reports.c.began.is_(None)
    return or_(reports.c.began.is_(None), func.length(reports.c.began) <= YEAR_CHARACTERS)


def _of_sources(asked: Filters) -> list[ColumnElement[bool]]:
    """Whose reports figures count: those of the sources that are named, else our own and those we follow."""
    if "source" in asked:
        return []  # `_written_by` asks for them
    ours = select(local_actors.c.iri).where(local_actors.c.kind == GROUP)
    heard = select(follows.c.followed).where(
        follows.c.follower.in_(select(local_actors.c.iri)), follows.c.state == Follow.ACCEPTED.value
    )
    return [or_(counted_reports.c.author.in_(ours), counted_reports.c.author.in_(heard))]


def _has_term(tx: Transaction, dimension: str, values: Sequence[str]) -> ColumnElement[bool]:
    """Of a rare value the reports are looked up, of a common one each report is asked: both end soon."""
    if filters.UNSAID in values:
        has_any = exists().where(report_terms.c.report == reports.c.iri, report_terms.c.dimension == dimension)
        said = [one for one in values if one != filters.UNSAID]
        return or_(~has_any, _has_term(tx, dimension, said)) if said else ~has_any
    wanted = (report_terms.c.dimension == dimension) & report_terms.c.value.in_(values)
    few = select(func.count()).select_from(select(report_terms.c.report).where(wanted).limit(RARE).subquery())
    if tx.execute(few).scalar_one() < RARE:
        return reports.c.iri.in_(select(report_terms.c.report).where(wanted))
    return exists().where(report_terms.c.report == reports.c.iri, wanted)


def _texts(tx: Transaction, asked: Filters, *, local: bool, before: int | None, limit: int) -> list[Row[Any]]:
    query = select(objects).where(objects.c.local.is_(local), *_shown(tx, True))
    if "type" in asked:
        query = query.where(objects.c.kind.in_([filters.TYPES[one] for one in asked["type"]]))
    query = query.where(*_written_by(asked, objects.c.author), *_in_language(asked, objects.c.iri))
    if "since" in asked:
        query = query.where(objects.c.published >= _midnight(filters.first(asked).earliest))
    if "until" in asked:
        query = query.where(objects.c.published < _midnight(filters.last(asked).latest) + timedelta(days=1))
    if before is not None:
        query = query.where(objects.c.sort_id < before)
    return list(tx.execute(query.order_by(objects.c.sort_id.desc()).limit(limit)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _shown(tx: Transaction, in_feeds: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [objects.c.public.is_(True), objects.c.deleted.is_(None)]
    found += not_hidden(tx, objects.c.author)
    return [*found, objects.c.listed.is_(True)] if in_feeds else found


def _written_by(asked: Filters, author: Column[Any]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    found += [author.in_(asked[name]) for name in ("author", "source") if name in asked]
    if "tendency" in asked:
        said = (table.c.tendency.in_(asked["tendency"]) for table in (actors, local_actors))
        theirs, ours = (select(table.c.iri).where(one) for table, one in zip((actors, local_actors), said, strict=True))
        found.append(author.in_(union_all(theirs, ours)))
    return found


def _in_language(asked: Filters, iri: Column[Any]) -> list[ColumnElement[bool]]:
    """`pt` asks for `pt-BR` too."""
    if "language" not in asked:
        return []
    said = statements.c.language
    tags = [one for tag in asked["language"] for one in (said == tag, said.like(f"{tag}-%"))]
    return [exists().where(statements.c.iri == iri, or_(*tags))]


def present(tx: Transaction) -> Present:
    """What there is to ask for, each in its order; nothing of a suspended host."""
    shown = (objects.c.public.is_(True), objects.c.deleted.is_(None), *not_hidden(tx, objects.c.author))
    by_country = select(reports.c.country).join(objects, objects.c.iri == reports.c.iri).where(*shown)
    by_language = select(statements.c.language).join(objects, objects.c.iri == statements.c.iri).where(*shown)
    languages = _public(tx, _values(tx, statements.c.language), by_language, statements.c.language)
    theirs = select(actors.c.tendency).where(*not_hidden(tx, actors.c.iri))
    told = _public(tx, _values(tx, actors.c.tendency), theirs, actors.c.tendency)
    tendencies = {*told, *tx.execute(_own_tendencies()).scalars()}
    return Present(
        countries=tuple(_public(tx, _values(tx, reports.c.country), by_country, reports.c.country)),
        tendencies=tuple(sorted(filter(None, tendencies), key=str.casefold)),
        languages=tuple(dict.fromkeys(tag.partition("-")[0].lower() for tag in languages)),
    )


def _own_tendencies() -> Select[Any]:
    return select(local_actors.c.tendency).where(local_actors.c.kind == GROUP)


def _values(tx: Transaction, column: Column[Any]) -> list[str]:
    """Every value of a column that an index begins with: a step of the index for each, however many rows there are."""
    found = select(func.min(column).label("value")).cte("found", recursive=True)
    larger = select(func.min(column)).where(column > found.c.value).scalar_subquery()
    found = found.union_all(select(larger).where(found.c.value.is_not(None)))
    query = select(found.c.value).where(found.c.value.is_not(None)).limit(VALUES_AT_MOST)
    return list(tx.execute(query).scalars())


def _public(tx: Transaction, values: Iterable[str], query: Select[Any], column: Column[Any]) -> list[str]:
    """Those of `values` that something public has: an import that is not decided tells nobody where it is from."""
    return [one for one in values if tx.execute(query.where(column == one).limit(1)).first() is not None]
