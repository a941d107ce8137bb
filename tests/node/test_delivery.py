"""Deliveries among hosts that hang, inboxes that are gone, and what goes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from node import activities, actors, lost_inboxes
from node.context import Transaction
from node.jobs import Priority
from node.peering import store as follows
from node.statements import actions as statements
from node.statements.rules import Draft
from tests.conftest import NODES_AT_MOST
from tests.node.following import deliveries, document, followed_by
from tests.nodes import peer as peers
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually, free_port

FOREVER_SECONDS = 600  # longer than any test waits


@pytest.fixture
async def other_peer(key_sets: list[Path]) -> AsyncIterator[Peer]:
    async with peers.peer(key_sets[NODES_AT_MOST - 1]) as one:
        yield one


@asynccontextmanager
async def silent_hosts(count: int) -> AsyncIterator[list[str]]:
    """Servers that take every connection and never say a word; their origins."""
    writers: list[asyncio.StreamWriter] = []

    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    servers, origins = [], []
    for _ in range(count):
        port = free_port()
        servers.append(await asyncio.start_server(listen, "127.0.0.1", port))
        origins.append(f"http://127.0.0.1:{port}")
    try:
        yield origins
    finally:
        for writer in writers:
            writer.close()
        for server in servers:
            server.close()


async def arrived(peer: Peer, count: int) -> None:
    async def all_there() -> bool:
        return len(peer.taken) >= count

    await eventually(all_there)


async def test_hosts_that_hang_slow_nobody(serve: Callable[..., Any], hostile_peer: Peer) -> None:
    """More of them than there are places, each with several followers, and all of them first in the queue."""
    node = await serve(0, settings={"federation.request_timeout": FOREVER_SECONDS})  # none of them ends while we wait
    async with silent_hosts(30) as origins:
        for number, origin in enumerate(origins):
            silent = Peer(origin, hostile_peer.rsa, hostile_peer.ed25519, hostile_peer.http)
            await followed_by(node, silent, 6, name=f"a{number}")
        await followed_by(node, hostile_peer, 200, name="zoe")
        await node.publish()
        await arrived(hostile_peer, 200)
        assert await deliveries(node) >= 30 * 6


async def test_an_accept_does_not_wait_behind_a_fan_out(
    serve: Callable[..., Any], hostile_peer: Peer, other_peer: Peer
) -> None:
    places = {"federation.deliveries_at_once": 8, "federation.deliveries_per_host": 8}
    node = await serve(0, settings=places | {"federation.request_timeout": FOREVER_SECONDS})
    await followed_by(node, hostile_peer, 300)

    def hang(_: object) -> None:
        if len(hostile_peer.received) >= 100:
            hostile_peer.inbox_open.clear()

    hostile_peer.every_request.append(hang)
    await node.publish()
    await eventually(lambda: _hang(hostile_peer))
    for one in (other_peer, hostile_peer):
        alice = one.actor("alice")
        assert await one.send(f"{node.group}/inbox", one.activity("Follow", alice, node.group)) == 202
    await eventually(lambda: _accepted(other_peer))  # whatever hangs, there is a place for it

    async def promised() -> bool:
        return await deliveries(node, hostile_peer.host, Priority.ANSWER) == 1

    await eventually(promised)
    before = len(hostile_peer.received)
    hostile_peer.every_request.clear()
    hostile_peer.inbox_open.set()
    await eventually(lambda: _accepted(hostile_peer))
    kinds = [one["type"] for one in hostile_peer.received]
    assert kinds.index("Accept") < before + 64 < 200, "it goes before whatever was not under way yet"


async def _hang(peer: Peer) -> bool:
    return len(peer.received) - len(peer.taken) >= 7  # one place is for answers


async def _accepted(peer: Peer) -> bool:
    return bool(peer.sent_to("Accept"))


async def test_a_delete_goes_behind_everything_and_slowly(node: ServedNode, hostile_peer: Peer) -> None:
    await followed_by(node, hostile_peer, 40)
    statement = await node.publish()
    await arrived(hostile_peer, 40)
    await node.quiet()

    def delete(tx: Transaction) -> None:
        group = actors.main_group(tx)
        activity = activities.make(tx, "Delete", actor=group.iri, object=statement, to=[actors.followers_of(group.iri)])
        activities.send(tx, activity, [one.inbox for one in follows.recipients(tx, group.iri)])

    moments: list[float] = []
    hostile_peer.every_request.append(lambda _: moments.append(asyncio.get_running_loop().time()))
    begun = asyncio.get_running_loop().time()
    steward = await node.steward()

    def delete_and_publish(tx: Transaction) -> None:
        delete(tx)
        statements.publish(tx, Draft(text="Meanwhile."), actor=node.group, member=steward)

    await node.write(delete_and_publish)
    await arrived(hostile_peer, 120)
    kinds = [one["type"] for _, one in hostile_peer.taken[40:]]
    assert moments[-1] - begun >= 20 * activities.BETWEEN_DELETES.total_seconds()
    assert kinds[-5:] == ["Delete"] * 5 and kinds.index("Create") < 30


async def test_an_inbox_that_is_gone_is_sent_nothing_more(node: ServedNode, hostile_peer: Peer) -> None:
    await followed_by(node, hostile_peer, 3)
    gone = "/users/follower1/inbox"
    hostile_peer.inbox_statuses[gone] = 410
    for _ in range(3):
        await node.publish()
        await node.quiet()
    assert hostile_peer.asked[gone] == 1
    assert hostile_peer.asked["/users/follower2/inbox"] == 3
    assert await deliveries(node) == 0


async def test_an_inbox_that_is_not_found_is_given_some_days(node: ServedNode, hostile_peer: Peer) -> None:
    await followed_by(node, hostile_peer, 2)
    path = "/users/follower1/inbox"
    hostile_peer.inbox_statuses[path] = 404
    await node.publish("First.")
    await node.quiet()
    assert await deliveries(node) == 1, "a proxy may be set up wrongly for an evening"
    for _ in range(20):
        node.clock.advance(timedelta(hours=6))
        await node.quiet()
    assert 5 <= hostile_peer.asked[path] <= 8
    assert await deliveries(node) == 0
    await node.publish("Second.")
    await node.quiet()
    assert hostile_peer.asked[path] <= 8
    assert len(hostile_peer.taken) == 2
    node.clock.advance(timedelta(days=100))
    await node.write(lost_inboxes.prune)
    hostile_peer.inbox_statuses.clear()
    await node.publish("Third.")
    await arrived(hostile_peer, 4)


async def test_an_inbox_that_was_not_found_for_an_evening_loses_nothing(node: ServedNode, hostile_peer: Peer) -> None:
    await followed_by(node, hostile_peer)
    hostile_peer.inbox_status = 404
    await node.publish("First.")
    await node.quiet()
    hostile_peer.inbox_status = 202
    node.clock.advance(timedelta(hours=15))
    await arrived(hostile_peer, 1)
    await node.quiet()
    assert (await node.contents())["lost_inboxes"] == []


async def test_whoever_follows_again_is_there_again(node: ServedNode, hostile_peer: Peer) -> None:
    (alice,) = await followed_by(node, hostile_peer)
    hostile_peer.inbox_status = 410
    await node.publish()
    await node.quiet()
    hostile_peer.inbox_status = 202
    assert await hostile_peer.send(f"{node.group}/inbox", hostile_peer.activity("Follow", alice, node.group)) == 202
    await node.quiet()
    await node.publish("Again.")
    await arrived(hostile_peer, 2)
    assert [one["type"] for _, one in hostile_peer.taken] == ["Accept", "Create"]


@pytest.mark.parametrize("status", [404, 410])
async def test_where_a_shared_inbox_is_gone_everybody_gets_her_own(
    node: ServedNode, hostile_peer: Peer, status: int
) -> None:
    shared = f"{hostile_peer.origin}/inbox"
    iris = await followed_by(node, hostile_peer, 3, endpoints={"sharedInbox": shared})
    assert document(hostile_peer, iris[0])["endpoints"]
    first = await node.publish("First.")
    await arrived(hostile_peer, 1)
    assert [path for path, _ in hostile_peer.taken] == ["/inbox"]
    hostile_peer.inbox_statuses["/inbox"] = status
    second = await node.publish("Second.")
    await arrived(hostile_peer, 4)
    third = await node.publish("Third.")
    await arrived(hostile_peer, 7)
    await node.quiet()
    personal = {f"/users/follower{number}/inbox" for number in range(3)}
    for iri, wanted in ((first, {"/inbox"}), (second, personal), (third, personal)):
        assert {path for path, one in hostile_peer.taken if one["object"]["id"] == iri} == wanted
    assert hostile_peer.asked["/inbox"] == (2 if status == 410 else 3)
    assert await deliveries(node) == 0


async def test_being_followed_makes_nobody_followed(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    assert await hostile_peer.send(f"{node.group}/inbox", hostile_peer.activity("Follow", alice, node.group)) == 202
    await node.quiet()
    assert [one["type"] for one in hostile_peer.received] == ["Accept"]
    assert await node.read(follows.count_following, node.group) == 0


async def test_what_was_taken_back_before_it_was_sent_is_not_sent(node: ServedNode, hostile_peer: Peer) -> None:
    await followed_by(node, hostile_peer, 6)
    hostile_peer.inbox_status = 503
    await node.publish("First.")
    await node.quiet()
    await node.publish("We did not mean that.")
    await node.write(activities.forget_all_of, node.group)
    assert await deliveries(node) == 12
    hostile_peer.inbox_status = 202
    node.clock.advance(timedelta(hours=1))

    async def over() -> bool:
        node.clock.advance(timedelta(seconds=2))  # one probe after the other ends before its host is asked
        return await deliveries(node) == 0

    await eventually(over)
    assert not any("did not mean" in repr(one) for one in hostile_peer.received)
