"""What actors on a Fedify server say, do, change and take back, as our node keeps and shows it."""

from __future__ import annotations

from typing import Any

import pytest

from node import activities, actors, intake, objects
from node.identifiers import spell
from schemas.reading import loads
from tests.interop.fedify_peer import Fedify, Person, hear
from tests.nodes.served import ServedNode

pytestmark = pytest.mark.one_database


async def held(node: ServedNode, iri: str) -> Any:
    await node.quiet()
    row = await node.read(objects.find, iri)
    assert row is not None, f"{iri} is not held"
    return row


async def kept_activity(node: ServedNode, iri: str, person: Person) -> dict[str, Any]:
    row = await node.read(activities.find, iri, actor=person.iri)
    return loads(row.document)


async def page_of(node: ServedNode, iri: str) -> tuple[int, str]:
    return await node.page(f"/heard/{spell((await held(node, iri)).sort_id)}")


async def count(node: ServedNode, iri: str, what: str) -> int:
    await node.quiet()
    return int((await node.activity(f"{iri}/{what}"))[1]["totalItems"])


async def test_a_note_with_all_of_fedifys_signatures_is_verified_kept_and_shown(
    node: ServedNode, any_fedify: Fedify
) -> None:
    alice = await any_fedify.actor()
    await hear(node, alice)
    said = await alice.does("note", to=node.group, content="<p>We are <b>out</b>.</p>", language="en", tag="strike")
    assert await alice.fate(node, said) == "done"
    create = await kept_activity(node, said["id"], alice)
    assert create["signature"]["type"] == "RsaSignature2017"
    assert create["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    assert await node.read(intake.check_proof, create, author=alice.iri) is True
    assert loads((await held(node, said["note"])).document) == create["object"]
    status, page = await page_of(node, said["note"])
    assert status == 200
    assert "We are <b>out</b>." in page
    assert "strike" in page
    assert said["note"] in page
    assert "We are" in (await node.page("/wire"))[1]


async def test_a_note_to_the_followers_comes_through_the_shared_inbox(node: ServedNode, heard: Person) -> None:
    said = await heard.does("note", content="<p>To all who follow me.</p>")
    assert await heard.fate(node, said) == "done"
    assert await node.holds(said["note"])


async def test_a_note_that_is_not_for_everybody_is_not_kept(node: ServedNode, heard: Person) -> None:
    said = await heard.does("note", to=node.group, content="<p>Between us.</p>", audience=node.group)
    assert await heard.fate(node, said) == "ignored"
    assert await node.read(objects.find, said["note"]) is None


async def test_a_changed_note_is_shown_as_it_is_now(node: ServedNode, heard: Person) -> None:
    said = await heard.does("note", to=node.group, content="<p>At nine.</p>")
    update = await heard.does("update", to=node.group, note=said["note"], content="<p>At ten.</p>")
    assert await heard.fate(node, update) == "done"
    page = (await page_of(node, said["note"]))[1]
    assert "At ten." in page
    assert "At nine." not in page


async def test_a_deleted_note_is_gone(node: ServedNode, heard: Person) -> None:
    said = await heard.does("note", to=node.group, content="<p>Forget me.</p>")
    await held(node, said["note"])
    delete = await heard.does("remove", to=node.group, note=said["note"])
    assert await heard.fate(node, delete) == "done"
    assert not await node.holds(said["note"])
    assert "Forget me." not in (await node.page("/wire"))[1]


@pytest.mark.parametrize(("act", "collection"), [("like", "likes"), ("announce", "shares")])
async def test_a_reaction_is_counted_until_it_is_taken_back(
    act: str, collection: str, node: ServedNode, follower: Person
) -> None:
    ours = await node.publish("Fair fares.")
    await node.quiet()
    reaction = await follower.does(act, to=node.group, object=ours)
    assert await count(node, ours, collection) == 1
    undo = await follower.does("undo", to=node.group, activity=reaction["id"])
    assert await follower.fate(node, undo) == "done"
    assert await count(node, ours, collection) == 0


async def test_what_is_announced_is_fetched_from_its_origin_and_shown(
    node: ServedNode, heard: Person, older_fedify: Fedify
) -> None:
    bob = await older_fedify.actor("bob")
    said = await bob.does("note", content="<p>From far away.</p>")
    announce = await heard.does("announce", to=node.group, object=said["note"])
    assert await heard.fate(node, announce) == "done"
    assert "From far away." in (await page_of(node, said["note"]))[1]
    assert "From far away." in (await node.page("/wire"))[1]


async def test_an_answer_stands_under_what_it_answers(node: ServedNode, alice: Person) -> None:
    """Nobody follows anybody."""
    ours = await node.publish("Who comes along?")
    await node.quiet()
    said = await alice.does("note", to=node.group, content="<p>All of us.</p>", replyTo=ours)
    assert await alice.fate(node, said) == "done"
    assert (await node.activity(f"{ours}/replies"))[1]["orderedItems"] == [said["note"]]
    assert "All of us." in (await node.page(ours))[1]


async def test_a_quote_keeps_the_address_of_what_it_quotes(node: ServedNode, heard: Person) -> None:
    ours = await node.publish("Bread and roses.")
    await node.quiet()
    said = await heard.does("note", to=node.group, content="<p>Listen to them.</p>", quote=ours)
    assert await heard.fate(node, said) == "done"
    assert loads((await held(node, said["note"])).document)["quote"] == ours


async def test_an_actor_who_calls_herself_otherwise_is_shown_so(node: ServedNode, heard: Person) -> None:
    said = await heard.does("note", to=node.group, content="<p>It is still me.</p>")
    update = await heard.does("rename", to=node.group, shown="Alice of the night shift")
    assert await heard.fate(node, update) == "done"
    assert "Alice of the night shift" in (await page_of(node, said["note"]))[1]


async def test_an_actor_who_leaves_takes_her_words_along(node: ServedNode, heard: Person) -> None:
    said = await heard.does("note", to=node.group, content="<p>I was here.</p>")
    await held(node, said["note"])
    delete = await heard.does("leave", to=node.group)
    assert await heard.fate(node, delete) == "done"
    assert not await node.holds(said["note"])
    assert (await node.read(actors.find, heard.iri)).gone is not None
