"""A group asks others for solidarity; they answer, change their answer, and every node shows what groups said."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from node import objects
from node.appeals import actions as appeals
from node.appeals import listing, store
from node.errors import Conflict, Invalid
from node.identifiers import spell
from node.reports import actions as reports
from node.statements import correcting
from node.statements.rules import Draft
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.nodes.test_two_nodes_talk import arrival

Three = tuple[ServedNode, ServedNode, ServedNode]
REPORT = {"kind": "strike", "field": "work", "began": "2026-11-03", "struggle": "Night turns"}
ASKED = {"kinds": "strike-fund, letters", "goal": "5000 EUR", "how": "IBAN DE02 1203 0000 0000 2020 51"}


async def ask(node: ServedNode, text: str = "We go without pay.", **fields: Any) -> str:
    asked = ASKED | {"until": f"{(node.clock() + timedelta(days=20)).date()}"} | fields.pop("appeal", {})
    draft = Draft(text=text, appeal={name: value for name, value in asked.items() if value}, **fields)
    iri, _ = await node.write(appeals.publish, draft, actor=node.group, member=await node.steward())
    return str(iri)


async def answer(node: ServedNode, to: str, kind: str, text: str = "With you.", **more: str) -> str:
    draft = Draft(text=text, answer={"to": to, "kind": kind} | more)
    iri, _ = await node.write(appeals.answer, draft, actor=node.group, member=await node.steward())
    return str(iri)


async def page_of(node: ServedNode, iri: str) -> str:
    row = await node.read(objects.find, iri)
    status, page = await node.page(iri if row.local else f"/heard/{spell(row.sort_id)}")
    assert status == 200
    return page


def words(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


async def until_page_says(node: ServedNode, iri: str, *expected: str) -> str:
    async def said() -> str:
        found = words(await page_of(node, iri))
        return found if all(one in found for one in expected) else ""

    return str(await eventually(said))


async def test_what_is_asked_and_answered_stands_on_every_node(three_nodes: Three) -> None:
    first, second, third = three_nodes
    member = await first.steward()
    report = Draft(text="We are out.", title="Night turns", report=REPORT)
    await first.write(reports.publish, report, actor=first.group, member=member)
    appeal = await ask(first, title="Help us", appeal={"struggle": "Night turns"})
    document = (await first.activity(appeal))[1]
    assert document["type"] == "Note" and document["appealKind"] == ["strike-fund", "letters"]
    assert document["struggle"].startswith(f"{first.origin}/struggles/") and document["goal"]["currency"] == "EUR"
    for told in ("We ask for: strike fund, letters", "Needed: 5,000 EUR", "How: IBAN DE02", 'class="facts"'):
        assert told in document["content"], "whoever sees only the text sees what is asked"
    assert {tag["name"] for tag in document["tag"]} == {"#solidarity", "#strikefund", "#letters"}
    for node in (second, third):
        await arrival(node, appeal)
        assert [one.id for one in await node.read(lambda tx: listing.of(tx, store.listed(tx, limit=9)))] == [appeal]

    for node in three_nodes:
        struggle = document["struggle"]
        path = struggle if node is first else f"{node.origin}/heard/struggle?of={struggle}"
        assert "Help us" in words((await node.page(path))[1]), "it stands on the page of the struggle"
        assert "Help us" in (await node.page("/wire?type=appeal"))[1]
        assert "Help us" not in (await node.page("/wire?type=conditions"))[1]
        front = await node.page("/" if node is first else "/wire")
        assert "Appeal" in words(front[1])

    promised = await answer(second, appeal, "promised", "Our house meeting collects.", pledge="400 EUR")
    await answer(third, appeal, "cannot", "We are out ourselves.")
    for node in three_nodes:
        said = await until_page_says(node, appeal, "400 EUR", "We are out ourselves", "5,000 EUR")
        assert said.count("Our house meeting collects") == 1, "an answer that stands beside it is not in the thread too"
    answered = (await second.activity(promised))[1]
    assert answered["inReplyTo"] == answered["answers"] == appeal
    assert answered["pledge"] == {"value": 400, "currency": "EUR"} and "Help us" in answered["content"]

    given = Draft(text="It is on its way.", answer={"to": appeal, "kind": "given", "pledge": "450 EUR"})
    await second.write(correcting.correct, promised, given, member=await second.steward())
    for node in three_nodes:
        await until_page_says(node, appeal, "450 EUR", "It is on its way")
        assert (await node.read(store.find_answer, promised)).kind == "given"

    await first.write(appeals.end, appeal, status="met", member=member)
    for node in three_nodes:

        async def ended(node: ServedNode = node) -> bool:
            return not await node.read(store.listed, limit=9)

        await eventually(ended)
        await until_page_says(node, appeal, "What was asked for is there")
        assert await node.read(store.listed, ended=True, limit=9)
    with pytest.raises(Conflict):
        await first.write(appeals.end, appeal, status="closed", member=member)

    await first.write(correcting.delete, appeal, reason="mistake", member=member)
    for node in three_nodes:

        async def gone(node: ServedNode = node) -> bool:
            return await node.read(store.find, appeal) is None

        await eventually(gone)


async def test_an_appeal_passes_with_its_day(node: ServedNode) -> None:
    short, long = await ask(node), await ask(node, appeal={"until": "", "how": "", "goal": ""})
    assert {row.iri for row in await node.read(store.listed, limit=9)} == {short, long}
    node.clock.advance(timedelta(days=21))
    assert [row.iri for row in await node.read(store.listed, limit=9)] == [long]
    assert [row.iri for row in await node.read(store.listed, kind="letters", ended=True, limit=9)] == [long, short]
    assert await node.read(store.listed, kind="bail", ended=True, limit=9) == []
    node.clock.advance(timedelta(days=70))
    assert await node.read(store.listed, limit=9) == []


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kinds": "gold"}, "appeal"),
        ({"goal": "much"}, "goal"),
        ({"goal": "5000 EUX"}, "goal"),
        ({"goal": "-3 EUR"}, "goal"),
        ({"until": "soon"}, "until"),
        ({"until": "2020-01-01"}, "until"),
        ({"struggle": "nobody knows"}, "struggle"),
        ({"status": "perhaps"}, "appeal_status"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_its_field(
    node: ServedNode, given: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await ask(node, appeal=given)
    assert refused.value.field == field
    assert await node.read(store.listed, ended=True, limit=9) == []


@pytest.mark.one_database
async def test_an_answer_answers_an_appeal_of_another(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    appeal, text = await ask(first), await first.publish("No appeal.")
    await arrival(second, appeal)
    await arrival(second, text)
    for node, to, more in (
        (first, appeal, {"kind": "given"}),
        (second, text, {"kind": "given"}),
        (second, appeal, {"kind": "soon"}),
        (second, appeal, {"kind": "cannot", "pledge": "5 EUR"}),
    ):
        with pytest.raises(Invalid):
            await answer(node, to, **more)
    assert await second.read(store.answers_to, appeal, limit=9) == []


async def test_what_a_stranger_answers_stands_in_the_thread(node: ServedNode, hostile_peer: Peer) -> None:
    appeal = await ask(node)
    anvil = hostile_peer.actor("anvil", type="Organization")
    said = {"inReplyTo": appeal, "answers": appeal, "answerKind": "given", "pledge": {"value": -5}}
    create = hostile_peer.activity("Create", anvil, hostile_peer.note(anvil, "<p>We gave a million.</p>", **said))
    assert await hostile_peer.send(f"{node.group}/inbox", create) == 202
    assert await node.fate(create) == "done"
    assert await node.read(listing.answers_shown, appeal) == []
    page = words(await page_of(node, appeal))
    assert "We gave a million" in page and "1 answer" in page
