"""What concerns a group reaches the devices of its members: encrypted, asked for, news, and nobody else's business."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from mastodon import Mastodon

from node.apps import store as apps
from node.decisions import actions as decisions
from node.decisions.rules import Method, Rule
from node.members.store import digest, members, tokens
from node.notifications.rules import Kind
from node.push import rules, telling
from node.push.store import subscriptions
from tests.nodes.peer import Peer
from tests.nodes.push_service import Device, Pushed, PushService, push_service
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import enter
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App

PATH = "/api/v1/push/subscription"
ALL = ("mention", "reblog", "favourite", "follow", "quote", "update", "status", "poll")


async def subscribed(app: App, pushes: PushService, *alerts: str, **more: Any) -> Device:
    device = pushes.device()
    await app.post(PATH, **device.asked(*(alerts or ALL), **more))
    return device


async def arrived(pushes: PushService, device: Device, count: int) -> list[Pushed]:
    async def enough() -> bool:
        return len(pushes.of(device)) >= count

    await eventually(enough)
    return pushes.of(device)


async def like(node: ServedNode, peer: Peer, name: str, iri: str) -> str:
    who = peer.actor(name)
    assert await peer.send(f"{node.origin}/inbox", peer.activity("Like", who, iri)) == 202
    await node.quiet()
    return who


async def name_group(node: ServedNode, peer: Peer, name: str, html: str, **more: Any) -> dict[str, Any]:
    who = peer.actor(name)
    note = peer.note(who, html, tag=[{"type": "Mention", "href": node.group, "name": node.handle}], **more)
    assert await peer.send(f"{node.origin}/inbox", peer.activity("Create", who, note)) == 202
    await node.quiet()
    return note


async def count(node: ServedNode) -> int:
    return len(await node.read(lambda tx: tx.execute(subscriptions.select()).all()))


@pytest.mark.parametrize("standard", [True, False], ids=["rfc", "draft"])
@pytest.mark.one_database
async def test_a_device_reads_what_only_it_can_read(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin, pushes: PushService, standard: bool
) -> None:
    app = await app_login(node, "steward")
    said = await app.send("POST", "/api/v1/statuses", {"status": "We strike."})
    device = await subscribed(app, pushes, standard=standard)
    key = (await app.get(PATH))["server_key"]
    await like(node, hostile_peer, "ana", said["uri"])
    (pushed,) = await arrived(pushes, device, 1)
    told = device.read(pushed)
    (shown,) = await app.get("/api/v1/notifications")
    assert told == {
        "access_token": app.token,
        "preferred_locale": "en",
        "notification_id": int(shown["id"]),
        "notification_type": "favourite",
        "icon": shown["account"]["avatar"],
        "title": f"@ana@{hostile_peer.host} likes a text of the group",
        "body": "We strike.",
    }
    headers = pushed.headers
    assert (headers["Urgency"], headers["Content-Encoding"]) == ("low", "aes128gcm" if standard else "aesgcm")
    assert 0 < int(headers["TTL"]) <= rules.LASTS.total_seconds() and len(headers["Topic"]) == 32
    claims = pushed.claims(key)
    assert claims["aud"] == pushes.origin and claims["sub"] == node.origin
    assert claims["exp"] <= (node.clock() + timedelta(hours=24)).timestamp()
    note = await name_group(node, hostile_peer, "bo", "<p>Solidarity &amp; <b>bread</b>!</p>")
    second = (await arrived(pushes, device, 2))[1]
    assert (device.read(second)["title"], device.read(second)["body"]) == (
        f"@bo@{hostile_peer.host} names or answers the group",
        "Solidarity & bread!",
    )
    assert second.headers["Urgency"] == "normal" and second.headers["Topic"] != headers["Topic"]
    assert len(second.body) == len(pushed.body), "the push service does not see how much is said"
    assert note["id"].encode() not in second.body


async def test_a_device_is_told_of_what_it_asks_for_and_of_what_is_in_the_list(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin, pushes: PushService
) -> None:
    await node.write(enter, node.group, {"zoe": "editor", "reader": "reader"})
    app, zoe, reader = [await app_login(node, name) for name in ("steward", "zoe", "reader")]
    said = await app.send("POST", "/api/v1/statuses", {"status": "We strike."})
    everything = await subscribed(zoe, pushes)
    mentions = await subscribed(app, pushes, "mention")
    private = await subscribed(reader, pushes)
    await like(node, hostile_peer, "ana", said["uri"])
    assert device_kinds(everything, await arrived(pushes, everything, 1)) == ["favourite"]
    await name_group(node, hostile_peer, "ana", "<p>One</p>", summary="About a death")
    assert device_kinds(mentions, await arrived(pushes, mentions, 1)) == ["mention"]
    (warned,) = pushes.of(mentions)
    assert mentions.read(warned)["body"] == "About a death", "what a warning hides is not pushed"

    # What she does not want in her list does not come to her device either, and others still get it.
    ana = next(one["account"]["id"] for one in await app.get("/api/v1/notifications"))
    await app.post(f"/api/v1/accounts/{ana}/mute")
    await zoe.send("POST", "/api/v2/filters", {
        "title": "x", "context": ["notifications"], "filter_action": "hide", "keywords_attributes": [{"keyword": "lice"}]
    })  # fmt: skip
    await arrived(pushes, everything, 2)
    await name_group(node, hostile_peer, "ana", "<p>Two</p>")
    await name_group(node, hostile_peer, "bo", "<p>Three lice</p>")
    await arrived(pushes, everything, 3)
    await arrived(pushes, mentions, 2)
    await node.quiet()
    assert [everything.read(one)["body"] for one in pushes.of(everything)] == ["We strike.", "About a death", "Two"]
    assert [mentions.read(one)["body"] for one in pushes.of(mentions)] == ["About a death", "Three lice"]

    # Only of whom the group follows: nobody here.
    await zoe.send("PUT", PATH, {"data": {"alerts": {"mention": True}, "policy": "followed"}})
    await app.send("PUT", PATH, {"data": {"alerts": {"mention": True}}})
    await name_group(node, hostile_peer, "bo", "<p>Four</p>")
    await arrived(pushes, mentions, 3)
    old = (node.clock() - timedelta(hours=2)).isoformat()
    await name_group(node, hostile_peer, "bo", "<p>Five, said long ago</p>", published=old)
    assert len(await app.get("/api/v1/notifications", **{"types[]": "mention"})) == 3
    await node.quiet()
    assert len(pushes.of(everything)) == 3 and len(pushes.of(mentions)) == 3 and pushes.of(private) == []


def device_kinds(device: Device, pushed: list[Pushed]) -> list[str]:
    return [device.read(one)["notification_type"] for one in pushed]


async def test_a_token_that_ends_ends_its_subscription(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin, pushes: PushService
) -> None:
    await node.write(enter, node.group, {"zoe": "editor", "eve": "editor"})
    app, zoe, eve = [await app_login(node, name) for name in ("steward", "zoe", "eve")]
    said = await app.send("POST", "/api/v1/statuses", {"status": "We strike."})
    kept = await subscribed(app, pushes)
    left = [await subscribed(one, pushes) for one in (zoe, eve)]
    assert await count(node) == 3

    def end(tx: Any) -> None:
        row = tx.execute(tokens.select().where(tokens.c.digest == digest(zoe.token))).one()
        apps.end_token(tx, row.digest, app=row.app)
        tx.execute(members.delete().where(members.c.name == "eve"))

    await node.write(end)
    assert await count(node) == 1
    await like(node, hostile_peer, "ana", said["uri"])
    await arrived(pushes, kept, 1)
    assert [pushes.of(one) for one in left] == [[], []]


async def test_what_a_push_service_answers_is_heeded(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin, pushes: PushService
) -> None:
    await node.write(enter, node.group, {"zoe": "editor", "eve": "editor", "ida": "editor"})
    logins = [await app_login(node, name) for name in ("steward", "zoe", "eve", "ida")]
    said = await logins[0].send("POST", "/api/v1/statuses", {"status": "We strike."})
    well, gone, refused, busy = [await subscribed(app, pushes) for app in logins]
    pushes.answers |= {
        gone.path: (410, {}),
        refused.path: (403, {}),
        busy.path: (429, {"Retry-After": "1800"}),
    }
    for number in range(rules.REFUSALS):
        await like(node, hostile_peer, f"fan{number}", said["uri"])
        await arrived(pushes, well, number + 1)
        await node.quiet()
    assert len(pushes.of(gone)) == 1, "a device that is gone is forgotten"
    assert len(pushes.of(refused)) == rules.REFUSALS
    assert len(pushes.of(busy)) == 1, "a service that asks to be left alone is left alone"
    assert await count(node) == 2
    statuses = [(await app.call("GET", PATH)).status for app in logins]
    assert statuses == [200, 404, 404, 200]

    pushes.answers.clear()
    node.clock.advance(timedelta(minutes=45))
    await arrived(pushes, busy, 1 + rules.REFUSALS)
    read = {busy.read(one)["notification_id"] for one in pushes.of(busy)}
    assert read == {well.read(one)["notification_id"] for one in pushes.of(well)}


async def test_a_push_service_that_hangs_slows_nobody(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin, pushes: PushService
) -> None:
    both = [await app_login(node, "steward") for _ in range(2)]
    said = await both[0].send("POST", "/api/v1/statuses", {"status": "We strike."})
    async with push_service() as hanging:
        hanging.is_open.clear()
        slow, quick = await subscribed(both[0], hanging), await subscribed(both[1], pushes)
        who = hostile_peer.actor("ana")
        assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Like", who, said["uri"])) == 202
        await arrived(pushes, quick, 1)
        assert await node.publish("And others say more.") and hanging.received == []
        hanging.is_open.set()
        node.clock.advance(timedelta(minutes=10))  # in case it was given up meanwhile
        await arrived(hanging, slow, 1)


async def test_a_device_that_cannot_be_reached_for_long_is_forgotten(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin, pushes: PushService
) -> None:
    app, other = await app_login(node, "steward"), await app_login(node, "steward")
    said = await app.send("POST", "/api/v1/statuses", {"status": "We strike."})
    silent = PushService(pushes.origin.replace("127.0.0.1", "127.0.0.2")).device()  # nobody listens there
    await app.post(PATH, **silent.asked(*ALL))
    device = await subscribed(other, pushes)
    await like(node, hostile_peer, "ana", said["uri"])
    await arrived(pushes, device, 1)

    async def failing() -> bool:
        rows = await node.read(lambda tx: tx.execute(subscriptions.select()).all())
        return any(row.failing is not None for row in rows)

    await eventually(failing)
    node.clock.advance(rules.FAILING_FOR + timedelta(hours=2))
    assert await node.write(lambda tx: sum(step(tx) for step in node.node.rooms.prunings)) >= 1
    assert await count(node) == 1


async def test_a_crowd_does_not_drown_a_device(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin, pushes: PushService
) -> None:
    app = await app_login(node, "steward")
    said = await app.send("POST", "/api/v1/statuses", {"status": "We strike."})
    device = await subscribed(app, pushes)
    node.clock.stop()  # so many in ten minutes
    for number in range(rules.QUIET_IN_A_PACE + 5):
        who = hostile_peer.actor(f"fan{number}")
        assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Like", who, said["uri"])) == 202
    await node.quiet()
    await name_group(node, hostile_peer, "ana", "<p>And words still come</p>")

    async def named() -> bool:
        return "mention" in device_kinds(device, pushes.of(device))

    await eventually(named)
    await node.quiet()
    kinds = device_kinds(device, pushes.of(device))
    assert kinds.count("favourite") == rules.QUIET_IN_A_PACE and kinds.count("mention") == 1
    assert len(await app.get("/api/v1/notifications", limit=80)) == rules.QUIET_IN_A_PACE + 6


@pytest.mark.one_database
async def test_a_vote_is_pushed_without_what_it_is_about(
    node: ServedNode, app_login: AppLogin, pushes: PushService
) -> None:
    app = await app_login(node, "steward")
    device = await subscribed(app, pushes, "poll")
    await node.write(enter, node.group, {"zoe": "editor", "eve": "editor"})
    steward, two = await node.steward(), Rule(Method.APPROVALS, approvals=2)
    await node.write(decisions.change_rule, "publish_statement", two, actor=node.group, member=steward)
    await app.send("POST", "/api/v1/statuses", {"status": "Lice in the soup."})
    (pushed,) = await arrived(pushes, device, 1)
    told = device.read(pushed)
    assert told["notification_type"] == "status" and told["title"].startswith("Vote on decision")
    assert "Lice" not in json.dumps(told)
    (shown,) = await app.get("/api/v1/notifications")
    assert "Lice" in shown["status"]["content"] and int(shown["id"]) == told["notification_id"]


@pytest.mark.one_database
async def test_mastodon_py_subscribes_and_reads(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin, pushes: PushService
) -> None:
    app = await app_login(node, "steward")
    client = Mastodon(access_token=app.token, api_base_url=node.origin, request_timeout=60)
    mine, theirs = client.push_subscription_generate_keys()
    device = pushes.device()
    made = await asyncio.to_thread(
        client.push_subscription_set, device.endpoint, theirs, follow_events=True, mention_events=True, policy="all"
    )
    assert made["alerts"]["follow"] and not made["alerts"]["poll"] and made["server_key"]
    await name_group(node, hostile_peer, "ana", "<p>Bread!</p>")
    (pushed,) = await arrived(pushes, device, 1)
    headers = pushed.headers["Encryption"], pushed.headers["Crypto-Key"]
    read = client.push_subscription_decrypt_push(pushed.body, mine, *headers)
    assert (read["body"], read["notification_type"], read["access_token"]) == ("Bread!", "mention", app.token)
    (shown,) = await asyncio.to_thread(client.notifications)
    assert int(shown["id"]) == int(read["notification_id"])
    changed = await asyncio.to_thread(client.push_subscription_update, poll_events=True)
    assert changed["alerts"]["poll"] and not changed["alerts"]["follow"]
    await asyncio.to_thread(client.push_subscription_delete)
    assert (await app.call("GET", PATH)).status == 404


async def test_a_name_that_leads_inward_is_never_dialled(
    serve: Callable[..., Any], app_login: AppLogin, pushes: PushService
) -> None:
    node: ServedNode = await serve(0, settings={"federation.allow_networks": []})
    app = await app_login(node, "steward")
    device = Device(pushes.device().endpoint.replace("127.0.0.1", "localhost"))
    await app.post(PATH, **device.asked("poll"))
    await node.write(enter, node.group, {"zoe": "editor", "eve": "editor"})
    steward, two = await node.steward(), Rule(Method.APPROVALS, approvals=2)
    await node.write(decisions.change_rule, "publish_statement", two, actor=node.group, member=steward)
    await app.send("POST", "/api/v1/statuses", {"status": "We strike."})

    async def refused() -> bool:
        rows = await node.read(lambda tx: tx.execute(subscriptions.select()).all())
        return bool(rows[0].refusals)

    await eventually(refused)
    assert pushes.received == []


def test_every_kind_of_notification_can_be_asked_for_and_is_told_in_words() -> None:
    for kind in Kind:
        assert set(rules.ASKED_BY[kind]) <= set(rules.ALERTS), kind
    assert set(telling.TITLES) | {Kind.VOTE} == set(Kind)


def test_messages_have_one_length_whatever_they_say() -> None:
    for values in ({"body": ""}, {"body": "é" * 140, "icon": "https://x.example/" + "a" * 590, "title": "😀" * 130}):
        assert len(telling._packed({"icon": "", "title": ""} | values, instead="/p.png")) == telling.LENGTH
