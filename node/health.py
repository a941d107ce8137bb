"""Whether this node is well: its loops run, its database can be read and written, and there is room on the disk.

Said in words that name no address, path or peer, because anybody may ask (`/healthz`). An answer is kept for some
seconds, so that asking often costs nothing.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from node.database import may_succeed_again, metadata

if TYPE_CHECKING:
    from node.context import Node, Transaction

KEPT_SECONDS = 5.0
PATIENCE_SECONDS = 4.0
DISK_BYTES = 64 * 1024 * 1024  # below that SQLite may fail at its next growing, and what arrives is refused


class _OnlyReads(Exception):
    """The database takes no writes."""


class Health:
    """What is known about the state of this process; `loops` are entered by whoever runs them."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._loops: dict[str, asyncio.Task[None]] = {}
        self._answer: asyncio.Task[list[str]] | None = None
        self._answered_at = 0.0
        self._probes: dict[str, asyncio.Future[None]] = {}
        self.stopping = False

    def watch(self, name: str, loop: asyncio.Task[None]) -> None:
        """The node is not well when this task has ended before the node is stopped."""
        self._loops[name] = loop

    def ended_loops(self) -> list[str]:
        """The loops that should run and do not: a mistake of ours, which a restart mends for a while."""
        return [] if self.stopping else sorted(name for name, task in self._loops.items() if task.done())

    async def failing(self) -> list[str]:
        """What is wrong, in a few words each; nothing if all is well. At most some seconds old."""
        now = asyncio.get_running_loop().time()
        if self._answer is None or (self._answer.done() and now - self._answered_at > KEPT_SECONDS):
            self._answer, self._answered_at = asyncio.create_task(self._examine()), now
        return await asyncio.shield(self._answer)

    async def _examine(self) -> list[str]:
        found = [f"a loop has ended: {name}" for name in self.ended_loops()]
        if self.stopping:
            found.append("stopping")
        read = self._probe("reading the database", self._node.database.read, _read)
        written = self._probe("writing the database", self._node.database.write, _may_write)
        return [*found, *await read, *await written, *await asyncio.to_thread(self._disk)]

    async def _probe(self, what: str, door: Callable[[Any], Awaitable[None]], act: Callable[..., None]) -> list[str]:
        probe = self._probes.get(what)
        if probe is None:
            probe = self._probes[what] = asyncio.ensure_future(door(act))
        # One that does not come back is not asked a second time: it stands in a queue with everybody else.
        await asyncio.wait([probe], timeout=PATIENCE_SECONDS)
        if not probe.done():
            return [f"{what} takes too long"]
        del self._probes[what]
        match probe.exception():
            case None:
                return []
            case DBAPIError() as error:
                return [f"{what} {'has to wait' if may_succeed_again(error) else 'fails'}"]
            case _OnlyReads():
                return [f"{what} is not possible"]
            case error:
                raise error

    def _disk(self) -> list[str]:
        free = shutil.disk_usage(self._node.config.directory).free
        return [] if free >= DISK_BYTES else ["the disk is full"]


def _read(tx: Transaction) -> None:
    tx.execute(select(metadata.tables["local_actors"].c.iri).limit(1)).all()


def _may_write(tx: Transaction) -> None:
    """Take the lock that every writer takes. Nothing is written, so that asking costs nothing."""
    only_reads = text("SELECT current_setting('transaction_read_only') = 'on'")
    if tx.connection.dialect.name == "postgresql" and tx.execute(only_reads).scalar():
        raise _OnlyReads  # the database is a standby, or was told so
