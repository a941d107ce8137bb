"""Two hundred other servers and everybody on them, in one process of their own: they serve, send and receive.

Each server is an address of 127.0.0.0/8 on one port. They have few RSA keys among them, because making one takes 30 ms;
every actor has a key id of its own all the same, and the node cannot tell.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import multiprocessing
import os
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

from federation import keys
from federation.media_types import ACTIVITY_JSON
from federation.signatures import cavage
from tests.bench import messages, wire
from tests.bench.served import free_port
from tests.bench.wire import Fired

KEYS = 20
USER_AGENT = "http.rb/5.2.0 (Mastodon/4.4.0; +https://peer.example/)"


@dataclass(frozen=True)
class Arrivals:
    """What was delivered: how many activities, how many to each inbox, and when the last one came."""

    total: int
    inboxes: dict[str, int]
    first: float
    last: float


@dataclass(frozen=True)
class Someone:
    """An actor on one of the servers."""

    iri: str
    key: int

    @property
    def key_id(self) -> str:
        return f"{self.iri}#main-key"


class World:
    """What the process of the peers holds; `Peers` calls its methods by name."""

    def __init__(self, port: int, hosts: int) -> None:
        self.port = port
        self.origins = [f"http://127.0.{1 + number // 250}.{1 + number % 250}:{port}" for number in range(hosts)]
        self.keys = [keys.make_rsa() for _ in range(KEYS)]
        self._pems = [keys.public_pem(key.public_key()) for key in self.keys]
        self._documents: dict[bytes, bytes] = {}
        self._prepared: list[bytes] = []
        self._inboxes: dict[bytes, int] = {}
        self._first = self._last = 0.0
        self._answer_to_post = wire.response(b"202 Accepted")

    async def open(self) -> None:
        hosts = [origin.partition("://")[2].partition(":")[0] for origin in self.origins]
        loop = asyncio.get_running_loop()
        await loop.create_server(lambda: wire.Serving(self._answer), hosts, self.port, backlog=512)

    def _answer(self, method: bytes, path: bytes, host: bytes, _body: bytes) -> bytes:
        if method == b"POST":
            self._last = time.monotonic()
            self._first = self._first or self._last
            inbox = host + path
            self._inboxes[inbox] = self._inboxes.get(inbox, 0) + 1
            return self._answer_to_post
        document = self._documents.get(host + path)
        return wire.response(b"200 OK", document) if document is not None else wire.response(b"404 Not Found")

    async def settle(self, *, name: str, per_host: int, shared_inbox: bool) -> int:
        """Let actors called `name`0, `name`1 ... live on every host; how many there are now of that name."""
        for origin in self.origins:
            for number in range(per_host):
                who = self._someone(name, number, origin)
                document = messages.actor(who.iri, f"{name}{number}", self._pems[who.key], shared_inbox=shared_inbox)
                self._documents[who.iri.partition("://")[2].encode()] = _json(document)
        return per_host * len(self.origins)

    def _someone(self, name: str, number: int, origin: str) -> Someone:
        return Someone(f"{origin}/users/{name}{number}", (self.origins.index(origin) + number) % KEYS)

    def _all(self, name: str) -> list[Someone]:
        """Everybody of a name, one of each host first."""
        found = []
        while f"{self.origins[0]}/users/{name}{len(found) // len(self.origins)}".partition("://")[2].encode() in (
            self._documents
        ):
            number = len(found) // len(self.origins)
            found += [self._someone(name, number, origin) for origin in self.origins]
        return found

    async def address(self, *, name: str) -> str:
        """The IRI of the first who is called so."""
        return self._all(name)[0].iri

    async def prepare(self, kind: str, *, name: str, count: int, inbox: str, subject: str, group: str) -> int:
        """Sign `count` activities, by everybody of that name in turn; bytes of one body.

        `kind` is Create (a note that answers `subject` and mentions `group`), Say (one that does neither) or Follow
        (of `group`).
        """
        everybody, now = self._all(name), datetime.now(UTC)
        self._prepared = []
        body = b""
        for number in range(count):
            who = everybody[number % len(everybody)]
            serial = f"{name}-{time.monotonic_ns()}-{number}"
            if kind == "Follow":
                document = messages.follow(who.iri, serial, group)
            elif kind == "Say":
                document = messages.say(who.iri, serial, now=now)
            else:
                document = messages.create(who.iri, serial, answers=subject, mentions=group, now=now)
            body = _json(document)
            self._prepared.append(self._signed(who, inbox, body, now))
        return len(body)

    def _signed(self, who: Someone, inbox: str, body: bytes, now: datetime) -> bytes:
        headers = cavage.sign(
            "POST", inbox, key_id=who.key_id, key=self.keys[who.key], now=now, body=body, content_type=ACTIVITY_JSON
        )
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"} | headers
        return wire.request("POST", "/" + inbox.split("/", 3)[3], headers, body)

    async def send(self, *, port: int, connections: int) -> Fired:
        """Send what was prepared."""
        waiting = iter(self._prepared)
        fired = await wire.fire("127.0.0.1", port, lambda: next(waiting, None), connections=connections)
        self._prepared = []
        return fired

    async def read(
        self, url: str | list[str], *, accept: str, seconds: float, connections: int,
        headers: dict[str, str] | None = None,
    ) -> Fired:  # fmt: skip
        """GET one address again and again, or each of several once, until there are none left."""
        urls = [url] if isinstance(url, str) else url
        host = urls[0].partition("://")[2].partition("/")[0]
        given = {"Host": host, "Accept": accept, "User-Agent": USER_AGENT} | (headers or {})
        requests = [wire.request("GET", "/" + one.partition("://")[2].partition("/")[2], given) for one in urls]
        waiting = iter(requests) if len(requests) > 1 else itertools.repeat(requests[0])
        end = time.monotonic() + seconds
        port = int(host.rpartition(":")[2])
        return await wire.fire(
            "127.0.0.1", port, lambda: next(waiting, None) if time.monotonic() < end else None, connections=connections
        )

    async def post(self, url: str, *, size: int, seconds: float, connections: int) -> Fired:
        """POST `size` bytes to one address again and again."""
        host, _, path = url.partition("://")[2].partition("/")
        headers = {"Host": host, "Content-Type": ACTIVITY_JSON, "User-Agent": USER_AGENT}
        request = wire.request("POST", f"/{path}", headers, b"x" * size)
        end = time.monotonic() + seconds
        port = int(host.rpartition(":")[2])
        return await wire.fire(
            "127.0.0.1", port, lambda: request if time.monotonic() < end else None, connections=connections
        )

    async def arrivals(self) -> Arrivals:
        """What was delivered since `forget`."""
        inboxes = {f"http://{inbox.decode()}": number for inbox, number in self._inboxes.items()}
        return Arrivals(sum(inboxes.values()), inboxes, self._first, self._last)

    async def await_arrivals(self, *, total: int, seconds: float) -> Arrivals:
        """Wait until that many were delivered, or no longer."""
        end = time.monotonic() + seconds
        while sum(self._inboxes.values()) < total and time.monotonic() < end:
            await asyncio.sleep(0.02)
        return await self.arrivals()

    async def forget(self) -> None:
        """Count deliveries from nothing."""
        self._inboxes.clear()
        self._first = self._last = 0.0


class Peers:
    """The door to the process of the peers. Every method of `World` can be called through `call`."""

    def __init__(self, process: Any, connection: Connection) -> None:
        self._process, self._connection = process, connection

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    async def call(self, name: str, /, *arguments: Any, **named: Any) -> Any:
        """Let the peers do something; what they answer."""
        self._connection.send((name, arguments, named))
        ok, answer = await asyncio.to_thread(self._connection.recv)
        if not ok:
            raise RuntimeError(answer)
        return answer


@asynccontextmanager
async def peers(hosts: int) -> AsyncIterator[Peers]:
    """Start the peers, on that many hosts."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_main, args=(theirs, free_port(), hosts), daemon=True)
    process.start()
    theirs.close()  # so that we hear of it when they are no more
    one = Peers(process, ours)
    await one.call("open")
    try:
        yield one
    finally:
        process.kill()
        await asyncio.to_thread(process.join)


def _main(connection: Connection, port: int, hosts: int) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(_serve(connection, World(port, hosts)))
    else:
        uvloop.run(_serve(connection, World(port, hosts)))


async def _serve(connection: Connection, world: World) -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        try:
            name, arguments, named = await asyncio.to_thread(connection.recv)
        except EOFError:
            return
        try:
            answer = (True, await getattr(world, name)(*arguments, **named))
        except Exception:
            answer = (False, traceback.format_exc())
        connection.send(answer)


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
