"""The node that is measured: made by `commonwire init`, served by `commonwire serve`, as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import processes

ROOT = Path(__file__).resolve().parents[2]
HANDLE = "union"
START_SECONDS = 30


@dataclass
class Served:
    """A node that answers: its process, its address, its directory."""

    process: asyncio.subprocess.Process
    directory: Path
    port: int
    seconds_to_first_answer: float

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    @property
    def group(self) -> str:
        return f"{self.origin}/groups/{HANDLE}"

    def memory(self) -> tuple[float, float]:
        """Resident MiB now and at the peak."""
        return processes.memory_mebibytes(self.pid)

    def disk_bytes(self) -> int:
        """The database and what is in its log of changes, with nothing of it twice."""
        with contextlib.closing(sqlite3.connect(self.directory / "node.db", timeout=30)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return sum(path.stat().st_size for path in self.directory.glob("node.db*"))

    def count(self, query: str, *values: Any) -> int:
        """The one number that a query on the node's database gives."""
        with contextlib.closing(sqlite3.connect(f"file:{self.directory}/node.db?mode=ro", uri=True)) as connection:
            return int(connection.execute(query, values).fetchone()[0])

    async def until(self, query: str, *values: Any, reaches: Callable[[int], bool], within: float = 120) -> float:
        """Wait until the query's number is right; the moment at which it was (`processes.now`)."""
        async with asyncio.timeout(within):
            with contextlib.closing(sqlite3.connect(f"file:{self.directory}/node.db?mode=ro", uri=True)) as connection:
                while not reaches(int(connection.execute(query, values).fetchone()[0])):
                    await asyncio.sleep(0.02)
        return processes.now()

    async def quiet(self) -> float:
        """Wait until every activity that was accepted is handled; the moment."""
        return await self.until(
            "SELECT count(*) FROM activities WHERE state = 'pending'", reaches=lambda number: number == 0
        )

    async def commonwire(self, *words: str | Path) -> dict[str, Any]:
        """Run a command that answers in JSON, on this node."""
        return await commonwire(words[0], self.directory, *words[1:], "--json")

    async def publish(self, text: str = "We are on strike.", **head: str) -> str:
        """Publish a statement by the command line; its IRI."""
        path = self.directory / "statement.md"
        front = "".join(f"{name}: {value}\n" for name, value in head.items())
        path.write_text(f"---\n{front}---\n{text}\n" if front else f"{text}\n")
        return str((await self.commonwire("publish", path))["id"])

    async def published(self, text: str = "We are on strike.") -> str:
        """Publish a statement and wait until it can be read; its IRI."""
        iri = await self.publish(text)
        await self.until("SELECT count(*) FROM objects WHERE iri = ? AND public", iri, reaches=bool)
        return iri


async def commonwire(*words: str | Path) -> dict[str, Any]:
    """Run a command that answers in JSON."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "node", *map(str, words),
        stdout=asyncio.subprocess.PIPE, env=environment(), cwd=ROOT,
    )  # fmt: skip
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"commonwire {' '.join(map(str, words))} ended with {process.returncode}")
    return dict(json.loads(out))


def environment() -> dict[str, str]:
    """That of a program that runs this tree."""
    return os.environ | {"PYTHONPATH": str(ROOT)}


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def served(**settings: Any) -> AsyncIterator[Served]:
    """Make and serve a new node; `settings` are written into its node.toml (a dot as two underscores)."""
    with tempfile.TemporaryDirectory(prefix="commonwire-bench-") as scratch:
        directory, port = Path(scratch) / "node", free_port()
        origin = f"http://127.0.0.1:{port}"
        words = ("--origin", origin, "--handle", HANDLE, "--name", "Transport Workers", "--listen", f"127.0.0.1:{port}")
        await commonwire("init", directory, *words, "--json")
        chosen = {
            "publication_delay": 0,
            "log_level": "warning",
            "federation.allow_http": True,
            "federation.allow_networks": ["127.0.0.0/8"],
        } | {name.replace("__", "."): value for name, value in settings.items()}
        with (directory / "node.toml").open("a") as file:
            file.writelines(f"{name} = {json.dumps(value)}\n" for name, value in chosen.items())
        async with running(directory, port) as node:
            yield node


@asynccontextmanager
async def running(directory: Path, port: int) -> AsyncIterator[Served]:
    """Serve the node in `directory`; it is stopped at the end."""
    began = processes.now()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "node", "serve", str(directory),
        stdout=asyncio.subprocess.DEVNULL, env=environment(), cwd=ROOT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await _answers(port):
                if process.returncode is not None:
                    raise RuntimeError(f"commonwire serve ended with {process.returncode}")
                await asyncio.sleep(0.005)
        yield Served(process, directory, port, processes.now() - began)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _answers(port: int) -> bool:
    """Whether the actor of the node's group can be read."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    head = f"GET /groups/{HANDLE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/activity+json\r\n"
    writer.write(f"{head}Connection: close\r\n\r\n".encode())
    status = await reader.readline()
    writer.close()
    return b" 200 " in status
