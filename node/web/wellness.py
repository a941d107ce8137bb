"""How the node is, for machines that watch it: /healthz. No names, no numbers, no secrets."""

from __future__ import annotations

from aiohttp import web

from node.context import NODE


async def healthz(request: web.Request) -> web.Response:
    """200 if the node is well, 503 with what is wrong if it is not."""
    failing = await request.app[NODE].health.failing()
    document = {"status": "failing", "failing": failing} if failing else {"status": "ok"}
    return web.json_response(document, status=503 if failing else 200, headers={"Cache-Control": "no-store"})
