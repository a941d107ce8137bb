"""Queries of who says of which report that it is wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, select

from node.context import Transaction
from node.objects import objects
from node.reports.store import report_terms, reports


def disputing(tx: Transaction, iri: str, *, limit: int = 30) -> list[Row[Any]]:
    """The objects of the public reports that say of the report `iri` that it is wrong, oldest first.

    A report that was withdrawn, or is by the same author, disputes nothing.
    """
    disputed = reports.alias()
    same_author = select(disputed.c.iri).where(disputed.c.iri == iri, disputed.c.author == objects.c.author).exists()
    query = (
        select(objects)
        .join(reports, reports.c.iri == objects.c.iri)
        .join(report_terms, report_terms.c.report == objects.c.iri)
        .where(
            report_terms.c.dimension == "disputes",
            report_terms.c.value == iri,
            reports.c.withdrawn.is_(False),
            objects.c.public.is_(True),
            objects.c.deleted.is_(None),
            ~same_author,
        )
    )
    return list(tx.execute(query.order_by(objects.c.sort_id).limit(limit)))


def disputed(tx: Transaction, iris: Sequence[str], *, by: Collection[str]) -> set[str]:
    """Those of `iris` that a public report of somebody in `by`, who is not their author, says to be wrong."""
    about = reports.alias()
    query = (
        select(report_terms.c.value, reports.c.author)
        .join(reports, reports.c.iri == report_terms.c.report)
        .join(objects, objects.c.iri == reports.c.iri)
        .join(about, about.c.iri == report_terms.c.value)
        .where(
            report_terms.c.dimension == "disputes",
            report_terms.c.value.in_(iris),
            reports.c.withdrawn.is_(False),
            reports.c.author != about.c.author,
            objects.c.public.is_(True),
            objects.c.deleted.is_(None),
        )
    )
    return {row.value for row in tx.execute(query.limit(5000)) if row.author in by}
