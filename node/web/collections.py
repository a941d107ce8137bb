"""The collections other servers read, complete and in pages. ActivityPub section 5, ActivityStreams 2.0 section 5.2."""

from __future__ import annotations

import itertools
from typing import Any

from aiohttp import web

from federation import paging
from federation.errors import Malformed
from node import activities, actors, objects, signing
from node.context import NODE, Node, Transaction
from node.errors import Missing
from node.peering import store as follows
from node.reports import store as reports
from node.statements import pins
from node.statements import store as statements
from node.web.activitypub import held_object
from node.web.negotiation import activity_response
from schemas.collection import Collection, Struggle
from schemas.collection import serialise as serialise_collection

OUTBOX_PAGE = 20
REPLIES_PAGE = 100
PAGE_BYTES = 600_000


async def outbox(request: web.Request) -> web.Response:
    """What a group has published, newest first, in pages."""
    node, before = _node(request), _number(request, "before")
    paged = "page" in request.query or before is not None
    document = await node.database.read(_outbox, request.match_info["handle"], before, paged)
    return activity_response(request, document, max_age=60)


def _outbox(tx: Transaction, handle: str, before: int | None, paged: bool) -> dict[str, Any]:
    group = actors.group(tx, handle)
    iri = f"{group.iri}/outbox"
    total = objects.count_listed(tx, author=group.iri)
    if not paged:
        return paging.collection(iri, total_items=total, first=f"{iri}?page=true")
    rows = objects.listed(tx, author=group.iri, before=before, limit=OUTBOX_PAGE + 1)
    creates = activities.creates_of(tx, [row.iri for row in rows[:OUTBOX_PAGE]], actor=group.iri)
    following = f"{iri}?before={rows[OUTBOX_PAGE - 1].sort_id}" if len(rows) > OUTBOX_PAGE else None
    here = f"{iri}?before={before}" if before is not None else f"{iri}?page=true"
    return paging.page(creates, iri=here, part_of=iri, next_iri=following, total_items=total)


async def followers(request: web.Request) -> web.Response:
    """How many follow a group; who they are is nobody else's business."""
    return await _count_only(request, "followers", follows.count_followers)


async def following(request: web.Request) -> web.Response:
    """How many a group follows."""
    return await _count_only(request, "following", follows.count_following)


async def featured(request: web.Request) -> web.Response:
    """What a group has pinned: GoToSocial asks for it."""
    document = await _node(request).database.read(_featured, request.match_info["handle"])
    return activity_response(request, document)


def _featured(tx: Transaction, handle: str) -> dict[str, Any]:
    group = actors.group(tx, handle)
    found = tuple(row.iri for row in pins.of(tx, group.iri))
    return serialise_collection(Collection(id=f"{group.iri}/featured", total_items=len(found), items=found))


async def instance_collection(request: web.Request) -> web.Response:
    """The instance actor says nothing: its outbox is empty."""
    iri = _node(request).address(request.path)
    return activity_response(request, serialise_collection(Collection(id=iri, total_items=0, items=())))


async def _count_only(request: web.Request, name: str, count: Any) -> web.Response:
    def document(tx: Transaction) -> dict[str, Any]:
        group = actors.group(tx, request.match_info["handle"])
        return paging.collection(f"{group.iri}/{name}", total_items=count(tx, group.iri))

    return activity_response(request, await _node(request).database.read(document), max_age=60)


async def replies(request: web.Request) -> web.Response:
    """The public answers to an object of ours that are known here, the oldest first; in pages if they are many."""
    after = _number(request, "after")
    paged = "page" in request.query or after is not None
    return await _about_object(request, "replies", lambda tx, iri: _replies(tx, iri, after or 0, paged))


async def reactions(request: web.Request) -> web.Response:
    """How often an object of ours was liked or boosted: a count, no names."""
    name = request.path.rpartition("/")[2]
    kind = {"likes": "Like", "shares": "Announce"}[name]

    def count(tx: Transaction, iri: str) -> dict[str, Any]:
        return paging.collection(f"{iri}/{name}", total_items=statements.reaction_counts(tx, iri)[kind])

    return await _about_object(request, name, count)


