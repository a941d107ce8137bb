"""What others do beside saying something: reactions with emoji, what groups pass on, votes, and what they pin."""

from __future__ import annotations

from typing import Any

import pytest

from node import objects
from node.identifiers import spell
from node.statements import featured
from node.statements import store as statements
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode


async def bring(node: ServedNode, peer: Peer, kind: str, actor: str, thing: Any, **more: Any) -> str | None:
    """Bring an activity in; what became of it."""
    activity = peer.activity(kind, actor, thing, **more)
    assert await peer.send(f"{node.origin}/inbox", activity) == 202, peer.last
    return await node.fate(activity)


def serve(peer: Peer, document: dict[str, Any]) -> None:
    peer.served[document["id"].removeprefix(peer.origin)] = Answer(document)


async def likes(node: ServedNode, iri: str) -> int:
    return int((await node.read(statements.reaction_counts, iri))["Like"])


async def heard_page(node: ServedNode, iri: str) -> str:
    row = await node.read(objects.find, iri)
    return (await node.page(f"/heard/{spell(row.sort_id)}"))[1]


@pytest.fixture
async def alice(node: ServedNode, hostile_peer: Peer) -> str:
    """Somebody whom the node follows."""
    iri = hostile_peer.actor("alice", featured=f"{hostile_peer.origin}/users/alice/featured")
    await node.follow(iri)
    return iri


# ---- reactions


