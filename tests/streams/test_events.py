"""What happens stands in the table of events as long as somebody may want to be told of it, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from node.context import Transaction
from node.happenings import What
from node.statements import passing_on
from node.streams import store
from node.streams.actions import Tail
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually


def told(tx: Transaction) -> list[tuple[str, str, str]]:
    return [(row.what, row.iri, row.author) for row in store.after(tx, 0, limit=1000)]


async def test_what_is_said_passed_on_and_taken_back_is_told_on_both_nodes(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    first, second = two_nodes
    tail = Tail(second.node)
    await tail.begin()
    iri = await first.publish("We are on strike.")
    await eventually(lambda: second.holds(iri))
    assert [(row.what, row.iri) for row in await tail.read()] == [(What.SAID, iri)]
    assert await tail.read() == []

    await second.write(passing_on.boost, iri, actor=second.group, member=await second.steward())
    (boosted,) = await tail.read()
    assert (boosted.what, boosted.author) == (What.BOOSTED, second.group)
    await second.write(passing_on.unboost, iri, actor=second.group, member=await second.steward())
    (back,) = await tail.read()
    assert (back.what, back.iri, back.place) == (What.UNBOOSTED, iri, boosted.place)
    assert (What.SAID, iri, first.group) in await first.read(told)


async def test_the_past_and_what_is_not_public_is_no_news(node: ServedNode, hostile_peer: Peer) -> None:
    author = hostile_peer.actor("ana")
    await node.follow(f"@ana@{hostile_peer.host}")
    inbox = f"{node.origin}/inbox"
    old = hostile_peer.note(author, "<p>old</p>", published="2020-05-01T12:00:00Z")
    new = hostile_peer.note(author, "<p>new</p>")
    for note in (old, new):
        assert await hostile_peer.send(inbox, hostile_peer.activity("Create", author, note)) == 202
    await eventually(lambda: node.holds(new["id"]))
    await eventually(lambda: node.holds(old["id"]))
    assert await node.read(told) == [(What.SAID, new["id"], author)]

    delete = hostile_peer.activity("Delete", author, {"id": old["id"], "type": "Tombstone"})
    assert await hostile_peer.send(inbox, delete) == 202

    async def gone() -> Any:
        return (What.GONE, old["id"], author) in await node.read(told)

    await eventually(gone)  # an app may have read it


async def test_events_are_let_go_of_and_their_numbers_never_come_again(
    serve: Callable[..., Any],
) -> None:
    node: ServedNode = await serve(0)
    await node.publish("One.")
    tail = Tail(node.node)
    await tail.begin()
    node.clock.advance(timedelta(hours=2))
    await node.write(store.prune)
    assert await node.read(told) == []
    iri = await node.publish("Two.")
    assert [row.iri for row in await tail.read()] == [iri]
