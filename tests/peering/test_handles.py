"""What others are called: as both sides agree, never as one side claims."""

from __future__ import annotations

import asyncio
import contextlib
import re
import unicodedata
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from node import actors, jobs, pruning
from node.peering import actions, handles
from node.peering.rules import Severity
from tests.conftest import NODES_AT_MOST
from tests.nodes import peer as peers
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode, eventually

Another = Callable[[], Any]
JRD = "application/jrd+json"


@pytest.fixture
async def another_peer(key_sets: list[Path]) -> AsyncIterator[Another]:
    """Starts one more server that somebody else wrote."""
    async with contextlib.AsyncExitStack() as stack:

        async def start() -> Peer:
            return await stack.enter_async_context(peers.peer(key_sets[NODES_AT_MOST]))

        yield start


def finger(host: Peer, name: str, actor: str, *, subject: str | None = None) -> None:
    """`host` says whom name@host means."""
    links = [{"rel": "self", "type": "application/activity+json", "href": actor}]
    document = {"subject": subject or f"acct:{name}@{host.host}", "links": links}
    host.served[f"/.well-known/webfinger?resource=acct:{name}@{host.host}"] = Answer(document, content_type=JRD)


async def heard(node: ServedNode, peer: Peer, alice: str, content: str = "<p>We hear you.</p>") -> str:
    """Let the node follow `alice` and hear her; the path of the page with her words."""
    await node.node.directory.actor(alice)
    await node.write(actions.follow, alice, actor=node.group, member=await node.steward())
    await speak(node, peer, alice, content)
    return "/wire"


async def speak(node: ServedNode, peer: Peer, alice: str, content: str = "<p>We hear you.</p>") -> None:
    note = peer.note(alice, content)
    activity = peer.activity("Create", alice, note)
    assert await peer.send(f"{node.origin}/inbox", activity, now=node.clock()) == 202, peer.last
    await node.quiet()


async def shown(node: ServedNode, path: str) -> str:
    """The handle that the first entry of a page is signed with."""
    _, page = await node.page(path)
    found = re.search(r'<span class="handle" dir="ltr">([^<]*)</span>', page)
    assert found is not None, page
    return unescape(found[1])


async def handle_of(node: ServedNode, iri: str) -> str:
    return actors.handle_of(await node.read(actors.find, iri))


