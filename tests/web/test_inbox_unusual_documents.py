"""Documents in unusual names, at the inbox and where we fetch: read for what they say, or refused, and never costly."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from federation.normal_form import ACTIVITYSTREAMS
from node import activities
from node.statements import store as statements
from tests.federation.test_normal_form import REFUSED, compacted, in_full, nested
from tests.nodes.peer import AS, Answer, Peer
from tests.nodes.served import ServedNode

ALIASES = {"kind": "@type", "is": "@id", "says": f"{ACTIVITYSTREAMS}content", "@vocab": ACTIVITYSTREAMS}


@pytest.fixture
async def alice(node: ServedNode, hostile_peer: Peer) -> str:
    iri = hostile_peer.actor("alice")
    await node.follow(iri)
    return iri


async def html(node: ServedNode, iri: str) -> str:
    return str((await node.read(statements.shown, [iri]))[iri].html)


async def test_a_note_is_kept_whatever_its_names(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    for write in (in_full, lambda document: compacted(document, ALIASES)):
        note = hostile_peer.note(alice, "<p>the depot is closed</p>")
        create = hostile_peer.activity("Create", alice, note)
        written = write(create)
        assert "actor" not in written or "says" in json.dumps(written)
        body = json.dumps(written).encode()
        assert await hostile_peer.send(f"{node.origin}/inbox", body, key_id=f"{alice}#main-key") == 202, (
            hostile_peer.last
        )
        assert await node.fate(create) == "done"
        assert await html(node, note["id"]) == "<p>the depot is closed</p>"
        row = await node.read(activities.find, create["id"], actor=alice)
        assert row.document == body, "what was signed is kept as it came"
        assert await hostile_peer.send(f"{node.origin}/inbox", create) == 202, "the same again, in usual names"
        delete = in_full(hostile_peer.activity("Delete", alice, note["id"]))
        assert (
            await hostile_peer.send(f"{node.origin}/inbox", json.dumps(delete).encode(), key_id=f"{alice}#main-key")
            == 202
        )
        await node.quiet()
        assert not await node.holds(note["id"])
        row = await node.read(activities.find, create["id"], actor=alice)
        assert (row.document, row.normal) == (b"{}", None), "what was deleted is forgotten in either form"


async def test_nobody_speaks_for_another_by_other_names(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    """Whatever the short names say, the meaning counts: an alias of `actor` is the actor."""
    mallory = hostile_peer.actor("mallory")
    for context, body in (
        (
            {"actor": "https://evil.example/ns#puppet", "who": {"@id": "as:actor", "@type": "@id"}},
            {"actor": mallory, "who": alice},
        ),
        ({"summary": {"@id": "as:actor", "@type": "@id"}, "actor": None}, {"actor": mallory, "summary": alice}),
        ({}, {"as:actor": {"@id": alice}, "actor": mallory}),
        ({}, {f"{ACTIVITYSTREAMS}actor": {"@id": alice}}),
    ):
        note = hostile_peer.note(alice, "<p>lies</p>")
        forged = {
            name: value for name, value in hostile_peer.activity("Create", mallory, note).items() if name != "actor"
        }
        forged |= {"@context": [AS, context]} | body
        status = await hostile_peer.send(
            f"{node.origin}/inbox", json.dumps(forged).encode(), key_id=f"{mallory}#main-key"
        )
        await node.quiet()
        assert status in (202, 400, 401, 403)
        assert not await node.holds(note["id"])


@pytest.mark.one_database
async def test_what_is_refused_is_400_and_changes_nothing(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    await node.quiet()
    before = await node.contents(without=("jobs", "actors"))
    for name, document in REFUSED.items():
        status = await hostile_peer.send(
            f"{node.origin}/inbox", json.dumps(document).encode(), key_id=f"{alice}#main-key"
        )
        assert status == 400, (name, hostile_peer.last)
    for bomb in (nested(150), {"@id": alice, "to": [alice] * 5_000}):
        began = time.monotonic()
        assert (
            await hostile_peer.send(f"{node.origin}/inbox", json.dumps(bomb).encode(), key_id=f"{alice}#main-key")
            == 400
        )
        assert time.monotonic() - began < 120
    assert await node.contents(without=("jobs", "actors")) == before
    assert (await node.activity(node.group))[0] == 200


@pytest.mark.one_database
async def test_a_stranger_without_a_signature_has_nothing_processed(node: ServedNode, hostile_peer: Peer) -> None:
    body = json.dumps(
        in_full(hostile_peer.activity("Create", hostile_peer.actor("bob"), "https://a.example/1"))
    ).encode()
    assert await hostile_peer.post(f"{node.origin}/inbox", body, {"Content-Type": "application/activity+json"}) == 401
    assert node.node.client.normaliser.process_id is None


@pytest.mark.one_database
async def test_an_actor_and_a_note_in_other_names_are_fetched(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    bob = hostile_peer.actor("bob")
    answer = hostile_peer.served["/users/bob"]
    assert isinstance(answer, Answer) and isinstance(answer.body, dict)
    answer.body = in_full(answer.body)
    note: dict[str, Any] = hostile_peer.note(bob, "<p>from afar</p>")
    hostile_peer.served[note["id"].removeprefix(hostile_peer.origin)] = Answer(compacted(note, ALIASES))
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Announce", alice, note["id"])) == 202
    await node.quiet()
    assert await html(node, note["id"]) == "<p>from afar</p>"
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Follow", bob, node.group)) == 202


@pytest.mark.one_database
async def test_the_node_answers_while_unusual_documents_pour_in(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    body = json.dumps(nested(18)).encode()
    pouring = [hostile_peer.send(f"{node.origin}/inbox", body, key_id=f"{alice}#main-key") for _ in range(60)]
    told = asyncio.gather(*pouring)
    await asyncio.sleep(0.1)
    began = time.monotonic()
    assert (await node.activity(node.group))[0] == 200
    assert time.monotonic() - began < 120
    assert set(await told) <= {400, 429}
