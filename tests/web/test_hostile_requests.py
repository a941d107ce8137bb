"""Requests that are not what HTTP or an honest person would send: nothing leaks, nothing fails, nothing is believed."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import pytest

from federation.media_types import ACTIVITY_JSON
from node import VERSION
from tests.nodes.served import PATIENCE, ServedNode

SECRETS = ("aiohttp", "python", "sqlalchemy", "psycopg", "sqlite", "traceback", 'file "', "/node/", "site-packages")


async def raw(node: ServedNode, request: bytes, *, seconds: float = PATIENCE) -> bytes:
    """Write bytes to the node's socket and read what it says until it hangs up or is silent."""
    host, port = node.node.config.listen_address
    reader, writer = await asyncio.open_connection(host, port)
    answer = b""
    try:
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(seconds):
            while chunk := await reader.read(65536):
                answer += chunk
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()
    return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


async def answers(node: ServedNode) -> bool:
    return (await node.activity("/actor"))[0] == 200


def leaks(answer: bytes, node: ServedNode) -> list[str]:
    text = answer.decode("utf-8", "replace").lower()
    own = (str(node.directory).lower(), f"server: {VERSION}")
    return [secret for secret in (*SECRETS, *own) if secret in text]


RAW = {
    "nonsense": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03rubbish\r\n\r\n",
    "no method": b" / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long method": b"A" * 9000 + b" / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a bad version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/1.0 without a host": b"GET /actor HTTP/1.0\r\n\r\n",
    "no host": b"GET /actor HTTP/1.1\r\nConnection: close\r\n\r\n",
    "two hosts": b"GET /actor HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
    "a bad header": b"GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
    "a NUL in a header": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nConnection: close\r\n\r\n",
    "a long header": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(50_000)) + b"\r\n",
    "a long path": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "an absolute target": b"GET http://victim.example/actor HTTP/1.1\r\nHost: victim.example\r\nConnection: close\r\n\r\n",
    "a CONNECT": b"CONNECT victim.example:443 HTTP/1.1\r\nHost: victim.example\r\nConnection: close\r\n\r\n",
    "an asterisk": b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "two lengths": b"POST /inbox HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a negative length": b"POST /inbox HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "smuggling": b"POST /inbox HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET",
    "a bad chunk": b"POST /inbox HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: application/activity+json\r\n\r\nZZ\r\n",
    "an unknown coding": b"POST /inbox HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\n",
    "an upgrade": b"GET /actor HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "an expectation": b"POST /inbox HTTP/1.1\r\nHost: x\r\nExpect: rubbish\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "a space in the path": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "bytes in the path": b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
}


@pytest.mark.one_database
async def test_whatever_is_written_to_the_socket_nothing_fails_or_leaks(node: ServedNode) -> None:
    found = dict(
        zip(RAW, await asyncio.gather(*(raw(node, request, seconds=1.0) for request in RAW.values())), strict=True)
    )
    for name, answer in found.items():
        assert status_of(answer) < 500, (name, answer[:300])
        assert leaks(answer, node) == [], (name, answer[:600])
    assert await answers(node)


PATHS = [
    "/%00", "/statements/%00", "/groups/%00", "/groups/union%00", "/groups/%00/outbox", "/struggles/%00", "/imports/%00",
    "/imports/%00?page=1", "/activities/%00", "/tags/%00", "/heard/%00", "/assets/%00", "/statements/%00/replies",
    "/.well-known/webfinger?resource=%00", "/reports/%ff%fe", "/statements/%ED%A0%80", "/groups/%F0%28%8C%BC",
    "/tags/%ff", "/heard/%ff", "/../../etc/passwd", "/assets/../../../../etc/passwd", "/assets/..%2f..%2f..%2fnode.toml",
    "/assets/%2e%2e/%2e%2e/node.toml", "/assets/....//....//node.toml", "/assets/..\\..\\node.toml", "/assets//etc/passwd",
    "/assets/%252e%252e%252fnode.toml", "//victim.example/", "//groups/union", "/groups//union", "/groups/union/",
    "/./groups/union", "/groups/union;x=1", "/groups/union%20", "/groups/un%2Fion", "/groups/union%2Foutbox",
    "/statements/" + "a" * 4000, "/groups/" + quote("\u202eunion"), "/statements/*", "/statements/'%20OR%201=1--",
    "/wire?before=%00", "/wire?before[]=1", "/?" + "a=1&" * 1000, "/heard/zzzzzzzzzzzzz", "/heard/7zzzzzzzzzzzz",
    "/heard/-1", "/heard/" + "1" * 50, "/tags/" + "x" * 3000, "/tags/%E2%80%AE", "/nodeinfo/2.0/", "/nodeinfo/2x1",
]  # fmt: skip


