"""Complaints: who is heard, who sees them, what a flood comes to, and that nothing else happens."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import aiohttp
import pytest

from node import activities
from node.complaints import actions, rules, store
from node.context import Transaction
from node.errors import Conflict, Forbidden, Missing
from node.members import actions as members
from node.members.store import Member
from node.pruning import prune
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import PASSWORD, ServedNode

SCRIPT = "<script>alert(1)</script>"


async def flag(node: ServedNode, peer: Peer, actor: str, about: Any, words: Any = "spam", **more: Any) -> str | None:
    """Bring a complaint in; what became of it."""
    activity = peer.activity("Flag", actor, about, content=words, to=[node.group], **more)
    assert await peer.send(f"{node.origin}/inbox", activity) == 202, peer.last
    return await node.fate(activity)


async def found(node: ServedNode, **which: Any) -> list[Any]:
    return list(await node.read(store.of_group, node.group, **which))


@pytest.fixture
async def instance(hostile_peer: Peer) -> str:
    """The actor in whose name a Mastodon server passes complaints on."""
    return hostile_peer.actor("instance", type="Application")


@pytest.fixture
async def desk(node: ServedNode) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser in which the steward is logged in."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(node.origin, cookie_jar=jar, headers={"Accept": "text/html"}) as session:
        await session.post("/login", data={"name": "steward", "password": PASSWORD})
        yield session


async def test_a_complaint_about_our_words_is_kept_and_its_words_leave_the_log(
    node: ServedNode, hostile_peer: Peer, instance: str
) -> None:
    ours = await node.publish()
    assert await flag(node, hostile_peer, instance, [node.group, ours], "they name a person") == "done"
    (row,) = await found(node)
    assert (row.words, row.about, row.host) == ("they name a person", [node.group, ours], hostile_peer.host)
    log = await node.read(lambda tx: [one.document for one in tx.execute(activities.activities.select())])
    assert not any(b"they name a person" in one for one in log)


@pytest.mark.parametrize("shape", ["one", "embedded", "with others'"])
async def test_every_shape_in_which_others_complain_is_read(
    node: ServedNode, hostile_peer: Peer, instance: str, shape: str
) -> None:
    ours = await node.publish()
    about = {
        "one": ours,
        "embedded": [{"id": ours, "type": "Note"}],
        "with others'": ["https://else.example/1", ours, {"type": "Link"}],
    }[shape]
    activity = hostile_peer.activity("Flag", instance, about, to=None, contentMap={"de": "nicht gut"})
    assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
    assert await node.fate(activity) == "done"
    assert [(row.words, row.about) for row in await found(node)] == [("nicht gut", [ours])]


async def test_a_complaint_about_nothing_of_ours_is_none(node: ServedNode, hostile_peer: Peer, instance: str) -> None:
    deleted = await node.publish()
    theirs = hostile_peer.note(instance)["id"]
    for about in (theirs, [instance, theirs], f"{node.origin}/statements/none", f"{node.origin}/actor", []):
        assert await flag(node, hostile_peer, instance, about, "private words") in ("ignored", "refused")
    assert await found(node) == [] and await node.holds(deleted)
    log = await node.read(lambda tx: [one.document for one in tx.execute(activities.activities.select())])
    assert not any(b"private words" in one for one in log)


async def test_the_same_complaint_again_is_counted(node: ServedNode, hostile_peer: Peer, instance: str) -> None:
    ours = await node.publish()
    for words in ("spam", "spam", "  spam ", "lies"):
        assert await flag(node, hostile_peer, instance, [ours, node.group], words) == "done"
    assert sorted((row.words, row.times) for row in await found(node)) == [("lies", 1), ("spam", 3)]


async def test_a_flood_of_complaints_ends_in_a_few(node: ServedNode, hostile_peer: Peer) -> None:
    ours = await node.publish()
    flags = [
        hostile_peer.activity("Flag", hostile_peer.actor(f"u{number % 6}"), ours, content=f"lie {number}")
        for number in range(90)
    ]
    for one in flags:
        assert await hostile_peer.send(f"{node.origin}/inbox", one) == 202
    await node.quiet()
    rows = await found(node)
    assert len(rows) == rules.A_DAY_OF_HOST
    assert max(sum(row.actor == one.actor for row in rows) for one in rows) <= rules.A_DAY_OF_ACTOR
    node.clock.advance(timedelta(days=1, minutes=1))
    assert (await node.page(ours))[0] == 200


async def test_megabytes_and_markup_in_a_complaint_are_a_few_words(
    node: ServedNode, hostile_peer: Peer, instance: str, desk: aiohttp.ClientSession
) -> None:
    ours = await node.publish()
    about = [ours] * 200 + [f"{ours}#script"]
    assert await flag(node, hostile_peer, instance, about, f"{SCRIPT} " + "x" * 400_000) == "done"
    assert await flag(node, hostile_peer, instance, ours, f"{SCRIPT} " + "x" * 400_000) == "done"
    assert all(len(row.words) <= rules.WORDS_CHARACTERS and len(row.about) == 1 for row in await found(node))
    async with desk.get("/desk/complaints") as answer:
        page = await answer.text()
    assert "<script" not in page and SCRIPT in unescape(page)


async def test_complaints_are_for_delegates_and_closed_at_the_desk(
    node: ServedNode, hostile_peer: Peer, instance: str, desk: aiohttp.ClientSession
) -> None:
    ours = await node.publish()
    await flag(node, hostile_peer, instance, ours, "they name a person")
    async with desk.get("/desk") as answer:
        assert "Complaints that nobody has looked at: 1" in await answer.text()
    async with desk.get("/desk/complaints?group=union") as answer:
        page = await answer.text()
        assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    assert "they name a person" in page and hostile_peer.host in page and "not confidential" in page
    (row,) = await found(node)
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    form = {"number": str(row.id), "group": "union"}
    async with desk.post("/desk/complaints/close", data=form | {"csrf": "guess"}) as answer:
        assert answer.status == 403
    for _ in range(2):  # twice, as two delegates do
        async with desk.post("/desk/complaints/close", data=form | {"csrf": csrf[1]}, allow_redirects=False) as answer:
            assert answer.status == 303 and answer.headers["Location"].startswith("/desk/complaints?group=union")
    assert await found(node) == [] and len(await found(node, closed=True)) == 1


async def test_who_has_no_mandate_for_it_neither_sees_nor_closes_complaints(
    node: ServedNode, hostile_peer: Peer, instance: str, desk: aiohttp.ClientSession
) -> None:
    await flag(node, hostile_peer, instance, await node.publish(), "they name a person")
    (row,) = await found(node)
    writer: Member = await node.write(members.add, "wren", PASSWORD, actor=node.group, role="writer")
    with pytest.raises(Forbidden):
        await node.write(actions.close, row.id, member=writer)
    desk.cookie_jar.clear()
    async with desk.get("/desk/complaints", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/login")
    await desk.post("/login", data={"name": "wren", "password": PASSWORD})
    async with desk.get("/desk/complaints?group=union") as answer:
        assert answer.status == 403 and "they name a person" not in await answer.text()
    async with desk.get("/desk") as answer:
        assert "omplaint" not in await answer.text()


async def test_a_complaint_is_closed_once_and_goes_after_ninety_days(
    node: ServedNode, hostile_peer: Peer, instance: str
) -> None:
    await flag(node, hostile_peer, instance, await node.publish())
    (row,) = await found(node)
    with pytest.raises(Missing):
        await node.write(actions.close, row.id + 1, member=await node.steward())
    await node.write(actions.close, row.id, member=await node.steward())
    with pytest.raises(Conflict):
        await node.write(actions.close, row.id, member=await node.steward())
    node.clock.advance(rules.KEPT_FOR + timedelta(minutes=1))
    await prune(node.node)
    assert await found(node, closed=True) == []


def _enter(tx: Transaction, about: str) -> None:
    store.add(tx, group=about, actor="https://social.example/actor", about=[about], words="two\nlines \x1b[31mred")


async def test_the_command_line_lists_and_closes(node: ServedNode) -> None:
    await node.write(_enter, node.group)
    said = await commonwire("complaint", "list", node.directory)
    assert "social.example: two lines  [31mred" in said.out and "\x1b" not in said.out and node.group in said.out
    (row,) = await found(node)
    said = await commonwire("complaint", "close", node.directory, "many")
    assert said.status != 0 and "not the number of a complaint" in said.err
    assert (await commonwire("complaint", "close", node.directory, str(row.id))).status == 0
    (closed,) = json.loads((await commonwire("complaint", "list", node.directory, "--all", "--json")).out)
    assert closed["number"] == row.id and closed["closed"] is not None
    assert (await commonwire("complaint", "list", node.directory)).out == "nobody complains\n"
