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
    delete,
    false,
    select,
    true,
    update,
)

from node.context import Transaction
from node.database import insert, metadata
from node.objects import objects
from node.reports.facts import Facts

TOGETHER = 500

counted_reports = Table(
    "counted_reports",
    metadata,
    Column("sort_id", BigInteger, primary_key=True, autoincrement=False),
    Column("report", Text, ForeignKey("reports.iri", ondelete="CASCADE"), nullable=False, unique=True),
    Column("struggle", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("country", Text),
    Column("region", Text),
    Column("field", Text),
    Column("section", Text),
    Column("kind", Text, nullable=False),
    Column("outcome", Text),
    Column("status", Text),
    Column("started_by", Text),
    Column("basis", Text),
    Column("year", SmallInteger),
    Column("month", SmallInteger),
    Column("began", Integer),  # the first day that it can mean: 20240131
    Column("began_last", Integer),  # the last
    Column("said", Text, nullable=False),  # the day up to which it is true, or that of its publication
    *(
        Column(f"{name}_{part}", kind)
        for name in ("people", "days")
        for part, kind in (
            ("low", Double),
            ("high", Double),
            ("basis", Text),
            ("computed", SmallInteger),
            ("banded", SmallInteger),
        )
    ),
    Column("span_low", Double),
    Column("span_high", Double),
    *(Column(f"lane{place}", BigInteger, nullable=False) for place in range(4)),
    Column("bucket", SmallInteger, nullable=False),
    Index("counted_reports_by_struggle", "struggle"),
    Index("counted_reports_by_people", "people_low"),
)

counted_measures = Table(
    "counted_measures",
    metadata,
    Column("measure", Text, nullable=False),
    Column(
        "sort_id", BigInteger, ForeignKey("counted_reports.sort_id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("low", Double, nullable=False),
    Column("high", Double),
    Column("basis", Text),
    Column("computed", SmallInteger, nullable=False),
    Column("banded", SmallInteger, nullable=False),
    PrimaryKeyConstraint("measure", "sort_id"),
)


def enter(tx: Transaction, found: Sequence[Facts]) -> None:
    """Count reports whose rows there are; those counted before are counted anew."""
    for start in range(0, len(found), TOGETHER):
        some = {one.row["iri"]: one for one in found[start : start + TOGETHER]}
        _forget(tx, list(some))
        public = _public(tx, list(some))
        several = _several(tx, [one.row["struggle"] for one in some.values()])
        rows = [
            one.counted
            | {
                "sort_id": public[iri][0],
                "counts": bool(one.counted["counts"] and public[iri][1]),
                "shared": one.row["struggle"] in several,
            }
            for iri, one in some.items()
            if iri in public
        ]
        if rows:
            tx.execute(insert(tx, counted_reports), rows)
        if more := [
            row | {"sort_id": public[iri][0]} for iri, one in some.items() if iri in public for row in one.more
        ]:
            tx.execute(insert(tx, counted_measures), more)
        _mark_shared(tx, several)


def _forget(tx: Transaction, iris: Sequence[str]) -> None:
    tx.execute(delete(counted_reports).where(counted_reports.c.report.in_(iris)))


def _public(tx: Transaction, iris: Sequence[str]) -> dict[str, tuple[int, bool]]:
    query = select(objects.c.iri, objects.c.sort_id, objects.c.public).where(
        objects.c.iri.in_(iris), objects.c.deleted.is_(None)
    )
    return {row.iri: (row.sort_id, row.public) for row in tx.execute(query)}


def _several(tx: Transaction, struggles: Sequence[str]) -> set[str]:
    """Those of `struggles` on which there is another report, here or among these."""
    seen: set[str] = set()
    repeated = {one for one in struggles if one in seen or seen.add(one)}  # type: ignore[func-returns-value]
    query = select(counted_reports.c.struggle).where(counted_reports.c.struggle.in_(seen)).distinct()
    return repeated | set(tx.execute(query).scalars())


def _mark_shared(tx: Transaction, struggles: set[str]) -> None:
    if struggles:
        tx.execute(
            update(counted_reports)
            .where(counted_reports.c.struggle.in_(struggles), counted_reports.c.shared.is_(False))
            .values(shared=true())
        )


def publish_part_of(tx: Transaction, reports: Any) -> None:
    """Let the reports of a query (of IRIs) count that were not public before, unless they were withdrawn."""
    tx.execute(
        update(counted_reports)
        .where(counted_reports.c.report.in_(reports), counted_reports.c.counts.is_(False))
        .values(counts=true())
    )


def hide_part_of(tx: Transaction, reports: Any) -> None:
    """Let the reports of a query (of IRIs) count no more."""
    tx.execute(update(counted_reports).where(counted_reports.c.report.in_(reports)).values(counts=false()))


def held_after(tx: Transaction, after: int, *, limit: int) -> list[Row[Any]]:
    """The next objects of reports that are held, public or not."""
    query = select(objects).where(
        objects.c.kind == "StruggleReport", objects.c.deleted.is_(None), objects.c.sort_id > after
    )
    return list(tx.execute(query.order_by(objects.c.sort_id).limit(limit)))
