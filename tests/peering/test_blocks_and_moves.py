"""Being blocked, and following those who move: what ends, what goes on, and what nobody can do for somebody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from node.peering import actions, blocks, store
from node.peering.rules import Severity
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode


async def bring(node: ServedNode, peer: Peer, kind: str, actor: str, thing: Any, **more: Any) -> str | None:
    """Bring an activity in; what became of it."""
    activity = peer.activity(kind, actor, thing, **more)
    assert await peer.send(f"{node.group}/inbox", activity, now=node.clock()) == 202, peer.last
    return await node.fate(activity)


async def state(node: ServedNode, follower: str, followed: str) -> str | None:
    row = await node.read(store.find, follower=follower, followed=followed)
    return None if row is None else str(row.state)


async def blockers(node: ServedNode) -> set[str]:
    return set(await node.read(blocks.inboxes, node.group))


@pytest.fixture
async def alice(node: ServedNode, hostile_peer: Peer) -> str:
    """Somebody whom the node follows, and who follows it."""
    iri = hostile_peer.actor("alice")
    await node.follow(iri)
    assert await bring(node, hostile_peer, "Follow", iri, node.group) == "done"
    return iri


# ---- blocks


async def test_a_block_ends_both_follows_and_nothing_more_is_sent(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    said = hostile_peer.note(alice, "<p>hello</p>")
    assert await bring(node, hostile_peer, "Create", alice, said) == "done"
    assert await bring(node, hostile_peer, "Block", alice, node.group) == "done"
    assert [await state(node, alice, node.group), await state(node, node.group, alice)] == ["ended", "ended"]
    before = len(hostile_peer.received)
    await node.publish("To all followers.")
    await node.publish("An answer to her alone.", reply_to=said["id"])
    await node.publish(f"A word to @alice@{hostile_peer.host}.")
    await node.quiet()
    assert hostile_peer.received[before:] == []
    assert await blockers(node) == {f"{alice}/inbox"}


async def test_a_block_that_is_taken_back_counts_no_more(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    block = hostile_peer.activity("Block", alice, node.group)
    for undone in (block["id"], block, {"type": "Block", "actor": alice, "object": node.group}):
        assert await hostile_peer.send(f"{node.group}/inbox", block | {"id": hostile_peer.id("blocks")}) == 202
        assert await hostile_peer.send(f"{node.group}/inbox", block) == 202
        await node.quiet()
        assert await blockers(node) or undone is not block["id"]
        await bring(node, hostile_peer, "Undo", alice, undone)
    assert await blockers(node) == set()


async def test_an_undo_that_comes_before_its_block_wins(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    block = hostile_peer.activity("Block", alice, node.group)
    await bring(node, hostile_peer, "Undo", alice, block)
    assert await hostile_peer.send(f"{node.group}/inbox", block) == 202
    await node.quiet()
    assert await blockers(node) == set() and await state(node, alice, node.group) == "accepted"


async def test_whoever_follows_again_is_sent_to_again(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    await bring(node, hostile_peer, "Block", alice, node.group)
    await bring(node, hostile_peer, "Follow", alice, node.group)
    assert await blockers(node) == set()
    await node.publish("Welcome back.")
    await node.quiet()
    assert len(hostile_peer.sent_to("Create")) == 1


async def test_nobody_blocks_or_unblocks_for_somebody_else(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    mallory = hostile_peer.actor("mallory")
    assert await bring(node, hostile_peer, "Block", mallory, alice) == "ignored"
    block = hostile_peer.activity("Block", alice, node.group)
    await hostile_peer.send(f"{node.group}/inbox", block)
    await node.quiet()
    await bring(node, hostile_peer, "Undo", mallory, block["id"])
    await bring(node, hostile_peer, "Undo", mallory, block)
    assert await blockers(node) == {f"{alice}/inbox"}


async def test_who_leaves_takes_her_blocks_along(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    await bring(node, hostile_peer, "Block", alice, node.group)
    await bring(node, hostile_peer, "Delete", alice, alice)
    assert await node.read(lambda tx: list(tx.execute(blocks.blocks.select()))) == []


# ---- moves


async def test_one_who_moves_is_followed_at_the_new_address(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    new = hostile_peer.actor("alice2", alsoKnownAs=[alice])
    hostile_peer.actor("alice", movedTo=new)
    assert await bring(node, hostile_peer, "Move", alice, alice, target=new) == "done"
    assert [await state(node, node.group, alice), await state(node, node.group, new)] == ["ended", "pending"]
    follow = hostile_peer.sent_to("Follow")[-1]
    assert (follow["actor"], follow["object"]) == (node.group, new)
    assert hostile_peer.sent_to("Undo")[-1]["object"]["object"] == alice
    assert await bring(node, hostile_peer, "Accept", new, follow) == "done"
    assert await state(node, node.group, new) == "accepted"


@pytest.mark.parametrize(
    ("old_says", "new_says"),
    [
        ({}, {"alsoKnownAs": ["OLD"]}),
        ({"movedTo": "NEW"}, {}),
        ({"movedTo": "NEW"}, {"alsoKnownAs": "https://else.example/u"}),
        ({"movedTo": "https://else.example/u"}, {"alsoKnownAs": ["OLD"]}),
    ],
)
async def test_a_move_that_one_of_both_does_not_know_of_changes_nothing(
    node: ServedNode, hostile_peer: Peer, alice: str, old_says: dict[str, Any], new_says: dict[str, Any]
) -> None:
    new = f"{hostile_peer.origin}/users/alice2"

    def filled(value: Any) -> Any:
        one = [value] if isinstance(value, str) else value
        return [text.replace("OLD", alice).replace("NEW", new) for text in one]

    hostile_peer.actor("alice2", **{name: filled(value) for name, value in new_says.items()})
    hostile_peer.actor("alice", **{name: filled(value)[0] for name, value in old_says.items()})
    await bring(node, hostile_peer, "Move", alice, alice, target=new)
    assert [await state(node, node.group, alice), await state(node, node.group, new)] == ["pending", None]
    assert len(hostile_peer.sent_to("Follow")) == 1 and not hostile_peer.sent_to("Undo")


async def test_nobody_moves_somebody_else(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    mallory = hostile_peer.actor("mallory", alsoKnownAs=[alice])
    assert await bring(node, hostile_peer, "Move", mallory, alice, target=mallory) == "refused"
    assert await bring(node, hostile_peer, "Move", mallory, mallory, target=alice) == "ignored"
    assert await bring(node, hostile_peer, "Move", alice, alice) == "refused"
    assert await bring(node, hostile_peer, "Move", alice, alice, target=node.group) == "refused"
    assert await state(node, node.group, alice) == "pending"
    assert hostile_peer.asked["/users/mallory"] == 1  # for the key of its request


async def test_one_who_moves_every_day_is_followed_once_a_week(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    away = hostile_peer.actor("away", alsoKnownAs=[alice], movedTo=alice)
    hostile_peer.actor("alice", alsoKnownAs=[away], movedTo=away)
    assert await bring(node, hostile_peer, "Move", alice, alice, target=away) == "done"
    assert await bring(node, hostile_peer, "Move", away, away, target=alice) == "done"
    assert await bring(node, hostile_peer, "Move", alice, alice, target=away) == "ignored"
    assert len(hostile_peer.sent_to("Follow")) == 3
    node.clock.advance(timedelta(days=8))
    assert await bring(node, hostile_peer, "Move", alice, alice, target=away) == "done"
    assert await state(node, node.group, away) == "pending"


async def test_a_move_to_a_suspended_host_is_not_followed(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    await node.write(
        actions.set_policy, "bad.example", Severity.REJECT, "spam", actor=node.group, member=await node.steward()
    )
    assert await bring(node, hostile_peer, "Move", alice, alice, target="https://bad.example/u") == "refused"
    assert await state(node, node.group, alice) == "pending"
