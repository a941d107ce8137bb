"""Threads: what is missing above and below is looked for, within bounds, and nothing is believed for being listed."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from node import objects
from node.peering import store as follows
from node.peering.rules import Follow
from node.statements import threads
from tests.nodes import peer as peers
from tests.nodes.peer import AS, Answer, Peer
from tests.nodes.served import ServedNode, eventually

LATER = timedelta(hours=2)


async def bring(node: ServedNode, peer: Peer, kind: str, actor: str, thing: Any, **more: Any) -> str | None:
    activity = peer.activity(kind, actor, thing, **more)
    assert await peer.send(f"{node.origin}/inbox", activity, now=node.clock()) == 202, peer.last
    return await node.fate(activity)


def path(peer: Peer, document: dict[str, Any]) -> str:
    return str(document["id"]).removeprefix(peer.origin)


def serve(peer: Peer, *documents: dict[str, Any]) -> None:
    for document in documents:
        peer.served[path(peer, document)] = Answer(document)


def with_replies(peer: Peer, note: dict[str, Any], items: list[Any], **more: Any) -> dict[str, Any]:
    """The note, with a collection of replies that the peer serves in one piece."""
    note["replies"] = f"{note['id']}/replies"
    collection = {"@context": AS, "id": note["replies"], "type": "Collection", "items": items}
    serve(peer, collection | more)
    return note


def chain(peer: Peer, author: str, length: int) -> list[dict[str, Any]]:
    """Notes of which each answers the one before, all served; the last was said last."""
    notes: list[dict[str, Any]] = []
    for _ in range(length):
        above = {"inReplyTo": notes[-1]["id"]} if notes else {}
        notes.append(peer.note(author, **above))
    serve(peer, *notes)
    return notes


async def look(node: ServedNode, *, after: timedelta = LATER) -> int:
    """Let time pass, and look for what threads lack; how many crawls began."""
    node.clock.advance(after)
    begun = await node.write(threads.begin_due)
    await node.quiet()
    return int(begun)


@pytest.fixture
async def alice(node: ServedNode, hostile_peer: Peer) -> str:
    """Somebody whom the node follows."""
    iri = hostile_peer.actor("alice")
    await node.follow(iri)
    await node.write(follows.set_state, follower=node.group, followed=iri, state=Follow.ACCEPTED)
    return iri


@pytest.fixture
async def elsewhere(key_sets: list[Path]) -> AsyncIterator[Peer]:
    """A server with which nobody here has anything to do."""
    async with peers.peer(key_sets[-1]) as one:
        yield one


# ---- upwards


async def test_what_one_we_follow_answers_is_fetched_up_to_the_first_word(
    node: ServedNode, hostile_peer: Peer, elsewhere: Peer, alice: str
) -> None:
    notes = chain(elsewhere, elsewhere.actor("stranger"), 5)
    answer = hostile_peer.note(alice, "<p>I agree</p>", inReplyTo=notes[-1]["id"])
    assert await bring(node, hostile_peer, "Create", alice, answer) == "done"
    await node.quiet()
    for note in notes:
        row = await node.read(objects.find, note["id"])
        assert row is not None and row.thread == notes[0]["id"] and not row.listed
    assert (await node.read(objects.find, answer["id"])).thread == notes[0]["id"]
    order = [row.iri for row in await node.read(objects.thread, notes[0]["id"])]
    assert order == [note["id"] for note in [*notes[1:], answer]], "all of one second, and the last was here first"
    assert elsewhere.asked[path(elsewhere, notes[0])] == 1


async def test_parents_named_by_strangers_are_not_fetched(
    node: ServedNode, hostile_peer: Peer, elsewhere: Peer
) -> None:
    victim = elsewhere.note(elsewhere.actor("victim"))
    serve(elsewhere, victim)
    stranger = hostile_peer.actor("stranger")
    mention = {"tag": [{"type": "Mention", "href": node.group}], "inReplyTo": victim["id"]}
    assert await bring(node, hostile_peer, "Create", stranger, hostile_peer.note(stranger, **mention)) == "done"
    await node.quiet()
    assert elsewhere.asked[path(elsewhere, victim)] == 0


async def test_a_thread_a_thousand_deep_is_followed_up_a_little(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    notes = chain(hostile_peer, alice, 1000)
    assert await bring(node, hostile_peer, "Create", alice, notes[-1]) == "done"
    await node.quiet()
    held = [note["id"] for note in notes if await node.holds(note["id"])]
    assert len(held) == 1 + threads.PARENTS_AT_MOST
    assert (await node.page(f"/heard/{await spelled(node, notes[-1]['id'])}"))[0] == 200


async def spelled(node: ServedNode, iri: str) -> str:
    from node.identifiers import spell

    return spell((await node.read(objects.find, iri)).sort_id)


async def test_a_loop_of_answers_ends(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    notes = [hostile_peer.note(alice) for _ in range(4)]
    for note, above in zip(notes, [*notes[1:], notes[0]], strict=True):
        note["inReplyTo"] = above["id"]
    itself = hostile_peer.note(alice)
    itself["inReplyTo"] = itself["id"]
    serve(hostile_peer, *notes, itself)
    for note in (notes[0], itself):
        assert await bring(node, hostile_peer, "Create", alice, note) == "done"
    await node.quiet()
    for note in (*notes, itself):
        assert await node.holds(note["id"])
        assert (await node.page(f"/heard/{await spelled(node, note['id'])}"))[0] == 200
    assert max(hostile_peer.asked[path(hostile_peer, note)] for note in (*notes, itself)) <= 1


@pytest.mark.parametrize("shape", ["private", "another id", "forged author", "actor", "own", "internal"])
async def test_a_parent_that_cannot_be_believed_is_not_kept(
    node: ServedNode, hostile_peer: Peer, elsewhere: Peer, alice: str, shape: str
) -> None:
    parent = hostile_peer.note(hostile_peer.actor("bob"))
    named = parent["id"]
    if shape == "private":
        parent["to"] = [node.group]
    elif shape == "another id":
        parent["id"] = f"{elsewhere.origin}/notes/1"
    elif shape == "forged author":
        parent["attributedTo"] = elsewhere.actor("victim")
    elif shape == "actor":
        named = hostile_peer.actor("bob")
    elif shape == "own":
        named = f"{node.origin}/statements/0000000000000"
    else:
        named = "http://10.0.0.1/notes/1"
    hostile_peer.served[f"/notes/{parent['id'].rpartition('/')[2]}"] = Answer(parent)
    answer = hostile_peer.note(alice, inReplyTo=named)
    assert await bring(node, hostile_peer, "Create", alice, answer) == "done"
    await node.quiet()
    assert [row[0] for row in (await node.contents())["objects"]] == [answer["id"]]


# ---- downwards


async def test_answers_that_nobody_sent_are_found_in_replies_and_shown(
    node: ServedNode, hostile_peer: Peer, elsewhere: Peer, alice: str
) -> None:
    """A stranger elsewhere has answered, and somebody has answered that: one is listed below the other."""
    top = hostile_peer.note(alice, "<p>we are out</p>")
    far = elsewhere.note(elsewhere.actor("carol"), "<p>from afar</p>", inReplyTo=top["id"])
    near = hostile_peer.note(hostile_peer.actor("bob"), "<p>from near</p>", inReplyTo=top["id"])
    below = hostile_peer.note(alice, "<p>thank you, bob</p>", inReplyTo=near["id"])
    serve(elsewhere, far)
    serve(hostile_peer, with_replies(hostile_peer, near, [below["id"]]), below)
    with_replies(hostile_peer, top, [far["id"], near["id"]])
    assert await bring(node, hostile_peer, "Create", alice, top) == "done"
    assert await look(node, after=timedelta(minutes=10)) == 0, "the first answers are not there yet"
    assert await look(node) == 1
    page = (await node.page(f"/heard/{await spelled(node, top['id'])}"))[1]
    for words in ("from afar", "from near", "thank you, bob"):
        assert words in page
    assert "from afar" not in (await node.page("/wire"))[1]


async def test_a_context_collection_gives_the_whole_thread(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    """FEP-f228, in the shape of Mastodon 4.5: an unordered collection whose first page is embedded."""
    context = f"{hostile_peer.origin}/contexts/1"
    top = hostile_peer.note(alice, context=context)
    bob = hostile_peer.actor("bob")
    answers = [hostile_peer.note(bob, inReplyTo=top["id"], context=context) for _ in range(3)]
    deep = hostile_peer.note(bob, inReplyTo=answers[2]["id"], context=context)
    serve(hostile_peer, top, *answers, deep)
    second = f"{context}/items?page=true&min_id=2"
    first = {
        "id": f"{context}/items?page=true", "type": "CollectionPage", "partOf": f"{context}/items",
        "items": [top["id"], answers[0]["id"]], "next": second,
    }  # fmt: skip
    serve(hostile_peer, {"@context": AS, "id": context, "type": "Collection", "attributedTo": alice, "first": first})
    hostile_peer.served[second.removeprefix(hostile_peer.origin)] = Answer(
        first | {"@context": AS, "id": second, "items": [deep["id"], answers[2], answers[1]["id"]], "next": None}
    )
    assert await bring(node, hostile_peer, "Create", alice, top) == "done"
    assert await look(node) == 1
    for note in (*answers, deep):
        assert await node.holds(note["id"])
        assert (await node.read(objects.find, note["id"])).thread == top["id"]


async def test_a_context_that_is_no_collection_leaves_the_replies(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    """Pleroma's contexts are addresses that answer nothing."""
    top = hostile_peer.note(alice, context=f"{hostile_peer.origin}/contexts/1b2c")
    answer = hostile_peer.note(hostile_peer.actor("bob"), inReplyTo=top["id"])
    serve(hostile_peer, answer)
    with_replies(hostile_peer, top, [answer["id"]])
    assert await bring(node, hostile_peer, "Create", alice, top) == "done"
    await look(node)
    assert await node.holds(answer["id"])


