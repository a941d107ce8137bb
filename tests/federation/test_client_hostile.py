"""What is tried against a node to make it fetch: all of it ends soon, small, and outside."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
import zlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from federation.client import Client, Signer
from federation.errors import Malformed, Refused, Unreachable

Serve = Callable[[Any], Awaitable[str]]
MakeClient = Callable[..., Client]


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://[::1]/", "//10.0.0.1/",
        "file:///etc/passwd", "gopher://127.0.0.1/", "javascript:alert(1)", "http://user@127.0.0.1/", "http://[", "",
        "data:,x", "\\\\10.0.0.1\\",
    ],
)  # fmt: skip
async def test_a_redirect_leads_nowhere_it_should_not(location: str, client: Client, serve: Serve) -> None:
    hops = []

    async def redirect(request: web.Request) -> web.Response:
        hops.append(request.path)
        return web.Response(status=302, headers={"Location": location})

    origin = await serve(redirect)
    with pytest.raises((Refused, Malformed)):
        await client.get(f"{origin}/start")
    assert len(hops) <= 4


async def test_redirects_in_a_circle_end_after_three(client: Client, serve: Serve, signer: Signer) -> None:
    hops = []

    async def circle(request: web.Request) -> web.Response:
        hops.append(request.path)
        return web.Response(status=308, headers={"Location": f"/{len(hops)}"})

    origin = await serve(circle)
    with pytest.raises(Refused, match="more than 3"):
        await client.get(origin)
    assert len(hops) == 4
    with pytest.raises(Refused, match="more than 3"):
        await client.post(origin, b"{}", signer=signer)
    assert len(hops) == 8


async def test_a_signed_request_is_not_taken_to_another_origin(client: Client, serve: Serve, signer: Signer) -> None:
    taken = []

    async def take(request: web.Request) -> web.Response:
        taken.append(request.headers.get("Signature"))
        return web.Response()

    elsewhere = await serve(take)

    async def lure(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": f"{elsewhere}/"})

    origin = await serve(lure)
    with pytest.raises(Refused, match="signed request"):
        await client.get(origin, signer=signer)
    with pytest.raises(Refused, match="signed request"):
        await client.post(origin, b"{}", signer=signer)
    assert taken == []
    assert (await client.get(origin)).url == f"{elsewhere}/"
    assert taken == [None]


@pytest.mark.parametrize("headers", [b"", b"Location: /a\r\nLocation: /b\r\n"])
async def test_a_redirect_without_one_place_to_go_is_refused(headers: bytes, client: Client, serve_raw: Serve) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n" + headers + b"\r\n")
        await writer.drain()

    with pytest.raises(Refused, match="one place"):
        await client.get(await serve_raw(speak))


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_post_is_never_turned_into_a_get(status: int, client: Client, serve: Serve, signer: Signer) -> None:
    methods = []

    async def redirect(request: web.Request) -> web.Response:
        methods.append(request.method)
        return web.Response(status=status, headers={"Location": "/there"})

    with pytest.raises(Refused):
        await client.post(await serve(redirect), b"{}", signer=signer)
    assert methods == ["POST"]


async def test_a_post_follows_307_within_its_origin_signed_anew(client: Client, serve: Serve, signer: Signer) -> None:
    signatures = []

    async def redirect(request: web.Request) -> web.Response:
        signatures.append(request.headers["Signature"])
        assert await request.read() == b"{}"
        return (
            web.Response(status=307, headers={"Location": "/b"}) if request.path == "/a" else web.Response(status=202)
        )

    await client.post(f"{await serve(redirect)}/a", b"{}", signer=signer)
    assert len(set(signatures)) == 2


def counting(sent: list[int], chunk: bytes, head: bytes = b"") -> Any:
    """A raw server that writes `head`, then `chunk` again and again until nobody listens."""

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        while not writer.is_closing():
            writer.write(chunk)
            await writer.drain()
            sent.append(len(chunk))

    return pour


async def test_an_endless_body_is_left_at_the_limit(make_client: MakeClient, serve_raw: Serve) -> None:
    sent: list[int] = []
    origin = await serve_raw(counting(sent, b"x" * 65536, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"))
    async with make_client(limit_bytes=200_000) as client:
        with pytest.raises(Refused, match="longer than 200000"):
            await client.get(origin)
    assert sum(sent) < 20_000_000


async def test_a_flood_of_tiny_chunks_is_left_at_the_limit(make_client: MakeClient, serve_raw: Serve) -> None:
    sent: list[int] = []
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    origin = await serve_raw(counting(sent, b"1\r\nx\r\n" * 1000, head))
    async with make_client(limit_bytes=20_000) as client:
        with pytest.raises(Refused, match="longer than 20000"):
            await client.get(origin)


async def test_a_length_over_the_limit_is_not_even_read(client: Client, serve_raw: Serve) -> None:
    async def boast(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        await asyncio.sleep(600)

    started = time.monotonic()
    with pytest.raises(Refused, match="longer"):
        await client.get(await serve_raw(boast))
    assert time.monotonic() - started < 300, "nobody has waited for the rest"


BOMBS = {
    "gzip": gzip.compress(bytes(200_000_000), 9, mtime=0),
    "deflate": zlib.compress(bytes(200_000_000), 9),
}


@pytest.mark.parametrize("encoding", BOMBS)
async def test_a_bomb_is_not_unpacked_past_the_limit(encoding: str, client: Client, serve: Serve) -> None:
    async def speak(request: web.Request) -> web.Response:
        return web.Response(body=BOMBS[encoding], headers={"Content-Encoding": encoding})

    origin = await serve(speak)
    started = time.process_time()
    zlib.decompress(BOMBS[encoding], wbits=47 if encoding == "gzip" else zlib.MAX_WBITS)
    whole, started = time.process_time() - started, time.process_time()
    with pytest.raises(Refused, match="longer than"):
        await client.get(origin)
    assert time.process_time() - started < whole


@pytest.mark.parametrize(
    ("encoding", "body", "error"),
    [
        ("br", b"x", Refused),
        ("zstd", b"x", Refused),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x", mtime=0), mtime=0), Refused),
        ("gzip", b"not gzip at all", Refused),
        ("deflate", b"\xff\xff\xff", Refused),
        ("gzip", gzip.compress(b"x", mtime=0) + b"trailing", Refused),
        ("gzip", gzip.compress(b"x" * 1000, mtime=0)[:-4], Unreachable),
    ],
)
async def test_unusual_packings_are_refused(
    encoding: str, body: bytes, error: type[Exception], client: Client, serve: Serve
) -> None:
    async def speak(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Encoding": encoding})

    with pytest.raises(error):
        await client.get(await serve(speak))


async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def drip_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while not writer.is_closing():
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def continue_forever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10_000_000)
    await asyncio.sleep(600)


@pytest.mark.parametrize("behave", [trickle, drip_headers, continue_forever, silent])
async def test_whoever_is_slow_loses_us_in_time(
    behave: Any, make_client: MakeClient, serve_raw: Serve, signer: Signer
) -> None:
    origin = await serve_raw(behave)
    async with make_client(timeout=timedelta(seconds=0.3)) as client:
        started = time.monotonic()
        with pytest.raises(Unreachable, match=r"within 0\.3 seconds"):
            await client.get(origin)
        if behave is not trickle:  # a 200 is all that a POST waits for
            with pytest.raises(Unreachable):
                await client.post(origin, b"{}", signer=signer)
        assert time.monotonic() - started < 300


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)
async def test_broken_http_is_unreachable(answer: bytes, client: Client, serve_raw: Serve, signer: Signer) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    origin = await serve_raw(speak)
    with pytest.raises(Unreachable):
        await client.get(origin)


async def test_a_port_where_nobody_listens_is_unreachable(client: Client, signer: Signer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(Unreachable):
            await client.get(url)
        with pytest.raises(Unreachable):
            await client.post(url, b"{}", signer=signer)


@pytest.mark.parametrize(
    "iri",
    [
        "",
        "x",
        "ftp://a.example/",
        "http://a.example:x/",
        "http://a b/",
        "http://a.example/\r\nX: y",
        "http://ａ.example/",
        "http://a.example/\ud800",
    ],
)
async def test_what_is_no_address_is_malformed(iri: str, client: Client, signer: Signer) -> None:
    for attempt in (client.get(iri), client.document(iri), client.post(iri, b"{}", signer=signer)):
        with pytest.raises(Malformed):
            await attempt


async def test_the_environment_gives_no_proxy(
    make_client: MakeClient, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")

    async def speak(request: web.Request) -> web.Response:
        return web.Response(body=b"direct")

    async with make_client() as client:
        assert (await client.get(await serve(speak))).body == b"direct"
