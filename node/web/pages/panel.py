"""What is happening where, at a glance: the struggles of the last twelve months by country, or by field."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

from node.context import Transaction
from node.statistics import actions as statistics
from node.statistics.questions import Question
from node.statistics.tables import Table
from node.translating import translated
from node.web.charts import drawing
from node.web.pages import figure_charts, figure_pages, figure_words
from schemas.partial_date import PartialDate

ROWS = 5


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart, the rows behind it, and the question that leads to all of it."""

    table: Table
    question: str
    groupings: list[str]
    lines: list[dict[str, Any]]
    charts: list[tuple[drawing.Drawing, Markup]]
    more: bool


def panel(tx: Transaction) -> Panel | None:
    """The last twelve months; None if nothing that is counted has begun in them."""
    since = str(PartialDate(tx.now.year - 1, tx.now.month))
    for by in ("country", "field"):
        question = Question((by,), MappingProxyType({"since": (since,)}))
        table = statistics.table(tx, question)
        if len(table.rows) > 1 or (by == "field" and table.rows):
            return _of(question, table)
    return None


def _of(question: Question, table: Table) -> Panel:
    rows = table.rows[:ROWS]
    return Panel(
        table=table,
        question=question.to_query(),
        groupings=[translated(figure_words.GROUPINGS[one]) for one in question.group_by],
        lines=figure_pages.lines(question, table, rows),
        charts=[
            (one, Markup(drawing.svg(one)))
            for one in figure_charts.drawings(table, "struggles", name="where", most=ROWS)
        ],
        more=len(table.rows) > ROWS,
    )
