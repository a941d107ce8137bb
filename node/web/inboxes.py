"""What other servers bring: the inboxes. ActivityPub section 7."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import hdrs, web

from federation import origin, verification
from federation.errors import Gone, Malformed, Refused
from federation.media_types import is_activity
from federation.signatures import Request, proofs
from federation.synchronisation import HEADER as FOLLOWERS
from node import actors, identifiers, objects
from node.context import NODE, Node
from node.intake import Arrival, is_large, outline
from node.key_directory import KnownKeys
from node.moderation import pacing
from node.peering.rules import Door
from node.statements import forwarding
from node.web import asking, bodies, synchronisation
from schemas import activity as activity_documents
from schemas.activity import Activity
from schemas.reading import loads, type_of

FAREWELL_BYTES = 16_384
NAMELESS = ("Add", "Remove")
NAMELESS_SECONDS = 600


async def inbox(request: web.Request) -> web.Response:
    """Take an activity in: verified, admitted, committed, then 202.

    400 malformed, 401 not verified, 403 not theirs to say or not heard here, 413 too large, 415 not ActivityStreams,
    429 when the sender's key could not be had just now. What somebody else has passed on is a hint: 202, and nothing
    of it is believed (node.statements.forwarding).
    """
    node = request.app[NODE]
    if (handle := request.match_info.get("handle")) is not None:
        await node.database.read(actors.group, handle)
    body = await _body(request)
    signed = Request(request.method, request.raw_path, asking.headers(request), body)
    farewell = _farewell(body)
    keys = KnownKeys(node) if farewell is not None else asking.AdmittedKeys(node, Door.DELIVERING)
    try:
        verified = await verification.verify(signed, own_origin=node.config.origin, keys=keys, now=node.clock())
    except Gone:
        if farewell is not None:
            await _see_whether_she_left(node, farewell)
            return web.Response(status=202)
        raise
    await node.hosts.heard(verified.actor)
    await pacing.check(node, actors.host_of(verified.actor))
    arrival, proof_keys = await _read(node, body, signer=verified.actor)
    activity = arrival.activity
    if forwarding.is_forwarded(activity, signer=verified.actor, own_origin=node.config.origin):
        return await _take_hint(node, activity, forwarder=verified.actor)
    origin.check_activity(activity, verified.actor)
    await _ensure_proof_keys(node, proof_keys, author=activity.actor)
    await node.intake.accept(arrival)
    await request.app[synchronisation.OFFERS].consider(node, verified.actor, request.headers.get(FOLLOWERS))
    return web.Response(status=202)


async def _read(node: Node, body: bytes, *, signer: str) -> tuple[Arrival, list[str]]:
    """What a verified body says, and the keys that its proofs name. Of a large one no more is held while it waits."""
    if is_large(body):
        await _take_turn(node)
    came = loads(body)
    document = _named(await node.client.normaliser.normal(came), now=node.clock())
    activity = activity_documents.parse(document)
    identifiers.check_length(activity.id, activity.actor, activity.object_id)
    normal = objects.encode(document) if document is not came else None
    check = partial(asking.check_admitted, actor=signer, door=Door.DELIVERING)
    found = [proofs.verification_method(part) for part in (came, came.get("object")) if isinstance(part, dict)]
    methods = [method for method in found if method is not None]
    if is_large(body):
        return Arrival(outline(activity), None, body, check, normal), methods
    return Arrival(activity, document, body, check, normal), methods


async def _take_turn(node: Node) -> None:
    """Wait until nobody else reads a large body; between any two of them everything else has its turn."""
    async with node.intake.turn:
        await asyncio.sleep(0)


def _named(document: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """The document, with an id if it is one of those that Mastodon sends without: the same within ten minutes.

    Done twice they do no more than once, and what somebody pins, takes down and pins again is three acts.
    """
    kind, actor = type_of(document), document.get("actor")
    if document.get("id") is not None or kind not in NAMELESS or not isinstance(actor, str):
        return document
    said = objects.digest(objects.encode(document))[:16]
    return {**document, "id": f"{actor}#{kind}-{int(now.timestamp()) // NAMELESS_SECONDS}-{said}"}


async def _see_whether_she_left(node: Node, actor: str) -> None:
    """Whoever was never known here has nothing to be deleted."""
    if await node.database.read(forwarding.is_known, actor):
        with contextlib.suppress(Refused):  # of a host that is not heard here
            await node.database.write(forwarding.take_farewell, actor)


async def _take_hint(node: Node, activity: Activity, *, forwarder: str) -> web.Response:
    await node.database.read(asking.check_admitted, forwarder, Door.DELIVERING)
    if await node.database.read(forwarding.is_of_interest, activity):
        with contextlib.suppress(Refused):  # of a host that is not heard here
            await node.database.write(forwarding.take_hint, activity, forwarder=forwarder)
    return web.Response(status=202)


async def _body(request: web.Request) -> bytes:
    if not is_activity(request.headers.get(hdrs.CONTENT_TYPE, "")):
        raise web.HTTPUnsupportedMediaType(reason="send application/activity+json")
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType(reason="send the activity without compressing it")
    return await bodies.read(request)


def _farewell(body: bytes) -> str | None:
    """Whose farewell this is, if it is one: an actor deletes itself."""
    if b"Delete" not in body or len(body) > FAREWELL_BYTES:
        return None  # most are none, and nothing is read twice for them
    try:
        activity = activity_documents.parse(loads(body))
    except Malformed:
        return None
    return activity.actor if activity.type == "Delete" and activity.object_id == activity.actor else None


async def _ensure_proof_keys(node: Node, methods: list[str], *, author: str) -> None:
    """Have the keys that the activity's proofs name, before its handling, which cannot fetch."""
    if methods:
        await node.database.read(
            asking.check_admitted, author, Door.DELIVERING
        )  # nobody is asked for a key whom we do not hear
    for method in methods:
        with contextlib.suppress(Refused, Malformed):  # a proof by a key that is not to be had is refused later
            if origin.same_origin(method, author):
                await node.directory.ensure_proof_key(method, author=author)
