"""HTTP with raw sockets, no more of it than a benchmark needs: it must cost little beside what is measured."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_HOST = re.compile(rb"\r\nhost: *([^\r]+)", re.IGNORECASE)
END = b"\r\n\r\n"

Answer = Callable[[bytes, bytes, bytes, bytes], bytes]
"""(method, path, host, body) -> the whole answer."""


class Serving(asyncio.Protocol):
    """One connection on which requests are answered."""

    def __init__(self, answer: Answer) -> None:
        self._answer, self._buffer = answer, b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(END)) >= 0:
            head = self._buffer[:end]
            length = int(found[1]) if (found := _LENGTH.search(head)) else 0
            whole = end + 4 + length
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            method, path, _ = head.split(b" ", 2)
            host = found[1] if (found := _HOST.search(head)) else b""
            self._transport.write(self._answer(method, path, host, body))


@dataclass
class Fired:
    """What came of sending: when the first left and the last was answered, the statuses, and seconds for each."""

    began: float = 0.0
    ended: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    read_bytes: int = 0

    @property
    def seconds(self) -> float:
        return self.ended - self.began


class _Sending(asyncio.Protocol):
    """One connection that sends a request, waits for the answer, and sends the next."""

    def __init__(self, following: Callable[[], bytes | None], fired: Fired, done: asyncio.Future[None]) -> None:
        self._following, self._fired, self._done = following, fired, done
        self._buffer, self._sent_at = b"", 0.0
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = self._following()
        if request is None:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.monotonic()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer = self._buffer + data if self._buffer else data
        end = buffer.find(END)
        if end < 0:
            return
        found = _LENGTH.search(buffer, 0, end)
        whole = end + 4 + (int(found[1]) if found else 0)
        if len(buffer) < whole:
            return
        self._buffer = b""
        fired, now = self._fired, time.monotonic()
        fired.latencies.append(now - self._sent_at)
        status = int(buffer[9:12])
        fired.statuses[status] = fired.statuses.get(status, 0) + 1
        fired.read_bytes += whole
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the node has hung up"))


async def fire(host: str, port: int, following: Callable[[], bytes | None], *, connections: int) -> Fired:
    """Send what `following` gives, over that many connections at once, until it gives None."""
    loop, fired = asyncio.get_running_loop(), Fired()
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    fired.began = time.monotonic()
    await asyncio.gather(*(loop.create_connection(_maker(following, fired, end), host, port) for end in ends))
    await asyncio.gather(*ends)
    fired.ended = time.monotonic()
    return fired


def _maker(following: Callable[[], bytes | None], fired: Fired, done: asyncio.Future[None]) -> Callable[[], _Sending]:
    return lambda: _Sending(following, fired, done)


def response(status: bytes, body: bytes = b"", content_type: bytes = b"application/activity+json") -> bytes:
    """An answer over a connection that stays open."""
    head = b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (status, content_type, len(body))
    return head + body


def request(method: str, target: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A whole request."""
    if body or method == "POST":
        headers = headers | {"Content-Length": str(len(body))}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
