"""Activities come twice, late, or in the wrong order; what stands here at the end does not depend on it."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from node import objects, pruning
from node.peering import store as follows
from node.reports import store as reports
from node.statements import store as statements
from tests.nodes.peer import PUBLIC, Peer
from tests.nodes.served import ServedNode


def stamp(minutes: float) -> str:
    """A moment, some minutes from now."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


async def bring(node: ServedNode, peer: Peer, *sent: dict[str, Any]) -> list[str | None]:
    """Bring activities in, one after the other; what became of each."""
    fates = []
    for activity in sent:
        assert await peer.send(f"{node.origin}/inbox", activity) == 202, peer.last
        fates.append(await node.fate(activity))
    return fates


async def html(node: ServedNode, iri: str) -> str | None:
    row = (await node.read(statements.shown, [iri])).get(iri)
    return None if row is None else str(row.html)


@pytest.fixture
async def alice(node: ServedNode, hostile_peer: Peer) -> str:
    """Somebody whom the node follows."""
    iri = hostile_peer.actor("alice")
    await node.follow(iri)
    return iri


async def test_a_create_that_comes_twice_in_two_wrappings_is_kept_once(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    note = hostile_peer.note(alice)
    first, second = (hostile_peer.activity("Create", alice, note) for _ in range(2))
    await asyncio.gather(*(hostile_peer.send(f"{node.origin}/inbox", one) for one in (first, second, first, second)))
    await node.quiet()
    assert await node.read(objects.count_listed, author=alice) == 1


async def test_a_second_create_changes_nothing(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    note = hostile_peer.note(alice, "<p>first</p>")
    other = note | {"content": "<p>second</p>"}
    await bring(node, hostile_peer, *(hostile_peer.activity("Create", alice, one) for one in (note, other)))
    assert await html(node, note["id"]) == "<p>first</p>"


async def test_an_update_that_comes_before_its_create_wins(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    note = hostile_peer.note(alice, "<p>first</p>", published=stamp(-10))
    changed = note | {"content": "<p>second</p>", "updated": stamp(-5)}
    await bring(
        node,
        hostile_peer,
        hostile_peer.activity("Update", alice, changed),
        hostile_peer.activity("Create", alice, note),
    )
    assert await html(node, note["id"]) == "<p>second</p>"


async def test_an_older_update_is_not_applied(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    note = hostile_peer.note(alice, "<p>first</p>", published=stamp(-30))
    newer = note | {"content": "<p>third</p>", "updated": stamp(-10)}
    older = note | {"content": "<p>second</p>", "updated": stamp(-20)}
    await bring(
        node, hostile_peer,
        hostile_peer.activity("Create", alice, note),
        hostile_peer.activity("Update", alice, newer),
        hostile_peer.activity("Update", alice, older),
    )  # fmt: skip
    assert await html(node, note["id"]) == "<p>third</p>"


async def test_an_update_without_a_date_is_as_new_as_its_activity(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    note = hostile_peer.note(alice, "<p>first</p>", published=stamp(-30))
    await bring(node, hostile_peer, hostile_peer.activity("Create", alice, note))
    changed = note | {"content": "<p>second</p>"}
    await bring(node, hostile_peer, hostile_peer.activity("Update", alice, changed))
    assert await html(node, note["id"]) == "<p>second</p>"
    stale = note | {"content": "<p>stale</p>"}
    await bring(node, hostile_peer, hostile_peer.activity("Update", alice, stale, published=stamp(-20)))
    assert await html(node, note["id"]) == "<p>second</p>"


async def test_a_delete_that_comes_before_its_create_wins(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    note = hostile_peer.note(alice)
    await bring(
        node, hostile_peer,
        hostile_peer.activity("Delete", alice, {"id": note["id"], "type": "Tombstone"}),
        hostile_peer.activity("Create", alice, note),
        hostile_peer.activity("Update", alice, note | {"updated": stamp(5)}),
    )  # fmt: skip
    assert not await node.holds(note["id"])
    assert await html(node, note["id"]) is None


async def test_a_stranger_s_answer_that_was_deleted_before_it_came_is_not_kept(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ours = await node.publish()
    stranger = hostile_peer.actor("stranger")
    answer = hostile_peer.note(stranger, inReplyTo=ours)
    await bring(
        node, hostile_peer,
        hostile_peer.activity("Delete", stranger, answer["id"]),
        hostile_peer.activity("Create", stranger, answer),
    )  # fmt: skip
    assert not await node.holds(answer["id"])


async def test_what_was_deleted_does_not_come_back(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    note = hostile_peer.note(alice, "<p>regretted words</p>")
    hostile_peer.served[note["id"].removeprefix(hostile_peer.origin)] = _answer(note)
    await bring(
        node, hostile_peer,
        hostile_peer.activity("Create", alice, note),
        hostile_peer.activity("Delete", alice, note["id"]),
        hostile_peer.activity("Create", alice, note),
        hostile_peer.activity("Update", alice, note | {"updated": stamp(5)}),
        hostile_peer.activity("Announce", alice, note["id"]),
        hostile_peer.activity("Create", alice, note["id"]),
    )  # fmt: skip
    assert not await node.holds(note["id"])
    assert await html(node, note["id"]) is None
    row = await node.read(objects.find, note["id"])
    assert row.document is None and row.author == alice
    assert "regretted words" not in (await node.page("/wire"))[1]


def _answer(document: dict[str, Any]) -> Any:
    from tests.nodes.peer import Answer

    return Answer(document)


async def test_of_what_was_deleted_nothing_is_left_not_even_in_the_log(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    struggle = hostile_peer.id("struggles")
    secret = {"name": "the name of somebody in danger", "country": "DE", "locality": "a-village-of-few"}
    note = hostile_peer.note(alice, "<p>regretted words</p>", tag=[{"type": "Hashtag", "name": "#regrettedtag"}])
    report = hostile_peer.note(
        alice,
        "<p><strong>regretted title</strong></p><p>regretted report</p>",
        struggle=struggle,
        actionKind="strike",
        location={"type": "Place"} | secret,
    )
    for thing in (note, report):
        update = hostile_peer.activity("Update", alice, thing | {"updated": stamp(1)})
        await bring(node, hostile_peer, hostile_peer.activity("Create", alice, thing), update)
        assert await node.holds(thing["id"])
        assert await bring(node, hostile_peer, hostile_peer.activity("Delete", alice, thing["id"])) == ["done"]
    assert not await words_left(node, "regretted words", "regrettedtag", "regretted report", "a-village-of-few")
    assert not await words_left(node, "somebody in danger")
    await pruning.prune(node.node)
    assert not await words_left(node, "regretted title")  # it had named the struggle, for as long as there was a report


async def test_nothing_is_left_whatever_came_together(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    """In one batch, in any order, and after the end: the log forgets as well."""
    for order in itertools.permutations(("Create", "Update", "Delete")):
        note = hostile_peer.note(alice, "<p>regretted words</p>", published=stamp(-10))
        sent = []
        for kind in (*order, "Create"):
            thing = note | {"updated": stamp(-5)} if kind == "Update" else note
            sent.append(hostile_peer.activity(kind, alice, note["id"] if kind == "Delete" else thing))
        answers = await asyncio.gather(*(hostile_peer.send(f"{node.origin}/inbox", one) for one in sent))
        assert answers == [202] * 4
        await node.quiet()
        assert not await words_left(node, "regretted words"), order


async def words_left(node: ServedNode, *words: str) -> list[str]:
    """Which of `words` stand anywhere in the database."""
    contents = repr(await node.contents())
    return [word for word in words if word in contents]


async def test_whoever_leaves_takes_everything_with_her(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    ours = await node.publish()
    note = hostile_peer.note(alice, "<p>parting words</p>", inReplyTo=ours)
    await bring(
        node, hostile_peer,
        hostile_peer.activity("Follow", alice, node.group),
        hostile_peer.activity("Create", alice, note),
        hostile_peer.activity("Like", alice, ours),
        hostile_peer.activity("Announce", alice, ours),
    )  # fmt: skip
    assert await node.read(follows.count_followers, node.group) == 1
    await bring(node, hostile_peer, hostile_peer.activity("Delete", alice, alice))
    assert await node.read(follows.count_followers, node.group) == 0
    assert await node.read(statements.reaction_counts, ours) == {"Like": 0, "Announce": 0}
    assert not await node.holds(note["id"])
    assert not await node.read(follows.is_heard, alice)
    assert "parting words" not in repr(await node.contents())
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", alice, note)) == 202
    await node.quiet()
    assert not await node.holds(note["id"])


async def test_an_undo_that_comes_first_wins(node: ServedNode, hostile_peer: Peer) -> None:
    ours, stranger = await node.publish(), hostile_peer.actor("stranger")
    for kind, thing in (("Follow", node.group), ("Like", ours), ("Announce", ours)):
        for named in (True, False):
            done = hostile_peer.activity(kind, stranger, thing)
            undo = hostile_peer.activity("Undo", stranger, done["id"] if named else done)
            await bring(node, hostile_peer, undo, done)
    assert await node.read(follows.count_followers, node.group) == 0
    assert hostile_peer.sent_to("Accept") == []
    assert await node.read(statements.reaction_counts, ours) == {"Like": 0, "Announce": 0}


async def test_any_order_of_a_life_ends_in_the_same_state(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    """Create, Update, Delete and their repetitions, in every order there is: deleted is deleted."""
    notes = []
    for order in itertools.permutations(("Create", "Update", "Delete")):
        note = hostile_peer.note(alice, published=stamp(-10))
        notes.append(note)
        for kind in (*order, order[0]):
            thing = note | {"updated": stamp(-5)} if kind == "Update" else note
            thing = {"id": note["id"], "type": "Tombstone"} if kind == "Delete" else thing
            assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity(kind, alice, thing)) == 202
    await node.quiet()
    assert [await node.holds(note["id"]) for note in notes] == [False] * 6
    assert await node.read(objects.count_listed, author=alice) == 0


async def test_a_type_never_changes(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    note = hostile_peer.note(alice, "<p>first</p>", published=stamp(-10))
    await bring(node, hostile_peer, hostile_peer.activity("Create", alice, note))
    before = await node.read(objects.find, note["id"])
    struggle = {"struggle": hostile_peer.id("s"), "actionKind": "strike"}
    changed = note | struggle | {"content": "<p>second</p>", "updated": stamp(0)}
    assert await bring(node, hostile_peer, hostile_peer.activity("Update", alice, changed)) == ["refused"]
    assert await node.read(objects.find, note["id"]) == before
    report = hostile_peer.note(alice, "<p>first</p>", published=stamp(-10), **struggle)
    await bring(node, hostile_peer, hostile_peer.activity("Create", alice, report))
    plain = {key: value for key, value in report.items() if key not in struggle} | {"updated": stamp(0)}
    assert await bring(node, hostile_peer, hostile_peer.activity("Update", alice, plain)) == ["refused"]
    assert report["id"] in await node.read(reports.of, [report["id"]])


async def test_the_future_and_the_far_past_do_not_push_anything_to_the_top(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    dated = {
        year: hostile_peer.note(alice, f"<p>{year}</p>", published=f"{year}-01-01T00:00:00Z") for year in (1, 9999)
    }
    dated = {year: note | {"published": f"{year:04}-01-01T00:00:00Z"} for year, note in dated.items()}
    await bring(node, hostile_peer, *(hostile_peer.activity("Create", alice, one) for one in dated.values()))
    node.clock.advance(timedelta(seconds=5))
    now = hostile_peer.note(alice, "<p>now</p>", published=stamp(0.05))
    await bring(node, hostile_peer, hostile_peer.activity("Create", alice, now))
    listed = [row.iri for row in await node.read(objects.listed, author=alice)]
    assert listed == [now["id"], dated[9999]["id"], dated[1]["id"]]


async def test_a_restored_public_address_list_is_read_in_every_spelling(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    shapes: list[dict[str, Any]] = [
        {"to": PUBLIC}, {"to": "as:Public"}, {"to": ["Public"]}, {"to": [], "cc": PUBLIC},
        {"to": [f"{alice}/followers"], "cc": [PUBLIC, node.group]}, {"to": [{"id": PUBLIC, "type": "Collection"}]},
    ]  # fmt: skip
    for shape in shapes:
        note = hostile_peer.note(alice) | shape
        await bring(node, hostile_peer, hostile_peer.activity("Create", alice, note))
        assert await node.holds(note["id"]), shape
