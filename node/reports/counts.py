"""The tables that figures are added up from: narrow, by number, and complete without any other table.

A row `counts` if its report is public and stands; it is `shared` if its struggle has, or had, more than one report, so
that of the others, which are most, each is a struggle by itself. Where each of several reports on a struggle is another
group's they are `ranked`: the least rank among the figures that are asked for is the one that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    SmallInteger,
    Table,
    Text,
    bindparam,
    delete,
    false,
    func,
    literal_column,
    select,
    text,
    true,
    update,
)

from node.context import Transaction
from node.database import insert, metadata
from node.objects import objects
from node.reports import ranking
from node.reports.counting import SETS, said
from node.reports.facts import Facts

TOGETHER = 500
RANKED = ("people", "days", "span")
# Untyped, or SQLAlchemy asks SQLite for `= 1`, by which it does not know its index.
ONE_BY_ONE: ColumnElement[bool] = literal_column("(counted_reports.shared AND NOT counted_reports.ranked)")
_ONE_BY_ONE = text("shared AND NOT ranked")
BY_RANKS: ColumnElement[bool] = literal_column("(counted_reports.shared AND counted_reports.ranked)")
_BY_RANKS = text("shared AND ranked")
Number = BigInteger().with_variant(Integer(), "sqlite")  # there an integer key is the row's own number

counted_reports = Table(
    "counted_reports",
    metadata,
    Column("sort_id", Number, primary_key=True, autoincrement=False),
    # The last report of the same group on the same action, if this one is not.
    Column("newest", Number, ForeignKey("counted_reports.sort_id", ondelete="SET NULL"), index=True),
    # Numbers first: a database walks along a row to what it is asked for.
    Column("counts", Boolean, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("year", SmallInteger),
    Column("quarter", Integer),  # 20241
    Column("month", Integer),  # 202401
    *(
        Column(f"{name}_{part}", kind)
        for name in ("people", "days")
        for part, kind in (
            ("low", Double),
            ("high", Double),
            ("computed", SmallInteger),
            ("banded", SmallInteger),
        )
    ),
    Column("span_low", Double),
    Column("span_high", Double),
    *(Column(f"lane{place}", BigInteger, nullable=False) for place in range(4)),
    Column("began", Integer),  # the first day that it can mean: 20240131
    Column("began_last", Integer),  # the last
    Column("bucket", SmallInteger, nullable=False),
    Column("ranked", Boolean, nullable=False, server_default=false()),
    *(Column(f"{name}_rank", SmallInteger) for name in RANKED),
    Column("said", Integer, nullable=False),  # the day up to which it is true, or that of its publication
    Column("country", Text),
    Column("section", Text),
    Column("field", Text),
    Column("kind", Text, nullable=False),
    Column("status", Text),
    Column("outcome", Text),
    Column("author", Text, nullable=False),
    Column("started_by", Text),
    Column("basis", Text),
    Column("people_basis", Text),
    Column("days_basis", Text),
    Column("region", Text),
    Column("struggle", Text, nullable=False),
    Column("report", Text, ForeignKey("reports.iri", ondelete="CASCADE"), nullable=False, unique=True),
    *(Column(name, Text) for name in SETS.values()),
    Index("counted_reports_by_struggle", "struggle"),
    Index("counted_reports_by_people", "people_low"),
    Index("counted_reports_by_country", "country", "author", "counts", "began"),
    Index("counted_reports_by_days", "days_low"),
    # Of the others there are few, and fewer that the database cannot add up.
    Index("counted_reports_by_ranks", "struggle", sqlite_where=_BY_RANKS, postgresql_where=_BY_RANKS),
    Index("counted_reports_one_by_one", "sort_id", sqlite_where=_ONE_BY_ONE, postgresql_where=_ONE_BY_ONE),
)

counted_measures = Table(
    "counted_measures",
    metadata,
    Column("measure", Text, nullable=False),
    Column("sort_id", Number, ForeignKey("counted_reports.sort_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("low", Double, nullable=False),
    Column("high", Double),
    Column("basis", Text),
    Column("computed", SmallInteger, nullable=False),
    Column("banded", SmallInteger, nullable=False),
    Column("rank", SmallInteger),
    PrimaryKeyConstraint("measure", "sort_id"),
    sqlite_with_rowid=False,
)

counted_terms = Table(
    "counted_terms",
    metadata,
    Column("sort_id", Number, ForeignKey("counted_reports.sort_id", ondelete="CASCADE"), nullable=False),
    Column("dimension", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("sort_id", "dimension", "value"),
    Index("counted_terms_by_value", "dimension", "value", "sort_id"),
    sqlite_with_rowid=False,
)


def enter(tx: Transaction, found: Sequence[Facts]) -> None:
    """Count reports whose rows there are; those counted before are counted anew."""
    for start in range(0, len(found), TOGETHER):
        _enter(tx, {one.row["iri"]: one for one in found[start : start + TOGETHER]})


def _enter(tx: Transaction, some: dict[str, Facts]) -> None:
    _forget(tx, list(some))
    held = _held(tx, list(some))
    some = {iri: one for iri, one in some.items() if iri in held}
    several = _several(tx, [one.row["struggle"] for one in some.values()])
    rows, more, terms = [], [], []
    for iri, one in some.items():
        kept = held[iri]
        number, shared = kept.sort_id, one.row["struggle"] in several
        # What a report does not say itself is what its object says; its value may not have been stamped yet.
        told = one.counted["said"] or said(kept.published.date().isoformat())
        counts = bool(one.counted["counts"] and kept.public)
        rows.append(one.counted | {"sort_id": number, "counts": counts, "shared": shared, "said": told})
        more += [row | {"sort_id": number} for row in one.more]
        terms += [{"sort_id": number, "dimension": row["dimension"], "value": row["value"]} for row in one.terms]
    for table, values in ((counted_reports, rows), (counted_measures, more), (counted_terms, terms)):
        if values:
            tx.execute(insert(tx, table), values)
    _mark_shared(tx, several)


def _forget(tx: Transaction, iris: Sequence[str]) -> None:
    tx.execute(delete(counted_reports).where(counted_reports.c.report.in_(iris)))


def _held(tx: Transaction, iris: Sequence[str]) -> dict[str, Row[Any]]:
    query = select(objects.c.iri, objects.c.sort_id, objects.c.public, objects.c.published).where(
        objects.c.iri.in_(iris), objects.c.deleted.is_(None)
    )
    return {row.iri: row for row in tx.execute(query)}


def _several(tx: Transaction, struggles: Sequence[str]) -> set[str]:
    """Those of `struggles` on which there is another report, here or among these."""
    seen: set[str] = set()
    repeated = {one for one in struggles if one in seen or seen.add(one)}  # type: ignore[func-returns-value]
    query = select(counted_reports.c.struggle).where(counted_reports.c.struggle.in_(seen)).distinct()
    return repeated | set(tx.execute(query).scalars())


_MARKED = (
    "sort_id", "newest", "struggle", "author", "kind", "began", "said", "report", "shared", "counts", "ranked",
    *(f"{part}_{end}" for part in ("people", "days") for end in ("low", "high", "basis", "computed", "rank")),
    "span_low", "span_high", "span_rank",
)  # fmt: skip


_MARKS = ("shared", "newest", "ranked", *(f"{part}_rank" for part in RANKED))


def _mark_shared(tx: Transaction, struggles: set[str]) -> None:
    """Of struggles with several reports: say so, which is the last one of each group on each action, and the ranks."""
    if not struggles:
        return
    columns = [counted_reports.c[name] for name in _MARKED]
    together: dict[str, list[Row[Any]]] = {}
    for row in tx.execute(select(*columns).where(counted_reports.c.struggle.in_(struggles))):
        together.setdefault(row.struggle, []).append(row)
    wanted = {number: one for rows in together.values() for number, one in _marks(rows).items()}
    changed = [
        {"number": row.sort_id} | {f"new_{name}": value for name, value in wanted[row.sort_id].items()}
        for rows in together.values()
        for row in rows
        if any(row._mapping[name] != value for name, value in wanted[row.sort_id].items())
    ]
    if changed:
        statement = update(counted_reports).where(counted_reports.c.sort_id == bindparam("number"))
        tx.execute(statement.values({name: bindparam(f"new_{name}") for name in _MARKS}), changed)
    _rank_measures(tx, [row for rows in together.values() for row in rows if wanted[row.sort_id]["ranked"]])


def _marks(rows: Sequence[Row[Any]]) -> dict[int, dict[str, Any]]:
    """What is to stand in each of the rows of one struggle."""
    last: dict[tuple[Any, ...], Row[Any]] = {}
    for row in rows:
        action = (row.author, row.kind, row.began)
        if row.counts and (action not in last or _moment(row) > _moment(last[action])):
            last[action] = row
    ranked = len({row.author for row in rows}) == len(rows)
    ranks = {part: _ranks(rows, part) if ranked else {} for part in RANKED}
    found = {}
    for row in rows:
        newest = last.get((row.author, row.kind, row.began), row).sort_id
        newer = None if newest == row.sort_id else newest
        of_it = {f"{part}_rank": ranks[part].get(row.sort_id) for part in RANKED}
        found[row.sort_id] = {"shared": True, "newest": newer, "ranked": ranked, **of_it}
    return found


def _ranks(rows: Sequence[Row[Any]], part: str) -> dict[int, int]:
    def place(row: Row[Any]) -> tuple[float | str, ...]:
        of_it = row._mapping
        basis, computed = of_it.get(f"{part}_basis"), of_it.get(f"{part}_computed") or 0
        ends = of_it[f"{part}_low"], of_it[f"{part}_high"]
        return ranking.preference(*ends, basis=basis, computed=computed, said=row.said, author=row.author)

    told = sorted((row for row in rows if row._mapping[f"{part}_low"] is not None), key=place)
    return {row.sort_id: rank for rank, row in enumerate(told)}


def _rank_measures(tx: Transaction, rows: Sequence[Row[Any]]) -> None:
    """Of struggles whose reports are ranked: the ranks of every other figure."""
    of = {row.sort_id: row for row in rows}
    told: dict[tuple[str, str], list[Row[Any]]] = {}
    for one in tx.execute(select(counted_measures).where(counted_measures.c.sort_id.in_(of))) if of else ():
        told.setdefault((of[one.sort_id].struggle, one.measure), []).append(one)

    def place(one: Row[Any]) -> tuple[float | str, ...]:
        who = of[one.sort_id]
        kept = {"basis": one.basis, "computed": one.computed, "said": who.said, "author": who.author}
        return ranking.preference(one.low, one.high, **kept)

    changed = [
        {"number": one.sort_id, "of": measure, "new_rank": rank}
        for (_, measure), some in told.items()
        for rank, one in enumerate(sorted(some, key=place))
        if one.rank != rank
    ]
    if changed:
        which = (counted_measures.c.sort_id == bindparam("number"), counted_measures.c.measure == bindparam("of"))
        tx.execute(update(counted_measures).where(*which).values(rank=bindparam("new_rank")), changed)


def _moment(row: Row[Any]) -> tuple[int, str]:
    return row.said, row.report


def publish_part_of(tx: Transaction, chosen: Any) -> None:
    """Let the reports of a query (of IRIs) count that were not public before, unless they were withdrawn."""
    waiting = (counted_reports.c.report.in_(chosen), counted_reports.c.counts.is_(False))
    tx.execute(update(counted_reports).where(*waiting).values(counts=true()))
    several = select(counted_reports.c.struggle).where(
        counted_reports.c.report.in_(chosen), counted_reports.c.shared.is_(True)
    )
    struggles = sorted(set(tx.execute(several).scalars()))
    for start in range(0, len(struggles), TOGETHER):
        _mark_shared(tx, set(struggles[start : start + TOGETHER]))


def hide_part_of(tx: Transaction, reports: Any) -> None:
    """Let the reports of a query (of IRIs) count no more."""
    tx.execute(update(counted_reports).where(counted_reports.c.report.in_(reports)).values(counts=false()))


def held_after(tx: Transaction, after: int, *, limit: int) -> list[Row[Any]]:
    """The next objects of reports that are held, public or not."""
    query = select(objects).where(
        objects.c.kind == "StruggleReport", objects.c.deleted.is_(None), objects.c.sort_id > after
    )
    return list(tx.execute(query.order_by(objects.c.sort_id).limit(limit)))


def total(tx: Transaction) -> int:
    """How many reports are counted, in whatever table."""
    query = select(func.count()).select_from(counted_reports).where(counted_reports.c.counts.is_(True))
    return int(tx.execute(query).scalar_one())
