"""An app is registered, let in by a member, and gets a token that opens the account she has chosen, and no other."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from node.apps import actions, rules
from node.apps import store as store_of_apps
from node.apps.rules import OUT_OF_BAND
from node.context import Transaction
from node.members import mandates, resets, store
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import enter
from tests.web.mastodon import logins
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import CALLBACK, App, allow, asking, browser, log_in, register


async def change(node: ServedNode, app: dict[str, Any], code: str, **more: str) -> tuple[int, dict[str, Any]]:
    """Change a code for a token."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "client_id": app["client_id"]}
    form |= {"client_secret": app["client_secret"]} | more
    async with node.http.post(f"{node.origin}/oauth/token", data=form) as response:
        return response.status, await response.json()


async def a_code(node: ServedNode, app: dict[str, Any], **more: str) -> str:
    """A code that the steward has given."""
    async with browser(node) as session:
        page = await log_in(session, asking(app, **more), "steward")
        status, location, body = await allow(session, page, node.group)
    assert status == 303, body
    return parse_qs(urlsplit(location).query)["code"][0]


async def test_an_app_is_let_in_and_shown_the_door(node: ServedNode, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    assert app.account["username"] == "union" and app.account["source"]["privacy"] == "public"
    held = await node.contents()
    assert app.token not in repr(held), "only its digest is kept"
    for path in ("/api/me", "/api/drafts"):
        assert (await app.call("GET", path)).status == 401, "it opens nothing of our own API"
    answer = await app.call("GET", "/api/v1/apps/verify_credentials")
    assert answer.body["name"] == "Prattler" and isinstance(answer.body["id"], str)

    await node.write(lambda tx: store.end_tokens(tx, 1))
    refused = await app.call("GET", "/api/v1/accounts/verify_credentials")
    assert refused.status == 401 and isinstance(refused.body["error"], str)
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_code_is_good_once_and_a_second_time_ends_what_the_first_gave(node: ServedNode) -> None:
    app = await register(node)
    code = await a_code(node, app)
    assert (await change(node, app, code, redirect_uri="https://elsewhere.example/"))[1]["error"] == "invalid_grant"
    assert (await change(node, app, code, client_secret="guessed"))[0] == 401
    other = await register(node)
    assert (await change(node, other, code))[1]["error"] == "invalid_grant"
    status, given = await change(node, app, code)
    assert status == 200 and given["token_type"] == "Bearer" and isinstance(given["created_at"], int)
    assert set(given["scope"].split()) >= set(logins.ALL.split())
    opened = App(node, given["access_token"])
    await opened.get("/api/v1/accounts/verify_credentials")
    assert await change(node, app, code) == (400, (await change(node, app, code))[1])
    await opened.get("/api/v1/accounts/verify_credentials", status=401)

    late = await a_code(node, app)
    node.clock.advance(rules.CODE_LASTS)
    assert (await change(node, app, late))[1]["error"] == "invalid_grant"


async def test_a_code_challenge_has_to_be_answered(node: ServedNode) -> None:
    app = await register(node)
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    code = await a_code(node, app, code_challenge=challenge, code_challenge_method="S256")
    for wrong in ({}, {"code_verifier": secrets.token_urlsafe(48)}, {"code_verifier": challenge}):
        assert (await change(node, app, code, **wrong))[1]["error"] == "invalid_grant"
    assert (await change(node, app, code, code_verifier=verifier))[0] == 200

    asked = asking(app, code_challenge=verifier, code_challenge_method="plain", state="s&1")
    headers = {"Accept": "text/html"}
    async with node.http.get(node.origin + asked, allow_redirects=False, headers=headers) as response:
        assert response.status == 400 and "Location" not in response.headers, (
            "said to the person, who sees where she is"
        )
        assert "S256" in await response.text()


async def test_a_mandate_that_ends_ends_what_was_let_in_by_it(node: ServedNode, app_login: AppLogin) -> None:
    entered = await node.write(enter, node.group, {"ada": "writer", "bea": "reader"})
    ada, bea = await app_login(node, "ada"), await app_login(node, "bea")
    assert bea.account["username"] == "bea" and bea.account["locked"] is True
    assert bea.account["url"] == f"{node.origin}/"
    rows = await node.read(mandates.of_group, node.group)
    (held,) = [row for row in rows if row.member == entered["ada"].id]
    await node.write(mandates.end, held.id)
    await ada.get("/api/v1/accounts/verify_credentials", status=401)
    await node.write(mandates.leave, entered["bea"].id)
    await bea.get("/api/v1/accounts/verify_credentials", status=401)
    assert "Prattler" not in repr(await node.read(store.tokens_of, entered["bea"].id))


@pytest.mark.one_database
async def test_the_code_is_shown_to_who_has_to_copy_it(node: ServedNode) -> None:
    app = await register(node, redirect_uris=f"{OUT_OF_BAND}\n{CALLBACK}")
    assert app["redirect_uri"] == f"{OUT_OF_BAND}\n{CALLBACK}" and app["redirect_uris"] == [OUT_OF_BAND, CALLBACK]
    async with browser(node) as session:
        page = await log_in(session, asking(app, redirect_uri=OUT_OF_BAND).replace("ize?", "ize/?"), "steward")
        status, _, page = await allow(session, page, node.group)
    assert status == 200
    code = page.partition('readonly value="')[2].partition('"')[0]
    assert (await change(node, app, code, redirect_uri=OUT_OF_BAND))[0] == 200


@pytest.mark.one_database
async def test_an_app_speaks_json_and_by_http_basic(node: ServedNode) -> None:
    given = {"client_name": "Elk", "redirect_uris": [CALLBACK], "scopes": "read", "website": "javascript:alert(1)"}
    async with node.http.post(f"{node.origin}/api/v1/apps", json=given) as response:
        app = await response.json()
        assert app["website"] is None and response.headers["Cache-Control"] == "no-store"
    login = aiohttp_basic(app["client_id"], app["client_secret"])
    body = json.dumps({"grant_type": "client_credentials"})
    headers = {"Authorization": login, "Content-Type": "application/json"}
    async with node.http.post(f"{node.origin}/oauth/token", data=body, headers=headers) as response:
        token = await response.json()
        assert (response.status, token["scope"]) == (200, "read")
    alone = App(node, token["access_token"])
    assert (await alone.get("/api/v1/apps/verify_credentials"))["name"] == "Elk"
    await alone.get("/api/v1/accounts/verify_credentials", status=401)
    form = {"token": token["access_token"], "client_id": app["client_id"], "client_secret": "guessed"}
    assert (await alone.post("/oauth/revoke", status=401, **form))["error"] == "invalid_client"
    assert await alone.post("/oauth/revoke", **(form | {"client_secret": app["client_secret"]})) == {}
    await alone.get("/api/v1/apps/verify_credentials", status=401)


def aiohttp_basic(name: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"


async def test_apps_that_nobody_has_let_in_are_forgotten_the_oldest_first(
    node: ServedNode, app_login: AppLogin
) -> None:
    kept = await app_login(node, "steward")
    await register(node)
    await register(node)
    node.clock.advance(rules.UNUSED_FOR - timedelta(days=2))
    assert await node.write(actions.prune) == 1, "a code that is over"
    node.clock.advance(timedelta(days=3))
    assert await node.write(actions.prune) == 2
    await kept.get("/api/v1/apps/verify_credentials")

    def fill(tx: Transaction) -> None:
        one = {"secret_digest": "", "name": "Flood", "redirect_uris": [CALLBACK], "scopes": ["read"], "since": tx.now}
        tx.execute(
            store_of_apps.apps.insert(), [one | {"client_id": f"{number}"} for number in range(rules.UNUSED_AT_MOST)]
        )

    await node.write(fill)
    last = await register(node)
    assert await node.read(store_of_apps.count_unused) == rules.UNUSED_AT_MOST
    assert await node.read(store_of_apps.find, "0") is None and await node.read(store_of_apps.find, last["client_id"])


async def test_a_new_password_ends_what_an_app_could_still_change_for_a_token(node: ServedNode) -> None:
    app = await register(node)
    code, other = await a_code(node, app), await a_code(node, app)
    steward = await node.steward()
    await node.write(resets.make, steward.id)
    for one in (code, other):
        status, told = await change(node, app, one)
        assert (status, told["error"]) == (400, "invalid_grant")
