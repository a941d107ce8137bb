"""Figures as a reader asks for them: a form, a chart, the table, and what they stand on; and the chart by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from markupsafe import Markup

from node import objects
from node.context import NODE, Transaction
from node.errors import Invalid
from node.reports import listing
from node.statistics import actions as statistics
from node.statistics import opening, store
from node.statistics.questions import Question
from node.statistics.tables import Row, Table
from node.translating import said, speaking, spoken, translated
from node.web.charts import drawing
from node.web.charts.drawing import Bar, Drawing
from node.web.negotiation import bytes_response
from node.web.pages import answered, conditions_pages, entries, figure_charts, figure_forms, figure_words
from node.web.pages.masthead import place_in, show

PATH = "/figures"
SHOWN = "struggles"
CELLS_ON_A_PAGE = 290
CELLS_OF_A_CHART = 45  # as heavy as so many cells
ROWS_AT_LEAST = 12
SOURCES_SHOWN = 40
SVG = "image/svg+xml"
SVG_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Vary": "Accept-Language",
}


async def figures(request: web.Request) -> web.Response:
    """The table that the address asks for. What cannot be asked is told beside the form, with 422."""
    start = place_in(request, "from") or 0
    try:
        question, wrong = Question.from_query(list(request.query.items())), None
    except Invalid as error:
        question, wrong = Question(), (error.field or "", said(error))
    return await show(request, "figures.html", _figures, question, _shown(request), start, wrong)


def _shown(request: web.Request) -> str:
    """Which figure is drawn."""
    return request.query.get("show", SHOWN)[:100]


def _figures(
    tx: Transaction, question: Question, shown: str, start: int, wrong: tuple[str, str] | None
) -> dict[str, Any]:
    table = statistics.table(tx, question)
    shown = shown if table.column(shown) is not None else SHOWN
    # Of questions there is no end; a search engine need not ask them all.
    found: dict[str, Any] = {"noindex": True} if wrong is not None or start or question != Question() else {}
    found |= {"status": 422} if wrong is not None else {}
    found |= answered.about(tx, "/figures", question.to_query() if question != Question() else "")
    beside = conditions_pages.beside(tx, question)
    return (
        found | asked(tx, question, shown) | told(tx, question, table, shown, start=start) | beside | {"wrong": wrong}
    )


def asked(tx: Transaction, question: Question, shown: str) -> dict[str, Any]:
    """What the form shows."""
    named = [*question.filters.get("author", ()), *(question.sources or ())]
    return {
        "form": figure_forms.form(question, countries=listing.present(tx).countries, show=shown),
        "narrowings": figure_forms.narrowings(
            question, {iri: one.name for iri, one in entries.authors(tx, named).items()}
        ),
        "names": {name: translated(words) for name, words in figure_words.FILTERS.items()},
        "heading": figure_forms.heading(question),
        "groups": entries.authors(tx, [*store.own_groups(tx), *store.followed(tx)][:SOURCES_SHOWN]),
        "chosen_sources": question.sources or (),
    }


def told(tx: Transaction, question: Question, table: Table, shown: str, *, start: int = 0) -> dict[str, Any]:
    """What the table and its charts show."""
    drawn = figure_charts.drawings(table, shown)
    cells = CELLS_ON_A_PAGE - CELLS_OF_A_CHART * len(drawn)
    most = max(cells // (len(table.columns) + len(table.group_by)), ROWS_AT_LEAST)
    return {
        "table": table,
        "question": question.to_query(),
        "groupings": [translated(figure_words.GROUPINGS[one]) for one in table.group_by],
        "lines": lines(question, table, table.rows[start : start + most]),
        "all_reports": opening.reports(question, {}),
        "start": start,
        "following": start + most if len(table.rows) > start + most else None,
        "charts": [(one, Markup(drawing.svg(one))) for one in drawn],
        "shown": shown,
        "sources": entries.authors(tx, list(table.sources[:SOURCES_SHOWN])),
        "outliers": outliers(tx, table),
    }


def lines(question: Question, table: Table, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows as the template shows them: their names, each with its page if it has one, and where their reports are."""
    return [
        {
            "names": [
                (figure_words.row(grouping, key, label), figure_forms.page_of(grouping, key))
                for grouping, key, label in zip(table.group_by, row.keys, row.labels, strict=True)
            ],
            "reports": opening.reports(question, dict(zip(table.group_by, row.keys, strict=True))),
            "cells": row.cells,
        }
        for row in rows
    ]


def outliers(tx: Transaction, table: Table) -> dict[str, str]:
    """The pages of the reports whose figure stands out."""
    rows = [*table.rows, table.total]
    iris = {cell.outlier for row in rows for cell in row.cells if cell.outlier is not None}
    found = objects.find_all(tx, sorted(iris))
    return {iri: entries.page_of(tx.node, row) for iri, row in found.items() if row.deleted is None}


# ---- the chart by itself


async def chart(request: web.Request) -> web.Response:
    """The first chart of the page, as a picture that may stand anywhere. Raises Invalid."""
    question = Question.from_query(list(request.query.items()))
    body = await request.app[NODE].database.remembered(_chart, spoken(), question, _shown(request))
    return bytes_response(request, body, content_type=SVG, max_age=300, more=SVG_HEADERS)


def _chart(tx: Transaction, language: str, question: Question, shown: str) -> bytes:
    with speaking(language):
        table = statistics.table(tx, question)
        drawn: Sequence[Drawing] = figure_charts.drawings(table, shown)
        return drawing.document(drawn[0] if drawn else _nothing(question))


def _nothing(question: Question) -> Drawing:
    title = figure_forms.heading(question)
    return Drawing("chart", title, translated("There is nothing to draw."), (Bar("", None, None, "–"),))
