"""What other servers ask and bring: actors, inboxes, outboxes, objects, collections. ActivityPub sections 3 to 7."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

from aiohttp import hdrs, web

from federation import origin, paging, verification
from federation.errors import Gone, Malformed, Refused
from federation.media_types import is_activity
from federation.signatures import Request, proofs
from node import activities, actors, identifiers, objects, peering, profile, signing
from node.context import NODE, Node, Transaction
from node.errors import Missing
from node.intake import Arrival
from node.key_directory import KnownKeys
from node.peering import rules as peering_rules
from node.peering import store as follows
from node.reports import store as reports
from node.statements import store as statements
from node.web import bodies
from node.web.negotiation import activity_response
from schemas import activity as activity_documents
from schemas.activity import Activity
from schemas.collection import Collection, Struggle
from schemas.collection import serialise as serialise_collection
from schemas.reading import loads

FAREWELL_BYTES = 16_384
OUTBOX_PAGE = 20
REPLIES_PAGE = 100
PAGE_BYTES = 600_000


async def group(request: web.Request) -> web.Response:
    """The document of a group."""
    document = await _node(request).database.read(_group_document, request.match_info["handle"])
    return activity_response(request, document)


async def instance(request: web.Request) -> web.Response:
    """The document of the instance actor: readable by everybody, without a signature, so that nobody deadlocks."""
    return activity_response(request, await _node(request).database.read(_instance_document))


def _group_document(tx: Transaction, handle: str) -> dict[str, Any]:
    return profile.document(tx, actors.group(tx, handle))


def _instance_document(tx: Transaction) -> dict[str, Any]:
    return profile.document(tx, actors.instance(tx))


async def inbox(request: web.Request) -> web.Response:
    """Take an activity in: verified, admitted, committed, then 202.

    400 malformed, 401 not verified, 403 not theirs to say or not heard here, 413 too large, 415 not ActivityStreams,
    429 when the sender's key could not be had just now.
    """
    node = _node(request)
    if (handle := request.match_info.get("handle")) is not None:
        await node.database.read(actors.group, handle)
    body = await _body(request)
    signed = Request(request.method, request.raw_path, _headers(request), body)
    farewell = _is_farewell(body)
    keys = KnownKeys(node) if farewell else node.directory
    try:
        verified = await verification.verify(signed, own_origin=node.config.origin, keys=keys, now=node.clock())
    except Gone:
        if farewell:
            return web.Response(status=202)  # whoever has left and was never known here has nothing to be deleted
        raise
    document = loads(body)
    activity = activity_documents.parse(document)
    origin.check_activity(activity, verified.actor)
    identifiers.check_length(activity.id, activity.actor, activity.object_id)
    await node.database.read(_check_admitted, verified.actor)
    await _ensure_proof_keys(node, activity, document)
    await node.intake.accept(Arrival(activity, body))
    return web.Response(status=202)


def _check_admitted(tx: Transaction, actor: str) -> None:
    host = actors.host_of(actor)
    peering_rules.check_admitted(host, peering.policy(tx, host))


async def _body(request: web.Request) -> bytes:
    if not is_activity(request.headers.get(hdrs.CONTENT_TYPE, "")):
        raise web.HTTPUnsupportedMediaType(reason="send application/activity+json")
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType(reason="send the activity without compressing it")
    return await bodies.read(request)


def _headers(request: web.Request) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in request.headers.items():
        name = name.lower()
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _is_farewell(body: bytes) -> bool:
    if b"Delete" not in body or len(body) > FAREWELL_BYTES:
        return False  # most are none, and nothing is read twice for them
    try:
        activity = activity_documents.parse(loads(body))
    except Malformed:
        return False
    return activity.type == "Delete" and activity.object_id == activity.actor


async def _ensure_proof_keys(node: Node, activity: Activity, document: dict[str, Any]) -> None:
    """Have the keys that the activity's proofs name, before its handling, which cannot fetch."""
    for part in (document, activity.object):
        method = proofs.verification_method(part) if isinstance(part, dict) else None
        with contextlib.suppress(Refused, Malformed):  # a proof by a key that is not to be had is refused later
            if method is not None and origin.same_origin(method, activity.actor):
                await node.directory.ensure_proof_key(method, author=activity.actor)


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
    iri = f"{actors.group(tx, handle).iri}/featured"
    return serialise_collection(Collection(id=iri, total_items=0, items=()))


async def instance_collection(request: web.Request) -> web.Response:
    """The instance actor says nothing: its outbox is empty."""
    iri = _node(request).address(request.path)
    return activity_response(request, serialise_collection(Collection(id=iri, total_items=0, items=())))


async def _count_only(request: web.Request, name: str, count: Any) -> web.Response:
    def document(tx: Transaction) -> dict[str, Any]:
        group = actors.group(tx, request.match_info["handle"])
        return paging.collection(f"{group.iri}/{name}", total_items=count(tx, group.iri))

    return activity_response(request, await _node(request).database.read(document), max_age=60)


async def held_object(request: web.Request) -> web.Response:
    """A statement or a report of ours, as it was signed; 410 with a Tombstone when it was deleted."""
    node = _node(request)
    row = await node.database.read(objects.find, node.address(request.path))
    if row is None or not row.public or not row.local:
        raise Missing("there is nothing at this address")
    if row.deleted is not None:
        tombstone = {"@context": "https://www.w3.org/ns/activitystreams", "id": row.iri, "type": "Tombstone"}
        response = activity_response(request, tombstone)
        response.set_status(410)
        return response
    return activity_response(request, row.document)


async def activity(request: web.Request) -> web.Response:
    """An activity of ours that was for everybody, as it was sent."""
    node = _node(request)
    row = await node.database.read(activities.outgoing, node.address(request.path))
    if row is None or row.type != "Create":
        raise Missing("there is nothing at this address")
    held = await node.database.read(objects.find, row.object)
    if held is None or held.deleted is not None:
        raise Missing("what this activity was about is gone")
    return activity_response(request, row.document)


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


__all__ = [
    "activity", "featured", "followers", "following", "group", "held_object", "import_collection", "inbox",
    "instance", "instance_collection", "outbox", "reactions", "replies", "struggle",
]  # fmt: skip
