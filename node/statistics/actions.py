"""What a reader can ask: a table of figures."""

from __future__ import annotations

from node.context import Transaction
from node.statistics import store
from node.statistics.questions import Question


def sources(tx: Transaction, question: Question) -> tuple[str, ...]:
    """The actors whose reports and merges count: those the reader chose, or ourselves and those we follow."""
    if question.sources is not None:
        return question.sources
    return tuple(sorted({*store.own_groups(tx), *store.followed(tx)}))
