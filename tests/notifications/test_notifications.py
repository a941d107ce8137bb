"""What others do that concerns a group becomes one notification, and goes when it is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from node.context import Transaction
from node.decisions import actions as decisions
from node.decisions.rules import Choice, Method, Rule
from node.members import actions as members
from node.members import viewers
from node.members.viewers import Viewer
from node.notifications import listing, policies, store
from node.notifications.listing import Wanted
from node.notifications.rules import FILTER, Kind, Sender
from node.peering import actions as peering
from node.window import Window
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually

ALL = Window(limit=40)


def kinds(tx: Transaction) -> list[tuple[str, str]]:
    rows = tx.execute(select(store.notifications).order_by(store.notifications.c.id))
    return [(row.kind, row.actor) for row in rows]


def viewer_of(tx: Transaction, name: str, actor: str | None) -> Viewer:
    member = members.named(tx, name)
    return Viewer(viewers.enter(tx, member.id, actor), member, actor, frozenset({"read"}))


async def test_what_a_stranger_does_is_told_once_and_goes_when_it_is_taken_back(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ana, inbox = hostile_peer.actor("ana"), f"{node.origin}/inbox"
    iri = await node.publish("We are on strike.")
    mention = {"type": "Mention", "href": node.group, "name": node.handle}
    answer = hostile_peer.note(ana, "<p>Solidarity!</p>", inReplyTo=iri, tag=[mention])
    like, boost = hostile_peer.activity("Like", ana, iri), hostile_peer.activity("Announce", ana, iri)
    follow = hostile_peer.activity("Follow", ana, node.group)
    create = hostile_peer.activity("Create", ana, answer)
    for activity in (like, boost, follow, create, like, create):
        assert await hostile_peer.send(inbox, activity) == 202
    wanted = {(kind.value, ana) for kind in (Kind.FAVOURITE, Kind.REBLOG, Kind.FOLLOW, Kind.MENTION)}

    async def told() -> bool:
        found = await node.read(kinds)
        return set(found) == wanted and len(found) == len(wanted)

    await eventually(told)
    await node.quiet()
    assert await told()

    viewer = await node.write(viewer_of, "steward", node.group)
    shown = await node.read(listing.listed, viewer, Wanted(), ALL)
    assert len(shown) == 4
    assert [row.kind for row in await node.read(listing.listed, viewer, Wanted(kinds=[Kind.FOLLOW]), ALL)] == ["follow"]
    assert await node.read(listing.unread, viewer, Wanted(), after=shown[1].id, at_most=100) == 1
    await node.write(store.dismiss, viewer.id, [shown[0].id])
    assert len(await node.read(listing.listed, viewer, Wanted(), ALL)) == 3

    for taken_back in (like, boost, follow):
        undo = hostile_peer.activity("Undo", ana, taken_back)
        assert await hostile_peer.send(inbox, undo) == 202
    gone = hostile_peer.activity("Delete", ana, {"id": answer["id"], "type": "Tombstone"})
    assert await hostile_peer.send(inbox, gone) == 202

    async def nothing() -> bool:
        return not await node.read(kinds)

    await eventually(nothing)


async def test_a_viewer_s_list_is_hers_and_strangers_wait_where_she_wants_it(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ana, inbox = hostile_peer.actor("ana"), f"{node.origin}/inbox"
    iri = await node.publish("We are on strike.")
    assert await hostile_peer.send(inbox, hostile_peer.activity("Like", ana, iri)) == 202

    async def one() -> Any:
        return len(await node.read(kinds)) == 1

    await eventually(one)
    viewer = await node.write(viewer_of, "steward", node.group)
    reader = await node.write(viewer_of, "steward", None)
    assert await node.read(listing.listed, reader, Wanted(), ALL) == []

    await node.write(policies.put, viewer.id, {Sender.NOT_FOLLOWED: FILTER})
    assert await node.read(listing.listed, viewer, Wanted(), ALL) == []
    assert len(await node.read(listing.listed, viewer, Wanted(filtered=True), ALL)) == 1
    (waits,) = await node.read(policies.requests, viewer.id, node.group, limit=10)
    assert (waits.actor, waits.number) == (ana, 1)
    await node.write(policies.put_away, viewer.id, [ana])
    assert await node.read(policies.requests, viewer.id, node.group, limit=10) == []
    await node.write(policies.accept, viewer.id, [ana])
    assert len(await node.read(listing.listed, viewer, Wanted(), ALL)) == 1

    await node.write(store.clear, viewer.id)
    assert await node.read(listing.listed, viewer, Wanted(), ALL) == []
    node.clock.advance(timedelta(days=31))
    await node.write(store.prune)
    assert await node.read(kinds) == []


async def test_a_vote_is_told_while_it_is_open(node: ServedNode, hostile_peer: Peer) -> None:
    steward, ana = await node.steward(), hostile_peer.actor("ana")
    await node.follow(f"@ana@{hostile_peer.host}")
    member = await node.write(members.add, "zoe", "correct horse battery", actor=node.group, role="steward")
    two = Rule(Method.APPROVALS, approvals=2)
    await node.write(decisions.change_rule, "follow", two, actor=node.group, member=steward)
    await node.write(peering.unfollow, ana, actor=node.group, member=steward)
    assert await node.read(kinds) == [(Kind.VOTE.value, node.group)]
    viewer = await node.write(viewer_of, "zoe", node.group)
    (vote,) = await node.read(listing.listed, viewer, Wanted(), ALL)
    await node.write(decisions.cast, int(vote.iri), member=member, choice=Choice.FOR)
    assert await node.read(kinds) == []
