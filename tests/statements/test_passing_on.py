"""Boosting what others say and pinning what we say: who hears of it, where it stands, how it is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from federation.errors import Refused
from node import decisions
from node.decisions import Method, Record, Rule
from node.errors import Conflict, Forbidden, Missing
from node.peering import actions as peering
from node.peering.rules import Severity
from node.statements import passing_on, store
from node.statements.rules import Interest
from schemas.context import PUBLIC
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode, eventually
from tests.statements.test_corrections import delete, follower


async def act(node: ServedNode, what: Any, iri: str) -> None:
    await node.write(what, iri, actor=node.group, member=await node.steward())
    await node.quiet()


async def pin(node: ServedNode, iri: str) -> None:
    await node.write(passing_on.pin, iri, member=await node.steward())
    await node.quiet()


def said(peer: Peer, text: str = "<p>Far away, the same.</p>", **fields: Any) -> dict[str, Any]:
    """A note that is served at its address, by somebody nobody here follows."""
    bob = peer.actor("bob", inbox=f"{peer.origin}/bob", followers=f"{peer.origin}/users/bob/followers")
    note = peer.note(bob, text, **fields)
    peer.served[note["id"].removeprefix(peer.origin)] = Answer(note)
    return note


async def boost(node: ServedNode, iri: str) -> None:
    await passing_on.bring(node.node, iri, Interest.PASSED_ON)
    await act(node, passing_on.boost, iri)


async def test_a_boost_reaches_followers_and_author_and_stands_on_the_page(
    node: ServedNode, hostile_peer: Peer
) -> None:
    await follower(node, hostile_peer)
    note = said(hostile_peer)
    await boost(node, note["id"])
    sent = hostile_peer.sent_to("Announce")
    assert len(sent) == 2 and sent[0] == sent[1]
    assert hostile_peer.asked["/bob"] == 1
    (announce, _) = sent
    assert announce["object"] == note["id"]
    assert (announce["to"], announce["cc"]) == ([PUBLIC], [f"{node.group}/followers", note["attributedTo"]])
    assert announce["published"]
    assert (await node.activity(announce["id"])) == (200, announce)
    for page in ("/", "/wire", node.group):
        assert "Far away, the same." in (await node.page(page))[1], page
    assert await node.read(store.reaction_counts, note["id"]) == {"Like": 0, "Announce": 1}


async def test_a_boost_is_taken_back_and_can_be_made_again(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    note = said(hostile_peer)
    await boost(node, note["id"])
    (announce, _) = hostile_peer.sent_to("Announce")
    await act(node, passing_on.unboost, note["id"])
    undo = hostile_peer.sent_to("Undo")
    assert len(undo) == 2
    assert undo[0]["object"] == {name: announce[name] for name in ("id", "type", "actor", "object")}
    assert (await node.activity(announce["id"]))[0] == 404
    assert "Far away" not in (await node.page("/"))[1]
    with pytest.raises(Missing, match="not boosted"):
        await act(node, passing_on.unboost, note["id"])
    await boost(node, note["id"])
    again = hostile_peer.sent_to("Announce")[-1]
    assert again["id"] != announce["id"]
    assert (await node.activity(again["id"]))[0] == 200


async def test_a_boost_travels_between_two_nodes(two_nodes: tuple[ServedNode, ServedNode], hostile_peer: Peer) -> None:
    first, second = two_nodes
    note = said(hostile_peer)
    await boost(first, note["id"])
    await second.quiet()
    assert await second.holds(note["id"])
    assert "Far away" in (await second.page("/wire"))[1]
    await act(first, passing_on.unboost, note["id"])
    await second.quiet()
    assert (await second.read(store.reaction_counts, note["id"]))["Announce"] == 0


async def test_what_cannot_be_boosted_is_said_and_changes_nothing(node: ServedNode, hostile_peer: Peer) -> None:
    ours = await node.publish("Ours.")
    gone = await node.publish("Gone.")
    await delete(node, gone)
    await boost(node, ours)
    private = said(hostile_peer, to=[node.group])
    other = said(hostile_peer)
    await passing_on.bring(node.node, other["id"], Interest.PASSED_ON)
    steward = await node.steward()
    await node.write(peering.set_policy, hostile_peer.host, Severity.REJECT, "spam", actor=node.group, member=steward)
    writer = await node.enter("writer1", "writer")
    await node.settled()
    before = await node.contents()
    with pytest.raises(Refused):
        await passing_on.bring(node.node, private["id"], Interest.PASSED_ON)
    for iri, error, word in (
        ("https://nowhere.example/1", Missing, "does not hold"),
        (gone, Conflict, "was deleted"),
        (ours, Conflict, "unboost"),
        (other["id"], Refused, "does not hear"),
        (node.group, Missing, "does not hold"),
    ):
        with pytest.raises(error, match=word):
            await act(node, passing_on.boost, iri)
    with pytest.raises(Forbidden):
        await node.write(passing_on.unboost, ours, actor=node.group, member=writer)
    assert await node.contents() == before


async def test_an_effect_that_runs_twice_does_nothing_the_second_time(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    iri = await node.publish("Once.")
    subject = f'["{node.group}", "{iri}"]'
    for effect in (passing_on.boosted, passing_on.pinned, passing_on.unboosted, passing_on.unpinned):
        await node.write(effect, subject)
        await node.write(effect, subject)
        await node.quiet()
    kinds = [one["type"] for one in hostile_peer.received if one["type"] not in ("Accept", "Create")]
    assert sorted(kinds) == ["Add", "Announce", "Remove", "Undo"]


async def test_what_is_pinned_stands_in_featured_and_on_top_of_the_page(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    first, second = await node.publish("Who we are.", title="About us"), await node.publish("The second.")
    await pin(node, first)
    await pin(node, second)
    featured = f"{node.group}/featured"
    (_, add) = hostile_peer.sent_to("Add")
    assert (add["object"], add["target"], add["to"]) == (second, featured, [PUBLIC])
    document = (await node.activity(featured))[1]
    assert (document["totalItems"], document["orderedItems"]) == (2, [second, first])
    page = (await node.page("/"))[1]
    assert page.index("Pinned") < page.index("About us")
    await act(node, passing_on.unpin, first)
    (remove,) = hostile_peer.sent_to("Remove")
    assert (remove["object"], remove["target"]) == (first, featured)
    assert (await node.activity(featured))[1]["orderedItems"] == [second]


async def test_what_cannot_be_pinned_is_said(node: ServedNode, hostile_peer: Peer) -> None:
    iris = [await node.publish(f"Number {number}.") for number in range(passing_on.PINS_AT_MOST + 1)]
    for iri in iris[:-1]:
        await pin(node, iri)
    with pytest.raises(Conflict, match=f"unpin {iris[0]}"):
        await pin(node, iris[-1])
    with pytest.raises(Conflict, match="pinned already"):
        await pin(node, iris[0])
    with pytest.raises(Missing, match="not pinned"):
        await act(node, passing_on.unpin, iris[-1])
    note = said(hostile_peer)
    await passing_on.bring(node.node, note["id"], Interest.PASSED_ON)
    with pytest.raises(Forbidden, match="not ours"):
        await pin(node, note["id"])


async def test_what_is_gone_when_the_group_has_voted_is_neither_pinned_nor_boosted(
    node: ServedNode, hostile_peer: Peer
) -> None:
    await follower(node, hostile_peer)
    member = await node.steward()
    iri = await node.publish("We are out.")
    rule = Rule(method=Method.APPROVALS, approvals=1, record=Record.NAMED, at_least=3600, at_most=7200)
    for under in ("pin", "boost"):
        await node.write(decisions.change_rule, under, rule, actor=node.group, member=member)
    await node.write(passing_on.pin, iri, member=member)
    await node.write(passing_on.boost, iri, actor=node.group, member=member)
    await delete(node, iri)
    node.clock.advance(timedelta(hours=3))
    node.node.bell.ring("jobs")

    async def closed() -> bool:
        return len(await node.read(decisions.closed, member, actor=node.group)) >= 5

    await eventually(closed)
    await node.quiet()
    found = {one.kind: one for one in await node.read(decisions.closed, member, actor=node.group)}
    for kind in ("pin", "boost"):
        failed = found[kind].failed
        assert found[kind].state == "adopted" and failed is not None and "was deleted" in failed.why, kind
    assert (await node.contents())["pins"] == []
    assert hostile_peer.sent_to("Add") == hostile_peer.sent_to("Announce") == []
