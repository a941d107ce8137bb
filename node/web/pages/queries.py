"""Questions that only pages ask, across the tables of several rooms."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from node.context import Transaction
from node.objects import objects
from node.reports.store import reports


def by_sort_id(tx: Transaction, sort_id: int) -> Row[Any] | None:
    """The object with this sortable id, tombstones included."""
    return tx.execute(select(objects).where(objects.c.sort_id == sort_id)).one_or_none()


def latest_reports(tx: Transaction, *, limit: int) -> list[Row[Any]]:
    """The reports that stand in feeds, of whatever group, newest first."""
    query = (
        select(objects)
        .join(reports, reports.c.iri == objects.c.iri)
        .where(objects.c.listed.is_(True), objects.c.public.is_(True), objects.c.deleted.is_(None))
        .order_by(objects.c.sort_id.desc())
        .limit(limit)
    )
    return list(tx.execute(query))
