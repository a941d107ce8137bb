"""The addresses of feeds, and how they are asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from node.context import NODE
from node.errors import Missing
from node.web.feeds import atom, calendar, gathering, json_feed
from node.web.feeds.feed import Feed
from node.web.negotiation import bytes_response
from node.web.pages import filtering
from node.web.pages.masthead import place_in
from node.web.pages.wire_pages import TAG_CHARACTERS

FORMS: dict[str, tuple[str, Callable[[Feed], bytes]]] = {
    atom.ENDING: (atom.MEDIA_TYPE, atom.serialise),
    json_feed.ENDING: (json_feed.MEDIA_TYPE, json_feed.serialise),
}
MAX_AGE = 300
HEADERS = {
    "Vary": "Accept-Encoding",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Access-Control-Allow-Origin": "*",
}


async def group(request: web.Request) -> web.Response:
    """What a group says. Raises Missing."""
    return await _answer(request, gathering.of_group, request.match_info["handle"])


async def wire(request: web.Request) -> web.Response:
    """What this node hears of those who agree to be found, or what meets the filters of the address. Raises Invalid."""
    return await _answer(request, gathering.of_wire, filtering.asked_in(request))


async def calendar_of_wire(request: web.Request) -> web.Response:
    """What is announced and meets the filters of the address, as a calendar (RFC 5545). Raises Invalid."""
    node = request.app[NODE]
    announced = await node.database.read(calendar.announced, filtering.asked_in(request))
    body = await asyncio.to_thread(calendar.serialise, node, announced)
    more = HEADERS | {"X-Robots-Tag": "noindex"}
    return bytes_response(request, body, content_type=calendar.MEDIA_TYPE, max_age=MAX_AGE, more=more)


async def tag(request: web.Request) -> web.Response:
    """What carries a hashtag. Raises Missing."""
    name = request.match_info["tag"]
    if len(name) > TAG_CHARACTERS:
        raise Missing("there is no such tag")
    return await _answer(request, gathering.of_tag, name.casefold())


async def _answer(request: web.Request, gather: Callable[..., Feed], *args: Any) -> web.Response:
    feed = await request.app[NODE].database.read(gather, *args, place_in(request, "before"))
    media_type, serialise = FORMS[request.match_info["form"]]
    more = HEADERS | ({"X-Robots-Tag": "noindex"} if feed.noindex else {})
    response = bytes_response(request, serialise(feed), content_type=media_type, max_age=MAX_AGE, more=more)
    # For whoever looks at it; what was deleted or renamed does not move it, so it decides nothing.
    response.last_modified = feed.updated
    return response
