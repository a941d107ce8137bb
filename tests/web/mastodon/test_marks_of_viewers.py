"""Favourites, bookmarks, mutes, blocks and follows of a viewer, over HTTP: hers alone, and nothing leaves the node."""

from __future__ import annotations

from typing import Any

from node import actors, objects
from node.context import Transaction
from node.decisions import Method, Rule
from node.decisions import actions as deciding
from node.decisions import store as decided
from node.decisions.rules import Choice
from node.members.store import Member
from node.peering import store as follows
from node.statements import correcting
from tests.marks.test_marks import heard
from tests.node.test_unneeded import tell
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.web.admin import desk_browsers
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App

NOBODY = "999999999999999999"


async def enter(node: ServedNode, name: str, role: str) -> Member:
    """A member with one mandate."""
    found: dict[str, Member] = await node.write(desk_browsers.enter, node.group, {name: role})
    return found[name]


async def status_id(node: ServedNode, iri: str) -> str:
    return str((await node.read(objects.find, iri)).sort_id)


async def account_id(node: ServedNode, iri: str) -> str:
    return str((await node.read(actors.find, iri)).number)


async def reader(node: ServedNode, app_login: AppLogin, name: str = "reader", **more: Any) -> App:
    await enter(node, name, "reader")
    return await app_login(node, name, **more)


async def home(app: App) -> list[str]:
    return [one["uri"] for one in await app.get("/api/v1/timelines/home")]


def uris(found: list[dict[str, Any]]) -> list[str]:
    return [one["uri"] for one in found]


