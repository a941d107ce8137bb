"""What an app calls by itself before it has a token, and about the token it has. RFC 6749, RFC 7009, RFC 8414.

Bodies are forms or JSON; an app shows its secret among them or by HTTP Basic. Tokens last until they are revoked, so
there is nothing to refresh, as at Mastodon.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import web
from sqlalchemy import Row

from node.apps import actions, rules, store
from node.apps.actions import Given, Registered
from node.apps.rules import Denied
from node.context import NODE, Transaction
from node.errors import Missing
from node.members.viewers import Viewer
from node.push import keys
from node.web.mastodon import door, parameters
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import own_accounts
from node.web.mastodon.parameters import Parameters
from node.web.negotiation import bytes_response

NO_STORE = {"Cache-Control": "no-store"}


async def register(request: web.Request) -> web.Response:
    """POST /api/v1/apps: register an app; with the secret, which is told this once."""
    given = await parameters.of(request)
    node = request.app[NODE]
    made: Registered = await node.database.write(
        actions.register,
        given.text("client_name"),
        given.many("redirect_uris", at_most=rules.ADDRESSES_AT_MOST),
        given.text("scopes"),
        given.text("website"),
    )
    more = {"client_id": made.row.client_id, "client_secret": made.secret, "client_secret_expires_at": 0}
    server_key = await node.database.remembered(_server_key)
    return answer(request, _application(made.row, server_key) | more, headers=NO_STORE)


async def verify_app(request: web.Request) -> web.Response:
    """GET /api/v1/apps/verify_credentials: which app this token is of."""
    node = request.app[NODE]
    row = await node.database.read(store.numbered, request[door.APP])
    if row is None:
        raise Missing("there is no such app any more")
    return answer(request, _application(row, await node.database.remembered(_server_key)))


def _server_key(tx: Transaction) -> str:
    """In a thread of the database, because it stands in a file."""
    return keys.public(tx.node)


def _application(row: Row[Any], server_key: str) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "website": row.website,
        "scopes": row.scopes,
        "redirect_uri": "\n".join(row.redirect_uris),
        "redirect_uris": row.redirect_uris,
        "vapid_key": server_key,
    }


async def token(request: web.Request) -> web.Response:
    """POST /oauth/token: a token for a code, or for an app that speaks for nobody."""
    given = await parameters.of(request)
    client_id, secret = _client(request, given)
    node = request.app[NODE]
    match given.text("grant_type"):
        case "authorization_code":
            found = await node.database.write(
                actions.exchange,
                given.text("code"),
                client_id=client_id,
                secret=secret,
                redirect_uri=given.text("redirect_uri"),
                verifier=given.text("code_verifier"),
            )
            if isinstance(found, Denied):
                raise found
        case "client_credentials":
            found = await node.database.write(actions.give_to_app, client_id, secret, given.text("scope"))
        case _:
            raise Denied("unsupported_grant_type", "the grant types are authorization_code and client_credentials")
    return answer(request, token_value(found), headers=NO_STORE)


def token_value(given: Given) -> dict[str, Any]:
    """The entity Token."""
    return {
        "access_token": given.secret,
        "token_type": "Bearer",
        "scope": " ".join(given.scopes),
        "created_at": int(given.since.timestamp()),
    }


async def revoke(request: web.Request) -> web.Response:
    """POST /oauth/revoke: end a token of the app that asks."""
    given = await parameters.of(request)
    client_id, secret = _client(request, given)
    await request.app[NODE].database.write(
        actions.revoke, given.text("token") or "", client_id=client_id, client_secret=secret
    )
    return answer(request, {}, headers=NO_STORE)


async def userinfo(request: web.Request) -> web.Response:
    """GET and POST /oauth/userinfo: which account this is, as OpenID Connect asks for it."""
    viewer = await door.viewer(request)
    return answer(request, await request.app[NODE].database.read(_userinfo, viewer))


def _userinfo(tx: Transaction, viewer: Viewer) -> dict[str, Any]:
    account = own_accounts.own(tx, viewer)
    return {
        "iss": tx.node.address("/"),
        "sub": account["uri"] if viewer.actor else f"{account['uri']}#{account['id']}",
        "name": account["display_name"],
        "preferred_username": account["username"],
        "profile": account["url"],
        "picture": account["avatar"],
    }


async def metadata(request: web.Request) -> web.Response:
    """GET /.well-known/oauth-authorization-server (RFC 8414)."""
    node = request.app[NODE]
    document = {
        "issuer": node.address("/"),
        "service_documentation": "https://docs.joinmastodon.org/",
        "authorization_endpoint": node.address("/oauth/authorize"),
        "token_endpoint": node.address("/oauth/token"),
        "app_registration_endpoint": node.address("/api/v1/apps"),
        "revocation_endpoint": node.address("/oauth/revoke"),
        "userinfo_endpoint": node.address("/oauth/userinfo"),
        "scopes_supported": list(rules.SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    }
    return bytes_response(request, document, content_type="application/json")


def _client(request: web.Request, given: Parameters) -> tuple[str | None, str | None]:
    """The app's id and secret: by HTTP Basic (RFC 6749 section 2.3.1), else in the body."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return given.text("client_id"), given.text("client_secret")
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Denied("invalid_client", "this app is not known here, or its secret is another", status=401) from None
    return unquote_plus(name), unquote_plus(secret)
