"""What waits, what failed and why, and trying again now."""

from __future__ import annotations

import json

import pytest

from node.peering import store as follows
from node.peering.rules import Follow
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually


@pytest.mark.parametrize("status", [503, 401, 429])
async def test_a_delivery_that_failed_is_shown_with_its_reason_and_tried_again(
    node: ServedNode, hostile_peer: Peer, status: int
) -> None:
    said = await commonwire("queue", "show", node.directory)
    assert said.out == "nothing waits\n"
    actor = hostile_peer.actor("ana")
    await node.node.directory.actor(actor)
    await node.write(follows.put, follower=actor, followed=node.group, activity="x", state=Follow.ACCEPTED)
    hostile_peer.inbox_status = status
    await node.publish("To Ana.")

    async def failed() -> bool:
        said = await commonwire("queue", "show", node.directory, "--json")
        rows = json.loads(said.out)["jobs"]
        return bool(rows and rows[0]["error"])

    await eventually(failed)
    said = await commonwire("queue", "show", node.directory)
    assert f"{hostile_peer.host}  deliver: 1 waiting" in said.out
    assert str(status) in said.out
    hostile_peer.inbox_status = 202
    before = len(hostile_peer.received)
    said = await commonwire("queue", "retry", node.directory, "--peer", hostile_peer.host)
    assert said.out == "to be tried again now: 1\n"

    async def arrived() -> bool:
        return len(hostile_peer.received) > before

    await eventually(arrived)
    await node.quiet()
    assert (await commonwire("queue", "show", node.directory)).out == "nothing waits\n"
