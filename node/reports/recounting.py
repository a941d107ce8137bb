"""Counting anew what is held: after the migration that brought the figures, or when an operator asks for it."""

from __future__ import annotations

import json
from typing import Any

import schemas
from federation.errors import Malformed
from node.context import Node, Transaction
from node.jobs import Job, Priority, Promise, promise
from node.reports import counts, flaws, store
from node.reports.facts import Facts, facts
from schemas.struggle_report import StruggleReport

TOGETHER = 200
KIND = "count_reports"
"""The migration that brought the tables promises the first of these jobs."""


def count_some(tx: Transaction, after: int) -> tuple[int, int | None]:
    """Count the next reports whose sort_id comes after `after`; how many, and where to go on, None at the end."""
    rows = counts.held_after(tx, after, limit=TOGETHER)
    entered = store.of(tx, [row.iri for row in rows])
    found = [told for row in rows if row.iri in entered and (told := _facts(row)) is not None]
    for one in found:
        store.replace_report(tx, one)
    return len(found), rows[-1].sort_id if len(rows) == TOGETHER else None


def _facts(row: Any) -> Facts | None:
    document = json.loads(row.document)
    try:
        report = schemas.parse(document)
    except Malformed:
        return None  # what an older version of the node kept, and this one would not
    if not isinstance(report, StruggleReport):
        return None
    return facts(report, sort_id=row.sort_id, left_out=None if row.local else flaws.left_out(document))


async def count(node: Node, payload: dict[str, Any]) -> None:
    """Job: count some reports, and promise to go on."""
    await node.database.write(_count_and_go_on, int(payload.get("after", 0)))


def _count_and_go_on(tx: Transaction, after: int) -> None:
    _, last = count_some(tx, after)
    if last is not None:
        promise(tx, Promise(KIND, {"after": last}, lane="", key=f"{KIND} {last}"), priority=Priority.BULK)


JOBS: dict[str, Job] = {KIND: count}
