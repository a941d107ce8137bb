"""Every address of the client API, in one list, with what it takes. Pages for people are in `PAGES`."""

from __future__ import annotations

from aiohttp import web

from node.web.mastodon import accounts, authorizing, door, oauth
from node.web.mastodon.door import Route, for_apps, needs, open_to_all

MASTODON: tuple[Route, ...] = (
    # ---- OAuth
    open_to_all("POST", "/api/v1/apps", oauth.register),
    for_apps("GET", "/api/v1/apps/verify_credentials", oauth.verify_app),
    needs("GET", "/oauth/userinfo", oauth.userinfo, "profile", "read:accounts"),
    needs("POST", "/oauth/userinfo", oauth.userinfo, "profile", "read:accounts"),
    # ---- accounts
    needs("GET", "/api/v1/accounts/verify_credentials", accounts.verify_credentials, "profile", "read:accounts"),
)

WITHOUT_A_TOKEN: tuple[Route, ...] = (
    Route("POST", "/oauth/token", oauth.token, (), open=True),
    Route("POST", "/oauth/revoke", oauth.revoke, (), open=True),
    Route("GET", "/.well-known/oauth-authorization-server", oauth.metadata, (), open=True),
    Route("GET", authorizing.PATH, authorizing.form, (), open=True),
    Route("POST", authorizing.PATH, authorizing.decide, (), open=True),
)
"""Where a header of authorization is an app's own, or nobody looks at one."""

ALSO_WITH_A_SLASH = frozenset({"/api/v1/instance", "/api/v2/instance", "/api/v1/reports", authorizing.PATH})
"""Asked for like this by Mastodon.py and toot."""


def definitions() -> list[web.RouteDef]:
    """The routes for the application."""
    found = [_defined(one, door.guarded(one)) for one in MASTODON]
    found += [_defined(one, one.handler) for one in WITHOUT_A_TOKEN]
    slashed = [one for one in found if one.path in ALSO_WITH_A_SLASH]
    return [*found, *(web.RouteDef(one.method, f"{one.path}/", one.handler, one.kwargs) for one in slashed)]


def _defined(route: Route, handler: door.Handler) -> web.RouteDef:
    if route.method == "GET":
        return web.get(route.path, handler)
    return web.route(route.method, route.path, handler)
