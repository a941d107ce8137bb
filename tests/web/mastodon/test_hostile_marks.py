"""Whatever is sent to the addresses of marks: an answer in Mastodon's shape, and never a mistake of ours."""

from __future__ import annotations

import json
from typing import Any

from node.web.mastodon.door import Route
from node.web.mastodon.own_routes import OWN
from tests.nodes.served import ServedNode
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.test_marks_of_viewers import account_id, status_id

NAMES = (
    "id", "account_ids", "title", "replies_policy", "exclusive", "context", "filter_action", "expires_in", "phrase",
    "keywords_attributes", "keyword", "whole_word", "irreversible", "status_id", "home", "notifications", "timeline",
    "comment", "domain", "duration", "reblogs", "notify", "languages", "limit", "max_id", "min_id", "since_id", "name",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    "", "x", "0", "-1", "2147483648", "9223372036854775807", "9223372036854775808", "9" * 400, "١٢", "\ud800", "a\x00b",
    "x" * 100_000, None, True, 7, 1e308, [], {}, [[]], [None, {"a": []}], {"a": {"b": [1]}}, {"last_read_id": "9" * 18},
    {"last_read_id": -5}, [{"keyword": "y", "id": "9" * 19}], [{"keyword": 5, "whole_word": []}], ["home", "home"],
)  # fmt: skip
BODIES = (
    b"",
    b"[]",
    b"null",
    b"{",
    b'"x"',
    b"\xff\xfe",
    b"[" * 5000,
    b'{"a":NaN}',
    b"a[b][c][d][e][f][g]=1&id[]=&=&[]=1",
)
KINDS = ("application/json", "application/x-www-form-urlencoded")


async def test_nothing_that_is_sent_breaks_them(node: ServedNode, app_login: AppLogin) -> None:
    text = await node.publish("We meet at nine.")
    await node.quiet()
    app = await app_login(node, "steward")
    places = (await status_id(node, text), await account_id(node, node.group), "9223372036854775807", "1")
    for step, route in enumerate(OWN):
        for turn, value in enumerate(VALUES):
            if turn % 4 == step % 4:
                body = json.dumps(dict.fromkeys(NAMES, value)).encode()
                await send(app, route.method, _path(route, places[turn // 4 % 4]), body, "application/json")
        raw, kind = BODIES[step % len(BODIES)], KINDS[step % 2]
        query = "&".join(f"{name}={VALUES[(step + at) % 9]}" for at, name in enumerate(NAMES))
        await send(app, route.method, f"{_path(route, places[step % 4])}?{query}", raw, kind)


def _path(route: Route, number: str) -> str:
    return route.path.replace("{id}", number).replace("{name}", number)


async def send(app: Any, method: str, path: str, body: bytes, kind: str) -> None:
    answer = await app.call(method, path, data=body or None, headers={"Content-Type": kind})
    assert answer.status < 500, (method, path, body[:200], answer.body)
    if answer.status >= 400:
        assert isinstance(answer.body["error"], str), (method, path, answer.body)
