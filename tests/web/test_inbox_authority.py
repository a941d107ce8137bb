"""Who may say what: nobody speaks for another, uses another's ids, or changes and undoes what is another's."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from federation import keys
from federation.signatures import proofs
from node import actors, objects
from node.peering import store as follows
from node.statements import store as statements
from tests.nodes.peer import AS, PUBLIC, Answer, Peer
from tests.nodes.served import ServedNode, stands_in


@dataclass
class Scene:
    """A node that hears alice; alice has published a note, followed us and liked what we said. Mallory is her neighbour."""

    node: ServedNode
    peer: Peer
    alice: str
    mallory: str
    ours: str
    note: dict[str, Any]
    follow: dict[str, Any]
    like: dict[str, Any]

    async def bring(self, kind: str, actor: str, object: Any, **more: Any) -> tuple[int, str | None]:
        activity = self.peer.activity(kind, actor, object, **more)
        status = await self.peer.send(f"{self.node.origin}/inbox", activity)
        return status, await self.node.fate(activity)

    async def html(self, iri: str) -> str:
        return str((await self.node.read(statements.shown, [iri]))[iri].html)


@pytest.fixture
async def scene(node: ServedNode, hostile_peer: Peer) -> Scene:
    alice, mallory = hostile_peer.actor("alice"), hostile_peer.actor("mallory")
    await node.follow(alice)
    ours = await node.publish()
    note = hostile_peer.note(alice, "<p>the depot is closed</p>")
    it = Scene(node, hostile_peer, alice, mallory, ours, note, {}, {})
    it.follow = hostile_peer.activity("Follow", alice, node.group)
    it.like = hostile_peer.activity("Like", alice, ours)
    create = hostile_peer.activity("Create", alice, note)
    for one in (it.follow, it.like, create):
        assert await hostile_peer.send(f"{node.origin}/inbox", one) == 202, hostile_peer.last
        assert await node.fate(one) == "done"
    return it


def nothing_came_of(answer: tuple[int, str | None]) -> bool:
    status, fate = answer
    return (status == 202 and fate in ("refused", "ignored")) or (400 <= status < 500 and fate is None)


@pytest.mark.one_database
async def test_nobody_publishes_in_the_name_of_another(scene: Scene) -> None:
    peer = scene.peer
    for forged in (
        peer.note(scene.alice),
        peer.note(scene.node.group),
        peer.note(f"{scene.node.origin}/actor"),
        peer.note("https://victim.example/users/bob"),
        peer.note([scene.mallory, scene.alice]),  # type: ignore[arg-type]
        peer.note([{"id": scene.mallory}, {"id": scene.alice}]),  # type: ignore[arg-type]
        peer.note(scene.mallory) | {"attributedTo": None},
    ):
        assert nothing_came_of(await scene.bring("Create", scene.mallory, forged)), forged
        assert not await scene.node.holds(forged["id"])


@pytest.mark.one_database
async def test_nobody_uses_ids_of_another_host(scene: Scene) -> None:
    peer, elsewhere = scene.peer, "https://victim.example"
    await scene.node.follow(scene.mallory)
    for stolen in (
        f"{elsewhere}/notes/1",
        f"{scene.node.origin}/statements/0000000000000",
        scene.ours,
        scene.node.group,
    ):
        forged = peer.note(scene.mallory) | {"id": stolen}
        assert nothing_came_of(await scene.bring("Create", scene.mallory, forged)), stolen
        assert nothing_came_of(await scene.bring("Update", scene.mallory, forged)), stolen
        squatted = peer.activity("Create", scene.mallory, peer.note(scene.mallory)) | {"id": stolen}
        assert await peer.send(f"{scene.node.origin}/inbox", squatted) in (400, 401, 403), stolen
    assert (await scene.node.activity(scene.ours))[1]["attributedTo"] == scene.node.group
    assert not await scene.node.holds(f"{elsewhere}/notes/1")


async def test_nobody_replaces_a_note_by_using_its_id_again(scene: Scene) -> None:
    await scene.node.follow(scene.mallory)
    taken = scene.peer.note(scene.mallory, "<p>lies</p>") | {"id": scene.note["id"]}
    await scene.bring("Create", scene.mallory, taken)
    assert await scene.html(scene.note["id"]) == "<p>the depot is closed</p>"
    row = await scene.node.read(objects.find, scene.note["id"])
    assert row.author == scene.alice


@pytest.mark.parametrize("kind", ["Update", "Delete"])
async def test_nobody_changes_or_deletes_what_is_another_s(kind: str, scene: Scene) -> None:
    changed = scene.note | {"content": "<p>lies</p>"}
    for forged in (
        changed,
        changed | {"attributedTo": scene.mallory},
        scene.note["id"],
        {"id": scene.note["id"], "type": "Tombstone"},
        scene.ours,
        {"id": scene.ours, "type": "Note", "attributedTo": scene.mallory, "content": "lies", "to": [PUBLIC]},
        scene.alice,
        {"id": scene.alice, "type": "Person", "inbox": f"{scene.mallory}/inbox"},
        scene.node.group,
        {"id": scene.node.group, "type": "Organization", "inbox": f"{scene.mallory}/inbox"},
        scene.follow["id"],
    ):
        answer = await scene.bring(kind, scene.mallory, forged)
        assert nothing_came_of(answer) or answer == (202, "done"), forged
    assert await scene.html(scene.note["id"]) == "<p>the depot is closed</p>"
    assert await scene.node.read(follows.is_heard, scene.alice)
    assert (await scene.node.read(actors.find, scene.alice)).gone is None
    assert (await scene.node.activity(scene.ours))[0] == 200
    assert (await scene.node.activity(scene.node.group))[1]["inbox"] == f"{scene.node.group}/inbox"
    assert await scene.node.read(follows.count_followers, scene.node.group) == 1


async def test_nobody_undoes_what_another_did(scene: Scene) -> None:
    boost = scene.peer.activity("Announce", scene.alice, scene.ours)
    assert await scene.peer.send(f"{scene.node.origin}/inbox", boost) == 202
    assert await scene.node.fate(boost) == "done"
    for done in (scene.follow, scene.like, boost):
        assert (await scene.bring("Undo", scene.mallory, done["id"]))[0] == 202
        await scene.bring("Undo", scene.mallory, done)
        await scene.bring("Undo", scene.mallory, done | {"actor": scene.mallory})
    assert await scene.node.read(follows.count_followers, scene.node.group) == 1
    assert await scene.node.read(statements.reaction_counts, scene.ours) == {"Like": 1, "Announce": 1}


async def test_nobody_accepts_or_rejects_what_was_not_asked_of_her(scene: Scene) -> None:
    follow = scene.peer.sent_to("Follow")[0]
    bob = "https://victim.example/users/bob"
    for kind in ("Accept", "Reject"):
        for forged in (follow["id"], follow, follow | {"object": scene.mallory}, scene.peer.id("follows"), scene.ours):
            assert nothing_came_of(await scene.bring(kind, scene.mallory, forged)), forged
        mine = {"id": f"{scene.node.origin}/activities/x", "type": "Follow", "actor": scene.node.group, "object": bob}
        assert nothing_came_of(await scene.bring(kind, scene.mallory, mine))
    row = await scene.node.read(follows.find, follower=scene.node.group, followed=scene.alice)
    assert row.state == "pending"
    assert await scene.node.read(follows.find, follower=scene.node.group, followed=scene.mallory) is None
    assert (await scene.bring("Accept", scene.alice, follow))[1] == "done"


async def test_an_actor_changes_herself_and_nobody_else(scene: Scene) -> None:
    renamed = scene.peer.served["/users/alice"]
    assert isinstance(renamed, Answer) and isinstance(renamed.body, dict)
    await scene.bring("Update", scene.alice, renamed.body | {"name": "Alice of the depot"})
    await scene.bring("Update", scene.mallory, renamed.body | {"name": "Alice the liar"})
    names = [row for row in (await scene.node.contents())["actors"] if row[0] == scene.alice]
    assert "Alice of the depot" in names[0]
    assert "Alice the liar" not in names[0]


@pytest.mark.one_database
async def test_a_forgery_inside_a_boost_is_not_believed_but_fetched(scene: Scene) -> None:
    peer = scene.peer
    real = peer.note(scene.mallory, "<p>what mallory really said</p>")
    peer.served[real["id"].removeprefix(peer.origin)] = Answer(real)
    forged = real | {"content": "<p>words put into a mouth</p>"}
    assert (await scene.bring("Announce", scene.alice, forged))[0] == 202
    assert await scene.html(real["id"]) == "<p>what mallory really said</p>"
    elsewhere = peer.note("https://victim.example/users/bob") | {"id": f"{peer.origin}/notes/not-there"}
    await scene.bring("Announce", scene.alice, elsewhere)
    assert not await scene.node.holds(elsewhere["id"])
    ours = {"id": scene.ours, "type": "Note", "attributedTo": scene.node.group, "content": "lies"}
    await scene.bring("Announce", scene.alice, ours)
    assert not stands_in("lies", await scene.html(scene.ours))


@pytest.mark.one_database
async def test_a_boosted_object_must_be_its_author_s_own_word(scene: Scene) -> None:
    """The origin serves a note by somebody of another host, or under the id of another."""
    peer = scene.peer
    for forged in (
        peer.note("https://victim.example/users/bob"),
        peer.note(scene.node.group),
        peer.note(scene.mallory) | {"id": "https://victim.example/notes/1"},
        peer.note(scene.mallory) | {"id": scene.ours},
    ):
        path = f"/notes/served-{forged['id'].rpartition('/')[2]}"
        peer.served[path] = Answer(forged)
        if forged["id"].startswith(peer.origin):
            peer.served[forged["id"].removeprefix(peer.origin)] = Answer(forged)
        await scene.bring("Announce", scene.alice, f"{peer.origin}{path}")
        assert not await scene.node.holds(f"{peer.origin}{path}")
        assert forged["id"] == scene.ours or not await scene.node.holds(forged["id"]), forged


@pytest.mark.one_database
async def test_a_boosted_file_that_somebody_uploaded_is_not_believed(scene: Scene) -> None:
    peer = scene.peer
    forged = peer.note(scene.alice, "<p>uploaded</p>")
    for content_type in ("application/json", "text/plain", "text/html", "image/png", "application/ld+json"):
        peer.served["/media/1.json"] = Answer(forged | {"id": f"{peer.origin}/media/1.json"}, content_type=content_type)
        await scene.bring("Announce", scene.alice, f"{peer.origin}/media/1.json")
        assert not await scene.node.holds(f"{peer.origin}/media/1.json"), content_type


@pytest.mark.one_database
async def test_a_true_proof_is_kept_and_a_wrong_one_makes_all_of_it_worthless(scene: Scene) -> None:
    peer = scene.peer
    true = peer.proved(peer.note(scene.alice, "<p>true</p>"), scene.alice)
    assert (await scene.bring("Create", scene.alice, true))[1] == "done"
    assert await scene.node.holds(true["id"])
    other = await asyncio.to_thread(keys.make_ed25519)

    def wrong(**more: Any) -> dict[str, Any]:
        return peer.proved(peer.note(scene.alice), scene.alice) | more

    changed = wrong(content="<p>changed after it was signed</p>")
    another_key = proofs.prove(
        peer.note(scene.alice), verification_method=f"{scene.alice}#ed25519-key", key=other, created=datetime.now(UTC)
    )
    unknown_key = proofs.prove(
        peer.note(scene.alice), verification_method=f"{scene.alice}#key-9", key=other, created=datetime.now(UTC)
    )
    another_s = peer.proved(peer.note(scene.alice), scene.mallory)
    a_stranger_s = peer.proved(peer.note(scene.alice), "https://victim.example/users/bob")
    our_own = peer.proved(peer.note(scene.alice), scene.node.group)
    rubbish = wrong()
    rubbish["proof"] = rubbish["proof"] | {"proofValue": "z" + "1" * 500}
    purpose = wrong()
    purpose["proof"] = purpose["proof"] | {"proofPurpose": "authentication"}
    context = wrong()
    context["@context"] = [AS, {"content": "https://example.org/other"}]
    for forged in (changed, another_key, unknown_key, another_s, a_stranger_s, our_own, rubbish, purpose, context):
        assert nothing_came_of(await scene.bring("Create", scene.alice, forged)), forged["proof"]
        assert not await scene.node.holds(forged["id"])


@pytest.mark.one_database
async def test_a_wrong_proof_on_the_activity_makes_it_worthless(scene: Scene) -> None:
    peer = scene.peer
    activity = peer.proved(peer.activity("Create", scene.alice, peer.note(scene.alice)), scene.alice)
    forged = activity | {"object": peer.note(scene.alice, "<p>another</p>")}
    assert await peer.send(f"{scene.node.origin}/inbox", forged) in (202, 400, 401, 403)
    await scene.node.quiet()
    assert not await scene.node.holds(forged["object"]["id"])
    again = peer.proved(peer.activity("Create", scene.alice, peer.note(scene.alice)), scene.alice)
    assert await peer.send(f"{scene.node.origin}/inbox", again) == 202
    assert await scene.node.fate(again) == "done"


@pytest.mark.one_database
async def test_a_proof_by_a_new_key_is_checked_with_a_fresh_look_at_its_author(scene: Scene) -> None:
    peer = scene.peer
    peer.ed25519 = await asyncio.to_thread(keys.make_ed25519)
    method = f"{scene.alice}#ed25519-2"
    multikey = {
        "id": method, "type": "Multikey", "controller": scene.alice,
        "publicKeyMultibase": keys.to_multibase(peer.ed25519.public_key()),
    }  # fmt: skip
    peer.actor("alice", assertionMethod=[multikey])
    note = proofs.prove(peer.note(scene.alice), verification_method=method, key=peer.ed25519, created=datetime.now(UTC))
    assert (await scene.bring("Create", scene.alice, note))[1] == "done"
    assert await scene.node.holds(note["id"])


@pytest.mark.one_database
async def test_a_key_server_that_says_nothing_useful_about_a_proof_is_no_success(scene: Scene) -> None:
    peer = scene.peer
    for status in (204, 206, 301, 404, 451):
        scene.node.clock.advance(timedelta(minutes=6))
        peer.served["/users/alice"] = Answer(b"", status=status)
        note = peer.proved(peer.note(scene.alice), scene.alice)
        note["proof"] = note["proof"] | {"verificationMethod": f"{scene.alice}#key-{status}"}
        activity = peer.activity("Create", scene.alice, note)
        answer = await peer.send(f"{scene.node.origin}/inbox", activity, now=scene.node.clock())
        assert answer == 202 or 400 <= answer < 500, (status, answer)
        await scene.node.quiet()
        assert not await scene.node.holds(note["id"])


@pytest.mark.one_database
async def test_a_bogus_linked_data_signature_is_not_believed(scene: Scene) -> None:
    """Inbox forwarding: somebody passes on an activity of another. It is a hint, and its origin knows nothing of it."""
    peer = scene.peer
    signature = {"type": "RsaSignature2017", "creator": f"{scene.alice}#main-key", "signatureValue": "AAAA"}
    forwarded = peer.activity("Create", scene.alice, peer.note(scene.alice)) | {"signature": signature}
    status = await peer.send(f"{scene.node.origin}/inbox", forwarded, key_id=f"{scene.mallory}#main-key")
    assert status == 202
    await scene.node.quiet()
    assert not await scene.node.holds(forwarded["object"]["id"])


async def test_moving_somebody_else_or_blocking_her_means_nothing(scene: Scene) -> None:
    for kind, more in (
        ("Move", {"target": scene.mallory}),
        ("Block", {}),
        ("Add", {"target": scene.note["id"]}),
        ("Flag", {}),
    ):
        assert nothing_came_of(await scene.bring(kind, scene.mallory, scene.alice, **more)), kind
    assert await scene.node.read(follows.is_heard, scene.alice)
    assert not await scene.node.read(follows.is_heard, scene.mallory)


PRIVATE = [
    {"to": ["OUR_GROUP"]},
    {"to": ["FOLLOWERS"], "cc": ["OUR_GROUP"]},
    {"to": [], "cc": []},
    {"to": ["OUR_GROUP"], "type": "ChatMessage"},
    {"to": ["OUR_GROUP"], "type": "Question"},
    {"to": ["OUR_GROUP"], "attributedTo": ["x", "y"]},
    {"to": ["OUR_GROUP"], "published": "rubbish"},
    {"to": ["OUR_GROUP"] * 10_001},
]


async def test_words_that_are_not_for_everybody_are_not_kept(scene: Scene) -> None:
    """Neither as an object nor in the log, whatever else is wrong with them; a public envelope makes nothing public."""
    peer, secret = scene.peer, "meet-me-behind-the-depot"
    for kind, envelope, shape in itertools.product(("Create", "Update"), ("private", "public"), PRIVATE):
        note = peer.note(scene.alice, f"<p>{secret}</p>") | shape
        for name in ("to", "cc"):
            here = {"OUR_GROUP": scene.node.group, "FOLLOWERS": f"{scene.alice}/followers"}
            note[name] = [here[one] for one in note.get(name, [])]
        more = {} if envelope == "public" else {"to": note["to"], "cc": note["cc"]}
        assert nothing_came_of(await scene.bring(kind, scene.alice, note, **more)), (kind, envelope, shape)
        assert not await scene.node.holds(note["id"])
    contents = repr(await scene.node.contents())
    assert secret not in contents


async def test_a_note_that_becomes_private_is_not_shown_as_it_was_changed(scene: Scene) -> None:
    private = scene.note | {"content": "<p>only for you</p>", "to": [scene.node.group]}
    await scene.bring("Update", scene.alice, private)
    assert "only for you" not in repr(await scene.node.contents())
