"""Pictures of ours, as files: a fixed list of types, and nothing in them that a browser could run."""

from __future__ import annotations

import asyncio

from aiohttp import web

from node import media
from node.context import NODE
from node.errors import Missing

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


async def picture(request: web.Request) -> web.StreamResponse:
    """A picture by its name, which is its digest. Raises Missing."""
    name = request.match_info["name"]
    path = request.app[NODE].config.directory / media.DIRECTORY / name
    if not media.NAME.fullmatch(name) or not await asyncio.to_thread(path.is_file):
        raise Missing("there is nothing at this address")
    content_type = media.MEDIA_TYPES[name.rpartition(".")[2]]
    return web.FileResponse(path, headers=HEADERS | {"Content-Type": content_type})
