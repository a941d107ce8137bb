"""Counting anew what is held: when the rows that figures are made of have changed, or when an operator asks for it.

Which version of the rows (`counting.VERSION`) everything was counted with is kept; a node that starts with a newer one
promises to count, a slice at a time, and figures say so until it is done.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, Table, func, select, update

import schemas
from federation.errors import Malformed
from node.context import Node, Transaction
from node.database import insert, metadata
from node.jobs import Job, Priority, Promise, promise
from node.reports import counting, counts, flaws, store
from node.reports.counts import counted_reports
from node.reports.facts import Facts, facts
from schemas.struggle_report import StruggleReport

TOGETHER = 200
KIND = "count_reports"
AGAIN = timedelta(hours=1)

recountings = Table(
    "recountings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # there is one
    Column("version", Integer, nullable=False),  # everything was counted with it
    Column("reached", BigInteger, nullable=False),  # with the newer one, up to this sort_id
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many reports have been counted anew, of how many."""

    done: int
    reports: int


async def run(node: Node) -> None:
    """Loop: count anew what an older version of this program has counted."""
    while True:
        await node.database.write(begin)
        await asyncio.sleep(AGAIN.total_seconds())


def begin(tx: Transaction) -> None:
    """Promise to count everything, if it was counted otherwise than it is now."""
    known = tx.execute(select(recountings.c.version)).scalar_one_or_none()
    if known == counting.VERSION:
        return
    if known is None:
        is_empty = tx.execute(select(store.reports.c.iri).limit(1)).first() is None
        tx.execute(insert(tx, recountings).values(id=1, version=counting.VERSION if is_empty else 0, reached=0))
        if is_empty:
            return
    _promise(tx, 0)


def progress(tx: Transaction) -> Progress | None:
    """How far counting anew has come; None while nothing is to be counted anew."""
    row = tx.execute(select(recountings)).one_or_none()
    if row is None or row.version == counting.VERSION:
        return None
    query = select(func.count()).select_from(counted_reports)
    done = tx.execute(query.where(counted_reports.c.sort_id <= row.reached)).scalar_one()
    return Progress(done, tx.execute(query).scalar_one())


def count_some(tx: Transaction, after: int) -> tuple[int, int | None]:
    """Count the next reports whose sort_id comes after `after`; how many, and where to go on, None at the end."""
    rows = counts.held_after(tx, after, limit=TOGETHER)
    entered = store.of(tx, [row.iri for row in rows])
    found = [told for row in rows if row.iri in entered and (told := _facts(row)) is not None]
    for one in found:
        store.replace_report(tx, one)
    last = rows[-1].sort_id if len(rows) == TOGETHER else None
    done = {"version": counting.VERSION, "reached": 0} if last is None else {"reached": last}
    tx.execute(update(recountings).values(done))
    return len(found), last


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
    """Job: count some reports, and promise to go on. One that an older version has promised leaves it to ours."""
    if payload.get("version", counting.VERSION) == counting.VERSION:
        await node.database.write(_count_and_go_on, int(payload.get("after", 0)))


def _count_and_go_on(tx: Transaction, after: int) -> None:
    _, last = count_some(tx, after)
    if last is not None:
        _promise(tx, last)


def _promise(tx: Transaction, after: int) -> None:
    version = counting.VERSION
    payload = {"after": after, "version": version}
    promise(tx, Promise(KIND, payload, key=f"{KIND} {version} {after}"), priority=Priority.BULK)


JOBS: dict[str, Job] = {KIND: count}
LOOPS = (run,)
