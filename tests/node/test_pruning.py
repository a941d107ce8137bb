"""What is kept about people has an end."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import func, select

from node import activities, actors, pruning
from node.context import Transaction
from node.members import actions as members
from node.members.store import sessions
from node.peering import store as follows
from node.peering.rules import Follow
from node.statements import store as statements
from tests.nodes.peer import Peer
from tests.nodes.served import PASSWORD, ServedNode


def incoming(tx: Transaction) -> int:
    table = activities.activities
    return int(tx.execute(select(func.count()).where(table.c.direction == "in")).scalar_one())


def open_sessions(tx: Transaction) -> int:
    return int(tx.execute(select(func.count()).select_from(sessions)).scalar_one())


async def test_raw_activities_of_others_go_after_thirty_days(node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor("ana")
    follow = hostile_peer.activity("Follow", actor, node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", follow) == 202
    await node.quiet()
    node.clock.advance(timedelta(days=29))
    await pruning.prune(node.node)
    assert await node.read(incoming) == 1
    node.clock.advance(timedelta(days=2))
    await pruning.prune(node.node)
    assert await node.read(incoming) == 0
    assert await node.read(follows.count_followers, node.group) == 1, "what it meant stays"


async def test_what_had_no_effect_is_forgotten_at_once_and_gone_after_a_day(
    node: ServedNode, hostile_peer: Peer
) -> None:
    actor = hostile_peer.actor("ana")
    like = hostile_peer.activity("Like", actor, f"{node.origin}/statements/none", content="words for nobody")
    undo = hostile_peer.activity("Undo", actor, hostile_peer.id("likes"))
    for activity in (like, undo):
        assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
    assert await node.fate(like) == "ignored"
    assert (await node.read(activities.find, like["id"], actor=actor)).document == b"{}"
    node.clock.advance(timedelta(days=1, minutes=1))
    await pruning.prune(node.node)
    assert await node.fate(like) is None
    assert await node.fate(undo) is not None, "it counts if what it takes back comes later"


async def test_of_a_large_activity_only_its_effect_is_left_after_a_day(node: ServedNode, hostile_peer: Peer) -> None:
    actor, ours = hostile_peer.actor("ana"), await node.publish("Who comes?")
    like = hostile_peer.activity("Like", actor, ours, padding=secrets.token_urlsafe(30_000))
    small = hostile_peer.activity("Announce", actor, ours)
    for activity in (like, small):
        assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
    await node.quiet()
    await pruning.prune(node.node)
    assert len((await node.read(activities.find, like["id"], actor=actor)).document) > 30_000
    node.clock.advance(timedelta(days=1, minutes=1))
    await pruning.prune(node.node)
    assert (await node.read(activities.find, like["id"], actor=actor)).document == b"{}"
    assert (await node.read(activities.find, small["id"], actor=actor)).document != b"{}"
    assert (await node.read(statements.reaction_counts, ours))["Like"] == 1


async def test_ended_follows_and_sessions_go(node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor("ana")
    await node.node.directory.actor(actor)
    await node.write(follows.put, follower=actor, followed=node.group, activity="x", state=Follow.ENDED)
    assert await members.log_in(node.node, "steward", PASSWORD) is not None
    node.clock.advance(timedelta(days=31))
    await pruning.prune(node.node)
    assert await node.read(follows.find, follower=actor, followed=node.group) is None
    assert await node.read(open_sessions) == 0


async def test_of_somebody_who_left_only_that_she_left_is_known(node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor("ana", name="Ana of the night shift")
    note = hostile_peer.note(actor, "<p>to you</p>", cc=[node.group])
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", actor, note)) == 202
    await node.quiet()
    assert await node.holds(note["id"])
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Delete", actor, actor)) == 202
    await node.quiet()
    assert not await node.holds(note["id"])
    row = await node.read(actors.find, actor)
    assert row.gone is not None
    assert (row.name, row.handle, row.document) == (None, None, None)


async def test_a_deleted_post_leaves_the_log_too(node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor("ana")
    note = hostile_peer.note(actor, "<p>a word she takes back</p>", cc=[node.group])
    create = hostile_peer.activity("Create", actor, note)
    assert await hostile_peer.send(f"{node.origin}/inbox", create) == 202
    await node.quiet()
    kept = await node.read(activities.find, create["id"], actor=actor)
    assert b"takes back" in kept.document
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Delete", actor, note["id"])) == 202
    await node.quiet()
    kept = await node.read(activities.find, create["id"], actor=actor)
    assert kept.document == b"{}"