async def test_a_handle_is_shown_when_both_sides_agree(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    path = await heard(node, hostile_peer, alice)
    assert (await node.read(actors.find, alice)).agreed_handle == f"alice@{hostile_peer.host}"
    assert await shown(node, path) == f"@alice@{hostile_peer.host}"


@pytest.mark.one_database
@pytest.mark.parametrize("claims", [True, False], ids=["the actor names it", "WebFinger alone names it"])
async def test_a_handle_on_another_domain_is_shown_when_that_domain_agrees(
    claims: bool, node: ServedNode, hostile_peer: Peer, another_peer: Another
) -> None:
    front = await another_peer()
    alice = hostile_peer.actor("alice", **({"webfinger": f"alice@{front.host}"} if claims else {}))
    finger(front, "alice", alice)
    finger(hostile_peer, "alice", alice, subject=f"acct:alice@{front.host}")
    assert await shown(node, await heard(node, hostile_peer, alice)) == f"@alice@{front.host}"


@pytest.mark.one_database
async def test_a_handle_that_belongs_elsewhere_is_never_shown(
    node: ServedNode, hostile_peer: Peer, another_peer: Another
) -> None:
    """FEP-2c59, Security Considerations; attacks: webfinger handles that belong elsewhere."""
    victim = await another_peer()
    victim.actor("chair")
    claims: list[dict[str, Any]] = [
        {"webfinger": f"chair@{victim.host}"},
        {"webfinger": f"acct:chair@{victim.host}"},
        {"webfinger": f"nobody@{victim.host}"},
        {"webfinger": f"chair@{victim.host}@{hostile_peer.host}"},
        {"webfinger": f"chair@{node.node.config.host}"},
        {"webfinger": f"union@{node.node.config.host}"},
        {"webfinger": "chair@127.0.0.1:1"},
        {"webfinger": "chair@169.254.169.254"},
        {"webfinger": ["chair@a.example", f"chair@{victim.host}"]},
        {"webfinger": "\u202echair@a.example"},
        {"webfinger": "x" * 600},
    ]
    for number, claim in enumerate(claims):
        name = f"mallory{number}"
        mallory = hostile_peer.actor(name, **claim)
        finger(hostile_peer, name, mallory, subject=f"acct:chair@{victim.host}")
        await node.node.directory.actor(mallory)
        await handles.settle(node.node, mallory)
        row = await node.read(actors.find, mallory)
        assert row.agreed_handle is None, claim
        assert row.handle_checked is not None, claim
        assert actors.handle_of(row) == f"@{name}@{hostile_peer.host}", claim
    assert victim.fetches < 3 * len(claims)


ODD_ANSWERS = {
    "a page": Answer(b"<html>alice</html>", content_type="text/html"),
    "deep": Answer(b"{" * 100_000, content_type=JRD),
    "long": Answer(b'{"subject": "acct:alice@x", "links": [' + b"{}," * 200_000 + b"{}]}", content_type=JRD),
    "no text": Answer(b"\xff\xfe", content_type=JRD),
    "a list": Answer(b"[]", content_type=JRD),
    "odd links": Answer({"links": {"rel": "self"}}, content_type=JRD),
    "odd values": Answer(
        {"subject": ["acct:x@y"], "links": [None, 7, [], {"rel": "self", "type": 7, "href": {}}]}, content_type=JRD
    ),
    "a loop": Answer(b"", status=302, headers={"Location": "/.well-known/webfinger?resource=acct:alice@HOST"}),
    "inward": Answer(b"", status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}),
    "a file": Answer(b"", status=302, headers={"Location": "file:///etc/passwd"}),
    "500": Answer(b"", status=500),
    "429": Answer(b"", status=429, headers={"Retry-After": "99999999"}),
}


@pytest.mark.one_database
async def test_an_odd_answer_confirms_nothing_and_is_not_asked_for_again(node: ServedNode, hostile_peer: Peer) -> None:
    wrong = {}
    for number, (name, answer) in enumerate(ODD_ANSWERS.items()):
        alice = hostile_peer.actor(f"alice{number}")
        await node.node.directory.actor(alice)
        for path in [path for path in hostile_peer.served if "webfinger" in path]:
            hostile_peer.served[path] = answer
        before = hostile_peer.fetches
        for _ in range(3):
            await node.write(handles.promise_asking, [alice])
            await node.quiet()
        row = await node.read(actors.find, alice)
        asked, waiting = hostile_peer.fetches - before, await node.read(jobs.waiting)
        if row.agreed_handle is not None or row.handle_checked is None or not 1 <= asked <= 4 or waiting:
            wrong[name] = (row.agreed_handle, row.handle_checked, asked, waiting)
    assert wrong == {}


HOSTILE_NAMES = [
    "chair@bank.example", "@chair@bank.example", "chair\u202e\u2066moc.knab@", "\u0441hair", "chair\u200b", "cha\u0301ir\u0301",
    "\u05d0" * 80, "<script>alert(1)</script>", "chair\n@x.example", "\u200f\u05d0", "%", "\x1b[31mred", "x" * 256, "\ufeffchair", "chair ",
]  # fmt: skip
NOT_SEEN = {"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"}


@pytest.mark.one_database
async def test_a_hostile_name_is_shown_in_ascii_under_its_own_host(node: ServedNode, hostile_peer: Peer) -> None:
    for number, name in enumerate(HOSTILE_NAMES):
        mallory = hostile_peer.actor(f"m{number}", preferredUsername=name)
        await node.node.directory.actor(mallory)
        await handles.settle(node.node, mallory)
        handle = await handle_of(node, mallory)
        assert handle.isascii() and handle.isprintable(), handle
        assert handle.count("@") == 2, handle
        assert len(handle) < 100, handle
        assert handle.endswith(f"@{hostile_peer.host}"), handle
        assert not set(handle) & set("<>\"' \x1b\n"), handle
    _, page = await node.page("/")
    assert "<script" not in page


