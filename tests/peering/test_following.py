"""Following and being followed, as the servers of others do it."""

from __future__ import annotations

import itertools
import json
from typing import Any

from node.peering import actions, store
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually


async def bring(node: ServedNode, peer: Peer, activity: dict[str, Any]) -> str | None:
    """Bring an activity in; what became of it."""
    assert await peer.send(f"{node.group}/inbox", activity) == 202, peer.last
    return await node.fate(activity)


async def followers(node: ServedNode) -> int:
    return int(await node.read(store.count_followers, node.group))


async def state(node: ServedNode, followed: str) -> str | None:
    row = await node.read(store.find, follower=node.group, followed=followed)
    return None if row is None else str(row.state)


async def test_a_follow_is_accepted_with_ids_and_its_own_id(node: ServedNode, hostile_peer: Peer) -> None:
    """Takahe loses an Accept whose embedded Follow has its actor as an object; NodeBB requires id, type, actor, object."""
    alice = hostile_peer.actor("alice")
    follow = hostile_peer.activity("Follow", alice, node.group)
    assert await bring(node, hostile_peer, follow) == "done"
    accept = hostile_peer.sent_to("Accept")[0]
    assert accept["actor"] == node.group
    assert accept["object"] == {"id": follow["id"], "type": "Follow", "actor": alice, "object": node.group}
    assert accept["to"] == [alice]
    assert await followers(node) == 1


FOLLOWS = {
    "by id": {},
    "with an actor as an object": {"actor": {"id": "ALICE", "type": "Person", "name": "Alice"}},
    "with an object as an object": {"object": {"id": "GROUP", "type": "Organization"}},
    "with a list of one object": {"object": ["GROUP"]},
    "with a list of one type": {"type": ["Follow"]},
    "to nobody": {"to": None, "cc": None},
    "with to as a text": {"to": "GROUP"},
    "without a context": {"@context": None},
    "with a fragment as its id": {"id": "ALICE#follows/1"},
    "with a query in its id": {"id": "ALICE?follow=1&x=%20"},
}


async def test_a_follow_is_understood_in_every_shape_that_others_send(node: ServedNode, hostile_peer: Peer) -> None:
    def filled(value: Any, alice: str) -> Any:
        if isinstance(value, str):
            return value.replace("ALICE", alice).replace("GROUP", node.group)
        if isinstance(value, list):
            return [filled(one, alice) for one in value]
        return {key: filled(one, alice) for key, one in value.items()} if isinstance(value, dict) else value

    for number, (name, shape) in enumerate(FOLLOWS.items()):
        alice = hostile_peer.actor(f"alice{number}")
        activity = hostile_peer.activity("Follow", alice, node.group) | filled(shape, alice)
        activity = {key: value for key, value in activity.items() if value is not None}
        assert await hostile_peer.send(f"{node.origin}/inbox", activity, key_id=f"{alice}#main-key") == 202, name
        await node.quiet()
        assert await node.read(store.find, follower=alice, followed=node.group) is not None, name
    assert await followers(node) == len(FOLLOWS)


async def test_every_inbox_takes_a_follow(node: ServedNode, hostile_peer: Peer) -> None:
    for inbox in ("/groups/union/inbox", "/inbox", "/actor/inbox"):
        follow = hostile_peer.activity("Follow", hostile_peer.actor(), node.group)
        assert await hostile_peer.send(node.origin + inbox, follow) == 202
        assert await node.fate(follow) == "done"
    assert await hostile_peer.send(f"{node.origin}/groups/none/inbox", follow) == 404


async def test_a_follow_of_something_that_is_no_group_means_nothing(node: ServedNode, hostile_peer: Peer) -> None:
    alice, ours = hostile_peer.actor("alice"), await node.publish()
    for wrong in (f"{node.origin}/actor", ours, f"{node.origin}/groups/none", alice, "https://victim.example/u/bob"):
        assert await bring(node, hostile_peer, hostile_peer.activity("Follow", alice, wrong)) == "ignored"
    assert hostile_peer.sent_to("Accept") == []
    assert await followers(node) == 0


