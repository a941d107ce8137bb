"""What nobody expected: whoever asked gets a 500 like any other refusal, the log what happened, and neither too much."""

from __future__ import annotations

import json
import logging

import pytest
from sqlalchemy import text

from node.web.pages.rendering import VARY
from tests.nodes.served import ServedNode
from tests.web.test_hostile_requests import leaks, raw

SENTENCE = "this node has made a mistake; it is written in its log"
SECRET = "k7w2-not-for-the-log"


async def lose_a_table(node: ServedNode) -> None:
    """No request may fail because of what it says; so something has to be broken for one to fail."""
    await node.write(lambda tx: tx.execute(text("DROP TABLE pins")))


async def test_a_mistake_of_ours_is_told_to_who_asked_in_one_sentence(node: ServedNode) -> None:
    await lose_a_table(node)
    address = f"{node.group}/featured?token={SECRET}"
    async with node.http.get(address, headers={"Accept": "text/html"}) as answer:
        page = await answer.text()
        assert (answer.status, answer.content_type) == (500, "text/html")
        assert "Our mistake" in page and SENTENCE in page
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        for name, value in (("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"), ("Vary", VARY)):
            assert answer.headers.getall(name) == [value]
        assert answer.headers.getall("Server") == ["Commonwire"]
    async with node.http.get(address) as answer:
        assert (answer.status, await answer.json()) == (500, {"error": SENTENCE})
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    path = node.group.removeprefix(node.origin)
    for accept in ("text/html", "application/json"):
        said = await raw(
            node, f"GET {path}/featured HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: {accept}\r\n\r\n".encode()
        )
        assert said.startswith(b"HTTP/1.1 500 ") and not leaks(said, node)
    assert (await node.activity("/actor"))[0] == 200, "others are answered"


async def test_a_mistake_of_ours_is_in_the_log_without_who_asked(
    node: ServedNode, caplog: pytest.LogCaptureFixture
) -> None:
    await lose_a_table(node)
    caplog.set_level(logging.DEBUG)
    caplog.handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    caplog.clear()
    said = await raw(
        node, f"GET {node.group.removeprefix(node.origin)}/featured?{SECRET} HTTP/1.1\r\nHost: x\r\n"
        f"User-Agent: {SECRET}\r\nX-Forwarded-For: 192.0.2.7\r\nConnection: close\r\n\r\n".encode()
    )  # fmt: skip
    assert json.loads(said.partition(b"\r\n\r\n")[2]) == {"error": SENTENCE}
    (record,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert record.getMessage() == "a request for /groups/{handle}/featured failed"
    assert "Traceback (most recent call last)" in caplog.text and "pins" in caplog.text
    assert not [private for private in (SECRET, "127.0.0.1", "192.0.2.7") if private in caplog.text], caplog.text