@pytest.mark.one_database
async def test_a_trick_in_the_path_finds_nothing_and_breaks_nothing(node: ServedNode) -> None:
    await node.publish("A secret-looking statement #x")
    for path in PATHS:
        for accept in (ACTIVITY_JSON, "text/html"):
            request = (
                f"GET {path} HTTP/1.1\r\nHost: {node.node.config.host}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
            )
            answer = await raw(node, request.encode())
            assert 200 <= status_of(answer) < 500, (path, accept, answer[:300])
            assert leaks(answer.partition(b"\r\n\r\n")[0], node) == [], (path, answer[:600])
            assert b"root:" not in answer and b"allow_http" not in answer
        post = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        assert 200 <= status_of(await raw(node, post.encode())) < 500, path
    for name in ("%00", "union%00", "%ff"):
        post = f"POST /groups/{name}/inbox HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        assert 400 <= status_of(await raw(node, post.encode())) < 500, name
    assert await answers(node)


POISON = {
    "Host": "victim.example",
    "X-Forwarded-Host": "victim.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Port": "444",
    "X-Forwarded-Prefix": "/victim",
    "X-Original-URL": "/desk",
    "X-Rewrite-URL": "/desk",
    "X-HTTP-Method-Override": "DELETE",
    "X-Host": "victim.example",
    "Forwarded": "for=203.0.113.7;host=victim.example;proto=https",
    "Referer": "http://victim.example/",
    "Origin": "http://victim.example",
}


@pytest.mark.one_database
async def test_headers_about_hosts_have_no_effect(node: ServedNode) -> None:
    ours = await node.publish()
    paths = [
        "/", "/wire", "/about", "/login", "/actor", node.group, ours, f"{node.group}/outbox?page=true",
        f"/.well-known/webfinger?resource=acct:union@{node.node.config.host}", "/.well-known/nodeinfo",
        "/.well-known/host-meta", "/statements/0000000000000", f"{ours}/replies", "/.well-known/host-meta.json",
        "/groups/union.atom", "/groups/union.json", "/wire.atom", "/robots.txt", "/sitemap.xml", "/sitemaps/pages.xml",
        f"/api/oembed?url={ours}", "/nodeinfo/2.1",
    ]  # fmt: skip
    for path in paths:
        url = path if path.startswith("http") else node.origin + path
        for accept in (ACTIVITY_JSON, "text/html"):
            async with node.http.get(url, headers={"Accept": accept}) as plain:
                expected = (plain.status, await plain.read())
            async with node.http.get(url, headers={"Accept": accept} | POISON, allow_redirects=False) as poisoned:
                body = await poisoned.read()
                assert poisoned.status == expected[0]
                assert b"victim" not in body
                assert "victim" not in repr(poisoned.headers)
                if path != "/login":  # a form has a word of its own each time
                    assert body == expected[1], path
    status, _ = await node.activity("/.well-known/webfinger?resource=acct:union@victim.example")
    assert status == 404


@pytest.mark.one_database
async def test_no_answer_names_our_software_s_version_or_its_libraries(node: ServedNode) -> None:
    ours = await node.publish()
    for path in (
        "/actor",
        node.group,
        ours,
        "/",
        "/none",
        "/login",
        "/desk",
        "/inbox",
        "/assets/none",
        "/wire?before=x",
    ):
        url = path if "://" in path else node.origin + path
        for accept in (ACTIVITY_JSON, "text/html"):
            for method in ("GET", "POST", "OPTIONS"):
                async with node.http.request(
                    method, url, headers={"Accept": accept}, allow_redirects=False
                ) as response:
                    assert response.status < 500
                    head = "\r\n".join(f"{name}: {value}" for name, value in response.headers.items())
                    assert response.headers["Server"] == "Commonwire"
                    assert leaks(head.encode(), node) == []
                    if response.status >= 400:
                        assert leaks(await response.read(), node) == []


@pytest.mark.one_database
async def test_half_sent_requests_keep_nobody_waiting(node: ServedNode) -> None:
    """Hundreds of requests that never end, in the header and in the body, and honest ones beside them."""
    host, port = node.node.config.listen_address
    opened = []
    try:
        for number in range(200):
            _, writer = await asyncio.open_connection(host, port)
            writer.write(
                b"POST /inbox HTTP/1.1\r\nHost: x\r\nContent-Type: application/activity+json\r\n"
                + (b"Content-Length: 1000\r\n\r\n{" if number % 2 else b"X-Slow")
            )
            opened.append(writer)
        async with asyncio.timeout(60):
            for _ in range(5):
                assert await answers(node)
    finally:
        for writer in opened:
            writer.close()


@pytest.mark.one_database
async def test_a_hundred_large_bodies_at_once_do_no_harm(node: ServedNode) -> None:
    body = b'{"a": "' + b"x" * 900_000 + b'"}'

    async def one() -> int:
        async with node.http.post(
            f"{node.origin}/inbox", data=body, headers={"Content-Type": ACTIVITY_JSON}
        ) as response:
            return response.status

    assert set(await asyncio.gather(*(one() for _ in range(100)))) == {401}
    assert await answers(node)
