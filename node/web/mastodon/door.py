"""Who calls, and whether the token lets her: asked once for every route, before its handler runs.

Every entry of the list of routes says what it takes: `needs` a token of a viewer with one of the scopes named (a
broader one holds it, `read` holds `read:statuses`); `open_to_all`, where a token that is shown must still be valid and
have one of the scopes, if any are named; `for_apps`, which a token of an app that speaks for nobody opens too. The
handler then asks `viewer(request)` or `optional_viewer(request)`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from node.apps import actions, rules, store
from node.context import NODE
from node.errors import Forbidden, Unauthenticated
from node.members.store import digest
from node.members.viewers import Viewer
from node.web.mastodon.pace import PACE, READING

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

VIEWER: web.RequestKey[Viewer] = web.RequestKey("viewer", Viewer)
APP: web.RequestKey[int] = web.RequestKey("app", int)

INVALID = "the access token is invalid"
OUTSIDE = "this action is outside the authorized scopes"


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the API. `scopes`: any one of them is enough; `open`: without a token too."""

    method: str
    path: str
    handler: Handler
    scopes: tuple[str, ...]
    open: bool = False
    apps: bool = False


def needs(method: str, path: str, handler: Handler, *scopes: str) -> Route:
    """For a viewer whose token has one of `scopes`."""
    if not scopes:
        raise ValueError(f"{method} {path} says no scope")
    return Route(method, path, handler, scopes)


def open_to_all(method: str, path: str, handler: Handler, *scopes: str) -> Route:
    """For everybody; a token that is shown needs one of `scopes`, if any are said."""
    return Route(method, path, handler, scopes, open=True)


def for_apps(method: str, path: str, handler: Handler, *scopes: str) -> Route:
    """For whatever token there is, also of an app that speaks for nobody; with one of `scopes`, if any are said."""
    return Route(method, path, handler, scopes, apps=True)


def guarded(route: Route) -> Handler:
    """The handler of a route behind the door."""

    async def read(request: web.Request) -> web.StreamResponse:
        await _let_in(request, route)
        return await route.handler(request)

    async def act(request: web.Request) -> web.StreamResponse:
        await _let_in(request, route)
        found: Viewer | None = request.get(VIEWER)
        left = {} if found is None else request.app[PACE].note(found.id, now=request.app[NODE].clock())
        response = await route.handler(request)
        if not response.prepared:
            response.headers.update(left)
        return response

    return read if route.method in READING else act


async def viewer(request: web.Request, *scopes: str) -> Viewer:
    """Who calls. With `scopes` the token needs one of them besides what the route says. Raises as the door does."""
    found: Viewer | None = request.get(VIEWER)
    if found is None:
        raise Unauthenticated(INVALID)
    _check(found.scopes, scopes)
    return found


async def optional_viewer(request: web.Request, *scopes: str) -> Viewer | None:
    """Who calls, or None: anybody."""
    return None if request.get(VIEWER) is None else await viewer(request, *scopes)


def secret_of(request: web.Request) -> str | None:
    """The token that a request shows, in its header or (RFC 6750 section 2.3, streams) its address."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret.strip():
        return secret.strip()
    return request.query.get("access_token")


def digest_of(request: web.Request) -> str:
    """The digest of the token that a request shows, as it is kept."""
    return digest(secret_of(request) or "")


async def known(request: web.Request, secret: str) -> Viewer | None:
    """Whose token this is, if it is a viewer's and still opens something."""
    node = request.app[NODE]
    found = await actions.who(node, digest(secret))
    if found is None:
        return None
    if not found.is_noted:
        await node.database.write(store.note_seen, found.viewer.token)
    return found.viewer


async def _let_in(request: web.Request, route: Route) -> None:
    secret = secret_of(request)
    if secret is None and route.open:
        return
    one = await known(request, secret) if secret else None
    if one is not None:
        _check(one.scopes, route.scopes)
        request[VIEWER], request[APP] = one, one.app
        return
    held = await request.app[NODE].database.remembered(actions.app_of, digest(secret)) if secret else None
    if held is None:
        raise Unauthenticated(INVALID)
    if not (route.open or route.apps):
        raise Unauthenticated("this needs the token of an account, and not that of an app alone")
    _check(held[1], route.scopes)
    request[APP] = held[0].id


def _check(granted: frozenset[str], scopes: tuple[str, ...]) -> None:
    if scopes and not any(rules.covers(granted, one) for one in scopes):
        raise Forbidden(OUTSIDE)
