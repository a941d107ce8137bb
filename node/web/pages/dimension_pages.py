"""The pages of a country, a sector and an addressee: what is counted of it, year by year, and its latest reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from aiohttp import web
from markupsafe import Markup

from node.context import Transaction
from node.errors import Invalid, Missing
from node.reports import filters, listing
from node.reports.imports import countries, sectors
from node.statistics import actions as statistics
from node.statistics import opening, store
from node.statistics.questions import Question
from node.statistics.tables import Table
from node.translating import N_, translated
from node.web.charts import drawing
from node.web.pages import answered, entries, figure_charts, figure_forms, figure_pages, figure_words
from node.web.pages.masthead import show

REPORTS = 6
ROWS = 12


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a page is about: the filter that narrows to it, what it is called, and by what its other table stands."""

    filter: str
    word: str
    besides: str
    known: Mapping[str, str] | None = None


DIMENSIONS = {
    one.filter: one
    for one in (
        Dimension("country", N_("Country"), "field", countries.NAMES),
        Dimension("sector", N_("Sector"), "country", sectors.SECTIONS),
        Dimension("family", N_("Addressee"), "kind"),
    )
}


async def country(request: web.Request) -> web.Response:
    """A country. Raises Missing for what is none."""
    return await _show(request, "country", request.match_info["code"])


async def sector(request: web.Request) -> web.Response:
    """A section of ISIC. Raises Missing for what is none."""
    return await _show(request, "sector", request.match_info["letter"])


async def family(request: web.Request) -> web.Response:
    """An addressee and whoever stands above it. Raises Missing for one on whom there is no report."""
    return await _show(request, "family", request.match_info["key"])


async def _show(request: web.Request, name: str, value: str) -> web.Response:
    known = DIMENSIONS[name].known
    try:
        ((key,),) = filters.read([(name, value)]).values()
    except (Invalid, ValueError):
        raise Missing("there is nothing at this address") from None
    if known is not None and key not in known:
        raise Missing("there is nothing at this address")
    return await show(request, "dimension.html", _gather, name, key)


def _gather(tx: Transaction, name: str, key: str) -> dict[str, Any]:
    dimension, asked = DIMENSIONS[name], {name: (key,)}
    found = listing.matching(tx, asked, limit=REPORTS)
    if not found and dimension.known is None:
        raise Missing("there is nothing at this address")
    by_year, besides = (_question(asked, by) for by in ("year", dimension.besides))
    years, others = statistics.table(tx, by_year), statistics.table(tx, besides)
    reports = entries.of(tx, found)
    return {
        **answered.about(tx, figure_forms.page_of(dimension.filter, key) or ""),
        "word": dimension.word,
        "name": _name(tx, dimension, key),
        "path_here": figure_forms.page_of(dimension.filter, key),
        "wire": filters.written(asked),
        "years": years,
        "year_question": by_year.to_query(),
        "year_charts": _charts(years, "years"),
        "others": others,
        "other_question": besides.to_query(),
        "other_charts": _charts(others, "others"),
        "other_groupings": [translated(figure_words.GROUPINGS[dimension.besides])],
        "other_lines": figure_pages.lines(besides, others, others.rows[:ROWS]),
        "other_reports": opening.reports(besides, {}),
        "outliers": figure_pages.outliers(tx, others),
        "reports": reports,
        "noindex": not reports or any(not entry.author.indexable for entry in reports),
    }


def _question(asked: Mapping[str, tuple[str, ...]], by: str) -> Question:
    return Question((by,), MappingProxyType(dict(asked)))


def _charts(table: Table, name: str) -> list[tuple[drawing.Drawing, Markup]]:
    drawn = figure_charts.drawings(table, "struggles", name=name)
    return [(one, Markup(drawing.svg(one))) for one in drawn]


def _name(tx: Transaction, dimension: Dimension, key: str) -> str:
    if dimension.known is not None:
        return figure_words.value(dimension.filter, key)
    sources = statistics.sources(tx, Question())
    return store.labels(tx, dimension.filter, [key], sources).get(key, key)
