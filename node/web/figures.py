"""Figures for programs: a table as JSON and as CSV, and what it was made of, part by part, for nodes that compare."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from node.context import NODE, Transaction
from node.errors import Invalid
from node.reports import filters
from node.statistics import actions
from node.statistics.questions import Question
from node.statistics.tables import Column, Interval, Kind, Row, Table
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


# ---- JSON


def _json(tx: Transaction, question: Question) -> Ready:
    table = actions.table(tx, question)
    document = {
        "address": tx.node.address(f"/figures.json?{table.question}"),
        "groupBy": list(table.group_by),
        "filters": {name: list(values) for name, values in question.filters.items()},
        "columns": [{"key": one.key, "unit": one.unit, "kind": one.kind.value} for one in table.columns],
        "rows": [_row(tx, table, row, question) for row in table.rows],
        "total": _figures(table.columns, table.total),
        "notes": [{"remark": note.remark.value, **dict(note.values)} for note in table.notes],
        "coverage": asdict(table.coverage),
        "sources": list(table.sources),
        "rule": table.rule,
        "digest": table.digest,
        "digests": {"inputs": table.inputs, "merges": table.merges},
        "inputs": tx.node.address(f"/figures/inputs.json?{table.question}"),
    }
    return negotiation.ready(document)


def _row(tx: Transaction, table: Table, row: Row, question: Question) -> dict[str, Any]:
    keys = dict(zip(table.group_by, row.keys, strict=True))
    labels = {name: label for name, label in zip(table.group_by, row.labels, strict=True) if label != keys[name]}
    named = {"labels": labels} if labels else {}
    reports = wire(question, keys)
    opened = {"reports": tx.node.address(reports)} if reports else {}
    return {"keys": keys} | named | opened | {"figures": _figures(table.columns, row)}


def _figures(columns: tuple[Column, ...], row: Row) -> dict[str, Any]:
    return {column.key: _figure(column, cell) for column, cell in zip(columns, row.cells, strict=True)}


def _figure(column: Column, cell: Interval) -> int | dict[str, Any]:
    if column.kind is Kind.COUNT:
        return int(cell.low or 0)
    figure: dict[str, Any] = {"low": cell.low, "high": cell.high, "known": cell.known, "absent": cell.absent}
    more = {"computed": cell.computed, "banded": cell.banded, "outlier": cell.outlier}
    return figure | {name: value for name, value in more.items() if value}


def wire(question: Question, keys: dict[str, str | None]) -> str | None:
    """Where the reports are that a row is made of; None where no filter can ask for them."""
    if None in keys.values():
        return None
    asked = dict(question.filters)
    for name, key in keys.items():
        if name in ("year", "quarter", "month"):
            since, until = filters.span(str(key))
            asked |= {"since": (since,), "until": (until,)}
        else:
            asked[name] = (str(key),)
    return f"/wire?{filters.written(asked, type='report')}"


# ---- CSV


def _csv(tx: Transaction, question: Question) -> Ready:
    table = actions.table(tx, question)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    named = [name for name in table.group_by if name in actions.NAMED]
    heads = [head for column in table.columns for head in _heads(column)]
    writer.writerow([*table.group_by, *(f"{name}_label" for name in named), *heads])
    for row in table.rows:
        labels = dict(zip(table.group_by, row.labels, strict=True))
        cells = [
            value for column, cell in zip(table.columns, row.cells, strict=True) for value in _values(column, cell)
        ]
        keys = [_text(key) for key in row.keys]
        writer.writerow([*keys, *(_text(labels[name]) for name in named), *cells])
    return negotiation.ready(written.getvalue().encode())


def _heads(column: Column) -> list[str]:
    parts = ("low", "high", "known", "computed")
    return [column.key] if column.kind is Kind.COUNT else [f"{column.key}_{part}" for part in parts]


def _values(column: Column, cell: Interval) -> list[float | int | str | None]:
    return [cell.low] if column.kind is Kind.COUNT else [cell.low, cell.high, cell.known, cell.computed]


def _text(value: str | None) -> str | None:
    """What others wrote must not be taken for a formula by the program that opens the file."""
    return f"'{value}" if value and value[0] in "=+-@\t\r" else value


# ---- inputs


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
