"""Which of the counted reports meet a reader's filters: one answer for figures, and for the reports behind a figure.

A report stands where the newest on its action by the same group stands: `newest` is asked what is filtered by.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, or_, select

from node.reports import filters
from node.reports.counts import counted_reports, counted_terms

OF_TERMS = ("demand", "family", "organisation", "who", "addressee", "occupation")
COLUMNS = {
    name: name
    for name in (
        "country", "region", "field", "kind", "outcome", "status", "author", "started_by", "basis", "year", "quarter",
        "month",
    )
} | {"sector": "section"}  # fmt: skip
"""Filters and the columns that they are about."""

newest = counted_reports.alias("newest")
"""The last report of the same group on the same action: by what it says a report stands in a row or another."""


def standing(query: Select[Any], number: ColumnElement[Any]) -> Select[Any]:
    """The same query, of reports alone that stand in figures; `number` is their `sort_id`, `newest` can be asked."""
    current = func.coalesce(counted_reports.c.newest, counted_reports.c.sort_id)
    joined = query.join(counted_reports, counted_reports.c.sort_id == number).join(newest, newest.c.sort_id == current)
    return joined.where(counted_reports.c.counts.is_(True), newest.c.counts.is_(True))


def fitting(table: FromClause, asked: filters.Filters, *, meant: Sequence[str] = ()) -> list[ColumnElement[bool]]:
    """What has to be true of a row of `table` that meets `asked`; a name that figures do not know asks for nothing.

    `meant` are the struggles that the filter by struggle lets through: those it names and what is joined with them.
    """
    found = (_condition(table, name, values, asked, meant) for name, values in asked.items())
    return [one for one in found if one is not None]


def _condition(
    table: FromClause, name: str, values: Sequence[str], asked: filters.Filters, meant: Sequence[str]
) -> ColumnElement[bool] | None:
    if name == "since":
        return table.c.began >= _day(filters.first(asked).earliest)
    if name == "until":
        return table.c.began_last <= _day(filters.last(asked).latest)
    if name in OF_TERMS:
        return _has_term(table, name, values)
    if name == "struggle":
        return table.c.struggle.in_(meant)
    if name not in COLUMNS:
        return None
    column, said = table.c[COLUMNS[name]], [one for one in values if one != filters.UNSAID]
    if name == "country":
        return walked(column).in_(["" if one == filters.UNSAID else one for one in values])
    if len(said) == len(values):
        return column.in_(said)
    return or_(column.is_(None), column.in_(said)) if said else column.is_(None)


def _has_term(table: FromClause, name: str, values: Sequence[str]) -> ColumnElement[bool]:
    said = [one for one in values if one != filters.UNSAID]
    having = (counted_terms.c.dimension == name) & counted_terms.c.value.in_(said)
    has = table.c.sort_id.in_(select(counted_terms.c.sort_id).where(having))
    if len(said) == len(values):
        return has
    any_of_it = (counted_terms.c.sort_id == table.c.sort_id) & (counted_terms.c.dimension == name)
    without = ~select(counted_terms.c.sort_id).where(any_of_it).exists()
    return or_(without, has) if said else without


def walked(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column, so written that no index of it is taken: to most of a table by way of an index is twice as far."""
    return func.coalesce(column, "")


def _day(day: date) -> int:
    return day.year * 10000 + day.month * 100 + day.day
