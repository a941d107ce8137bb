"""Queries of what is counted: they read what other rooms keep, and decide nothing.

Of a struggle on which there is one report (most are), or one of each of several groups, the database adds up by itself;
the reports on all others come back one by one, so that the rule can pick (node.statistics.rules). A struggle that a
merge joins with another is one of the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, case, func, literal_column, or_, select

from node.actors import GROUP, actors, local_actors
from node.context import Transaction
from node.merges import store as merges
from node.objects import objects
from node.peering.rules import Follow
from node.peering.standing import not_hidden
from node.peering.store import follows
from node.reports import counts, filters, selecting
from node.reports.counting import SETS
from node.reports.counts import counted_measures, counted_reports, counted_terms
from node.reports.selecting import COLUMNS, OF_TERMS, newest
from node.reports.store import report_terms, reports

PARTS = ("people", "days", "span")
LANES = tuple(f"lane{place}" for place in range(4))
OUTLIERS_AT_MOST = 20
LABEL_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose reports are looked at, which of them, and what joins struggles: struggle -> the one that stands for all.

    `meant` are the struggles that the filter by struggle lets through: those it names and what is joined with them.
    """

    sources: tuple[str, ...]
    filters: filters.Filters
    merged: Mapping[str, str]
    meant: tuple[str, ...] = ()


# ---- whose


def own_groups(tx: Transaction) -> list[str]:
    """The groups of this node, retired ones too: what they have reported stands."""
    query = select(local_actors.c.iri).where(local_actors.c.kind == GROUP).order_by(local_actors.c.iri)
    return list(tx.execute(query).scalars())


def followed(tx: Transaction) -> list[str]:
    """Whom the groups of this node follow, but nobody on a suspended host."""
    query = (
        select(follows.c.followed)
        .join(actors, actors.c.iri == follows.c.follower)
        .where(actors.c.local.is_(True), follows.c.state == Follow.ACCEPTED.value)
        .where(*not_hidden(tx, follows.c.followed))
        .distinct()
        .order_by(follows.c.followed)
    )
    return list(tx.execute(query).scalars())


def chosen(tx: Transaction, sources: Sequence[str]) -> list[str]:
    """Those of the actors a reader chose who are on no suspended host."""
    known = select(actors.c.iri).where(actors.c.iri.in_(sources))
    heard = set(tx.execute(known.where(*not_hidden(tx, actors.c.iri))).scalars())
    suspended = set(tx.execute(known).scalars()) - heard
    return [one for one in sources if one not in suspended]


# ---- which


def _alone(scope: Scope) -> list[ColumnElement[bool]]:
    by_itself: list[ColumnElement[bool]] = [counted_reports.c.shared.is_(False)]
    if scope.merged:
        by_itself.append(~_joined(scope))
    return [*_counted(counted_reports, scope), *by_itself, *_fitting(counted_reports, scope)]


def _ranked(scope: Scope) -> list[ColumnElement[bool]]:
    together = [counts.BY_RANKS]
    if scope.merged:
        together.append(~_joined(scope))
    return [*_counted(counted_reports, scope), *together, *_fitting(counted_reports, scope)]


def _joined(scope: Scope) -> ColumnElement[bool]:
    """That a struggle is among those which are looked at together: all that are merged, and perhaps some that are not.

    Which does not matter: a struggle that is looked at so, and has one report, adds the same.
    """
    few = len(scope.merged) <= merges.LOOKED_UP
    return counted_reports.c.struggle.in_(tuple(scope.merged) if few else merges.named())


def _counted(table: FromClause, scope: Scope) -> list[ColumnElement[bool]]:
    return [table.c.counts.is_(True), table.c.author.in_(scope.sources)]


def _fitting(table: FromClause, scope: Scope) -> list[ColumnElement[bool]]:
    return selecting.fitting(table, scope.filters, meant=scope.meant)


# ---- by what


def _grouped(table: FromClause, group_by: Sequence[str]) -> tuple[list[ColumnElement[Any]], FromClause]:
    """The columns by which rows stand apart, and what they are read from."""
    columns: list[ColumnElement[Any]] = []
    origin: FromClause = table
    for name in group_by:
        if name in OF_TERMS:
            terms = counted_terms.alias(f"terms_of_{name}")
            origin = origin.outerjoin(terms, and_(terms.c.sort_id == table.c.sort_id, terms.c.dimension == name))
            columns.append(terms.c.value)
        else:
            columns.append(_plain(table, COLUMNS[name]))
    return columns, origin


