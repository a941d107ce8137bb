"""The tables that figures are added up from: narrow, by number, and complete without any other table.

A row `counts` if its report is public and stands; it is `shared` if its struggle has, or had, more than one report, so
that of the others, which are most, each is a struggle by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
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
    select,
    true,
    update,
)

from node.context import Transaction
from node.database import insert, metadata
from node.objects import objects
from node.reports.counting import said
from node.reports.facts import Facts

TOGETHER = 500
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
    Index("counted_reports_by_struggle", "struggle"),
    Index("counted_reports_by_people", "people_low"),
    Index("counted_reports_by_country", "country", "author", "counts", "began"),
    Index("counted_reports_by_days", "days_low"),
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


def _mark_shared(tx: Transaction, struggles: set[str]) -> None:
    """Of struggles with several reports: say so, and which is the last one of each group on each action."""
    if not struggles:
        return
    columns = [counted_reports.c[name] for name in ("sort_id", "newest", "struggle", "author", "kind", "began", "said",
                                                    "report", "shared", "counts")]  # fmt: skip
    last: dict[tuple[Any, ...], Row[Any]] = {}
    rows = tx.execute(select(*columns).where(counted_reports.c.struggle.in_(struggles))).all()
    for row in rows:
        action = (row.struggle, row.author, row.kind, row.began)
        if row.counts and (action not in last or _moment(row) > _moment(last[action])):
            last[action] = row
    changed = []
    for row in rows:
        newest = last.get((row.struggle, row.author, row.kind, row.began), row).sort_id
        newer = None if newest == row.sort_id else newest
        if not row.shared or row.newest != newer:
            changed.append({"number": row.sort_id, "newer": newer})
    if changed:
        where = counted_reports.c.sort_id == bindparam("number")
        tx.execute(update(counted_reports).where(where).values(shared=true(), newest=bindparam("newer")), changed)


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
