"""Whom a group follows and recognises, who recognises it and what it has done towards others: what it shows to all."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import actors
from node.context import Transaction
from node.errors import Missing
from node.peering import log, sheets, store
from node.peering.choices import LISTS
from node.peering.rules import Follow
from node.recognitions import listing, visibility
from node.recognitions.visibility import ANYBODY
from node.web.pages.masthead import of_author, show

LISTED, LOGGED = 1000, 200


async def peers(request: web.Request) -> web.Response:
    """The lists of a group that it shows to everybody. Raises Missing if there is none."""
    return await show(request, "peers.html", _peers, request.match_info["handle"])


def _peers(tx: Transaction, handle: str) -> dict[str, Any]:
    group = actors.group(tx, handle)
    seen = {what: visibility.sees(tx, what, group.iri, ANYBODY) for what in LISTS}
    if not (seen["following"] or seen["recognitions"] or seen["log"]):
        raise Missing("there is nothing at this address for you: a group chooses who sees its lists")
    rows = store.following(tx, group.iri, limit=LISTED) if seen["following"] else []
    own = of_author(tx, group.iri)
    values: dict[str, Any] = {"masthead": own} if own is not None else {}
    return values | {
        "of": group.name,
        "seen": seen,
        "following": [sheets.in_line(row) for row in rows if row.state == Follow.ACCEPTED.value],
        "given": listing.given(tx, group.iri) if seen["recognitions"] else [],
        "received": listing.received(tx, group.iri, said_to_all=True) if seen["recognitions"] else [],
        "log": log.entries(tx, group=group.iri, limit=LOGGED) if seen["log"] else [],
    }
