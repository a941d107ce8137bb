"""Streams over a WebSocket: one connection, as many streams as the app subscribes to."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import WSMsgType, web

from node.errors import NodeError, Unauthenticated
from node.members.viewers import Viewer
from node.web import refusals
from node.web.mastodon import door
from node.web.mastodon.streaming import asked
from node.web.mastodon.streaming.hub import HUB, Listener

PING_SECONDS = 30.0
FRAME_BYTES = 4096  # of what an app sends: it subscribes, and no more
SEND_SECONDS = 20.0  # for one message to leave
POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013


async def socket(request: web.Request) -> web.StreamResponse:
    """GET /api/v1/streaming (WebSocket), with or without a first `stream`.

    The token comes in the header, in the address or as the subprotocol, which is echoed because browsers want it.
    """
    viewer, protocol = await _viewer(request)
    listener = Listener(viewer)
    if request.query.get("stream"):
        listener.streams.add(_asked(viewer, dict(request.query)))
    response = web.WebSocketResponse(
        heartbeat=PING_SECONDS, max_msg_size=FRAME_BYTES, protocols=(protocol,) if protocol else (), compress=False
    )
    if not response.can_prepare(request):
        raise web.HTTPUpgradeRequired(text="this is a WebSocket; for an event stream ask for /api/v1/streaming/user")
    hub = request.app[HUB]
    await hub.enter(listener)
    try:
        await response.prepare(request)
        telling = asyncio.create_task(_tell(response, listener))
        try:
            await _listen(request, response, listener)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
    finally:
        hub.leave(listener)
    return response


async def _viewer(request: web.Request) -> tuple[Viewer, str | None]:
    protocol = request.headers.get("Sec-WebSocket-Protocol", "").split(",")[0].strip() or None
    secret = door.secret_of(request) or protocol
    viewer = await door.known(request, secret) if secret else None
    if viewer is None:
        raise Unauthenticated(door.INVALID)
    return viewer, protocol


def _asked(viewer: Viewer, given: dict[str, Any]) -> Any:
    texts = {name: str(given[name]) if given.get(name) is not None else None for name in ("stream", "tag", "list")}
    return asked.stream(viewer, texts["stream"], tag=texts["tag"], list_id=texts["list"])


async def _listen(request: web.Request, response: web.WebSocketResponse, listener: Listener) -> None:
    async for message in response:
        if message.type is not WSMsgType.TEXT:
            continue
        try:
            _heed(listener, json.loads(message.data))
        except (ValueError, RecursionError):
            await _complain(response, 400, "this is no JSON object with a `type`")
        except NodeError as error:
            await _complain(response, refusals.status_of(error), refusals.in_words(error))


def _heed(listener: Listener, given: Any) -> None:
    """Subscribe or unsubscribe, as the app says."""
    if not isinstance(given, dict) or given.get("type") not in ("subscribe", "unsubscribe"):
        raise ValueError
    stream = _asked(listener.viewer, given)
    if given["type"] == "unsubscribe":
        listener.streams.discard(stream)
    elif len(listener.streams) < asked.STREAMS_AT_MOST:
        listener.streams.add(stream)


async def _complain(response: web.WebSocketResponse, status: int, sentence: str) -> None:
    await response.send_str(json.dumps({"error": sentence, "status": status}, ensure_ascii=False))


async def _tell(response: web.WebSocketResponse, listener: Listener) -> None:
    """Send what arrives, and close when the listener is ended: her token is, or she does not take what she is sent."""
    try:
        while messages := await listener.take():
            for message in messages:
                async with asyncio.timeout(SEND_SECONDS):
                    await response.send_frame(message.frame, WSMsgType.TEXT)
    except (TimeoutError, ConnectionError):
        pass
    await response.close(code=POLICY_VIOLATION if listener.ended else TRY_AGAIN_LATER, drain=False)
