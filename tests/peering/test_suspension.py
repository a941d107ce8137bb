"""A host that is suspended is not heard, and nothing is sent to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from node import actors
from node.errors import Invalid
from node.peering import actions
from node.peering.rules import Severity
from node.statements import store as statements
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode


async def suspend(node: ServedNode, host: str, policy: Severity = Severity.REJECT) -> None:
    member = await node.steward()
    await node.write(actions.set_policy, host, policy, "it floods us", actor=node.group, member=member)


async def bring(node: ServedNode, peer: Peer, activity: dict[str, Any], expected: int = 202) -> str | None:
    assert await peer.send(f"{node.group}/inbox", activity) == expected, peer.last
    return await node.fate(activity)


async def test_a_suspended_host_is_refused_and_receives_nothing_more(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    await node.follow(alice)
    await bring(node, hostile_peer, hostile_peer.activity("Follow", alice, node.group))
    await suspend(node, hostile_peer.host)
    before = len(hostile_peer.received)
    await bring(node, hostile_peer, hostile_peer.activity("Create", alice, hostile_peer.note(alice)), 403)
    await bring(node, hostile_peer, hostile_peer.activity("Undo", alice, f"{hostile_peer.origin}/activities/1"), 403)
    await node.publish(f"Hello @alice@{hostile_peer.host}")
    await node.quiet()
    assert len(hostile_peer.received) == before
    await suspend(node, hostile_peer.host, Severity.ACCEPT)
    await node.publish()
    await node.quiet()
    assert len(hostile_peer.received) == before + 1


async def test_a_suspended_host_cannot_make_us_ask_it_for_keys_or_keep_its_people(
    node: ServedNode, hostile_peer: Peer
) -> None:
    await suspend(node, hostile_peer.host)
    strangers = [hostile_peer.actor(f"stranger{number}") for number in range(3)]
    for stranger in strangers:
        await bring(node, hostile_peer, hostile_peer.activity("Follow", stranger, node.group), 403)
        assert await node.read(actors.find, stranger) is None
    assert hostile_peer.fetches == 0
    await suspend(node, hostile_peer.host, Severity.ACCEPT)
    await bring(node, hostile_peer, hostile_peer.activity("Follow", strangers[0], node.group))


async def test_what_was_waiting_for_a_suspended_host_is_not_sent(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    await bring(node, hostile_peer, hostile_peer.activity("Follow", alice, node.group))
    hostile_peer.inbox_status = 503
    await node.publish()
    await node.quiet()
    before = len(hostile_peer.received)
    await suspend(node, hostile_peer.host)
    hostile_peer.inbox_status = 202
    node.clock.advance(timedelta(hours=1))
    await node.quiet()
    assert len(hostile_peer.received) == before
    assert [row for row in (await node.contents())["jobs"] if "deliver" in row] == []


async def test_a_host_in_other_letters_or_with_its_port_is_the_same_host(serve: Any, hostile_peer: Peer) -> None:
    """localhost and LOCALHOST: an actor that spells its host otherwise does not slip through."""
    # On some machines localhost is ::1 as well, and a name is dialled only if all it stands for is admitted.
    node = await serve(0, settings={"federation.allow_networks": ["127.0.0.0/8", "::1/128"]})
    port = hostile_peer.host.rpartition(":")[2]
    peer_host = f"localhost:{port}"
    shouted = f"http://LOCALHOST:{port}/users/alice"
    hostile_peer.actor(
        "alice", id=shouted, inbox=f"{shouted}/inbox",
        publicKey={"id": f"{shouted}#main-key", "owner": shouted, "publicKeyPem": _pem(hostile_peer)},
    )  # fmt: skip
    follow = hostile_peer.activity("Follow", shouted, node.group) | {"id": f"http://LOCALHOST:{port}/activities/1"}
    assert await hostile_peer.send(f"{node.origin}/inbox", follow) == 202, hostile_peer.last
    await node.quiet()
    await suspend(node, peer_host)
    before = len(hostile_peer.received)
    await node.publish()
    await node.quiet()
    assert len(hostile_peer.received) == before


def _pem(peer: Peer) -> str:
    from federation import keys

    return keys.public_pem(peer.rsa.public_key())


async def test_nothing_of_a_suspended_host_is_heard_through_others(
    two_nodes: tuple[ServedNode, ServedNode], hostile_peer: Peer
) -> None:
    """One whom we follow boosts, or answers, what a suspended host has said."""
    first, second = two_nodes
    mallory = hostile_peer.actor("mallory")
    note = hostile_peer.note(mallory)
    hostile_peer.served[note["id"].removeprefix(hostile_peer.origin)] = Answer(note)
    await suspend(second, hostile_peer.host)
    asked = hostile_peer.fetches
    boost = await first.write(_boost, first.group, note["id"], [f"{second.origin}/inbox"])
    await first.quiet()
    assert await second.fate(boost) in ("ignored", "refused")
    assert not await second.holds(note["id"])
    assert hostile_peer.fetches == asked


def _boost(tx: Any, actor: str, thing: str, inboxes: list[str]) -> dict[str, Any]:
    from node import activities

    return activities.send(tx, activities.make(tx, "Announce", actor=actor, object=thing, to=[]), inboxes)


async def test_a_suspended_host_cannot_be_followed(node: ServedNode, hostile_peer: Peer) -> None:
    from federation.errors import Refused

    alice = hostile_peer.actor("alice")
    await suspend(node, hostile_peer.host)
    with pytest.raises(Refused):
        await node.follow(alice)
    await node.quiet()
    assert hostile_peer.received == []


async def test_a_suspension_needs_a_reason_and_a_host(node: ServedNode) -> None:
    member = await node.steward()
    for host, reason in (("peer.example", " "), ("", "why"), ("org", "why"), ("https://peer.example/", "why")):
        with pytest.raises(Invalid):
            await node.write(actions.set_policy, host, Severity.REJECT, reason, actor=node.group, member=member)


async def test_reactions_of_a_suspended_host_are_not_counted(node: ServedNode, hostile_peer: Peer) -> None:
    ours, alice = await node.publish(), hostile_peer.actor("alice")
    await suspend(node, hostile_peer.host)
    await bring(node, hostile_peer, hostile_peer.activity("Like", alice, ours), 403)
    assert await node.read(statements.reaction_counts, ours) == {"Like": 0, "Announce": 0}
