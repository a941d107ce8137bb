"""Readers: admitted, by whom and to what; seen by nobody, and gone when they say so."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from node.members import admission, invitations, mandates, store
from node.members.rules import Grant
from tests.groups.test_roles import DAY
from tests.nodes.served import PASSWORD, ServedNode, stands_in
from tests.web.admin.desk_browsers import at_desk, enter
from tests.web.mastodon import logins
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App, allow, asking, browser, fields, register

OPEN = {"readers.admission": "open"}
SECRET = "The night crews meet at the depot."


async def alone(node: ServedNode, scopes: str = logins.ALL) -> App:
    """An app that speaks for nobody."""
    app = await register(node, scopes=scopes)
    form = {"grant_type": "client_credentials", "scope": scopes}
    form |= {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    async with node.http.post(f"{node.origin}/oauth/token", data=form) as response:
        return App(node, (await response.json())["access_token"])


def wanted(**more: str) -> dict[str, str]:
    return {"username": "rosa", "password": PASSWORD, "email": "rosa@mail.example", "agreement": "true"} | more


async def test_whoever_wants_to_read_gives_herself_an_account_through_an_app(serve: Any, app_login: AppLogin) -> None:
    node: ServedNode = await serve(0, settings=OPEN)
    app = await alone(node)
    for wrong, field, code in (
        (wanted(agreement="false"), "agreement", "ERR_ACCEPTED"),
        (wanted(password="short"), "password", "ERR_INVALID"),
        (wanted(username="Rosa L."), "username", "ERR_INVALID"),
        (wanted(username="steward"), "username", "ERR_TAKEN"),
        (wanted(invite_code="guessed"), "invite_code", "ERR_INVALID"),
    ):
        told = await app.post("/api/v1/accounts", status=422, **wrong)
        assert list(told["details"]) == [field] and told["details"][field][0]["error"] == code, told
        assert isinstance(told["error"], str)
    given = await app.post("/api/v1/accounts", **wanted())
    rosa = App(node, given["access_token"])
    account = await rosa.get("/api/v1/accounts/verify_credentials")
    assert (account["username"], account["acct"], account["url"]) == ("rosa", "rosa", f"{node.origin}/")
    assert "rosa@mail.example" not in repr(await node.contents())
    assert (await node.page("/"))[1].count("rosa") == 0
    status, _ = await node.activity(f"/.well-known/webfinger?resource=acct:rosa@{node.node.config.host}")
    assert status == 404
    # With the same account through another app.
    again = await app_login(node, "rosa")
    assert again.account["id"] == account["id"]
    # A mandate that is given and taken away again leaves her what she was.
    member = (await node.read(store.by_name, "rosa")).id
    number = await node.write(mandates.give, member, node.group, Grant("writer"))
    assert (await app_login(node, "rosa")).account["acct"] == "union"

    def recall(tx: Any) -> None:
        mandates.end(tx, number)
        mandates.forget_without_any(tx, member)

    await node.write(recall)
    assert (await rosa.get("/api/v1/accounts/verify_credentials"))["id"] == account["id"]


@pytest.mark.one_database
async def test_a_reader_sees_nothing_that_a_group_keeps_for_its_members(serve: Any) -> None:
    node: ServedNode = await serve(0, settings=OPEN | {"publication_delay": 600})
    await node.publish(SECRET)
    app = await alone(node)
    rosa = App(node, (await app.post("/api/v1/accounts", **wanted()))["access_token"])
    async with at_desk(node, "rosa") as desk:
        async with desk.http.get("/desk") as response:
            page = await response.text()
            assert response.url.path == "/desk/me" and "account to read with" in page and "Prattler" in page
        sections = set(re.findall(r'href="(/desk/[a-z/]+)', page))
        for path in sections | {
            "/desk/drafts",
            "/desk/decisions/1",
            "/desk/members",
            "/desk/published",
            "/desk/groups",
        }:
            async with desk.http.get(path) as response:
                assert response.status < 500 and SECRET not in await response.text(), path
        number = re.search(r'name="number" value="([^"]+)"><button class="quiet" type="submit">Let it in no more', page)
        assert number is not None
        status, _, _ = await desk.send("/desk/me/end-token", origin="/desk/me", group="", number=number[1])
        assert status == 303
        await rosa.get("/api/v1/accounts/verify_credentials", status=401)
        assert (await desk.send("/desk/me/leave", origin="/desk/me", group="", password=PASSWORD))[0] == 303
    assert await node.read(store.by_name, "rosa") is None
    assert not stands_in("rosa", repr(await node.contents()))


@pytest.mark.one_database
async def test_nobody_becomes_a_reader_where_the_group_has_not_invited_her(serve: Any) -> None:
    node: ServedNode = await serve(0)
    app = await alone(node)
    assert "readers" in (await app.post("/api/v1/accounts", status=403, **wanted()))["error"]
    assert (await node.page("/join"))[0] == 404
    number, secret = await node.write(invitations.make, Grant("reader"), actor=node.group, lasts=DAY)
    await node.write(invitations.open_for_use, number)
    given = await app.post("/api/v1/accounts", **wanted(invite_code=secret))
    account = await App(node, given["access_token"]).get("/api/v1/accounts/verify_credentials")
    assert account["username"] == "rosa"
    assert await node.read(store.roles, 2, node.group) == ["reader"]
    assert not (await node.contents())["sessions"]
    async with node.http.get(f"{node.origin}/api/v2/instance") as response:
        assert (await response.json())["registrations"]["enabled"] is False


@pytest.mark.one_database
async def test_where_readers_are_not_admitted_an_invitation_of_one_is_not_taken(serve: Any) -> None:
    node: ServedNode = await serve(0, settings={"readers.admission": "closed"})
    app = await alone(node)
    number, secret = await node.write(invitations.make, Grant("reader"), actor=node.group, lasts=DAY)
    await node.write(invitations.open_for_use, number)
    await app.post("/api/v1/accounts", status=403, **wanted(invite_code=secret))
    assert await node.read(store.by_name, "rosa") is None


@pytest.mark.one_database
async def test_a_reader_comes_by_the_page_that_an_app_has_sent_her_to(serve: Any) -> None:
    node: ServedNode = await serve(0, settings=OPEN)
    app = await register(node)
    async with browser(node) as session:
        async with session.get(asking(app, state="s")) as response:
            join = re.search(r'href="(/join\?[^"]+)"', await response.text())
        assert join is not None
        async with session.get(join[1].replace("&amp;", "&")) as response:
            form = fields(await response.text()) | {"name": "rosa", "password": "short"}
        async with session.post("/join", data=form) as response:
            assert response.status == 422 and "at least 12" in await response.text()
        async with session.post("/join", data=form | {"password": PASSWORD}) as response:
            page = await response.text()
            assert response.url.path == "/oauth/authorize" and "Prattler" in page, page
        status, location, _ = await allow(session, page, "private")
        assert status == 303 and "code=" in location and location.endswith("&state=s")


@pytest.mark.one_database
async def test_so_many_become_readers_in_a_day_and_no_more(serve: Any) -> None:
    node: ServedNode = await serve(0, settings=OPEN)
    for number in range(admission.IN_A_DAY):
        await node.write(admission._admit, f"reader{number}", "")
    app = await alone(node)
    await app.post("/api/v1/accounts", status=429, **wanted())
    node.clock.advance(DAY)
    await app.post("/api/v1/accounts", **wanted())


@pytest.mark.one_database
async def test_a_form_that_another_site_sends_makes_no_reader(serve: Any) -> None:
    node: ServedNode = await serve(0, settings=OPEN)
    headers = {"Origin": "https://elsewhere.example", "Accept": "text/html"}
    form = {"name": "rosa", "password": PASSWORD}
    async with node.http.post(f"{node.origin}/join", data=form, headers=headers) as response:
        assert response.status == 403
    assert await node.read(store.by_name, "rosa") is None


async def test_a_reader_who_is_never_here_again_is_forgotten(serve: Any, app_login: AppLogin) -> None:
    node: ServedNode = await serve(0, settings=OPEN | {"readers.unused_days": 30})
    app = await alone(node)
    token = {}
    for name in ("rosa", "emma", "vera"):
        token[name] = (await app.post("/api/v1/accounts", **wanted(username=name)))["access_token"]
    await node.write(enter, node.group, {"rita": "reader"})

    async def there() -> set[str]:
        found = [await node.read(store.by_name, name) for name in ("rosa", "emma", "vera", "rita", "steward")]
        return {row.name for row in found if row is not None}

    await node.write(admission.prune)
    assert await there() == {"rosa", "emma", "vera", "rita", "steward"}
    node.clock.advance(timedelta(days=29))
    emma = App(node, token["emma"])
    await emma.get("/api/v1/accounts/verify_credentials")
    await app_login(node, "vera")
    node.clock.advance(timedelta(days=20))
    await node.write(admission.prune)  # or the node itself has been faster
    assert await there() == {"emma", "vera", "rita", "steward"}, "a mandate, an app that is used, a login"
    assert (await App(node, token["rosa"]).call("GET", "/api/v1/accounts/verify_credentials")).status == 401
