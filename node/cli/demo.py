"""`commonwire demo`: three groups of different tendencies on three real nodes of this machine.

Nothing here is special: the nodes are made, run, introduced to each other and spoken through with the commands that
everybody has, each in a process of its own, over HTTP on loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from node import actors, app, config, objects
from node.cli.commands import Command, option
from node.cli.progress import Progress
from node.context import Node, Transaction
from node.errors import Unfit
from node.identifiers import spell
from node.peering import store as follows
from node.peering.rules import Follow
from node.reports import imports
from node.reports import store as reports
from node.reports.rules import ImportState
from node.statements import store as statements

FIRST_PORT = 8471
WAIT_SECONDS = 60
STALLED_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Cast:
    """A group of the demonstration."""

    handle: str
    name: str
    tendency: str


CAST = (
    Cast("branch12", "Port Calder Transport Workers, Branch 12", "syndicalist"),
    Cast("lindencourt", "Linden Court Tenants’ Collective", "anarchist"),
    Cast("correspondence", "The Correspondence Bureau", "socialist"),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A group, its node's directory and address."""

    cast: Cast
    directory: Path
    port: int

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def handle(self) -> str:
        return f"@{self.cast.handle}@127.0.0.1:{self.port}"


async def demo(options: argparse.Namespace) -> int:
    """Play the whole, then leave the nodes running until Ctrl-C."""
    table = Path(options.reports) if options.reports else None
    if table is not None:
        imports.outline(table)  # a file that cannot be used ends it here, before anything is made
    keep = options.directory is not None
    home = Path(options.directory) if keep else Path(tempfile.mkdtemp(prefix="commonwire-demo-"))
    try:
        home.mkdir(parents=True, exist_ok=True)
        stages = [Stage(cast, home / cast.handle, port) for cast, port in zip(CAST, _ports(len(CAST)), strict=True)]
        async with _playing(stages):
            await _introduce(stages)
            await _speak(stages, table)
            await _show_all(stages)
            if not options.once:
                await _until_stopped()
    finally:
        if not keep:
            shutil.rmtree(home, ignore_errors=True)
    return 0


@contextlib.asynccontextmanager
async def _playing(stages: list[Stage]) -> AsyncIterator[None]:
    for stage in stages:
        _say(f"making the node of {stage.cast.name} ({stage.cast.tendency}) in {stage.directory}")
        await _command(
            "init", str(stage.directory), "--origin", stage.origin, "--handle", stage.cast.handle,
            "--name", stage.cast.name, "--tendency", stage.cast.tendency, "--listen", f"127.0.0.1:{stage.port}",
        )  # fmt: skip
        with (stage.directory / config.FILE_NAME).open("a", encoding="utf-8") as settings:
            settings.write('publication_delay = 0\n[federation]\nallow_http = true\nallow_networks = ["127.0.0.0/8"]\n')
    processes = [await _start(stage) for stage in stages]
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        await asyncio.gather(*(process.wait() for process in processes))


async def _start(stage: Stage) -> asyncio.subprocess.Process:
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
    _say(f"serving {stage.origin}")
    return process


async def _introduce(stages: list[Stage]) -> None:
    for stage in stages:
        for other in stages:
            if other is not stage:
                await _command("follow", str(stage.directory), other.handle)
    for stage in stages:
        async with _opened(stage) as node:
            await _wait_for(node, _accepted, len(stages) - 1, f"{stage.cast.name} to be accepted by the others")
    _say("everybody follows everybody, and every Follow is accepted\n")


def _accepted(tx: Transaction) -> int:
    rows = follows.following(tx, actors.main_group(tx).iri)
    return sum(row.state == Follow.ACCEPTED.value for row in rows)


async def _speak(stages: list[Stage], table: Path | None) -> None:
    first, second, third = stages
    with _demo_file("long-statement.md") as path:
        await _command("publish", str(first.directory), str(path), shown=True)
    with _demo_file("short-statement.md") as path:
        await _command("publish", str(second.directory), str(path), shown=True)
    if table is None:
        with _demo_file("struggles.csv") as path:
            await _import(
                third, path, "--publisher", "Wikipedia contributors", "--licence", "CC-BY-SA-4.0",
                "--publisher-url", "https://en.wikipedia.org/", "--title", "Struggles of two centuries",
            )  # fmt: skip
    else:
        mapping = imports.detect(imports.outline(table).columns)
        named = mapping is not None and mapping.publisher
        await _import(third, table, *([] if named else ["--publisher", table.name]))
    for stage in stages:
        await _receive(stage, statements_expected=2)


