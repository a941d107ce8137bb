"""What groups say other groups are to them, as documents: one recognition at its address, and all of a group."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import actors, objects
from node.context import NODE, Transaction
from node.errors import Missing
from node.recognitions import store
from node.recognitions.visibility import Asker
from node.web import seeing
from node.web.negotiation import activity_response
from schemas.collection import Collection
from schemas.collection import serialise as serialise_collection


async def one(request: web.Request) -> web.Response:
    """A recognition of ours, as it was signed, to whoever may see it; 410 with a Tombstone when it was taken back."""
    node, who = request.app[NODE], await seeing.asker(request, "recognitions")
    document, status = await node.database.read(_one, node.address(request.path), who)
    response = activity_response(request, document)
    response.headers["Cache-Control"] = "private, no-store"
    if status != 200:
        response.set_status(status)
    return response


def _one(tx: Transaction, iri: str, who: Asker) -> tuple[bytes, int]:
    held = objects.find(tx, iri)
    if held is None or not held.local or held.document is None:
        raise Missing("there is nothing at this address")
    seeing.check(tx, "recognitions", held.author, who)
    return bytes(held.document), 200 if held.deleted is None else 410


async def of_group(request: web.Request) -> web.Response:
    """Whom a group recognises: the addresses of its recognitions, in no rank, to whoever may see them."""
    node, who = request.app[NODE], await seeing.asker(request, "recognitions")
    document = await node.database.read(_of_group, request.match_info["handle"], who)
    response = activity_response(request, document)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _of_group(tx: Transaction, handle: str, who: Asker) -> dict[str, Any]:
    group = actors.group(tx, handle)
    seeing.check(tx, "recognitions", group.iri, who)
    found = tuple(row.iri for row in store.by(tx, group.iri))
    return serialise_collection(Collection(id=f"{group.iri}/recognitions", total_items=len(found), items=found))
