"""Pictures, films and sounds, ours and others', as files: a fixed list of types, and nothing that a browser could run.

Parts of a file are answered with 206 (RFC 9110 §14), so that a film can be wound on."""

from __future__ import annotations

import asyncio

from aiohttp import web

from node import actors, media, media_cache
from node.context import NODE
from node.errors import Missing
from node.peering import standing

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
REMOTE_HEADERS = HEADERS | {"Cache-Control": "public, max-age=2592000, immutable", "X-Robots-Tag": "noindex"}


async def picture(request: web.Request) -> web.StreamResponse:
    """A picture, film or sound by its name, which is its digest. Raises Missing."""
    name = request.match_info["name"]
    path = request.app[NODE].config.directory / media.DIRECTORY / name
    if not media.NAME.fullmatch(name) or not await asyncio.to_thread(path.is_file):
        raise Missing("there is nothing at this address")
    content_type = media.MEDIA_TYPES[name.rpartition(".")[2]]
    return web.FileResponse(path, headers=HEADERS | {"Content-Type": content_type})


async def remote_picture(request: web.Request) -> web.StreamResponse:
    """A picture of others, through this node. Raises Missing, also for every address that no page of ours shows."""
    node = request.app[NODE]
    wanted = await media_cache.wanted(node, request.match_info["name"])
    if wanted is None or not node.config.media_cache_bytes:
        raise Missing("there is nothing at this address")
    host = actors.host_of(wanted.url)
    await node.database.read(standing.check_media, host)
    path = await node.media_cache.picture(wanted)
    content_type = media.MEDIA_TYPES[path.suffix.removeprefix(".")]
    return web.FileResponse(path, headers=REMOTE_HEADERS | {"Content-Type": content_type})
