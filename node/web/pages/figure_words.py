"""Figures in words for people: what stands in a cell, what rows and columns are called, what a remark says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from node import localised
from node.reports.filters import UNSAID
from node.reports.imports import sectors
from node.statistics.tables import Column, Interval, Note, Remark
from node.translating import N_, spoken, translated
from node.web.pages import words

COLUMNS: Mapping[str, str] = {
    "struggles": N_("struggles"),
    "reports": N_("reports"),
    "people": N_("people"),
    "duration": N_("days it lasted, on average"),
}
GROUPINGS: Mapping[str, str] = {
    "year": N_("year"),
    "quarter": N_("quarter"),
    "month": N_("month"),
    "country": N_("country"),
    "region": N_("region"),
    "field": N_("field"),
    "sector": N_("sector"),
    "kind": N_("kind of action"),
    "demand": N_("demand"),
    "family": N_("addressee"),
    "organisation": N_("organisation"),
    "outcome": N_("outcome"),
    "status": N_("status"),
    "author": N_("reporting group"),
}
FILTERS: Mapping[str, str] = {
    **GROUPINGS,
    "who": N_("who struggles"),
    "started_by": N_("begun by"),
    "basis": N_("basis"),
    "since": N_("since"),
    "until": N_("until"),
    "struggle": N_("struggle"),
}
REMARKS: Mapping[Remark, str] = {
    Remark.PICKED: N_(
        "Each struggle counts once. Where groups report differing figures on one, the figure of those nearest to the"
        " struggle counts, else the latest (rule {rule})."
    ),
    Remark.COMPUTED: N_(
        "Some days not worked were computed and not reported: workers times working days, Monday to Friday."
    ),
    Remark.BANDED: N_(
        "Figures under five at a named site count as 1 to 4, so that nobody can be singled out ({struggles} struggles)."
    ),
    Remark.OUTLIER: N_("One figure stands out, and may be a mistake of its source: {value} {column}."),
    Remark.OVERLAPPING: N_("A struggle stands in every row it belongs to, so that the rows do not add up."),
    Remark.CUT: N_("There are {rows} rows; the first {shown} are shown."),
    Remark.FEW: N_("Few reports may mean few rights rather than few struggles."),
    Remark.NOT_COUNTED: N_("{reports} reports of groups that are not among the sources fit too. They are not counted."),
    Remark.RECOUNTING: N_(
        "This node was updated and counts its reports anew: {done} of {reports} so far. Until then figures may change."
    ),
    Remark.LEFT_OUT: N_("{reports} reports that were withdrawn, or break a rule of the vocabulary, are left out."),
}
OF_PERIODS = ("year", "quarter", "month")


def column(one: Column) -> str:
    """What a column is called, with the currency of money."""
    name = translated(COLUMNS.get(one.measure) or words.code(one.measure))
    return f"{name} ({one.unit})" if one.key != one.measure else name


def row(grouping: str, key: str | None, label: str | None) -> str:
    """What a row is called."""
    if key is None:
        return translated("not said")
    return _named(grouping, key, label)


def value(name: str, key: str) -> str:
    """What a value of a filter is called."""
    return _named(name, key, None)


def _named(name: str, key: str, label: str | None) -> str:
    if key == UNSAID:
        return translated("not said")
    if name in (*OF_PERIODS, "since", "until"):
        return localised.period(key, spoken())
    if name == "country":
        return localised.country(key, spoken())
    if name == "sector":
        return translated(sectors.SECTIONS.get(key, key))
    if name in ("region", "family", "organisation", "author", "struggle"):
        return label or key
    return translated(words.code(key))


def interval(one: Interval) -> str:
    """What stands in a cell: a number, from when to when, at least so many, or that nobody knows."""
    if one.low is None:
        return translated("not known")
    low = _number(one.low)
    if one.high is None:
        return translated("at least %(low)s") % {"low": low}
    if one.exact:
        return low
    return translated("%(low)s to %(high)s") % {"low": low, "high": _number(one.high)}


def _number(value: float) -> str:
    """With as many decimals as anybody reads; CSV and JSON have them all."""
    return localised.number(round(value, 1 if abs(value) >= 10 else 2), spoken())


def remark(note: Note) -> str:
    """A remark as a sentence."""
    said: dict[str, object] = {}
    for name, given in note.values:
        if name == "column":
            said[name] = translated(COLUMNS.get(str(given)) or words.code(str(given)))
        else:
            said[name] = localised.number(given, spoken()) if isinstance(given, int | float) else given
    return translated(REMARKS[note.remark]).format(**said)


FILTERS_OF_PAGES: Mapping[str, Callable[..., str]] = {"interval": interval, "column": column, "remark": remark}
"""What templates call these."""