async def _about_object(request: web.Request, name: str, document: Any) -> web.Response:
    node = _node(request)
    iri = node.address(request.path.removesuffix(f"/{name}"))

    def find(tx: Transaction) -> dict[str, Any]:
        held = objects.find(tx, iri)
        if held is None or not held.public or not held.local or held.deleted is not None:
            raise Missing("there is nothing at this address")
        return dict(document(tx, iri))

    return activity_response(request, await node.database.read(find), max_age=60)


def _replies(tx: Transaction, iri: str, after: int, paged: bool) -> dict[str, Any]:
    whole, total = f"{iri}/replies", objects.count_replies(tx, iri)
    if not paged and total > REPLIES_PAGE:
        return paging.collection(whole, total_items=total, first=f"{whole}?page=1")
    rows = objects.replies(tx, iri, after=after, limit=REPLIES_PAGE + 1)
    found = tuple(row.iri for row in rows[:REPLIES_PAGE])
    if not paged:
        return serialise_collection(Collection(id=whole, total_items=total, items=found))
    here = f"{whole}?after={after}" if after else f"{whole}?page=1"
    following = f"{whole}?after={rows[REPLIES_PAGE - 1].sort_id}" if len(rows) > REPLIES_PAGE else None
    return paging.page(found, iri=here, part_of=whole, next_iri=following, total_items=total)


async def struggle(request: web.Request) -> web.Response:
    """A struggle of ours: the collection of the reports on it that are known here."""
    return activity_response(request, await _node(request).database.read(_struggle, request.path), max_age=60)


def _struggle(tx: Transaction, path: str) -> dict[str, Any]:
    row = reports.find_struggle(tx, tx.node.address(path))
    found = reports.reports_on(tx, row.iri) if row is not None and row.local else []
    if row is None or not found:
        raise Missing("there is nothing at this address")
    value = Struggle(
        id=row.iri,
        type="Collection",
        name=row.name,
        field=row.field or "other",
        attributed_to=row.actor,
        published=row.since,
        total_items=reports.count_reports_on(tx, row.iri),
        items=tuple(report.iri for report in found),
    )
    return signing.prove(tx, serialise_collection(value), actors.local(tx, row.actor), created=row.since)


async def import_collection(request: web.Request) -> web.Response:
    """A collection of imported reports; with `page` the reports themselves, each with its own proof."""
    if "page" not in request.query and "after" not in request.query:
        return await held_object(request)
    node, after = _node(request), _number(request, "after") or 0
    body = await node.database.read(_import_page, node.address(request.path), after)
    return activity_response(request, body)


def _import_page(tx: Transaction, iri: str, after: int) -> bytes:
    held = objects.find(tx, iri)
    if held is None or not held.public or held.deleted is not None:
        raise Missing("there is nothing at this address")
    rows = objects.parts(tx, iri, after=after, limit=tx.node.config.import_page + 1)
    chosen = rows[: tx.node.config.import_page]
    sizes = itertools.accumulate(len(row.document) for row in chosen)
    chosen = chosen[: max(1, sum(size <= PAGE_BYTES for size in sizes))]
    following = f"{iri}?after={chosen[-1].sort_id}" if len(rows) > len(chosen) else None
    here = f"{iri}?after={after}" if after else f"{iri}?page=1"
    page = paging.page((), iri=here, part_of=iri, next_iri=following)
    # The reports go out byte for byte as they were signed; reading and writing them again would only cost time.
    head = objects.encode({name: value for name, value in page.items() if name != "orderedItems"})
    return b'%s,"orderedItems":[%s]}' % (head[:-1], b",".join(row.document for row in chosen))


def _number(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    if not text.isdecimal() or not text.isascii() or len(text) > 19 or int(text) >= 2**63:
        raise Malformed(name, "is not a place in this collection")
    return int(text)


def _node(request: web.Request) -> Node:
    return request.app[NODE]
