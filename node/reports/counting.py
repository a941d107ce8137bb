"""What of a report adds up: the few numbers that figures are made of, one row a report. Pure.

A figure of people, homes or households under five at a named site counts as 1 to 4, here and so in everything that is
made of it. The days, hours and money beside it that may have been counted of them count as a range that such a few
could explain.
Days that nobody reported are computed, where work was stopped as a whole, from the workers and the days from Monday to
Friday between beginning and end; where a day is not told they are an interval.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import Any

from node.reports import sites
from schemas import codes
from schemas.partial_date import PartialDate
from schemas.struggle_report import StruggleReport

VERSION = 2
"""Of the rows that are made of a report here: a change of them is a new number, and every report is counted anew."""
PEOPLE = ("participants", "workers-involved")
"""Of a report the first of them that it tells is its people."""
DAYS = "days-not-worked"
HOURS = "hours-not-worked"
HOURS_A_DAY, HOURS_AROUND_THE_CLOCK = 8, 24
STOPPAGES = frozenset({"strike", "wildcat-strike", "sick-out", "lockout", "feminist-strike", "work-stoppage"})
LANES = 4
LANE_DIGITS = 11

LOSE_TIME = frozenset({"participants", "workers-involved", "workers-indirectly-involved", "bargaining-unit"})
LOSE_MONEY = LOSE_TIME | {"households", "evictions"}
"""Who they may be that days, hours or money are counted of. Two arrests say nothing of 500 workers' days."""

SETS = {"demand": "demands", "family": "families", "organisation": "organisations"}
"""What a report may say several things of that rows stand apart by: its dimension, and the column of all of them."""

Figure = dict[str, Any]


