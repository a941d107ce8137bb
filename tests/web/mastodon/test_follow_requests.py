"""A member of a group answers those who ask to follow it, in her app."""

from __future__ import annotations

from typing import Any

import pytest

from node import actors
from node.peering import choices
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import enter
from tests.web.mastodon.conftest import AppLogin

PATH = "/api/v1/follow_requests"


@pytest.mark.one_database
async def test_those_who_ask_are_listed_and_answered(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    app, member = await app_login(node, "steward"), await node.steward()
    assert (await app.get("/api/v1/accounts/verify_credentials"))["locked"] is False
    await node.write(choices.choose, {"admits": "nobody"}, actor=node.group, member=member)
    ana, bo = hostile_peer.actor("ana"), hostile_peer.actor("bo")
    for one in (ana, bo):
        assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Follow", one, node.group)) == 202
        await node.quiet()

    own = await app.get("/api/v1/accounts/verify_credentials")
    assert (own["locked"], own["source"]["follow_requests_count"], own["followers_count"]) == (True, 2, 0)
    assert [one["username"] for one in await app.get(PATH)] == ["ana", "bo"]
    told = await app.get("/api/v1/notifications")
    assert [(one["type"], one["account"]["username"]) for one in told] == [
        ("follow_request", "bo"),
        ("follow_request", "ana"),
    ]
    grouped = await app.get("/api/v2/notifications")
    assert [one["type"] for one in grouped["notification_groups"]] == ["follow_request", "follow_request"]

    async def number(iri: str) -> str:
        return str((await node.read(actors.find, iri)).number)

    async def relation(iri: str) -> Any:
        (found,) = await app.get("/api/v1/accounts/relationships", id=await number(iri))
        return found["requested_by"], found["followed_by"]

    assert await relation(ana) == (True, False)
    await node.write(enter, node.group, {"reader": "reader"})
    reader = await app_login(node, "reader")
    assert await reader.get(PATH) == []
    await reader.post(f"{PATH}/{await number(ana)}/authorize", status=403)
    await app.post(f"{PATH}/{await number(ana)}/authorize")
    await app.post(f"{PATH}/{await number(bo)}/reject", reason="not now")
    await node.quiet()
    assert (await relation(ana), await relation(bo)) == ((False, True), (False, False))
    assert {one["type"] for one in hostile_peer.received} == {"Accept", "Reject"}
    assert hostile_peer.sent_to("Reject")[0]["content"] == "not now"
    assert await app.get(PATH) == []
    for act in ("authorize", "reject"):
        await app.post(f"{PATH}/{await number(bo)}/{act}", status=404)
        await app.post(f"{PATH}/999999999999999999/{act}", status=404)
