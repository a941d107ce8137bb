"""No address, user agent or referrer of anybody stands anywhere afterwards: not in the database, not on the disk, not in the log."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.media_types import ACTIVITY_JSON
from node import log
from tests.nodes.peer import Peer
from tests.nodes.served import PASSWORD, ServedNode

WHO = {
    "User-Agent": "Distinctive-Reader-4711",
    "Referer": "http://where-she-came-from.example/4712",
    "X-Forwarded-For": "203.0.113.71",
    "X-Real-IP": "203.0.113.72",
    "Forwarded": "for=203.0.113.73",
    "From": "rosa-4713@example.org",
    "Accept-Language": "tlh-4714",
    "Cookie": "tracking=4715",
}
TRACES = (
    "Distinctive-Reader", "Reader-4711", "where-she-came-from", "203.0.113.", "rosa-4713", "tlh-4714", "tracking=4715",
    "not her password",
)  # fmt: skip


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, as the node logs it, on its most talkative level."""
    root, server = logging.getLogger(), logging.getLogger("aiohttp.server")
    before = (root.handlers[:], root.level, server.filters[:])
    stream = io.StringIO()
    log.configure("debug")
    root.handlers[:] = [logging.StreamHandler(stream)]
    yield stream
    root.handlers[:], root.level, server.filters[:] = before


async def visit(node: ServedNode, paths: list[str]) -> None:
    for path in paths:
        for accept in ("text/html", ACTIVITY_JSON):
            async with node.http.get(node.origin + path, headers=WHO | {"Accept": accept}) as response:
                await response.read()


async def attack(node: ServedNode, peer: Peer) -> None:
    """Requests that go wrong in every way, because that is when something is logged."""
    headers = WHO | {"Content-Type": ACTIVITY_JSON}
    actor = peer.actor()
    for body in (b"", b"{", b"[]", b"x" * 2_000_000):
        async with node.http.post(f"{node.origin}/inbox", data=body, headers=headers) as response:
            await response.read()
        signed = peer.signed(f"{node.origin}/inbox", body, key_id=f"{actor}#main-key")
        await peer.post(f"{node.origin}/inbox", body, WHO | signed)
    for kind, thing in (
        ("Follow", node.group),
        ("Frobnicate", node.group),
        ("Create", peer.note(actor)),
        ("Undo", actor),
    ):
        await peer.send(f"{node.origin}/inbox", peer.activity(kind, actor, thing), headers=WHO)
    lines = "".join(f"{name}: {value}\r\n" for name, value in WHO.items())
    for request in (
        f"GET / HTTP/1.1\r\nHost: x\r\n{lines}bad header\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: x\r\n{lines}X-Forwarded-For: 203.0.113.79\x00\r\n\r\n",
        f"RUBBISH {lines}\r\n\r\n",
        f"POST /inbox HTTP/1.1\r\nHost: x\r\n{lines}Content-Type: {ACTIVITY_JSON}\r\nContent-Length: 100\r\n\r\nabc",
    ):
        _, writer = await asyncio.open_connection(*node.node.config.listen_address)
        writer.write(request.encode())
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()


async def log_in(node: ServedNode) -> None:
    for password in ("not her password", PASSWORD):
        form = {"name": "steward", "password": password}
        async with node.http.post(f"{node.origin}/login", data=form, headers=WHO | {"Origin": node.origin}) as response:
            await response.read()


def on_disk(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file())


async def test_who_reads_and_who_sends_is_nowhere_afterwards(
    node: ServedNode, hostile_peer: Peer, logged: io.StringIO
) -> None:
    ours = await node.publish("For everybody to read. #x")
    paths = [
        "/", "/wire", "/about", "/ns", "/tags/x", "/login", "/desk", "/groups/union", "/groups/union/outbox?page=true",
        ours.removeprefix(node.origin), "/none", "/statements/0000000000000", "/wire?before=x", "/nodeinfo/2.1", "/actor",
        "/.well-known/webfinger?resource=acct:union@x", "/robots.txt", "/%00",
    ]  # fmt: skip
    await visit(node, paths)
    await attack(node, hostile_peer)
    await log_in(node)
    await node.quiet()
    contents, said = repr(await node.contents()), logged.getvalue()
    disk = await asyncio.to_thread(on_disk, node.directory)
    for trace in TRACES:
        assert trace not in contents, trace
        assert trace.encode() not in disk, trace
        assert trace not in said, trace
    host = node.node.config.listen_address[0]
    for line in said.splitlines():
        for address in ("from " + host, "remote", "peername"):
            assert address not in line, line
