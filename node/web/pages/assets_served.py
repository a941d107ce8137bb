"""The few files that pages load: a fixed list, kept by browsers for ever because their address holds their digest."""

from __future__ import annotations

import asyncio
import hashlib
from functools import cache
from importlib import resources

from aiohttp import web

from node.errors import Missing
from node.web.pages import source

TYPES = {"paper.css": "text/css", "mark.svg": "image/svg+xml", "suggest.js": "text/javascript"}
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


async def asset(request: web.Request) -> web.Response:
    """One of the files, or the source code of this node. Raises Missing for every other name."""
    name = request.match_info["name"]
    if name == source.NAME:
        body = await asyncio.to_thread(source.archive)
        return web.Response(body=body, content_type="application/gzip", headers=HEADERS)
    if name not in TYPES:
        raise Missing("there is nothing at this address")
    body, digest = read(name)
    kept = FOR_EVER if request.query.get("v") == digest else FOR_A_WHILE
    headers = HEADERS | {"Cache-Control": kept, "ETag": f'"{digest}"'}
    if any(given.value in (digest, "*") for given in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    response = web.Response(body=body, content_type=TYPES[name], charset="utf-8", headers=headers)
    response.enable_compression(strategy=None)
    return response


def address(name: str) -> str:
    """Where a page finds a file."""
    return f"/assets/{name}" if name == source.NAME else f"/assets/{name}?v={read(name)[1]}"


@cache
def read(name: str) -> tuple[bytes, str]:
    """The bytes of a file and their digest; from the disk the first time alone."""
    body = resources.files("node.web.pages").joinpath("assets", name).read_bytes()
    return body, hashlib.sha256(body).hexdigest()[:12]
