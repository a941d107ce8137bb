"""Every call that Tusky, Ivory, Ice Cubes, Phanpy, Elk, Semaphore, Enafore, toot and the libraries make is answered.

Whether the answers are right is said by the tests beside this one.
"""

from __future__ import annotations

import re
from typing import Any

import aiohttp
import pytest

from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import enter
from tests.web.mastodon.calls import GONE_OR_NONE, NEEDED, RARE, SENT
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App, register
from tests.web.mastodon.test_described import numbers
from tests.web.mastodon.world import World, world

pytestmark = pytest.mark.one_database
NOTHING = "there is nothing at this address"


def filled(text: Any, known: dict[str, str]) -> Any:
    if isinstance(text, dict):
        return {name: filled(one, known) for name, one in text.items()}
    if isinstance(text, list):
        return [filled(one, known) for one in text]
    return re.sub(r"\{(\w+)\}", lambda match: known[match[1]], text)


async def ask(app: App, line: str, known: dict[str, str]) -> Any:
    """Make a call as an app does, and see that what comes back can be read; the answer."""
    method, pattern = line.split()
    path, value = filled(pattern, known), SENT.get(pattern.partition("?")[0])
    more: dict[str, Any] = {} if method == "GET" or value is None else {"json": filled(value, known)}
    if path.endswith("/media") and method == "POST":
        more = {"data": picture()}
    if path.startswith("/oauth/"):
        more = {"data": more.get("json", {}) | {name: known[name] for name in ("client_id", "client_secret")}}
    found = await app.call(method, path, **more)
    assert found.headers["Content-Type"].startswith("application/json"), (line, found)
    assert found.status < 500 and found.status != 405, (line, found)
    if found.status >= 400:
        assert isinstance(found.body["error"], str), (line, found)
    assert found.headers.get("Access-Control-Allow-Origin") == "*", line
    return found


def picture() -> aiohttp.FormData:
    form = aiohttp.FormData({"description": "A dot"})
    form.add_field("file", DOT, filename="dot.png", content_type="image/png")
    return form


DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6364f8cf500f00038601805a34"
    "7d6b0000000049454e44ae426082"
)


async def acquainted(node: ServedNode, peer: Peer, app: App) -> dict[str, str]:
    known = {name: found[0] for name, found in (await numbers(node, peer, app)).items()}
    client = await register(node)
    known |= {name: str(client[name]) for name in ("client_id", "client_secret")}
    posted = await app.send("POST", "/api/v1/statuses", {"status": "Ours. #roses"})
    known["own"], known["followed"] = posted["id"], known["accounts"]
    known["later"] = "2090-01-01T00:00:00.000Z"
    return known


