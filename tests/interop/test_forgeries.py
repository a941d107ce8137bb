"""Nobody speaks in the name of a Fedify actor: not a stranger, not her neighbour, not with her own words changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from node import activities, objects
from tests.interop.fedify_peer import Fedify, Person
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode

pytestmark = pytest.mark.one_database


def note_of(author: Person, peer: Peer) -> dict[str, Any]:
    """A note that `author` never wrote, at an address of her server."""
    return peer.note(author.iri, "<p>I call the strike off.</p>") | {"id": f"{author.fedify.origin}/notes/forged"}


async def test_a_stranger_cannot_speak_for_a_fedify_actor(node: ServedNode, heard: Person, hostile_peer: Peer) -> None:
    mallory = hostile_peer.actor("mallory")
    note = note_of(heard, hostile_peer)
    as_her = hostile_peer.activity("Create", heard.iri, note) | {"id": f"{heard.fedify.origin}/creates/forged"}
    as_herself = hostile_peer.activity("Create", mallory, note)
    inbox = f"{node.group}/inbox"
    assert await hostile_peer.send(inbox, as_her, key_id=f"{mallory}#main-key") == 202, "a hint, and no more"
    await node.quiet()
    [key] = (await heard.fedify.lookup(heard.iri))["publicKeys"]
    assert await hostile_peer.send(inbox, as_her, key_id=key["id"]) == 401
    assert await hostile_peer.send(inbox, as_herself) == 202
    assert await node.fate(as_herself) == "refused"
    assert await node.read(objects.find, note["id"]) is None


async def test_her_neighbour_cannot_speak_for_her(node: ServedNode, heard: Person, hostile_peer: Peer) -> None:
    neighbour = await heard.fedify.actor("neighbour")
    note = note_of(heard, hostile_peer)
    create = hostile_peer.activity("Create", neighbour.iri, note) | {"id": f"{heard.fedify.origin}/creates/forged"}
    sent = await neighbour.does("raw", inbox=f"{node.group}/inbox", document=create)
    assert sent["status"] == 202
    assert await node.fate(create) == "refused"
    assert await node.read(objects.find, note["id"]) is None


CHANGES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "nothing": dict,
    "the words": lambda said: said | {"object": said["object"] | {"content": "<p>Work harder.</p>"}},
    "the audience": lambda said: said | {"cc": "https://elsewhere.example/followers"},
    "the id": lambda said: said | {"id": f"{said['id']}0"},
    "the date of the proof": lambda said: said | {"proof": said["proof"] | {"created": "2026-01-01T00:00:00Z"}},
    "the context": lambda said: said | {"@context": "https://www.w3.org/ns/activitystreams"},
    "the key of the proof": lambda said: (
        said | {"proof": said["proof"] | {"verificationMethod": "https://a.example/#k"}}
    ),
}


async def test_her_words_are_kept_with_their_proof_as_she_made_them_or_not_at_all(
    node: ServedNode, heard: Person, older_fedify: Fedify
) -> None:
    """Even if the request is signed with her key."""
    bob = await older_fedify.actor("bob")
    for changed, change in CHANGES.items():
        sent = await heard.does("note", to=bob.iri, content="<p>Rest well.</p>")
        said = (await older_fedify.receives("Create", actor=heard.iri))["document"]
        assert said["id"] == sent["id"]
        brought = change(said)
        assert (await heard.does("raw", inbox=f"{node.group}/inbox", document=brought))["status"] == 202
        assert await node.fate(brought) == ("done" if changed == "nothing" else "refused"), changed
        assert await node.holds(said["object"]["id"]) == (changed == "nothing"), changed
        row = await node.read(activities.find, brought["id"], actor=heard.iri)
        assert changed == "nothing" or "proof" in row.note, changed
