"""What other servers ask: actors, objects, activities. ActivityPub sections 3 and 4."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import activities, actors, objects, profile
from node.context import NODE, Node, Transaction
from node.errors import Missing
from node.web.negotiation import activity_response

SHOWN = ("Create", "Announce")
"""The activities that can be read at their address."""


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


async def held_object(request: web.Request) -> web.Response:
    """A statement or a report of ours, as it was signed; 410 with a Tombstone when it was deleted."""
    node = _node(request)
    row = await node.database.read(objects.find, node.address(request.path))
    if row is None or not row.public or not row.local:
        raise Missing("there is nothing at this address")
    if row.deleted is not None:
        tombstone = {"@context": "https://www.w3.org/ns/activitystreams", "id": row.iri, "type": "Tombstone"}
        response = activity_response(request, row.document or tombstone)
        response.set_status(410)
        return response
    return activity_response(request, row.document)


async def activity(request: web.Request) -> web.Response:
    """An activity of ours that was for everybody, as it was sent."""
    node = _node(request)
    row = await node.database.read(activities.outgoing, node.address(request.path))
    if row is None or row.type not in SHOWN or row.state != activities.State.SENT.value:
        raise Missing("there is nothing at this address")
    held = await node.database.read(objects.find, row.object)
    if held is None or held.deleted is not None:
        raise Missing("what this activity was about is gone")
    return activity_response(request, row.document)


def _node(request: web.Request) -> Node:
    return request.app[NODE]
