"""The addresses of feeds, and how they are asked for again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from aiohttp import web

from node.context import NODE
from node.errors import Missing
from node.web.feeds import atom, gathering, json_feed
from node.web.feeds.feed import Feed
from node.web.pages.masthead import place_in
from node.web.pages.rendering import COMPRESS_FROM_BYTES
from node.web.pages.wire_pages import TAG_CHARACTERS

FORMS: dict[str, tuple[str, Callable[[Feed], bytes]]] = {
    atom.ENDING: (atom.MEDIA_TYPE, atom.serialise),
    json_feed.ENDING: (json_feed.MEDIA_TYPE, json_feed.serialise),
}
HEADERS = {
    "Cache-Control": "public, max-age=300",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Access-Control-Allow-Origin": "*",
}


async def group(request: web.Request) -> web.Response:
    """What a group says. Raises Missing."""
    return await _answer(request, gathering.of_group, request.match_info["handle"])


async def wire(request: web.Request) -> web.Response:
    """What this node hears of those who agree to be found."""
    return await _answer(request, gathering.of_wire)


async def tag(request: web.Request) -> web.Response:
    """What carries a hashtag. Raises Missing."""
    name = request.match_info["tag"]
    if len(name) > TAG_CHARACTERS:
        raise Missing("there is no such tag")
    return await _answer(request, gathering.of_tag, name.casefold())


async def _answer(request: web.Request, gather: Callable[..., Feed], *args: Any) -> web.Response:
    feed = await request.app[NODE].database.read(gather, *args, place_in(request, "before"))
    media_type, serialise = FORMS[request.match_info["form"]]
    body = serialise(feed)
    etag = hashlib.sha256(body).hexdigest()[:32]
    headers = HEADERS | {"ETag": f'"{etag}"'} | ({"X-Robots-Tag": "noindex"} if feed.noindex else {})
    unchanged = any(given.value in (etag, "*") for given in request.if_none_match or ())
    response = web.Response(status=304, headers=headers) if unchanged else web.Response(body=body, headers=headers)
    # For whoever looks at it; what was deleted or renamed does not move it, so it decides nothing.
    response.last_modified = feed.updated
    if not unchanged:
        response.headers["Content-Type"] = f"{media_type}; charset=utf-8"
        if len(body) > COMPRESS_FROM_BYTES:
            response.enable_compression(strategy=None)
    return response
