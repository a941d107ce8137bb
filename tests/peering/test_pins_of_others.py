"""What those we follow have pinned: read with their past, marked, and read anew when they say that it has changed."""

from __future__ import annotations

from typing import Any

import pytest

from node import objects
from node.statements import featured
from tests.nodes.peer import AS, Answer, Peer
from tests.nodes.served import ServedNode
from tests.peering.outboxes import Outbox
from tests.peering.test_backfill import accept, again


class Pins:
    """The collection of what somebody of the peer has pinned."""

    def __init__(self, node: ServedNode, peer: Peer) -> None:
        self.node, self.peer, self.outbox = node, peer, Outbox(peer)
        self.actor, self.iri = self.outbox.actor, f"{self.outbox.actor}/featured"
        self.outbox.serve([])

    def show(self, *items: Any, **more: Any) -> None:
        shown = {"@context": AS, "id": self.iri, "type": "OrderedCollection", "orderedItems": list(items)} | more
        self.peer.served[self.iri.removeprefix(self.peer.origin)] = Answer(shown)

    def page(self, name: str, *items: Any, **more: Any) -> str:
        iri = f"{self.iri}?{name}"
        shown = {"@context": AS, "id": iri, "type": "OrderedCollectionPage", "partOf": self.iri}
        self.peer.served[iri.removeprefix(self.peer.origin)] = Answer(shown | {"orderedItems": list(items)} | more)
        return iri

    def named(self, **fields: Any) -> str:
        """A note that stands at its address; its id."""
        note = self.outbox.note(**fields)
        self.peer.served[note["id"].removeprefix(self.peer.origin)] = Answer(note)
        return str(note["id"])

    async def say(self, kind: str, thing: Any, *, by: str | None = None, **more: Any) -> str | None:
        activity = self.peer.activity(kind, by or self.actor, thing, **more)
        assert await self.peer.send(f"{self.node.origin}/inbox", activity, now=self.node.clock()) == 202
        return await self.node.fate(activity)

    async def marked(self) -> set[str]:
        """What the node takes for pinned by its author."""
        rows = await self.node.read(lambda tx: list(tx.execute(objects.objects.select())))
        return {row.iri for row in rows if await self.node.read(featured.has, row.iri)}


@pytest.fixture
def pins(node: ServedNode, hostile_peer: Peer) -> Pins:
    return Pins(node, hostile_peer)


async def test_what_they_had_pinned_before_we_followed_is_marked_as_if_they_had_told_us(
    node: ServedNode, hostile_peer: Peer, pins: Pins
) -> None:
    whole, named, created = pins.outbox.note("<p>read this first</p>"), pins.named(), pins.outbox.note()
    carol = hostile_peer.actor("carol")
    theirs, answer = hostile_peer.note(carol), hostile_peer.note(carol, inReplyTo=await node.publish())
    gone, private = pins.outbox.note(), pins.outbox.note(to=[node.group])
    await pins.say("Delete", gone["id"])
    assert await pins.say("Create", answer, by=carol) == "done"
    hostile_peer.served[theirs["id"].removeprefix(hostile_peer.origin)] = Answer(theirs)
    pins.show(
        whole, named, pins.outbox.create(created), theirs["id"], theirs, answer["id"], answer, gone, private, named,
        hostile_peer.activity("Announce", pins.actor, answer["id"]), "https://else.example/1", "rubbish", 7, {}, [],
        {"type": "Hashtag", "name": "#x", "href": f"{pins.actor}/x"}, f"{pins.node.group}",
    )  # fmt: skip
    await accept(node, hostile_peer, pins.actor)
    assert await pins.marked() == {whole["id"], named, created["id"]}
    sort_id = (await node.read(objects.find, whole["id"])).sort_id
    await again(node, pins.actor)
    assert await pins.marked() == {whole["id"], named, created["id"]}, "a second time"
    assert (await node.read(objects.find, whole["id"])).sort_id == sort_id


async def test_what_they_take_down_is_unmarked_however_we_learn_of_it(
    node: ServedNode, hostile_peer: Peer, pins: Pins
) -> None:
    one, two, three, four = (pins.named() for _ in range(4))
    pins.show(one, two, three)
    await accept(node, hostile_peer, pins.actor)
    assert await pins.say("Remove", one, target=pins.iri) == "done"
    assert await pins.marked() == {two, three}
    pins.show(three, four)
    collection = {"id": pins.iri, "type": "OrderedCollection", "orderedItems": [one], "totalItems": 1}
    assert await pins.say("Update", collection) == "done"
    assert await pins.marked() == {three, four}, "what its own server shows counts, not what was sent"
    pins.show(two)
    assert await pins.say("Update", pins.iri) == "done", "by its address alone"
    assert await pins.marked() == {two}
    pins.show()
    await again(node, pins.actor)
    assert await pins.marked() == set(), "missed while we were down"


async def test_nobody_else_changes_what_is_pinned_and_nobody_makes_us_read_it_for_ever(
    node: ServedNode, hostile_peer: Peer, pins: Pins
) -> None:
    one = pins.named()
    mallory = hostile_peer.actor("mallory", featured=f"{hostile_peer.origin}/users/mallory/featured")
    pins.show(one)
    await accept(node, hostile_peer, pins.actor)
    pins.show()
    path = pins.iri.removeprefix(hostile_peer.origin)
    asked = hostile_peer.asked[path]
    assert await pins.say("Update", {"id": pins.iri, "type": "OrderedCollection"}, by=mallory) == "ignored"
    own = {"id": f"{hostile_peer.origin}/users/mallory/featured", "type": "OrderedCollection"}
    assert await pins.say("Update", own, by=mallory) == "ignored", "nobody here follows her"
    for thing in (
        f"{pins.actor}/outbox",
        {"id": f"{pins.actor}/outbox", "type": "Collection"},
        f"{node.group}/featured",
    ):
        assert await pins.say("Update", thing) == "ignored", thing
    assert (hostile_peer.asked[path], await pins.marked()) == (asked, {one})
    fates = [await pins.say("Update", pins.iri) for _ in range(26)]
    assert fates == ["done"] * 24 + ["ignored"] * 2
    assert hostile_peer.asked[path] <= asked + 24


async def test_a_long_collection_is_read_as_far_as_it_goes_and_only_a_whole_one_unmarks(
    node: ServedNode, hostile_peer: Peer, pins: Pins
) -> None:
    one, two, three = (pins.named() for _ in range(3))
    second = pins.page("b", two)
    pins.show(first=pins.page("a", one, next=second), orderedItems=None)
    await accept(node, hostile_peer, pins.actor)
    assert await pins.marked() == {one, two}
    pins.page("a", three, next=f"{pins.iri}?missing")
    await again(node, pins.actor)
    assert await pins.marked() == {one, two, three}, "what stands behind the missing page may still be pinned"
    pins.page("a", three)
    await again(node, pins.actor)
    assert await pins.marked() == {three}
    many = [pins.outbox.note() for _ in range(featured.AT_MOST + 5)]
    pins.show(*many)
    await again(node, pins.actor)
    assert await pins.marked() == {note["id"] for note in many[: featured.AT_MOST]}
