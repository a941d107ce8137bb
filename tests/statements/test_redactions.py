"""Blanking a part of what the group has said: what stays, what goes, here and at peers, and what is refused."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from node import intake, jobs, media, objects
from node.decisions import store as decided
from node.decisions.rules import HOUR, Choice, Method, Of, Rule
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.reports import actions as reports
from node.reports import store as report_store
from node.statements import blanks, correcting, redacting, store, versions, writing
from node.statements.blanks import Part
from schemas import codes, statement
from tests.conftest import follow_each
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.positions.taking import take
from tests.statements.test_corrections import correct, follower
from tests.statements.test_minority_reports import attach, editors, propose, under, vote
from tests.statements.test_pictures import photograph

Two = tuple[ServedNode, ServedNode]
NAME = "Rosamunde"
REPORT = f"""---
title: Night shift walks out
kind: strike
field: work
began: 2026-10-02
country: GB
addressee: {NAME} and sons
---
The night shift has walked out.
"""


async def redact(node: ServedNode, iri: str, part: str, reason: str = "personal-data") -> Any:
    state = await node.write(redacting.redact, iri, blanks.read(part), reason=reason, member=await node.steward())
    await node.quiet()
    return state


async def everything(node: ServedNode) -> str:
    """All that a node holds: rows, documents unpacked, and files."""
    if node.node.database.is_sqlite:
        await node.node.database.empty_log()
    files = await asyncio.to_thread(
        lambda: b"".join(one.read_bytes() for one in sorted(node.directory.rglob("*")) if one.is_file())
    )
    return repr(await node.contents()) + files.decode("latin-1")


async def test_a_blanked_text_is_gone_from_both_nodes_and_a_tombstone_says_why(two_nodes: Two) -> None:
    first, second = two_nodes
    iri = await first.publish(f"{NAME} told us.", title="What we heard")
    await second.quiet()
    await correct(first, iri, f"{NAME} told us, and others.", title="What we heard")
    await second.quiet()
    before = (await first.read(objects.find, iri)).document
    await redact(first, iri, "text")
    await second.quiet()
    for node in two_nodes:
        assert NAME not in await everything(node)
    status, document = await first.activity(iri)
    (kept,) = statement.parse(document).redactions
    assert status == 200 and document["type"] == "Note" and "What we heard" in document["content"]
    assert (kept.part, kept.reason, kept.by, kept.digest) == ("text", "personal-data", "group", objects.digest(before))
    assert "[The group has blanked this text on " in document["content"]
    assert await first.read(intake.check_proof, document, author=first.group) is True
    pages = [await first.page(iri), await second.page(f"/heard/{await heard(second, iri)}")]
    for status, page in pages:
        assert status == 200 and "Blanked on" in page and "the text." in page
        assert codes.DELETION_REASONS["personal-data"] in page
    assert [row.reason for row in await first.read(versions.of, iri)] == ["personal-data", "personal-data"]


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_a_peer_leaves_nothing_of_it_in_the_log_of_its_database(two_nodes: Two) -> None:
    first, second = two_nodes
    iri = await first.publish(f"{NAME} told us.", title="What we heard")
    await second.quiet()

    async def is_there() -> bool:
        files = sorted(second.directory.glob("node.db*"))
        return NAME.encode() in await asyncio.to_thread(lambda: b"".join(one.read_bytes() for one in files))

    assert await is_there()
    await redact(first, iri, "text")
    await second.quiet()

    async def is_gone() -> bool:
        return not await is_there()

    await eventually(is_gone)


async def heard(node: ServedNode, iri: str) -> str:
    from node.identifiers import spell

    return spell((await node.read(objects.find, iri)).sort_id)


async def test_an_earlier_version_is_blanked_and_the_text_of_today_stays(two_nodes: Two) -> None:
    first, second = two_nodes
    iri = await first.publish(f"We thank {NAME}.")
    await second.quiet()
    await correct(first, iri, "We thank everybody.")
    (version,) = await first.read(versions.of, iri)
    await redact(first, iri, "revision:1")
    await second.quiet()
    for node in two_nodes:
        held = await everything(node)
        assert NAME not in held and "We thank everybody." in held
    (kept,) = statement.parse((await second.activity(iri))[1]).redactions
    assert (kept.part, kept.number, kept.digest) == ("revision", 1, version.digest)
    with pytest.raises(Conflict, match="blank already"):
        await redact(first, iri, "revision:1")
    with pytest.raises(Missing, match="no earlier version 2"):
        await redact(first, iri, "revision:2")


async def test_a_blanked_picture_leaves_the_disk_with_its_description(two_nodes: Two) -> None:
    first, second = two_nodes
    shots = [await media.take(first.node, photograph("PNG", (shade, 48)), f"{NAME} {shade}") for shade in (10, 200)]
    text = f"Look.\n\n![{NAME} 10](a.png)\n\n![{NAME}\n200](b.png)\n"
    iri = await first.publish(text, pictures=tuple(shots))
    await second.quiet()
    await redact(first, iri, "attachment:2", "safety")
    await second.quiet()
    files = {one.name for one in await asyncio.to_thread(lambda: list((first.directory / media.DIRECTORY).iterdir()))}
    assert files == {shots[0].name}
    document = (await first.activity(iri))[1]
    assert [one["name"] for one in document["attachment"]] == [f"{NAME} 10"]
    for node in two_nodes:
        held = await everything(node)
        assert f"{NAME} 10" in held and f"{NAME} 200" not in held and shots[1].name not in held
    (version,) = await first.read(versions.of, iri)
    assert b"Look." in version.document and shots[1].name.encode() not in version.document
    await redact(first, iri, "attachment:1", "safety")
    assert not list((first.directory / media.DIRECTORY).iterdir())
    assert len(statement.parse((await first.activity(iri))[1]).redactions) == 2


async def test_nothing_of_it_is_sent_later_to_who_was_down(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    hostile_peer.inbox_status = 503
    iri = await node.publish(f"{NAME} told us.")
    await correct(node, iri, f"{NAME} told us that.")
    waiting, _ = await waiting_correction(node, iri, f"{NAME} told us once more.")
    await redact(node, iri, "text")
    hostile_peer.received.clear()
    hostile_peer.inbox_status = 202
    await node.write(jobs.retry_now, lane=None)
    await node.quiet()
    assert {one["type"] for one in hostile_peer.received} == {"Create", "Update"}
    assert NAME not in str(hostile_peer.received)
    assert NAME not in await everything(node), "nor in a correction that waits to be decided"
    assert (await node.read(store.publication, waiting)).state == "proposed"


async def waiting_correction(node: ServedNode, iri: str, text: str) -> Any:
    await under(node, Rule(Method.MAJORITY, of=Of.VOTING, quorum=2, at_most=24 * HOUR), "correct")
    await editors(node, 2)
    return await correct(node, iri, text)


async def test_the_arguments_of_a_decision_are_blanked_with_what_the_group_kept_of_them(node: ServedNode) -> None:
    people = await editors(node, 3)
    await under(node, Rule(Method.MAJORITY, of=Of.VOTING, quorum=3, at_most=24 * HOUR, arguments=True))
    iri, number = await propose(node, "We strike.", people[0])
    await vote(node, number, {people[1]: (Choice.FOR, f"{NAME} says so."), people[2]: (Choice.FOR, "")})
    await vote(node, number, {await node.steward(): (Choice.AGAINST, "")})
    report = await attach(node, iri, people[0], f"{NAME} was not asked.")
    await node.quiet()
    assert NAME in (await node.page(iri))[1]
    await redact(node, iri, "arguments")
    assert "argumentsFor" not in (await node.activity(iri))[1]["decision"]
    await redact(node, report, "text", "safety")
    assert NAME not in await everything(node)
    assert "First ask the other depots" in (await node.page(report))[1]


async def test_a_field_and_the_title_of_a_report_are_blanked_also_where_the_struggle_bears_it(two_nodes: Two) -> None:
    first, second = two_nodes
    draft = writing.read(REPORT, report_keys=reports.REPORT_KEYS)
    iri, _ = await first.write(reports.publish, draft, actor=first.group, member=await first.steward())
    await second.quiet()
    await redact(first, iri, "addressee")
    await redact(first, iri, "title")
    await second.quiet()
    for node in two_nodes:
        held = await everything(node)
        assert NAME not in held and "Night shift walks out" not in held
        row = (await node.read(report_store.of, [iri]))[iri]
        assert (await node.read(report_store.find_struggle, row.struggle)).name == "[blanked]"
    assert "The night shift has walked out." in (await first.page(iri))[1]
    with pytest.raises(Invalid, match="no report can do without it"):
        await redact(first, iri, "kind")


async def test_the_host_blanks_what_a_law_demands_and_the_page_says_who_it_was(node: ServedNode) -> None:
    iri = await node.publish(f"{NAME} told us.", language="fr")
    await node.write(redacting.blank, iri, Part("text"), reason="illegal", by="host")
    await node.quiet()
    document, page = (await node.activity(iri))[1], (await node.page(iri))[1]
    assert document["redactions"][0]["redactedBy"] == "host"
    assert "L’hébergeur de ce serveur a effacé" in document["content"]
    assert codes.REDACTORS["host"] in page
    assert not await node.read(decided.closed, [node.group], limit=10) or "redact" not in {
        row.kind for row in await node.read(decided.closed, [node.group], limit=10)
    }


async def test_the_group_decides_and_what_has_changed_meanwhile_is_left_alone(node: ServedNode) -> None:
    people = await editors(node, 2)
    shots = [await media.take(node.node, photograph("PNG", (shade, 48)), f"No. {shade}") for shade in (10, 200)]
    iri = await node.publish("Look.", pictures=tuple(shots))
    await under(node, Rule(Method.APPROVALS, approvals=2), "redact")
    await redact(node, iri, "attachment:1")
    found = await node.read(decided.under_way, [node.group])
    assert (await node.activity(iri))[1]["attachment"][0]["name"] == "No. 10", "not before the group has decided"
    await correct(node, iri, "Look.", pictures=tuple(shots[::-1]))
    await vote(node, found[0].id, {people[0]: (Choice.FOR, "")})
    row = await node.read(decided.find, found[0].id)
    assert row.state == "adopted" and "others by now" in row.failed["template"]
    assert len((await node.activity(iri))[1]["attachment"]) == 2


@pytest.mark.parametrize("part", ["", "text:1", "attachment", "attachment:0", "Text", "text;drop", "revision:x"])
def test_what_is_no_part_is_refused_in_words(part: str) -> None:
    with pytest.raises(Invalid, match="is no part of a text"):
        blanks.read(part)


async def test_what_cannot_be_blanked_changes_nothing(two_nodes: Two) -> None:
    first, second = two_nodes
    iri, gone = await first.publish("Words."), await first.publish("Gone.")
    await second.quiet()
    await first.write(correcting.delete, gone, reason="mistake", member=await first.steward())
    before = (await first.activity(iri))[1]
    for part, reason, error in (
        ("summary", "safety", Conflict), ("attachment:1", "safety", Conflict), ("starts", "safety", Conflict),
        ("text", "because", Invalid), ("arguments", "safety", Conflict),
    ):  # fmt: skip
        with pytest.raises(error):
            await redact(first, iri, part, reason)
    with pytest.raises(Conflict, match="was deleted"):
        await redact(first, gone, "text")
    with pytest.raises(Missing):
        await redact(first, f"{first.origin}/statements/0000000000000", "text")
    with pytest.raises(Forbidden, match="is not ours"):
        await redact(second, iri, "text")
    assert (await first.activity(iri))[1] == before


async def test_who_is_redacted_stays_redacted_through_a_correction_and_a_late_minority_report(node: ServedNode) -> None:
    iri = await node.publish("Words.", summary=f"By {NAME}.", sensitive=True)
    await redact(node, iri, "summary")
    await correct(node, iri, "Other words.")
    await attach(node, iri, await node.steward())
    await node.quiet()
    document = (await node.activity(iri))[1]
    assert [one["part"] for one in document["redactions"]] == ["summary"]
    assert document["minorityReports"] and "Other words." in document["content"]
    assert NAME not in await everything(node)


async def test_pictures_of_earlier_versions_go_when_the_text_is_deleted(node: ServedNode) -> None:
    shot = await media.take(node.node, photograph("PNG"), "The gate")
    iri = await node.publish("Look.", pictures=(shot,))
    await correct(node, iri, "Nothing to see.")
    path: Path = node.directory / media.DIRECTORY / shot.name
    assert await asyncio.to_thread(path.exists)
    await node.write(correcting.delete, iri, reason="mistake", member=await node.steward())
    await node.quiet()
    assert not await asyncio.to_thread(path.exists)


async def test_the_category_of_a_deletion_is_read_on_both_nodes(two_nodes: Two) -> None:
    first, second = two_nodes
    iri = await first.publish("Gone.")
    await eventually(lambda: second.holds(iri))
    place = await heard(second, iri)
    await first.write(correcting.delete, iri, reason="personal-data", member=await first.steward())
    await first.quiet()
    await second.quiet()
    for status, page in (await first.page(iri), await second.page(f"/heard/{place}")):
        assert status == 410 and codes.DELETION_REASONS["personal-data"] in page


async def test_a_position_is_blanked_with_what_it_was_before_and_peers_keep_neither(two_nodes: Two) -> None:
    first, second = two_nodes
    text = await second.publish("We strike.")
    await follow_each(first, second)
    await eventually(lambda: first.holds(text))
    iri = await take(first, text, "support", f"{NAME} asked us to.")
    await eventually(lambda: second.holds(iri))
    await take(first, text, "reservations", f"{NAME} asked us to, and others did not.")
    await first.quiet()
    await second.quiet()
    assert NAME in await everything(second)
    await redact(first, iri, "text")
    await second.quiet()
    for node in two_nodes:
        assert NAME not in await everything(node)
    document = (await first.activity(iri))[1]
    assert document["stance"] == "reservations" and document["redactions"][0]["part"] == "text"
