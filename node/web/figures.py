"""Figures for programs: a table as JSON and as CSV, and what it was made of, part by part, for nodes that compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from node.context import NODE, Transaction
from node.errors import Invalid
from node.statistics import actions, serialising
from node.statistics.questions import Question
from node.web import negotiation
from node.web.negotiation import Ready, bytes_response

MAX_AGE = 60
MORE = {"Access-Control-Allow-Origin": "*", "Vary": "Accept-Encoding"}


async def as_json(request: web.Request) -> web.Response:
    """A table with everything that belongs to it. Raises Invalid for a question that nobody can answer."""
    return await _answer(request, _json, Question.from_query(request.query), content_type="application/json")


async def as_csv(request: web.Request) -> web.Response:
    """The rows of a table, one column for each end of a figure. Raises Invalid."""
    return await _answer(request, _csv, Question.from_query(request.query), content_type="text/csv; charset=utf-8")


async def inputs(request: web.Request) -> web.Response:
    """What a table was made of: a digest for each of 256 parts; with `part`, each report in it. Raises Invalid."""
    question = Question.from_query(request.query)
    written = request.query.get("part")
    if written is None:
        return await _answer(request, _parts, question, content_type="application/json")
    if not (written.isascii() and written.isdigit() and int(written[:4]) < actions.PARTS):
        raise Invalid("“{value}” is no part of the inputs: 0 to 255", field="part", value=written[:20])
    return await _answer(request, _part, question, int(written), content_type="application/json")


async def _answer(
    request: web.Request, gather: Callable[..., Ready], question: Question, *args: Any, content_type: str
) -> web.Response:
    found = await request.app[NODE].database.remembered(gather, question, *args)
    return bytes_response(request, found, content_type=content_type, max_age=MAX_AGE, more=MORE)


def _json(tx: Transaction, question: Question) -> Ready:
    return negotiation.ready(serialising.as_json(actions.table(tx, question), question, tx.node.address))


def _csv(tx: Transaction, question: Question) -> Ready:
    return negotiation.ready(serialising.as_csv(actions.table(tx, question), question, tx.node.address).encode())


def _parts(tx: Transaction, question: Question) -> Ready:
    found = actions.parts(tx, question)
    address = tx.node.address("/figures/inputs.json")
    query = question.to_query()
    parts = [asdict(part) | {"address": f"{address}?{query}&{urlencode({'part': part.part})}"} for part in found.parts]
    return negotiation.ready(
        {
            "address": f"{address}?{query}",
            "sources": list(found.sources),
            "rule": found.rule,
            "merges": [list(pair) for pair in found.merges],
            "digest": found.digest,
            "reports": found.reports,
            "parts": parts,
        }
    )


def _part(tx: Transaction, question: Question, part: int) -> Ready:
    struggles = actions.reports_in_part(tx, question, part)
    return negotiation.ready({"part": part, "struggles": struggles})
