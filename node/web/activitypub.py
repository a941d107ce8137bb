"""What other servers ask: actors, objects, activities. ActivityPub sections 3 and 4."""

from __future__ import annotations

from aiohttp import web

from node import activities, actors, former_groups, objects, profile
from node.context import NODE, Node, Transaction
from node.errors import Missing
from node.signatories import actions as signatories
from node.statements import consent
from node.web import asking
from node.web.negotiation import Ready, activity_response, ready
from schemas import tombstone as tombstones
from schemas.tombstone import Tombstone


async def group(request: web.Request) -> web.Response:
    """The document of a group; what everybody needs of it, where the rest is for those alone who sign.

    410 with a Tombstone for a group that was retired.
    """
    node, handle = _node(request), request.match_info["handle"]
    if (stone := await node.database.remembered(_tombstone, handle)) is not None:
        response = activity_response(request, stone, for_all=True)
        if response.status == 200:
            response.set_status(410)
        return response
    if asking.is_for_signers_alone(request) and not asking.is_signed(request):
        return activity_response(request, await node.database.remembered(_group_stub, handle), for_all=True)
    return activity_response(request, await node.database.remembered(_group_document, handle))


async def instance(request: web.Request) -> web.Response:
    """The document of the instance actor: readable by everybody, without a signature, so that nobody deadlocks."""
    return activity_response(request, await _node(request).database.remembered(_instance_document), for_all=True)


def _group_document(tx: Transaction, handle: str) -> Ready:
    return ready(profile.document(tx, actors.group(tx, handle)))


def _tombstone(tx: Transaction, handle: str) -> Ready | None:
    row = former_groups.ever(tx, handle)
    if row.retired is None:
        return None
    stone = Tombstone(id=row.iri, former_type="Organization", published=row.created, deleted=row.retired)
    return ready(tombstones.serialise(stone))


def _group_stub(tx: Transaction, handle: str) -> Ready:
    return ready(profile.stub(tx, actors.group(tx, handle)))


def _instance_document(tx: Transaction) -> Ready:
    return ready(profile.document(tx, actors.instance(tx)))


async def held_object(request: web.Request) -> web.Response:
    """A statement or a report of ours, as it was signed; 410 with a Tombstone when it was deleted."""
    node = _node(request)
    document, status = await node.database.remembered(_held_object, node.address(request.path))
    response = activity_response(request, document)
    if status != 200:
        response.set_status(status)
    return response


def _held_object(tx: Transaction, iri: str) -> tuple[Ready, int]:
    row = objects.find(tx, iri)
    if row is None or not row.public or not row.local:
        raise Missing("there is nothing at this address")
    if row.deleted is not None:
        tombstone = {"@context": "https://www.w3.org/ns/activitystreams", "id": row.iri, "type": "Tombstone"}
        return ready(row.document or tombstone), 410
    return ready(row.document), 200


async def stamp(request: web.Request) -> web.Response:
    """The stamp by which a group lets somebody quote it; 404 when it was taken back."""
    node = _node(request)
    document = await node.database.read(consent.stamp_document, node.address(request.path))
    return activity_response(request, document)


async def signature(request: web.Request) -> web.Response:
    """The stamp by which a group signs a text of another; 404 when it was withdrawn."""
    node = _node(request)
    document = await node.database.read(signatories.stamp_document, node.address(request.path))
    return activity_response(request, document)


async def activity(request: web.Request) -> web.Response:
    """An activity of ours that stands in an outbox, as it is sent."""
    node = _node(request)
    return activity_response(request, await node.database.read(_activity, node.address(request.path)))


def _activity(tx: Transaction, iri: str) -> bytes:
    row = activities.outgoing(tx, iri)
    if row is None or not activities.stands_in_outbox(tx, row.id, actor=row.actor):
        raise Missing("there is nothing at this address, or what stood here is gone")
    return bytes(row.document)


def _node(request: web.Request) -> Node:
    return request.app[NODE]
