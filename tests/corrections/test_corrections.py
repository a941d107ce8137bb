"""What readers ask a group to correct, and what the group answers: who reads it, what stays, how much is taken."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

import pytest

from node import objects
from node.context import Transaction
from node.corrections import actions, rules, store
from node.decisions import actions as deciding
from node.decisions.rules import Choice, Method, Rule
from node.errors import Busy, Conflict, Forbidden, Invalid, Missing
from node.identifiers import spell
from node.pruning import prune
from tests.decisions.test_nothing_is_left import files_of, holding
from tests.merges.telling import merge, report
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.search.test_keeping import publish_report, quiet
from tests.statements.test_corrections import delete
from tests.web.admin.desk_browsers import at_desk, enter, give_rule

Two = tuple[ServedNode, ServedNode]
WORDS = "It was 240 people, not 420: the quokka counted them."


async def requests(node: ServedNode) -> list[Any]:
    return list(await node.read(store.open_of, node.group))


async def send(node: ServedNode, iri: str, words: str, **headers: str) -> tuple[int, str]:
    """The form, as a browser sends it; status, and where to or the page."""
    data = {"of": iri, "words": words}
    sent = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"} | headers
    address = f"{node.origin}/corrections/ask"
    async with node.http.post(address, data=data, headers=sent, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location") or await answer.text()


@pytest.mark.one_database
async def test_anybody_asks_and_the_answer_stands_beside_the_text(two_nodes: Two) -> None:
    node, peer = two_nodes
    iri = await publish_report(node)
    link = f"/corrections/ask?of={quote(iri, safe='')}"
    assert link in (await node.page(iri))[1]
    status, page = await node.page(link)
    assert status == 200 and 'name="words"' in page and "Night shift walks out" in page
    status, where = await send(node, iri, WORDS)
    assert status == 303
    status, page = await node.page(node.origin + where)
    assert status == 200 and 'role="status"' in page and WORDS not in page
    assert WORDS not in (await node.page(iri))[1]

    async with at_desk(node, "steward") as steward:
        assert "Requests for a correction: 1" in await steward.get("/desk")
        page = await steward.get("/desk/corrections")
        assert WORDS in page and "Night shift walks out" in page
        (one,) = await requests(node)
        form = {"number": str(one.id), "asked": "How many took part?\nThe report says 420.", "answer": ""}
        status, _, page = await steward.send("/desk/corrections/answer", **form)
        assert status == 422 and "The report says 420." in page and 'id="wrong-answer"' in page
        status, where, _ = await steward.send("/desk/corrections/answer", **form | {"answer": "They are right: 240."})
        assert status == 303 and "decision=" in where
        assert WORDS not in await steward.get("/desk/corrections")
    await quiet(node, peer)
    assert not await requests(node)
    page = (await node.page(iri))[1]
    beside = page.partition('id="corrections"')[2].partition("</section>")[0]
    assert "<blockquote" in beside and "The report says 420." in beside and "They are right: 240." in beside
    assert "They are right" not in page.partition('id="thread"')[2], "it stands there once"
    answers = await peer.read(objects.replies, iri)
    assert len(answers) == 1, "followers get it as an answer"
    assert WORDS not in repr(await node.contents())


async def test_the_answer_stands_beside_the_text_on_the_pages_of_peers_too(two_nodes: Two, hostile_peer: Peer) -> None:
    node, peer = two_nodes
    iri = await publish_report(node)
    await eventually(lambda: peer.holds(iri))
    struggle = (await node.activity(iri))[1]["struggle"]
    page = (await peer.page(f"{peer.origin}/heard/struggle?of={quote(struggle, safe='')}"))[1]
    assert f"/corrections/ask?of={quote(struggle, safe='')}" in page
    assert (await send(peer, struggle, "It was another depot."))[0] == 303
    assert [(row.group, row.text) for row in await requests(peer)] == [(peer.group, struggle)]
    await node.write(actions.ask, iri, WORDS)
    (one,) = await requests(node)
    said = {"asked": "How many took part?", "answer": "They are right: 240."}
    answer, _ = await node.write(actions.answer, one.id, member=await node.steward(), **said)
    await eventually(lambda: peer.holds(answer))
    await quiet(node, peer)
    document = (await node.activity(answer))[1]
    assert (document["type"], document["inReplyTo"], document["answersCorrectionOf"]) == ("Note", iri, iri)
    assert "<blockquote>" in document["content"] and answer in str((await node.activity(f"{iri}/replies"))[1])
    # Somebody else says that it answers for the group: it is an answer like any other.
    stranger = hostile_peer.actor("mallory")
    reply = hostile_peer.note(stranger, inReplyTo=iri, answersCorrectionOf=iri, content="<p>It was nobody.</p>")
    for there in (node, peer):
        assert await hostile_peer.send(f"{there.origin}/inbox", hostile_peer.activity("Create", stranger, reply)) == 202
        await there.quiet()
    held = await peer.read(objects.find, iri)
    for there, path in ((node, iri), (peer, f"{peer.origin}/heard/{spell(held.sort_id)}")):
        page = (await there.page(path))[1]
        beside = page.partition('id="corrections"')[2].partition("</section>")[0]
        assert "How many took part?" in beside and "They are right: 240." in beside and "nobody" not in beside
        assert "It was nobody." in page.partition('id="thread"')[2]
    await delete(node, answer)
    await quiet(node, peer)
    assert (await peer.contents())["correction_answers"] == [(reply["id"], iri)]
    peer.clock.advance(timedelta(days=1))
    assert 'id="corrections"' not in (await peer.page(f"{peer.origin}/heard/{spell(held.sort_id)}"))[1]


async def test_of_every_page_that_is_nobodys_text_the_group_of_the_node_is_asked(node: ServedNode) -> None:
    one = (await report(node, "Night shift walks out", addressee="Quokka", sector="H"))[1]
    other = (await report(node, "Morning shift walks out", addressee="Quokka"))[1]
    merged = await merge(node, one, other)
    pages = (
        one, merged, node.group, "/figures", "/figures?by=country", "/wire", "/wire?country=GB", "/appeals",
        "/appeals?kind=letters", "/conditions", "/conditions?country=GB", "/countries/GB", "/sectors/H", "/families/quokka",
        "/tags/strike",
    )  # fmt: skip
    for path in pages:
        address = path if "://" in path else node.origin + path
        status, page = await node.page(address)
        assert status == 200, address
        (about,) = re.findall(r'href="/corrections/ask\?of=([^"]+)"', page)
        assert unquote(about).partition("?")[0] == address.partition("?")[0]
        assert bool(unquote(about).partition("?")[2]) == ("?" in address)
        status, page = await node.page(f"{node.origin}/corrections/ask?of={about}")
        assert status == 200 and 'name="words"' in page, address
        assert (await send(node, unquote(about), f"{WORDS} {path}"))[0] == 303
    assert {row.group for row in await requests(node)} == {node.group} and len(await requests(node)) == len(pages)
    for nothing in (
        "/figures.json", "/desk", "/countries/XYZ", "/struggles/0000000000000", "/merges/0000000000000", "/wire#x",
        "/wire?x=%00<b>".replace("%00", "\x00"), "//elsewhere.example/wire",
    ):  # fmt: skip
        assert (await send(node, node.origin + nothing, WORDS))[0] == 404, nothing
    asked = next(row for row in await requests(node) if row.text.endswith("/figures?by=country"))
    async with at_desk(node, "steward") as steward:
        assert "/figures?by=country" in await steward.get("/desk/corrections")
        form = {"number": str(asked.id), "asked": "Is the total of the year right?", "answer": "Two were missing."}
        assert (await steward.send("/desk/corrections/answer", **form))[0] == 303
    await node.quiet()
    page = (await node.page(f"{node.origin}/figures?by=country"))[1]
    beside = page.partition('id="corrections"')[2].partition("</section>")[0]
    assert "Is the total of the year right?" in beside and "Two were missing." in beside
    assert 'id="corrections"' not in (await node.page(f"{node.origin}/figures"))[1], "that is another question"
    (answer,) = await node.read(store.answers_to, asked.text)
    document = (await node.activity(answer.iri))[1]
    assert "inReplyTo" not in document and "answersCorrectionOf" not in document
    assert "/figures?by=country" in document["content"]
    await delete(node, answer.iri)
    assert await node.read(store.answers_to, asked.text) == []


@pytest.mark.one_database
async def test_of_a_text_of_another_the_page_points_to_its_author(two_nodes: Two) -> None:
    first, second = two_nodes
    iri = await first.publish("We are many.", title="Many")
    await quiet(first, second)
    status, page = await second.page(f"/corrections/ask?of={quote(iri, safe='')}")
    assert status == 200 and f'href="{iri}"' in page and "<textarea" not in page
    status, page = await send(second, iri, WORDS)
    assert status == 422 and not await requests(second)
    for nothing in ("", "https://nowhere.example/1", "x" * 3000):
        assert (await second.page(f"/corrections/ask?of={quote(nothing)}"))[0] == 404


async def test_only_so_much_is_taken_and_the_same_words_are_one_request(node: ServedNode) -> None:
    iri, other = await node.publish("One."), await node.publish("Two.")
    for _ in range(3):
        await node.write(actions.ask, iri, WORDS)
    (one,) = await requests(node)
    assert (one.times, one.words, one.day) == (3, WORDS, node.clock().date().isoformat())
    for number in range(rules.A_DAY_OF_TEXT - 1):
        await node.write(actions.ask, iri, f"It was {number}.")
    with pytest.raises(Busy):
        await node.write(actions.ask, iri, "Once more.")
    assert (await send(node, iri, "Once more."))[0] == 429
    await node.write(actions.ask, other, "Of another text it can be asked.")
    for given in ("  ", "x" * (rules.CHARACTERS + 1)):
        with pytest.raises(Invalid) as refused:
            await node.write(actions.ask, other, given)
        assert refused.value.field == "words"
    assert (await send(node, other, "From elsewhere.", **{"Sec-Fetch-Site": "cross-site"}))[0] == 403
    with pytest.raises(Missing):
        await node.write(actions.ask, f"{node.origin}/statements/0000000000000", "x")
    assert await node.read(store.count_open, group=node.group) == rules.A_DAY_OF_TEXT + 1


async def test_the_same_words_are_counted_so_often_and_then_written_no_more(node: ServedNode) -> None:
    iri = await publish_report(node)
    for _ in range(rules.TIMES_AT_MOST + 3):
        await node.write(actions.ask, iri, WORDS)
    (one,) = await requests(node)
    assert one.times == rules.TIMES_AT_MOST

    def ask(tx: Transaction) -> set[str]:
        actions.ask(tx, iri, WORDS)
        return tx.changed

    assert await node.write(ask) == set()
    assert (await send(node, iri, WORDS))[0] == 303


async def test_words_go_when_it_is_closed_when_the_text_goes_and_after_ninety_days(node: ServedNode) -> None:
    member = await node.steward()
    for number in range(3):
        await node.write(actions.ask, await node.publish(f"Number {number}."), WORDS)
    first, second, third = await requests(node)
    await node.write(actions.close, first.id, member=member)
    with pytest.raises(Conflict):
        await node.write(actions.close, first.id, member=member)
    await delete(node, second.text)
    assert [one.id for one in await requests(node)] == [third.id]
    with pytest.raises(Missing):
        await node.write(actions.ask, second.text, WORDS)
    assert await node.read(store.count_of_today) == 2, "what was closed today still counts"
    node.clock.advance(rules.KEPT_FOR + timedelta(days=1))
    await prune(node.node)
    assert (await node.contents())["correction_requests"] == []
    if node.node.database.is_sqlite:
        assert await asyncio.to_thread(holding, node, await files_of(node), [WORDS]) == []


async def test_the_group_decides_on_an_answer_and_one_not_adopted_leaves_the_request_open(node: ServedNode) -> None:
    people = await node.write(enter, node.group, {"rosa": "editor", "karl": "editor", "emma": "writer"})
    await give_rule(node, "reply", Rule(Method.MAJORITY, quorum=3))
    iri = await node.publish("We are many.")
    await node.write(actions.ask, iri, WORDS)
    (one,) = await requests(node)
    said = {"asked": "How many?", "answer": "Very many."}
    with pytest.raises(Forbidden):
        await node.write(actions.answer, one.id, member=people["emma"], **said)
    for wrong, field in (({"asked": " "}, "asked"), ({"answer": "\n"}, "answer"), ({"asked": "x" * 1001}, "asked")):
        with pytest.raises(Invalid) as refused:
            await node.write(actions.answer, one.id, member=people["rosa"], **said | wrong)
        assert refused.value.field == field
    for choice in (Choice.AGAINST, Choice.FOR):
        await node.write(actions.answer, one.id, member=people["rosa"], **said)
        with pytest.raises(Conflict):
            await node.write(actions.answer, one.id, member=people["karl"], **said)
        number = max(row[0] for row in (await node.contents())["decisions"])
        for member in (people["karl"], await node.steward()):
            await node.write(deciding.cast, number, member=member, choice=choice)
        await node.quiet()
        assert len(await requests(node)) == (1 if choice is Choice.AGAINST else 0)
    page = (await node.page(iri))[1]
    assert "Very many." in page.partition('id="corrections"')[2]
    (answer,) = await node.read(store.answers_to, iri)
    await delete(node, answer.iri)
    assert 'id="corrections"' not in (await node.page(iri))[1]
    assert (await node.contents())["correction_answers"] == []