async def test_marks_on_texts(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    her, friend = await reader(node, app_login), await heard(node, hostile_peer)
    texts = [await tell(node, hostile_peer, friend) for _ in range(3)]
    ids = [await status_id(node, iri) for iri in texts]
    for act, field in (("favourite", "favourited"), ("bookmark", "bookmarked"), ("mute", "muted")):
        for _ in range(2):
            assert (await her.post(f"/api/v1/statuses/{ids[0]}/{act}"))[field] is True
        assert (await her.get(f"/api/v1/statuses/{ids[0]}"))[field] is True
        assert (await her.get(f"/api/v1/statuses/{ids[1]}"))[field] is False
        for _ in range(2):
            assert (await her.post(f"/api/v1/statuses/{ids[0]}/un{act}"))[field] is False
        for wrong in (NOBODY, "x", "1" * 40, "-1"):
            refused = await her.post(f"/api/v1/statuses/{wrong}/{act}", status=404)
            assert isinstance(refused["error"], str)
    other = await app_login(node, "steward")
    for act, name in (("favourite", "favourites"), ("bookmark", "bookmarks")):
        for number in ids:
            await her.post(f"/api/v1/statuses/{number}/{act}")
        found = await her.call("GET", f"/api/v1/{name}?limit=2")
        assert uris(found.body) == [texts[2], texts[1]]
        older, newer = [part.split(";")[0].strip(" <>") for part in found.headers["Link"].split(",")]
        assert "max_id=" in older and "min_id=" in newer and older.startswith(node.origin)
        assert uris((await her.call("GET", older)).body) == [texts[0]]
        assert (await her.call("GET", newer)).body == []
        assert await other.get(f"/api/v1/{name}") == [], "her marks are hers alone"
    public = await other.get(f"/api/v1/statuses/{ids[0]}")
    assert public["favourites_count"] == 0 and not public["favourited"]


async def test_a_boost_is_marked_as_what_it_passes_on_and_marks_go_with_the_text(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    her, friend = await app_login(node, "steward"), await heard(node, hostile_peer)
    said = await node.publish("We strike.")
    await node.quiet()
    boost = hostile_peer.activity("Announce", friend, said)
    assert await hostile_peer.send(f"{node.origin}/inbox", boost) == 202
    await node.quiet()
    wrapper = next(one for one in await her.get("/api/v1/timelines/home") if one["reblog"])
    number = await status_id(node, said)
    assert wrapper["id"] != number
    found = await her.post(f"/api/v1/statuses/{wrapper['id']}/bookmark")
    assert (found["id"], found["bookmarked"]) == (number, True)
    assert uris(await her.get("/api/v1/bookmarks")) == [said]
    member = await node.steward()
    await node.write(correcting.delete, said, reason="mistake", member=member)
    await node.quiet()
    assert await her.get("/api/v1/bookmarks") == [] == (await node.contents())["marks"]


async def test_nothing_of_it_leaves_the_node(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    friend = await heard(node, hostile_peer)
    text, account = await tell(node, hostile_peer, friend), await account_id(node, friend)
    number = await status_id(node, text)

    async def asked() -> bool:
        return (await node.read(actors.find, friend)).handle_checked is not None

    await eventually(asked)  # what her words have set off, before any mark
    await node.quiet()
    requests: list[str] = []
    hostile_peer.every_request.append(lambda request: requests.append(f"{request.method} {request.path}"))
    for app in (await reader(node, app_login), await app_login(node, "steward")):
        for act in ("favourite", "bookmark", "mute", "unfavourite", "unbookmark", "unmute", "favourite", "bookmark"):
            await app.post(f"/api/v1/statuses/{number}/{act}")
        for act in ("mute", "note", "unmute", "unblock", "follow", "mute"):  # to block is an act of the group
            await app.post(f"/api/v1/accounts/{account}/{act}", comment="seen at the gate")
        made = await app.post("/api/v1/lists", title="Ours")
        await app.send("POST", f"/api/v1/lists/{made['id']}/accounts", {"account_ids": [account]})
        await app.post("/api/v1/domain_blocks", domain=hostile_peer.host)
        await app.post("/api/v1/tags/lohn/follow")
        await app.post("/api/v2/filters", title="x", **{"context[]": "home", "keywords_attributes[][keyword]": "y"})
        for path in ("favourites", "bookmarks", "mutes", "blocks", f"lists/{made['id']}/accounts", "timelines/home"):
            await app.get(f"/api/v1/{path}")
    await node.quiet()
    assert requests == [] and hostile_peer.received == []


async def test_a_reader_follows_for_herself_and_only_what_is_heard(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    her, friend = await reader(node, app_login), await heard(node, hostile_peer)
    text, ours = await tell(node, hostile_peer, friend), await node.publish("We meet at nine.")
    await node.quiet()
    stranger = hostile_peer.actor("stranger")
    await node.node.directory.actor(stranger)
    known, unknown = await account_id(node, friend), await account_id(node, stranger)
    group = await account_id(node, node.group)
    assert await home(her) == [ours], "the groups of the node, without having said so"
    found = await her.post(f"/api/v1/accounts/{known}/follow", notify="true", reblogs="false")
    assert (found["following"], found["notifying"], found["showing_reblogs"], found["requested"]) == (
        True,
        True,
        False,
        False,
    )
    assert set(await home(her)) == {ours, text}
    refused = await her.post(f"/api/v1/accounts/{unknown}/follow", status=403)
    assert "ask a member of the group" in refused["error"]
    both = await her.get("/api/v1/accounts/relationships", **{"id[]": known, "id": group})
    assert {one["id"]: one["following"] for one in both} == {group: True} or {one["id"] for one in both} == {
        known,
        group,
    }
    assert len(await her.get(f"/api/v1/accounts/relationships?id={known}&id={group}")) == 2
    assert len(await her.get(f"/api/v1/accounts/relationships?id[]={known}&id[]={group}&id[]={NOBODY}&id[]=x")) == 2
    assert await her.get("/api/v1/accounts/relationships") == []
    assert not (await her.post(f"/api/v1/accounts/{known}/unfollow"))["following"]
    assert not (await her.post(f"/api/v1/accounts/{group}/unfollow"))["following"]
    assert await home(her) == []
    assert (await her.post(f"/api/v1/accounts/{group}/follow"))["following"]
    assert await home(her) == [ours]
    assert not await node.read(follows.is_followed, stranger)
    assert (await her.get("/api/v1/domain_blocks/preview", domain=hostile_peer.host)) == {
        "following_count": 0, "followers_count": 0}  # fmt: skip


async def test_a_member_follows_by_the_rule_of_the_group(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    app, friend = await app_login(node, "steward"), hostile_peer.actor("friend")
    await node.node.directory.actor(friend)
    number, group = await account_id(node, friend), await account_id(node, node.group)
    assert (await app.post(f"/api/v1/accounts/{group}/follow", status=422))["error"]
    await enter(node, "writer", "writer")
    writer = await app_login(node, "writer")
    assert "mandate" in (await writer.post(f"/api/v1/accounts/{number}/follow", status=403))["error"]
    editor = await enter(node, "delegate", "delegate")
    await node.write(decided.set_rule, node.group, "follow", Rule(Method.APPROVALS, approvals=2))
    for _ in range(2):
        found = await app.post(f"/api/v1/accounts/{number}/follow", reblogs="false")
        assert (found["following"], found["requested"]) == (False, True), "the group has yet to decide"
    await node.quiet()
    assert hostile_peer.sent_to("Follow") == []
    assert (await writer.get("/api/v1/accounts/relationships", id=number))[0]["requested"], "members may know"
    private = await reader(node, app_login)
    assert not (await private.get("/api/v1/accounts/relationships", id=number))[0]["requested"], "others may not"
    assert not (await app.post(f"/api/v1/accounts/{number}/unfollow"))["requested"], "it was hers, and is withdrawn"
    await app.post(f"/api/v1/accounts/{number}/follow")
    (row,) = await node.read(decided.under_way, [node.group])
    await node.write(deciding.cast, row.id, member=editor, choice=Choice.FOR)
    await node.quiet()
    (follow,) = hostile_peer.sent_to("Follow")
    accept = hostile_peer.activity("Accept", friend, follow["id"], to=[node.group])
    assert await hostile_peer.send(f"{node.origin}/inbox", accept) == 202
    await node.quiet()
    found = (await app.get("/api/v1/accounts/relationships", id=number))[0]
    assert (found["following"], found["requested"], found["blocked_by"]) == (True, False, False)
    for _ in range(2):
        found = await app.post(f"/api/v1/accounts/{number}/unfollow")
        assert (found["following"], found["requested"]) == (True, False), "the group has yet to decide on that, too"
    (row,) = await node.read(decided.under_way, [node.group])
    await node.write(deciding.withdraw, row.id, member=await node.steward())
    await node.write(decided.set_rule, node.group, "follow", Rule(Method.APPROVALS, approvals=1))
    found = await app.post(f"/api/v1/accounts/{number}/unfollow")
    assert (found["following"], found["requested"]) == (False, False)
    await node.quiet()
    assert len(hostile_peer.sent_to("Undo")) == 1


async def test_whom_she_mutes_or_hides_is_gone_from_her_sight_alone(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    her, other = await app_login(node, "steward"), await reader(node, app_login)
    friend = await heard(node, hostile_peer)
    text, account = await tell(node, hostile_peer, friend, content="<p>quokka</p>"), await account_id(node, friend)

    async def seen() -> list[str]:
        found = [text in await home(her), text in uris(await her.get("/api/v1/timelines/public"))]
        return ["seen" if one else "hidden" for one in found]

    assert await seen() == ["seen", "seen"]
    found = await her.post(f"/api/v1/accounts/{account}/mute", notifications="false", duration="3600")
    assert found["muting"] and not found["muting_notifications"] and found["muting_expires_at"].endswith("Z")
    assert await seen() == ["hidden", "hidden"]
    (listed,) = await her.get("/api/v1/mutes")
    assert listed["id"] == account and listed["mute_expires_at"] == found["muting_expires_at"]
    assert (await her.get(f"/api/v1/statuses/{await status_id(node, text)}"))["uri"] == text, (
        "by its address it is there"
    )
    assert text in uris(await other.get("/api/v1/timelines/public"))
    assert not (await her.post(f"/api/v1/accounts/{account}/unmute"))["muting"]
    assert await seen() == ["seen", "seen"]
    assert (await other.post(f"/api/v1/accounts/{account}/block"))["blocking"]
    assert text not in uris(await other.get("/api/v1/timelines/public")) and await seen() == ["seen", "seen"]
    assert [one["id"] for one in await other.get("/api/v1/blocks")] == [account]
    assert not (await other.post(f"/api/v1/accounts/{account}/unblock"))["blocking"]
    assert await her.send("POST", "/api/v1/domain_blocks", {"domain": hostile_peer.host}) == {}
    assert await seen() == ["hidden", "hidden"]
    assert await her.get("/api/v1/domain_blocks") == [hostile_peer.host]
    assert (await her.get("/api/v1/accounts/relationships", id=account))[0]["domain_blocking"]
    assert await her.send("DELETE", "/api/v1/domain_blocks", {"domain": hostile_peer.host}) == {}
    assert await seen() == ["seen", "seen"]
    for path, values in (
        ("mute", {"duration": "-5"}),
        ("mute", {"duration": "many"}),
        ("note", {"comment": "x" * 3000}),
    ):
        await her.post(f"/api/v1/accounts/{account}/{path}", status=422, **values)
    for wrong in ("", "not a host", node.node.config.host):
        await her.post("/api/v1/domain_blocks", domain=wrong, status=422)
    assert (await her.post(f"/api/v1/accounts/{account}/note", comment="of the depot"))["note"] == "of the depot"
    assert (await other.get("/api/v1/accounts/relationships", id=account))[0]["note"] == ""
    assert (await her.post(f"/api/v1/accounts/{account}/note"))["note"] == ""
    assert await her.get("/api/v1/accounts/familiar_followers", id=account) == [{"id": account, "accounts": []}]
    for act in ("pin", "endorse", "remove_from_followers"):
        await her.post(f"/api/v1/accounts/{account}/{act}", status=422)
    for act in ("follow", "mute", "block", "note", "unpin"):
        await her.post(f"/api/v1/accounts/{NOBODY}/{act}", status=404)
    assert await her.get("/api/v1/follow_requests") == await her.get("/api/v1/conversations/") == []
    for path in ("follow_requests/1/authorize", "follow_requests/1/reject", "conversations/1/read"):
        await her.post(f"/api/v1/{path}", status=404)
    await her.send("DELETE", "/api/v1/conversations/1", status=404)


async def test_notifications_of_whom_and_what_she_has_muted(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    her = await app_login(node, "steward")
    said = await node.publish("We strike.")
    await node.quiet()
    ana = hostile_peer.actor("ana")
    mention = {"type": "Mention", "href": node.group, "name": node.handle}
    answer = hostile_peer.note(ana, "<p>Solidarity!</p>", inReplyTo=said, tag=[mention])
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", ana, answer)) == 202
    await node.quiet()
    account, number = await account_id(node, ana), await status_id(node, said)

    async def told() -> int:
        return len(await her.get("/api/v1/notifications"))

    assert await told() == 1
    for path, wanted, back, values in (
        (f"accounts/{account}/mute", 1, f"accounts/{account}/unmute", {"notifications": "false"}),
        (f"accounts/{account}/mute", 0, f"accounts/{account}/unmute", {}),
        (f"accounts/{account}/block", 0, f"accounts/{account}/unblock", {}),
        (f"statuses/{number}/mute", 0, f"statuses/{number}/unmute", {}),
    ):
        await her.post(f"/api/v1/{path}", **values)
        assert await told() == wanted, path
        await her.post(f"/api/v1/{back}")
        assert await told() == 1, back
    await her.post("/api/v1/domain_blocks", domain=hostile_peer.host)
    assert await told() == 0


async def test_each_door_asks_for_its_scope(node: ServedNode, app_login: AppLogin) -> None:
    text = await node.publish()
    await node.quiet()
    number, group = await status_id(node, text), await account_id(node, node.group)
    narrow = await reader(node, app_login, scopes="read:lists write:bookmarks")
    await narrow.post(f"/api/v1/statuses/{number}/bookmark")
    await narrow.get("/api/v1/lists")
    for method, path in (
        ("GET", "/api/v1/bookmarks"), ("POST", f"/api/v1/statuses/{number}/favourite"), ("POST", "/api/v1/lists"),
        ("GET", "/api/v2/filters"), ("GET", "/api/v1/filters"), ("GET", "/api/v1/mutes"), ("GET", "/api/v1/blocks"),
        ("POST", f"/api/v1/accounts/{group}/follow"), ("GET", "/api/v1/markers"), ("GET", "/api/v1/followed_tags"),
        ("GET", "/api/v1/accounts/relationships"), ("POST", f"/api/v1/statuses/{number}/mute"),
    ):  # fmt: skip
        assert (await narrow.call(method, path)).status == 403, path
        async with node.http.request(method, node.origin + path) as answer:
            assert answer.status == 401 and (await answer.json())["error"], path
    old = await app_login(node, "steward", scopes="read follow")
    assert (await old.post(f"/api/v1/accounts/{group}/unmute"))["muting"] is False


async def test_what_waits_cannot_be_marked_by_anybody(node: ServedNode, app_login: AppLogin) -> None:
    await node.write(decided.set_rule, node.group, "publish_statement", Rule(Method.APPROVALS, approvals=2))
    await enter(node, "editor", "editor")
    waiting = await node.publish("Not yet said.")

    def place(tx: Transaction) -> str:
        row = objects.find(tx, waiting)
        return waiting.rpartition("/")[2] if row is None else str(row.sort_id)

    number = await node.read(place)
    her = await app_login(node, "steward")
    for act in ("favourite", "bookmark", "mute"):
        await her.post(f"/api/v1/statuses/{number}/{act}", status=404)
