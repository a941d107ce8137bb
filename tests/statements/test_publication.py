"""From a draft to everybody: nothing leaves before its time, what is called back never does, what leaves does so once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from federation.errors import Unreachable
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.statements import actions, publishing, store
from node.statements.rules import Draft, Form, State
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually

DELAY = timedelta(minutes=2)


@pytest.fixture
async def patient(serve: Callable[..., Any], hostile_peer: Peer) -> ServedNode:
    """A node whose publications can be called back for two minutes; alice, at the peer, follows it."""
    node: ServedNode = await serve(0, settings={"publication_delay": int(DELAY.total_seconds())})
    follow = hostile_peer.activity("Follow", hostile_peer.actor("alice"), node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", follow) == 202
    await node.quiet()
    return node


async def state(node: ServedNode, iri: str) -> str:
    return str((await node.read(store.publication, iri)).state)


async def is_out(node: ServedNode, peer: Peer, iri: str) -> set[bool]:
    """Whether a statement can be seen anywhere: at its address, in the outbox, on a page, at the follower."""
    found = {(await node.activity(iri))[0] == 200, (await node.page(iri))[0] == 200}
    for place in (f"{node.group}/outbox?page=true", f"{node.origin}/", f"{node.origin}/wire"):
        found.add(iri.rpartition("/")[2] in (await _text(node, place)))
    found.add(any(one["object"]["id"] == iri for one in peer.sent_to("Create")))
    return found - ({False} if True in found else set())


async def _text(node: ServedNode, url: str) -> str:
    headers = {"Accept": "application/activity+json" if "outbox" in url else "text/html"}
    async with node.http.get(url, headers=headers) as response:
        return await response.text()


async def test_nothing_leaves_before_the_delay_is_over(patient: ServedNode, hostile_peer: Peer) -> None:
    due = patient.clock() + DELAY
    iri = await patient.publish("The depot is closed.")
    assert await state(patient, iri) == "waiting"
    patient.clock.advance(DELAY / 2)
    await asyncio.sleep(0.1)
    await patient.quiet()
    assert await is_out(patient, hostile_peer, iri) == {False}
    patient.clock.advance(DELAY / 2)

    async def arrived() -> bool:
        return bool(hostile_peer.sent_to("Create"))

    await eventually(arrived)
    assert True in await is_out(patient, hostile_peer, iri)
    assert await state(patient, iri) == "released"
    document = (await patient.activity(iri))[1]
    assert document["published"] >= due.strftime("%Y-%m-%dT%H:%M:%SZ"), "published is the moment of publication"


async def test_what_is_called_back_never_leaves(patient: ServedNode, hostile_peer: Peer) -> None:
    iri = await patient.publish("Regretted words.")
    await patient.write(publishing.call_back, iri, member=await patient.steward())
    assert await state(patient, iri) == "called back"
    patient.clock.advance(DELAY * 10)
    await patient.quiet()
    await publishing.release_when_due(patient.node, {"iri": iri})
    assert await is_out(patient, hostile_peer, iri) == {False}
    with pytest.raises(Conflict):
        await patient.write(publishing.call_back, iri, member=await patient.steward())


async def test_what_has_left_cannot_be_called_back(patient: ServedNode, hostile_peer: Peer) -> None:
    iri = await patient.publish("Spoken words.")
    patient.clock.advance(DELAY)

    async def released() -> bool:
        return await state(patient, iri) == "released"

    await eventually(released)
    with pytest.raises(Conflict, match="released"):
        await patient.write(publishing.call_back, iri, member=await patient.steward())
    with pytest.raises(Missing):
        await patient.write(publishing.call_back, f"{iri}x", member=await patient.steward())


async def test_a_publication_is_released_once_however_often_its_time_comes(
    patient: ServedNode, hostile_peer: Peer
) -> None:
    iri = await patient.publish("Once.")
    with pytest.raises(Unreachable):
        await publishing.release_when_due(patient.node, {"iri": iri})
    assert await state(patient, iri) == "waiting", "a job that comes too early changes nothing"
    patient.clock.advance(DELAY)
    jobs = [publishing.release_when_due(patient.node, {"iri": iri}) for _ in range(8)]
    await asyncio.gather(*jobs)
    await patient.quiet()
    creates = [row for row in (await patient.contents())["activities"] if "Create" in row and "out" in row]
    assert len(creates) == 1
    assert len(hostile_peer.sent_to("Create")) == 1


async def test_of_a_release_and_a_call_back_at_once_one_happens(patient: ServedNode, hostile_peer: Peer) -> None:
    steward = await patient.steward()
    for number in range(6):
        iri = await patient.publish(f"Statement {number}")
        patient.clock.advance(DELAY)
        answers = await asyncio.gather(
            publishing.release_when_due(patient.node, {"iri": iri}),
            patient.write(publishing.call_back, iri, member=steward),
            return_exceptions=True,
        )
        await patient.quiet()
        ended = await state(patient, iri)
        out = True in await is_out(patient, hostile_peer, iri)
        assert (ended, out) in (("released", True), ("called back", False))
        assert isinstance(answers[1], Conflict) is out


async def test_only_a_mandate_publishes_and_calls_back(patient: ServedNode) -> None:
    before = await patient.contents(without=("members", "mandates"))
    for number, role in enumerate(("reader", "writer", "delegate")):
        member = await patient.enter(f"m{number}", role)
        with pytest.raises(Forbidden):
            await patient.write(actions.publish, Draft(text="x"), actor=patient.group, member=member)
    assert await patient.contents(without=("members", "mandates")) == before
    iri = await patient.publish("x")
    with pytest.raises(Forbidden):
        await patient.write(publishing.call_back, iri, member=member)
    assert await state(patient, iri) == "waiting"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "text"),
    ({"text": " \n\t "}, "text"),
    ({"text": "x" * 200_001}, "text"),
    ({"text": "a\x00b"}, "text"),
    ({"text": "a\ud800b"}, "text"),
    ({"title": ""}, "title"),
    ({"title": "x" * 301}, "title"),
    ({"title": "a\x00b"}, "title"),
    ({"summary": "x" * 501}, "summary"),
    ({"summary": "\x00"}, "summary"),
    ({"language": "english!"}, "language"),
    ({"language": ""}, "language"),
    ({"tags": ("a b",)}, "tags"),
    ({"tags": ("123",)}, "tags"),
    ({"tags": tuple(f"t{number}" for number in range(31))}, "tags"),
    ({"reply_to": "https://victim.example/notes/1"}, "reply_to"),
    ({"reply_to": "rubbish\x00"}, "reply_to"),
]


async def test_a_draft_that_cannot_be_published_changes_nothing(node: ServedNode) -> None:
    before = await node.contents()
    member = await node.steward()
    for fields, field in BAD:
        with pytest.raises(Invalid) as caught:
            await node.write(actions.publish, Draft(**({"text": "x"} | fields)), actor=node.group, member=member)
        assert caught.value.field == field, fields
    assert await node.contents() == before


async def test_a_long_text_is_an_article_that_reads_well_as_a_warning(node: ServedNode) -> None:
    iri = await node.publish("word " * 2000, title="A long one", summary="What it is about.")
    document = (await node.activity(iri))[1]
    assert (document["type"], document["name"]) == ("Article", "A long one")
    assert document["summary"] == "A long one. What it is about."
    assert len(document["summary"]) < 500
    assert document["nameMap"] == {"en": "A long one"}
    short = (await node.activity(await node.publish("short", title="t", form=Form.ARTICLE)))[1]
    assert short["type"] == "Article"


async def test_what_a_member_writes_does_nothing_on_the_pages_of_others(node: ServedNode) -> None:
    text = (
        "<script>alert(1)</script> [x](javascript:alert(1)) ![alt](https://victim.example/x.png) <img src=x onerror=y>\n\n"
        "https://example.org/?a=1&b=<2> #tag<script> @mallory@evil.example **bold**"
    )
    iri = await node.publish(text, title="<b>&")
    document = (await node.activity(iri))[1]
    for pattern in ("<script", 'href="javascript:', "<img", "<b>&"):
        assert pattern not in document["content"], pattern
    assert "<strong>bold</strong>" in document["content"]
    assert "&lt;b&gt;&amp;" in document["content"]


async def test_a_publication_from_the_log_says_what_was_decided(patient: ServedNode) -> None:
    iri = await patient.publish("Decided.")
    decided = [row for row in (await patient.contents())["decisions"] if iri in row]
    assert len(decided) == 1
    assert State.WAITING.value == await state(patient, iri)
