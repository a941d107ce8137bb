"""The page on which a member lets an app in: what she is told, what she can choose, and where she is sent, or not."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from node.apps.rules import OUT_OF_BAND
from node.groups import founding
from node.groups.founding import NewGroup
from node.members import actions as members
from node.members import mandates, store
from node.members.rules import Grant
from node.web.mastodon import pace
from tests.members.test_second_factor import enrolled, shown
from tests.nodes.served import PASSWORD, ServedNode
from tests.web.admin.desk_browsers import at_desk, enter
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import CALLBACK, allow, asking, browser, fields, log_in, register

pytestmark = pytest.mark.one_database


async def test_she_is_told_who_asks_and_for_what_and_can_say_no(node: ServedNode) -> None:
    app = await register(node, client_name="Prattler & <b>Sons</b>", scopes="read write:statuses")
    async with browser(node) as session:
        page = await log_in(session, asking(app, scopes="read write:statuses", state="a b&c"), "steward")
        assert "Prattler &amp; &lt;b&gt;Sons&lt;/b&gt;" in page and "app.example" in page
        assert "write texts" in page and "read whatever this account may read" in page and "notifications" not in page
        status, location, _ = await allow(session, page, node.group, act="cancel")
        told = parse_qs(urlsplit(location).query)
        assert (status, told["error"], told["state"]) == (303, ["access_denied"], ["a b&c"])
        status, _, page = await allow(session, page, "")
        assert status == 422 and "choose an account" in page
        status, location, _ = await allow(session, page, node.group)
        assert status == 303 and parse_qs(urlsplit(location).query)["state"] == ["a b&c"]


@pytest.mark.parametrize(
    ("redirect_uri", "begins", "policy"),
    [
        ("https://elk.example/api/callback?server=union", "https://elk.example/api/callback?server=union&code=",
         "https://elk.example"),
        ("http://localhost:4002/settings/instances/add", "http://localhost:4002/settings/instances/add?code=",
         "http://localhost:4002"),
        ("com.tapbots.Ivory.24240:/request_token", "com.tapbots.Ivory.24240:/request_token?code=",
         "com.tapbots.ivory.24240:"),
        ("oauth2redirect://com.keylesspalace.tusky/", "oauth2redirect://com.keylesspalace.tusky/?code=",
         "oauth2redirect:"),
        ("mastodon-android-auth://callback", "mastodon-android-auth://callback?code=", "mastodon-android-auth:"),
    ],
)  # fmt: skip
async def test_she_is_sent_back_wherever_an_app_can_be(
    node: ServedNode, redirect_uri: str, begins: str, policy: str
) -> None:
    app = await register(node, redirect_uris=f"{CALLBACK}\n{redirect_uri}")
    async with browser(node) as session:
        await log_in(session, asking(app), "steward")
        async with session.get(asking(app, redirect_uri=redirect_uri)) as response:
            page, rule = await response.text(), response.headers["Content-Security-Policy"]
        assert f"form-action 'self' {policy};" in rule and "Cross-Origin-Opener-Policy" not in response.headers
        status, location, _ = await allow(session, page, node.group)
        assert status == 303 and location.startswith(begins)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "urn:x:y", "no-address", "https://", "https://a.example/#x",
     "https://a.example/;form-action *", "https://a.example/\x01", "file:///etc/passwd", "", "https://[::1",
     "https://bank.example@a.example/"],
)  # fmt: skip
async def test_an_app_can_be_sent_to_no_address_that_would_do_harm(node: ServedNode, address: str) -> None:
    form = {"client_name": "Prattler", "redirect_uris": address, "scopes": "read"}
    async with node.http.post(f"{node.origin}/api/v1/apps", data=form) as response:
        assert response.status == 422 and isinstance((await response.json())["error"], str)
    for wrong in (
        {"client_name": ""},
        {"client_name": "x" * 100},
        {"scopes": "admin:read"},
        {"scopes": "read nothing"},
    ):
        async with node.http.post(f"{node.origin}/api/v1/apps", data=form | {"redirect_uris": CALLBACK} | wrong) as no:
            assert no.status in (400, 422), await no.text()


async def test_a_mistaken_app_sends_nobody_anywhere(node: ServedNode) -> None:
    app = await register(node, scopes="read")
    strangers = (
        asking(app | {"client_id": "unknown"}, scopes="read"),
        asking(app, scopes="read", redirect_uri="https://elsewhere.example/"),
        asking(app, scopes="read", redirect_uri=CALLBACK + "/more"),
        asking(app, scopes="read", redirect_uri=OUT_OF_BAND),
    )
    for address in strangers:
        async with node.http.get(node.origin + address, allow_redirects=False, headers={"Accept": "text/html"}) as no:
            assert no.status in (400, 401) and "Location" not in no.headers and no.content_type == "text/html"
    for more, error in (
        ({"scopes": "write"}, "invalid_scope"),
        ({"scopes": "read", "response_type": "token"}, "unsupported_response_type"),
    ):
        headers = {"Accept": "text/html"}
        async with node.http.get(node.origin + asking(app, **more), allow_redirects=False, headers=headers) as no:
            page = await no.text()
            assert no.status in (400, 401, 422) and "Location" not in no.headers, error
            assert no.content_type == "text/html" and CALLBACK not in page


async def test_an_app_asks_for_another_login_and_another_language(node: ServedNode) -> None:
    app = await register(node)
    async with browser(node) as session:
        await log_in(session, asking(app), "steward")
        async with session.get(asking(app)) as response:
            assert response.url.path == "/oauth/authorize", "she is logged in"
            other = re.search(r'href="(/oauth/authorize[?][^"]+force_login=true)"', await response.text())
        assert other is not None
        async with session.get(other[1].replace("&amp;", "&")) as response:
            assert response.url.path == "/login"
        async with session.get(asking(app, force_login="true", lang="ar")) as response:
            page = await response.text()
            assert response.url.path == "/login" and "again" in response.url.query
            assert 'lang="ar" dir="rtl"' in page
        form = fields(page) | {"name": "steward", "password": PASSWORD}
        assert parse_qs(urlsplit(form["to"]).query)["lang"] == ["ar"]
        async with session.post("/login", data=form) as response:
            page = await response.text()
            assert 'lang="ar" dir="rtl"' in page and 'action="/oauth/authorize"' in page


@pytest.mark.parametrize(
    "to",
    ["https://elsewhere.example/", "//elsewhere.example/oauth/authorize?", "/oauth/authorize", "/logout",
     "/oauth/authorize?\r\nSet-Cookie: a=b", "\\\\elsewhere.example", "javascript:alert(1)"],
)  # fmt: skip
async def test_the_login_leads_to_the_desk_or_an_app_and_nowhere_else(node: ServedNode, to: str) -> None:
    form = {"name": "steward", "password": PASSWORD, "to": to}
    async with (
        browser(node) as session,
        session.post("/login", data=form, allow_redirects=False) as response,
    ):
        assert (response.status, response.headers["Location"]) == (303, "/desk")


async def test_a_second_factor_is_asked_for_on_the_way(node: ServedNode) -> None:
    _, seed, _ = await enrolled(node)
    app = await register(node)
    async with browser(node) as session:
        page = await log_in(session, asking(app, state="s"), "steward")
        form = fields(page) | {"code": "000000"}
        assert "/login/code" in page and form["to"].startswith("/oauth/authorize?")
        async with session.get(asking(app)) as response:
            assert response.url.path == "/login", "the password alone opens nothing"
        async with session.post("/login/code", data=form) as response:
            page = await response.text()
            assert response.status == 422
        form = fields(page) | {"code": shown(seed, node.clock())}
        async with session.post("/login/code", data=form) as response:
            page = await response.text()
            assert response.url.path == "/oauth/authorize" and "Prattler" in page
        status, location, _ = await allow(session, page, node.group)
        assert status == 303 and location.endswith("&state=s")


async def test_one_who_acts_in_several_groups_chooses_one(node: ServedNode, app_login: AppLogin) -> None:
    other = await founding.add(node.node, NewGroup("fund", "Strike Fund", "en", "steward"), member=await node.steward())
    iri = f"{node.origin}/groups/fund"
    assert other is not None
    entered = await node.write(enter, node.group, {"ada": "reader"})
    await node.write(lambda tx: mandates.give(tx, entered["ada"].id, iri, Grant("editor")))
    union, fund = await app_login(node, "steward"), await app_login(node, "steward", account=iri)
    assert (union.account["acct"], fund.account["acct"]) == ("union", "fund")
    assert union.account["id"] != fund.account["id"]
    editor, reader = await app_login(node, "ada"), await app_login(node, "ada", account="private")
    assert (editor.account["acct"], reader.account["acct"]) == ("fund", "ada")

    app = await register(node)
    async with browser(node) as session:
        page = await log_in(session, asking(app), "ada")
        assert re.findall(r'name="account" value="([^"]+)"', page) == [iri, "private"]
        assert (await allow(session, page, node.group))[0] == 403, "she only reads there"
        assert (await allow(session, page, f"{node.origin}/groups/none"))[0] == 403

    def of_ada(tx: Any) -> list[Any]:
        return store.tokens_of(tx, entered["ada"].id)

    rows = await node.read(mandates.of_group, iri)
    (held,) = [row for row in rows if row.member == entered["ada"].id]

    def recall(tx: Any) -> None:
        mandates.end(tx, held.id)
        mandates.look_after_departure(tx, iri)

    assert len(await node.read(of_ada)) == 2
    await node.write(recall)
    assert len(await node.read(of_ada)) == 1, "the rows of the lost mandate go at once"
    await editor.get("/api/v1/accounts/verify_credentials", status=401)
    await reader.get("/api/v1/accounts/verify_credentials")


async def test_without_a_mandate_there_is_nothing_to_choose(node: ServedNode) -> None:
    await node.write(members.enter, "eve", PASSWORD)
    app = await register(node)
    async with browser(node) as session:
        page = await log_in(session, asking(app), "eve")
        assert "no mandate" in page and 'name="account"' not in page


async def test_another_site_cannot_let_an_app_in(node: ServedNode) -> None:
    app = await register(node)
    async with browser(node) as session:
        page = await log_in(session, asking(app), "steward")
        form = fields(page) | {"account": node.group, "act": "allow"}
        for change, headers in (
            ({"csrf": "guessed"}, {}),
            ({}, {"Sec-Fetch-Site": "cross-site"}),
            ({}, {"Origin": "https://app.example"}),
        ):
            async with session.post("/oauth/authorize", data=form | change, headers=headers) as response:
                assert response.status == 403
    assert not (await node.contents())["codes"]


async def test_the_apps_she_has_let_in_stand_at_her_desk(node: ServedNode, app_login: AppLogin) -> None:
    app = await app_login(node, "steward", scopes="read")
    async with at_desk(node, "steward") as desk:
        page = await desk.get("/desk/me")
        assert "Prattler" in page and "Transport Workers" in page
        number = re.search(r'name="number" value="([^"]+)"><button[^>]*>Let it in no more', page)
        assert number is not None
        status, to, _ = await desk.send("/desk/me/end-token", number=number[1])
        assert status == 303 and "done=token" in to
        assert "Prattler" not in await desk.get("/desk/me")
    await app.get("/api/v1/accounts/verify_credentials", status=401)


async def test_an_account_that_does_too_much_has_to_wait_and_no_other(node: ServedNode, app_login: AppLogin) -> None:
    await node.write(enter, node.group, {"bea": "reader"})
    steward, bea = await app_login(node, "steward"), await app_login(node, "bea")
    answer = await steward.call("POST", "/oauth/userinfo")
    assert int(answer.headers["X-RateLimit-Remaining"]) == pace.ACTS - 1
    for _ in range(pace.ACTS - 1):
        await steward.post("/oauth/userinfo")
    refused = await steward.call("POST", "/oauth/userinfo")
    assert refused.status == 429 and refused.headers["Retry-After"] and isinstance(refused.body["error"], str)
    await bea.post("/oauth/userinfo")
    await steward.get("/oauth/userinfo")
    node.clock.advance(pace.EVERY)
    await steward.post("/oauth/userinfo")
