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

START_SECONDS = 20


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str


async def commonwire(*words: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> Said:
    """Run one command in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "node", *map(str, words),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        cwd=cwd, env=os.environ | {"PYTHONPATH": os.getcwd()} | (env or {}),
    )  # fmt: skip
    out, err = await process.communicate()
    return Said(process.returncode or 0, out.decode(), err.decode())


@asynccontextmanager
async def serving(directory: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Serve a node in a process of its own; it is stopped at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "node", "serve", str(directory),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        assert await process.stdout.readline(), "the node did not start"
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def kill(process: asyncio.subprocess.Process) -> None:
    """kill -9, and wait until it is dead."""
    process.send_signal(signal.SIGKILL)
    await process.wait()
