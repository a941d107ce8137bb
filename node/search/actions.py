"""Keeping the index with what it is made of, building it for what is held, and looking something up in it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from node.context import Node, Transaction
from node.jobs import Job, Priority, Promise, promise
from node.objects import objects
from node.peering.standing import not_hidden
from node.reports import filters
from node.reports.filters import Filters
from node.search import entries, store
from node.search.rules import Wanted
from schemas.collection import ImportCollection

TOGETHER = 300
YEARS_AT_MOST = 60
COLLECTION = ImportCollection.__name__
BREATH_SECONDS = 0.02  # between two transactions, so that others get their turn
WAIT = timedelta(minutes=10)  # so that whoever deletes one text after the other has the index merged once


def find(
    tx: Transaction, wanted: Wanted, asked: Filters | None = None, *, before: int | None = None, limit: int
) -> list[Row[Any]]:
    """The public objects whose texts have what is `wanted` and meet what is `asked`, newest first."""
    marks, conditions = _narrowed(tx, asked or {})
    conditions += not_hidden(tx, objects.c.author)
    return store.found(tx, wanted, marks=marks, conditions=conditions, before=before, limit=limit)


def _narrowed(tx: Transaction, asked: Filters) -> tuple[dict[str, Sequence[str]], list[Any]]:
    """The filters that are marks, and what has to be asked of the rows besides."""
    unsaid = {name: values for name, values in asked.items() if filters.UNSAID in values}
    asked = {name: values for name, values in asked.items() if name not in unsaid}
    marks: dict[str, Sequence[str]] = {name: values for name, values in asked.items() if name in entries.MARKED}
    if "language" in marks:
        marks["language"] = [one.lower() for one in marks["language"]]
    conditions = [store.reporting(tx, unsaid)] if unsaid else []
    if "tendency" in asked:
        theirs = store.of_tendency(tx, asked["tendency"])
        both = [one for one in theirs if one in asked["author"]] if "author" in asked else theirs
        marks["author"] = both or [""]
    if "since" in asked or "until" in asked:
        conditions.append(store.within(tx, asked))
        marks |= _years(asked)
    return marks, conditions


def _years(asked: Filters) -> dict[str, Sequence[str]]:
    """The years of a period, where it has both ends and is not too long: an index finds these at once."""
    if "since" not in asked or "until" not in asked:
        return {}
    years = range(filters.first(asked).year, filters.last(asked).year + 1)
    return {"year": [f"{one:04}" for one in years]} if len(years) <= YEARS_AT_MOST else {}


def settle(tx: Transaction) -> None:
    """At the end of a transaction: bring the index up to what it has written."""
    touched = sorted(tx.touched)
    for start in range(0, len(touched), TOGETHER):
        _renew(tx, touched[start : start + TOGETHER])
    for collection in _published_collections(tx, touched):
        promise(tx, Promise("index_import", {"collection": collection, "after": 0}), priority=Priority.BULK)


def _renew(tx: Transaction, iris: Sequence[str]) -> None:
    wanted, held = entries.of(tx, iris), store.held(tx, iris)
    stale = [row for iri, row in held.items() if not _is_as(row, wanted.get(iri))]
    kept = held.keys() - {row.iri for row in stale}
    store.remove(tx, stale)
    store.add(tx, [entry for iri, entry in wanted.items() if iri not in kept])
    if stale and tx.connection.dialect.name == "sqlite":
        _promise_to_forget(tx, at_once=any(row.iri.startswith(f"{tx.node.config.origin}/") for row in stale))


def _is_as(row: Row[Any], entry: entries.Entry | None) -> bool:
    return entry is not None and (row.sort_id, row.words) == (entry.sort_id, " ".join(entry.words))


def _published_collections(tx: Transaction, iris: Sequence[str]) -> list[str]:
    """The imports of ours among `iris` that are public."""
    if not any("/imports/" in iri for iri in iris):
        return []
    table = objects.c
    named = [iri for iri in iris if "/imports/" in iri][:TOGETHER]
    query = select(table.iri).where(
        table.iri.in_(named), table.kind == COLLECTION, table.local.is_(True), table.public.is_(True),
        table.deleted.is_(None),
    )  # fmt: skip
    return list(tx.execute(query).scalars())


# ---- building


def promise_building(tx: Transaction) -> None:
    """Promise to enter everything that is held."""
    promise(tx, Promise("index_texts", {"after": 0}), priority=Priority.BULK)


async def index_texts(node: Node, payload: dict[str, Any]) -> None:
    """Job: enter some of what is held, and promise the rest."""
    await node.database.write(_enter_some, "index_texts", payload, ())


async def index_import(node: Node, payload: dict[str, Any]) -> None:
    """Job: enter some reports of an import that has become public, and promise the rest."""
    await node.database.write(_enter_some, "index_import", payload, (objects.c.part_of == payload["collection"],))


def _enter_some(tx: Transaction, kind: str, payload: dict[str, Any], which: Sequence[Any]) -> None:
    table = objects.c
    query = (
        select(table.iri, table.sort_id)
        .where(*which, table.sort_id > payload["after"], table.public.is_(True), table.deleted.is_(None))
        .order_by(table.sort_id)
        .limit(TOGETHER)
    )
    rows = tx.execute(query).all()
    _renew(tx, [row.iri for row in rows])
    if len(rows) == TOGETHER:
        promise(tx, Promise(kind, payload | {"after": rows[-1].sort_id}), priority=Priority.BULK)


# ---- forgetting


def _promise_to_forget(tx: Transaction, *, at_once: bool) -> None:
    """What a group of ours has deleted or blanked goes at once; what others delete, together, a little later."""
    due = tx.now if at_once else tx.now + WAIT
    promise(tx, Promise("forget_words", {}, key=f"forget_words {at_once}", due=due), priority=Priority.BULK)


async def forget(node: Node, _payload: dict[str, Any]) -> None:
    """Job: leave nothing of removed texts in the files of SQLite."""
    if not node.database.is_sqlite:
        return
    goes_on = await node.database.write(_begin_merging)
    while goes_on:
        await asyncio.sleep(BREATH_SECONDS)
        goes_on = await node.database.write(_go_on_merging)
    await node.database.empty_log()


def _begin_merging(tx: Transaction) -> bool:
    return store.merge(tx, first=True)


def _go_on_merging(tx: Transaction) -> bool:
    return store.merge(tx, first=False)


JOBS: dict[str, Job] = {"index_texts": index_texts, "index_import": index_import, "forget_words": forget}