async def test_a_repeated_follow_is_answered_again_and_counted_once(node: ServedNode, hostile_peer: Peer) -> None:
    """Whoever has lost our Accept asks again, with another id."""
    alice = hostile_peer.actor("alice")
    first, second = (hostile_peer.activity("Follow", alice, node.group) for _ in range(2))
    await bring(node, hostile_peer, first)
    await bring(node, hostile_peer, second)
    assert [one["object"]["id"] for one in hostile_peer.sent_to("Accept")] == [first["id"], second["id"]]
    assert await followers(node) == 1


UNDOS = ["by id", "embedded", "embedded without an id", "embedded with another id", "embedded with objects", "bare"]


async def test_an_undo_is_understood_in_every_shape_that_others_send(node: ServedNode, hostile_peer: Peer) -> None:
    for number, shape in enumerate(UNDOS):
        alice = hostile_peer.actor(f"alice{number}")
        follow = hostile_peer.activity("Follow", alice, node.group)
        await bring(node, hostile_peer, follow)
        assert await followers(node) == 1
        inner: Any = {
            "by id": follow["id"],
            "embedded": follow,
            "embedded without an id": {"type": "Follow", "actor": alice, "object": node.group},
            "embedded with another id": follow | {"id": f"{alice}#forgotten"},
            "embedded with objects": follow | {"actor": {"id": alice}, "object": {"id": node.group}},
            "bare": {"id": follow["id"], "type": "Follow"},
        }[shape]
        assert await bring(node, hostile_peer, hostile_peer.activity("Undo", alice, inner)) in ("done", "refused"), (
            shape
        )
        assert await followers(node) == 0, shape


async def test_an_undo_of_an_old_follow_does_not_end_a_newer_one(node: ServedNode, hostile_peer: Peer) -> None:
    """Follow, Undo, Follow, of which the Undo comes last."""
    alice = hostile_peer.actor("alice")
    first, second = (hostile_peer.activity("Follow", alice, node.group) for _ in range(2))
    for activity in (first, second, hostile_peer.activity("Undo", alice, first)):
        await bring(node, hostile_peer, activity)
    assert await followers(node) == 1


async def test_a_follow_that_is_sent_again_after_its_undo_changes_nothing(node: ServedNode, hostile_peer: Peer) -> None:
    """The very same request, caught on the way and replayed."""
    alice = hostile_peer.actor("alice")
    follow, inbox = hostile_peer.activity("Follow", alice, node.group), f"{node.origin}/inbox"
    body = json.dumps(follow).encode()
    headers = hostile_peer.signed(inbox, body, key_id=f"{alice}#main-key")
    assert await hostile_peer.post(inbox, body, headers) == 202
    await node.quiet()  # an answer that has not left goes with the follower
    await bring(node, hostile_peer, hostile_peer.activity("Undo", alice, follow))
    assert await hostile_peer.post(inbox, body, headers) == 202
    await node.quiet()
    assert await followers(node) == 0
    assert len(hostile_peer.sent_to("Accept")) == 1


ANSWERS = ["by id", "embedded", "embedded with our actor as an object", "bare"]


async def test_an_answer_is_understood_in_every_shape_that_others_send(node: ServedNode, hostile_peer: Peer) -> None:
    for (kind, expected), shape in itertools.product((("Accept", "accepted"), ("Reject", "rejected")), ANSWERS):
        alice = hostile_peer.actor(f"{kind}-{shape.replace(' ', '-')}")
        await node.follow(alice)
        await node.quiet()
        asked = hostile_peer.sent_to("Follow")[-1]
        assert asked["object"] == alice
        inner: Any = {
            "by id": asked["id"],
            "embedded": {key: value for key, value in asked.items() if key != "proof"},
            "embedded with our actor as an object": asked | {"actor": {"id": node.group, "type": "Organization"}},
            "bare": {"id": asked["id"], "type": "Follow"},
        }[shape]
        if shape.startswith("embedded with"):
            inner = {key: value for key, value in inner.items() if key != "proof"}
        assert await bring(node, hostile_peer, hostile_peer.activity(kind, alice, inner)) == "done", shape
        assert await state(node, alice) == expected, shape