@pytest.mark.one_database
async def test_an_actor_without_a_name_is_called_by_its_address(node: ServedNode, hostile_peer: Peer) -> None:
    for number, name in enumerate((None, "", "x" * 300, 7)):
        mallory = hostile_peer.actor(f"m{number}", preferredUsername=name, name="@chair@bank.example")
        await node.node.directory.actor(mallory)
        assert await handle_of(node, mallory) == mallory, name


DISPLAY_NAMES = [
    ("Transport\u202eWorkers\u2066", "TransportWorkers"),
    ("a\u200b\u200e\u00adb\x1b[31m\x07", "ab[31m"),
    ("  two\n\tlines\u2028 ", "two lines"),
    ("\u202e\u200b\u3164", None),
    ("Z" + "\u0335" * 40, "Z" + "\u0335" * 4),
    ("نقابة عمّال النقل", "نقابة عمّال النقل"),
    ("می‌خواهیم", "می‌خواهیم"),
    ("👩‍🔧 crew", "👩‍🔧 crew"),
    ("x" * 5000, "x" * 100),
]


@pytest.mark.one_database
async def test_a_display_name_hides_nothing_and_turns_nothing_around(node: ServedNode, hostile_peer: Peer) -> None:
    wrong = {}
    for number, (name, expected) in enumerate(DISPLAY_NAMES):
        mallory = hostile_peer.actor(f"mallory{number}", name=name)
        path = await heard(node, hostile_peer, mallory)
        kept = (await node.read(actors.find, mallory)).name
        _, page = await node.page(path)
        shown = f'<bdi class="name">{expected or f"mallory{number}"}</bdi>' in page
        unseen = {letter for letter in page if unicodedata.category(letter) in NOT_SEEN} - {"\n", "\u200c", "\u200d"}
        if kept != expected or not shown or unseen:
            wrong[name] = (kept, shown, unseen)
    assert wrong == {}


async def test_whoever_speaks_is_asked_for_once_and_off_the_path_of_the_request(
    node: ServedNode, hostile_peer: Peer
) -> None:
    alice = hostile_peer.actor("alice")
    finger(hostile_peer, "alice", alice, subject="acct:nobody@127.0.0.1:1")
    path = await heard(node, hostile_peer, alice)
    asked = hostile_peer.asked["/.well-known/webfinger"]
    assert asked == 1, "because she is followed"
    await speak(node, hostile_peer, alice)
    assert hostile_peer.asked["/.well-known/webfinger"] == asked, "not again for a day"
    named = f"@Alice@{hostile_peer.host}"
    finger(hostile_peer, "alice", alice, subject=f"acct:{named[1:]}")
    node.clock.advance(handles.NOT_AGREED_FOR + timedelta(minutes=1))
    await speak(node, hostile_peer, alice)
    assert await shown(node, path) in (f"@alice@{hostile_peer.host}", named), "what is known is shown meanwhile"

    async def agreed() -> bool:
        return await shown(node, path) == named

    await eventually(agreed)
    assert hostile_peer.asked["/.well-known/webfinger"] == asked + 1


async def test_an_answer_of_a_stranger_gets_her_asked_for(node: ServedNode, hostile_peer: Peer) -> None:
    said, alice = await node.publish("Text."), hostile_peer.actor("alice")
    note = hostile_peer.note(alice, inReplyTo=said)
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", alice, note)) == 202

    async def agreed() -> bool:
        row = await node.read(actors.find, alice)
        return row is not None and row.agreed_handle == f"alice@{hostile_peer.host}"

    await eventually(agreed)


