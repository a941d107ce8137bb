"""A table of figures as JSON and as CSV: the same numbers, bands and intervals as on its page."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from node.statistics import opening
from node.statistics.actions import NAMED
from node.statistics.questions import Question
from node.statistics.tables import Column, Interval, Kind, Row, Table

Address = Callable[[str], str]


def as_json(table: Table, question: Question, address: Address) -> dict[str, Any]:
    """A table with everything that belongs to it; `address` makes an address of this node out of a path."""
    return {
        "address": address(f"/figures.json?{table.question}"),
        "groupBy": list(table.group_by),
        "filters": {name: list(values) for name, values in question.filters.items()},
        "columns": [{"key": one.key, "unit": one.unit, "kind": one.kind.value} for one in table.columns],
        "rows": [_row(table, row, question, address) for row in table.rows],
        "total": _figures(table.columns, table.total),
        "totalReports": _opened(question, {}, address),
        "notes": [{"remark": note.remark.value, **dict(note.values)} for note in table.notes],
        "coverage": asdict(table.coverage),
        "sources": list(table.sources),
        "rule": table.rule,
        "digest": table.digest,
        "digests": {"inputs": table.inputs, "merges": table.merges},
        "inputs": address(f"/figures/inputs.json?{table.question}"),
    }


def _row(table: Table, row: Row, question: Question, address: Address) -> dict[str, Any]:
    keys = dict(zip(table.group_by, row.keys, strict=True))
    labels = {name: label for name, label in zip(table.group_by, row.labels, strict=True) if label != keys[name]}
    named = {"labels": labels} if labels else {}
    opened = _opened(question, keys, address)
    return {"keys": keys} | named | ({"reports": opened} if opened else {}) | {"figures": _figures(table.columns, row)}


def _figures(columns: tuple[Column, ...], row: Row) -> dict[str, Any]:
    return {column.key: _figure(column, cell) for column, cell in zip(columns, row.cells, strict=True)}


def _figure(column: Column, cell: Interval) -> int | dict[str, Any]:
    if column.kind is Kind.COUNT:
        return int(cell.low or 0)
    figure: dict[str, Any] = {"low": cell.low, "high": cell.high, "known": cell.known, "absent": cell.absent}
    more = {"computed": cell.computed, "banded": cell.banded, "outlier": cell.outlier}
    return figure | {name: value for name, value in more.items() if value}


def _opened(question: Question, keys: Mapping[str, str | None], address: Address) -> str | None:
    query = opening.reports(question, keys)
    return address(f"/wire?{query}") if query is not None else None


def as_csv(table: Table, question: Question, address: Address) -> str:
    """The rows of a table, a column for each end of a figure and none for what is not known of it. RFC 4180.

    The last columns say where the reports of a row are, and in each row the same: by which rule, and the digest by
    which two tables are told apart.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    named = [name for name in table.group_by if name in NAMED]
    heads = [head for column in table.columns for head in _heads(column)]
    writer.writerow([*table.group_by, *(f"{name}_label" for name in named), *heads, "reports_at", "rule", "digest"])
    for row in table.rows:
        labels = dict(zip(table.group_by, row.labels, strict=True))
        cells = [
            value for column, cell in zip(table.columns, row.cells, strict=True) for value in _values(column, cell)
        ]
        keys = [_text(key) for key in row.keys]
        opened = _opened(question, dict(zip(table.group_by, row.keys, strict=True)), address)
        named_cells = [_text(labels[name]) for name in named]
        writer.writerow([*keys, *named_cells, *cells, opened, table.rule, table.digest])
    return written.getvalue()


def _heads(column: Column) -> list[str]:
    parts = ("low", "high", "known", "computed", "banded", "outlier")
    return [column.key] if column.kind is Kind.COUNT else [f"{column.key}_{part}" for part in parts]


def _values(column: Column, cell: Interval) -> list[float | int | str | None]:
    return [cell.low] if column.kind is Kind.COUNT else [
        cell.low, cell.high, cell.known, cell.computed, cell.banded, cell.outlier,
    ]  # fmt: skip


def _text(value: str | None) -> str | None:
    """What others wrote must not be taken for a formula by the program that opens the file."""
    return f"'{value}" if value and value[0] in "=+-@\t\r" else value
