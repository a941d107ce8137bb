"""A wave of mentions, and a server that sends too much: what the group still reads, and that nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from node.moderation import pacing
from tests.moderation.test_what_is_held import do, lately, say
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.mastodon.conftest import AppLogin, app_login

__all__ = ["app_login"]
SCOPES = "read write"


async def test_mentions_of_strangers_are_collapsed_beyond_a_bound_and_it_ends_by_itself(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    app = await app_login(node, "steward", scopes=SCOPES, account=node.group)
    await do(node, "set", mentions_an_hour="3")
    friend = hostile_peer.actor("friend")
    await node.follow(f"@friend@{hostile_peer.host}")
    names_us = {"tag": [{"type": "Mention", "href": node.group, "name": node.handle}]}
    strangers = [hostile_peer.actor(f"u{number}") for number in range(6)]
    notes = [await say(node, hostile_peer, actor, f"hey {actor}", **names_us) for actor in strangers]
    await say(node, hostile_peer, friend, "what happens there?", **names_us)
    listed = await app.get("/api/v1/notifications?types[]=mention")
    assert len(listed) == 4 and listed[0]["account"]["username"] == "friend"
    assert (await app.get("/api/v2/notifications/policy"))["summary"]["pending_requests_count"] == 3
    asking = await app.get("/api/v1/notifications/requests")
    assert {one["account"]["username"] for one in asking} == {"u3", "u4", "u5"}
    for note in notes:
        assert await node.holds(note["id"]), "nothing is lost"
    assert (await lately(node))[("wave", "collapsed")] == 3
    await app.post(f"/api/v1/notifications/requests/{asking[0]['id']}/accept")
    assert len(await app.get("/api/v1/notifications?types[]=mention")) == 5
    node.clock.advance(timedelta(hours=1, minutes=1))
    await say(node, hostile_peer, strangers[5], "an hour later", **names_us)
    (first, *_) = await app.get("/api/v1/notifications?types[]=mention")
    assert first["account"]["username"] == "u5", "it has ended by itself"


@pytest.mark.one_database
async def test_a_server_that_sends_more_than_its_bound_is_told_to_come_again_later(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    await do(node, "pace", host=hostile_peer.host, number="2")
    created = [
        hostile_peer.activity("Create", ann, hostile_peer.note(ann, f"{number}", inReplyTo=ours)) for number in range(3)
    ]
    found = [await hostile_peer.send(f"{node.origin}/inbox", one) for one in created]
    assert found == [202, 202, 429], hostile_peer.last
    await node.quiet()
    node.clock.advance(timedelta(hours=1, minutes=1))
    assert await hostile_peer.send(f"{node.origin}/inbox", created[2], now=node.clock()) == 202
    assert await node.fate(created[2]) == "done"
    assert node.node.pace.take_turned_away() in (0, 1), "the loop may have counted it"
    await node.write(pacing._note, 2)
    assert (await lately(node))[("rate", "refused")] >= 2
    await do(node, "pace", host=hostile_peer.host, number=0)
    for number in range(5):
        await say(node, hostile_peer, ann, f"again {number}", inReplyTo=ours)
    with pytest.raises(Exception, match="not a host"):
        await do(node, "pace", host="https://x/", number=3)
