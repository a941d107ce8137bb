"""What strangers do is shown to members of the group in their apps, one by one and in groups, each her own list."""

from __future__ import annotations

from typing import Any

from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import enter
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App

PATH = "/api/v1/notifications"


async def deeds(node: ServedNode, peer: Peer, iri: str) -> tuple[str, str]:
    """Two strangers like a text, one of them names the group and follows it; their IRIs."""
    ana, bo = peer.actor("ana"), peer.actor("bo")
    mention = {"type": "Mention", "href": node.group, "name": node.handle}
    answer = peer.note(ana, "<p>Solidarity!</p>", inReplyTo=iri, tag=[mention])
    for one in (
        peer.activity("Like", ana, iri),
        peer.activity("Like", bo, iri),
        peer.activity("Create", ana, answer),
        peer.activity("Follow", ana, node.group),
    ):
        assert await peer.send(f"{node.origin}/inbox", one) == 202
    await node.quiet()
    return ana, bo


async def shown(app: App, **query: Any) -> list[tuple[str, str]]:
    found = await app.get(PATH, **query)
    return sorted((one["type"], one["account"]["username"]) for one in found)


async def test_a_list_of_ones_own(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    said = await app.send("POST", "/api/v1/statuses", {"status": "We strike."})
    await deeds(node, hostile_peer, said["uri"])

    async def four() -> bool:
        return len(await app.get(PATH)) == 4

    await eventually(four)
    everything = [("favourite", "ana"), ("favourite", "bo"), ("follow", "ana"), ("mention", "ana")]
    assert await shown(app) == everything
    assert await shown(app, **{"types[]": "mention"}) == [("mention", "ana")]
    assert await shown(app, **{"exclude_types[]": "favourite"}) == everything[2:]
    assert await shown(app, **{"types[]": "admin.report"}) == []
    found = await app.get(PATH)
    bo = next(one["account"]["id"] for one in found if one["account"]["username"] == "bo")
    assert await shown(app, account_id=bo) == [("favourite", "bo")]
    followed = next(one for one in found if one["type"] == "follow")
    assert "status" not in followed
    named = next(one for one in found if one["type"] == "mention")
    assert named["status"]["in_reply_to_id"] == said["id"] and "Solidarity" in named["status"]["content"]

    first = await app.call("GET", PATH, params={"limit": 3})
    assert len(first.body) == 3 and 'rel="next"' in first.headers["Link"]
    rest = await app.get(PATH, max_id=first.body[-1]["id"])
    assert [one["id"] for one in [*first.body, *rest]] == [one["id"] for one in found]

    assert (await app.get(f"{PATH}/unread_count"))["count"] == 4
    await app.send("POST", "/api/v1/markers", {"notifications": {"last_read_id": found[1]["id"]}})
    assert (await app.get(f"{PATH}/unread_count"))["count"] == 1
    assert await app.post(f"{PATH}/{named['id']}/dismiss") == {}
    assert (await app.call("GET", f"{PATH}/{named['id']}")).status == 404
    await node.write(enter, node.group, {"zoe": "editor", "reader": "reader"})
    other, reader = await app_login(node, "zoe"), await app_login(node, "reader")
    assert await shown(other) == everything, "what one member puts away, the others keep"
    assert await reader.get(PATH) == []
    assert await app.post(f"{PATH}/clear") == {}
    assert await app.get(PATH) == []
    for path in (f"{PATH}/1", f"{PATH}/x", "/api/v2/notifications/favourite-1", "/api/v2/notifications/x"):
        assert (await app.call("GET", path)).status == 404, path
    assert (await node_status(node, PATH)) == 401


async def node_status(node: ServedNode, path: str) -> int:
    async with node.http.get(node.origin + path) as response:
        return response.status


async def test_in_groups(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    said = await app.send("POST", "/api/v1/statuses", {"status": "We strike."})
    await deeds(node, hostile_peer, said["uri"])

    async def three() -> Any:
        found = await app.get("/api/v2/notifications")
        return found if sum(one["notifications_count"] for one in found["notification_groups"]) == 4 else None

    found = await eventually(three)
    groups = {one["type"]: one for one in found["notification_groups"]}
    liked = groups["favourite"]
    assert liked["notifications_count"] == 2 and len(liked["sample_account_ids"]) == 2
    assert liked["status_id"] == said["id"] and isinstance(liked["most_recent_notification_id"], int)
    assert {one["id"] for one in found["statuses"]} >= {said["id"], groups["mention"]["status_id"]}
    assert {one["username"] for one in found["accounts"]} == {"ana", "bo"}
    accounts = await app.get(f"/api/v2/notifications/{liked['group_key']}/accounts")
    assert {one["username"] for one in accounts} == {"ana", "bo"}
    one = await app.get(f"/api/v2/notifications/{liked['group_key']}")
    assert one["notification_groups"][0]["group_key"] == liked["group_key"]
    assert (await app.get("/api/v2/notifications/unread_count"))["count"] == 3
    apart = await app.get("/api/v2/notifications", **{"grouped_types[]": "follow"})
    assert len(apart["notification_groups"]) == 4
    assert await app.post(f"/api/v2/notifications/{liked['group_key']}/dismiss") == {}
    assert (await app.get("/api/v2/notifications/unread_count"))["count"] == 2


async def test_strangers_wait_where_a_member_wants_it(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    app = await app_login(node, "steward")
    said = await app.send("POST", "/api/v1/statuses", {"status": "We strike."})
    await deeds(node, hostile_peer, said["uri"])
    path = "/api/v2/notifications/policy"
    policy = await app.get(path)
    assert policy["for_not_following"] == "accept" and policy["summary"]["pending_requests_count"] == 0
    changed = await app.send("PATCH", path, {"for_not_following": "filter"})
    assert changed["for_not_following"] == "filter"
    assert (await app.get("/api/v1/notifications/policy"))["filter_not_following"] is True
    assert (await app.call("PATCH", path, json={"for_not_following": "hang"})).status == 422

    async def two() -> Any:
        found = await app.get(f"{PATH}/requests")
        return found if len(found) == 2 else None

    requests = {one["account"]["username"]: one for one in await eventually(two)}
    assert await app.get(PATH) == [] and requests["bo"]["notifications_count"] == "1"
    assert len(await app.get(PATH, include_filtered="true")) == 4
    assert (await app.get(f"{PATH}/requests/{requests['bo']['id']}"))["account"]["username"] == "bo"
    assert await app.post(f"{PATH}/requests/{requests['bo']['id']}/accept") == {}
    assert await shown(app) == [("favourite", "bo")]
    assert await app.send("POST", f"{PATH}/requests/dismiss", {"id": [requests["ana"]["id"]]}) == {}
    assert await app.get(f"{PATH}/requests") == []
    await app.send("PUT", "/api/v1/notifications/policy", {"filter_not_following": False})
    assert len(await app.get(PATH)) == 4