async def test_a_thread_is_looked_at_a_few_times_and_not_for_ever(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    top = with_replies(hostile_peer, hostile_peer.note(alice), [])
    assert await bring(node, hostile_peer, "Create", alice, top) == "done"
    begun = [await look(node, after=timedelta(hours=1)) for _ in range(80)]
    assert sum(begun) == 3
    assert hostile_peer.asked[f"{path(hostile_peer, top)}/replies"] == 3


async def test_servers_without_a_follow_relation_are_not_crawled(
    node: ServedNode, hostile_peer: Peer, elsewhere: Peer, alice: str
) -> None:
    """A stranger answers us; her server is asked for nothing. One of a server that follows us is looked at."""
    ours, carol = await node.publish(), elsewhere.actor("carol")
    strange = with_replies(elsewhere, elsewhere.note(carol, inReplyTo=ours), [f"{elsewhere.origin}/notes/99"])
    known = with_replies(hostile_peer, hostile_peer.note(hostile_peer.actor("bob"), inReplyTo=ours), [])
    for peer, note in ((elsewhere, strange), (hostile_peer, known)):
        assert await bring(node, peer, "Create", note["attributedTo"], note) == "done"
    assert await look(node) == 1
    assert elsewhere.asked[f"{path(elsewhere, strange)}/replies"] == 0
    assert hostile_peer.asked[f"{path(hostile_peer, known)}/replies"] == 1


async def test_a_collection_cannot_bring_in_what_does_not_belong_to_the_thread(
    node: ServedNode, hostile_peer: Peer, elsewhere: Peer, alice: str
) -> None:
    top = hostile_peer.note(alice)
    carol, bob = elsewhere.actor("carol"), hostile_peer.actor("bob")
    unrelated = elsewhere.note(carol)
    other_thread = elsewhere.note(carol, inReplyTo="https://victim.example/1")
    forged = hostile_peer.note(carol, inReplyTo=top["id"])
    embedded = elsewhere.note(carol, "<p>she never said that</p>", inReplyTo=top["id"])
    honest = hostile_peer.note(bob, inReplyTo=top["id"])
    serve(elsewhere, unrelated, other_thread)
    serve(hostile_peer, forged, honest)
    odd: list[Any] = [7, None, {}, [], "rubbish", "http://10.0.0.1/1", f"{node.origin}/statements/1", {"id": 7}, alice]
    items = [*odd, unrelated["id"], other_thread["id"], forged["id"], embedded, honest["id"], honest["id"], honest]
    with_replies(hostile_peer, top, items)
    assert await bring(node, hostile_peer, "Create", alice, top) == "done"
    await look(node)
    held = {row[0] for row in (await node.contents())["objects"]}
    assert held == {top["id"], honest["id"]}
    assert hostile_peer.asked[path(hostile_peer, honest)] == 1


async def test_endless_pages_of_replies_come_to_an_end(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    """Each page names ten new answers and another page; some lead round in a circle, or to another server."""
    bob, numbers = hostile_peer.actor("bob"), itertools.count(1)
    for shape in ("endless", "circle", "elsewhere"):
        top = hostile_peer.note(alice)
        top["replies"] = f"{top['id']}/replies"
        address = path(hostile_peer, top) + "/replies"
        for number in range(60):
            notes = [hostile_peer.note(bob, inReplyTo=top["id"]) for _ in range(10)]
            serve(hostile_peer, *notes)
            following = {"circle": number % 3, "elsewhere": 0}.get(shape, number + 1)
            host = "http://127.0.0.1:9/more" if shape == "elsewhere" else f"{hostile_peer.origin}{address}"
            hostile_peer.served[f"{address}?page={number}"] = Answer(
                {"@context": AS, "id": f"{hostile_peer.origin}{address}?page={number}", "type": "CollectionPage",
                 "items": [note["id"] for note in notes], "next": f"{host}?page={following}"}
            )  # fmt: skip
        hostile_peer.served[address] = Answer(
            {"@context": AS, "id": top["replies"], "type": "Collection", "totalItems": next(numbers) * 10**9,
             "first": f"{top['replies']}?page=0"}
        )  # fmt: skip
        before = hostile_peer.fetches
        assert await bring(node, hostile_peer, "Create", alice, top) == "done"
        await look(node)
        asked = hostile_peer.fetches - before
        assert asked <= node.node.config.thread_requests + 5, (shape, asked)
        assert await node.read(objects.count_replies, top["id"]) >= 10, shape


async def test_a_thread_costs_a_day_no_more_than_it_may(
    serve_node: Callable[..., Any], hostile_peer: Peer, elsewhere: Peer
) -> None:
    node: ServedNode = await serve_node({"federation.thread_requests": 12})
    alice = hostile_peer.actor("alice")
    await node.follow(alice)
    await node.write(follows.set_state, follower=node.group, followed=alice, state=Follow.ACCEPTED)
    carol = elsewhere.actor("carol")
    top = hostile_peer.note(alice)
    answers = [elsewhere.note(carol, inReplyTo=top["id"]) for _ in range(200)]
    serve(elsewhere, *answers)
    with_replies(hostile_peer, top, [answer["id"] for answer in answers])
    assert await bring(node, hostile_peer, "Create", alice, top) == "done"
    await look(node)
    assert await node.read(objects.count_replies, top["id"]) == 11, "one request was for the collection"
    assert await look(node, after=timedelta(hours=7)) == 1
    assert await node.read(objects.count_replies, top["id"]) == 11
    await look(node, after=timedelta(hours=25))
    assert await node.read(objects.count_replies, top["id"]) == 22, "on another day it goes on"


async def test_strangers_are_not_asked_for_more_than_a_hundred_things_a_day(
    node: ServedNode, hostile_peer: Peer, elsewhere: Peer, alice: str
) -> None:
    """One whom we follow lists addresses of a victim, in as many threads as it likes."""
    for number in range(4):
        top = hostile_peer.note(alice)
        with_replies(hostile_peer, top, [f"{elsewhere.origin}/{number}/{item}" for item in range(60)])
        assert await bring(node, hostile_peer, "Create", alice, top) == "done"
    await look(node)
    assert elsewhere.fetches == threads.STRANGERS_DAY.requests


async def test_one_who_began_a_thread_is_told_what_we_answer_others_in_it(
    node: ServedNode, hostile_peer: Peer, elsewhere: Peer, alice: str
) -> None:
    """FEP-7888: the owner of the context keeps the collection, and is no follower of ours."""
    carol = elsewhere.actor("carol")
    top = elsewhere.note(carol, context=f"{elsewhere.origin}/contexts/1")
    serve(elsewhere, top)
    answer = hostile_peer.note(alice, inReplyTo=top["id"], context=top["context"])
    assert await bring(node, hostile_peer, "Create", alice, answer) == "done"
    await node.quiet()
    ours = await node.publish("We say so too.", reply_to=answer["id"])
    await node.quiet()
    (told,) = elsewhere.sent_to("Create")
    assert told["object"]["id"] == ours and carol in told["cc"]
    assert told["object"]["context"] == top["context"]


async def test_a_crawl_goes_on_when_the_server_has_recovered(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    """What was promised stands in the table of jobs."""
    top = hostile_peer.note(alice)
    answers = [hostile_peer.note(hostile_peer.actor("bob"), inReplyTo=top["id"]) for _ in range(3)]
    serve(hostile_peer, *answers[:2])
    with_replies(hostile_peer, top, [answer["id"] for answer in answers])
    address = path(hostile_peer, top) + "/replies"
    whole, hostile_peer.served[address] = hostile_peer.served[address], Answer(b"", status=502)
    hostile_peer.served[path(hostile_peer, answers[2])] = Answer(b"", status=503)
    assert await bring(node, hostile_peer, "Create", alice, top) == "done"
    await look(node)
    assert await node.read(objects.count_replies, top["id"]) == 0
    hostile_peer.served[address] = whole
    node.clock.advance(timedelta(minutes=5))
    await eventually(lambda: node.holds(answers[1]["id"]))
    await node.quiet()
    serve(hostile_peer, answers[2])
    node.clock.advance(timedelta(minutes=5))
    await eventually(lambda: node.holds(answers[2]["id"]))


async def test_a_crawl_stops_when_it_is_told_to(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    for status in (403, 404, 429):
        top = hostile_peer.note(alice)
        top["replies"] = f"{top['id']}/replies"
        hostile_peer.served[path(hostile_peer, top) + "/replies"] = Answer(b"", status=status)
        assert await bring(node, hostile_peer, "Create", alice, top) == "done"
        await look(node)
        node.clock.advance(timedelta(hours=5))
        await node.quiet()
        assert hostile_peer.asked[path(hostile_peer, top) + "/replies"] <= 2, status
        assert [row for row in (await node.contents())["jobs"] if "crawl" in row] == []


@pytest.fixture
async def serve_node(serve: Callable[..., Any]) -> Callable[..., Any]:
    serve_one = serve

    async def start(settings: dict[str, Any]) -> ServedNode:
        node: ServedNode = await serve_one(0, settings=settings)
        return node

    return start
