"""The client with servers that behave, and with the usual ways of not behaving."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation.client import Budget, Client, Signer
from federation.errors import Gone, Malformed, Refused, Unreachable
from federation.media_types import ACTIVITY_JSON
from federation.signatures import Request, cavage

Serve = Callable[[Any], Awaitable[str]]
MakeClient = Callable[..., Client]


def answer(document: dict[str, Any], content_type: str = ACTIVITY_JSON) -> web.Response:
    return web.Response(body=json.dumps(document).encode(), headers={"Content-Type": content_type})


def here(request: web.Request) -> str:
    return f"http://{request.host}{request.raw_path}"


async def echo_id(request: web.Request) -> web.Response:
    return answer({"id": here(request), "type": "Note"})


def as_received(request: web.Request, body: bytes) -> Request:
    headers = {name.lower(): ", ".join(request.headers.getall(name)) for name in request.headers}
    return Request(request.method, request.raw_path, headers, body)


async def test_a_document_is_fetched_by_its_id(client: Client, serve: Serve) -> None:
    origin = await serve(echo_id)
    assert await client.document(f"{origin}/notes/1?a=b%20c") == {"id": f"{origin}/notes/1?a=b%20c", "type": "Note"}
    assert (await client.document(f"{origin}/actor#main-key"))["id"] == f"{origin}/actor"


@pytest.mark.parametrize(
    "path", ["", "?author=1", "/a/../b", "/%7Ea/%2e%2e", "/@a@b;c?d=|&e=[f]", "/é?ü=ß", "/a+b%2Fc?x=1+2&y", "//a//"]
)
async def test_what_is_signed_is_what_is_sent(
    path: str, client: Client, serve: Serve, signer: Signer, rsa_key: RSAPrivateKey, now: datetime
) -> None:
    verified: list[str] = []

    async def verify(request: web.Request) -> web.Response:
        received = as_received(request, await request.read())
        header = cavage.parse(received.headers["signature"])
        host = origin.removeprefix("http://")
        cavage.verify(received, header, rsa_key.public_key(), host=host, now=now)
        if request.method == "POST":
            assert request.headers["Content-Type"] == ACTIVITY_JSON
        verified.append(request.method)
        return web.Response(status=202 if request.method == "POST" else 200)

    origin = await serve(verify)
    await client.get(origin + path, signer=signer)
    await client.post(origin + path, b'{"type":"Follow"}', signer=signer)
    assert verified == ["GET", "POST"]


async def test_a_request_says_who_we_are_and_carries_nothing_else(client: Client, serve: Serve) -> None:
    seen: list[dict[str, str]] = []

    async def look(request: web.Request) -> web.Response:
        seen.append(dict(request.headers))
        return web.Response(headers={"Set-Cookie": "track=1"})

    origin = await serve(look)
    await client.get(origin)
    await client.get(origin)
    for headers in seen:
        assert headers == {
            "Host": origin.removeprefix("http://"),
            "User-Agent": "Commonwire/0 (+https://ours.example)",
            "Accept-Encoding": "gzip, deflate",
            "Accept": 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        }


async def test_a_connection_is_used_again(client: Client, serve: Serve, signer: Signer) -> None:
    connections = set()

    async def look(request: web.Request) -> web.Response:
        assert request.transport is not None
        connections.add(request.transport.get_extra_info("peername"))
        return web.Response(status=202 if request.method == "POST" else 200)

    origin = await serve(look)
    for _ in range(3):
        await client.post(f"{origin}/inbox", b"{}", signer=signer)
        await client.get(origin)
    assert len(connections) == 1


async def test_a_kept_connection_that_was_closed_costs_nothing(
    client: Client, serve_raw: Serve, signer: Signer
) -> None:
    bodies = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # One answer that promises to keep the connection; the next request on it finds it closed.
        for attempt in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            if attempt:
                return
            bodies.append(await reader.readexactly(2) if b"POST" in head else b"")
            writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

    origin = await serve_raw(once)
    await client.post(f"{origin}/inbox", b"{}", signer=signer)
    await client.post(f"{origin}/inbox", b"[]", signer=signer)
    assert bodies == [b"{}", b"[]"]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (204, Refused), (304, Refused), (400, Refused), (401, Refused), (403, Refused), (404, Gone), (405, Refused),
        (408, Unreachable), (410, Gone), (418, Refused), (425, Unreachable), (429, Unreachable), (500, Unreachable),
        (502, Unreachable), (503, Unreachable), (599, Unreachable),
    ],
)  # fmt: skip
async def test_a_status_becomes_what_to_do_next(
    status: int, error: type[Exception], client: Client, serve: Serve, signer: Signer
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=status)

    origin = await serve(refuse)
    with pytest.raises(error) as caught:
        await client.get(origin)
    assert isinstance(caught.value, Gone) == (error is Gone)
    if status >= 300:
        with pytest.raises(error) as posted:
            await client.post(origin, b"{}", signer=signer)
        assert isinstance(posted.value, Gone) == (error is Gone)
    if error is Refused and status >= 400:
        assert isinstance(caught.value, Refused)
        assert caught.value.status == status


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", timedelta(minutes=2)),
        ("Fri, 20 Nov 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Fri, 20 Nov 2020 12:10:00 GMT", timedelta()),
        ("999999999999999999999", timedelta(days=7)),
        ("-5", None),
        ("²", None),
        ("soon", None),
        ("", None),
    ],
)
async def test_retry_after_is_heeded_within_reason(
    header: str, expected: timedelta | None, client: Client, serve: Serve
) -> None:
    async def later(request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": header})

    origin = await serve(later)
    with pytest.raises(Unreachable) as caught:
        await client.get(origin)
    assert caught.value.retry_after == expected


@pytest.mark.parametrize(
    ("content_type", "accepted"),
    [
        ("application/activity+json", True),
        ("Application/Activity+JSON; charset=utf-8", True),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams"', True),
        ('application/ld+json; charset=utf-8; profile="https://a.b/ https://www.w3.org/ns/activitystreams"', True),
        ("application/ld+json; profile=https://www.w3.org/ns/activitystreams", True),
        ("application/ld+json", False),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams/not"', False),
        ("application/json", False),
        ("text/html", False),
        ("image/png", False),
        ("text/plain; application/activity+json", False),
        ('text/html; profile="https://www.w3.org/ns/activitystreams"', False),
        ("application/octet-stream", False),
    ],
)  # fmt: skip
async def test_only_activity_json_is_a_document(
    content_type: str, accepted: bool, client: Client, serve: Serve
) -> None:
    async def typed(request: web.Request) -> web.Response:
        return answer({"id": here(request)}, content_type)

    origin = await serve(typed)
    if accepted:
        assert await client.document(f"{origin}/1") == {"id": f"{origin}/1"}
    else:
        with pytest.raises(Refused, match="ActivityStreams"):
            await client.document(f"{origin}/1")


async def test_a_document_without_a_content_type_or_with_two_is_refused(client: Client, serve_raw: Serve) -> None:
    for headers in (b"", b"Content-Type: application/activity+json\r\nContent-Type: text/html\r\n"):

        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: bytes = headers) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + headers + b"\r\n{}")
            await writer.drain()

        with pytest.raises(Refused, match="several content types" if headers else "ActivityStreams"):
            await client.document(await serve_raw(speak))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"id":NaN}', b'{"id":"a","id":"b"}', b"\xff\xfe", b"[" * 100_000])
async def test_what_is_not_strict_json_is_malformed(body: bytes, client: Client, serve: Serve) -> None:
    async def speak(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": ACTIVITY_JSON})

    with pytest.raises(Malformed):
        await client.document(await serve(speak))


async def test_a_document_with_another_id_of_its_origin_is_fetched_by_that(client: Client, serve: Serve) -> None:
    async def canonical(request: web.Request) -> web.Response:
        origin = f"http://{request.host}"
        ids = {"/@a": "/users/a", "/upload.json": "/users/a", "/users/a": "/users/a", "/x": "/y", "/y": "/z"}
        return answer({"id": origin + ids[request.path], "from": request.path})

    origin = await serve(canonical)
    assert (await client.document(f"{origin}/@a"))["from"] == "/users/a"
    assert (await client.document(f"{origin}/upload.json"))["from"] == "/users/a"
    with pytest.raises(Refused):
        await client.document(f"{origin}/x")


@pytest.mark.parametrize("named", [None, 7, "", "urn:x", {"id": "https://one.example"}, "/users/a"])
async def test_a_document_without_a_usable_id_is_malformed(named: Any, client: Client, serve: Serve) -> None:
    async def speak(request: web.Request) -> web.Response:
        return answer({"id": named})

    with pytest.raises(Malformed):
        await client.document(await serve(speak))


async def test_a_document_with_an_id_of_another_origin_is_refused(client: Client, serve: Serve) -> None:
    victim = await serve(echo_id)

    async def impostor(request: web.Request) -> web.Response:
        return answer({"id": f"{victim}/users/a"})

    with pytest.raises(Refused, match="another origin"):
        await client.document(f"{await serve(impostor)}/1")


async def test_an_open_redirect_does_not_lend_its_origin(client: Client, serve: Serve) -> None:
    async def impostor(request: web.Request) -> web.Response:
        return answer({"id": f"{victim}/redirect", "type": "Person"})

    attacker = await serve(impostor)

    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{attacker}/x"})

    victim = await serve(redirect)
    with pytest.raises(Refused, match="another origin"):
        await client.document(f"{victim}/redirect")


async def test_a_redirect_leads_to_the_document_that_lies_there(client: Client, serve: Serve, signer: Signer) -> None:
    async def moved(request: web.Request) -> web.Response:
        if request.path == "/old":
            return web.Response(status=301, headers={"Location": "/new"})
        return answer({"id": here(request), "signed": "Signature" in request.headers})

    origin = await serve(moved)
    assert await client.document(f"{origin}/old", signer=signer) == {"id": f"{origin}/new", "signed": True}
    elsewhere = await serve(moved)

    async def away(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": f"{elsewhere}/there"})

    assert (await client.document(await serve(away)))["id"] == f"{elsewhere}/there"


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "deflate", "raw deflate", "identity", ""])
async def test_packed_answers_are_unpacked(encoding: str, client: Client, serve: Serve) -> None:
    text = b'{"content":"' + b"solidarity " * 1000 + b'"}'
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "deflate": zlib.compress(text), "raw deflate": raw.compress(text) + raw.flush(), "identity": text, "": text,
    }.get(encoding, gzip.compress(text))  # fmt: skip

    async def speak(request: web.Request) -> web.Response:
        return web.Response(
            body=packed, headers={"Content-Encoding": encoding.removeprefix("raw ")} if encoding else {}
        )

    assert (await client.get(await serve(speak))).body == text


async def test_one_fetch_can_have_a_smaller_limit(client: Client, serve: Serve) -> None:
    async def speak(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 100)

    origin = await serve(speak)
    assert len((await client.get(origin, limit_bytes=100)).body) == 100
    with pytest.raises(Refused, match="longer than 99 bytes"):
        await client.get(origin, limit_bytes=99)


async def test_a_client_can_be_closed_at_any_time(make_client: MakeClient, serve: Serve) -> None:
    client = make_client()
    await client.close()
    await client.start()
    origin = await serve(echo_id)
    await client.get(origin)
    await client.close()
    await client.close()
    with pytest.raises(RuntimeError, match="not started"):
        await client.get(origin)


async def test_a_budget_is_spent_over_all_requests(client: Client, serve: Serve) -> None:
    async def speak(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 100)

    origin = await serve(speak)
    by_requests = Budget(requests=2, bytes=10_000)
    for _ in range(2):
        await client.get(origin, budget=by_requests)
    with pytest.raises(Refused, match="requests"):
        await client.get(origin, budget=by_requests)
    by_bytes = Budget(requests=100, bytes=250)
    for _ in range(2):
        await client.get(origin, budget=by_bytes)
    with pytest.raises(Refused, match="bytes"):
        await client.get(origin, budget=by_bytes)
