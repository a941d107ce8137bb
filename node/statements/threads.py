"""Looking for what the threads held here lack: upwards what something answers, downwards the answers to it.

Upwards, a parent that somebody we hear has answered is fetched at its own origin, and what that answers, up to a depth.
Downwards, the collections that list a thread (`context`, FEP-7888 and FEP-f228; else the `replies` of each object) are
read of servers with which a group here has a follow relation, and of no others. A collection only names things: each
is fetched at its own origin, and kept only if it belongs to the thread.

Every step is a job, so that a crawl goes on where it was after a restart. What it may cost is bounded in each
direction: requests and bytes of a thread in a day, pages of a collection, depth, and how often a thread is looked at;
and how much one host is asked for in a day, in whatever threads: of servers that are nobody's here it is little.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Column, Integer, Row, Table, Text, delete, func, select

from federation import origin, paging
from federation.client import Budget
from federation.errors import Malformed, Refused
from federation.paging import Page
from node import actors, identifiers, objects, signing
from node.context import Node, Transaction
from node.database import Moment, insert, metadata
from node.jobs import Job, Priority, Promise, promise
from node.peering import store as peering
from node.statements import errands, hearing, rules
from node.statements.errands import Allowance
from node.statements.rules import Interest
from schemas import reading
from schemas import statement as statement_documents
from schemas.statement import Statement

log = logging.getLogger("commonwire.threads")

EVERY_SECONDS = 600
TOGETHER = 200  # threads that one look begins
LOOKED_AT_FOR = timedelta(days=3)  # after its last word a thread is left alone
REMEMBERED_FOR = timedelta(days=30)
PARENTS_AT_MOST = 20
DEPTH_AT_MOST = 50
PAGES_AT_MOST = 20
ITEMS_OF_A_PAGE = 200
COLLECTIONS_AT_MOST = 50
STRANGERS_DAY = Allowance(requests=100, bytes=100 * 1024 * 1024)
RELATIONS_DAY = Allowance(requests=2000, bytes=500 * 1024 * 1024)

T = TypeVar("T")

threads = Table(
    "threads",
    metadata,
    Column("iri", Text, primary_key=True),
    Column("crawls", Integer, nullable=False),
    Column("crawled", Moment, nullable=False),
)


# ---- upwards


async def fetch_parent(node: Node, payload: dict[str, Any]) -> None:
    """Job: fetch what something held here answers, and promise to go on above it."""
    iri, depth = payload["iri"], payload["depth"]
    if not await node.database.write(_take_one, iri):
        return
    found, document = await hearing.fetch(node, iri, budget=_budget(node))
    await node.database.write(_keep_parent, found, document, depth)


def _keep_parent(tx: Transaction, found: Statement, document: dict[str, Any], depth: int) -> None:
    hearing.hear_fetched(tx, found, document, Interest.SOUGHT)
    above = found.in_reply_to
    if above is not None and depth < PARENTS_AT_MOST and objects.find(tx, above) is None:
        hearing.promise_parent(tx, above, depth=depth + 1)


# ---- downwards


async def look(node: Node) -> None:
    """The loop that begins crawls when they are due; ends by cancellation."""
    while True:
        await node.database.write(begin_due)
        await asyncio.sleep(EVERY_SECONDS)


def begin_due(tx: Transaction) -> int:
    """Begin to crawl the threads that others have lately spoken in and that are due; how many there were."""
    table = objects.objects
    since = identifiers.mint(tx.now - LOOKED_AT_FOR)
    query = (
        select(table.c.thread, func.max(table.c.heard).label("newest"), threads.c.crawls, threads.c.crawled)
        .join(threads, threads.c.iri == table.c.thread, isouter=True)
        .where(
            table.c.local.is_(False),
            table.c.listed.in_([True, False]),
            table.c.sort_id > since,
            table.c.part_of.is_(None),
            table.c.deleted.is_(None),
        )
        .group_by(table.c.thread, threads.c.crawls, threads.c.crawled)
        .order_by(func.max(table.c.heard))
        .limit(10_000)
    )
    due = [
        row.thread
        for row in tx.execute(query)
        if rules.crawl_is_due(now=tx.now, newest=row.newest, crawls=row.crawls or 0, crawled=row.crawled)
    ]
    return sum(begin(tx, root) for root in due[:TOGETHER])


def begin(tx: Transaction, root: str) -> bool:
    """Promise to read the collections that list a thread, unless that was done within some hours; whether it was due.

    A `context` collection lists the whole thread; without one the `replies` of each object that is held are read.
    """
    row = tx.execute(select(threads).where(threads.c.iri == root)).one_or_none()
    if not tx.node.config.thread_requests or (row is not None and row.crawled + rules.CRAWL_AGAIN_AFTER > tx.now):
        return False
    values = {"crawls": (row.crawls if row is not None else 0) + 1, "crawled": tx.now}
    statement = insert(tx, threads).values(iri=root, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["iri"], set_=values))
    held = _related(tx, _members(tx, root))
    contexts = _related(tx, [(said.context, said) for _, said in held if said.context is not None])
    for iri, _ in contexts[:1]:
        _promise_page(tx, root, iri, is_context=True)
        return True
    _begin_replies(tx, root, held)
    return True


def _begin_replies(tx: Transaction, root: str, held: Iterable[tuple[str, Statement]]) -> None:
    with_replies = [said.replies for iri, said in held if said.replies and origin.same_origin(iri, said.replies)]
    for iri in with_replies[-COLLECTIONS_AT_MOST:]:
        _promise_page(tx, root, iri)


def _members(tx: Transaction, root: str) -> list[tuple[str, Statement]]:
    """The objects of others that a thread holds, as they were said, the oldest first."""
    top = objects.find(tx, root)
    rows = [*([top] if top is not None else []), *objects.thread(tx, root, limit=COLLECTIONS_AT_MOST * 4)]
    return [(row.iri, said) for row in rows if not row.local and (said := _said(row)) is not None]


def _said(row: Row[Any]) -> Statement | None:
    if row.deleted is not None or not row.public or not row.document:
        return None
    try:
        return statement_documents.parse(reading.loads(row.document))
    except Malformed:  # a newer program may be stricter than the one that kept it
        return None


def _related(tx: Transaction, found: Iterable[tuple[str, T]]) -> list[tuple[str, T]]:
    """Those of `found` whose address is at a server with which a group here has a follow relation."""
    placed = [(host, iri, said) for iri, said in found if (host := _host(iri)) is not None]
    related = peering.related_hosts(tx, {host for host, _, _ in placed}) - {tx.node.config.host}
    return [(iri, said) for host, iri, said in placed if host in related]


def _host(iri: str) -> str | None:
    with suppress(Malformed):
        return actors.host_of(iri)
    return None


def _promise_page(
    tx: Transaction, root: str, collection: str, *, page: str | None = None, pages: int = 0, depth: int = 0,
    is_context: bool = False,
) -> None:  # fmt: skip
    with suppress(Refused, Malformed):
        hearing.check_askable(tx, page or collection)
        payload = {"thread": root, "collection": collection, "page": page, "pages": pages, "depth": depth}
        lane = f"fetch {origin.origin(collection)}"
        key = f"crawl {root} {page or collection}"
        one = Promise("crawl", payload | {"is_context": is_context}, lane=lane, key=key)
        promise(tx, one, priority=Priority.BULK)


async def crawl(node: Node, payload: dict[str, Any]) -> None:
    """Job: read one page of a collection that lists a thread, and promise to fetch what it names and is not here."""
    root = payload["thread"]
    if not await node.database.write(_take_page, root, payload["page"] or payload["collection"]):
        return
    budget = _budget(node)
    try:
        found = await page_of(node, payload["collection"], payload["page"], budget=budget)
    except (Refused, Malformed) as error:
        log.info("a thread was not read further: %s", error)
        if payload["is_context"] and payload["page"] is None:
            await node.database.write(_fall_back, root)
        return
    finally:
        await node.database.write(errands.note, _subject(root), bytes=node.config.document_bytes - budget.bytes_left)
    await node.database.write(_take_in, found, payload)


async def page_of(node: Node, collection: str, start: str | None, *, budget: Budget) -> Page:
    """The first page of a collection, or the page `start` of it. Raises what `federation.paging.walk` raises."""
    signer = await signing.instance_signer(node)
    async with aclosing(paging.walk(node.client, collection, budget=budget, signer=signer, start=start)) as pages:
        async for page in pages:
            return page
    return Page(start or collection, (), None)


def _take_page(tx: Transaction, root: str, iri: str) -> bool:
    """Whether a page of a collection may be asked for: of a server with a follow relation, within what it may cost."""
    return bool(_related(tx, [(iri, None)])) and _take_of_host(tx, iri) and _take_of_thread(tx, root)


def _fall_back(tx: Transaction, root: str) -> None:
    """What was called a context is no collection (Pleroma's are addresses alone): read the replies of each object."""
    _begin_replies(tx, root, _related(tx, _members(tx, root)))


def _take_in(tx: Transaction, page: Page, payload: dict[str, Any]) -> None:
    root, pages = payload["thread"], payload["pages"] + 1
    for iri in _missing(tx, page):
        if not _take_of_host(tx, iri):
            continue
        if not _take_of_thread(tx, root):
            return
        rest = {name: payload[name] for name in ("thread", "collection", "depth", "is_context")}
        lane, key = f"fetch {origin.origin(iri)}", f"hear_reply {iri}"
        promise(tx, Promise("hear_reply", {"iri": iri, **rest}, lane=lane, key=key), priority=Priority.BULK)
    if page.next_iri is not None and pages < PAGES_AT_MOST:
        rest = {name: payload[name] for name in ("depth", "is_context")}
        _promise_page(tx, root, payload["collection"], page=page.next_iri, pages=pages, **rest)


def _missing(tx: Transaction, page: Page) -> Iterator[str]:
    """The addresses on a page that may be asked and are not held here, each once."""
    named = dict.fromkeys(item if isinstance(item, str) else item.get("id") for item in page.items[:ITEMS_OF_A_PAGE])
    usable = [iri for iri in named if isinstance(iri, str)]
    known = objects.find_all(tx, usable)
    for iri in usable:
        with suppress(Refused, Malformed):
            hearing.check_askable(tx, iri)
            if iri not in known:
                yield iri


async def hear_reply(node: Node, payload: dict[str, Any]) -> None:
    """Job: fetch one thing that a collection has named, keep it if it belongs to the thread, and go on below it."""
    if await node.database.read(objects.find, payload["iri"]) is not None:
        return
    budget = _budget(node)
    try:
        found, document = await hearing.fetch(node, payload["iri"], budget=budget)
    finally:
        spent = node.config.document_bytes - budget.bytes_left
        await node.database.write(errands.note, _subject(payload["thread"]), bytes=spent)
    await node.database.write(_keep_reply, found, document, payload)


def _keep_reply(tx: Transaction, found: Statement, document: dict[str, Any], payload: dict[str, Any]) -> None:
    root = payload["thread"]
    parent = objects.find(tx, found.in_reply_to) if found.in_reply_to is not None else None
    answers = parent is not None and root in (parent.iri, parent.thread)
    if not answers and not (payload["is_context"] and found.context == payload["collection"]):
        raise Refused(f"{found.id} does not belong to the thread of {root}")
    hearing.hear_fetched(tx, found, document, Interest.SOUGHT)
    depth = payload["depth"] + 1
    if payload["is_context"] or depth > DEPTH_AT_MOST or found.replies is None:
        return
    if origin.same_origin(found.id, found.replies) and _related(tx, [(found.replies, found)]):
        _promise_page(tx, root, found.replies, depth=depth)


# ---- what it may cost


def _take_one(tx: Transaction, iri: str) -> bool:
    """Whether an object is to be asked for: it is not known here, and its host may be asked once more today."""
    if objects.find(tx, iri) is not None:
        return False
    return _take_of_host(tx, iri)


def _take_of_host(tx: Transaction, iri: str) -> bool:
    """Take one request from what the host of `iri` is asked for in a day because of threads, whichever they are."""
    host = actors.host_of(iri)
    related = peering.related_hosts(tx, {host})
    return errands.take(tx, f"host {host}", RELATIONS_DAY if related else STRANGERS_DAY)


def _take_of_thread(tx: Transaction, root: str) -> bool:
    settings = tx.node.config
    day = Allowance(requests=settings.thread_requests, bytes=settings.thread_requests * settings.document_bytes // 10)
    return errands.take(tx, _subject(root), day)


def _subject(root: str) -> str:
    return f"thread {root}"


def _budget(node: Node) -> Budget:
    return Budget(requests=hearing.REQUESTS_FOR_ONE, bytes=node.config.document_bytes)


def prune_threads(tx: Transaction) -> int:
    """Forget threads that nobody has looked at for long; how many there were."""
    return int(tx.execute(delete(threads).where(threads.c.crawled < tx.now - REMEMBERED_FOR)).rowcount)


JOBS: dict[str, Job] = {"fetch_parent": fetch_parent, "crawl": crawl, "hear_reply": hear_reply}
LOOPS = (look,)
