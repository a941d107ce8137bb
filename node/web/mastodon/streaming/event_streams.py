"""Streams over HTTP (server-sent events): one connection, one stream, named by the address."""

from __future__ import annotations

import asyncio

from aiohttp import web

from node.web.mastodon import door
from node.web.mastodon.streaming import asked
from node.web.mastodon.streaming.hub import HUB, Listener

HEARTBEAT_SECONDS = 15.0
HEARTBEAT = b":thump\n"
SEND_SECONDS = 20.0
HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "private, no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
MEDIA_ALONE = frozenset({"public", "public:local", "public:remote"})


async def events(request: web.Request) -> web.StreamResponse:
    """GET /api/v1/streaming/user, /user/notification, /public, /public/local, /hashtag?tag=, /list?list= ..."""
    viewer = await door.viewer(request)
    name = request.match_info["stream"].strip("/").replace("/", ":")
    if name in MEDIA_ALONE and request.query.get("only_media") in ("true", "1"):
        name += ":media"
    query = request.query
    stream = asked.stream(viewer, name, tag=query.get("tag"), list_id=query.get("list"))
    listener = Listener(viewer, {stream})
    hub = request.app[HUB]
    await hub.enter(listener)
    try:
        response = web.StreamResponse(headers=HEADERS)
        await response.prepare(request)
        await response.write(b":)\n")
        while not listener.ended:
            await _send_what_arrives(response, listener)
    except (TimeoutError, ConnectionError):
        pass  # the app has gone, or does not take what it is sent
    finally:
        hub.leave(listener)
    return response


async def _send_what_arrives(response: web.StreamResponse, listener: Listener) -> None:
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            messages = await listener.take()
    except TimeoutError:
        parts = [HEARTBEAT]
    else:
        parts = [message.lines for message in messages]
    async with asyncio.timeout(SEND_SECONDS):
        for part in parts:
            await response.write(part)
