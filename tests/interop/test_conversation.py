"""One conversation from beginning to end, on both of our databases."""

from __future__ import annotations

from node.statements import store as statements
from tests.interop.fedify_peer import Fedify, be_followed, follow_state, hear
from tests.nodes.served import ServedNode


async def test_a_group_and_a_fedify_actor_talk_and_part(node: ServedNode, fedify: Fedify) -> None:
    alice = await fedify.actor()
    await hear(node, alice)
    await be_followed(node, alice)
    ours = await node.publish("Shall we meet?")
    entry = await fedify.receives("Create", actor=node.group)
    assert entry["understood"]["object"]["id"] == ours
    said = await alice.does("note", to=node.group, content="<p>On Sunday.</p>", replyTo=ours)
    liked = await alice.does("like", to=node.group, object=ours)
    assert [await alice.fate(node, sent) for sent in (said, liked)] == ["done", "done"]
    answer = await node.publish("Sunday it is.", reply_to=said["note"])
    await node.quiet()
    entry = await fedify.receives("Create", actor=node.group)
    assert entry["understood"]["object"]["id"] == answer
    assert entry["understood"]["object"]["replyTarget"] == said["note"]
    assert (await node.read(statements.reaction_counts, ours))["Like"] == 1
    page = (await node.page(ours))[1]
    assert "On Sunday." in page
    assert "Sunday it is." in page
    await alice.does("leave", to=node.group)
    await node.quiet()
    assert "On Sunday." not in (await node.page(ours))[1]
    assert await follow_state(node, alice) != "accepted"
