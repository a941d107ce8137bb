"""Follower synchronisation (FEP-8fcf): the list for one server alone, and what others say with their deliveries."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from aiohttp import web

from federation import paging, synchronisation, verification
from federation.errors import Refused
from federation.origin import origin
from federation.signatures import Request
from node import actors
from node.context import NODE, Node, Transaction
from node.peering import synchronisation as followers
from node.peering.rules import Door
from node.web import asking
from node.web.negotiation import activity_response

REMEMBERED = 10_000
AGAIN_AFTER = timedelta(hours=1)
ANOTHER_AFTER = timedelta(minutes=1)  # whatever a server says, it costs us no more than that


async def followers_synchronization(request: web.Request) -> web.Response:
    """Those followers of a group that live where the request was signed. 401 for whoever does not sign."""
    node = request.app[NODE]
    group = await node.database.read(actors.group, request.match_info["handle"])
    if not asking.is_signed(request):
        raise Refused("this list is for the server whose actors are on it: sign the request", status=401)
    signed = Request(request.method, request.raw_path, asking.headers(request), b"")
    verified = await verification.verify(
        signed, own_origin=node.config.origin, keys=asking.AdmittedKeys(node, Door.READING), now=node.clock()
    )
    await node.database.read(asking.check_admitted, verified.actor, Door.READING)
    items = await node.database.read(followers.from_origin, group.iri, origin(verified.actor))
    iri = followers.list_of(group.iri)
    response = activity_response(request, paging.collection(iri, total_items=len(items), items=items))
    response.headers["Cache-Control"] = "private, no-store"
    return response


class Offers:
    """What servers have said of the followers of their actors, so that each is compared once in a while."""

    def __init__(self) -> None:
        self._compared: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    async def consider(self, node: Node, actor: str, header: str | None) -> None:
        """Compare what came in the header of a delivery of `actor` with what we know, unless that was done lately."""
        if header is None or (offer := synchronisation.parse(header)) is None:
            return
        now, (digest, since) = node.clock(), self._compared.get(actor, ("", None))
        if since is not None and now - since < (AGAIN_AFTER if digest == offer.digest else ANOTHER_AFTER):
            return
        self._compared[actor] = (offer.digest, now)
        self._compared.move_to_end(actor)
        while len(self._compared) > REMEMBERED:
            self._compared.popitem(last=False)
        if not await node.database.read(_agree, offer, actor):
            await node.database.write(followers.compare, offer, actor=actor)


def _agree(tx: Transaction, offer: synchronisation.Offer, actor: str) -> bool:
    return followers.ours_of(tx, actor) == offer.digest


OFFERS: web.AppKey[Offers] = web.AppKey("offers", Offers)
