"""Nodes as processes of their own, and the command line as people type it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.nodes.forks import Fork, forked

START_SECONDS = 60
DEAD_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str


async def commonwire(*words: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> Said:
    """Run one command in a process of its own, forked from one that has imported what commands need."""
    async with forked([*map(str, words)], cwd=cwd, env=_environment(env)) as fork:
        out, err = await asyncio.gather(fork.stdout.read(), fork.stderr.read())
        return Said(await fork.wait(), out.decode(), err.decode())


async def typed(*words: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> Said:
    """Run one command as a shell does: with an interpreter of its own, from nothing. Nearly a second slower."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "node", *map(str, words),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        cwd=cwd, env=_environment(env),
    )  # fmt: skip
    out, err = await process.communicate()
    return Said(process.returncode or 0, out.decode(), err.decode())


def _environment(more: dict[str, str] | None) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.getcwd()} | (more or {})


@asynccontextmanager
async def serving(directory: Path) -> AsyncIterator[Fork]:
    """Serve a node in a process of its own; it is stopped at the end if it still runs."""
    async with forked(["serve", str(directory)], env=_environment(None)) as fork:
        complaints = asyncio.create_task(fork.stderr.read())
        async with asyncio.timeout(START_SECONDS):
            assert await fork.stdout.readline(), f"the node did not start: {(await complaints).decode()}"
        try:
            yield fork
        finally:
            with contextlib.suppress(ProcessLookupError):
                fork.send_signal(signal.SIGTERM)
            await fork.wait()
            await complaints


def kill(process: Fork) -> None:
    """kill -9 at this very moment, however busy this process is with others; again does no harm."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGKILL)


async def dead(process: Fork) -> None:
    """Wait until somebody has killed it."""
    async with asyncio.timeout(DEAD_WITHIN_SECONDS):
        await process.wait()
