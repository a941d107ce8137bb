"""What happens is told while it happens, over WebSockets and as server-sent events, to whom it is for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp.web import HTTPTooManyRequests
from sqlalchemy import event
from sqlalchemy.engine import Engine

from node.apps import actions
from node.members import store as members
from node.members.store import digest
from node.members.viewers import Viewer
from node.streams.store import events
from node.web.mastodon.streaming.hub import OPEN_PER_VIEWER, Hub, Listener, Stream
from node.web.mastodon.streaming.told import told as told_of
from tests.nodes.peer import Peer
from tests.nodes.served import PATIENCE, ServedNode, eventually
from tests.web.admin.desk_browsers import enter
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App

STREAMING = "/api/v1/streaming"


@asynccontextmanager
async def socket(node: ServedNode, app: App, **query: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    url = f"{node.origin}{STREAMING}"
    async with node.http.ws_connect(url, params=query, protocols=(app.token,)) as opened:
        assert opened.protocol == app.token, "browsers want it echoed"
        yield opened


async def told(opened: aiohttp.ClientWebSocketResponse) -> tuple[list[str], str, Any]:
    """The next message: stream, event, payload."""
    async with asyncio.timeout(PATIENCE):
        found = json.loads(await opened.receive_str())
    payload = found["payload"]
    return found["stream"], found["event"], payload if found["event"] == "delete" else json.loads(payload)


async def hear(node: ServedNode, peer: Peer, author: str, content: str, **fields: Any) -> dict[str, Any]:
    note = peer.note(author, content, **fields)
    assert await peer.send(f"{node.origin}/inbox", peer.activity("Create", author, note)) == 202
    return note


async def test_one_socket_many_streams(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    ana, bo = hostile_peer.actor("ana"), hostile_peer.actor("bo")
    await node.follow(f"@ana@{hostile_peer.host}")
    app = await app_login(node, "steward")
    async with socket(node, app) as opened:
        for stream in ({"stream": "user"}, {"stream": "public:local"}, {"stream": "hashtag", "tag": "Strike"}):
            await opened.send_json({"type": "subscribe", **stream})
        await opened.send_json({"type": "subscribe", "stream": "nonsense"})
        refused = json.loads(await opened.receive_str())
        assert refused["status"] == 422 and "nonsense" in refused["error"]

        tag = {"type": "Hashtag", "name": "#strike", "href": f"{hostile_peer.origin}/tags/strike"}
        note = await hear(node, hostile_peer, ana, "<p>On #strike</p>", tag=[tag])
        found = sorted([await told(opened), await told(opened)], key=str)
        assert [(one[0], one[1]) for one in found] == [(["hashtag", "strike"], "update"), (["user"], "update")]
        assert {one[2]["uri"] for one in found} == {note["id"]} and found[0][2]["favourited"] is False

        said = await app.send("POST", "/api/v1/statuses", {"status": "We too."})
        both = sorted([await told(opened), await told(opened)], key=str)
        assert [one[0] for one in both] == [["public:local"], ["user"]]
        await app.send("PUT", f"/api/v1/statuses/{said['id']}", {"status": "We too!"})
        changed = [await told(opened), await told(opened)]
        assert {one[1] for one in changed} == {"status.update"} and "We too!" in changed[0][2]["content"]

        like = hostile_peer.activity("Like", bo, said["uri"])
        assert await hostile_peer.send(f"{node.origin}/inbox", like) == 202
        stream, event, payload = await told(opened)
        assert (stream, event, payload["type"]) == (["user"], "notification", "favourite")
        assert payload["account"]["username"] == "bo" and payload["status"]["id"] == said["id"]

        await opened.send_json({"type": "unsubscribe", "stream": "hashtag", "tag": "strike"})
        await app.send("DELETE", f"/api/v1/statuses/{said['id']}")
        gone = sorted([await told(opened), await told(opened)], key=str)
        assert [one[:2] for one in gone] == [(["public:local"], "delete"), (["user"], "delete")]
        assert gone[0][2] == said["id"]


async def test_what_is_not_public_and_what_is_hidden_is_told_to_nobody(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    ana = hostile_peer.actor("ana")
    await node.follow(f"@ana@{hostile_peer.host}")
    await node.write(enter, node.group, {"zoe": "editor"})
    app, other = await app_login(node, "steward"), await app_login(node, "zoe")
    first = await hear(node, hostile_peer, ana, "<p>First</p>")
    await eventually(lambda: node.holds(first["id"]))
    (status,) = await app.get("/api/v1/timelines/home")
    await app.post(f"/api/v1/accounts/{status['account']['id']}/mute")
    async with socket(node, app, stream="user") as muted, socket(node, other, stream="user") as open_to_all:
        second = await hear(node, hostile_peer, ana, "<p>Second</p>")
        assert (await told(open_to_all))[2]["uri"] == second["id"]
        said = await app.send("POST", "/api/v1/statuses", {"status": "After it."})
        assert (await told(muted))[2]["id"] == said["id"], "what she has muted was not told before it"


async def test_a_reader_is_told_of_a_hashtag_that_she_follows(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    ana = hostile_peer.actor("ana")
    await node.follow(f"@ana@{hostile_peer.host}")
    await node.write(enter, node.group, {"reader": "reader"})
    app = await app_login(node, "reader")
    await app.post("/api/v1/tags/strike/follow")
    tag = {"type": "Hashtag", "name": "#Strike", "href": f"{hostile_peer.origin}/tags/strike"}
    async with socket(node, app, stream="user") as opened:
        await hear(node, hostile_peer, ana, "<p>She does not follow me.</p>")
        tagged = await hear(node, hostile_peer, ana, "<p>On #Strike</p>", tag=[tag])
        stream, event, payload = await told(opened)
        assert (stream, event, payload["uri"]) == (["user"], "update", tagged["id"])


async def test_an_event_stream_and_a_token_that_ends(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    headers = {"Authorization": f"Bearer {app.token}"}
    async with (
        socket(node, app, stream="public") as opened,
        node.http.get(f"{node.origin}{STREAMING}/public/local", headers=headers) as response,
    ):
        assert response.status == 200 and response.content_type == "text/event-stream"
        said = await app.send("POST", "/api/v1/statuses", {"status": "Line by line."})
        lines: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while not lines or not lines[-1].startswith("data: "):
                lines.append((await response.content.readline()).decode().rstrip("\n"))
        assert lines[-2] == "event: update" and json.loads(lines[-1].removeprefix("data: "))["id"] == said["id"]
        assert (await told(opened))[2]["id"] == said["id"]

        await node.write(lambda tx: members.end_tokens(tx, 1))
        async with asyncio.timeout(PATIENCE):
            ended = await opened.receive()
            assert ended.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
            while await response.content.readline():
                pass
    for path in (STREAMING, f"{STREAMING}/user"):
        async with node.http.get(node.origin + path, headers=headers) as refused:
            assert refused.status == 401 and (await refused.json())["error"]


async def test_wrong_questions_are_refused_in_words(node: ServedNode, app_login: AppLogin) -> None:
    app = await app_login(node, "steward", scopes="read:notifications")
    for path, status in (
        (f"{STREAMING}/public", 403),
        (f"{STREAMING}/user/notification", 200),
        (f"{STREAMING}/nonsense", 404),
        (f"{STREAMING}", 426),
    ):
        headers = {"Authorization": f"Bearer {app.token}"}
        async with node.http.get(node.origin + path, headers=headers) as response:
            assert response.status == status, path
            if status != 200:
                assert isinstance((await response.json())["error"], str)


async def test_a_hundred_hashtags_cost_no_more_than_one(node: ServedNode, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    await app.send("POST", "/api/v1/statuses", {"status": "On #strike"})
    held = await node.read(actions.viewer, digest(app.token))
    rows = await node.read(lambda tx: tx.execute(events.select()).all())
    strike, others = Stream("hashtag", "strike"), [Stream("hashtag", f"tag{number}") for number in range(100)]

    def asked(tx: Any, streams: frozenset[Stream]) -> tuple[list[Stream], int]:
        count = 0

        def note(*_: Any) -> None:
            nonlocal count
            count += 1

        event.listen(Engine, "before_cursor_execute", note)
        try:
            found = told_of(tx, rows, [(held.viewer, streams)])
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return [one.stream for one in found], count

    one = await node.read(asked, frozenset([strike]))
    many = await node.read(asked, frozenset([strike, *others]))
    assert one[0] == many[0] == [strike]
    assert many[1] <= one[1] + 5, "other work of the node may fall in between"


async def test_an_account_opens_so_many_streams_however_many_apps_it_has_let_in(node: ServedNode) -> None:
    hub, member = Hub(node.node, told_of), await node.steward()

    def listener(account: int, number: int) -> Listener:
        return Listener(Viewer(account, member, node.group, frozenset({"read"}), token=f"token {number}"))

    try:
        for number in range(OPEN_PER_VIEWER):
            await hub.enter(listener(1, number))
        with pytest.raises(HTTPTooManyRequests):
            await hub.enter(listener(1, OPEN_PER_VIEWER))
        await hub.enter(listener(2, 0))
    finally:
        await hub.stop()
