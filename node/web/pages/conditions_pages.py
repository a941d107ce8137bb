"""How people work, live and are held, as groups report it: the figures with their reports, as a page, CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from node.conditions import composing, figures, rules, store
from node.conditions.figures import Figure, Table
from node.context import NODE, Transaction
from node.errors import Missing
from node.reports import store as reports
from node.reports.imports import countries, sectors
from node.statistics import actions as statistics
from node.statistics import store as store_of_figures
from node.statistics.questions import Question
from node.translating import spoken
from node.web import negotiation
from node.web.negotiation import Ready, bytes_response
from node.web.pages import answered, entries
from node.web.pages.entries import Entry
from node.web.pages.masthead import place_in, show
from schemas import codes
from schemas.conditions_report import Condition, ConditionsReport
from schemas.statement import Statement

REPORTS = 30
ON_ONE_STRUGGLE = 12
BESIDE = 12
VALUE_CHARACTERS = 2048
SOURCES_SHOWN = 40
MAX_AGE = 60
MORE = {"Access-Control-Allow-Origin": "*", "Vary": "Accept-Encoding"}
FORMULAS = ("=", "+", "-", "@", "\t", "\r")

Given = tuple[tuple[str, str | int], ...]
Chosen = tuple[str, ...] | None


async def conditions(request: web.Request) -> web.Response:
    """The figures, and the reports that they are made from. Raises Missing for a filter that is none, Invalid for a
    source that is no address.
    """
    given = tuple(asked(request).items())
    return await show(request, "conditions.html", _conditions, given, _sources(request), place_in(request, "before"))


async def as_json(request: web.Request) -> web.Response:
    """The figures of conditions by topic, currency or unit, and period, with the digest of what they are made from."""
    return await _answer(request, _json, content_type="application/json")


async def as_csv(request: web.Request) -> web.Response:
    """The figures of conditions as a table of text (RFC 4180)."""
    return await _answer(request, _csv, content_type="text/csv; charset=utf-8")


async def _answer(request: web.Request, gather: Callable[..., Ready], *, content_type: str) -> web.Response:
    given = tuple(asked(request).items())
    found = await request.app[NODE].database.remembered(gather, given, _sources(request))
    return bytes_response(request, found, content_type=content_type, max_age=MAX_AGE, more=MORE)


def _json(tx: Transaction, given: Given, chosen: Chosen) -> Ready:
    return negotiation.ready(table(tx, dict(given), chosen).as_json())


def _csv(tx: Transaction, given: Given, chosen: Chosen) -> Ready:
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(figures.COLUMNS)
    found = table(tx, dict(given), chosen)
    writer.writerows([_cell(one, name) for name in figures.COLUMNS] for one in found.figures)
    return negotiation.ready(sheet.getvalue().encode())


def _sources(request: web.Request) -> Chosen:
    """Whose reports the reader wants to be counted; None if she has not chosen. Raises Invalid."""
    return Question.from_query([pair for pair in request.query.items() if pair[0] == "source"]).sources


def table(tx: Transaction, filters: Mapping[str, str | int], chosen: Chosen) -> Table:
    """The figures of those whose reports count, in the same sense as in the figures of struggles."""
    return figures.table(tx, filters, statistics.sources(tx, Question(sources=chosen)))


def _cell(figure: Figure, name: str) -> object:
    value = getattr(figure, name)
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    # A program for tables would take such a text for a formula; it is a stranger's.
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value


def asked(request: web.Request) -> dict[str, str | int]:
    """The filters that an address names. Raises Missing for a value that no report can have."""
    known = {"topic": codes.CONDITION_TOPICS, "country": countries.NAMES, "field": codes.FIELDS,
             "section": sectors.SECTIONS}  # fmt: skip
    found: dict[str, str | int] = {}
    for name in store.FILTERS:
        value = request.query.get(name, "")
        if not value:
            continue
        if (name in known and value not in known[name]) or len(value) > VALUE_CHARACTERS:
            raise Missing("there are no such conditions")
        if name == "year" and not (value.isascii() and value.isdecimal() and len(value) <= 4):
            raise Missing("there are no such conditions")
        found[name] = int(value) if name == "year" else value
    return found


def _conditions(tx: Transaction, given: Given, chosen: Chosen, before: int | None) -> dict[str, Any]:
    filters = dict(given)
    rows = store.listed(tx, filters, before=before, limit=REPORTS + 1)
    found = table(tx, filters, chosen)
    there = [*store_of_figures.own_groups(tx), *store_of_figures.followed(tx)]
    return {
        **answered.about(tx, "/conditions", _query(filters, chosen)),
        "table": found,
        "groups": entries.authors(tx, there[:SOURCES_SHOWN]),
        "chosen_sources": chosen or (),
        "sources": entries.authors(tx, list(found.sources[:SOURCES_SHOWN])),
        "filters": dict.fromkeys(store.FILTERS) | filters,
        "query": _query(filters, chosen),
        "topics": codes.CONDITION_TOPICS,
        "fields": codes.FIELDS,
        "sections": sectors.SECTIONS,
        "countries": {code: countries.NAMES.get(code, code) for code in store.values_of(tx, "country")},
        "years": store.values_of(tx, "year"),
        "reports": entries.of(tx, rows[:REPORTS]),
        "older": rows[REPORTS - 1].sort_id if len(rows) > REPORTS else None,
        "first": before is None,
        "noindex": before is not None or bool(filters or chosen),
    }


def _query(filters: Mapping[str, str | int], chosen: Chosen) -> str:
    return urlencode([*filters.items(), *(("source", one) for one in chosen or ())])


def on_struggles(tx: Transaction, struggles: Sequence[str]) -> list[Entry]:
    """The reports of conditions for any of these struggles, for the page of the struggle, the latest first."""
    return entries.of(tx, store.on_struggles(tx, struggles, limit=ON_ONE_STRUGGLE))


def beside(tx: Transaction, question: Question) -> dict[str, Any]:
    """The figures of conditions beside those of struggles, where the question filters by what these know, too."""
    names = {"country": "country", "field": "field", "sector": "section"}
    filters: dict[str, str | int] = {}
    for name, values in question.filters.items():
        if name not in names or len(values) != 1:
            return {"conditions": None}
        filters[names[name]] = values[0]
    found = table(tx, filters, question.sources)
    short = replace(found, figures=found.figures[:BESIDE])
    return {"conditions": short if short.figures else None, "conditions_query": _query(filters, question.sources)}


def about(tx: Transaction, said: Statement | None) -> dict[str, Any]:
    """What the page of a text says if it reports conditions."""
    if not isinstance(said, ConditionsReport):
        return {"conditions": None}
    place = said.location
    struggle = reports.find_struggle(tx, said.struggle) if said.struggle is not None else None
    path = entries.path_of(tx.node, struggle.iri) if struggle is not None and struggle.local else said.struggle
    return {
        "conditions": said,
        "conditions_lines": [(one, _figure_of(one)) for one in said.conditions],
        "conditions_place": entries.place_in_words(place.locality, place.region, place.country) if place else "",
        "conditions_struggle": {"name": struggle.name if struggle is not None else said.struggle, "path": path},
        "few_asked": said.respondents is not None and 0 < said.respondents < rules.SMALL,
    }


def _figure_of(one: Condition) -> str | None:
    return composing.figure(one, spoken())
