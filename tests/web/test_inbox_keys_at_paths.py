"""Keys whose ids are addresses of their own: GoToSocial's stub of an actor, and documents that are a key and no more."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from federation import keys
from node import actors
from tests.nodes.peer import AS, Answer, Peer
from tests.nodes.served import ServedNode


def stub(peer: Peer, actor: str, key_id: str) -> dict[str, Any]:
    """What GoToSocial serves at the address of a key: an actor with nothing but that key."""
    pem = keys.public_pem(peer.rsa.public_key())
    return {
        "@context": ["https://w3id.org/security/v1", AS],
        "id": actor,
        "type": "Person",
        "preferredUsername": actor.rpartition("/")[2],
        "publicKey": {"id": key_id, "owner": actor, "publicKeyPem": pem},
    }


def alone(peer: Peer, actor: str, key_id: str) -> dict[str, Any]:
    """A key, and whose it is."""
    return {"@context": "https://w3id.org/security/v1", "id": key_id} | stub(peer, actor, key_id)["publicKey"]


@pytest.mark.one_database
@pytest.mark.parametrize("shape", [stub, alone])
async def test_a_key_at_a_path_speaks_for_the_actor_that_lists_it(
    node: ServedNode, hostile_peer: Peer, shape: Any
) -> None:
    ana = f"{hostile_peer.origin}/users/ana"
    key_id = f"{ana}/main-key"
    listed = stub(hostile_peer, ana, key_id)["publicKey"]
    assert hostile_peer.actor("ana", publicKey=listed) == ana
    hostile_peer.served["/users/ana/main-key"] = Answer(shape(hostile_peer, ana, key_id))
    follow = hostile_peer.activity("Follow", ana, node.group)
    assert await hostile_peer.send(f"{node.group}/inbox", follow, key_id=key_id) == 202, hostile_peer.last
    assert await node.fate(follow) == "done"
    row = await node.read(actors.find, ana)
    assert row.inbox == f"{ana}/inbox", "what is kept is the whole actor, not the stub"
    assert hostile_peer.sent_to("Accept")


@pytest.mark.one_database
@pytest.mark.parametrize("shape", [stub, alone])
async def test_a_key_at_a_path_speaks_for_nobody_who_does_not_list_it(
    node: ServedNode, hostile_peer: Peer, shape: Any
) -> None:
    ana, mallory = hostile_peer.actor("ana"), hostile_peer.actor("mallory")
    other = keys.make_rsa()
    key_id = f"{mallory}/main-key"
    claimed = shape(hostile_peer, ana, key_id)
    for part in (claimed, claimed.get("publicKey", {})):
        if "publicKeyPem" in part:
            part["publicKeyPem"] = keys.public_pem(other.public_key())
    hostile_peer.served["/users/mallory/main-key"] = Answer(claimed)
    follow = hostile_peer.activity("Follow", ana, node.group)
    assert await hostile_peer.send(f"{node.group}/inbox", follow, key_id=key_id, key=other) == 401
    assert await node.fate(follow) is None
    assert await node.read(actors.key, key_id) is None


@pytest.mark.one_database
async def test_a_key_that_says_it_is_ours_does_not_make_us_ask_ourselves(node: ServedNode, hostile_peer: Peer) -> None:
    key_id = f"{hostile_peer.origin}/key"
    hostile_peer.served["/key"] = Answer(alone(hostile_peer, node.group, key_id))
    follow = hostile_peer.activity("Follow", hostile_peer.actor("mallory"), node.group)
    assert await hostile_peer.send(f"{node.group}/inbox", follow, key_id=key_id) in (401, 403)
    kept = select(actors.actor_keys.c.key_id).where(actors.actor_keys.c.actor == node.group)
    assert await node.read(lambda tx: tx.execute(kept).all()) == [], "our keys are not kept like a stranger's"
