"""What leaves for everybody carries an RsaSignature2017, and nothing else does."""

from __future__ import annotations

from typing import Any

from federation.keys import read_public
from node import activities, actors
from node.context import Transaction
from tests.federation.test_linked_data import verify
from tests.nodes.peer import PUBLIC, Peer
from tests.nodes.served import ServedNode


async def follow(node: ServedNode, peer: Peer) -> str:
    alice = peer.actor("alice")
    assert await peer.send(f"{node.group}/inbox", peer.activity("Follow", alice, node.group)) == 202
    await node.quiet()
    return alice


async def test_a_statement_leaves_with_all_three_signatures(node: ServedNode, hostile_peer: Peer) -> None:
    await follow(node, hostile_peer)
    await node.publish("We answer.")
    await node.quiet()
    [create] = hostile_peer.sent_to("Create")
    pem = (await node.activity(node.group))[1]["publicKey"]["publicKeyPem"]
    verify(create, read_public(pem))  # type: ignore[arg-type]
    assert "proof" in create and "signature" not in create["object"]
    assert (await node.activity(create["id"]))[1] == create, "it is kept and served as it was signed"
    [accept] = hostile_peer.sent_to("Accept")
    assert "signature" not in accept and "proof" in accept


async def test_it_is_for_what_everybody_may_pass_on(node: ServedNode, hostile_peer: Peer) -> None:
    alice = await follow(node, hostile_peer)

    def signed(tx: Transaction, kind: str, object: Any, to: list[str]) -> bool:
        activity = activities.make(tx, kind, actor=node.group, object=object, to=to)
        return "signature" in activities.send(tx, activity, [])

    undone = {"id": f"{node.origin}/activities/1", "type": "Announce", "actor": node.group, "object": alice}
    for kind, object, to, expected in (
        ("Update", {"id": f"{node.origin}/statements/1", "type": "Note"}, [PUBLIC], True),
        ("Update", {"id": node.group, "type": "Organization"}, [PUBLIC], False),
        ("Delete", {"id": f"{node.origin}/statements/1", "type": "Tombstone"}, [PUBLIC], True),
        ("Announce", f"{alice}/notes/1", [PUBLIC], True),
        ("Undo", undone, [PUBLIC], True),
        ("Undo", undone | {"type": "Follow"}, [PUBLIC], False),
        ("Announce", f"{alice}/notes/1", [actors.followers_of(node.group)], False),
        ("Like", f"{alice}/notes/1", [PUBLIC], False),
    ):
        assert await node.write(signed, kind, object, to) is expected, (kind, object)


async def test_what_is_no_linked_data_leaves_without_it(node: ServedNode) -> None:
    """It is a service to others, and no reason not to say what was decided."""

    def send(tx: Transaction) -> dict[str, Any]:
        strange = {"id": f"{node.origin}/statements/1", "type": "Note", "@context": "https://nobody.example/context"}
        return activities.send(tx, activities.make(tx, "Create", actor=node.group, object=strange, to=[PUBLIC]), [])

    sent = await node.write(send)
    assert "proof" in sent and "signature" not in sent
