"""The past of those we follow: fetched once they have accepted, believed as far as it can be, and with an end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from node import objects
from node.backfill import actions as backfill
from node.backfill import store
from node.errors import Conflict
from node.peering import governing
from node.peering import store as follows
from node.peering.rules import Follow, Severity
from node.statements import store as statements
from tests.nodes import peer as peers
from tests.nodes.peer import AS, Answer, Peer
from tests.nodes.served import ServedNode, eventually
from tests.peering import outboxes
from tests.peering.outboxes import OLD, Outbox


@pytest.fixture
def outbox(hostile_peer: Peer) -> Outbox:
    return Outbox(hostile_peer)


@pytest.fixture
async def elsewhere(key_sets: list[Path]) -> AsyncIterator[Peer]:
    """A server with which nobody here has anything to do."""
    async with peers.peer(key_sets[-1]) as one:
        yield one


async def accept(node: ServedNode, peer: Peer, actor: str) -> None:
    """Follow, be accepted, and wait until there is nothing more to do."""
    await node.follow(actor)
    await node.quiet()
    follow = peer.sent_to("Follow")[-1]
    accepted = peer.activity("Accept", actor, follow)
    assert await peer.send(f"{node.origin}/inbox", accepted, now=node.clock()) == 202, peer.last
    await ended(node, actor)


async def ended(node: ServedNode, actor: str) -> Any:
    """The row of a backfill that does not run any more."""

    async def find() -> Any:
        row = await node.read(store.find, actor)
        return row if row is not None and row.state != "running" else None

    row = await eventually(find)
    await node.quiet()
    return row


async def again(node: ServedNode, actor: str, **more: Any) -> Any:
    """Let a backfill go on, or begin anew, as the command does."""
    await node.write(backfill.begin, actor, **more)
    return await ended(node, actor)


async def test_the_past_comes_when_the_follow_is_accepted_and_is_news_to_nobody(
    node: ServedNode, hostile_peer: Peer, outbox: Outbox
) -> None:
    """A page of twenty costs one request; what is old stands where it belongs."""
    notes = [outbox.note(f"<p>entry {number}.</p>") for number in range(45)]
    outbox.serve(*(list(map(outbox.create, notes[start : start + 20])) for start in (0, 20, 40)))
    ours = await node.publish("Today.")
    await accept(node, hostile_peer, outbox.actor)
    row = await node.read(store.find, outbox.actor)
    assert (row.state, row.found, row.kept, row.refused, row.total, row.reason) == ("done", 45, 45, 0, 45, None)
    assert hostile_peer.asked[outbox.path] == 1 + 3, "the collection, and each page once"
    listed = await node.read(objects.listed, limit=100)
    assert [one.iri for one in listed] == [ours, *(note["id"] for note in notes)], "in the order in which it was said"
    assert all(one.published < OLD + timedelta(days=1) for one in listed[1:])
    wire = (await node.page("/wire"))[1]
    assert wire.index("entry 0.") < wire.index("entry 1.")


async def test_nothing_is_fetched_of_those_who_have_not_accepted(
    node: ServedNode, hostile_peer: Peer, outbox: Outbox
) -> None:
    outbox.serve([outbox.create(outbox.note())])
    await node.follow(outbox.actor)
    await node.quiet()
    with pytest.raises(Conflict, match="has not accepted"):
        await node.write(backfill.begin, outbox.actor)
    assert hostile_peer.asked[outbox.path] == 0


async def test_boosts_are_fetched_where_they_are_from_and_stand_on_the_wire(
    node: ServedNode, hostile_peer: Peer, elsewhere: Peer, outbox: Outbox
) -> None:
    """Announces whose object is an address, an object, or (Lemmy) a Create; what they embed is not believed."""
    carol = elsewhere.actor("carol")
    notes = [elsewhere.note(carol, f"<p>carol {number}</p>", published="2024-01-01T00:00:00Z") for number in range(3)]
    for note in notes:
        elsewhere.served[note["id"].removeprefix(elsewhere.origin)] = Answer(note)
    create = elsewhere.activity("Create", carol, notes[2])
    objects_of = [notes[0]["id"], notes[1] | {"content": "<p>never said</p>"}, create]
    boosts = [hostile_peer.activity("Announce", outbox.actor, one) for one in objects_of]
    outbox.serve(boosts)
    await accept(node, hostile_peer, outbox.actor)
    wire = (await node.page("/wire"))[1]
    assert all(f"carol {number}" in wire for number in range(3)) and "never said" not in wire
    assert (await node.read(statements.reaction_counts, notes[0]["id"]))["Announce"] == 1
    assert (await node.read(store.find, outbox.actor)).asked == 3


async def test_an_outbox_does_not_make_us_ask_a_third_server_for_ever(
    node: ServedNode, hostile_peer: Peer, elsewhere: Peer, outbox: Outbox
) -> None:
    boosts = [hostile_peer.activity("Announce", outbox.actor, f"{elsewhere.origin}/{number}") for number in range(500)]
    outbox.serve(boosts)
    await accept(node, hostile_peer, outbox.actor)
    row = await node.read(store.find, outbox.actor)
    assert (row.asked, row.refused) == (300, 200)
    assert elsewhere.fetches <= 300


async def test_what_cannot_be_believed_is_not_kept(
    node: ServedNode, hostile_peer: Peer, elsewhere: Peer, outbox: Outbox
) -> None:
    peer, bob, carol = hostile_peer, hostile_peer.actor("bob"), elsewhere.actor("carol")
    good, proved = outbox.note(), peer.proved(outbox.note(), outbox.actor)
    changed = peer.proved(outbox.note(), outbox.actor) | {"content": "<p>changed</p>"}
    bobs, carols = peer.note(bob), elsewhere.note(carol)
    stolen = outbox.note(id=f"{elsewhere.origin}/notes/77")
    ours = outbox.note(id=f"{node.origin}/statements/0000000000000")
    private = outbox.note(to=[node.group])
    entries: list[Any] = [
        outbox.create(good), outbox.create(proved), outbox.create(changed), outbox.create(bobs), outbox.create(carols),
        outbox.create(stolen), outbox.create(ours), outbox.create(private), bobs, carols,
        outbox.create(outbox.note(), actor=bob), {"type": "Create", "actor": outbox.actor, "object": outbox.note()},
        outbox.create(outbox.note(attributedTo=[outbox.actor, bob])), outbox.create(outbox.note(content=7)),
        {"type": "Announce", "actor": bob, "id": peer.id("activities"), "object": carols["id"]},
        {"type": "Delete", "actor": outbox.actor, "id": peer.id("activities"), "object": good["id"]},
        {"type": "Like", "actor": outbox.actor, "id": peer.id("activities"), "object": good["id"]},
        f"{elsewhere.origin}/notes/1", f"{node.origin}/statements/1", "http://10.0.0.1/", "rubbish", 7, None, {}, [],
    ]  # fmt: skip
    outbox.serve(entries)
    await accept(node, hostile_peer, outbox.actor)
    held = {row[0] for row in (await node.contents())["objects"]}
    assert held == {good["id"], proved["id"]}
    assert elsewhere.fetches == 0
    row = await node.read(store.find, outbox.actor)
    assert (row.state, row.kept) == ("done", 2)


async def test_what_its_author_deleted_does_not_come_back(node: ServedNode, hostile_peer: Peer, outbox: Outbox) -> None:
    note, never_here = outbox.note(), outbox.note()
    outbox.serve([])
    await accept(node, hostile_peer, outbox.actor)
    for activity in (outbox.create(note), *(
        hostile_peer.activity("Delete", outbox.actor, one["id"]) for one in (note, never_here)
    )):  # fmt: skip
        assert await hostile_peer.send(f"{node.origin}/inbox", {"@context": AS, "to": note["to"]} | activity) == 202
        await node.quiet()
    outbox.serve([outbox.create(note), outbox.create(never_here)])
    await again(node, outbox.actor)
    assert not await node.holds(note["id"]) and not await node.holds(never_here["id"])


@pytest.mark.parametrize("shape", [outboxes.gotosocial, outboxes.pleroma, outboxes.wordpress, outboxes.in_one_piece])
async def test_outboxes_of_other_software_are_read(
    node: ServedNode, hostile_peer: Peer, outbox: Outbox, shape: Callable[..., Any]
) -> None:
    notes = [outbox.note() for _ in range(3)]
    shape(outbox, notes)
    await accept(node, hostile_peer, outbox.actor)
    assert (await node.read(store.find, outbox.actor)).state == "done"
    for note in notes:
        assert await node.holds(note["id"]), note["id"]


async def test_what_is_pinned_comes_first_and_whatever_is_wrong_with_it_the_rest_comes_too(
    node: ServedNode, hostile_peer: Peer, outbox: Outbox
) -> None:
    pinned, named, said = outbox.note("<p>pinned</p>"), outbox.note("<p>pinned by name</p>"), outbox.note()
    hostile_peer.served[named["id"].removeprefix(hostile_peer.origin)] = Answer(named)
    featured = f"{hostile_peer.origin}/users/alice/featured"
    path = featured.removeprefix(hostile_peer.origin)
    collection = {"@context": AS, "id": featured, "type": "OrderedCollection", "orderedItems": [pinned, named["id"]]}
    outbox.serve([outbox.create(said)])
    hostile_peer.served[path] = Answer(collection)
    await accept(node, hostile_peer, outbox.actor)
    for note in (pinned, named, said):
        assert await node.holds(note["id"])
    for answer in (Answer(b"", status=404), Answer(b"rubbish"), Answer(collection | {"type": "Note"})):
        hostile_peer.served[path] = answer
        fresh = outbox.note()
        outbox.serve([outbox.create(fresh)])
        row = await again(node, outbox.actor)
        assert (row.state, await node.holds(fresh["id"])) == ("done", True)


async def test_pins_that_nobody_may_see_stop_it_once(node: ServedNode, hostile_peer: Peer, outbox: Outbox) -> None:
    said = outbox.note()
    outbox.serve([outbox.create(said)])
    hostile_peer.served["/users/alice/featured"] = Answer(b"", status=403)
    await accept(node, hostile_peer, outbox.actor)
    assert (await node.read(store.find, outbox.actor)).state == "stopped"
    assert hostile_peer.asked[outbox.path] == 0
    row = await again(node, outbox.actor)
    assert (row.state, await node.holds(said["id"])) == ("done", True)


# ---- ends


async def test_it_ends_at_the_limit_and_goes_on_behind_it_with_a_higher_one(
    serve: Callable[..., Any], hostile_peer: Peer, outbox: Outbox
) -> None:
    node: ServedNode = await serve(0, settings={"federation.backfill_objects": 10})
    notes = [outbox.note() for _ in range(25)]
    outbox.serve(*(list(map(outbox.create, notes[start : start + 5])) for start in range(0, 25, 5)))
    await accept(node, hostile_peer, outbox.actor)
    row = await node.read(store.find, outbox.actor)
    assert (row.state, row.kept, row.reason) == ("done", 10, "the limit of 10 entries was reached")
    asked = hostile_peer.asked[outbox.path]
    row = await again(node, outbox.actor, most=100)
    assert (row.state, row.kept, row.found, row.reason) == ("done", 25, 25, None)
    assert hostile_peer.asked[outbox.path] == asked + 3, "what was read is not read again"


async def test_it_ends_where_it_is_too_old(serve: Callable[..., Any], hostile_peer: Peer, outbox: Outbox) -> None:
    node: ServedNode = await serve(0, settings={"federation.backfill_days": 30})
    fresh = hostile_peer.note(outbox.actor)
    outbox.serve([outbox.create(fresh), outbox.create(outbox.note())], [outbox.create(outbox.note())], [])
    await accept(node, hostile_peer, outbox.actor)
    row = await node.read(store.find, outbox.actor)
    assert (row.state, row.kept, row.reason) == ("done", 1, "what comes before is older than was asked for")
    assert hostile_peer.asked[outbox.path] == 3


async def test_a_limit_of_nothing_fetches_nothing(
    serve: Callable[..., Any], hostile_peer: Peer, outbox: Outbox
) -> None:
    node: ServedNode = await serve(0, settings={"federation.backfill_objects": 0})
    outbox.serve([outbox.create(outbox.note())])
    await node.follow(outbox.actor)
    await node.quiet()
    accepted = hostile_peer.activity("Accept", outbox.actor, hostile_peer.sent_to("Follow")[-1])
    assert await hostile_peer.send(f"{node.origin}/inbox", accepted) == 202
    await node.quiet()
    assert await node.read(store.find, outbox.actor) is None and hostile_peer.asked[outbox.path] == 0


ENDLESS = (
    "new entries for ever",
    "nothing for ever",
    "the same for ever",
    "a circle",
    "elsewhere",
    "two hundred thousand",
)


@pytest.mark.parametrize("shape", ENDLESS)
async def test_pages_without_end_come_to_an_end(
    serve: Callable[..., Any], hostile_peer: Peer, outbox: Outbox, shape: str
) -> None:
    node: ServedNode = await serve(0, settings={"federation.backfill_objects": 60})
    same = [outbox.create(outbox.note())]
    outbox.serve(*([outbox.create(outbox.note()) for _ in range(3)] for _ in range(100)), total=10**12)
    if shape in ("nothing for ever", "the same for ever"):
        for number in range(100):
            outbox.page(number, same if shape.startswith("the same") else [], next=outbox.address(number + 1))
    elif shape == "a circle":
        outbox.page(2, [outbox.create(outbox.note())], next=outbox.address(0))
    elif shape == "elsewhere":
        outbox.page(2, [outbox.create(outbox.note())], next="http://127.0.0.1:9/more?page=true")
    elif shape == "two hundred thousand":
        outbox.page(0, ["x"] * 200_000)
    await accept(node, hostile_peer, outbox.actor)
    row = await node.read(store.find, outbox.actor)
    expected = {
        "new entries for ever": ("done", 60, "the limit of 60 entries was reached"),
        "nothing for ever": ("done", 0, None),
        "the same for ever": ("done", 1, "the limit of 60 entries was reached"),
        "a circle": ("stopped", 7, "circle"),
        "elsewhere": ("stopped", 7, "another origin"),
        "two hundred thousand": ("stopped", 0, "orderedItems"),
    }[shape]
    assert (row.state, row.kept) == expected[:2]
    assert (row.reason is None) if expected[2] is None else expected[2] in row.reason
    assert hostile_peer.asked[outbox.path] <= 70
    assert [job for job in (await node.contents())["jobs"] if "backfill" in job] == []


@pytest.mark.parametrize("status", [403, 429, 404, 410])
async def test_it_stops_when_it_is_told_to_says_why_and_goes_on_when_a_person_says_so(
    node: ServedNode, hostile_peer: Peer, outbox: Outbox, status: int
) -> None:
    notes = [outbox.note() for _ in range(4)]
    outbox.serve(list(map(outbox.create, notes[:2])), list(map(outbox.create, notes[2:])))
    second = outbox.address(1).removeprefix(hostile_peer.origin)
    whole, hostile_peer.served[second] = hostile_peer.served[second], Answer(b"", status=status)
    await accept(node, hostile_peer, outbox.actor)
    row = await node.read(store.find, outbox.actor)
    assert (row.state, row.kept) == ("stopped", 2)
    assert str(status) in row.reason
    node.clock.advance(timedelta(days=2))
    await node.quiet()
    assert hostile_peer.asked[outbox.path] == 3, "nothing is asked for until a person says so"
    hostile_peer.served[second] = whole
    row = await again(node, outbox.actor)
    assert (row.state, row.kept, row.reason) == ("done", 4, None)
    assert hostile_peer.asked[outbox.path] == 4, "it went on at the page where it had stopped"


async def test_a_peer_that_dies_in_the_middle_is_asked_again_later(
    node: ServedNode, hostile_peer: Peer, outbox: Outbox
) -> None:
    notes = [outbox.note() for _ in range(4)]
    outbox.serve(list(map(outbox.create, notes[:2])), list(map(outbox.create, notes[2:])))
    second = outbox.address(1).removeprefix(hostile_peer.origin)
    whole, hostile_peer.served[second] = hostile_peer.served[second], Answer(b"", status=502)
    await node.follow(outbox.actor)
    await node.quiet()
    accepted = hostile_peer.activity("Accept", outbox.actor, hostile_peer.sent_to("Follow")[-1])
    assert await hostile_peer.send(f"{node.origin}/inbox", accepted) == 202
    await node.quiet()
    row = await node.read(store.find, outbox.actor)
    assert (row.state, row.kept) == ("running", 2) and "tried again" in row.reason
    hostile_peer.served[second] = whole
    node.clock.advance(timedelta(minutes=10))
    row = await ended(node, outbox.actor)
    assert (row.state, row.kept, row.reason) == ("done", 4, None)


async def test_it_ends_when_the_follow_has_ended(node: ServedNode, hostile_peer: Peer, outbox: Outbox) -> None:
    outbox.serve([outbox.create(outbox.note())], [outbox.create(outbox.note())])
    second = outbox.address(1).removeprefix(hostile_peer.origin)
    hostile_peer.served[second] = Answer(b"", status=502)
    await node.follow(outbox.actor)
    await node.quiet()
    accepted = hostile_peer.activity("Accept", outbox.actor, hostile_peer.sent_to("Follow")[-1])
    assert await hostile_peer.send(f"{node.origin}/inbox", accepted) == 202
    await node.quiet()
    await node.write(follows.set_state, follower=node.group, followed=outbox.actor, state=Follow.ENDED)
    asked = hostile_peer.asked[outbox.path]
    node.clock.advance(timedelta(minutes=10))
    row = await ended(node, outbox.actor)
    assert (row.state, row.reason) == ("stopped", "no group here follows it any more, or its host is suspended")
    assert hostile_peer.asked[outbox.path] == asked
    with pytest.raises(Conflict):
        await node.write(backfill.begin, outbox.actor)


async def test_a_suspended_host_is_not_asked_and_another_accept_changes_nothing(
    node: ServedNode, hostile_peer: Peer, outbox: Outbox
) -> None:
    outbox.serve([outbox.create(outbox.note())], [outbox.create(outbox.note())])
    second = outbox.address(1).removeprefix(hostile_peer.origin)
    hostile_peer.served[second] = Answer(b"", status=403)
    await accept(node, hostile_peer, outbox.actor)
    asked = hostile_peer.asked[outbox.path]
    once_more = hostile_peer.activity("Accept", outbox.actor, hostile_peer.sent_to("Follow")[-1])
    assert await hostile_peer.send(f"{node.origin}/inbox", once_more) == 202
    await node.quiet()
    assert (await node.read(store.find, outbox.actor)).state == "stopped"
    await node.write(governing.enact, hostile_peer.host, Severity.REJECT, "enough")
    with pytest.raises(Conflict, match="suspended"):
        await node.write(backfill.begin, outbox.actor)
    assert hostile_peer.asked[outbox.path] == asked


async def test_an_outbox_at_another_origin_is_not_read(node: ServedNode, hostile_peer: Peer, elsewhere: Peer) -> None:
    alice = hostile_peer.actor("alice", outbox=f"{elsewhere.origin}/outbox", featured=f"{elsewhere.origin}/featured")
    await accept(node, hostile_peer, alice)
    row = await node.read(store.find, alice)
    assert (row.state, "at another origin" in row.reason) == ("stopped", True)
    assert elsewhere.fetches == 0
