"""The collections other servers read, complete and in pages. ActivityPub section 5, ActivityStreams 2.0 section 5.2."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from federation import paging
from node import activities, actors, objects, signing
from node.context import NODE, Node, Transaction
from node.errors import Missing
from node.peering import store as follows
from node.peering.rules import Follow
from node.peering.standing import not_hidden
from node.recognitions import visibility
from node.recognitions.visibility import Asker
from node.reports import store as reports
from node.statements import pins
from node.statements import store as statements
from node.web import seeing, windows
from node.web.activitypub import held_object
from node.web.negotiation import activity_response
from node.web.windows import Fetch, Listing, Place
from schemas.collection import Collection, Struggle
from schemas.collection import serialise as serialise_collection
from schemas.reading import loads

OUTBOX_PAGE = 20
REPLIES_PAGE = 100
PAGE_BYTES = 600_000
FOLLOWING_AT_MOST = 5000


async def outbox(request: web.Request) -> web.Response:
    """What a group has said and passed on, newest first, in pages."""
    where = windows.place(request)
    document = await _node(request).database.read(_outbox, request.match_info["handle"], where)
    return activity_response(request, document, max_age=60)


def _outbox(tx: Transaction, handle: str, where: Place | None) -> dict[str, Any]:
    group = actors.group(tx, handle)

    def fetch(after: int | None, before: int | None, count: int) -> list[tuple[int, Any]]:
        rows = activities.in_outbox(tx, group.iri, after=after, before=before, limit=count)
        return [(row.id, loads(row.document)) for row in rows]

    listing = Listing(
        iri=f"{group.iri}/outbox",
        fetch=fetch,
        total=activities.count_in_outbox(tx, group.iri),
        size=OUTBOX_PAGE,
        newest_first=True,
    )
    return windows.document(listing, where)


async def followers(request: web.Request) -> web.Response:
    """How many follow a group; who they are is nobody else's business."""
    return await _count_only(request, "followers", follows.count_followers)


async def following(request: web.Request) -> web.Response:
    """Whom a group follows, to those to whom it shows that (`recognitions.visibility`); to others how many."""
    node, who = _node(request), await seeing.asker(request, "following")
    document = await node.database.read(_following, request.match_info["handle"], who)
    response = activity_response(request, document, max_age=60)
    if who.actor is not None:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def _following(tx: Transaction, handle: str, who: Asker) -> dict[str, Any]:
    group = actors.group(tx, handle)
    total, items = follows.count_following(tx, group.iri), None
    if visibility.sees(tx, "following", group.iri, who):
        rows = follows.following(tx, group.iri, limit=FOLLOWING_AT_MOST)
        items = [row.iri for row in rows if row.state == Follow.ACCEPTED.value]
    return paging.collection(f"{group.iri}/following", total_items=total, items=items)


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
    return activity_response(request, serialise_collection(Collection(id=iri, total_items=0, items=())), for_all=True)


async def _count_only(request: web.Request, name: str, count: Any) -> web.Response:
    def document(tx: Transaction) -> dict[str, Any]:
        group = actors.group(tx, request.match_info["handle"])
        return paging.collection(f"{group.iri}/{name}", total_items=count(tx, group.iri))

    return activity_response(request, await _node(request).database.read(document), max_age=60)


async def replies(request: web.Request) -> web.Response:
    """The public answers to an object of ours that are known here, the oldest first; in pages if they are many."""
    where = windows.place(request)
    return await _about_object(request, "replies", lambda tx, held: _replies(tx, held.iri, where))


async def context(request: web.Request) -> web.Response:
    """The whole thread that a statement of ours began, as far as it is known here (FEP-7888, FEP-f228)."""
    where = windows.place(request)
    return await _about_object(request, "context", lambda tx, held: _context(tx, held, where))


async def reactions(request: web.Request) -> web.Response:
    """How often an object of ours was liked or boosted: a count, no names."""
    name = request.path.rpartition("/")[2]
    kind = {"likes": "Like", "shares": "Announce"}[name]

    def count(tx: Transaction, held: Row[Any]) -> dict[str, Any]:
        total = statements.reaction_counts(tx, held.iri)[kind]
        return paging.collection(f"{held.iri}/{name}", total_items=total)

    return await _about_object(request, name, count)


async def _about_object(
    request: web.Request, name: str, document: Callable[[Transaction, Row[Any]], dict[str, Any]]
) -> web.Response:
    node = _node(request)
    iri = node.address(request.path.removesuffix(f"/{name}"))

    def find(tx: Transaction) -> dict[str, Any]:
        held = objects.find(tx, iri)
        if held is None or not held.public or not held.local or held.deleted is not None:
            raise Missing("there is nothing at this address")
        return document(tx, held)

    return activity_response(request, await node.database.read(find), max_age=60)


def _replies(tx: Transaction, iri: str, where: Place | None) -> dict[str, Any]:
    def fetch(after: int | None, before: int | None, count: int) -> list[tuple[int, Any]]:
        rows = objects.replies(tx, iri, after=after, before=before, limit=count, shown=shown)
        return [(row.sort_id, row.iri) for row in rows]

    shown = not_hidden(tx, objects.objects.c.author)
    total = objects.count_replies(tx, iri, shown=shown)
    return windows.document(_thread_listing(f"{iri}/replies", fetch, total), where)


def _context(tx: Transaction, held: Row[Any], where: Place | None) -> dict[str, Any]:
    if held.thread not in (None, held.iri):
        raise Missing("this answers something: the thread is that of what it answers")

    def fetch(after: int | None, before: int | None, count: int) -> list[tuple[int, Any]]:
        rows = objects.members(tx, held.iri, after=after, before=before, limit=count, shown=shown)
        return [(row.sort_id, row.iri) for row in rows]

    shown = not_hidden(tx, objects.objects.c.author)
    total = objects.count_members(tx, held.iri, shown=shown)
    listing = _thread_listing(f"{held.iri}/context", fetch, total, attributed_to=held.author)
    return windows.document(listing, where)


def _thread_listing(iri: str, fetch: Fetch, total: int, *, attributed_to: str | None = None) -> Listing:
    return Listing(
        iri=iri,
        fetch=fetch,
        total=total,
        size=REPLIES_PAGE,
        newest_first=False,
        whole_up_to=REPLIES_PAGE,
        attributed_to=attributed_to,
    )


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
    node, after = _node(request), windows.number(request, "after") or 0
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


def _node(request: web.Request) -> Node:
    return request.app[NODE]
