"""Questions that only pages ask, across the tables of several rooms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, or_, select

from node.context import Transaction
from node.objects import objects
from node.reports.store import reports
from node.statements.store import hashtags

DIGEST_TAG = "strugglereports"


def by_sort_id(tx: Transaction, sort_id: int) -> Row[Any] | None:
    """The object with this sortable id, tombstones included."""
    return tx.execute(select(objects).where(objects.c.sort_id == sort_id)).one_or_none()


def said_by(tx: Transaction, author: str, *, before: int | None, limit: int) -> list[Row[Any]]:
    """What an author says of its own accord, newest first: what stands in feeds and answers nobody; and positions,
    which a group takes as it says anything else."""
    query = select(objects).where(
        objects.c.author == author,
        objects.c.listed.is_(True),
        objects.c.public.is_(True),
        objects.c.deleted.is_(None),
        or_(objects.c.in_reply_to.is_(None), objects.c.kind == "Position"),
    )
    if before is not None:
        query = query.where(objects.c.sort_id < before)
    return list(tx.execute(query.order_by(objects.c.sort_id.desc()).limit(limit)))


def tags_of(tx: Transaction, iris: Sequence[str]) -> dict[str, list[str]]:
    """The hashtags of each of `iris`, without their #."""
    query = select(hashtags).where(hashtags.c.iri.in_(iris)).order_by(hashtags.c.iri, hashtags.c.name).limit(5000)
    found: dict[str, list[str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.iri, []).append(row.name)
    return found


def digests_of(tx: Transaction, author: str, *, limit: int = 50) -> list[Row[Any]]:
    """The statements of an author that may announce an import, newest first: they carry its tag."""
    query = (
        select(objects)
        .join(hashtags, hashtags.c.iri == objects.c.iri)
        .where(hashtags.c.name == DIGEST_TAG, objects.c.author == author, objects.c.deleted.is_(None))
        .order_by(objects.c.sort_id.desc())
        .limit(limit)
    )
    return list(tx.execute(query))


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
