"""Wherever an address can stand that the node will ask or write to: nothing inside its own network hears from it.

Nor does a third party, to whom nobody has spoken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from federation import synchronisation
from federation.synchronisation import HEADER, Offer
from node import pruning
from tests.conftest import NODES_AT_MOST
from tests.nodes import peer as peers
from tests.nodes.peer import AS, PUBLIC, Answer, Peer
from tests.nodes.served import ServedNode
from tests.peering.test_fetching import INTERNAL, doorbell

pytestmark = pytest.mark.one_database

NUMBER = int.from_bytes(bytes(map(int, INTERNAL.split("."))), "big")
SPELLINGS = {
    "plain": INTERNAL,
    "mapped": f"[::ffff:{INTERNAL}]",
    "mapped in hexadecimal": f"[::ffff:{NUMBER >> 16:x}:{NUMBER & 0xFFFF:x}]",
    "decimal": str(NUMBER),
    "hexadecimal": hex(NUMBER),
    "octal": f"0{NUMBER:o}",
    "short": "127.9",
    "with a user": f"a:b@{INTERNAL}",
}


def actor_full_of(peer: Peer, target: str) -> str:
    """An actor who names the target wherever an actor can name anything."""
    picture = {"type": "Image", "mediaType": "image/png", "url": target}
    places = dict.fromkeys(("outbox", "featured", "followers", "following", "movedTo", "url", "streams"), target)
    return peer.actor(
        "lured", **places, icon=picture, image=picture, alsoKnownAs=[target], endpoints={"sharedInbox": target},
        webfinger=f"lured@{target.split('/')[2]}", attachment=[{"type": "PropertyValue", "name": "x", "value": target}],
    )  # fmt: skip


def note_full_of(peer: Peer, author: str, target: str) -> dict[str, Any]:
    """A note that names it wherever a note can."""
    picture = {"type": "Image", "mediaType": "image/png", "url": target}
    collection = {"type": "Collection", "id": target, "first": target}
    places = dict.fromkeys(
        ("inReplyTo", "context", "conversation", "quote", "quoteUri", "quoteAuthorization", "audience"), target
    )
    return peer.note(
        author, f'<p><a href="{target}">look</a> <img src="{target}"> :x:</p>', **places, replies=collection, likes=collection,
        shares=collection, attachment=[picture, {"type": "Link", "href": target}], image=picture, url=target, preview=target,
        tag=[{"type": "Emoji", "name": ":x:", "icon": picture}, {"type": "Mention", "href": target, "name": f"@x@{target}"}],
    ) | {"@context": [AS, target, {"x": {"@id": "as:x", "@context": target}}]}  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_field_of_anything_leads_inside(serve: Callable[..., Any], hostile_peer: Peer, spelling: str) -> None:
    peer = hostile_peer
    node: ServedNode = await serve(0, settings={"federation.allow_networks": ["127.0.0.1/32"]})
    ours, inbox = await node.publish(), f"{node.origin}/inbox"
    async with doorbell() as inside:
        target = f"http://{SPELLINGS[spelling]}:{inside.address.rpartition(':')[2]}/secret"
        lured = actor_full_of(peer, target)
        await node.follow(lured)
        await node.quiet()
        asked = [one["id"] for one in peer.sent_to("Follow")]
        note, quoting = note_full_of(peer, lured, target), note_full_of(peer, lured, target) | {"quote": ours}
        peer.served[note["id"].removeprefix(peer.origin)] = Answer(note)
        said = [
            *(peer.activity("Accept", lured, one) for one in asked),  # a backfill begins
            peer.activity("Create", lured, note),
            peer.activity("Create", lured, note_full_of(peer, lured, target) | {"inReplyTo": ours}),
            peer.activity("Create", lured, target),
            peer.activity("Update", lured, note | {"updated": "2026-11-22T12:00:00Z"}),
            peer.activity("Announce", lured, target),
            peer.activity("Announce", lured, {"type": "Create", "id": target, "actor": target, "object": target}),
            peer.activity("Add", lured, target, target=target),
            peer.activity("Move", lured, lured, target=target),
            peer.activity("Flag", lured, [ours, target], content=target),
            peer.activity("QuoteRequest", lured, ours, instrument=target),
            peer.activity("QuoteRequest", lured, ours, instrument=quoting),
            peer.activity("Follow", lured, node.group),
            peer.activity("Create", lured, note_full_of(peer, lured, target), proof={
                "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "verificationMethod": target, "proofValue": "z1"}),
            peer.activity("Create", target, {"id": f"{target}/1", "type": "Note", "attributedTo": target, "inReplyTo": ours}),
        ]  # fmt: skip
        offer = synchronisation.header(Offer(target, target, "0" * 64))
        for activity in said:
            headers = {HEADER: offer}
            key_id = f"{lured}#main-key"
            sent = await peer.send(inbox, activity, key_id=key_id, headers=headers, now=node.clock())
            assert sent in (202, 400, 401, 403), (sent, activity)
        await node.quiet()
        for _ in range(3):  # what is looked for later: threads, handles, lists of followers, pictures
            node.clock.advance(timedelta(hours=7))
            await pruning.prune(node.node)
            await node.quiet()
        for path in ("/wire", ours, *(await heard(node))):
            status, html = await node.page(path)
            assert status == 200
            for picture in re.findall(r'src="([^"]*/media/remote/[^"]+)"', html):
                async with node.http.get(picture if "://" in picture else node.origin + picture) as response:
                    assert response.status == 404
        await node.publish("Once more, to whoever follows.")
        await node.quiet()
        assert inside.rung == 0, spelling
    follow = peer.activity("Follow", peer.actor("honest"), node.group)
    assert await peer.send(inbox, follow, now=node.clock()) == 202
    assert await node.fate(follow) == "done"


async def heard(node: ServedNode) -> list[str]:
    """The pages of what is held of others."""
    html = (await node.page("/wire"))[1]
    return sorted(set(re.findall(r'href="(/heard/[0-9a-z]+)"', html)))


async def test_nobody_makes_the_node_write_to_a_third_party(
    node: ServedNode, hostile_peer: Peer, key_sets: Any
) -> None:
    """An inbox at another origin than its actor's is nobody's, whether it is somebody's own or shared by many."""
    async with peers.peer(key_sets[NODES_AT_MOST]) as victim:
        theirs = victim.actor("bob")
        inboxes: list[dict[str, Any]] = [
            {"inbox": f"{theirs}/inbox"},
            {"inbox": f"{victim.origin}/inbox", "endpoints": {"sharedInbox": f"{victim.origin}/inbox"}},
            {"endpoints": {"sharedInbox": f"{victim.origin}/inbox"}},
        ]
        for number, places in enumerate(inboxes * 5):
            lured = hostile_peer.actor(f"lured{number}", **places)
            follow = hostile_peer.activity("Follow", lured, node.group)
            assert await hostile_peer.send(f"{node.origin}/inbox", follow) == 202
        await node.quiet()
        await node.publish("For those who follow.")
        await node.quiet()
        assert victim.received == [] and victim.fetches == 0
        notes = [one for one in hostile_peer.sent_to("Create") if one["object"]["to"] == [PUBLIC]]
        assert len(notes) == 5, "those whose own inbox is their own"
