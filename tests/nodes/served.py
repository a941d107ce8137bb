"""A real node for a test: its own directory, keys and database, listening on a free port of loopback."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
from argon2 import PasswordHasher

from federation import discovery, keys
from federation.media_types import ACTIVITY_JSON
from node import activities, actors, app, config, jobs, objects
from node.context import Node, Transaction
from node.database import metadata
from node.keyring import Keyring
from node.members import actions as members
from node.members import store as member_store
from node.members.store import Member
from node.peering import actions as peering
from node.peering import handles
from node.reports import recounting
from node.statements import actions as statements
from node.statements.rules import Draft, State
from schemas.reading import loads

PASSWORD = "correct horse battery staple"
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PORTS = (12_000 + WORKER % 6 * 3_000 + number % 3_000 for number in itertools.count(os.getpid()))
PATIENCE = 180.0  # a starved machine is slow, and whoever is quick waits no longer for it
PATIENCE_WITH_OTHERS = 30.0


class TestClock:
    """Real time, moved by what a test adds to it; and once it is stopped, nothing else."""

    __test__ = False

    def __init__(self) -> None:
        self.shift = timedelta()
        self._stopped: datetime | None = None

    def __call__(self) -> datetime:
        return (self._stopped or datetime.now(UTC)) + self.shift

    def stop(self) -> None:
        """For a test of what comes back with time, which is not to come back because the machine is slow."""
        self._stopped = datetime.now(UTC)

    def advance(self, by: timedelta) -> None:
        self.shift += by


@dataclass(eq=False)
class ServedNode:
    """A node that answers, with the doors that tests use."""

    node: Node
    http: aiohttp.ClientSession
    group: str
    clock: TestClock
    stack: AsyncExitStack = field(repr=False)

    @property
    def origin(self) -> str:
        return self.node.config.origin

    @property
    def directory(self) -> Path:
        return self.node.config.directory

    @property
    def handle(self) -> str:
        return f"@{self.group.rpartition('/')[2]}@{self.node.config.host}"

    async def read(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await self.node.database.read(fn, *args, **kwargs)

    async def write(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await self.node.database.write(fn, *args, **kwargs)

    async def steward(self) -> Member:
        return await self.read(members.named, "steward")

    async def enter(self, name: str, role: str) -> Member:
        """Somebody with a mandate who can log in with PASSWORD, which is quickly compared."""
        return Member(await self.write(_enter, name, self.group, role), name)

    async def publish(self, text: str = "We are on strike.", **fields: Any) -> str:
        """Publish a statement; its IRI."""
        draft, member = Draft(text=text, **fields), await self.steward()
        iri, state = await self.write(statements.publish, draft, actor=self.group, member=member)
        if state is State.WAITING and not self.node.config.publication_delay:  # those it names are looked up first
            await eventually(lambda: self.holds(iri))
        return str(iri)

    async def follow(self, handle: str) -> str:
        """Ask to follow somebody; the actor's IRI."""
        actor = await self.node.directory.actor(await discovery.find(self.node.client, handle))
        await self.write(peering.follow, actor.iri, actor=self.group, member=await self.steward())
        return actor.iri

    async def holds(self, iri: str) -> bool:
        """Whether the node holds an object, not deleted."""
        row = await self.read(objects.find, iri)
        return row is not None and row.deleted is None

    async def activity(self, path_or_iri: str) -> tuple[int, dict[str, Any]]:
        """GET as a server does: status and document."""
        url = path_or_iri if "://" in path_or_iri else self.origin + path_or_iri
        async with self.http.get(url, headers={"Accept": ACTIVITY_JSON}) as response:
            body = await response.read()
            return response.status, loads(body) if body else {}

    async def page(self, path_or_iri: str) -> tuple[int, str]:
        """GET as a browser does: status and HTML."""
        url = path_or_iri if "://" in path_or_iri else self.origin + path_or_iri
        async with self.http.get(url, headers={"Accept": "text/html"}) as response:
            return response.status, await response.text()

    async def fate(self, activity: dict[str, Any]) -> str | None:
        """What became of an activity that was brought here, when it has been looked at; None if it was not let in."""
        await self.quiet()
        row = await self.read(activities.find, activity["id"], actor=activity["actor"])
        return None if row is None else str(row.state)

    async def contents(self, *, without: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, documents unpacked; without what a node writes of itself whenever it has begun."""
        return await self.read(_contents, (*without, "recountings"))

    async def quiet(self) -> None:
        """Wait until there is nothing left to do now, here and, for a while, at the test's other nodes.

        What another node has yet to send here is work to come. But one that hangs on purpose is not waited for long.
        """
        await eventually(self._done)
        with suppress(AssertionError):
            while not (await eventually(_all_done, within=PATIENCE_WITH_OTHERS) and await _all_done()):
                pass
        await eventually(self._done)

    async def settled(self) -> None:
        """As `quiet`; and whoever spoke was asked what she is called, which has time, and is written down."""
        await self.quiet()
        noted, self.node.unproven = self.node.unproven, set()
        await self.write(handles.promise_asking, sorted(noted))
        await self.quiet()

    async def _done(self) -> bool:
        return await self.read(_unfinished) == 0


_WORKING: list[ServedNode] = []
"""The nodes of this process whose workers run."""


async def _all_done() -> bool:
    return all([await one._done() for one in _WORKING])


def _contents(tx: Transaction, without: tuple[str, ...]) -> dict[str, list[tuple[Any, ...]]]:
    chosen = [table for table in metadata.sorted_tables if table.name not in without]
    return {table.name: sorted((tuple(row) for row in tx.execute(table.select())), key=repr) for table in chosen}


def _unfinished(tx: Transaction) -> int:
    return jobs.due_now(tx) + activities.count(tx, activities.State.PENDING)


async def eventually(condition: Callable[[], Awaitable[Any]], *, within: float = PATIENCE) -> Any:
    """Wait until `condition` is true; what it answered. Fails after `within` seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while True:
        if found := await condition():
            return found
        if loop.time() > end:
            raise AssertionError(f"waited {within} s in vain for {getattr(condition, '__qualname__', condition)}")
        await asyncio.sleep(0.02)


def stands_in(word: str, text: str) -> bool:
    """Whether a word stands somewhere by itself. In a long signature any four letters may meet by chance."""
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", text) is not None


def free_port() -> int:
    """A port that nobody listens on, and that no other test is about to take.

    Each worker has a range of its own, below the ports from which the system makes outgoing connections.
    """
    while True:
        port = next(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def write_node(
    directory: Path,
    *,
    port: int,
    handle: str,
    keys_made: Path,
    database_url: str = "",
    more: str = "",
    settings: dict[str, Any] | None = None,
) -> None:
    """A node's directory with ready-made keys; its database is filled by `enter`. `settings` go before those of tests."""
    directory.mkdir(mode=0o700)
    (directory / "keys").mkdir(mode=0o700)
    for kind in ("rsa", "ed25519"):
        shutil.copy(keys_made / f"instance.{kind}.pem", directory / "keys" / f"instance.{kind}.pem")
        shutil.copy(keys_made / f"group.{kind}.pem", directory / "keys" / f"group-{handle}.{kind}.pem")
    written = {
        "origin": f"http://127.0.0.1:{port}",
        "listen": f"127.0.0.1:{port}",
        "publication_delay": 0,
        "database_url": database_url,
        "federation.allow_http": True,
        "federation.allow_networks": ["127.0.0.0/8"],
        "federation.fetches_per_minute": 6000,  # every peer of a test is one host, and asked for much
    } | (settings or {})
    lines = [f"{name} = {json.dumps(value)}" for name, value in written.items()]
    (directory / config.FILE_NAME).write_text("\n".join([*lines, more, ""]))


def enter(tx: Transaction, handle: str, name: str, language: str = "en") -> str:
    """The actors and the first member of a test's node."""
    actors.add_local(tx, kind=actors.INSTANCE, handle=actors.INSTANCE_HANDLE, name=name, language=language)
    group = actors.add_local(tx, kind=actors.GROUP, handle=handle, name=name, language=language, tendency="syndicalist")
    member_store.add_mandate(tx, member_store.add(tx, "steward", password_hash()), group, "steward", None)
    recounting.begin(tx)  # as its first loop would, at a moment that no test knows
    return group


def _enter(tx: Transaction, name: str, group: str, role: str) -> int:
    member = member_store.add(tx, name, password_hash())
    member_store.add_mandate(tx, member, group, role, None)
    return member


@cache
def password_hash() -> str:
    """Of PASSWORD, and quickly compared with it: what it costs stands in it, and real ones cost a tenth of a second.

    The node's own are made where a test enters a member with `members.add`, by an invitation or by a command.
    """
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@cache
def private_key(pem: bytes) -> keys.PrivateKey:
    """A key of a file's bytes. Its numbers are checked once in this process, which is most of what making a node takes."""
    return keys.read_private(pem)


def keyring(directory: Path) -> Keyring:
    """A keyring of the files in a node's directory."""
    return Keyring(directory, read=private_key)


@asynccontextmanager
async def served(directory: Path, *, clock: TestClock | None = None, workers: bool = True) -> AsyncIterator[ServedNode]:
    """Open, serve and work the node in `directory`."""
    clock = clock or TestClock()
    settings = await asyncio.to_thread(config.load, directory)
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(app.open_node(settings, clock=clock, keyring=keyring(directory)))
        if workers:
            await stack.enter_async_context(app.run_workers(node))
        else:
            commits = asyncio.create_task(node.intake.run_commits())
            stack.callback(commits.cancel)
        host, port = settings.listen_address
        await stack.enter_async_context(app.serving(node, host=host, port=port))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        group = await node.database.read(actors.main_group)
        there = ServedNode(node, http, group.iri, clock, stack)
        if workers:
            _WORKING.append(there)
            stack.callback(_WORKING.remove, there)
        yield there
