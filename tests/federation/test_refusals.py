"""What is read of the words with which another server refuses: one short line, or nothing, and never more than that."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from federation.client import Client, Signer
from federation.knocking import Declined
from federation.refusals import WORDS_AT_MOST

JSON, PLAIN, HTML = "application/json", "text/plain", "text/html"


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (PLAIN, "You are\r\n not\x1b[2J welcome\u202e.", "You are not [2J welcome ."),
        (PLAIN, "x" * 9000, "x" * (WORDS_AT_MOST - 1) + "…"),
        (PLAIN, " \n", None),
        (JSON, '{"error": "Forbidden: domain blocked"}', "Forbidden: domain blocked"),
        (JSON, '{"error": "blocked", "message": "by hand"}', "by hand"),
        ("application/problem+json", '{"detail": "no"}', "no"),
        (JSON, '{"error": {"code": 1}}', None),
        (JSON, "[" * 4000, None),
        (JSON, '["no"]', None),
        (HTML, "<h1>403 Forbidden</h1>", None),
    ],
)
async def test_one_line_of_a_refusal_is_read(
    kind: str, body: str, words: str | None, client: Client, serve: Any, signer: Signer
) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=403, text=body, content_type=kind)

    origin = await serve(refuse)
    with pytest.raises(Declined) as caught:
        await client.post(f"{origin}/inbox", b"{}", signer=signer)
    assert (caught.value.status, caught.value.words) == (403, words)


async def test_a_refusal_that_does_not_end_is_a_refusal(client: Client, serve_raw: Any, signer: Signer) -> None:
    done = asyncio.Event()

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 410 Gone\r\nContent-Type: text/plain\r\nContent-Length: 4000\r\n\r\nWe ")
        await writer.drain()
        await done.wait()
        writer.close()

    origin = await serve_raw(refuse)
    with pytest.raises(Exception, match="410") as caught:
        await client.post(f"{origin}/inbox", b"{}", signer=signer)
    done.set()
    assert getattr(caught.value, "words", "") is None