async def test_a_reaction_with_an_emoji_counts_as_a_like_once_and_is_taken_back(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ours, bob = await node.publish(), hostile_peer.actor("bob")
    first = hostile_peer.activity("EmojiReact", bob, ours, content="🔥")
    for one in (first, hostile_peer.activity("EmojiReact", bob, ours, content="✊")):
        assert await hostile_peer.send(f"{node.origin}/inbox", one) == 202
        assert await node.fate(one) == "done"
    assert await bring(node, hostile_peer, "Like", bob, ours, content=":fist:", _misskey_reaction=":fist:") == "done"
    assert await likes(node, ours) == 1
    mallory = hostile_peer.actor("mallory")
    await bring(node, hostile_peer, "Undo", mallory, first)
    assert await likes(node, ours) == 1
    assert await bring(node, hostile_peer, "Undo", bob, first) == "done"
    assert await likes(node, ours) == 0


async def test_what_means_nothing_here_changes_nothing(node: ServedNode, hostile_peer: Peer) -> None:
    ours, bob = await node.publish(), hostile_peer.actor("bob")
    before = await node.contents(without=("activities", "actors", "actor_keys"))
    fates = {}
    for kind in ("Dislike", "Listen", "View", "Read", "Join", "Offer", "Invite", "Arrive"):
        fate = await bring(node, hostile_peer, kind, bob, ours)
        fates[kind] = (fate, await node.contents(without=("activities", "actors", "actor_keys")) == before)
    assert set(fates.values()) == {("ignored", True)}, fates


# ---- what groups pass on (FEP-1b12)


@pytest.fixture
async def community(node: ServedNode, hostile_peer: Peer) -> str:
    """A Group that passes on what its members say, and that the node follows."""
    iri = hostile_peer.actor("community", type="Group")
    await node.follow(iri)
    return iri


async def test_what_a_group_passes_on_is_fetched_from_its_origin(
    node: ServedNode, hostile_peer: Peer, community: str
) -> None:
    author = hostile_peer.actor("author")
    page = hostile_peer.note(author, "<p>true words</p>") | {"type": "Page", "name": "Assembly"}
    serve(hostile_peer, page)
    create = hostile_peer.activity("Create", author, page | {"content": "<p>false words</p>"})
    assert await bring(node, hostile_peer, "Announce", community, create) == "done"
    shown = await heard_page(node, page["id"])
    assert "true words" in shown and "false words" not in shown
    assert "true words" in (await node.page("/wire"))[1]
    assert (await node.read(statements.reaction_counts, page["id"]))["Announce"] == 0
    assert await bring(node, hostile_peer, "Announce", community, create) == "done"
    assert hostile_peer.asked[page["id"].removeprefix(hostile_peer.origin)] == 1


async def test_what_a_group_invents_or_a_stranger_passes_on_is_not_kept(
    node: ServedNode, hostile_peer: Peer, community: str
) -> None:
    author = hostile_peer.actor("author")
    invented = hostile_peer.note(author, "<p>never said</p>")
    create = hostile_peer.activity("Create", author, invented)
    assert await bring(node, hostile_peer, "Announce", community, create) == "done"
    assert not await node.holds(invented["id"])
    said = hostile_peer.note(author)
    serve(hostile_peer, said)
    stranger = hostile_peer.actor("stranger")
    assert await bring(node, hostile_peer, "Announce", stranger, create | {"object": said}) == "ignored"
    assert hostile_peer.asked[said["id"].removeprefix(hostile_peer.origin)] == 0


async def test_other_things_that_a_group_passes_on_change_nothing(
    node: ServedNode, hostile_peer: Peer, community: str
) -> None:
    ours, fates = await node.publish(), {}
    for kind in ("Like", "Dislike", "Delete", "Undo", "Add", "Block", "Announce"):
        inner = hostile_peer.activity(kind, hostile_peer.actor("author"), ours)
        fate = await bring(node, hostile_peer, "Announce", community, inner)
        fates[kind] = (fate, await node.holds(ours), await likes(node, ours))
    assert set(fates.values()) == {("ignored", True, 0)}, fates


async def test_a_group_cannot_pass_on_our_own_words_as_new(
    node: ServedNode, hostile_peer: Peer, community: str
) -> None:
    ours = await node.publish()
    create = hostile_peer.activity("Create", node.group, {"id": ours, "type": "Note"})
    assert await bring(node, hostile_peer, "Announce", community, create) == "done"
    unknown = {"id": f"{node.origin}/statements/nothing", "type": "Note"}
    assert await bring(node, hostile_peer, "Announce", community, create | {"object": unknown}) == "refused"
    assert await bring(node, hostile_peer, "Announce", community, create | {"object": "javascript:x"}) == "refused"


# ---- votes


async def test_a_vote_for_something_that_is_no_poll_is_not_kept(node: ServedNode, hostile_peer: Peer) -> None:
    ours, bob = await node.publish(), hostile_peer.actor("bob")
    vote = hostile_peer.note(bob, name="Tuesday", inReplyTo=ours)
    del vote["content"]
    assert await bring(node, hostile_peer, "Create", bob, vote) == "ignored"
    assert not await node.holds(vote["id"])
    assert (await node.activity(f"{ours}/replies"))[1]["totalItems"] == 0
    titled = hostile_peer.note(bob, "<p>With a title and a text</p>", name="Titled", inReplyTo=ours)
    assert await bring(node, hostile_peer, "Create", bob, titled) == "done"


async def test_the_counts_of_a_poll_are_its_author_s_alone(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    mallory = hostile_peer.actor("mallory")
    poll = hostile_peer.note(alice) | {
        "type": "Question",
        "oneOf": [{"type": "Note", "name": "Yes", "replies": {"type": "Collection", "totalItems": 1}}],
    }
    assert await bring(node, hostile_peer, "Create", alice, poll) == "done"
    for _ in range(3):
        vote = hostile_peer.note(mallory, name="Yes", inReplyTo=poll["id"])
        del vote["content"]
        assert await bring(node, hostile_peer, "Create", mallory, vote) == "ignored"
    stuffed = poll | {"oneOf": [{"type": "Note", "name": "Yes", "replies": {"type": "Collection", "totalItems": 999}}]}
    assert await bring(node, hostile_peer, "Update", mallory, stuffed) == "refused"
    assert await bring(node, hostile_peer, "Update", alice, poll | {"type": "Note"}) == "refused"
    row = (await node.read(statements.shown, [poll["id"]]))[poll["id"]]
    assert row.extras["poll"]["options"] == [{"name": "Yes", "votes": 1}]


# ---- pinned


async def test_what_one_we_follow_pins_is_fetched_and_marked(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    note = hostile_peer.note(alice, "<p>read this first</p>")
    serve(hostile_peer, note)
    target = f"{alice}/featured"
    assert await bring(node, hostile_peer, "Add", alice, note["id"], target=target) == "done"
    assert "pinned by its author" in await heard_page(node, note["id"])
    assert await bring(node, hostile_peer, "Add", alice, note["id"], target=target) == "done"
    assert await bring(node, hostile_peer, "Remove", alice, note["id"], target=target) == "done"
    assert "pinned by its author" not in await heard_page(node, note["id"])


async def test_nobody_pins_to_another_s_page_or_another_s_words(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    mallory = hostile_peer.actor("mallory", featured=f"{hostile_peer.origin}/users/mallory/featured")
    note, theirs = hostile_peer.note(alice), hostile_peer.note(mallory, inReplyTo=await node.publish())
    assert await bring(node, hostile_peer, "Create", alice, note) == "done"
    assert await bring(node, hostile_peer, "Create", mallory, theirs) == "done"
    for actor, iri, target, fate in (
        (mallory, note["id"], f"{alice}/featured", "ignored"),  # somebody else's collection
        (mallory, theirs["id"], f"{mallory}/featured", "ignored"),  # whom nobody here follows
        (alice, theirs["id"], f"{alice}/featured", "ignored"),  # somebody else's words
        (alice, "https://else.example/notes/1", f"{alice}/featured", "refused"),
        (alice, note["id"], f"{node.group}/featured", "ignored"),  # ours
        (alice, note["id"], f"{alice}/followers", "ignored"),
        (alice, {"type": "Hashtag", "name": "#x", "href": f"{alice}/x"}, f"{alice}/featured", "ignored"),
        (alice, note["id"], None, "ignored"),
    ):
        assert await bring(node, hostile_peer, "Add", actor, iri, target=target) == fate, (actor, iri, target)
    assert await node.read(lambda tx: list(tx.execute(featured.featured.select()))) == []
    await bring(node, hostile_peer, "Add", alice, note["id"], target=f"{alice}/featured")
    await bring(node, hostile_peer, "Remove", mallory, note["id"], target=f"{alice}/featured")
    assert await node.read(featured.has, note["id"])


async def test_who_pins_everything_pins_twenty_things(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    notes = [hostile_peer.note(alice) for _ in range(featured.AT_MOST + 3)]
    fates = []
    for note in notes:
        assert await bring(node, hostile_peer, "Create", alice, note) == "done"
        fates.append(await bring(node, hostile_peer, "Add", alice, note["id"], target=f"{alice}/featured"))
    assert fates == ["done"] * featured.AT_MOST + ["ignored"] * 3
    await bring(node, hostile_peer, "Delete", alice, notes[0]["id"])
    assert await bring(node, hostile_peer, "Add", alice, notes[-1]["id"], target=f"{alice}/featured") == "done"
    await bring(node, hostile_peer, "Delete", alice, alice)
    assert await node.read(lambda tx: list(tx.execute(featured.featured.select()))) == []
