"""`commonwire backfill`: what it does to the past of those we follow, and what it says about it."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.backfill import store
from tests.nodes.peer import Answer, Peer
from tests.nodes.processes import commonwire, dead, kill, serving
from tests.nodes.served import ServedNode, eventually
from tests.nodes.test_killed_nodes import claims_run_out, config_origin, in_database
from tests.peering.outboxes import Outbox


@pytest.fixture
def directory(make_node: Callable[..., Path]) -> Path:
    return make_node(1)


async def test_a_follow_at_a_terminal_shows_how_the_past_comes(serve: Callable[..., Any], directory: Path) -> None:
    publisher: ServedNode = await serve(0)
    for number in range(30):
        await publisher.publish(f"Number {number}.")
    async with serving(directory):
        outer, inner = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "node", "follow", str(directory), publisher.handle,
            stdin=inner, stdout=inner, stderr=inner, env=os.environ | {"PYTHONPATH": os.getcwd()},
        )  # fmt: skip
        os.close(inner)
        shown = b""
        async with asyncio.timeout(120):
            while process.returncode is None or b"kept" not in shown:
                try:
                    shown += await asyncio.to_thread(os.read, outer, 4096)
                except OSError:  # the terminal is closed when the program has ended
                    break
            await process.wait()
    os.close(outer)
    text = shown.decode()
    assert "asked to follow" in text and "fetching the past" in text and "30 of 30 entries read, 30 kept" in text


async def test_a_node_killed_in_the_middle_of_the_past_goes_on_where_it_was(
    directory: Path, hostile_peer: Peer
) -> None:
    outbox = Outbox(hostile_peer)
    notes = [outbox.note() for _ in range(120)]
    outbox.serve(*([outbox.create(note)] for note in notes))

    async with serving(directory) as process:

        def kill_in_the_middle(_: object) -> None:
            if hostile_peer.asked[outbox.path] >= 20:
                kill(process)

        hostile_peer.every_request.append(kill_in_the_middle)
        await accepted(directory, hostile_peer, outbox.actor)
        await dead(process)
    hostile_peer.every_request.clear()
    await in_database(directory, claims_run_out)
    row = await in_database(directory, store.find, outbox.actor)
    assert row.state == "running" and 0 < row.kept < len(notes), "the node was to die in the middle"
    before = hostile_peer.asked[outbox.path]
    async with serving(directory):
        shown = await commonwire("backfill", directory)
        assert shown.status == 0, shown.err
        assert "120 of 120 entries read, 120 kept" in shown.out
    assert hostile_peer.asked[outbox.path] <= before + len(notes) - row.kept + 1, "no page was read again"


async def accepted(directory: Path, peer: Peer, actor: str) -> None:
    """Follow an actor of the peer, that accepts it."""
    assert (await commonwire("follow", directory, actor)).status == 0

    async def asked() -> list[Any]:
        return peer.sent_to("Follow")

    (follow,) = await eventually(asked)
    origin = await asyncio.to_thread(config_origin, directory)
    assert await peer.send(f"{origin}/inbox", peer.activity("Accept", actor, follow)) == 202


async def test_what_stopped_is_told_with_its_reason_and_goes_on_by_the_command(
    directory: Path, hostile_peer: Peer
) -> None:
    outbox = Outbox(hostile_peer)
    outbox.serve([outbox.create(outbox.note())], [outbox.create(outbox.note())])
    second = outbox.address(1).removeprefix(hostile_peer.origin)
    whole, hostile_peer.served[second] = hostile_peer.served[second], Answer(b"", status=429)

    async def stopped() -> bool:
        row = await in_database(directory, store.find, outbox.actor)
        return row is not None and row.state == "stopped"

    async with serving(directory):
        await accepted(directory, hostile_peer, outbox.actor)
        await eventually(stopped)
        shown = await commonwire("backfill", directory, "--status")
        assert "stopped" in shown.out and "429" in shown.out and "commonwire backfill --actor" in shown.out
        (row,) = json.loads((await commonwire("backfill", directory, "--status", "--json")).out)
        assert (row["state"], row["kept"], row["id"]) == ("stopped", 1, outbox.actor)
        hostile_peer.served[second] = whole
        shown = await commonwire("backfill", directory, "--actor", outbox.actor)
        assert shown.status == 0 and "2 of 2 entries read, 2 kept" in shown.out, shown
        assert "nothing to go on with" in (await commonwire("backfill", directory)).out


async def test_there_is_no_past_of_those_who_have_not_accepted(directory: Path) -> None:
    shown = await commonwire("backfill", directory, "--actor", "@nobody@nowhere.example")
    assert shown.status == 1 and "not followed" in shown.err
    assert (await commonwire("backfill", directory, "--limit", "none")).status == 2
    assert "nothing of the past" in (await commonwire("backfill", directory, "--status")).out
