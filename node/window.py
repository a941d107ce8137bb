"""A window on a list that grows at one end: what apps ask for with max_id, min_id, since_id and limit.

`max_id`: only what is older; `since_id`: only what is newer, the newest of it; `min_id`: only what is newer, and of it
what comes next. Whatever was asked for, the newest comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select

from node.context import Transaction

LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list is looked at; ids are excluded themselves."""

    limit: int
    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None

    def over(self, query: Select[Any], key: ColumnElement[int]) -> Select[Any]:
        """The query for what is in the window, ordered by `key` as it has to be read (`in_order` puts it right)."""
        if self.max_id is not None:
            query = query.where(key < self.max_id)
        newer = [bound for bound in (self.min_id, self.since_id) if bound is not None]
        if newer:
            query = query.where(key > max(newer))
        return query.order_by(key.asc() if self.min_id is not None else key.desc()).limit(self.limit)

    def in_order(self, rows: list[Any]) -> list[Any]:
        """Rows that were read `over` this window, the newest first."""
        return rows[::-1] if self.min_id is not None else rows


def within(tx: Transaction, query: Select[Any], key: ColumnElement[int], window: Window) -> list[Row[Any]]:
    """What a query finds in a window, the newest first by `key`."""
    return window.in_order(list(tx.execute(window.over(query, key))))