def counted(
    report: StruggleReport, row: dict[str, Any], measures: list[dict[str, Any]], terms: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of a report that is added up, and one for each measure beside people and days not worked.

    `row`, `measures` and `terms` are the report's facts.
    """
    site = sites.names_a_site(report.addressees, report.location) is not None
    told = _told(measures, site=site)
    few = {one["measure"] for one in measures if _is_few(one)} if site else set()
    told = {name: _beside_few(name, one, report) if few & _divisors(name) else one for name, one in told.items()}
    people = next((told[name] for name in PEOPLE if name in told), None)
    days = told.get(DAYS)
    if days is None and not _says_why_not(measures):
        days = _computed_days(report, told.get("workers-involved"))
        if days is not None and few & LOSE_TIME and not days["banded"]:
            days = _beside_few(DAYS, days, report)
    began, ended = report.began, report.ended
    whole = {
        "sort_id": row["sort_id"],
        "report": row["iri"],
        "struggle": row["struggle"],
        "author": row["author"],
        "country": row["country"],
        "region": row["region"],
        "field": row["field"],
        "section": row["section"],
        "kind": row["action_kind"],
        "outcome": row["outcome"],
        "status": row["status"],
        "started_by": row["started_by"],
        "basis": row["basis"],
        "year": began.year if began else None,
        "quarter": began.year * 10 + (began.month + 2) // 3 if began and began.month else None,
        "month": began.year * 100 + began.month if began and began.month else None,
        "began": _number(began.earliest) if began else None,
        "began_last": _number(began.latest) if began else None,
        "said": said(row["as_of"]),
        "counts": not row["withdrawn"] and row["left_out"] is None,
        **_columns("people", people),
        **_columns("days", days),
        **_columns("span", _span(began, ended)),
        **_lanes(row["digest"]),
        "bucket": bucket(row["struggle"]),
        **{name: _together(terms, dimension) for dimension, name in SETS.items()},
    }
    more = [
        {"sort_id": row["sort_id"], "measure": name} | one for name, one in told.items() if name not in (*PEOPLE, DAYS)
    ]
    return whole, more


def _together(terms: list[dict[str, Any]], dimension: str) -> str | None:
    """What a report says of something of which it may say more than one: a JSON list, None of nothing.

    Of a hundred thousand reports there are few lists that differ, so that a database adds up by them in one pass.
    """
    values = sorted(one["value"] for one in terms if one["dimension"] == dimension)
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) if values else None


def bucket(struggle: str) -> int:
    """In which of 256 parts of the inputs the reports on a struggle are compared."""
    return hashlib.sha256(struggle.encode("utf-8", "surrogatepass")).digest()[0]


def _told(measures: list[dict[str, Any]], *, site: bool) -> dict[str, Figure]:
    """By measure (and currency) the first figure that the report gives of it."""
    told: dict[str, Figure] = {}
    for one in measures:
        low, high = one["low"], one["high"]
        if one["absent"] is not None or (low is None and high is None):
            continue
        unit = codes.MEASURE_UNITS.get(one["measure"])
        name = f"{one['measure']}:{one['unit']}" if unit == "currency" else one["measure"]
        few = site and _is_few(one)
        figure = {
            "low": (1.0 if low else 0.0) if few else float(low or 0),
            "high": float(sites.FEW - 1) if few else high if high is None else float(high),
            "basis": one["basis"],
            "computed": int(one["computed"]),
            "banded": int(few),
        }
        told.setdefault(name, figure)
    return told


def _is_few(one: dict[str, Any]) -> bool:
    """Whether a measure says that they are so few people, homes or households that each could be told."""
    return one["absent"] is None and sites.are_few(one["measure"], one["high"])


def _divisors(name: str) -> frozenset[str]:
    """The measures by which a figure could be divided to tell how much each has lost."""
    money = codes.MEASURE_UNITS.get(name.partition(":")[0]) == "currency"
    return LOSE_MONEY if money else LOSE_TIME if name in (DAYS, HOURS) else frozenset()


def _says_why_not(measures: list[dict[str, Any]]) -> bool:
    """Whether the report itself says something of the time not worked: then nothing is computed."""
    return any(
        one["measure"] == "hours-not-worked" or (one["measure"] == DAYS and one["absent"] != "unknown")
        for one in measures
    )


def _computed_days(report: StruggleReport, workers: Figure | None) -> Figure | None:
    if workers is None or report.action_kind not in STOPPAGES or report.began is None or report.ended is None:
        return None
    least, most = _working_days(report.began, report.ended)
    high = None if workers["high"] is None else workers["high"] * most
    return workers | {"low": workers["low"] * least, "high": high, "computed": 1}


def _beside_few(name: str, one: Figure, report: StruggleReport) -> Figure:
    """Days, hours or money beside a figure of few: who divides them must not find how many these were.

    They are what so few people can have lost in that time; without a beginning and an end, as with money, at least 0.
    Nothing at all stays nothing.
    """
    if one["high"] == 0:
        return one
    if name not in (DAYS, HOURS) or report.began is None or report.ended is None:
        return one | {"low": 0.0, "high": None, "banded": 1}
    least, most = _working_days(report.began, report.ended)
    lasted = (report.ended.latest - report.began.earliest).days + 1
    usual, longest = (HOURS_A_DAY, HOURS_AROUND_THE_CLOCK) if name == HOURS else (1, 1)
    bounds = [float((sites.FEW - 1) * max(days, 1) * each) for days, each in ((most, usual), (lasted, longest))]
    high = one["high"]
    if high is not None:
        high = next((bound for bound in bounds if high <= bound), high)
    return one | {"low": float(least > 0 and one["low"] >= 1), "high": high, "banded": 1}


def _working_days(began: PartialDate, ended: PartialDate) -> tuple[int, int]:
    """The least and the most days from Monday to Friday, the first and the last among them."""
    return weekdays(began.latest, ended.earliest), weekdays(began.earliest, ended.latest)


def weekdays(first: date, last: date) -> int:
    """How many days from Monday to Friday there are from `first` to `last`, both among them; 0 if `last` is before."""
    length = (last - first).days + 1
    if length <= 0:
        return 0
    weeks, rest = divmod(length, 7)
    return weeks * 5 + sum((first + timedelta(days=one)).weekday() < 5 for one in range(rest))


def _span(began: PartialDate | None, ended: PartialDate | None) -> Figure | None:
    """How many days it lasted, the first and the last among them."""
    if began is None or ended is None:
        return None
    least, most = (ended.earliest - began.latest).days + 1, (ended.latest - began.earliest).days + 1
    return {"low": float(max(least, 1)), "high": float(max(most, 1))}


def _columns(name: str, figure: Figure | None) -> dict[str, Any]:
    empty = ("low", "high") if name == "span" else ("low", "high", "basis", "computed", "banded")
    return {f"{name}_{part}": figure[part] if figure is not None else None for part in empty}


def _lanes(digest: str) -> dict[str, int]:
    """The report's digest as numbers whose sums tell two sets of reports from each other, in whatever order."""
    parts = [digest[place * LANE_DIGITS : (place + 1) * LANE_DIGITS] for place in range(LANES)]
    return {f"lane{place}": int(part or "0", 16) for place, part in enumerate(parts)}


def said(when: str | None) -> int:
    """A day, a month or a year as a number that has their order: a year comes before its months; 0 if there is none."""
    return int(when.replace("-", "").ljust(8, "0")) if when else 0


def _number(day: date) -> int:
    return day.year * 10000 + day.month * 100 + day.day
