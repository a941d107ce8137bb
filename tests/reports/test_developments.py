"""Reports that go on: a newer version, one short quiet answer that says what is new, at most so many a day."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from node import actors, decisions, objects
from node.context import Transaction
from node.decisions.rules import HOUR, Method, Rule
from node.errors import Conflict, Forbidden, Invalid
from node.identifiers import spell
from node.reports import developing
from node.reports import store as report_store
from node.statements import actions as statements
from node.statements import composing, correcting, overtaken, versions
from node.statements import store as publications
from node.statements.rules import Draft, State
from schemas.actor import Actor
from schemas.context import PUBLIC
from schemas.reading import loads
from tests.conftest import follow_each
from tests.merges.telling import report
from tests.nodes.served import ServedNode, eventually


async def draft_of(node: ServedNode, iri: str, text: str = "What we know.\n", **fields: str) -> Draft:
    """The report as it was written, with other fields."""
    publication = await node.read(publications.publication, iri)
    draft = composing.revive(publication.draft["draft"])
    return Draft(text=text, title=draft.title, language=draft.language, report={**draft.report, **fields})


async def develop(node: ServedNode, iri: str, changed: str, **fields: str) -> State:
    draft = await draft_of(node, iri, f"{changed}\n", **fields)
    _, state = await node.write(developing.develop, iri, draft, changed=changed, member=await node.steward())
    return State(state)


async def answers(node: ServedNode, iri: str) -> list[dict[str, Any]]:
    return [loads(row.document) for row in await node.read(objects.replies, iri)]


def words(document: dict[str, Any]) -> str:
    return re.sub(r"<[^>]+>", " ", document["content"]).strip()


async def test_a_development_is_an_update_and_one_quiet_answer(two_nodes: Any) -> None:
    first, second = two_nodes
    iri, _ = await report(first, "Night shift walks out", status="ongoing", as_of="2026-10-02")
    assert await develop(first, iri, "The morning shift has joined.", as_of="2026-10-03") is State.RELEASED
    (answer,) = await answers(first, iri)
    assert (answer["type"], answer["inReplyTo"]) == ("Note", iri)
    assert answer["to"] == [f"{first.group}/followers"] and PUBLIC in answer["cc"], "quiet, and public"
    assert re.fullmatch(r"As of (Oct 3|3 Oct|October 3|3 October),? 2026: The morning shift has joined.", words(answer))
    assert "proof" in answer

    async def heard() -> Any:
        return await second.read(objects.find, answer["id"])

    held = await eventually(heard)
    assert not held.listed, "it stands below the report and not on the wire"

    async def updated() -> bool:
        return (await second.read(report_store.of, [iri]))[iri].as_of == "2026-10-03"

    assert await eventually(updated)
    page = (await first.page(iri))[1]
    assert "The morning shift has joined." in page and len(await first.read(versions.of, iri)) == 1
    outbox = (await first.activity("/groups/union/outbox?page=1"))[1]
    outbox = outbox if "orderedItems" in outbox else (await first.activity(outbox["first"]))[1]
    assert [one["object"]["id"] for one in outbox["orderedItems"]] == [answer["id"], iri]


async def test_a_correction_is_an_update_alone(node: ServedNode) -> None:
    iri, _ = await report(node, "Night shift walks out")
    draft = await draft_of(node, iri, "Better words.\n")
    await node.write(correcting.correct, iri, draft, member=await node.steward())
    assert await answers(node, iri) == [] and len(await node.read(versions.of, iri)) == 1


async def test_beyond_so_many_a_day_what_is_new_is_gathered_and_said_together(serve: Callable[..., Any]) -> None:
    first = await serve(0, settings={"report_updates_per_day": 2})
    second = await serve(1)
    await follow_each(second, first)
    iri, _ = await report(first, "Night shift walks out", language="de")
    for number in range(5):
        first.clock.advance(timedelta(hours=1))
        await develop(first, iri, f"Nachricht {number}.", as_of=f"2026-10-0{number + 2}")
    one, other = [words(one) for one in await answers(first, iri)]
    assert "2. Okt" in one and one.endswith(": Nachricht 0.") and "3. Okt" in other and other.endswith("Nachricht 1.")
    assert len(await first.read(versions.of, iri)) == 5, "the report itself was sent each time"
    first.clock.advance(timedelta(hours=21))
    await first.write(developing.tell, iri)
    assert len(await answers(first, iri)) == 3, "the first one is a day old"

    async def gathered() -> Any:
        found = await answers(first, iri)
        return found[2:]

    (last,) = await eventually(gathered)
    assert "6. Okt" in words(last)
    assert all(f"Nachricht {number}." in words(last) for number in (2, 3, 4))
    assert "Nachricht 1." not in words(last)
    first.clock.advance(timedelta(days=2))
    await first.quiet()
    await first.write(developing.tell, iri)
    assert len(await answers(first, iri)) == 3, "nothing is said twice"


async def test_what_waits_is_said_by_itself_when_there_is_room(serve: Callable[..., Any]) -> None:
    node = await serve(0, settings={"report_updates_per_day": 1})
    iri, _ = await report(node, "Night shift walks out")
    await develop(node, iri, "One.")
    await develop(node, iri, "Two.")
    await node.quiet()
    assert len(await answers(node, iri)) == 1
    node.clock.advance(timedelta(hours=24, seconds=1))

    async def said() -> bool:
        return len(await answers(node, iri)) == 2

    assert await eventually(said)


@pytest.mark.one_database
async def test_a_node_can_say_nothing_below_and_still_sends_what_is_new(serve: Callable[..., Any]) -> None:
    node = await serve(0, settings={"report_updates_per_day": 0})
    iri, _ = await report(node, "Night shift walks out")
    await develop(node, iri, "One.", status="ended")
    assert await answers(node, iri) == []
    assert (await node.read(report_store.of, [iri]))[iri].status == "ended"


async def test_a_withdrawn_report_stays_readable_and_counts_nowhere(two_nodes: Any) -> None:
    first, second = two_nodes
    iri, _ = await report(first, "Night shift walks out", participants="140")
    member = await first.steward()
    await first.write(developing.withdraw, iri, reason="We mixed up two depots.", member=member)

    async def known() -> Any:
        row = (await second.read(report_store.of, [iri])).get(iri)
        return row is not None and row.withdrawn

    assert await eventually(known)
    for node in (first, second):
        row = (await node.read(report_store.of, [iri]))[iri]
        assert row.withdrawn
    status, document = await first.activity(iri)
    assert (status, document["reportStatus"]) == (200, "withdrawn")
    assert document["reportStatusReason"] == "We mixed up two depots."
    (answer,) = await answers(first, iri)
    assert "does not stand by the report any more" in words(answer) and "We mixed up two depots." in words(answer)
    assert "We mixed up two depots." in (await first.page(iri))[1]
    with pytest.raises(Conflict, match="has withdrawn it already"):
        await first.write(developing.withdraw, iri, reason="Again.", member=member)
    draft = await draft_of(first, iri, report_status="stands", report_status_reason="")
    await first.write(correcting.correct, iri, draft, member=member)
    assert not (await first.read(report_store.of, [iri]))[iri].withdrawn


async def under_rule(node: ServedNode, *names: str, hours: int = 1) -> None:
    """Let the group decide by one voice, which may be heard for so long before it counts."""
    rule = Rule(Method.APPROVALS, approvals=1, at_least=hours * HOUR)

    def give(tx: Any) -> None:
        for name in names:
            decisions.store.set_rule(tx, node.group, name, rule)

    await node.write(give)


async def test_a_withdrawal_publishes_nothing_undecided_and_no_older_correction_takes_it_back(
    node: ServedNode,
) -> None:
    iri, _ = await report(node, "Night shift walks out", participants="140")
    member = await node.steward()

    async def correct(text: str, **fields: str) -> None:
        draft = await draft_of(node, iri, text, **fields)
        await node.write(correcting.correct, iri, draft, member=member)

    await under_rule(node, "correct", hours=2)
    await correct("What nobody has decided.\n", status="ended")
    await under_rule(node, "correct", hours=0)
    _, state = await node.write(developing.withdraw, iri, reason="We mixed up two depots.", member=member)
    assert state is State.RELEASED
    document = (await node.activity(iri))[1]
    assert "nobody has decided" not in json.dumps(document) and "nobody has decided" not in (await node.page(iri))[1]
    assert document["reportStatus"] == "withdrawn" and document.get("status") != "ended"
    assert (await answers(node, iri))[0]["content"].count("We mixed up two depots.") == 1

    node.clock.advance(timedelta(hours=2, seconds=1))
    await node.quiet()
    document = (await node.activity(iri))[1]
    assert "What nobody has decided." in document["content"] and document["status"] == "ended", "decided by now"
    assert (document["reportStatus"], document["reportStatusReason"]) == ("withdrawn", "We mixed up two depots.")
    assert (await node.read(report_store.of, [iri]))[iri].withdrawn
    await correct("It was so after all.\n", report_status="stands", report_status_reason="")
    assert not (await node.read(report_store.of, [iri]))[iri].withdrawn, "who knows of it can take it back"


async def test_a_withdrawal_leaves_what_was_corrected_while_it_was_decided(node: ServedNode) -> None:
    iri, _ = await report(node, "Night shift walks out", participants="140")
    member = await node.steward()
    await under_rule(node, "correct", hours=2)
    await node.write(developing.withdraw, iri, reason="We mixed up two depots.", member=member)
    with pytest.raises(Conflict, match="has withdrawn it already"):
        await node.write(developing.withdraw, iri, reason="Again.", member=member)
    await under_rule(node, "correct", hours=0)
    await node.write(correcting.correct, iri, await draft_of(node, iri, "Better words.\n"), member=member)
    node.clock.advance(timedelta(hours=2, seconds=1))
    await node.quiet()
    document = (await node.activity(iri))[1]
    assert document["reportStatus"] == "withdrawn" and "Better words." in document["content"]


def _known_as(tx: Transaction, page: str, handle: str) -> None:
    actor = Actor(id=page, type="Person", preferred_username=handle.partition("@")[0], inbox=f"{page}/inbox")
    actors.keep(tx, actor, {"id": page})
    actors.agree(tx, page, handle)


@pytest.mark.one_database
async def test_a_report_stays_withdrawn_whatever_older_versions_follow_and_names_whom_it_named(
    node: ServedNode,
) -> None:
    iri, _ = await report(node, "Night shift walks out")
    member = await node.steward()
    page = "https://paper.example/rosa"
    await node.write(_known_as, page, "rosa@paper.example")
    draft = await draft_of(node, iri, "@rosa@paper.example was there.\n")
    await node.write(correcting.correct, iri, draft, member=member)
    await under_rule(node, "correct", hours=2)
    status = {"report_status": "withdrawn", "report_status_reason": "It was another depot."}
    for words_of, fields in (("One.\n", status), ("Two.\n", {})):
        await node.write(correcting.correct, iri, await draft_of(node, iri, words_of, **fields), member=member)
        node.clock.advance(timedelta(minutes=1))
    await under_rule(node, "correct", hours=0)
    await node.write(developing.withdraw, iri, reason="We mixed up two depots.", member=member)
    document = (await node.activity(iri))[1]
    assert page in document["cc"] and [one["href"] for one in document["tag"] if one["type"] == "Mention"]
    node.clock.advance(timedelta(hours=2))
    await node.quiet()
    document = (await node.activity(iri))[1]
    assert "Two." in document["content"]
    assert (document["reportStatus"], document["reportStatusReason"]) == ("withdrawn", "We mixed up two depots.")
    (held,) = await node.read(overtaken.held_of, iri)
    assert "report_status_reason" in held.fields, "of two reasons nobody chooses but the group"


@pytest.mark.one_database
async def test_what_is_new_is_decided_as_a_correction_is(node: ServedNode) -> None:
    iri, _ = await report(node, "Night shift walks out")
    await under_rule(node, "correct")
    assert await develop(node, iri, "One.") is State.PROPOSED, "it takes a whole new report"


async def test_what_cannot_be_developed_says_why_and_changes_nothing(two_nodes: Any) -> None:
    first, second = two_nodes
    iri, _ = await report(first, "Night shift walks out")
    statement = await first.publish("We are on strike.")
    member, draft = await first.steward(), await draft_of(first, iri, "New.\n")
    for refused, words_of, field, which, more in (
        (Invalid, "say it in a sentence", "changed", iri, {"changed": " "}),
        (Invalid, "500 are the limit", "changed", iri, {"changed": "x" * 501}),
        (Invalid, "and no report", "report", statement, {"changed": "x"}),
    ):
        with pytest.raises(refused, match=words_of) as error:
            await first.write(developing.develop, which, draft, member=member, **more)
        assert error.value.field == field
    with pytest.raises(Conflict, match="exactly this"):
        await develop(first, iri, "What we know.", as_of="")
        await develop(first, iri, "What we know.", as_of="")
    assert len(await first.read(versions.of, iri)) == 1

    async def heard() -> Any:
        return await second.read(objects.find, iri)

    await eventually(heard)
    with pytest.raises(Forbidden, match="is not ours"):
        await second.write(developing.withdraw, iri, reason="x", member=await second.steward())


async def test_a_report_that_is_deleted_takes_what_was_to_be_said_with_it(serve: Callable[..., Any]) -> None:
    node = await serve(0, settings={"report_updates_per_day": 1})
    iri, _ = await report(node, "Night shift walks out")
    await develop(node, iri, "One.")
    await develop(node, iri, "Two, and a name.")
    await node.write(correcting.delete, iri, reason="mistake", member=await node.steward())
    assert (await node.contents())["developments"] == []
    node.clock.advance(timedelta(days=2))
    await node.quiet()
    assert len(await answers(node, iri)) == 1


async def test_the_group_decides_what_is_new_and_can_call_it_back(serve: Callable[..., Any]) -> None:
    node = await serve(0)
    iri, _ = await report(node, "Night shift walks out")
    await node.write(
        lambda tx: decisions.store.set_rule(
            tx, node.group, "correct", Rule(Method.APPROVALS, approvals=1, at_least=HOUR)
        )
    )
    object.__setattr__(node.node.config, "publication_delay", 120)
    assert await develop(node, iri, "One.") is State.PROPOSED
    node.clock.advance(timedelta(hours=1, seconds=1))
    await node.quiet()
    (waiting,) = await node.read(publications.waiting, node.group)
    await node.write(statements.call_back, waiting.iri, member=await node.steward())
    node.clock.advance(timedelta(hours=1))
    await node.quiet()
    assert await answers(node, iri) == [] and await node.read(versions.of, iri) == []


async def test_who_disputes_a_report_is_shown_on_its_page_and_changes_nothing_in_it(three_nodes: Any) -> None:
    first, second, third = three_nodes
    iri, struggle = await report(first, "Forty walk out", participants="40")
    for node in (second, third):

        async def heard(node: ServedNode = node) -> Any:
            return await node.read(objects.find, iri)

        assert await eventually(heard)
    contrary, _ = await report(second, "Four hundred walk out", struggle=struggle, disputes=iri, participants="400")
    for node in three_nodes:

        async def arrived(node: ServedNode = node) -> Any:
            return await node.read(objects.find, contrary)

        assert await eventually(arrived)
        held = await node.read(objects.find, iri)
        page = (await node.page(iri if node is first else f"/heard/{spell(held.sort_id)}"))[1]
        assert "reports otherwise" in page and "Four hundred walk out" in page
    await second.write(developing.withdraw, contrary, reason="We counted wrong.", member=await second.steward())

    async def silent() -> bool:
        return "reports otherwise" not in (await first.page(iri))[1]

    assert await eventually(silent)
    for disputed, why in ((f"{second.origin}/reports/none", "is no report that"), (contrary, "is the group's own")):
        with pytest.raises(Invalid, match=why) as error:
            await report(second, "Nobody walks out", struggle=struggle, disputes=disputed)
        assert error.value.field == "disputes"
