"""Whom a policy limits: only who follows it sees what it says, whichever way somebody looks for it."""

from __future__ import annotations

import pytest

from node.identifiers import spell
from node.peering import governing
from node.peering.rules import Severity
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import enter
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App
from tests.web.mastodon.world import world

pytestmark = pytest.mark.one_database
WORD = "zanzibar"


async def test_only_who_follows_sees_what_somebody_says_who_is_limited(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    there = await world(node, hostile_peer)
    ours = await node.publish("We begin")
    tag = [{"type": "Hashtag", "name": "#harbour", "href": "https://x.example/harbour"}]
    said = await there.note(f"<p>{WORD} first</p>", tag=tag)
    below = await there.note(f"<p>{WORD} below</p>", inReplyTo=ours)
    await node.write(enter, node.group, {"rosa": "reader"})
    scopes = "read write:bookmarks"
    follows, stranger = await app_login(node, "steward", scopes=scopes), await app_login(node, "rosa", scopes=scopes)
    place, top, answer = [await there.number(one) for one in (said, ours, below)]
    account = (await follows.get(f"/api/v1/statuses/{place}"))["account"]["id"]
    for app in (follows, stranger):
        await app.post(f"/api/v1/statuses/{place}/bookmark")
    paths = (
        "/api/v1/timelines/public", "/api/v1/timelines/tag/harbour", f"/api/v1/statuses?id[]={place}",
        f"/api/v1/statuses/{place}", f"/api/v1/statuses/{place}/context", f"/api/v1/statuses/{place}/history",
        f"/api/v1/statuses/{top}/context", f"/api/v1/statuses/{answer}", f"/api/v1/accounts/{account}/statuses",
        f"/api/v1/accounts/{account}/statuses?pinned=true", f"/api/v2/search?type=statuses&q={WORD}",
    )  # fmt: skip
    pages = (
        "/", "/wire", "/wire.atom", "/wire.json", "/tags/harbour", f"/search?q={WORD}", ours, f"{ours}/replies",
        f"{ours}/context", f"{node.group}/outbox?page=true", "/sitemap.xml",
        *(f"/heard/{spell(int(one))}" for one in (place, answer)), *paths,
    )  # fmt: skip
    await walk(node, stranger, pages, (*paths, "/api/v1/bookmarks"), said, below, seen=True)
    assert WORD in (await node.page(f"/heard/{spell(int(place))}"))[1]
    await node.write(governing.enact, hostile_peer.host, Severity.LIMIT, "noise")
    await walk(node, stranger, pages, (*paths, "/api/v1/bookmarks"), said, below, seen=False)
    assert [(await node.activity(f"{ours}/{name}"))[1]["totalItems"] for name in ("replies", "context")] == [0, 1]
    assert (await stranger.call("GET", f"/api/v1/accounts/{account}")).status == 200, "so that she can follow it"
    assert (await stranger.call("GET", f"/api/v1/statuses/{place}")).status == 404
    for path in (f"/api/v1/statuses/{place}", f"/api/v1/statuses/{answer}", "/api/v1/timelines/home"):
        assert WORD in str(await follows.get(path)), path
    for path in ("/api/v1/bookmarks", f"/api/v1/accounts/{account}/statuses"):
        assert WORD in str(await follows.get(path)), path
    assert below in str(await follows.get(f"/api/v1/statuses/{top}/context"))
    assert await follows.get("/api/v1/notifications") == []


async def walk(
    node: ServedNode, app: App, pages: tuple[str, ...], paths: tuple[str, ...], *iris: str, seen: bool
) -> None:
    """Look everywhere, as a reader of the pages and in an app: something is seen somewhere, or nothing anywhere."""
    found = [path for path in pages if _stands(await node.page(path), iris)]
    in_app = [path for path in paths if _stands((0, str((await app.call("GET", path)).body)), iris)]
    assert (bool(found) and bool(in_app)) if seen else found + in_app == [], (found, in_app)


def _stands(answer: tuple[int, str], iris: tuple[str, ...]) -> bool:
    """Whether what was said is there; a search says again for what it was asked."""
    return any(one in answer[1] for one in (f"{WORD} first", f"{WORD} below", *iris))
