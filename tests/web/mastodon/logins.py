"""Apps that are let in through the real flow: registered, the login form, the page that asks, the code, the token."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp

from tests.nodes.served import PASSWORD, ServedNode

CALLBACK = "https://app.example/callback"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
ALL = "read write follow push profile"


@dataclass
class Answer:
    """What an app got."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class App:
    """An app with a token: `await app.get("/api/v1/timelines/home", limit=5)`; its body, or fails."""

    node: ServedNode
    token: str
    account: dict[str, Any] = field(default_factory=dict)

    async def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Answer:
        """Whatever comes back."""
        given = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        url = path if "://" in path else self.node.origin + path
        async with self.node.http.request(method, url, headers=given, **more) as response:
            is_json = response.content_type == "application/json"
            body = await response.json() if is_json else await response.text()
            return Answer(response.status, body, dict(response.headers))

    async def get(self, path: str, *, status: int = 200, **query: Any) -> Any:
        """GET; the body."""
        return await self._body("GET", path, status, params=query or None)

    async def post(self, path: str, *, status: int = 200, **values: Any) -> Any:
        """POST a form; the body."""
        return await self._body("POST", path, status, data=values or None)

    async def send_form(self, path: str, form: aiohttp.FormData, *, status: int = 200) -> Any:
        """POST a form with files; the body."""
        return await self._body("POST", path, status, data=form)

    async def send(self, method: str, path: str, value: Any = None, *, status: int = 200) -> Any:
        """Any method with JSON; the body."""
        return await self._body(method, path, status, json=value)

    async def _body(self, method: str, path: str, status: int, **more: Any) -> Any:
        answer = await self.call(method, path, **more)
        assert answer.status == status, (method, path, answer.status, answer.body)
        return answer.body


async def register(
    node: ServedNode, *, scopes: str = ALL, redirect_uris: str = CALLBACK, **more: str
) -> dict[str, Any]:
    """An app; what it is told."""
    form = {"client_name": "Prattler", "redirect_uris": redirect_uris, "scopes": scopes} | more
    async with node.http.post(f"{node.origin}/api/v1/apps", data=form) as response:
        assert response.status == 200, await response.text()
        found: dict[str, Any] = await response.json()
        return found


@asynccontextmanager
async def browser(node: ServedNode) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser in which nobody is logged in."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(node.origin, cookie_jar=jar, headers={"Accept": "text/html"}) as session:
        yield session


def asking(app: dict[str, Any], *, scopes: str = ALL, redirect_uri: str = CALLBACK, **more: str) -> str:
    """The address to which an app sends a person."""
    query = {"client_id": app["client_id"], "redirect_uri": redirect_uri, "response_type": "code", "scope": scopes}
    return f"/oauth/authorize?{urlencode(query | more)}"


async def log_in(session: aiohttp.ClientSession, address: str, name: str) -> str:
    """Open the page, log in by the form it leads to; the page that asks."""
    async with session.get(address) as response:
        page = await response.text()
        assert response.url.path == "/login", page
    to = re.search(r'name="to" value="([^"]+)"', page)
    assert to is not None, page
    form = {"name": name, "password": PASSWORD, "to": to[1].replace("&amp;", "&")}
    async with session.post("/login", data=form) as response:
        assert response.status == 200, await response.text()
        return await response.text()


def fields(page: str) -> dict[str, str]:
    """What the page that asks hides in its form."""
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: value.replace("&amp;", "&").replace("&#39;", "'").replace("&#34;", '"') for name, value in found}


async def allow(session: aiohttp.ClientSession, page: str, account: str, *, act: str = "allow") -> tuple[int, str, str]:
    """Send the form: status, where to, page."""
    form = fields(page) | {"account": account, "act": act}
    async with session.post("/oauth/authorize", data=form, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", ""), await response.text()


async def let_in(node: ServedNode, name: str, *, scopes: str = ALL, account: str | None = None) -> App:
    """An app that a member has let in as `account` (the IRI of a group or "private"; without it, the first offered)."""
    app = await register(node, scopes=scopes)
    async with browser(node) as session:
        page = await log_in(session, asking(app, scopes=scopes), name)
        offered = re.findall(r'name="account" value="([^"]+)"', page)
        status, location, body = await allow(session, page, account or offered[0])
    assert status == 303, body
    (code,) = parse_qs(urlsplit(location).query)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    form |= {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    async with node.http.post(f"{node.origin}/oauth/token", data=form) as response:
        found = await response.json()
        assert response.status == 200, found
    made = App(node, found["access_token"])
    if any(one in scopes.split() for one in ("read", "read:accounts", "profile")):
        made.account = await made.get("/api/v1/accounts/verify_credentials")
    return made
