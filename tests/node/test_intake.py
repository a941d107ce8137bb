"""What has come in and waits to be handled takes so much memory and no more."""

from __future__ import annotations

import json

from node.context import Transaction
from node.intake import REMEMBERED_BYTES, Arrival, Intake
from schemas import activity as activities
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode


def anybody(_: Transaction) -> None:
    """Nothing speaks against it."""


async def test_large_activities_that_another_process_handles_do_not_pile_up_in_this_one(
    node: ServedNode, hostile_peer: Peer
) -> None:
    alice = hostile_peer.actor("alice")
    waiting = Intake(node.node)
    for _ in range(12):
        note = hostile_peer.note(alice, content="x" * 900_000)
        document = hostile_peer.activity("Create", alice, note)
        arrival = Arrival(activities.parse(document), document, json.dumps(document).encode(), anybody)
        waiting._remember(arrival)
    assert 0 < waiting.remembered_bytes <= REMEMBERED_BYTES
    assert waiting.remembered(arrival.name) is not None, "the newest is there"
    waiting.forget([arrival.name])
    assert waiting.remembered(arrival.name) is None