async def test_whatever_clients_call_is_answered(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    known = await acquainted(node, hostile_peer, app)
    later = await app.get(f"/api/v1/scheduled_statuses/{known['scheduled_statuses']}")
    known["later"] = later["scheduled_at"]
    for line in NEEDED.split("\n")[1:-1]:
        found = await ask(app, line, known)
        assert found.status in (200, 202), (line, found.status, found.body)
    for line in GONE_OR_NONE.split("\n")[1:-1]:
        found = await ask(app, line, known)
        assert found.status in (403, 404, 422) and found.body["error"] != NOTHING, (line, found.status, found.body)
    for line in RARE.split("\n")[1:-1]:
        found = await ask(app, line, known)
        assert found.status in (200, 202, 401, 403, 404, 422), (line, found.status, found.body)


async def test_a_reader_is_answered_too_and_is_told_what_is_the_group_s(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    await node.write(enter, node.group, {"rita": "reader"})
    steward, reader = await app_login(node, "steward"), await app_login(node, "rita", account="private")
    known = await acquainted(node, hostile_peer, steward)
    denied = []
    for line in NEEDED.split("\n")[1:-1]:
        if not line.startswith("POST /oauth"):
            found = await ask(reader, line, known)
            assert found.status in (200, 202, 403, 404, 422), (line, found.status, found.body)
            denied += [line] if found.status == 403 else []
    for act in ("POST /api/v1/statuses", "POST /api/v1/statuses/{statuses}/reblog", "POST /api/v1/polls/{polls}/votes",
                "PUT /api/v1/statuses/{own}", "POST /api/v1/statuses/{own}/pin", "DELETE /api/v1/statuses/{own}",
                "PATCH /api/v1/accounts/update_credentials"):  # fmt: skip
        assert act in denied, act
    for private in ("favourite", "bookmark", "mute"):
        assert f"POST /api/v1/statuses/{{statuses}}/{private}" not in denied


async def test_what_clients_stumble_over_is_not_in_their_way(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    there = await world(node, hostile_peer)
    app = await app_login(node, "steward")
    await marks_can_be_taken_back(there, app)
    await notifications_can_be_put_away(there, app)
    await what_is_deleted_leaves_an_empty_object(there, app)
    await a_token_is_what_libraries_take(node)
    await errors_and_pictures_may_be_read_by_pages(node, app)


async def marks_can_be_taken_back(there: World, app: App) -> None:
    number = await there.number(await there.note("<p>one</p>"))
    for act, mark in (("favourite", "favourited"), ("bookmark", "bookmarked"), ("mute", "muted")):
        assert (await app.post(f"/api/v1/statuses/{number}/{act}"))[mark] is True
        assert (await app.post(f"/api/v1/statuses/{number}/un{act}"))[mark] is False
    boosted = await app.post(f"/api/v1/statuses/{number}/reblog")
    assert boosted["id"] != number and boosted["reblog"]["id"] == number and boosted["reblog"]["reblogged"] is True
    assert boosted["spoiler_text"] == "" and boosted["emojis"] == [] and boosted["favourites_count"] == 0
    undone = await app.post(f"/api/v1/statuses/{boosted['id']}/unreblog")
    assert undone["id"] == number and undone["reblogged"] is False and undone["reblog"] is None


async def notifications_can_be_put_away(there: World, app: App) -> None:
    own = (await app.send("POST", "/api/v1/statuses", {"status": "Ours."}))["uri"]
    for kind in ("Like", "Announce"):
        activity = there.peer.activity(kind, there.ada, own)
        assert await there.peer.send(f"{there.node.origin}/inbox", activity) == 202

    async def told() -> list[dict[str, Any]]:
        return list(await app.get("/api/v1/notifications"))

    async def both() -> bool:
        return {"favourite", "reblog"} <= {one["type"] for one in await told()}

    await eventually(both)
    first = (await told())[0]
    assert (await app.get(f"/api/v1/notifications/{first['id']}"))["id"] == first["id"]
    grouped = await app.get("/api/v2/notifications")
    for group in grouped["notification_groups"]:
        assert isinstance(group["most_recent_notification_id"], int)
    assert await app.post(f"/api/v1/notifications/{first['id']}/dismiss") == {}
    assert first["id"] not in [one["id"] for one in await told()]
    left = (await told())[0]["id"]
    assert await app.post("/api/v1/notifications/dismiss", id=left) == {}
    assert await app.post("/api/v1/notifications/clear") == {} and await told() == []
    assert (await app.get("/api/v1/notifications/unread_count"))["count"] == 0
    assert (await app.get("/api/v1/notifications/requests/merged"))["merged"] is True
    follow = there.peer.activity("Follow", there.ada, there.node.group)
    assert await there.peer.send(f"{there.node.origin}/inbox", follow) == 202

    async def followed() -> bool:
        return [one["type"] for one in await told()] == ["follow"]

    await eventually(followed)
    assert "status" not in (await told())[0], "megalodon reads the status of whatever has one"


async def what_is_deleted_leaves_an_empty_object(there: World, app: App) -> None:
    ada = (await app.get("/api/v1/accounts/lookup", acct=f"ada@{there.peer.host}"))["id"]
    made = await app.send("POST", "/api/v1/lists", {"title": "Bakers"})
    await app.post(f"/api/v1/accounts/{ada}/follow")
    for form in ({"account_ids[]": ada}, {"account_ids": ada}):
        assert await app.post(f"/api/v1/lists/{made['id']}/accounts", **form) == {}
        found = await app.call("DELETE", f"/api/v1/lists/{made['id']}/accounts", data=form)
        assert (found.status, found.body) == (200, {}), "a body of a DELETE is read"
    assert await app.send("DELETE", f"/api/v1/lists/{made['id']}") == {}
    words = "title=Sport&context[]=home&keywords_attributes[0][keyword]=ball&keywords_attributes[1][keyword]=cup"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    sport = (await app.call("POST", "/api/v2/filters", data=words, headers=kind)).body
    assert [one["keyword"] for one in sport["keywords"]] == ["ball", "cup"]
    added = await app.post(f"/api/v2/filters/{sport['id']}/keywords", keyword="goal", whole_word="True")
    assert added["whole_word"] is True and len(await app.get(f"/api/v2/filters/{sport['id']}/keywords")) == 3
    note = await there.number(await there.note("<p>two</p>"))
    named = await app.post(f"/api/v2/filters/{sport['id']}/statuses", status_id=note)
    assert [one["id"] for one in await app.get(f"/api/v2/filters/{sport['id']}/statuses")] == [named["id"]]
    assert await app.send("DELETE", f"/api/v2/filters/keywords/{added['id']}") == {}
    assert await app.send("DELETE", f"/api/v2/filters/{sport['id']}") == {}
    assert [one["id"] for one in await app.get("/api/v1/accounts/relationships", id=ada)] == [ada]
    assert await app.get(f"/api/v1/accounts/{ada}/featured_tags") == []


async def a_token_is_what_libraries_take(node: ServedNode) -> None:
    app = await register(node, scopes="read write")
    form = {"grant_type": "client_credentials", "client_id": app["client_id"], "client_secret": app["client_secret"]}
    async with node.http.post(f"{node.origin}/oauth/token", data=form | {"scope": "read write"}) as response:
        token = await response.json()
    assert isinstance(token["created_at"], int) and token["token_type"] == "Bearer"
    assert {"read", "write"} <= set(token["scope"].split())
    for name in ("id", "name", "redirect_uri", "client_id", "client_secret"):
        assert isinstance(app[name], str), name
    async with node.http.get(f"{node.origin}/oauth/authorize/?client_id=x", headers={"Accept": "text/html"}) as page:
        assert page.content_type == "text/html", "toot asks with a slash"
        assert page.headers.get("Cross-Origin-Opener-Policy") != "same-origin", "Phanpy opens it in a window of its own"


async def errors_and_pictures_may_be_read_by_pages(node: ServedNode, app: App) -> None:
    avatar = app.account["avatar"].removeprefix(node.origin)
    for path in (avatar, "/api/v1/statuses/7", "/api/v1/no/such/thing", "/.well-known/nodeinfo", "/nodeinfo/2.0"):
        async with node.http.get(node.origin + path, headers={"Origin": "https://app.example"}) as response:
            assert response.headers["Access-Control-Allow-Origin"] == "*", path
    async with node.http.get(f"{node.origin}/.well-known/host-meta") as response:
        assert response.status == 200 and "xml" in response.content_type
    found = await app.call("GET", "/api/v1/timelines/public", params={"limit": "1"})
    parts = re.findall(r'<([^>]+)>; rel="(\w+)"', found.headers["Link"])
    assert [rel for _, rel in parts] == ["next", "prev"] and "min_id=" in parts[1][0]
    assert all(url.startswith(node.origin) for url, _ in parts)
