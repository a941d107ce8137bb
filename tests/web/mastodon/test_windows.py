"""Turning the pages of time lines: nothing is lost and nothing comes twice, in whichever direction and however large."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node import objects
from node.context import Transaction
from node.objects import Kept
from node.statements import store
from node.statements.store import Shown, reactions
from node.timelines import store as timelines
from node.timelines.rules import Scope
from node.window import Window
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App
from tests.web.mastodon.world import world

SAID = datetime(2026, 5, 1, tzinfo=UTC)
TEXTS = 60
NEXT = re.compile(r'<([^>]+)>; rel="next"')
PREV = re.compile(r'<([^>]+)>; rel="prev"')


def enter(tx: Transaction, authors: list[str], numbers: range, group: str) -> None:
    """Texts by the authors in turn, every fifth an answer to the one before, every third boosted by the first."""
    rows = [
        Kept(
            iri=f"{authors[number % len(authors)]}/said/{number}", sort_id=1000 * number, kind="Statement",
            author=authors[number % len(authors)], local=authors[number % len(authors)] == group,
            document=objects.encode({"type": "Note", "id": f"x{number}"}), published=SAID,
            in_reply_to=f"{authors[(number - 1) % len(authors)]}/said/{number - 1}" if number % 5 == 0 else None,
        )
        for number in numbers
    ]  # fmt: skip
    objects.keep(tx, rows)
    store.add(tx, [Shown(iri=row.iri, html="<p>x</p>") for row in rows])
    for number, row in zip(numbers, rows, strict=True):
        if number % 3 == 0:
            boost = {"iri": f"{row.iri}/boost", "kind": "Announce", "actor": authors[0], "object": row.iri}
            tx.execute(reactions.insert().values(at=SAID, sort_id=row.sort_id + 500, **boost))
    tx.touched.clear()


def expected(authors: list[str], followed: list[str], numbers: range) -> list[int]:
    """The places of a home time line, the newest first, worked out anew."""
    found = []
    for number in numbers:
        author, before = authors[number % len(authors)], authors[(number - 1) % len(authors)]
        is_aside = number % 5 == 0 and number - 1 in numbers and before != author and before not in followed
        if author in followed and not is_aside:
            found.append(1000 * number)
        if number % 3 == 0 and authors[0] in followed:
            found.append(1000 * number + 500)
    return sorted(found, reverse=True)


async def test_pages_neither_lose_nor_repeat_anything(node: ServedNode) -> None:
    authors = [node.group, *(f"https://peer{number}.example/users/a" for number in range(3))]
    numbers = range(1, TEXTS)
    await node.write(enter, authors, numbers, node.group)

    def read(followed: list[str], **asked: Any) -> list[int]:
        def run(tx: Transaction) -> list[int]:
            window = Window(**asked)
            items = timelines.by(tx, followed, window, answered=followed) if followed else timelines.public(
                tx, window, scope=Scope()
            )  # fmt: skip
            return [item.place for item in items]

        found: list[int] = node.node.database._run_read(run)
        return found

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(st.sampled_from(authors), unique=True, min_size=1), st.integers(1, 40), st.integers(0, 1100 * TEXTS)
    )
    def check(followed: list[str], limit: int, start: int) -> None:
        whole = expected(authors, followed, numbers)
        down: list[int] = []
        while page := read(followed, limit=limit, max_id=down[-1] if down else None):
            down += page
        assert down == whole
        up: list[int] = []
        while page := read(followed, limit=limit, min_id=up[0] if up else 0):
            up = page + up
        assert up == whole
        assert read(followed, limit=limit, max_id=start) == [one for one in whole if one < start][:limit]
        assert read(followed, limit=limit, since_id=start) == [one for one in whole if one > start][:limit]
        above = [one for one in whole if one > start]
        assert read(followed, limit=limit, min_id=start) == above[max(0, len(above) - limit) :]
        between = [one for one in above if one < start + 20_000]
        assert (
            read(followed, limit=limit, min_id=start, max_id=start + 20_000) == between[max(0, len(between) - limit) :]
        )

    await asyncio.to_thread(check)
    everything = [1000 * number for number in reversed(numbers) if number % 5]
    assert await asyncio.to_thread(partial(read, [], limit=80)) == everything[:80]


async def test_who_follows_few_among_many_finds_all_they_say(node: ServedNode) -> None:
    authors = [f"https://peer{number}.example/users/a" for number in range(150)]
    numbers = range(1, 3200)
    await node.write(enter, authors, numbers, node.group)
    for followed in ([authors[7]], authors[3:5], [authors[0]]):
        whole, found = expected(authors, followed, numbers), []
        for limit in (3, 20):
            found = []
            while page := await node.read(places, followed, limit=limit, max_id=found[-1] if found else None):
                found += page
            assert found == whole


def places(tx: Transaction, followed: list[str], **asked: Any) -> list[int]:
    return [item.place for item in timelines.by(tx, followed, Window(**asked), answered=followed)]


async def test_an_app_turns_pages_by_the_links_it_is_given(
    node: ServedNode, hostile_peer: Peer, app_login: AppLogin
) -> None:
    there = await world(node, hostile_peer)
    said = [await there.note(f"<p>{number}</p>", published=f"2026-05-01T10:0{number}:00Z") for number in range(7)]
    app = await app_login(node, "steward", scopes="read")
    assert await turned(app, "/api/v1/timelines/home?limit=3") == said[::-1]
    late = await there.note("<p>later</p>", published="2026-05-01T11:00:00Z")
    first = await app.call("GET", "/api/v1/timelines/home?limit=3")
    account = first.body[0]["account"]["id"]
    assert await turned(app, f"/api/v1/accounts/{account}/statuses?limit=2") == [late, *said[::-1]]
    # What is newer than the oldest page comes page by page, until there is nothing newer.
    oldest = await app.get("/api/v1/timelines/home", limit=40)
    found: list[str] = [oldest[-1]["uri"]]
    address = f"{node.origin}/api/v1/timelines/home?limit=2&min_id={oldest[-1]['id']}"
    while (answer := await app.call("GET", address)).body:
        found = [one["uri"] for one in answer.body] + found
        link = PREV.search(answer.headers["Link"])
        assert link is not None and answer.headers["Link"].index("next") < answer.headers["Link"].index("prev")
        address = link[1]
    assert found == [late, *said[::-1]]
    assert "Link" not in answer.headers


async def turned(app: App, path: str) -> list[str]:
    """What all pages show, following `next`."""
    found: list[str] = []
    address: str | None = app.node.origin + path
    while address is not None:
        answer = await app.call("GET", address)
        assert answer.status == 200
        found += [one["uri"] for one in answer.body]
        link = NEXT.search(answer.headers.get("Link", ""))
        address = link[1] if link else None
        assert address is None or address.startswith(app.node.origin)
    return found
