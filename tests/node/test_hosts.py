"""A host that fails: left alone, probed, unreachable, and back again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from federation.retrying import FAILURES_IN_A_ROW
from node import hosts, jobs, worker
from tests.conftest import NODES_AT_MOST
from tests.node.following import deliveries, followed_by
from tests.nodes import peer as peers
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually

PER_HOST = 4
POLLED_TWICE_SECONDS = 2 * worker.POLL_SECONDS + 0.2


@pytest.fixture
async def other_peer(key_sets: list[Path]) -> AsyncIterator[Peer]:
    async with peers.peer(key_sets[NODES_AT_MOST - 1]) as one:
        yield one


async def state(node: ServedNode, peer: Peer) -> Any:
    return await node.read(hosts.find, peer.host)


async def left_alone(node: ServedNode, peer: Peer) -> Any:
    async def resting() -> Any:
        row = await state(node, peer)
        return row if row is not None and row.next_try is not None and not row.probing else None

    row = await eventually(resting)
    await node.quiet()
    return row


async def pass_the_time(node: ServedNode, peer: Peer) -> None:
    """Go to the next probe and see it fail."""
    before = len(peer.received)
    row = await left_alone(node, peer)
    node.clock.advance(row.next_try - node.clock() + timedelta(seconds=1))
    node.node.bell.ring(jobs.TOPIC)
    await eventually(lambda: _more(peer, before))

    async def judged() -> bool:
        row = await state(node, peer)
        return row is not None and not row.probing

    await eventually(judged)


async def _more(peer: Peer, than: int) -> bool:
    return len(peer.received) > than


async def until_unreachable(node: ServedNode, peer: Peer) -> Any:
    for _ in range(60):
        row = await state(node, peer)
        if row is not None and row.unreachable_since is not None:
            return row
        if row is None or row.next_try is None:
            node.clock.advance(timedelta(hours=1))  # too few failures yet: each delivery waits for its own time
            await node.quiet()
        else:
            await pass_the_time(node, peer)
    raise AssertionError("it should have been given up")


async def test_a_host_that_fails_is_left_alone_but_for_one_probe_and_then_gets_everything(
    node: ServedNode, hostile_peer: Peer
) -> None:
    await followed_by(node, hostile_peer, 30)
    hostile_peer.inbox_status = 500
    await node.publish()
    await left_alone(node, hostile_peer)
    assert FAILURES_IN_A_ROW <= len(hostile_peer.received) < FAILURES_IN_A_ROW + PER_HOST
    assert await deliveries(node) == 30
    for _ in range(3):
        before = len(hostile_peer.received)
        await pass_the_time(node, hostile_peer)
        await left_alone(node, hostile_peer)
        assert len(hostile_peer.received) == before + 1
    await node.publish("While it was away.")
    await node.quiet()
    hostile_peer.inbox_status, before = 202, len(hostile_peer.received)
    await asyncio.sleep(1.2)
    assert len(hostile_peer.received) == before, "new deliveries rest as well"
    node.clock.advance(timedelta(hours=1))

    async def all_there() -> bool:
        return len(hostile_peer.taken) == 60

    await eventually(all_there)
    await node.quiet()
    assert await state(node, hostile_peer) is None
    assert await deliveries(node) == 0


async def test_a_probe_that_hangs_is_the_only_one(node: ServedNode, hostile_peer: Peer) -> None:
    await followed_by(node, hostile_peer, 10)
    hostile_peer.inbox_status = 503
    await node.publish()
    await left_alone(node, hostile_peer)
    before = len(hostile_peer.received)
    hostile_peer.inbox_open.clear()
    node.clock.advance(timedelta(minutes=2))
    await eventually(lambda: _more(hostile_peer, before))
    await asyncio.sleep(POLLED_TWICE_SECONDS)
    assert len(hostile_peer.received) == before + 1
    hostile_peer.inbox_open.set()
    await left_alone(node, hostile_peer)


async def test_one_inbox_that_fails_is_not_a_host_that_fails(node: ServedNode, hostile_peer: Peer) -> None:
    iris = await followed_by(node, hostile_peer, 12)
    hostile_peer.inbox_statuses["/users/follower3/inbox"] = 500
    for number in range(7):
        await node.publish(f"Number {number}.")
        await node.quiet()
    assert len(hostile_peer.taken) == 7 * (len(iris) - 1)
    row = await state(node, hostile_peer)
    assert row is None or row.next_try is None


async def test_a_host_that_asks_for_time_gets_it(node: ServedNode, hostile_peer: Peer) -> None:
    await followed_by(node, hostile_peer, 20)
    hostile_peer.inbox_status, hostile_peer.inbox_headers = 429, {"Retry-After": "1200"}
    await node.publish()
    await left_alone(node, hostile_peer)
    before = len(hostile_peer.received)
    assert before <= PER_HOST
    hostile_peer.inbox_status, hostile_peer.inbox_headers = 202, {}
    node.clock.advance(timedelta(minutes=19))
    await asyncio.sleep(1.2)
    assert len(hostile_peer.received) == before
    node.clock.advance(timedelta(minutes=6))

    async def all_there() -> bool:
        return len(hostile_peer.taken) == 20

    await eventually(all_there)


async def test_after_a_week_a_host_is_unreachable_and_nothing_is_promised_for_it(
    node: ServedNode, hostile_peer: Peer
) -> None:
    await followed_by(node, hostile_peer, 2)
    hostile_peer.inbox_status = 502
    await node.publish()
    row = await until_unreachable(node, hostile_peer)
    assert row.unreachable_since - row.failing_since >= timedelta(days=7)
    assert len(hostile_peer.received) < 40
    assert await deliveries(node) == 0
    await node.publish("Into the void.")
    node.clock.advance(timedelta(days=30))
    await asyncio.sleep(1.2)
    assert await deliveries(node) == 0
    said = (await commonwire("queue", "show", node.directory, "--json")).out
    assert json.loads(said)["peers"][0]["state"] == "unreachable"
    said = (await commonwire("queue", "show", node.directory)).out
    assert f"{hostile_peer.host}  unreachable since" in said and "502" in said


async def test_a_peer_that_comes_back_after_a_month_gets_what_it_missed(node: ServedNode, hostile_peer: Peer) -> None:
    follower, *_ = await followed_by(node, hostile_peer, 2)
    hostile_peer.inbox_status = 502
    statements = [await node.publish("Before.")]
    await until_unreachable(node, hostile_peer)
    statements.append(await node.publish("Meanwhile."))
    node.clock.advance(timedelta(days=30))
    hostile_peer.inbox_status = 202
    like = hostile_peer.activity("Like", follower, statements[0])
    headers = {"Signature": 'keyId="x"'}
    assert await hostile_peer.send(f"{node.origin}/inbox", like, headers=headers, now=node.clock()) >= 400
    assert await state(node, hostile_peer) is not None, "anybody could say so"
    assert await hostile_peer.send(f"{node.origin}/inbox", like, now=node.clock()) == 202

    async def all_there() -> bool:
        there = {(path, one["object"]["id"]) for path, one in hostile_peer.taken if one["type"] == "Create"}
        return there == {(f"/users/follower{n}/inbox", iri) for n in (0, 1) for iri in statements}

    await eventually(all_there)
    assert await state(node, hostile_peer) is None


async def test_a_signed_fetch_is_a_sign_of_life_too(node: ServedNode, hostile_peer: Peer) -> None:
    from federation.signatures import cavage

    follower, *_ = await followed_by(node, hostile_peer)
    hostile_peer.inbox_status = 502
    await node.publish()
    await until_unreachable(node, hostile_peer)
    hostile_peer.inbox_status = 202
    for key_id in (f"{follower}#none", f"{hostile_peer.origin}/nobody#main-key", f"{follower}#main-key"):
        signed = cavage.sign("GET", node.group, key_id=key_id, key=hostile_peer.rsa, now=node.clock())
        async with hostile_peer.http.get(node.group, headers=signed | {"Accept": "application/activity+json"}) as got:
            assert got.status == 200

    async def arrived() -> bool:
        return len(hostile_peer.taken) == 1

    await eventually(arrived)


async def test_trying_again_by_hand_revives_a_peer(node: ServedNode, hostile_peer: Peer) -> None:
    await followed_by(node, hostile_peer, 3)
    hostile_peer.inbox_status = 502
    await node.publish()
    await until_unreachable(node, hostile_peer)
    hostile_peer.inbox_status = 202
    said = await commonwire("queue", "retry", node.directory, "--peer", "other.example")
    assert said.out == "to be tried again now: 0\n"
    said = await commonwire("queue", "retry", node.directory, "--peer", hostile_peer.host)
    assert f"no longer left alone: {hostile_peer.host}" in said.out

    async def arrived() -> bool:
        return len(hostile_peer.taken) == 3

    await eventually(arrived)


async def test_a_host_that_speaks_and_does_not_listen_is_not_probed_whenever_it_speaks(
    node: ServedNode, hostile_peer: Peer
) -> None:
    follower, *_ = await followed_by(node, hostile_peer, 8)
    hostile_peer.inbox_status = 500
    statement = await node.publish()
    await left_alone(node, hostile_peer)
    await pass_the_time(node, hostile_peer)
    await left_alone(node, hostile_peer)
    await node.node.hosts.look()
    before = len(hostile_peer.received)
    for _ in range(20):
        like = hostile_peer.activity("Like", follower, statement)
        assert await hostile_peer.send(f"{node.origin}/inbox", like, now=node.clock()) == 202
        node.node.hosts.look_again()
        await node.node.hosts.look()
    await asyncio.sleep(1.2)
    assert len(hostile_peer.received) == before
    hostile_peer.inbox_status = 202
    node.clock.advance(timedelta(minutes=11) - timedelta(seconds=30))
    row = await state(node, hostile_peer)
    if row is not None and row.next_try > node.clock():
        await hostile_peer.send(
            f"{node.origin}/inbox", hostile_peer.activity("Like", follower, statement), now=node.clock()
        )

    async def arrived() -> bool:
        return len(hostile_peer.taken) == 8

    await eventually(arrived)
