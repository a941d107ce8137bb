"""The routes of Web Push as apps call them: forms and JSON, one subscription for each token, refusals in their words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from node.push import keys, rules, store
from tests.nodes.push_service import Device
from tests.nodes.served import ServedNode, served
from tests.web.admin.desk_browsers import enter
from tests.web.mastodon import logins
from tests.web.mastodon.conftest import AppLogin

PATH = "/api/v1/push/subscription"
PLACE = "https://push.example/device/1"


def as_json(device: Device, **more: Any) -> dict[str, Any]:
    return {"subscription": {"endpoint": device.endpoint, "keys": device.keys} | more}


@pytest.mark.one_database
async def test_the_subscription_of_a_token(node: ServedNode, app_login: AppLogin) -> None:
    app, other = await app_login(node, "steward"), await app_login(node, "steward", scopes="read write")
    none = await app.call("GET", PATH)
    assert none.status == 404 and none.body["error"] == "Record not found"
    assert (await app.call("PUT", PATH, data={"data[policy]": "all"})).status == 404
    made = await app.post(PATH, **Device(PLACE).asked("mention", "poll", "admin.sign_up", policy="follower"))
    assert isinstance(made["id"], int) and made["endpoint"] == PLACE and made["standard"] is True
    assert {one for one, asked in made["alerts"].items() if asked} == {"mention", "poll", "admin.sign_up"}
    assert set(made["alerts"]) == set(rules.ALERTS) and made["policy"] == "follower"
    assert await app.get(PATH) == made

    instance = await app.get("/api/v2/instance")
    assert instance["configuration"]["vapid"]["public_key"] == made["server_key"]
    assert (await app.get("/api/v1/apps/verify_credentials"))["vapid_key"] == made["server_key"]
    assert (await logins.register(node))["vapid_key"] == made["server_key"]

    changed = await app.send("PUT", PATH, {"data": {"alerts": {"reblog": True, "mention": False}, "policy": "none"}})
    assert changed["id"] == made["id"] and changed["policy"] == "none"
    assert [one for one, asked in changed["alerts"].items() if asked] == ["reblog"]
    device = Device(PLACE.replace("/1", "/2"))
    anew = await app.send("POST", PATH, as_json(device, standard=False) | {"data": {"alerts": {"follow": 1}}})
    assert anew["endpoint"] == device.endpoint and anew["standard"] is False and anew["policy"] == "all"
    assert (await app.get(PATH))["id"] == anew["id"] != made["id"]
    assert (await other.call("GET", PATH)).status == 403
    async with node.http.get(node.origin + PATH) as response:
        assert response.status == 401
    assert await app.send("DELETE", PATH) == {} and await app.send("DELETE", PATH) == {}
    assert (await app.call("GET", PATH)).status == 404


@pytest.mark.one_database
async def test_what_cannot_be_subscribed_to(node: ServedNode, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    good = Device(PLACE).asked("mention")
    point = good["subscription[keys][p256dh]"]
    wrong = [
        {"subscription[endpoint]": one}
        for one in (
            *(
                "",
                "push.example",
                "ftp://push.example/",
                "https://",
                "https://push.exämple/",
                "https://a@push.example/",
            ),
            *("https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://192.168.1.1:8443/"),
            *("https://[::ffff:10.0.0.1]/", "https://push.example/" + "a" * 3000, "javascript:alert(1)"),
        )
    ]
    wrong += [{"subscription[keys][p256dh]": one} for one in ("", "AAAA", point[:-4], "B" + "A" * 86, "é")]
    wrong += [{"subscription[keys][auth]": one} for one in ("", "AAAA", "?" * 22)]
    wrong += [{"data[policy]": "everybody"}, {"subscription[standard]": "perhaps"}]
    for one in wrong:
        answer = await app.call("POST", PATH, data=good | one)
        assert answer.status == 422 and answer.body["error"], (one, answer.body)
    for body in ({"subscription": "x"}, {"subscription": {"keys": []}}, {"data": {"alerts": ["mention"]}}, {}):
        assert (await app.call("POST", PATH, json=body)).status == 422, body
    assert (await app.call("GET", PATH)).status == 404
    assert (await app.call("PUT", PATH, json={"data": "x"})).status == 422


async def test_a_node_that_may_not_send_inward_lets_nobody_point_there(serve: Any, app_login: AppLogin) -> None:
    node = await serve(0, settings={"federation.allow_networks": []})
    app = await app_login(node, "steward")
    answer = await app.call("POST", PATH, data=Device("http://127.0.0.1:9/device").asked("mention"))
    assert answer.status == 422 and "127.0.0.1" in answer.body["error"]


async def test_of_many_devices_the_oldest_goes_and_other_members_keep_theirs(
    node: ServedNode, app_login: AppLogin
) -> None:
    await node.write(enter, node.group, {"zoe": "editor"})
    app, zoe = await app_login(node, "steward"), await app_login(node, "zoe")
    for one in (zoe, app):
        await one.post(PATH, **Device(PLACE).asked("mention"))
    first = await node.read(lambda tx: tx.execute(store.subscriptions.select()).all()[-1])
    assert app.token not in first.locked_token

    def crowd(tx: Any) -> None:
        from node.apps import store as apps
        from node.members.store import tokens

        mine = tx.execute(tokens.select().where(tokens.c.digest == first.token)).one()
        row = apps.viewer(tx, mine.viewer)
        for number in range(rules.OF_A_VIEWER):
            apps.add_token(tx, f"{number:064}", app=mine.app, viewer=row, scopes=["push"])
            values = {name: getattr(first, name) for name in first._fields if name not in ("id", "token")}
            store.put(tx, keep=rules.OF_A_VIEWER, **values | {"token": f"{number:064}"})

    await node.write(crowd)
    assert (await app.call("GET", PATH)).status == 404, "the oldest made room"
    assert (await zoe.get(PATH))["endpoint"] == PLACE


@pytest.mark.one_database
async def test_another_key_of_the_node_ends_what_was_made_under_the_old_one(
    make_node: Any, app_login: AppLogin
) -> None:
    directory = await asyncio.to_thread(make_node, 0)
    async with served(directory) as node:
        app = await app_login(node, "steward")
        made = await app.post(PATH, **Device(PLACE).asked("mention"))
    async with served(directory) as node:
        app.node = node
        assert (await app.get(PATH))["server_key"] == made["server_key"], "the key is kept"
    (directory / "keys" / "push.secret").unlink()
    async with served(directory) as node:
        app.node = node
        assert (await app.call("GET", PATH)).status == 404
        anew = await app.post(PATH, **Device(PLACE).asked("mention"))
        assert anew["server_key"] != made["server_key"]
        assert await node.read(lambda tx: keys.public(tx.node)) == anew["server_key"]
