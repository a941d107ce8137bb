"""Farewells that nobody can verify any more, because the server of whoever has left says so: it is asked itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from federation import keys
from node import actors
from node.statements.forwarding import OF_ONE_OBJECT
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode


@pytest.fixture
async def alice(node: ServedNode, hostile_peer: Peer) -> str:
    iri = hostile_peer.actor("alice")
    await node.follow(iri)
    return iri


async def say(node: ServedNode, peer: Peer, alice: str) -> str:
    note = peer.note(alice, "<p>hello</p>")
    assert await peer.send(f"{node.origin}/inbox", peer.activity("Create", alice, note)) == 202
    await node.quiet()
    assert await node.holds(note["id"])
    return str(note["id"])


async def farewell(node: ServedNode, peer: Peer, alice: str, *, key: Any) -> int:
    """Signed with a key that nobody can have any more."""
    activity = peer.activity("Delete", alice, alice)
    status = await peer.send(f"{node.origin}/inbox", activity, key=key, now=node.clock())
    await node.quiet()
    return status


@pytest.mark.parametrize("answer", [Answer(b"", status=410), Answer({"id": "", "type": "Tombstone"})])
async def test_she_is_gone_if_her_server_says_so(
    node: ServedNode, hostile_peer: Peer, alice: str, answer: Answer
) -> None:
    note = await say(node, hostile_peer, alice)
    if isinstance(answer.body, dict):
        answer.body["id"] = alice
    hostile_peer.served["/users/alice"] = answer
    status = await farewell(node, hostile_peer, alice, key=keys.make_rsa())
    assert status == 202 if answer.status == 410 else 400 <= status < 500
    assert await node.holds(note) is (answer.status != 410)
    if answer.status == 410:
        assert (await node.read(actors.find, alice)).gone is not None


async def test_a_404_counts_when_it_lasts(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    note, other = await say(node, hostile_peer, alice), keys.make_rsa()
    served = hostile_peer.served.pop("/users/alice")
    assert await farewell(node, hostile_peer, alice, key=other) == 202
    assert await node.holds(note)
    hostile_peer.served["/users/alice"] = served
    node.clock.advance(timedelta(minutes=61))
    await node.quiet()
    assert await node.holds(note), "her server was being mended"
    del hostile_peer.served["/users/alice"]
    assert await farewell(node, hostile_peer, alice, key=other) == 202
    node.clock.advance(timedelta(minutes=61))
    await node.quiet()
    assert not await node.holds(note)


async def test_whoever_is_there_is_not_made_to_leave(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    note, other = await say(node, hostile_peer, alice), keys.make_rsa()
    for _ in range(3):
        assert await farewell(node, hostile_peer, alice, key=other) == 401
        node.clock.advance(timedelta(minutes=6))
    unknown_key = hostile_peer.activity("Delete", alice, alice)
    inbox, key_id = f"{node.origin}/inbox", f"{hostile_peer.origin}/users/nobody#main-key"
    assert await hostile_peer.send(inbox, unknown_key, key_id=key_id, now=node.clock()) == 202
    await node.quiet()
    assert await node.holds(note)


async def test_nobody_makes_us_look_for_her_all_day(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    inbox, key_id = f"{node.origin}/inbox", f"{hostile_peer.origin}/users/nobody#main-key"
    asked = hostile_peer.asked["/users/alice"]
    for _ in range(OF_ONE_OBJECT.requests + 4):
        assert await hostile_peer.send(inbox, hostile_peer.activity("Delete", alice, alice), key_id=key_id) == 202
        await node.quiet()
    assert hostile_peer.asked["/users/alice"] - asked == OF_ONE_OBJECT.requests
    assert (await node.read(actors.find, alice)).gone is None
