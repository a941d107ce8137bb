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


def count_again(tx: Transaction) -> None:
    """Promise to count every report that is held; figures stay as they are until each has its turn."""
    promise(tx, Promise(KIND, {}, lane="", key=KIND), priority=Priority.BULK)


def count_some(tx: Transaction, after: int) -> int | None:
    """Count the next reports whose sort_id comes after `after`; where to go on, None at the end."""
    rows = counts.held_after(tx, after, limit=TOGETHER)
    entered = store.of(tx, [row.iri for row in rows])
    for row in rows:
        if row.iri in entered and (found := _facts(row)) is not None:
            store.replace_report(tx, found)
    return rows[-1].sort_id if len(rows) == TOGETHER else None


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
    last = count_some(tx, after)
    if last is not None:
        promise(tx, Promise(KIND, {"after": last}, lane="", key=f"{KIND} {last}"), priority=Priority.BULK)


JOBS: dict[str, Job] = {KIND: count}
