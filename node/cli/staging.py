"""The stage of `commonwire demo`: nodes of this machine, made, run, spoken to and looked into.

A node is served by a process of its own. Commands are those that everybody has, read as they are typed, but in this
process: to start Python for each of fifty would take longer than all that they do.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import inspect
import io
import json
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from federation.errors import Malformed, Refused, Unreachable
from node import app, config
from node.cli.commands import Command, Usage
from node.context import Node, Transaction
from node.errors import NodeError, Unfit

FIRST_PORT = 8471
WAIT_SECONDS = 60
SETTINGS = """publication_delay = 0
log_level = "warning"
[federation]
allow_http = true
allow_networks = ["127.0.0.0/8"]
"""


@dataclass(frozen=True, slots=True)
class Cast:
    """A group of the demonstration."""

    handle: str
    name: str
    tendency: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A group, its node's directory and address, and the parser of the commands that it is given."""

    cast: Cast
    directory: Path
    port: int
    parser: argparse.ArgumentParser

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def handle(self) -> str:
        return f"@{self.cast.handle}@127.0.0.1:{self.port}"

    async def type(self, command: str, *words: str) -> Any:
        """Give a command to the node with `--json`: its result. Raises Unfit with what it said if it fails."""
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()):
            await self._run(command, *words, "--json")
        return json.loads(out.getvalue())

    async def type_and_show(self, command: str, *words: str) -> None:
        """Give a command to the node, and let it print as it does."""
        await self._run(command, *words)

    async def _run(self, command: str, *words: str) -> None:
        options = self.parser.parse_args([*command.split(), str(self.directory), *words])
        chosen: Command = options.command
        try:
            # `init` has an event loop of its own, so a plain function runs beside ours.
            plain = not inspect.iscoroutinefunction(chosen.run)
            status: Any = await asyncio.to_thread(chosen.run, options) if plain else chosen.run(options)
            if inspect.isawaitable(status):
                status = await status
        except (NodeError, Malformed, Refused, Unreachable, Usage) as error:
            raise Unfit(f"commonwire {command} failed: {error}") from None
        if status:
            raise Unfit(f"commonwire {command} failed")


@contextlib.asynccontextmanager
async def playing(stages: Sequence[Stage]) -> AsyncIterator[dict[str, str]]:
    """Make the nodes and serve them until the end: the password of each one's first member."""
    passwords = {}
    for stage in stages:
        say(f"making the node of {stage.cast.name} ({stage.cast.tendency}) in {stage.directory}")
        made = await stage.type(
            "init", "--origin", stage.origin, "--handle", stage.cast.handle, "--name", stage.cast.name,
            "--tendency", stage.cast.tendency, "--listen", f"127.0.0.1:{stage.port}",
        )  # fmt: skip
        passwords[stage.cast.handle] = made["password"]
        with (stage.directory / config.FILE_NAME).open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS)
    processes: list[asyncio.subprocess.Process] = []
    try:
        processes += await asyncio.gather(*(_serve(stage) for stage in stages))
        for stage in stages:
            say(f"serving {stage.origin}")
        yield passwords
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        await asyncio.gather(*(process.wait() for process in processes))


async def _serve(stage: Stage) -> asyncio.subprocess.Process:
    # A session of its own, so that Ctrl-C reaches the demonstration alone, which then stops the nodes in order.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "node", "serve", str(stage.directory),
        stdout=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(WAIT_SECONDS):
        line = await process.stdout.readline()
    if not line:
        raise Unfit(f"the node of {stage.cast.name} did not start")
    return process


@contextlib.asynccontextmanager
async def opened(stage: Stage) -> AsyncIterator[Node]:
    """The node's database, beside the process that serves it."""
    async with app.open_node(config.load(stage.directory)) as node:
        yield node


async def wait_for(stage: Stage, is_so: Callable[[Transaction], bool], what: str) -> None:
    """Return when `is_so` of the node. Raises Unfit after a minute, saying what was waited for."""
    async with opened(stage) as node:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not await node.database.read(is_so):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise Unfit(f"{stage.cast.name} waited {WAIT_SECONDS} seconds for {what}, in vain") from None


@contextlib.contextmanager
def script(name: str, values: Mapping[str, str] | None = None) -> Iterator[str]:
    """The path of a text of the demonstration, with `values` in the places that it leaves for them."""
    with contextlib.ExitStack() as stack:
        path = stack.enter_context(resources.as_file(resources.files("node.demo").joinpath(name)))
        if values:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="commonwire-demo-")))
            text = path.read_text(encoding="utf-8").format(**values)
            path = home / name
            path.write_text(text, encoding="utf-8")
        yield str(path)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on: the usual ones, so that addresses stay the same from one time to the next."""
    found: list[int] = []
    for candidate in range(FIRST_PORT, FIRST_PORT + 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
        found.append(candidate)
        if len(found) == count:
            return found
    raise Unfit(f"no {count} free ports from {FIRST_PORT} upwards on 127.0.0.1")


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)
