"""The one explicit object that everything is handed, and the transaction that a database function is handed.

There are no singletons: a test runs three nodes in one process. `Node` is built by `node.app.open_node`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, overload

from aiohttp import web

from node import identifiers
from node.gate import Gate
from node.happenings import Happening
from node.memory import EVERYTHING, tables_of
from node.metrics import Metrics
from node.prepared import Found, Prepared
from node.shelf import Shelf
from node.strangers import Pace, Strangers

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, CursorResult
    from sqlalchemy.sql import Executable

    from federation.client import Client
    from federation.web_push import Sender
    from node.config import Config
    from node.database import Database
    from node.delivery import Outbox
    from node.films import Films
    from node.health import Health
    from node.hosts import Hosts
    from node.intake import Intake
    from node.key_directory import KeyDirectory
    from node.keyring import Keyring
    from node.media_cache import MediaCache
    from node.rooms import Rooms

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class Bell:
    """Wakes the loops of this process when there is work, from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._events: dict[str, asyncio.Event] = {}

    def attach(self) -> None:
        """Bind to the running loop; a bell nobody attached rings unheard, which is right for the command line."""
        self._loop = asyncio.get_running_loop()

    def ring(self, topic: str) -> None:
        """Wake whoever waits for `topic`; safe from a database thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event(topic).set)

    async def wait(self, topic: str, *, at_most: float) -> None:
        """Return when `topic` rang since the last wait, or after `at_most` seconds."""
        event = self._event(topic)
        try:
            async with asyncio.timeout(at_most):
                await event.wait()
        except TimeoutError:
            pass
        event.clear()

    def _event(self, topic: str) -> asyncio.Event:
        return self._events.setdefault(topic, asyncio.Event())


@dataclass(slots=True, eq=False)
class Node:
    """Everything one node is made of. Rooms receive it, or a `Transaction` that carries it."""

    config: Config
    database: Database
    client: Client
    keyring: Keyring
    rooms: Rooms
    clock: Clock = system_clock
    bell: Bell = field(default_factory=Bell)
    hashing: Gate = field(default_factory=lambda: Gate(at_once=2, waiting=20))  # a password takes 64 MiB
    # Actors who have spoken, whose handle may have to be asked for (peering.handles); a hint, lost with the process.
    unproven: set[str] = field(default_factory=set)
    strangers: Strangers = field(default_factory=Strangers)
    pace: Pace = field(default_factory=Pace)
    metrics: Metrics = field(default_factory=Metrics)
    # What apps read of texts and accounts, as it is for everybody (web.mastodon.entities).
    ready_texts: Shelf[Any] = field(default_factory=lambda: Shelf(at_most=4000), repr=False)
    ready_accounts: Shelf[bytes] = field(default_factory=lambda: Shelf(at_most=4000), repr=False)
    # Which policies fit a host, and how the doors are set (peering.standing).
    standings: Shelf[Any] = field(default_factory=lambda: Shelf(at_most=20_000), repr=False)
    # By the name of the key that it is made from (media_cache.secret); replaced as a whole, by several threads.
    media_secret: Mapping[str, bytes] = field(default_factory=dict, init=False, repr=False)
    push_sender: Sender | None = field(
        default=None, init=False, repr=False
    )  # as whom push services know it (push.keys)
    intake: Intake = field(init=False)
    directory: KeyDirectory = field(init=False)
    media_cache: MediaCache = field(init=False)
    films: Films = field(init=False)
    health: Health = field(init=False)
    hosts: Hosts = field(init=False)
    outbox: Outbox = field(init=False)

    def address(self, path: str) -> str:
        """The public address of `path` on this node; the origin comes from the settings, never from a header."""
        return self.config.origin + path


NODE: web.AppKey[Node] = web.AppKey("node", Node)


@dataclass(slots=True, eq=False)
class Transaction:
    """What a function run by `database.read` or `database.write` receives.

    `now` is one moment for the whole transaction. Functions registered with `after_commit` run once, in the database
    thread, when the commit has succeeded; never when it was rolled back or is being tried again.
    """

    node: Node
    connection: Connection
    now: datetime
    changed: set[str] = field(default_factory=set)
    """The tables that were written to."""
    touched: set[str] = field(default_factory=set)
    """Objects that entered, changed or went: what is derived from them is settled before the commit."""
    happened: list[Happening] = field(default_factory=list)
    """What somebody may want to be told of at once (node.happenings)."""
    seen: set[str] | None = None
    """The tables that were read, where somebody wants to know."""
    proposed: list[Any] = field(default_factory=list)
    """What was proposed to a group in this transaction (`decisions.proposed`), to be told to whoever did it."""
    since: int = 0
    """How many commits of this process had been made when it began: it may not see what came after them."""
    _afterwards: list[Callable[[], object]] = field(default_factory=list)
    _last_id: int = 0

    @overload
    def execute(
        self, statement: Prepared, parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None
    ) -> Found: ...
    @overload
    def execute(
        self, statement: Executable, parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None
    ) -> CursorResult[Any]: ...

    def execute(
        self,
        statement: Executable | Prepared,
        parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
    ) -> Any:
        """Run one statement; a sequence of parameters is one executemany."""
        if isinstance(statement, Prepared):
            if statement.changes:
                self.changed |= statement.tables
            elif self.seen is not None:
                self.seen |= statement.tables
            return statement.run(self.connection, parameters)
        if not statement.is_select:
            self.changed |= tables_of(statement)
            if self.seen is not None:
                self.seen.add(EVERYTHING)  # written by hand: whatever it reads
        elif self.seen is not None:
            self.seen |= tables_of(statement)
        return self.connection.execute(statement, parameters)

    def new_id(self) -> int:
        """A sortable id for this moment; within a transaction each is one more than the last."""
        self._last_id = self._last_id + 1 if self._last_id else identifiers.mint(self.now)
        return self._last_id

    def settle(self) -> None:
        """Called by the database at the end of a transaction that writes: bring up to date what follows from it."""
        if self.touched or self.happened:
            for act in self.node.rooms.settlings:
                act(self)
            self.touched, self.happened = set(), []

    def after_commit(self, act: Callable[[], object]) -> None:
        """Do `act` when, and only when, this transaction has been committed."""
        self._afterwards.append(act)

    def mark(self) -> int:
        """How much is registered to be done after the commit, for `forget_since`."""
        return len(self._afterwards)

    def forget_since(self, mark: int) -> None:
        """Do not do what was registered since `mark`: it was undone."""
        del self._afterwards[mark:]

    def committed(self) -> None:
        """Called by the database when the commit has succeeded."""
        if self.changed:
            self.node.database.memory.note(self.changed)
        for act in self._afterwards:
            act()


Effect = Callable[[Transaction, str], None]
"""What an adopted decision does, given its subject; runs once, in the transaction of the deciding ballot."""
