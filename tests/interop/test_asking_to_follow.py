"""An actor of Fedify asks to follow a group that wants to be asked: declined with a reason, then admitted."""

from __future__ import annotations

import pytest

from node.peering import admission, choices, store
from tests.interop.fedify_peer import Fedify
from tests.nodes.served import ServedNode, eventually


@pytest.mark.one_database
async def test_fedify_understands_that_it_is_declined_and_that_it_is_admitted(node: ServedNode, fedify: Fedify) -> None:
    by = {"actor": node.group, "member": await node.steward()}
    await node.write(choices.choose, {"admits": "nobody"}, **by)
    alice = await fedify.actor()

    async def asks() -> bool:
        return [row.iri for row in await node.read(admission.requests, node.group)] == [alice.iri]

    sent = await alice.does("follow", to=node.group)
    await eventually(asks)
    await node.write(admission.decline, alice.iri, "Write to us first.", **by)
    entry = await fedify.receives("Reject", actor=node.group)
    assert entry["understood"]["object"]["id"] == sent["id"]
    assert await node.read(store.count_followers, node.group) == 0
    sent = await alice.does("follow", to=node.group)
    await eventually(asks)
    await node.write(admission.admit, alice.iri, **by)
    entry = await fedify.receives("Accept", actor=node.group)
    assert entry["understood"]["object"]["id"] == sent["id"]
    assert await node.read(store.count_followers, node.group) == 1
