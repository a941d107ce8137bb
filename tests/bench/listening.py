"""Streams with raw sockets: as many as there are, each costing little beside what it costs the node."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.bench import wire

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 section 1.3; the answer to it is not what is measured
TEXT_FRAME, CLOSE_FRAME, PING_FRAME = 1, 8, 9
PONG = b"\x8a\x80\x00\x00\x00\x00"
PATIENCE_SECONDS = 120.0
STILL_SECONDS = 3.0


class Listening:
    """The streams that are open, and when each of their events came (time.monotonic())."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._times: list[float] = []
        self._streams: list[_Stream] = []
        self.ended = 0

    async def open(self, stream: str, token: str, *, is_socket: bool) -> None:
        """Open one; returns when the node has said that it is. `stream`: "user", "hashtag?tag=strike" ..."""
        name, _, query = stream.partition("?")
        headers = {"Host": f"127.0.0.1:{self._port}", "Authorization": f"Bearer {token}"}
        if is_socket:
            target = f"/api/v1/streaming?stream={name}&{query}"
            headers |= {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                        "Sec-WebSocket-Key": KEY, "Sec-WebSocket-Extensions": "permessage-deflate"}  # fmt: skip
        else:
            target = f"/api/v1/streaming/{name.replace(':', '/')}?{query}"
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = loop.create_future()
        request = wire.request("GET", target, headers)
        _, made = await loop.create_connection(
            lambda: (_Socket if is_socket else _Events)(self, request, opened), "127.0.0.1", self._port
        )
        self._streams.append(made)
        await opened

    def note(self) -> None:
        """An event has come."""
        self._times.append(time.monotonic())

    def forget(self) -> None:
        """Count events from nothing."""
        self._times = []

    async def until(self, number: int) -> list[float]:
        """Wait for so many events; when they came, in their order."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self._times) < number:
                await asyncio.sleep(0.005)
        return self._times

    async def settled(self) -> int:
        """How many have come, when no more do."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            before = 0
            while not before or len(self._times) > before:
                before = len(self._times)
                await asyncio.sleep(STILL_SECONDS)
        return before

    def close(self) -> None:
        """Hang up."""
        for stream in self._streams:
            stream.close()


class _Stream(asyncio.Protocol):
    """One connection."""

    answer = b""

    def __init__(self, listening: Listening, request: bytes, opened: asyncio.Future[None]) -> None:
        self._listening, self._request, self._opened = listening, request, opened
        self._buffer, self._hung_up = b"", False
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._opened.done():
            head, end, rest = self._buffer.partition(wire.END)
            if not end:
                return
            if not head.startswith(self.answer):
                self._opened.set_exception(ConnectionError(head.decode("latin-1") + rest.decode("latin-1")))
                return
            self._opened.set_result(None)
            self._buffer = rest
        self._buffer = self._read(self._buffer)

    def _read(self, buffer: bytes) -> bytes:
        raise NotImplementedError

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._hung_up:
            self._listening.ended += 1
        if not self._opened.done():
            self._opened.set_exception(exc or ConnectionError("the node has hung up"))

    def close(self) -> None:
        self._hung_up = True
        self._transport.close()


class _Socket(_Stream):
    """A WebSocket (RFC 6455 section 5.2); what a server sends is not masked."""

    answer = b"HTTP/1.1 101 "

    def _read(self, buffer: bytes) -> bytes:
        while len(buffer) >= 2:
            kind, length, start = buffer[0] & 15, buffer[1], 2
            if length >= 126:
                start = 4 if length == 126 else 10
                length = int.from_bytes(buffer[2:start], "big")
            if len(buffer) < start + length:
                break
            if kind == TEXT_FRAME:
                self._listening.note()
            elif kind == PING_FRAME:
                self._transport.write(PONG)
            buffer = buffer[start + length :]
        return buffer


class _Events(_Stream):
    """Server-sent events."""

    answer = b"HTTP/1.1 200 "

    def _read(self, buffer: bytes) -> bytes:
        *whole, rest = buffer.split(b"\n\n")
        for one in whole:
            if b"event: " in one:
                self._listening.note()
        return rest
