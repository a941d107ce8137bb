"""What our groups publish, as Fedify reads it: it verifies our HTTP signature and our eddsa-jcs-2022 proofs itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from node.reports import actions as reports
from node.statements import passing_on, writing
from node.statements.rules import Form, Interest
from node.web.collections import OUTBOX_PAGE
from schemas.context import PUBLIC
from tests.appeals.test_three_nodes_show_solidarity import answer, ask
from tests.conditions.test_what_groups_report import report
from tests.interop.fedify_peer import Fedify, Person, be_followed
from tests.nodes.served import ServedNode, eventually
from tests.positions.taking import revoke, take

pytestmark = pytest.mark.one_database

REPORT = """---
title: Night shift walks out
kind: strike
field: work
began: 2026-10-02
addressee: Tramways
addressee_kind: employer
country: GB
participants: 140
---
The night shift has walked out. #strike
"""


async def arrival(node: ServedNode, follower: Person, iri: str) -> dict[str, Any]:
    """What Fedify understood of the object that has just been published."""
    entry = await follower.fedify.receives("Create", actor=node.group)
    assert entry["keyId"] == f"{node.group}#main-key"
    assert entry["objectProof"] is True, "the proof of the embedded object has to hold by itself"
    assert entry["linkedData"] is True, "what is for everybody carries an RsaSignature2017 too"
    understood: dict[str, Any] = entry["understood"]["object"]
    assert understood["id"] == iri
    assert understood["author"] == node.group
    assert understood["to"] == [PUBLIC]
    assert understood["cc"][0] == f"{node.group}/followers"
    return understood


async def test_a_note_arrives_with_its_text_language_tag_and_date(node: ServedNode, follower: Person) -> None:
    iri = await node.publish("Le **dépôt** est fermé. #grève", title="Grève", language="fr")
    read = await arrival(node, follower, iri)
    assert read["type"] == "Note"
    assert "<strong>dépôt</strong>" in read["content"]
    assert ["fr", read["content"]] in read["contents"]
    assert read["content"].startswith("<p><strong>Grève</strong></p>")
    address = f"{node.origin}/tags/{quote('grève')}"
    assert read["tags"] == [{"type": "Hashtag", "name": "#grève", "href": address}]
    raw = (await follower.fedify.receives("Create", actor=node.group))["document"]["object"]
    assert raw["tag"][0]["href"] == address, "some readers take nothing but a URI for an address"
    assert f'href="{address}"' in raw["content"]
    assert read["published"]


async def test_an_article_arrives_with_its_name_and_summary(node: ServedNode, follower: Person) -> None:
    iri = await node.publish("A **long** text.", title="Why we strike", form=Form.ARTICLE)
    read = await arrival(node, follower, iri)
    assert read["type"] == "Article"
    assert (read["name"], read["names"]) == ("Why we strike", [["en", "Why we strike"]])
    assert "Why we strike" in read["summary"]
    assert "<strong>long</strong>" in read["content"]


async def test_a_report_arrives_as_a_note_that_can_be_read(node: ServedNode, follower: Person) -> None:
    draft = writing.read(REPORT, report_keys=reports.REPORT_KEYS)
    iri, _ = await node.write(reports.publish, draft, actor=node.group, member=await node.steward())
    read = await arrival(node, follower, iri)
    assert read["type"] == "Note"
    assert "Night shift walks out" in read["content"]
    raw = (await follower.fedify.receives("Create", actor=node.group))["document"]["object"]
    assert raw["actionKind"] == "strike"


async def test_a_position_arrives_as_an_answer_that_says_what_it_is(
    node: ServedNode, follower: Person, serve: Any
) -> None:
    other = await serve(1)
    text = await other.publish("We strike on Monday.", title="Monday")
    await passing_on.bring(node.node, text, Interest.SOUGHT)
    iri = await take(node, text, "reservations", "Bring **more**.")
    read = await arrival(node, follower, iri)
    assert (read["type"], read["replyTarget"]) == ("Note", text)
    assert read["content"].startswith('<p class="stance"><strong>We support this, with reservations:</strong> <a href=')
    assert read["content"].endswith("<p>Bring <strong>more</strong>.</p>\n")
    raw = (await follower.fedify.receives("Create", actor=node.group))["document"]["object"]
    assert (raw["stance"], raw["positionOn"]) == ("reservations", text)
    await take(node, text, "support", "You have brought more.")
    changed = await follower.fedify.receives("Update", actor=node.group)
    assert changed["objectProof"] is True and changed["document"]["object"]["id"] == iri
    assert "We support this:" in changed["understood"]["object"]["content"]
    await revoke(node, iri)
    gone = await follower.fedify.receives("Delete", actor=node.group)
    assert gone["document"]["object"]["id"] == iri


async def test_appeals_answers_and_conditions_arrive_as_notes_that_say_their_facts(
    node: ServedNode, follower: Person, serve: Any
) -> None:
    other = await serve(1)
    await passing_on.bring(node.node, theirs := await ask(other, title="Out since May"), Interest.SOUGHT)
    acts: tuple[tuple[Any, tuple[Any, ...], tuple[str, ...], str], ...] = (
        (ask, (node,), ("We ask for: strike fund, letters", "Needed: 5,000 EUR"), "appealKind"),
        (answer, (node, theirs, "passed-on"), ("We have passed this appeal on", "Out since May"), "answerKind"),
        (report, (node, "wages 11-13 EUR per hour: new people"), ("Wages: 11–13 EUR an hour",), "conditions"),
    )
    for number, (act, of, said, property_of_ours) in enumerate(acts, start=1):
        iri = await act(*of)

        async def all_came(number: int = number) -> bool:
            return len(await follower.fedify.received("Create", actor=node.group)) == number

        await eventually(all_came)
        read = await arrival(node, follower, iri)
        raw = (await follower.fedify.receives("Create", actor=node.group))["document"]["object"]
        assert read["type"] == "Note" and property_of_ours in raw
        assert all(one in read["content"] for one in said), "whoever sees only the text sees the facts"


async def test_whom_we_name_is_told_and_tagged(node: ServedNode, alice: Person) -> None:
    """She follows nobody."""
    iri = await node.publish(f"We greet {alice.handle}.")
    read = await arrival(node, alice, iri)
    assert read["tags"] == [{"type": "Mention", "name": alice.handle, "href": alice.iri}]
    assert alice.iri in read["cc"]


async def test_our_answer_reaches_the_author_with_what_it_answers(node: ServedNode, heard: Person) -> None:
    said = await heard.does("note", to=node.group, content="<p>Who sends money?</p>")
    await node.quiet()
    iri = await node.publish("We do.", reply_to=said["note"])
    read = await arrival(node, heard, iri)
    assert read["replyTarget"] == said["note"]


async def test_fedify_reads_what_we_serve_as_what_we_sent(node: ServedNode, follower: Person) -> None:
    iri = await node.publish("Read it from where it is.")
    await arrival(node, follower, iri)
    entry = await follower.fedify.receives("Create", actor=node.group)
    for address in (iri, entry["document"]["id"]):
        status, document = await node.activity(address)
        assert status == 200
        assert (await follower.fedify.does("check", document=document))["proof"] is True
    found = await follower.fedify.lookup(iri)
    assert found == entry["understood"]["object"]


async def test_fedify_walks_our_outbox_page_after_page(node: ServedNode, follower: Person) -> None:
    iris = [await node.publish(f"Day {day} of the strike.") for day in range(OUTBOX_PAGE + 2)]
    await node.quiet()
    brought = await follower.fedify.received("Create", actor=node.group)
    creates = {one["document"]["object"]["id"]: one["document"]["id"] for one in brought}
    walked = await follower.fedify.does("walk", text=f"{node.group}/outbox")
    assert walked == [creates[iri] for iri in reversed(iris)]


async def test_fedify_sees_that_a_document_of_ours_was_changed(node: ServedNode, follower: Person) -> None:
    iri = await node.publish("We demand ten.")
    await arrival(node, follower, iri)
    _, document = await node.activity(iri)
    changed = document | {"content": document["content"].replace("ten", "two")}
    assert (await follower.fedify.does("check", document=document))["proof"] is True
    assert (await follower.fedify.does("check", document=changed))["proof"] is False


async def test_a_server_that_asks_for_rfc_9421_gets_it(node: ServedNode, strict_fedify: Fedify) -> None:
    """It answers everything else with 401."""
    alice = await strict_fedify.actor()
    await be_followed(node, alice)
    iri = await node.publish("In the newer way.")
    entry = await strict_fedify.receives("Create", actor=node.group)
    assert entry["scheme"] == "rfc9421"
    assert entry["understood"]["object"]["id"] == iri
    tries = [one["scheme"] for one in await strict_fedify.received("Create", actor=node.group)]
    assert tries == ["rfc9421"], "what it asked for once is remembered"