async def test_reading_leaves_no_trace(node: ServedNode, hostile_peer: Peer) -> None:
    """When somebody is asked for must not tell when somebody here was reading."""
    await heard(node, hostile_peer, hostile_peer.actor("alice"))
    await asyncio.sleep(handles.GATHER_SECONDS + 0.5)
    await node.quiet()
    node.clock.advance(handles.AGREED_FOR * 2)
    await pruning.prune(node.node)  # as its own first round does, which may come late
    before, asked = await node.contents(), hostile_peer.fetches
    for path in ("/", "/wire", node.group, "/wire.atom", "/wire.json", "/about", "/nodeinfo/2.1", "/sitemap.xml"):
        assert (await node.page(path))[0] == 200
    await asyncio.sleep(handles.GATHER_SECONDS + 0.5)
    assert await node.contents() == before
    assert hostile_peer.fetches == asked


async def test_a_like_or_a_follow_of_a_stranger_makes_nobody_ask(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    follow = hostile_peer.activity("Follow", alice, node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", follow) == 202
    await node.quiet()
    assert hostile_peer.asked["/.well-known/webfinger"] == 0


async def test_an_agreed_handle_holds_while_its_host_is_away_and_ends_with_the_name(
    node: ServedNode, hostile_peer: Peer
) -> None:
    alice = hostile_peer.actor("alice", webfinger=f"alice@{hostile_peer.host}")
    await heard(node, hostile_peer, alice)
    hostile_peer.served[f"/.well-known/webfinger?resource=acct:alice@{hostile_peer.host}"] = Answer(b"", status=503)
    node.clock.advance(handles.AGREED_FOR * 1.1)
    await handles.settle(node.node, alice)
    row = await node.read(actors.find, alice)
    assert row.agreed_handle == f"alice@{hostile_peer.host}"
    assert node.clock() - row.handle_checked < timedelta(hours=1)
    hostile_peer.actor("alice", preferredUsername="alicia")
    await node.node.directory.actor_at(alice)
    row = await node.read(actors.find, alice)
    assert (row.agreed_handle, row.handle_checked) == (None, None)
    assert actors.handle_of(row) == f"@alicia@{hostile_peer.host}"


async def test_a_handle_belongs_to_one_actor(node: ServedNode, hostile_peer: Peer) -> None:
    claim = {"webfinger": f"chair@{hostile_peer.host}"}
    first, second = hostile_peer.actor("first", **claim), hostile_peer.actor("second", **claim)
    for iri in (first, second):
        finger(hostile_peer, "chair", iri)
        await node.node.directory.actor(iri)
        await handles.settle(node.node, iri)
    assert (await node.read(actors.find, second)).agreed_handle == f"chair@{hostile_peer.host}"
    assert (await node.read(actors.find, first)).agreed_handle is None


@pytest.mark.one_database
async def test_a_suspended_host_is_not_asked(node: ServedNode, hostile_peer: Peer, another_peer: Another) -> None:
    front = await another_peer()
    alice = hostile_peer.actor("alice", webfinger=f"alice@{front.host}")
    finger(front, "alice", alice)
    await node.node.directory.actor(alice)
    member = await node.steward()
    for host in (front.host, hostile_peer.host):
        await node.write(actions.set_policy, host, Severity.REJECT, "spam", actor=node.group, member=member)
        await node.write(handles.promise_asking, [alice])
        await node.quiet()
        await handles.settle(node.node, alice)
    assert front.fetches == 0
    assert await handle_of(node, alice) == f"@alice@{hostile_peer.host}"


async def test_an_actor_who_has_left_is_not_asked_and_has_no_handle(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    await heard(node, hostile_peer, alice)
    await node.write(actors.mark_gone, alice)
    row = await node.read(actors.find, alice)
    assert (row.agreed_handle, row.handle_checked) == (None, None)
    await node.write(handles.promise_asking, [alice, f"{hostile_peer.origin}/users/none", node.group])
    assert await node.read(jobs.waiting) == 0
