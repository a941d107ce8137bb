"""What an app is promised never to get by: another group's affairs, more than its token says, a mandate that is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from node.decisions.rules import Method, Rule
from node.groups import founding
from node.groups.founding import NewGroup
from node.members import actions as leaving
from node.members import store as members
from node.uploads import actions as uploads
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import enter, give_rule
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.test_posting import upload
from tests.web.mastodon.test_streaming import socket, told

TWO = Rule(Method.APPROVALS, approvals=2)


async def second_group(node: ServedNode) -> str:
    """Another group of this node, whose first steward is `rosa`."""
    await node.write(enter, node.group, {"rosa": "writer"})
    await founding.add(node.node, NewGroup("fund", "Strike Fund", "en", "rosa"), member=await node.steward())
    return f"{node.origin}/groups/fund"


async def test_a_token_of_one_group_does_nothing_in_another(node: ServedNode, app_login: AppLogin) -> None:
    fund = await second_group(node)
    hers = await app_login(node, "rosa", account=fund)
    union = await app_login(node, "rosa", account=node.group)
    steward = await app_login(node, "steward", account=node.group)
    said = await hers.send("POST", "/api/v1/statuses", {"status": "The fund is open."})
    refused = await union.call("POST", f"/api/v1/statuses/{said['id']}/pin")
    assert refused.status in (403, 422), refused.body
    assert not (await hers.get(f"/api/v1/statuses/{said['id']}"))["pinned"]

    later = (node.clock() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    waits = await hers.send("POST", "/api/v1/statuses", {"status": "Secret of the fund.", "scheduled_at": later})
    assert waits["scheduled_at"]
    for app in (union, steward):
        for method, path in (
            ("GET", f"/api/v1/statuses/{waits['id']}"),
            ("GET", f"/api/v1/scheduled_statuses/{waits['id']}"),
            ("DELETE", f"/api/v1/scheduled_statuses/{waits['id']}"),
            ("DELETE", f"/api/v1/statuses/{waits['id']}"),
            ("PUT", f"/api/v1/scheduled_statuses/{waits['id']}"),
            ("GET", f"/api/v1/statuses/{waits['id']}/source"),
            ("GET", f"/api/v1/statuses/{waits['id']}/context"),
            ("GET", f"/api/v1/statuses/{waits['id']}/history"),
        ):
            got = await app.call(method, path, json={"scheduled_at": later} if method == "PUT" else None)
            assert got.status == 404 and "Secret" not in str(got.body), (method, path, got.status, got.body)
        assert "Secret" not in str(await app.get("/api/v1/notifications"))
        assert "Secret" not in str(await app.get("/api/v2/search", q="Secret"))


async def test_who_may_not_publish_does_not_by_an_app(node: ServedNode, app_login: AppLogin) -> None:
    await node.write(enter, node.group, {"walt": "writer", "dora": "delegate"})
    steward = await app_login(node, "steward")
    said = await steward.send("POST", "/api/v1/statuses", {"status": "We are here."})
    for name in ("walt", "dora"):
        app = await app_login(node, name)
        for method, path, value in (
            ("POST", "/api/v1/statuses", {"status": "I"}),
            ("PUT", f"/api/v1/statuses/{said['id']}", {"status": "I"}),
            ("DELETE", f"/api/v1/statuses/{said['id']}", None),
            ("POST", f"/api/v1/statuses/{said['id']}/reblog", None),
            ("POST", f"/api/v1/statuses/{said['id']}/pin", None),
            ("PATCH", "/api/v1/accounts/update_credentials", {"note": "I"}),
            ("DELETE", "/api/v1/profile/avatar", None),
        ):
            got = await app.call(method, path, json=value)
            assert got.status == 403, (name, method, path, got.status, got.body)
    later = (node.clock() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    waits = await steward.send("POST", "/api/v1/statuses", {"status": "Later", "scheduled_at": later})
    walt = await app_login(node, "walt")
    for method in ("PUT", "DELETE"):
        got = await walt.call(method, f"/api/v1/scheduled_statuses/{waits['id']}", json={"scheduled_at": later})
        assert got.status == 403, (method, got.status, got.body)


async def test_a_stream_tells_no_more_than_the_token_may_read(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    bo = hostile_peer.actor("bo")
    all_of_it = await app_login(node, "steward")
    texts = await app_login(node, "steward", scopes="read:statuses")
    news = await app_login(node, "steward", scopes="read:notifications")
    said = await all_of_it.send("POST", "/api/v1/statuses", {"status": "First."})
    async with (
        socket(node, texts, stream="user") as of_texts,
        socket(node, news, stream="user") as of_news,
        socket(node, all_of_it, stream="user") as of_both,
    ):
        like = hostile_peer.activity("Like", bo, said["uri"])
        assert await hostile_peer.send(f"{node.origin}/inbox", like) == 202
        assert (await told(of_both))[1] == "notification"
        await all_of_it.send("POST", "/api/v1/statuses", {"status": "Second."})
        assert (await told(of_both))[1] == "update"
        assert (await told(of_news))[1] == "notification"
        assert (await told(of_texts))[1] == "update"


async def test_what_waits_is_not_shown_once_the_mandate_is_over(node: ServedNode, app_login: AppLogin) -> None:
    ends = node.clock() + timedelta(seconds=30)

    def come(tx: Any) -> None:
        row = members.by_name(tx, "steward")
        number = members.add(tx, "guest", row.password_hash)
        members.add_mandate(tx, number, node.group, "writer", ends)

    await node.write(come)
    later = (node.clock() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    steward, guest = await app_login(node, "steward"), await app_login(node, "guest")
    waits = await steward.send("POST", "/api/v1/statuses", {"status": "Not yet.", "scheduled_at": later})
    assert (await guest.get(f"/api/v1/statuses/{waits['id']}"))["id"] == waits["id"]
    node.clock.advance(timedelta(seconds=35))
    got = await guest.call("GET", f"/api/v1/statuses/{waits['id']}")
    assert got.status == 401, got.body


async def test_pictures_of_whoever_has_left_go(node: ServedNode, app_login: AppLogin) -> None:
    await node.write(enter, node.group, {"ed": "editor"})
    app = await app_login(node, "ed")
    sent = await upload(app, description="Nobody has seen it")
    file = node.directory / "media" / sent["url"].rpartition("/")[2]
    assert file.exists()
    await node.write(leaving.remove, "ed")
    assert "ed" not in [row.name for row in await node.read(members.everybody)]
    node.clock.advance(timedelta(days=2))
    await node.write(uploads.prune)
    assert not file.exists()


async def test_a_text_whose_correction_waits_is_deleted_all_the_same(node: ServedNode, app_login: AppLogin) -> None:
    await node.write(enter, node.group, {"ed": "editor"})
    await give_rule(node, "correct", TWO)
    app = await app_login(node, "steward")
    said = await app.send("POST", "/api/v1/statuses", {"status": "We strike on Monday."})
    await app.send("PUT", f"/api/v1/statuses/{said['id']}", {"status": "We strike on Tuesday."})
    assert (await app.call("GET", f"/api/v1/scheduled_statuses/{said['id']}")).status == 404
    gone = await app.send("DELETE", f"/api/v1/statuses/{said['id']}")
    assert gone["text"] == "We strike on Monday."
    assert (await app.call("GET", f"/api/v1/statuses/{said['id']}")).status == 404
