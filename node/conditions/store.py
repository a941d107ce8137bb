"""Tables and queries of reports of conditions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    Row,
    Table,
    Text,
    delete,
    exists,
    func,
    select,
    update,
)

from node.conditions.facts import Facts
from node.context import Transaction
from node.database import insert, metadata
from node.objects import objects
from node.peering.standing import not_hidden

conditions_reports = Table(
    "conditions_reports",
    metadata,
    Column("iri", Text, ForeignKey("statements.iri", ondelete="CASCADE"), primary_key=True),
    Column("sort_id", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("struggle", Text),
    Column("field", Text),
    Column("country", Text),
    Column("section", Text),  # of ISIC Rev. 4, whatever scheme the sector is of
    Column("year", Integer, nullable=False),  # of which it is true, else in which it was said
    Column("gathered", Text),
    Column("respondents", BigInteger),
    Column("basis", Text),
    Column("left_out", Text),  # why it is in no figure: another's report that we cannot count
    Column("digest", Text, nullable=False),  # of what is counted
    Index("conditions_reports_by_author", "author", "sort_id"),
    Index("conditions_reports_by_struggle", "struggle", "sort_id"),
)

conditions = Table(
    "conditions",
    metadata,
    Column("report", Text, ForeignKey("conditions_reports.iri", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("low", Double),
    Column("high", Double),
    Column("measured", Boolean, nullable=False),  # otherwise it is words alone
    Column("measured_in", Text, nullable=False),
    Column("is_money", Boolean, nullable=False),
    Column("period", Text, nullable=False),
    Index("conditions_by_topic", "topic", "measured_in", "period"),
)
TABLES = (conditions_reports, conditions)
FILTERS = ("topic", "country", "field", "section", "year", "author", "struggle")
"""What figures can be filtered by; `section` is a letter of ISIC Rev. 4."""
ROWS_AT_MOST = 100_000


def find(tx: Transaction, iri: str) -> Row[Any] | None:
    """One report."""
    return tx.execute(select(conditions_reports).where(conditions_reports.c.iri == iri)).one_or_none()


def put(tx: Transaction, found: Facts) -> None:
    """Enter a report whose object is held, or say what its newer version says; its place and author stay."""
    iri = found.row["iri"]
    values = {name: value for name, value in found.row.items() if name not in ("iri", "sort_id", "author")}
    table = conditions_reports
    if tx.execute(update(table).where(table.c.iri == iri).values(**values)).rowcount == 0:
        tx.execute(table.insert().values(**found.row))
    tx.execute(delete(conditions).where(conditions.c.report == iri))
    if found.conditions:
        tx.execute(insert(tx, conditions), found.conditions)


def figures(tx: Transaction, filters: Mapping[str, str | int], sources: Sequence[str]) -> list[Row[Any]]:
    """The measured conditions of public reports by `sources` that can be counted: topic, what they are measured in,
    period; whether that is money, low, high; the report's number, its author, how many were asked, its digest.
    """
    table = conditions_reports.c
    query = select(
        *(conditions.c.topic, conditions.c.measured_in, conditions.c.period, conditions.c.is_money),
        *(conditions.c.low, conditions.c.high, table.sort_id, table.author, table.respondents, table.digest),
    ).select_from(_counted.join(conditions, conditions.c.report == table.iri))
    query = query.where(*_standing(filters, sources), conditions.c.measured.is_(True))
    return list(tx.execute(query.limit(ROWS_AT_MOST)))


_counted = conditions_reports.join(objects, objects.c.sort_id == conditions_reports.c.sort_id)


def _standing(filters: Mapping[str, str | int], sources: Sequence[str]) -> list[ColumnElement[bool]]:
    table = conditions_reports.c
    asked = [(conditions.c if name == "topic" else table)[name] == value for name, value in filters.items()]
    shown = (table.left_out.is_(None), objects.c.public.is_(True), objects.c.deleted.is_(None))
    return [*shown, table.author.in_(sources), *asked]


def listed(
    tx: Transaction, filters: Mapping[str, str | int], *, limit: int, before: int | None = None
) -> list[Row[Any]]:
    """The objects of public reports, the latest first."""
    table = conditions_reports
    query = (
        select(objects)
        .join(table, table.c.iri == objects.c.iri)
        .where(objects.c.listed.is_(True), objects.c.public.is_(True), objects.c.deleted.is_(None))
        .where(*not_hidden(tx, objects.c.author))
    )
    for name, value in filters.items():
        if name == "topic":
            # So written that each report is asked for its own conditions, and not for all of that topic.
            told = func.coalesce(conditions.c.topic, "") == value
            query = query.where(exists().where(conditions.c.report == table.c.iri, told))
        else:
            query = query.where(table.c[name] == value)
    if before is not None:
        query = query.where(objects.c.sort_id < before)
    return list(tx.execute(query.order_by(objects.c.sort_id.desc()).limit(limit)))


def on_struggles(tx: Transaction, struggles: Collection[str], *, limit: int) -> list[Row[Any]]:
    """The objects of public reports for any of these struggles, the latest first."""
    query = (
        select(objects)
        .join(conditions_reports, conditions_reports.c.iri == objects.c.iri)
        .where(objects.c.listed.is_(True), objects.c.public.is_(True), objects.c.deleted.is_(None))
        .where(*not_hidden(tx, objects.c.author))
        .where(conditions_reports.c.struggle.in_(struggles))
    )
    return list(tx.execute(query.order_by(objects.c.sort_id.desc()).limit(limit)))


def values_of(tx: Transaction, name: str) -> list[Any]:
    """What a column of the reports that are held says, each value once."""
    column = conditions_reports.c[name]
    return list(tx.execute(select(column).where(column.is_not(None)).distinct().order_by(column).limit(500)).scalars())
