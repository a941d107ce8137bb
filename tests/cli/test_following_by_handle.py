"""`commonwire follow` says who it is that was followed: as both sides agree, whatever handle was typed."""

from __future__ import annotations

import json
from typing import Any

from tests.nodes.peer import Answer, Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode


def leads(peer: Peer, name: str, actor: str, subject: str) -> None:
    links = [{"rel": "self", "type": "application/activity+json", "href": actor}]
    document = {"subject": f"acct:{subject}@{peer.host}", "links": links}
    path = f"/.well-known/webfinger?resource=acct:{name}@{peer.host}"
    peer.served[path] = Answer(document, content_type="application/jrd+json")


async def follow(node: ServedNode, handle: str) -> str:
    said = await commonwire("follow", node.directory, handle)
    assert said.status == 0, said.err
    return said.out


async def listed(node: ServedNode) -> list[dict[str, Any]]:
    said = await commonwire("following", node.directory, "--json")
    return list(json.loads(said.out))


async def test_a_handle_that_both_sides_agree_on_is_named(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    out = await follow(node, f"@alice@{hostile_peer.host}")
    assert f"asked to follow @alice@{hostile_peer.host}: {alice}\n" in out
    assert "leads there" not in out
    assert [one["handle"] for one in await listed(node)] == [f"@alice@{hostile_peer.host}"]


async def test_a_handle_that_merely_points_at_somebody_is_not_taken_for_hers(
    node: ServedNode, hostile_peer: Peer
) -> None:
    alice = hostile_peer.actor("alice")
    leads(hostile_peer, "pompous", alice, "alice")
    out = await follow(node, f"@pompous@{hostile_peer.host}")
    assert f"asked to follow @alice@{hostile_peer.host}: {alice}\n" in out
    expected = f"@pompous@{hostile_peer.host} leads there; the actor itself goes by @alice@{hostile_peer.host}\n"
    assert expected in out
    said = await commonwire("unfollow", node.directory, f"@alice@{hostile_peer.host}")
    assert said.status == 0, said.err


async def test_a_handle_that_nobody_agrees_on_is_said_to_be_so(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice", webfinger="alice@nobody.invalid")
    out = await follow(node, f"@alice@{hostile_peer.host}")
    assert f"@alice@{hostile_peer.host} leads there, but that is not agreed on by both" in out
    assert f"{alice}\n" in out
    assert [one["handle"] for one in await listed(node)] == [f"@alice@{hostile_peer.host}"]
    said = await commonwire("unfollow", node.directory, f"@ALICE@{hostile_peer.host}")
    assert said.status == 0, said.err
