"""Apps that run in a browser: which pages of other sites may call this node, and read what it answers.

Every site may, because nothing here is opened by a cookie: who calls has to show a token. That holds for whatever an
app needs before and after it has one, for refusals as well. The pages by which a member lets an app in are not among
them. `*` covers neither Authorization among the headers, nor any header that can be read.
"""

from __future__ import annotations

from aiohttp import web

from node.web.negotiation import Handler

PREFIXES = ("/api/", "/.well-known/", "/nodeinfo/", "/media/", "/oauth/token", "/oauth/revoke", "/oauth/userinfo")
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
TAKEN = "Authorization, Content-Type, Idempotency-Key, X-Requested-With"
SHOWN = "Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id, Retry-After, Deprecation"
ASKED_AGAIN_AFTER_SECONDS = 86_400


@web.middleware
async def preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a browser that asks before it calls."""
    if request.method != "OPTIONS" or not request.path.startswith(PREFIXES):
        return await handler(request)
    headers = {
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": TAKEN,
        "Access-Control-Max-Age": str(ASKED_AGAIN_AFTER_SECONDS),
    }
    return web.Response(status=204, headers=headers)


async def allow(request: web.Request, response: web.StreamResponse) -> None:
    """Signal: let the page that calls read the answer, whatever it is."""
    if request.path.startswith(PREFIXES):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = SHOWN
