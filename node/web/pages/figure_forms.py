"""The form with which a reader asks for figures, and the question in words: pure, in the language that is spoken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from urllib.parse import quote

from node import localised
from node.reports.facts import key
from node.reports.filters import UNSAID
from node.reports.imports import sectors
from node.statistics.questions import GROUPINGS, PERIODS, Question
from node.translating import spoken, translated
from node.web.pages import figure_words
from schemas import codes
from schemas.struggle_report import StruggleReport

LISTS: Mapping[str, Mapping[str, str]] = {
    "field": codes.FIELDS,
    "kind": codes.ACTION_KINDS,
    "who": codes.WHO,
    "sector": sectors.SECTIONS,
    "demand": codes.DEMAND_KINDS,
    "outcome": codes.OUTCOMES,
    "status": codes.STATUSES,
    "started_by": codes.STARTED_BY,
    "basis": codes.BASES,
}
FIRST = ("field", "kind", "country")
MORE = ("who", "sector", "demand", "outcome", "status", "started_by", "basis")
WRITTEN = ("family", "organisation", "region")
PAGES = {"country": "/countries", "sector": "/sectors", "family": "/families"}
"""What has a page of its own."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a list to choose from."""

    value: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """One value that the question is narrowed by. `without` is the query that leaves it out."""

    name: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Form:
    """Everything that the form shows. `kept` are the pairs that it passes on and has no field for."""

    by: Sequence[Sequence[Choice]]
    first: Mapping[str, Sequence[Choice]]
    more: Mapping[str, Sequence[Choice]]
    written: Mapping[str, str]
    since: str
    until: str
    kept: Sequence[tuple[str, str]]

    @property
    def uses_more(self) -> bool:
        """Whether something is chosen in the part that is folded away."""
        return any(self.written.values()) or any(one.chosen for choices in self.more.values() for one in choices)


def form(question: Question, *, countries: Iterable[str], show: str) -> Form:
    """The form as it stands after `question` was asked; `countries` are those there is something of."""
    several = [name for name, values in question.filters.items() if len(values) > 1]
    unasked = [name for name in ("struggle", "author", *PERIODS) if name in question.filters]
    kept = [(name, value) for name in dict.fromkeys([*several, *unasked]) for value in question.filters[name]]
    one = {name: values[0] for name, values in question.filters.items() if len(values) == 1}
    lists = {name: _choices(name, LISTS[name], one.get(name)) for name in (*FIRST, *MORE) if name in LISTS}
    lists["country"] = _choices("country", {*countries, *question.filters.get("country", ())}, one.get("country"))
    shown = {name: choices for name, choices in lists.items() if name not in several}
    return Form(
        by=[_by(question, place) for place in range(2)],
        first={name: shown[name] for name in FIRST if name in shown},
        more={name: shown[name] for name in MORE if name in shown},
        written={name: one.get(name, "") for name in WRITTEN if name not in several},
        since=one.get("since", ""),
        until=one.get("until", ""),
        kept=[*kept, *(("show", show) for _ in range(show != "struggles"))],
    )


def _by(question: Question, place: int) -> list[Choice]:
    chosen = question.group_by[place] if len(question.group_by) > place else None
    return [Choice(one, translated(figure_words.GROUPINGS[one]), one == chosen) for one in GROUPINGS]


def _choices(name: str, values: Iterable[str], chosen: str | None) -> list[Choice]:
    named = [Choice(value, figure_words.value(name, value), value == chosen) for value in values if value != UNSAID]
    ordered = sorted(named, key=lambda one: one.name.casefold()) if name in ("country", "sector") else named
    return [*ordered, *(Choice(UNSAID, figure_words.value(name, UNSAID), True) for _ in range(chosen == UNSAID))]


def narrowings(question: Question, names: Mapping[str, str]) -> list[Filter]:
    """What the question is narrowed by, in words; `names` are those of groups and struggles, by their address."""
    return [
        Filter(
            translated(figure_words.FILTERS[name]),
            names.get(value) or figure_words.value(name, value),
            _without(question, name, value).to_query(),
        )
        for name, values in question.filters.items()
        for value in values
    ]


def _without(question: Question, name: str, value: str) -> Question:
    rest = {one: tuple(v for v in values if (one, v) != (name, value)) for one, values in question.filters.items()}
    return replace(question, filters=MappingProxyType({one: values for one, values in rest.items() if values}))


def heading(question: Question) -> str:
    """By what the rows stand apart: year, country."""
    return localised.listed([translated(figure_words.GROUPINGS[one]) for one in question.group_by], spoken())


def page_of(grouping: str, value: str | None) -> str | None:
    """The page of a country, a sector or an addressee; None for what has none."""
    if value is None or grouping not in PAGES:
        return None
    return f"{PAGES[grouping]}/{quote(value, safe='')}"


def pages_about(report: StruggleReport) -> list[tuple[str, str]]:
    """The pages with the figures of what a report is about, its country, its sector and its addressees: name, path."""
    country = report.location.country if report.location else None
    section = sectors.section(report.sector) if report.sector else None
    heads = [party.chain[-1].name if party.chain else party.name for party in report.addressees]
    found = [("country", country, None), ("sector", section, None), *(("family", key(head), head) for head in heads)]
    about = {page_of(name, value): figure_words.row(name, value, label) for name, value, label in found if value}
    return [(name, path) for path, name in about.items() if path]
