"""Whose key it is: nobody signs for another, and a flood of bad signatures costs others and us next to nothing."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation import keys
from federation.media_types import ACTIVITY_JSON
from node import actors
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode
from tests.web.test_inbox_signatures import EVERYTHING, a_follow, followers


@pytest.mark.one_database
async def test_nobody_signs_for_another_actor(node: ServedNode, hostile_peer: Peer) -> None:
    alice, mallory = hostile_peer.actor("alice"), hostile_peer.actor("mallory")
    forged = hostile_peer.activity("Follow", alice, node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", forged, key_id=f"{mallory}#main-key") in (401, 403)
    assert await followers(node) == 0


@pytest.mark.one_database
async def test_a_key_whose_document_names_a_false_owner_is_no_key(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    pem = keys.public_pem(hostile_peer.rsa.public_key())
    mallory = f"{hostile_peer.origin}/users/mallory"
    key = {"id": f"{mallory}#main-key", "owner": alice, "publicKeyPem": pem}
    hostile_peer.actor("mallory", publicKey=key)
    forged = hostile_peer.activity("Follow", alice, node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", forged, key_id=f"{mallory}#main-key") == 401
    assert [row for row in (await node.contents())["actor_keys"] if "#main-key" in row[0]] == []
    assert await followers(node) == 0


@pytest.mark.one_database
async def test_an_actor_document_with_the_id_of_another_gives_no_key(node: ServedNode, hostile_peer: Peer) -> None:
    victim = "https://victim.example/users/alice"
    mallory = hostile_peer.actor("mallory", id=victim)
    key_id = f"{mallory}#main-key"
    forged = hostile_peer.activity("Follow", victim, node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", forged, key_id=key_id) == 401
    assert (await node.contents())["actor_keys"] == []


@pytest.mark.one_database
async def test_an_actor_of_this_node_signs_nothing_that_comes_in(node: ServedNode, hostile_peer: Peer) -> None:
    other_scheme = node.origin.replace("http://", "https://")
    for key_id in (f"{node.group}#main-key", f"{node.origin}/actor#main-key", f"{other_scheme}/actor#main-key"):
        own = {"@context": [], "id": f"{node.origin}/activities/x", "type": "Follow", "actor": node.group}
        own["object"] = node.group
        key = node.node.keyring.rsa("group-union")
        assert await hostile_peer.send(f"{node.origin}/inbox", own, key_id=key_id, key=key) in (400, 401), key_id
    assert await followers(node) == 0


ODD_KEY_IDS = [
    "", "#main-key", "main-key", "acct:mallory@example.org", "urn:uuid:0", "file:///etc/passwd", "ftp://example.org/k",
    "javascript:alert(1)", "http://", "http://:80/", "http://user:pass@example.org/x", "http://exa mple.org/",
    "http://[::1/x", "http://127.0.0.1:99999/x", "http://127.0.0.1:0/x", "//example.org/x", "http://example.org\\@x/",
    "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "http://" + "a" * 300 + ".example/x",
    "http://example.org/" + "x" * 3000, "http://ex\u0430mple.org/x", "http://10.0.0.1/x#main-key",
    "http://192.168.1.1:9/x", "http://169.254.169.254/latest/meta-data", "http://[::1]:9/x", "http://[fd00::1]/x",
    "http://[::ffff:10.0.0.1]/x", "http://0x0a000001/x", "http://167772161/x", "http://100.64.0.1/x",
    "http://198.18.0.1/x", "http://0.0.0.0/x", "http://localhost.:9/x",
]  # fmt: skip


@pytest.mark.one_database
async def test_an_odd_or_internal_key_id_is_refused_and_not_dialled(node: ServedNode, hostile_peer: Peer) -> None:
    answers = {}
    for key_id in ODD_KEY_IDS:
        it = a_follow(node, hostile_peer)
        it.key_id = key_id.encode("utf-8", "surrogateescape").decode("latin-1")
        it.sign_again(*EVERYTHING)
        answers[key_id[:60]] = await it.send()
    assert set(answers.values()) <= {400, 401, 403, 429}, answers
    assert hostile_peer.fetches == 0
    assert await a_follow(node, hostile_peer).send() == 202


@pytest.mark.one_database
async def test_a_key_server_that_does_not_answer_makes_nothing_fail_here(node: ServedNode, hostile_peer: Peer) -> None:
    for name, status in (("broken", 500), ("busy", 503), ("slow", 429), ("secret", 403), ("odd", 302)):
        actor = hostile_peer.actor(name)
        hostile_peer.served[f"/users/{name}"] = Answer(b"", status=status)
        answer = await a_follow_by(node, hostile_peer, actor)
        assert 400 <= answer < 500, (name, answer)
    assert await followers(node) == 0


async def a_follow_by(node: ServedNode, peer: Peer, actor: str) -> int:
    return await peer.send(f"{node.origin}/inbox", peer.activity("Follow", actor, node.group))


@pytest.mark.one_database
async def test_an_absurd_key_is_no_key(node: ServedNode, hostile_peer: Peer) -> None:
    for kind, pem in (await asyncio.to_thread(absurd_keys)).items():
        actor = f"{hostile_peer.origin}/users/{kind}"
        hostile_peer.actor(kind, publicKey={"id": f"{actor}#main-key", "owner": actor, "publicKeyPem": pem})
        assert await a_follow_by(node, hostile_peer, actor) == 401, hostile_peer.last
    assert await followers(node) == 0


def absurd_keys() -> dict[str, Any]:
    """Too small, so large that checking a signature takes long, of another kind, and none at all."""

    def pem_of(key: Any) -> str:
        return str(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())

    return {
        "tiny": pem_of(rsa.generate_private_key(65537, 1024).public_key()),
        "huge": pem_of(rsa.RSAPublicNumbers(65537, (1 << 16383) + 12345).public_key()),
        "elliptic": pem_of(ec.generate_private_key(ec.SECP256R1()).public_key()),
        "rubbish": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" + "x" * 100_000,
        "list": ["a", {"b": 1}],
    }


async def test_the_same_request_again_has_one_effect(node: ServedNode, hostile_peer: Peer) -> None:
    it = a_follow(node, hostile_peer)
    assert [await it.send(), await it.send(), await it.send()] == [202, 202, 202]
    assert await followers(node) == 1
    assert len((await node.contents())["activities"]) == 2  # the Follow, and our one Accept
    assert len(hostile_peer.sent_to("Accept")) == 1


async def test_twelve_of_the_same_at_once_have_one_effect(node: ServedNode, hostile_peer: Peer) -> None:
    it = a_follow(node, hostile_peer)
    assert await asyncio.gather(*(it.send() for _ in range(12))) == [202] * 12
    assert await followers(node) == 1
    assert len(hostile_peer.sent_to("Accept")) == 1
    assert hostile_peer.asked["/users/mallory"] == 1  # and the twelve shared one look at the actor


async def test_after_a_rotation_the_new_key_is_accepted_and_the_old_refused(
    node: ServedNode, hostile_peer: Peer
) -> None:
    old, actor = hostile_peer.rsa, hostile_peer.actor()
    assert await a_follow_by(node, hostile_peer, actor) == 202
    hostile_peer.rsa = await asyncio.to_thread(keys.make_rsa)
    hostile_peer.actor()
    assert await a_follow_by(node, hostile_peer, actor) == 202, hostile_peer.last
    stale = hostile_peer.activity("Undo", actor, {"type": "Follow", "id": "x", "object": node.group})
    assert await hostile_peer.send(f"{node.origin}/inbox", stale, key=old) == 401
    assert await followers(node) == 1


async def test_after_a_rotation_all_that_come_at_once_are_let_in_by_one_fetch(
    node: ServedNode, hostile_peer: Peer
) -> None:
    actor, inbox = hostile_peer.actor(), f"{node.origin}/inbox"
    assert await hostile_peer.send(inbox, hostile_peer.activity("Follow", actor, node.group)) == 202
    document = hostile_peer.served["/users/mallory"].body
    document["publicKey"]["id"] = f"{actor}#key-2"
    before = hostile_peer.asked["/users/mallory"]
    told = [hostile_peer.activity("Create", actor, hostile_peer.note(actor)) for _ in range(6)]
    answers = await asyncio.gather(*(hostile_peer.send(inbox, one, key_id=f"{actor}#key-2") for one in told))
    assert set(answers) == {202}, answers
    assert hostile_peer.asked["/users/mallory"] == before + 1


async def test_after_a_rotation_to_another_key_id_the_old_one_is_refused(node: ServedNode, hostile_peer: Peer) -> None:
    old, actor = hostile_peer.rsa, hostile_peer.actor()
    assert await a_follow_by(node, hostile_peer, actor) == 202
    hostile_peer.rsa = await asyncio.to_thread(keys.make_rsa)
    key = {"id": f"{actor}#key-2", "owner": actor, "publicKeyPem": keys.public_pem(hostile_peer.rsa.public_key())}
    hostile_peer.actor(publicKey=key)
    second = hostile_peer.activity("Follow", actor, node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", second, key_id=f"{actor}#key-2") == 202, hostile_peer.last
    third = hostile_peer.activity("Follow", actor, node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", third, key_id=f"{actor}#main-key", key=old) == 401


@pytest.mark.one_database
async def test_nobody_takes_over_the_key_id_of_another(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    assert await a_follow_by(node, hostile_peer, alice) == 202
    other = await asyncio.to_thread(keys.make_rsa)
    mallory = f"{hostile_peer.origin}/users/mallory"
    own = {"id": f"{mallory}#main-key", "owner": mallory, "publicKeyPem": keys.public_pem(other.public_key())}
    taken = own | {"id": f"{alice}#main-key"}
    hostile_peer.actor("mallory", publicKey=[own, taken])
    hello = hostile_peer.activity("Follow", mallory, node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", hello, key=other) == 202, hostile_peer.last
    forged = hostile_peer.activity("Undo", alice, f"{hostile_peer.origin}/activities/1")
    assert await hostile_peer.send(f"{node.origin}/inbox", forged, key=other) == 401
    assert await a_follow_by(node, hostile_peer, alice) == 202


@pytest.mark.one_database
async def test_the_delete_of_an_account_that_is_gone_is_taken_and_means_nothing(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ghost = hostile_peer.actor("ghost")
    hostile_peer.served["/users/ghost"] = Answer(b"", status=410)
    farewell = hostile_peer.activity("Delete", ghost, ghost)
    assert await hostile_peer.send(f"{node.origin}/inbox", farewell) == 202
    tombstone = hostile_peer.activity("Delete", ghost, {"id": ghost, "type": "Tombstone"})
    assert await hostile_peer.send(f"{node.origin}/inbox", tombstone) == 202
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Follow", ghost, node.group)) == 401
    assert (await node.contents())["activities"] == []


@pytest.mark.one_database
async def test_sixty_bad_signatures_cause_a_handful_of_fetches(node: ServedNode, hostile_peer: Peer) -> None:
    other, handful = await asyncio.to_thread(keys.make_rsa), 12
    node.clock.stop()  # one more is asked for every ten seconds
    for shape in ("one actor", "many actors", "many keys", "many spellings", "gone actors"):
        before = hostile_peer.fetches
        actor = hostile_peer.actor(shape.replace(" ", "-"))
        for number in range(60):
            signer = hostile_peer.actor(f"m{number}") if shape == "many actors" else actor
            key_id = {
                "many keys": f"{actor}#key-{number}",
                "many spellings": f"{actor}?{number}#main-key",
                "gone actors": f"{hostile_peer.origin}/users/gone{number}#main-key",
            }.get(shape, f"{signer}#main-key")
            forged, now = hostile_peer.activity("Follow", signer, node.group), node.clock()
            sent = hostile_peer.send(f"{node.origin}/inbox", forged, key_id=key_id, key=other, now=now)
            assert await sent in (401, 429), hostile_peer.last
        assert 0 < hostile_peer.fetches - before <= handful, (shape, hostile_peer.asked)
        node.clock.advance(timedelta(minutes=11))  # a host that was asked in vain is left alone for ten
    assert await followers(node) == 0


async def test_sixty_bad_signatures_at_once_cause_a_handful_of_fetches(node: ServedNode, hostile_peer: Peer) -> None:
    def forged(number: int) -> dict[str, Any]:
        return hostile_peer.activity("Follow", f"{hostile_peer.origin}/users/none{number}", node.group)

    node.clock.stop()
    now = node.clock()
    sent = (hostile_peer.send(f"{node.origin}/inbox", forged(number), now=now) for number in range(60))
    assert set(await asyncio.gather(*sent)) <= {401, 429}
    assert hostile_peer.fetches <= 12, hostile_peer.asked


async def test_forgers_of_keys_of_a_host_keep_no_newcomer_of_it_out_and_cost_it_no_more_than_before(
    node: ServedNode, hostile_peer: Peer
) -> None:
    """They make up a new key for each request, every second, and are always there first."""
    numbers = itertools.count()
    node.clock.stop()  # one is asked for every ten seconds

    async def forge(count: int = 1, *, again: Sequence[int] = ()) -> list[int]:
        chosen = list(again) or [next(numbers) for _ in range(count)]
        for number in chosen:
            forged = hostile_peer.activity("Follow", f"{hostile_peer.origin}/users/none{number}", node.group)
            assert await hostile_peer.send(f"{node.origin}/inbox", forged, now=node.clock()) in (401, 429)
        return chosen

    async def knock(newcomer: str) -> int:
        hello = hostile_peer.activity("Follow", newcomer, node.group)
        return await hostile_peer.send(f"{node.origin}/inbox", hello, now=node.clock())

    await forge(8)
    newcomer = hostile_peer.actor("newcomer")
    assert await knock(newcomer) == 429
    assert "left alone for a moment" in str(hostile_peer.last)
    for _ in range(12):
        node.clock.advance(timedelta(seconds=1))
        await forge(2)
    assert await knock(hostile_peer.actor("another")) == 429, "the one question in ten seconds is a forger's"
    assert await knock(newcomer) == 202, "who comes again is asked for"
    before, began = hostile_peer.fetches, node.clock()
    made_up = await forge(40)
    for _ in range(6):
        node.clock.advance(timedelta(seconds=11))
        await forge(again=made_up)
    minutes = (node.clock() - began).total_seconds() / 60
    assert hostile_peer.fetches - before <= 10 + 12 * minutes, "forgers who come again do not have it all their way"


@pytest.mark.one_database
async def test_farewells_of_unknown_accounts_make_us_ask_nobody(node: ServedNode, hostile_peer: Peer) -> None:
    for number in range(20):
        ghost = f"{hostile_peer.origin}/users/ghost{number}"
        assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Delete", ghost, ghost)) == 202
    assert hostile_peer.fetches == 0
    assert (await node.contents())["activities"] == []
    assert await a_follow(node, hostile_peer).send() == 202


@pytest.mark.one_database
async def test_a_flood_of_bad_signatures_shuts_nobody_out_who_is_known(node: ServedNode, hostile_peer: Peer) -> None:
    honest = hostile_peer.actor("honest")
    assert await a_follow_by(node, hostile_peer, honest) == 202
    for number in range(20):
        forged = hostile_peer.activity("Follow", f"{hostile_peer.origin}/users/none{number}", node.group)
        await hostile_peer.send(f"{node.origin}/inbox", forged)
    undo = hostile_peer.activity("Undo", honest, f"{hostile_peer.origin}/activities/1")
    assert await hostile_peer.send(f"{node.origin}/inbox", undo) == 202
    assert await followers(node) == 0
    assert await node.fate(undo) == "done"


@pytest.mark.one_database
async def test_the_content_type_of_the_key_document_matters(node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor()
    uploaded = hostile_peer.served["/users/mallory"]
    assert isinstance(uploaded, Answer)
    for content_type in ("text/html", "application/json", "text/plain", "image/png", "application/ld+json"):
        uploaded.content_type = content_type
        assert await a_follow_by(node, hostile_peer, actor) in (401, 429), content_type
    node.clock.advance(timedelta(minutes=11))
    uploaded.content_type = ACTIVITY_JSON
    follow = hostile_peer.activity("Follow", actor, node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", follow, now=node.clock()) == 202, hostile_peer.last


@pytest.mark.one_database
async def test_an_actor_of_megabytes_is_none(node: ServedNode, hostile_peer: Peer) -> None:
    """Actors cost nothing to make up, and each who knocks here is kept for a while."""
    for name, characters, expected in (("large", 200_000, 202), ("larger", 300_000, 401)):
        actor = hostile_peer.actor(name, summary="x" * characters)
        assert await a_follow_by(node, hostile_peer, actor) == expected, (name, hostile_peer.last)
        assert (await node.read(actors.find, actor) is not None) == (expected == 202)
