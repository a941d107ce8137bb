"""The filters of a page: what can be chosen, what is chosen, and how to let go of it again. Works as a plain form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web

from node import actors, localised
from node.context import Transaction
from node.merges import store as merges
from node.reports import filters, listing
from node.reports.filters import Filters
from node.reports.imports.sectors import SECTIONS
from node.reports.store import find_struggle
from node.statistics import store as statistics
from node.translating import N_, said, spoken
from node.web.pages import entries, languages, words
from schemas import codes

AUTHORS_AT_MOST = 60
TENDENCIES_AT_MOST = 60
LABELS = {
    "type": N_("Texts"),
    "field": N_("Field"),
    "kind": N_("What"),
    "who": N_("Who struggles"),
    "started_by": N_("Started by"),
    "status": N_("Status"),
    "outcome": N_("Outcome"),
    "demand": N_("Demand"),
    "country": N_("Country"),
    "region": N_("Region"),
    "sector": N_("Sector"),
    "occupation": N_("Occupation"),
    "addressee": N_("Directed at"),
    "family": N_("Directed at"),
    "organisation": N_("Organised by"),
    "basis": N_("Basis"),
    "tendency": N_("Tendency"),
    "language": N_("Language"),
    "author": N_("Group"),
    "struggle": N_("Struggle"),
    "year": N_("Year"),
    "quarter": N_("quarter"),
    "month": N_("month"),
    "since": N_("From"),
    "until": N_("Until"),
    "counted": N_("Figures"),
    "source": N_("Whose reports count"),
}
TYPES = {
    "statement": N_("Statement"),
    "report": N_("Report"),
    "appeal": N_("Appeal"),
    "answer": N_("Answer to an appeal"),
    "conditions": N_("Conditions"),
    "event": N_("Event"),
    "question": N_("Poll"),
    "position": N_("Position"),
}
DATES = ("since", "until")


@dataclass(frozen=True, slots=True)
class Choice:
    """One list to choose from: (value, in words). `chosen` is empty where none or more than one is."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, in words, and the address of the page without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Filtering:
    """What a page shows of its filters. `hidden` are those that are set and stand in no list of the form."""

    asked: Filters
    query: str
    choices: Sequence[Choice]
    dates: Sequence[tuple[str, str, str]]
    hidden: Sequence[tuple[str, str]]
    chips: Sequence[Chip]


def asked_in(request: web.Request) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The filters of an address, as what can be remembered by; `dict` makes Filters of it. Raises Invalid."""
    return tuple(filters.read(request.query.items()).items())


def widened(tx: Transaction, asked: Filters) -> Filters:
    """The same filters, where a struggle is named with all that are one with it by the merges that count here."""
    if "struggle" not in asked:
        return asked
    sources = asked.get("source") or _sources(tx)
    joined = {one for iri in asked["struggle"] for one in merges.joined_with(tx, iri, sources)}
    return {**asked, "struggle": tuple(sorted(joined))}


def _sources(tx: Transaction) -> list[str]:
    return statistics.own_groups(tx) + statistics.followed(tx)


def of(tx: Transaction, path: str, asked: Filters) -> Filtering:
    """The filters of the page at `path`."""
    lists = _lists(tx)
    choices = [
        Choice(name, LABELS[name], options, _only(asked, name)) for name, options in lists.items() if len(options) > 1
    ]
    shown = {one.name for one in choices if one.chosen} | set(DATES)
    return Filtering(
        asked=asked,
        query=filters.written(asked),
        choices=choices,
        dates=[(name, LABELS[name], _only(asked, name)) for name in DATES],
        hidden=[(name, value) for name, values in asked.items() if name not in shown for value in values],
        chips=_chips(tx, path, asked, lists),
    )


def _only(asked: Filters, name: str) -> str:
    values = asked.get(name, ())
    return values[0] if len(values) == 1 else ""


def _lists(tx: Transaction) -> dict[str, list[tuple[str, str]]]:
    """What each list of the form has: all of a short code list, and of the rest only what is here."""
    there = listing.present(tx)
    authors = _authors(tx)
    return {
        "type": [(name, said(label)) for name, label in TYPES.items()],
        "field": _codes(codes.FIELDS),
        "country": _sorted((one, localised.country(one, spoken())) for one in there.countries),
        "kind": _codes(codes.ACTION_KINDS),
        "status": _codes(codes.STATUSES),
        "sector": [(letter, f"{letter} · {said(title)}") for letter, title in SECTIONS.items()],
        "author": authors,
        "tendency": [(one, one) for one in there.tendencies[:TENDENCIES_AT_MOST]],
        "language": _sorted((one, languages.name(one)) for one in there.languages),
    }


def _codes(known: Iterable[str]) -> list[tuple[str, str]]:
    return [(one, said(words.code(one))) for one in known]


def _sorted(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(found, key=lambda pair: pair[1].casefold())


def _authors(tx: Transaction) -> list[tuple[str, str]]:
    """The groups of this node and whom they follow."""
    iris = _sources(tx)[:AUTHORS_AT_MOST]
    return _sorted((one.iri, one.name) for one in entries.authors(tx, iris).values())


def _chips(tx: Transaction, path: str, asked: Filters, lists: dict[str, list[tuple[str, str]]]) -> list[Chip]:
    found = []
    for name, values in asked.items():
        for value in values:
            left = {**asked, name: tuple(one for one in values if one != value)}
            query = filters.written(left)
            words_of_it = dict(lists.get(name, ())).get(value) or _in_words(tx, name, value)
            found.append(Chip(LABELS[name], words_of_it, f"{path}?{query}" if query else path))
    return found


def _in_words(tx: Transaction, name: str, value: str) -> str:
    """A value of a filter that stands in no list of the form."""
    if value == filters.UNSAID:
        return said(N_("not said"))
    match name:
        case "country":
            return localised.country(value, spoken())
        case "since" | "until":
            return localised.day(value, spoken())
        case "language":
            return languages.name(value)
        case "author" | "source":
            return entries.authors(tx, [value])[value].name if actors.find(tx, value) is not None else value
        case "struggle":
            row = find_struggle(tx, value)
            return row.name if row is not None else value
        case "addressee" | "family" | "organisation" | "occupation":
            return statistics.labels(tx, name, [value], _sources(tx)).get(value, value)
        case "counted":
            return said(N_("what stands in them"))
        case "region" | "tendency":
            return value
    return said(words.code(value))