async def _import(stage: Stage, path: Path, *more: str) -> None:
    _say(f"\n{stage.cast.name} imports {path.name}")
    await _command("import", str(stage.directory), str(path), *more, shown=True)


async def _receive(stage: Stage, *, statements_expected: int) -> None:
    """Wait until a node has what the others said, and every page of their imports."""
    async with _opened(stage) as node:
        expected = statements_expected
        await _wait_for(
            node, lambda tx: objects.count_listed(tx, local=False), expected, f"{stage.cast.name} to receive"
        )
        loop, before, since = asyncio.get_running_loop(), -1, 0.0
        for row in await node.database.read(reports.all_imports):
            if row.local:
                continue
            with Progress(f"{stage.cast.name} receives", row.total) as bar:
                while True:
                    row = await node.database.read(_import_row, row.iri)
                    held = await node.database.read(reports.count_in_import, row.iri)
                    bar.reach(held)
                    if row.state != ImportState.FETCHING.value:
                        break
                    if held != before:
                        before, since = held, loop.time()
                    elif loop.time() - since > STALLED_SECONDS:
                        raise Unfit(f"{stage.cast.name} has received nothing for {STALLED_SECONDS} seconds")
                    await asyncio.sleep(0.2)


def _import_row(tx: Transaction, iri: str) -> Any:
    return reports.find_import(tx, iri)


async def _show_all(stages: list[Stage]) -> None:
    for stage in stages:
        async with _opened(stage) as node:
            lines = await node.database.read(_received)
        _say(f"\n{stage.cast.name} ({stage.cast.tendency}), {stage.handle}")
        _say(f"  its page           {stage.origin}/")
        _say(f"  what it hears      {stage.origin}/wire")
        for line in lines:
            _say(f"  {line}")


def _received(tx: Transaction) -> list[str]:
    lines = []
    rows = objects.listed(tx, local=False)
    shown = statements.shown(tx, [row.iri for row in rows])
    known = actors.find_all(tx, [row.author for row in rows])
    for row in rows:
        title = shown[row.iri].title if row.iri in shown else row.iri
        author = known[row.author].name if row.author in known else row.author
        lines.append(f"received           “{title}” from {author}")
        lines.append(f"                   {tx.node.address(f'/heard/{spell(row.sort_id)}')}")
    for one in reports.all_imports(tx):
        held = reports.count_in_import(tx, one.iri)
        whose = "imported" if one.local else "received"
        lines.append(f"{whose}           {held:,} of {one.total:,} reports: {one.iri}")
    return lines


async def _until_stopped() -> None:
    _say("\nThe three nodes run until you press Ctrl-C.")
    await asyncio.Event().wait()


async def _wait_for(node: Node, count: Any, wanted: int, what: str) -> None:
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while await node.database.read(count) < wanted:
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise Unfit(f"waited {WAIT_SECONDS} seconds for {what}, in vain") from None


async def _command(*words: str, shown: bool = False) -> None:
    """Run one command of the program; raises Unfit with what it said if it fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "node", *words,
        stdout=None if shown else asyncio.subprocess.PIPE,
        stderr=None if shown else asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, complaint = await process.communicate()
    if process.returncode:
        said = (complaint or b"").decode().strip().removeprefix("commonwire: ")
        raise Unfit(f"commonwire {words[0]} failed{f': {said}' if said else ''}")


@contextlib.asynccontextmanager
async def _opened(stage: Stage) -> AsyncIterator[Node]:
    async with app.open_node(config.load(stage.directory)) as node:
        yield node


@contextlib.contextmanager
def _demo_file(name: str) -> Any:
    with resources.as_file(resources.files("node.demo").joinpath(name)) as path:
        yield path


def _ports(count: int) -> list[int]:
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


def _say(text: str) -> None:
    print(text, flush=True)


COMMANDS = (
    Command(
        "demo",
        "run three groups on three nodes of this machine, and show what each receives",
        "commonwire demo --reports stoppages.csv",
        demo,
        has_directory=False,
        options=(
            option("--reports", metavar="FILE", help="a table to import instead of the one that comes along"),
            option("--directory", metavar="PATH", help="keep the nodes there (default: a temporary directory)"),
            option("--once", action="store_true", help="stop when everything has arrived"),
        ),
    ),
)