async def test_a_rejection_after_the_acceptance_ends_the_hearing(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    await node.follow(alice)
    await node.quiet()
    asked = hostile_peer.sent_to("Follow")[0]["id"]
    await bring(node, hostile_peer, hostile_peer.activity("Accept", alice, asked))
    assert await node.read(store.is_heard, alice)
    await bring(node, hostile_peer, hostile_peer.activity("Reject", alice, asked))
    assert not await node.read(store.is_heard, alice)


async def test_an_answer_after_we_have_left_changes_nothing(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    await node.follow(alice)
    await node.quiet()
    asked = hostile_peer.sent_to("Follow")[0]["id"]
    await node.write(actions.unfollow, alice, actor=node.group, member=await node.steward())
    await node.quiet()
    undo = hostile_peer.sent_to("Undo")[0]
    assert undo["object"] == {"id": asked, "type": "Follow", "actor": node.group, "object": alice}
    await bring(node, hostile_peer, hostile_peer.activity("Accept", alice, asked))
    assert await state(node, alice) == "ended"
    assert not await node.read(store.is_heard, alice)


async def test_followers_and_following_show_how_many_and_nobody_s_name(
    two_nodes: tuple[ServedNode, ServedNode], hostile_peer: Peer
) -> None:
    first, second = two_nodes
    alice = hostile_peer.actor("alice")
    await bring(first, hostile_peer, hostile_peer.activity("Follow", alice, first.group))

    async def counted() -> bool:
        return (await first.activity(f"{first.group}/followers"))[1]["totalItems"] == 2

    await eventually(counted)
    for path in (f"{first.group}/followers", f"{first.group}/followers?page=1", f"{second.group}/following"):
        node = first if path.startswith(first.origin) else second
        status, document = await node.activity(path)
        assert status == 200
        assert document["type"] == "OrderedCollection"
        assert alice not in repr(document)
        assert not {"first", "items", "orderedItems", "next"} & set(document)
    assert (await second.activity(f"{second.group}/following"))[1]["totalItems"] == 1


async def test_a_follower_without_a_usable_inbox_is_not_entered(node: ServedNode, hostile_peer: Peer) -> None:
    for number, inbox in enumerate((None, "", "rubbish", "ftp://example.org/", 7, [])):
        alice = hostile_peer.actor(f"alice{number}", inbox=inbox)
        activity = hostile_peer.activity("Follow", alice, node.group)
        status = await hostile_peer.send(f"{node.origin}/inbox", activity)
        assert status == 202 or 400 <= status < 500, inbox
        await node.quiet()
    assert await followers(node) == 0


async def test_an_inbox_that_is_ours_or_inside_our_network_gets_nothing(node: ServedNode, hostile_peer: Peer) -> None:
    ours = f"{node.group}/inbox"
    for number, inbox in enumerate((ours, f"{node.origin}/inbox", "http://10.0.0.1/inbox", "http://[::1]:9/inbox")):
        alice = hostile_peer.actor(f"alice{number}", inbox=inbox)
        follow = hostile_peer.activity("Follow", alice, node.group)
        assert await hostile_peer.send(f"{node.origin}/inbox", follow) == 202
    await node.quiet()
    await node.publish()
    await node.quiet()
    incoming = [row for row in (await node.contents())["activities"] if "in" in row]
    assert {row[4] for row in incoming} == {"Follow"}
    assert [row for row in (await node.contents())["jobs"] if "deliver" in row] == []
