"""Who asks for a list of a group, and whether it is for her: one answer for every door."""

from __future__ import annotations

from aiohttp import web

from federation import verification
from federation.signatures import Request
from node.context import NODE, Transaction
from node.errors import Missing
from node.peering.rules import Door
from node.recognitions import visibility
from node.recognitions.visibility import ANYBODY, Asker
from node.web import asking


async def asker(request: web.Request, what: str) -> Asker:
    """Who asks for the list `what`: the server that has signed the request, or anybody.

    A signature is looked at only where it can make a difference: to look may cost us a request to whoever is named
    there. Raises Refused for a bad one.
    """
    node = request.app[NODE]
    if not asking.is_signed(request) or not await node.database.read(visibility.is_for_recognised, what):
        return ANYBODY
    signed = Request(request.method, request.raw_path, asking.headers(request), b"")
    keys = asking.AdmittedKeys(node, Door.READING)
    verified = await verification.verify(signed, own_origin=node.config.origin, keys=keys, now=node.clock())
    await node.database.read(asking.check_admitted, verified.actor, Door.READING)
    return Asker(actor=verified.actor)


def check(tx: Transaction, what: str, group: str, who: Asker) -> None:
    """Raise Missing unless `who` may see the list `what` of a group: that there is one is not said, either."""
    if not visibility.sees(tx, what, group, who):
        raise Missing("there is nothing at this address for you: a group chooses who sees its lists")
