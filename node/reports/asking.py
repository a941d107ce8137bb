"""What is asked twice before a report leaves, or a table of reports: what may put somebody in danger. Pure.

Two things are asked: whether the exact place of a coming action is to be told, and a figure under five at a named site.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from node.reports import sites
from node.reports.imports import Draft, Mapping
from node.statements import asking, linting, rules
from node.statements.asking import CONFIRM, Question, Unconfirmed
from node.statements.linting import Finding
from schemas.measure import Measure

__all__ = [
    "CONFIRM", "Question", "Row", "Unconfirmed", "check_table", "of_table", "open_questions", "questions", "rows",
]  # fmt: skip

WIDE_METRES = 1_000
"""A point within so many metres is an exact place."""


def open_questions(written: rules.Draft, report: Draft, *, today: date) -> tuple[Question, ...]:
    """What is asked about a report and was not confirmed yet."""
    return asking.unanswered(questions(report, today=today), asking.said_in(written))


def questions(report: Draft, *, today: date) -> tuple[Question, ...]:
    """All that is asked about a report."""
    place = _exact_place(report) if _is_coming(report, today) else ()
    return asking.made({"place": place, "figure": _small_figures(report)})


@dataclass(frozen=True, slots=True)
class Row:
    """What there is to say about one row of a table: what is asked, and what in its words may lead to a person."""

    line: int
    questions: tuple[Question, ...]
    findings: tuple[Finding, ...]


def rows(reports: Iterable[Draft], mapping: Mapping, *, today: date) -> list[Row]:
    """The rows of a table about which there is something to say, in their order."""
    found = (Row(one.line, questions(one, today=today), linting.lint(_words_of(one, mapping))) for one in reports)
    return [row for row in found if row.questions or row.findings]


def of_table(found: Sequence[Row]) -> tuple[Question, ...]:
    """What is asked about a whole table: each question once, about all its rows."""
    every = [(one.code, f"{row.line}: {about}") for row in found for one in row.questions for about in one.about]
    return asking.made({code: tuple(about for its, about in every if its == code) for code in asking.SENTENCES})


def check_table(found: Sequence[Row], said: str) -> None:
    """Raise Unconfirmed if something about a table is asked, and was not `said` to be meant."""
    if questions := asking.unanswered(of_table(found), said):
        raise Unconfirmed(questions)


def _words_of(report: Draft, mapping: Mapping) -> dict[str, str]:
    """What the cells of a row say in words of their own, by field; what was made of other cells is left out."""
    texts = {"title": report.title, "summary": report.summary, "struggle_title": report.struggle_title}
    texts["addressee"] = "\n".join(one.name for one in report.addressees)
    texts["organisation"] = "\n".join(one.name for one in report.organisations)
    texts["demands"] = "\n".join(one.text for one in report.demands)
    texts["claims"] = "\n".join(one.text for one in report.claims)
    texts["place"] = sites.own_name(report.location) if report.location else ""
    return {field: text for field, text in texts.items() if text.strip() and field in mapping.columns}


def _is_coming(report: Draft, today: date) -> bool:
    return report.status == "announced" or (report.status in (None, "unknown") and report.began.earliest > today)


def _exact_place(report: Draft) -> tuple[str, ...]:
    place = report.location
    if place is None:
        return ()
    found = [sites.own_name(place)] if sites.own_name(place) else []
    if place.latitude is not None and (place.radius is None or place.radius < WIDE_METRES):
        found.append(f"{place.latitude}, {place.longitude}")
    if not found and place.precision == "exact":
        found.append(place.name or place.locality or "")
    return tuple(found)


def _small_figures(report: Draft) -> tuple[str, ...]:
    named = sites.names_a_site(report.addressees, report.location)
    if named is None:
        return ()
    return tuple(f"{_written(one)} ({one.measure}), {named}" for one in report.measures if _is_small(one))


def _is_small(one: Measure) -> bool:
    return one.interval is not None and sites.are_few(one.measure, one.interval[1])


def _written(one: Measure) -> str:
    return f"{one.value:g}" if one.value is not None else f"{one.low or 0:g}–{one.high:g}"
