"""Who listens in this process, and how what happens reaches them.

The hub follows the events of the database as long as somebody listens. What is told is read once for all viewers who
are told the same (`told`) and made into bytes once, however many streams it goes to. A stream that does not take what
it is sent is ended when too much waits for it: its app comes back and reads its time line. A token that opens nothing
any more ends its streams.
"""

from __future__ import annotations

import asyncio
import json
import logging
import resource
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from aiohttp import web
from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError

from node.apps import actions as apps
from node.apps import rules
from node.context import Node, Transaction
from node.members.viewers import Viewer
from node.streams.actions import Tail

log = logging.getLogger("commonwire.streaming")

WAITING_AT_MOST = 100  # messages that one stream has not taken
OPEN_AT_MOST = 20_000
SHARE_OF_FILES = 0.75  # of those that this process may open; the rest is for everything else that it serves
OPEN_PER_VIEWER = 50  # however many apps she has let in
AGAIN_SECONDS = 1.0
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stream:
    """What an app asks to be told of: "user", "public:local" ...; `argument` is the hashtag or the list."""

    name: str
    argument: str = ""

    @property
    def label(self) -> list[str]:
        """As an app is told where a message belongs."""
        return [self.name, self.argument] if self.argument else [self.name]


@dataclass(frozen=True)
class Message:
    """One thing that is told to some viewers on one of their streams."""

    viewers: frozenset[int]
    stream: Stream
    event: str
    payload: str

    @cached_property
    def frame(self) -> bytes:
        """As a WebSocket carries it, in UTF-8; the payload is JSON in a text, as at Mastodon."""
        value = {"stream": self.stream.label, "event": self.event, "payload": self.payload}
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    @cached_property
    def lines(self) -> bytes:
        """As an event stream (SSE) carries it."""
        return f"event: {self.event}\ndata: {self.payload}\n\n".encode()


@dataclass(slots=True, eq=False)
class Listener:
    """One connection of an app, with what waits for it."""

    viewer: Viewer
    streams: set[Stream] = field(default_factory=set)
    ended: bool = False
    _waiting: list[Message] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def may_hear(self, message: Message) -> bool:
        """Whether her token lets her read it: `user` takes one of two scopes, and tells of what has the other too."""
        if message.stream.name != "user":
            return True
        wanted = "read:notifications" if message.event == "notification" else "read:statuses"
        return rules.covers(self.viewer.scopes, wanted)

    def put(self, message: Message) -> None:
        """Let this wait for the listener to take it, or end her who takes nothing."""
        if len(self._waiting) >= WAITING_AT_MOST:
            self.end()
        elif not self.ended:
            self._waiting.append(message)
            self._arrived.set()

    def end(self) -> None:
        """She is told nothing more."""
        self.ended = True
        self._waiting = []
        self._arrived.set()

    async def take(self) -> list[Message]:
        """What has arrived; waits for it. Empty when it is over."""
        await self._arrived.wait()
        self._arrived.clear()
        taken, self._waiting = self._waiting, []
        return taken


Tell = Callable[[Transaction, Sequence[Row[Any]], Sequence[tuple[Viewer, frozenset[Stream]]]], list[Message]]
"""What is told of some events, to whoever wants it: (tx, events, (viewer, her streams) ...)."""


@dataclass(slots=True)
class _Checked:
    """When it was looked whose tokens still open something, and how many commits had been made by then."""

    since: int = -1
    at: datetime = NEVER
    until: datetime | None = None

    def holds(self, now: datetime, trusted_for: timedelta) -> bool:
        return abs(now - self.at) <= trusted_for and (self.until is None or now < self.until)


class Hub:
    """The listeners of this process, and the task that tells them."""

    def __init__(self, node: Node, tell: Tell) -> None:
        self._node, self._tell = node, tell
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._tail = Tail(node)
        self._begun = asyncio.Event()
        self._room = room()
        self._checked = _Checked()

    def __len__(self) -> int:
        return len(self._listeners)

    async def enter(self, listener: Listener) -> None:
        """Begin to listen; whatever happens after this has returned is told. Raises HTTPTooManyRequests."""
        same = sum(1 for one in self._listeners if one.viewer.id == listener.viewer.id)
        if same >= OPEN_PER_VIEWER or len(self._listeners) >= self._room:
            raise web.HTTPTooManyRequests(text="too many streams are open")
        self._listeners.add(listener)
        self._checked = _Checked()
        if self._task is None or self._task.done():
            self._begun.clear()
            self._task = asyncio.create_task(self._run())
        await self._begun.wait()

    def leave(self, listener: Listener) -> None:
        """Listen no more."""
        listener.end()
        self._listeners.discard(listener)

    async def stop(self) -> None:
        """End every stream: the node stops."""
        for listener in list(self._listeners):
            listener.end()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        begun = False
        while self._listeners:
            try:
                if not begun:
                    await self._tail.begin()
                    begun = True
                    self._begun.set()
                await self._tail.wait()
                await self._end_those_who_may_not()
                while events := await self._tail.read():
                    told = await self._node.database.read(self._tell, events, tuple(self._wanted()))
                    self._distribute(told)
            except DBAPIError as error:
                self._checked = _Checked()
                log.error("the database does not answer: %s", type(error.orig).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _end_those_who_may_not(self) -> None:
        """Ask for all tokens at once, and not before something has changed that they hang on."""
        memory, now = self._node.database.memory, self._node.clock()
        if memory.changed_last(apps.LET_IN_BY) <= self._checked.since and self._checked.holds(now, memory.trusted_for):
            return
        checked = self._checked = _Checked(memory.commits, now)  # before it is read: who enters meanwhile undoes it
        asked = {one.viewer.token for one in self._listeners}
        found = await self._node.database.read(apps.still_let_in, asked)
        checked.until = found.until
        over = asked - found.digests
        for listener in self._listeners:
            if listener.viewer.token in over:
                listener.end()

    def _wanted(self) -> Iterable[tuple[Viewer, frozenset[Stream]]]:
        """Each viewer who listens, once, with all that she asks for."""
        asked: dict[int, tuple[Viewer, set[Stream]]] = {}
        for listener in self._listeners:
            if listener.streams and not listener.ended:
                asked.setdefault(listener.viewer.id, (listener.viewer, set()))[1].update(listener.streams)
        return [(viewer, frozenset(streams)) for viewer, streams in asked.values()]

    def _distribute(self, told: Iterable[Message]) -> None:
        listening: dict[tuple[int, Stream], list[Listener]] = defaultdict(list)
        for listener in self._listeners:
            for stream in listener.streams:
                listening[listener.viewer.id, stream].append(listener)
        for message in told:
            for viewer in message.viewers:
                for listener in listening.get((viewer, message.stream), ()):
                    if listener.may_hear(message):
                        listener.put(message)


def room() -> int:
    """How many streams may be open: each is a file to the system."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return OPEN_AT_MOST if files == resource.RLIM_INFINITY else min(OPEN_AT_MOST, int(files * SHARE_OF_FILES))


HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)
