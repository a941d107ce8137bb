"""What the node tells the service manager and those who watch it, and how it stops."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from node import readiness
from node.readiness import ServiceManager
from tests.nodes.served import ServedNode, eventually
from tests.nodes.test_killed_nodes import config_origin

sqlite = pytest.mark.one_database


class Manager:
    """The receiving end of NOTIFY_SOCKET."""

    def __init__(self, name: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.socket.settimeout(60)
        self.heard: list[str] = []

    async def until(self, word: str) -> str:
        """Wait for a datagram with this line in it."""
        while True:
            datagram = (await asyncio.to_thread(self.socket.recv, 65536)).decode()
            self.heard.append(datagram)
            if word in datagram.split("\n"):
                return datagram


@asynccontextmanager
async def started(directory: Path, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "node", "serve", str(directory),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=os.environ | environment,
    )  # fmt: skip
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@sqlite
@pytest.mark.parametrize("kind", ["path", "abstract"])
async def test_a_service_manager_hears_when_it_is_ready_alive_and_stopping(
    make_node: Callable[..., Path], tmp_path: Path, kind: str
) -> None:
    name = str(tmp_path / "n") if kind == "path" else f"@commonwire-test-{os.getpid()}"
    manager = Manager(name)
    directory = await asyncio.to_thread(make_node, 0)
    origin = await asyncio.to_thread(config_origin, directory)
    async with started(directory, NOTIFY_SOCKET=name, WATCHDOG_USEC="400000") as process:
        ready = await manager.until("READY=1")
        assert f"serves {origin}" in ready
        async with aiohttp.ClientSession() as http, http.get(f"{origin}/healthz") as response:
            assert response.status == 200, "ready means that it answers"
        for _ in range(3):
            assert "STATUS=well" in await manager.until("WATCHDOG=1")
        process.send_signal(signal.SIGTERM)
        await manager.until("STOPPING=1")
        assert await asyncio.wait_for(process.wait(), 60) == 0
    manager.socket.close()


@sqlite
async def test_without_a_service_manager_nothing_is_told(make_node: Callable[..., Path]) -> None:
    directory = await asyncio.to_thread(make_node, 0)
    async with started(directory, NOTIFY_SOCKET="/nowhere/at/all", WATCHDOG_USEC="soon") as process:
        assert process.stdout is not None
        assert b"serves" in await process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 60) == 0


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "x"}, None),
    ],
)
def test_the_watchdog_is_meant_for_one_process(environment: dict[str, str], seconds: float | None) -> None:
    assert ServiceManager(environment).watchdog_seconds == seconds


@sqlite
async def test_a_node_whose_loop_has_ended_says_so_and_is_no_longer_alive(node: ServedNode, tmp_path: Path) -> None:
    manager = Manager(str(tmp_path / "n"))
    told = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "n"), "WATCHDOG_USEC": "200000"})
    watching = asyncio.create_task(readiness.watch(node.node, told))
    await manager.until("WATCHDOG=1")

    async def mistaken() -> None:
        raise ValueError("a mistake of ours")

    node.node.health.watch("mistaken", task := asyncio.create_task(mistaken()))
    await asyncio.wait([task])
    assert "mistaken" in await manager.until("STATUS=not well: mistaken ended")
    await manager.until("STATUS=not well: mistaken ended")
    assert "WATCHDOG=1" not in manager.heard[-1]
    watching.cancel()
    manager.socket.close()


async def health(node: ServedNode) -> tuple[int, dict[str, Any]]:
    async with node.http.get(f"{node.origin}/healthz") as response:
        assert response.headers["Cache-Control"] == "no-store"
        return response.status, await response.json()


async def test_a_well_node_says_so(node: ServedNode) -> None:
    assert await health(node) == (200, {"status": "ok"})


@sqlite
async def test_a_node_that_cannot_write_says_so_and_recovers(node: ServedNode) -> None:
    other = await asyncio.to_thread(sqlite3.connect, node.directory / "node.db", check_same_thread=False)
    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
    answers = await asyncio.wait_for(asyncio.gather(*(health(node) for _ in range(50))), 60)
    assert all(one == answers[0] for one in answers), "however many ask, it is found out once"
    status, said = answers[0]
    assert (status, said["status"]) == (503, "failing")
    assert said["failing"] == ["writing the database takes too long"]
    assert str(node.directory) not in repr(said)
    await asyncio.to_thread(other.rollback)
    await asyncio.to_thread(other.close)

    async def recovered() -> bool:
        return (await health(node))[0] == 200

    await eventually(recovered)
