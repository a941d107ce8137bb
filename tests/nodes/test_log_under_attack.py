"""A served node on its most talkative level, attacked in every way: its log says nothing of who asked, nor what was sent."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from federation.media_types import ACTIVITY_JSON
from tests.nodes.peer import Peer
from tests.nodes.served import free_port
from tests.nodes.test_killed_nodes import config_origin, hear, in_database
from tests.nodes.test_service_manager import started

FROM = "127.0.0.77"  # an address that nobody but the attacker has
WHO = {
    "User-Agent": "Trace-Agent-4711",
    "Referer": "http://trace-referrer.example/4712",
    "X-Forwarded-For": "203.0.113.71",
    "Cookie": "trace=4713",
    "Authorization": "Bearer trace-token-4714",
}
TRACES = (
    FROM, "Trace-Agent", "trace-referrer", "203.0.113.71", "trace=4713", "trace-token", "trace-path", "trace-query",
    "trace-body", "trace-word", "trace-password", "trace-name",
)  # fmt: skip
RAW = (
    b"GET /trace-path HTTP/1.1\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: trace-name\r\n\r\n",
    b"trace-body \x00\xff nonsense\r\n\r\n",
    b"GET /" + b"trace-path" * 2000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /inbox HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\nX: trace-body\r\n\r\n",
    b"POST /inbox HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\ntrace-body",
    b"POST /inbox HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\ntrace-body",
    b"\x16\x03\x01\x02\x00\x01\x00\x01trace-body",
    b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"trace-body" * 2000 + b"\r\n\r\n",
)


async def raw(port: int, message: bytes) -> None:
    """Something that is no request, and an end in the middle of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(FROM, 0))
    writer.write(message)
    await asyncio.sleep(0.02)
    writer.transport.abort()
    await asyncio.sleep(0)
    del reader


async def attack(origin: str, peer: Peer, http: aiohttp.ClientSession) -> None:
    author = peer.actor("trace-name")
    for path in ("/trace-path", "/statements/trace-path", "/tags/x?trace-query=1", "/wire?before=trace-query", "/%00trace-path",
                 "/media/remote/trace-path", "/.well-known/webfinger?resource=acct:trace-name@x", "/heard/trace-path",
                 "/api/me", "/healthz?trace-query"):  # fmt: skip
        for accept in ("text/html", ACTIVITY_JSON):
            async with http.get(origin + path, headers=WHO | {"Accept": accept}) as response:
                await response.read()
    bodies = (
        b'{"trace-body"',
        b"[" * 50_000 + b"trace-body",
        b'{"type": "Create", "id": "trace-body"}',
        b"trace-body" * 200_000,
    )
    for body in bodies:
        for headers in (WHO, WHO | {"Signature": 'keyId="trace-name",signature="trace-body"'}):
            async with http.post(
                f"{origin}/inbox", data=body, headers=headers | {"Content-Type": ACTIVITY_JSON}
            ) as response:
                await response.read()
        signed = peer.signed(f"{origin}/inbox", body, key_id=f"{author}#main-key")
        async with http.post(f"{origin}/inbox", data=body, headers=WHO | signed) as response:
            await response.read()
    form = {"name": "trace-name", "password": "trace-password"}
    async with http.post(f"{origin}/login", data=form, headers=WHO | {"Origin": origin}) as response:
        await response.read()


@pytest.mark.one_database
async def test_the_log_of_a_node_under_attack_says_nothing_about_anybody(
    make_node: Callable[..., Path], hostile_peer: Peer
) -> None:
    settings = {"log_level": "debug", "metrics_listen": f"127.0.0.1:{free_port()}"}
    directory = await asyncio.to_thread(make_node, 0, settings=settings)
    origin = await asyncio.to_thread(config_origin, directory)
    talker = hostile_peer.actor("talker")
    await in_database(directory, hear, talker)
    port = int(origin.rpartition(":")[2])
    async with started(directory, COMMONWIRE_DEBUG="1") as process:
        assert process.stdout is not None and process.stderr is not None
        log = asyncio.create_task(process.stderr.read())
        await process.stdout.readline()
        connector = aiohttp.TCPConnector(local_addr=(FROM, 0))
        async with aiohttp.ClientSession(connector=connector) as http:
            await attack(origin, hostile_peer, http)
            for message in RAW:
                await raw(port, message)
            for words in ("trace-word", "<script>trace-word</script>", "trace-word " * 20_000):
                note = hostile_peer.note(talker, words)
                for kind in ("Create", "Update", "Announce", "Flag", "Unheard"):
                    await hostile_peer.send(f"{origin}/inbox", hostile_peer.activity(kind, talker, note, content=words))
            await asyncio.sleep(0.5)
            async with http.get(f"{origin}/healthz") as response:
                assert response.status == 200
        process.send_signal(signal.SIGTERM)
        said = ((await process.stdout.read()) + await log).decode(errors="replace")
        assert await process.wait() == 0
    for trace in TRACES:
        lines = [line for line in said.splitlines() if trace in line]
        assert not lines, f"{trace}: {lines[:3]}"
    assert "Traceback" not in said, said
    assert "something came that is no HTTP request" in said, "it was to be talkative"
