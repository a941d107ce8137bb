"""SIGTERM under load: what was accepted is there, what was under way is finished, nothing stays claimed, and the status is 0."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import aiohttp
from sqlalchemy import func, select

from node.activities import activities
from node.context import Transaction
from node.jobs import jobs
from tests.nodes.peer import Answer, Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import eventually
from tests.nodes.test_killed_nodes import add_followers, answered, config_origin, hear, in_database
from tests.nodes.test_service_manager import sqlite, started

STOP_SECONDS = 120  # four times TimeoutStopSec of the unit: a machine may be starved
PATIENCE_SECONDS = 8  # of a node that stands still


def logged(tx: Transaction) -> set[str]:
    return set(tx.execute(select(activities.c.iri).where(activities.c.direction == "in")).scalars())


def claimed(tx: Transaction) -> int:
    return int(tx.execute(select(func.count()).where(jobs.c.claimed_until.is_not(None))).scalar_one())


def waiting(tx: Transaction) -> int:
    return int(tx.execute(select(func.count()).select_from(jobs)).scalar_one())


async def stop(process: asyncio.subprocess.Process, number: signal.Signals = signal.SIGTERM) -> int:
    """Ask the process to stop: its status."""
    process.send_signal(number)
    return await asyncio.wait_for(process.wait(), STOP_SECONDS)


async def test_nothing_that_was_accepted_is_lost_when_a_node_is_stopped_under_load(
    make_node: Callable[..., Path], hostile_peer: Peer
) -> None:
    directory = await asyncio.to_thread(make_node, 0)
    author = hostile_peer.actor("ana")
    await in_database(directory, hear, author)
    inbox = f"{await asyncio.to_thread(config_origin, directory)}/inbox"
    accepted: list[str] = []
    refused: list[int] = []

    async def keep_sending() -> None:
        while True:
            activity = hostile_peer.activity("Create", author, hostile_peer.note(author))
            try:
                status = await hostile_peer.send(inbox, activity)
            except aiohttp.ClientError:
                return
            (accepted if status == 202 else refused).append(activity["id"] if status == 202 else status)

    async with started(directory) as process:
        assert process.stdout is not None
        await process.stdout.readline()
        first = hostile_peer.activity("Create", author, hostile_peer.note(author))
        assert await hostile_peer.send(inbox, first) == 202, "and from now on her key is known"
        senders = [asyncio.create_task(keep_sending()) for _ in range(20)]
        while len(accepted) < 200:
            await asyncio.sleep(0.001)
        before = len(accepted)
        status = await stop(process)
        await asyncio.gather(*senders)
        errors = await process.stderr.read() if process.stderr is not None else b""
    assert status == 0, errors.decode()
    assert b"Traceback" not in errors, errors.decode()
    assert refused == []
    assert len(accepted) >= before
    assert set(accepted) <= await in_database(directory, logged)


async def test_a_request_under_way_is_answered(make_node: Callable[..., Path], hostile_peer: Peer) -> None:
    directory = await asyncio.to_thread(
        make_node,
        0,
    )
    origin = await asyncio.to_thread(config_origin, directory)
    asked = asyncio.Event()
    actor = hostile_peer.actor("slow")
    document = answered(hostile_peer, "slow")

    def served() -> Answer:
        asked.set()
        return Answer(document)

    hostile_peer.served["/users/slow"] = served
    async with started(directory) as process:
        assert process.stdout is not None
        await process.stdout.readline()
        follow = hostile_peer.activity("Follow", actor, f"{origin}/groups/union")
        sending = asyncio.create_task(hostile_peer.send(f"{origin}/inbox", follow))
        await asyncio.wait_for(asked.wait(), 60)
        assert await stop(process) == 0
        assert await sending == 202, "its key was being fetched when the node was told to stop"
    assert follow["id"] in await in_database(directory, logged)


async def test_deliveries_under_way_are_finished_and_the_rest_is_free_for_the_next(
    make_node: Callable[..., Path], hostile_peer: Peer
) -> None:
    # What has arrived and is not answered must not be given up meanwhile: it would be sent again.
    directory = await asyncio.to_thread(make_node, 0, more="federation.request_timeout = 600")
    names = [f"follower{number}" for number in range(150)]
    for name in names:
        hostile_peer.actor(name)
    await in_database(directory, add_followers, [answered(hostile_peer, name) for name in names])

    middle = asyncio.Event()

    def stay_under_way(_: object) -> None:
        if len(hostile_peer.received) >= 20:
            hostile_peer.inbox_open.clear()
            middle.set()

    hostile_peer.every_request.append(stay_under_way)
    statement = directory / "statement.md"
    await asyncio.to_thread(statement.write_text, "To everybody.\n")
    async with started(directory) as process:
        said = await commonwire("publish", directory, statement)
        assert said.status == 0, said.err
        await asyncio.wait_for(middle.wait(), 60)
        stopping = asyncio.create_task(stop(process))
        await asyncio.wait([stopping], timeout=2)
        assert not stopping.done(), "it was to wait for what is under way"
        hostile_peer.every_request.clear()
        hostile_peer.inbox_open.set()
        status = await stopping
        assert process.stderr is not None
        assert status == 0, (await process.stderr.read()).decode()
    arrived = len(hostile_peer.received)
    assert arrived < len(names), "the node was to stop in the middle"
    assert await in_database(directory, claimed) == 0
    assert await in_database(directory, waiting) == len(names) - arrived, "what arrived is not sent again"
    async with started(directory) as process:

        async def everybody() -> bool:
            return len({path for path in hostile_peer.asked if path.endswith("/inbox")}) == len(names)

        await eventually(everybody)
    assert max(count for path, count in hostile_peer.asked.items() if path.endswith("/inbox")) == 1


@sqlite
async def test_a_node_that_stood_still_does_not_send_again_what_had_arrived(
    make_node: Callable[..., Path], hostile_peer: Peer
) -> None:
    """A starved machine finds that the time for an answer is over, and that nobody has listened meanwhile."""
    directory = await asyncio.to_thread(make_node, 0, more=f"federation.request_timeout = {PATIENCE_SECONDS}")
    hostile_peer.inbox_open.clear()
    hostile_peer.actor("ana")
    await in_database(directory, add_followers, [answered(hostile_peer, "ana")])
    statement = directory / "statement.md"
    await asyncio.to_thread(statement.write_text, "To one.\n")
    async with started(directory) as process:
        said = await commonwire("publish", directory, statement)
        assert said.status == 0, said.err
        while not hostile_peer.received:
            await asyncio.sleep(0.001)
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(2 * PATIENCE_SECONDS)
        process.send_signal(signal.SIGCONT)
        await asyncio.sleep(0.4)
        hostile_peer.inbox_open.set()
        assert await stop(process) == 0
    assert await in_database(directory, waiting) == 0
    assert len(hostile_peer.received) == 1


async def test_a_second_signal_changes_nothing(make_node: Callable[..., Path]) -> None:
    directory = await asyncio.to_thread(make_node, 0)

    async with started(directory) as process:
        assert process.stdout is not None
        await process.stdout.readline()
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
            process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), STOP_SECONDS) == 0
