"""Three groups of three tendencies that all follow each other: everybody hears everybody, once, and threads are whole."""

from __future__ import annotations

from typing import Any

from node import objects
from node.identifiers import spell
from tests.conftest import follow_each
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode, eventually
from tests.nodes.test_two_nodes_talk import arrival

Three = tuple[ServedNode, ServedNode, ServedNode]


async def test_everybody_hears_everybody_once(three_nodes: Three) -> None:
    said = [await node.publish(f"We are {node.handle}.") for node in three_nodes]
    for node, own in zip(three_nodes, said, strict=True):
        others = sorted(iri for iri in said if iri != own)
        for iri in others:
            await arrival(node, iri)
        await node.quiet()
        listed = await node.read(objects.listed, local=False)
        assert sorted(row.iri for row in listed) == others


async def test_a_conversation_of_three_is_one_thread_on_every_node(three_nodes: Three) -> None:
    first, second, third = three_nodes
    root = await first.publish("What shall we do?")
    await arrival(second, root)
    answer = await second.publish("We shall strike.", reply_to=root)
    await arrival(third, answer)
    last = await third.publish("Together.", reply_to=answer)
    for node in three_nodes:
        held = await arrival(node, root)
        await arrival(node, last)

        async def whole(node: ServedNode = node) -> bool:
            return [row.iri for row in await node.read(objects.thread, root)] == [answer, last]

        await eventually(whole)
        _, page = await node.page(root if node is first else f"/heard/{spell(held.sort_id)}")
        assert page.index("We shall strike.") < page.index("Together.")


async def test_an_actor_whose_own_proof_is_wrong_is_not_known(node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor("ana")
    document = hostile_peer.served["/users/ana"].body
    assert isinstance(document, dict)
    proved = hostile_peer.proved(document, actor)
    hostile_peer.served["/users/ana"] = Answer(proved | {"name": "Somebody else"})
    follow = hostile_peer.activity("Follow", actor, node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", follow) == 401
    bob = hostile_peer.actor("bob")
    document = hostile_peer.served["/users/bob"].body
    assert isinstance(document, dict)
    hostile_peer.served["/users/bob"] = Answer(hostile_peer.proved(document, bob))
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Follow", bob, node.group)) == 202


async def test_who_began_a_thread_hears_answers_to_answers_of_groups_it_does_not_know(serve: Any) -> None:
    """The first knows the second, the second the third; the first and the third share a thread and nothing else."""
    first, second, third = [await serve(number) for number in range(3)]
    await follow_each(second, first)
    await follow_each(third, second)
    top = await first.publish("We are out.")
    await eventually(lambda: second.holds(top))
    answer = await second.publish("So are we.", reply_to=top)
    await eventually(lambda: third.holds(answer))
    await eventually(lambda: third.holds(top))
    below = await third.publish("We will be.", reply_to=answer)
    await eventually(lambda: first.holds(answer))
    await eventually(lambda: first.holds(below))
    page = (await first.page(top))[1]
    assert "So are we." in page and "We will be." in page
    _, thread = await first.activity(f"{top}/context")
    assert thread["orderedItems"] == [top, answer, below]
    assert (await third.activity(below))[1]["context"] == f"{top}/context"