def _named(columns: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    return [column.label(f"by{place}") for place, column in enumerate(columns)]


def _sums(told: Callable[[str], ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """Of people and days: low, high, known, of that with an upper bound, computed, banded; of the duration without the
    last two; the lanes. `told` gives a column by its name.
    """
    found: list[ColumnElement[Any]] = []
    for name in PARTS:
        low, high = told(f"{name}_low"), told(f"{name}_high")
        found += [func.sum(low), func.sum(high), func.count(low), func.count(high)]
        if name != "span":
            found += [func.sum(low * told(f"{name}_computed")), func.sum(told(f"{name}_banded"))]
    return found + [func.sum(told(lane)) for lane in LANES]


# ---- figures


def add_up(tx: Transaction, scope: Scope, group_by: Sequence[str]) -> list[Row[Any]]:
    """The sums over struggles with one report: keys; struggles; reports; of people and days (low, high, known, of that
    with an upper bound, computed, banded); of the duration (low, high, known, known); the lanes of the digest.

    A key of which a report may say more than one is a JSON list of them all: there is no row twice.
    """
    columns = _whole(group_by)
    sums = (func.count().label("struggles"), func.count(), *_sums(counted_reports.c.__getitem__))
    query = select(*_named(columns), *sums).where(*_alone(scope))
    found = tx.execute(query.group_by(*columns) if columns else query)
    return [row for row in found if row.struggles]


def _whole(group_by: Sequence[str]) -> list[ColumnElement[Any]]:
    return [_plain(counted_reports, SETS[name] if name in SETS else COLUMNS[name]) for name in group_by]


def _plain(table: FromClause, name: str) -> ColumnElement[Any]:
    """A column to group by, without its index: to go through a whole table in the order of one is five times as far.

    With no bound value in it, or a database takes each place where it stands for another.
    """
    column: ColumnElement[Any] = table.c[name]
    return column.concat(literal_column("''")) if name == "country" else column


def add_up_others(tx: Transaction, scope: Scope, group_by: Sequence[str]) -> list[Row[Any]]:
    """As `add_up` for every other measure: keys; measure; low, high, known, of that with an upper bound, computed,
    banded.
    """
    columns, told = _whole(group_by), counted_measures.c
    origin = counted_reports.join(counted_measures, told.sort_id == counted_reports.c.sort_id)
    sums = (func.sum(told.low), func.sum(told.high), func.count(), func.count(told.high),
            func.sum(told.low * told.computed), func.sum(told.banded))  # fmt: skip
    query = select(*_named(columns), told.measure, *sums).select_from(origin).where(*_alone(scope))
    return list(tx.execute(query.group_by(*columns, told.measure)))


_RANKED = (
    *(f"{part}_{end}" for part in ("people", "days") for end in ("low", "high", "computed", "banded", "rank")),
    "span_low", "span_high", "span_rank", *LANES,
)  # fmt: skip


def add_up_ranked(tx: Transaction, scope: Scope, group_by: Sequence[str]) -> list[Row[Any]]:
    """As `add_up`, with each key by itself, over struggles of several groups: of each measure the figure of the least
    rank counts in each row (node.reports.ranking).
    """
    columns, origin = _grouped(counted_reports, group_by)
    apart = [*columns, counted_reports.c.struggle]
    first = counted_reports.c.sort_id == func.min(counted_reports.c.sort_id).over(partition_by=apart)
    least = [
        func.min(counted_reports.c[f"{name}_rank"]).over(partition_by=apart).label(f"{name}_least") for name in PARTS
    ]
    told = [counted_reports.c[name] for name in _RANKED]
    numbered = select(*_named(columns), *told, case((first, 1)).label("first"), *least)
    inner = numbered.select_from(origin).where(*_ranked(scope)).subquery().c

    def counting(name: str) -> ColumnElement[Any]:
        part = name.partition("_")[0]
        return inner[name] if name in LANES else case((inner[f"{part}_rank"] == inner[f"{part}_least"], inner[name]))

    keys = [inner[f"by{place}"] for place in range(len(columns))]
    query = select(*keys, func.count(inner.first).label("struggles"), func.count(), *_sums(counting))
    found = tx.execute(query.group_by(*keys) if keys else query)
    return [row for row in found if row.struggles]


def add_up_other_ranked(tx: Transaction, scope: Scope, group_by: Sequence[str]) -> list[Row[Any]]:
    """As `add_up_others` over the struggles of `add_up_ranked`."""
    columns, origin = _grouped(counted_reports, group_by)
    told = counted_measures.c
    origin = origin.join(counted_measures, told.sort_id == counted_reports.c.sort_id)
    best = func.min(told.rank).over(partition_by=[*columns, counted_reports.c.struggle, told.measure]).label("best")
    figures = [told[name] for name in ("measure", "rank", "low", "high", "computed", "banded")]
    inner = select(*_named(columns), *figures, best).select_from(origin).where(*_ranked(scope)).subquery().c
    keys = [inner[f"by{place}"] for place in range(len(columns))]
    sums = (func.sum(inner.low), func.sum(inner.high), func.count(), func.count(inner.high),
            func.sum(inner.low * inner.computed), func.sum(inner.banded))  # fmt: skip
    query = select(*keys, inner.measure, *sums).where(inner.rank == inner.best)
    return list(tx.execute(query.group_by(*keys, inner.measure)))


TOLD = (
    "struggle", "sort_id", "author", "said", "report", "kind", "began",
    *(f"{part}_{end}" for part in ("people", "days") for end in ("low", "high", "basis", "computed", "banded")),
    "span_low", "span_high", *LANES,
)  # fmt: skip
"""The columns of `tellings`, after the keys."""
FIGURE = ("low", "high", "basis", "computed", "banded")
"""The columns of `other_tellings`, after the keys, the first seven of TOLD and the measure."""


def tellings(tx: Transaction, scope: Scope, group_by: Sequence[str]) -> list[Row[Any]]:
    """Each report on a struggle that has several, not all ranked: the keys of the newest on its action; TOLD."""
    columns, origin = _several(group_by)
    told = [counted_reports.c[name] for name in TOLD]
    query = select(*_named(columns), *told).select_from(origin).where(*_of_several(scope))
    return list(tx.execute(query))


def other_tellings(tx: Transaction, scope: Scope, group_by: Sequence[str]) -> list[Row[Any]]:
    """As `tellings` for every other measure: keys; who tells; the measure; FIGURE."""
    columns, origin = _several(group_by)
    origin = origin.join(counted_measures, counted_measures.c.sort_id == counted_reports.c.sort_id)
    told = [counted_reports.c[name] for name in TOLD[:7]]
    figure = [counted_measures.c[name] for name in ("measure", *FIGURE)]
    query = select(*_named(columns), *told, *figure).select_from(origin).where(*_of_several(scope))
    return list(tx.execute(query))


def _several(group_by: Sequence[str]) -> tuple[list[ColumnElement[Any]], FromClause]:
    columns, origin = _grouped(newest, group_by)
    current = func.coalesce(counted_reports.c.newest, counted_reports.c.sort_id)
    return columns, origin.join(counted_reports, newest.c.sort_id == current)


def _of_several(scope: Scope) -> list[ColumnElement[bool]]:
    together: ColumnElement[bool] = counts.ONE_BY_ONE
    if scope.merged:
        together = or_(together, _joined(scope))
    return [*_counted(counted_reports, scope), newest.c.counts.is_(True), together, *_fitting(newest, scope)]


# ---- what stands beside the figures


def reported(tx: Transaction, scope: Scope) -> list[Row[Any]]:
    """Who has reported what fits, inside and outside of the sources: country, author, counts, reports, from, to.

    What does not count is here whether it is public or not: it is for nobody's eyes (`left_out`).
    """
    of_index = [counted_reports.c[name] for name in ("country", "author", "counts")]
    columns = [selecting.walked(of_index[0]).label("country"), *of_index[1:]] if scope.filters else of_index
    days = (func.min(counted_reports.c.began).label("first"), func.max(counted_reports.c.began).label("last"))
    query = select(*columns, func.count().label("reports"), *days).where(*_fitting(counted_reports, scope))
    return list(tx.execute(query.group_by(*columns)))


def left_out(tx: Transaction, scope: Scope) -> int:
    """How many public reports of the sources fit and do not count: withdrawn, or such as cannot be counted.

    An import that is not decided, or was undone, does not count either, and of that nobody is told.
    """
    theirs = (counted_reports.c.counts.is_(False), counted_reports.c.author.in_(scope.sources))
    seen = select(objects.c.iri).where(
        objects.c.sort_id == counted_reports.c.sort_id, objects.c.public.is_(True), objects.c.deleted.is_(None)
    )
    query = select(func.count()).select_from(counted_reports)
    return int(tx.execute(query.where(*theirs, *_fitting(counted_reports, scope), seen.exists())).scalar_one())


def usual(tx: Transaction, scope: Scope, part: str, *, known: int) -> float | None:
    """What 99 of 100 figures of the sources, out of so many, stay below; None of too few."""
    if known < 100:
        return None
    low = counted_reports.c[f"{part}_low"]
    query = select(low).where(low.is_not(None), *_counted(counted_reports, scope)).order_by(low.desc())
    found = tx.execute(query.offset(known // 100).limit(1)).scalar_one_or_none()
    return None if found is None else float(found)


def above(tx: Transaction, scope: Scope, part: str, limit: float, group_by: Sequence[str]) -> list[Row[Any]]:
    """The reports that fit whose single figure is above `limit`, the greatest first: keys; report; figure."""
    columns, origin = _grouped(counted_reports, group_by)
    low = counted_reports.c[f"{part}_low"]
    query = select(*_named(columns), counted_reports.c.report, low.label("figure")).select_from(origin)
    which = [*_counted(counted_reports, scope), *_fitting(counted_reports, scope), low > limit]
    return list(tx.execute(query.where(*which).order_by(low.desc(), counted_reports.c.report).limit(OUTLIERS_AT_MOST)))


def labels(tx: Transaction, dimension: str, values: Sequence[str], sources: Sequence[str]) -> dict[str, str]:
    """What the names of parties are written like, by the names as they are compared: as the reports that count here
    write them, our own before those of others, then as most do, then the first by code point.

    Most are written in one way by everybody: an index tells that without a look at the reports.
    """
    found: dict[str, str] = {}
    for start in range(0, len(values), 500):
        ends = {row.value: row for row in tx.execute(_ways_of_writing(dimension, values[start : start + 500]))}
        found |= {value: row.first for value, row in ends.items() if row.first == row.last}
        several = [value for value, row in ends.items() if row.first != row.last]
        found |= _as_most_write(tx, dimension, several, sources) if several else {}
    return {value: label[:LABEL_CHARACTERS] for value, label in found.items()}


def _ways_of_writing(dimension: str, values: Sequence[str]) -> Select[Any]:
    """Of each of `values`: the first and the last of the ways in which it is written, each by one step of the index."""
    term = report_terms.c
    wanted = select(term.value).where(term.dimension == dimension, term.value.in_(values)).distinct().subquery()
    ends = [
        select(pick(term.label)).where(term.dimension == dimension, term.value == wanted.c.value).scalar_subquery()
        for pick in (func.min, func.max)
    ]
    return select(wanted.c.value, ends[0].label("first"), ends[1].label("last"))


def _as_most_write(tx: Transaction, dimension: str, values: Sequence[str], sources: Sequence[str]) -> dict[str, str]:
    term, own = report_terms.c, set(own_groups(tx))
    ours = case((counted_reports.c.author.in_(own), 1), else_=0)
    query = (
        select(term.value, term.label, func.max(ours).label("ours"), func.count().label("reports"))
        .join(counted_reports, counted_reports.c.report == term.report)
        .where(term.dimension == dimension, term.value.in_(values))
        .where(counted_reports.c.counts.is_(True), counted_reports.c.author.in_(sources))
        .group_by(term.value, term.label)
    )
    written: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for row in tx.execute(query):
        written[row.value].append((-row.ours, -row.reports, row.label))
    return {value: min(found)[2] for value, found in written.items()}


# ---- the inputs, to be compared


def buckets(tx: Transaction, scope: Scope) -> list[Row[Any]]:
    """Of each of the 256 parts of the inputs that has any: bucket, reports, the lanes of its digest."""
    sums = [func.sum(counted_reports.c[lane]).label(lane) for lane in LANES]
    query = select(counted_reports.c.bucket, func.count().label("reports"), *sums)
    chosen = _inputs(query, scope).group_by(counted_reports.c.bucket).order_by(counted_reports.c.bucket)
    return list(tx.execute(chosen))


def in_bucket(tx: Transaction, scope: Scope, bucket: int) -> list[Row[Any]]:
    """The reports in one part of the inputs: struggle, report, digest; in the order of their addresses."""
    query = select(counted_reports.c.struggle, counted_reports.c.report, reports.c.digest)
    chosen = _inputs(query, scope, reports.c.iri == counted_reports.c.report).where(counted_reports.c.bucket == bucket)
    return list(tx.execute(chosen.order_by(counted_reports.c.struggle, counted_reports.c.report)))


def _inputs(query: Any, scope: Scope, *also: ColumnElement[bool]) -> Any:
    """What `add_up` and `tellings` take together."""
    _, origin = _several(())
    for condition in also:
        origin = origin.join(reports, condition)
    standing = (*_counted(counted_reports, scope), newest.c.counts.is_(True), *_fitting(newest, scope))
    return query.select_from(origin).where(*standing)
