"""Commands in processes of their own that need not be started from nothing: each is a fork of one that has imported.

Starting Python and importing what every command imports takes nearly a second, and the command itself a tenth of that.
So a process stands ready that has imported what `python -m node` imports before it looks at what was typed, and no
more of ours: what a command imports for itself it still has to. Each command is a fork of it, with a directory, an environment
and standard streams of its own, and ends with its own status. `tests.nodes.processes.typed` starts the real thing.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from node import cli
from node.__main__ import main

COMMANDS = cli.commands()  # imported with this module, which the process that is forked imports
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "tests.nodes.imported"])


class Fork:
    """A running command: what it prints and complains of can be read, it can be sent signals and waited for."""

    def __init__(self, process: ForkServerProcess, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader) -> None:
        self._process, self.stdout, self.stderr = process, stdout, stderr

    def send_signal(self, number: signal.Signals) -> None:
        """Raises ProcessLookupError if it has ended."""
        if self._process.exitcode is not None:
            raise ProcessLookupError
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    async def wait(self) -> int:
        """Wait until it has ended; its status."""
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode


@asynccontextmanager
async def forked(words: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str]) -> AsyncIterator[Fork]:
    """The command `words`, running; it is killed at the end if it still runs."""
    process, *ends = await asyncio.to_thread(_start, tuple(words), cwd or Path.cwd(), env)
    async with AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(_reading(end)) for end in ends]
        fork = Fork(process, *readers)
        try:
            yield fork
        finally:
            with suppress(ProcessLookupError):
                fork.send_signal(signal.SIGKILL)
            await fork.wait()


def _start(
    words: tuple[str, ...], cwd: Path, env: Mapping[str, str]
) -> tuple[ForkServerProcess, Connection, Connection]:
    """This blocks for the time of a fork, and the first time until the process to fork is ready."""
    (out, out_there), (err, err_there) = FORKS.Pipe(duplex=False), FORKS.Pipe(duplex=False)
    process = ForkServerProcess(target=_obey, args=(words, str(cwd), dict(env), out_there, err_there), daemon=True)
    process.start()
    out_there.close()
    err_there.close()
    return process, out, err


@asynccontextmanager
async def _reading(end: Connection) -> AsyncIterator[asyncio.StreamReader]:
    reader = asyncio.StreamReader()
    file = os.fdopen(os.dup(end.fileno()), "rb")
    end.close()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), file
    )
    try:
        yield reader
    finally:
        transport.close()


def _obey(
    words: tuple[str, ...], directory: str, environment: dict[str, str], out: Connection, err: Connection
) -> None:
    """Be the program that was called with `words`: in the new process, which ends with this."""
    with open(os.devnull, "rb") as nothing:
        for source, number in ((nothing, 0), (out, 1), (err, 2)):
            os.dup2(source.fileno(), number)
    out.close()
    err.close()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    sys.argv = ["commonwire", *words]
    try:
        status = main()
    except Exception:
        sys.excepthook(*sys.exc_info())  # as the interpreter does, which multiprocessing does not
        status = 1
    raise SystemExit(status)
