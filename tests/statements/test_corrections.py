"""Correcting and deleting what the group has said: who hears of it, what stays, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import schemas
from node import activities, intake, jobs, media, objects
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.reports import actions as reports
from node.reports import store as report_store
from node.statements import correcting, pins, publishing, store, versions, writing
from node.statements.rules import Draft, Form, State
from schemas.tombstone import Tombstone
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually, stands_in
from tests.statements.test_pictures import photograph

REPORT = """---
title: Night shift walks out
kind: strike
field: work
began: 2026-10-02
country: GB
participants: {participants}
---
The night shift has walked out.
"""


async def follower(node: ServedNode, peer: Peer, name: str = "alice") -> str:
    actor = peer.actor(name)
    assert await peer.send(f"{node.origin}/inbox", peer.activity("Follow", actor, node.group)) == 202
    await node.quiet()
    return actor


async def correct(node: ServedNode, iri: str, text: str, **fields: Any) -> tuple[str, State]:
    draft = Draft(text=text, **fields)
    subject, state = await node.write(correcting.correct, iri, draft, member=await node.steward())
    await node.quiet()
    return subject, state


async def delete(node: ServedNode, iri: str, reason: str = "mistake") -> None:
    await node.write(correcting.delete, iri, reason=reason, member=await node.steward())
    await node.quiet()


async def test_a_correction_replaces_the_text_everywhere_and_says_when(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    iri = await node.publish("We meet at **nine**.", title="Meeting", tags=("strike",))
    await node.quiet()
    before = (await node.activity(iri))[1]
    await correct(node, iri, "We meet at **ten**.", title="Meeting", tags=("trams",))
    after = (await node.activity(iri))[1]
    assert (after["id"], after["type"], after["published"]) == (before["id"], "Note", before["published"])
    assert after["updated"] > after["published"]
    assert "ten" in after["content"] and "nine" not in after["content"]
    assert after["proof"] != before["proof"] and after["salt"] != before["salt"]
    assert await node.read(intake.check_proof, after, author=node.group) is True
    (update,) = hostile_peer.sent_to("Update")
    assert update["object"] == after
    assert (update["to"], update["cc"]) == (after["to"], after["cc"])
    status, page = await node.page(iri)
    assert status == 200 and "ten" in page and "nine" not in page
    assert "trams" in (await node.page("/tags/trams"))[1]
    assert iri.rpartition("/")[2] not in (await node.page("/tags/strike"))[1]


async def test_the_outbox_and_the_create_say_what_is_true_now(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    iri = await node.publish("We meet at nine.")
    await node.quiet()
    (create,) = hostile_peer.sent_to("Create")
    await correct(node, iri, "We meet at ten.")
    (shown,) = (await node.activity(f"{node.group}/outbox?page=true"))[1]["orderedItems"]
    assert (shown["id"], shown["published"]) == (create["id"], create["published"])
    assert shown["object"] == (await node.activity(iri))[1]
    assert await node.read(intake.check_proof, shown, author=node.group) is True
    assert (await node.activity(create["id"]))[1] == shown


async def test_what_stood_there_before_is_kept_with_its_digest_and_date(node: ServedNode) -> None:
    iri = await node.publish("One.")
    first = (await node.read(objects.find, iri)).document
    await correct(node, iri, "Two.")
    second = (await node.read(objects.find, iri)).document
    await correct(node, iri, "Three.")
    found = await node.read(versions.of, iri)
    assert [row.document for row in found] == [first, second]
    assert [row.digest for row in found] == [objects.digest(first), objects.digest(second)]
    assert found[0].since < found[1].since
    page = (await node.page(iri))[1]
    assert objects.digest(first)[:16] in page and objects.digest(second)[:16] in page


async def test_a_peer_follows_a_correction_and_a_deletion(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    iri = await first.publish("We meet at nine.", title="Meeting")
    await first.quiet()
    await second.quiet()
    await correct(first, iri, "We meet at ten.", title="Meeting")
    await second.quiet()
    assert "ten" in (await second.read(store.shown, [iri]))[iri].html
    await delete(first, iri)
    await second.quiet()
    assert not await second.holds(iri)
    assert "We meet" not in (await second.page("/wire"))[1]


async def test_a_peer_that_was_down_gets_the_newest_text_and_nothing_older(
    node: ServedNode, hostile_peer: Peer
) -> None:
    await follower(node, hostile_peer)
    hostile_peer.inbox_status = 503
    kept, gone = await node.publish("Wrong name: Rosa M."), await node.publish("Regretted: Rosa M.")
    await node.quiet()
    await correct(node, kept, "No name.")
    await correct(node, kept, "No name at all.")
    await delete(node, gone, "personal-data")
    hostile_peer.received.clear()
    hostile_peer.inbox_status = 202
    await node.write(jobs.retry_now, lane=None)
    await node.quiet()
    assert not stands_in("Rosa", str(hostile_peer.received))
    about = [(one["type"], one["object"]["id"]) for one in hostile_peer.received]
    assert sorted(about) == sorted([("Create", kept), ("Update", kept), ("Delete", gone)])
    (create,), (update,) = hostile_peer.sent_to("Create"), hostile_peer.sent_to("Update")
    assert create["object"] == update["object"] == (await node.activity(kept))[1]


async def test_who_is_named_only_now_is_told(node: ServedNode, hostile_peer: Peer) -> None:
    iri = await node.publish("We thank you.")
    await node.quiet()
    bob = hostile_peer.actor("bob")
    await correct(node, iri, f"We thank @bob@{hostile_peer.host}.")
    document = (await node.activity(iri))[1]
    assert {"type": "Mention", "name": f"@bob@{hostile_peer.host}", "href": bob} in document["tag"]
    assert bob in document["cc"]
    (create,) = hostile_peer.sent_to("Create")
    assert create["object"] == document, "a server that has never heard of it cannot update it"
    assert hostile_peer.sent_to("Update")


async def test_who_answered_or_liked_hears_of_the_deletion(node: ServedNode, hostile_peer: Peer) -> None:
    iri = await node.publish("Who comes along?")
    await node.quiet()
    carol, dora = hostile_peer.actor("carol"), hostile_peer.actor("dora", inbox=f"{hostile_peer.origin}/dora")
    answer = hostile_peer.note(carol, "<p>I do.</p>", inReplyTo=iri)
    for act in (hostile_peer.activity("Create", carol, answer), hostile_peer.activity("Like", dora, iri)):
        assert await hostile_peer.send(f"{node.origin}/inbox", act) == 202
    await node.quiet()
    await delete(node, iri)
    assert hostile_peer.asked["/dora"] == 1
    assert hostile_peer.asked["/users/carol/inbox"] == 1
    assert await node.holds(answer["id"]), "the answers of others are theirs"


async def test_a_deletion_leaves_a_signed_tombstone_with_the_category(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    iri = await node.publish("Rosa M. was there.", title="Who was there")
    await correct(node, iri, "R. M. was there.", title="Who was there")
    last = (await node.read(objects.find, iri)).document
    await node.write(pins.add, node.group, iri)
    await delete(node, iri, "personal-data")
    status, document = await node.activity(iri)
    assert status == 410
    stone = schemas.parse(document)
    assert isinstance(stone, Tombstone)
    assert (stone.former_type, stone.reason, stone.attributed_to) == ("Note", "personal-data", node.group)
    assert stone.digest == objects.digest(last)
    assert await node.read(intake.check_proof, document, author=node.group) is True
    (sent,) = hostile_peer.sent_to("Delete")
    assert sent["object"]["type"] == "Tombstone" and sent["object"]["id"] == iri
    assert sent["object"]["formerType"] == "Note"
    status, page = await node.page(iri)
    assert status == 410 and "must not be found" in page and "was there" not in page
    for place in (f"{node.group}/outbox?page=true", f"{node.group}/featured"):
        assert iri not in str((await node.activity(place))[1])
    for create in await node.read(lambda tx: list(tx.execute(activities.activities.select()))):
        assert create.object != iri or b"was there" not in create.document
    everything = str(await node.contents())
    assert not stands_in("Rosa", everything) and "R. M." not in everything and "Who was there" not in everything


async def test_a_deletion_takes_the_pictures_along_unless_another_shows_them(node: ServedNode, tmp_path: Path) -> None:
    shared = await media.take(node.node, photograph(), "A depot.")
    alone = await media.take(node.node, photograph(size=(20, 20)), "A face.")
    first = await node.publish("Both.", pictures=(shared, alone))
    await node.publish("One.", pictures=(shared,))
    await delete(node, first)
    files = {path.name for path in (node.directory / media.DIRECTORY).iterdir()}
    assert files == {shared.name}


async def test_the_deletion_waits_behind_everything_else(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    hostile_peer.inbox_status = 503
    iri = await node.publish("One.")
    await delete(node, iri)
    rows = await node.read(lambda tx: list(tx.execute(jobs.jobs.select())))
    kinds = {row.payload["activity"]: row.priority for row in rows if row.kind == "deliver"}
    sent = await node.read(activities.sent_about, iri, actor=node.group, kinds=("Delete",))
    assert kinds[sent[0].iri] == jobs.Priority.BULK.value


async def test_a_correction_can_be_called_back_until_it_leaves(serve: Callable[..., Any], hostile_peer: Peer) -> None:
    node: ServedNode = await serve(0, settings={"publication_delay": 3600})
    iri = await node.publish("At nine.")
    with pytest.raises(Conflict, match="recall"):
        await correct(node, iri, "At ten.")
    node.clock.advance(timedelta(seconds=3601))

    async def out() -> bool:
        return (await node.activity(iri))[0] == 200

    await eventually(out)
    subject, state = await correct(node, iri, "At ten.")
    assert state is State.WAITING
    with pytest.raises(Conflict, match="waits to leave"):
        await correct(node, iri, "At ten.")
    await node.write(publishing.call_back, subject, member=await node.steward())
    node.clock.advance(timedelta(seconds=3601))
    await node.quiet()
    assert "nine" in (await node.activity(iri))[1]["content"]
    subject, _ = await correct(node, iri, "At eleven.")
    await delete(node, iri)
    node.clock.advance(timedelta(seconds=3601))
    await publishing.release_when_due(node.node, {"iri": subject})
    assert (await node.activity(iri))[0] == 410, "what was deleted stays so"


async def test_a_report_is_corrected_with_its_figures_and_keeps_its_struggle(node: ServedNode) -> None:
    member = await node.steward()
    draft = writing.read(REPORT.format(participants=140), report_keys=reports.REPORT_KEYS)
    iri, _ = await node.write(reports.publish, draft, actor=node.group, member=member)
    before = (await node.activity(iri))[1]
    text = REPORT.format(participants=150).replace("GB", "IE").replace("walks out", "still out")
    newer = writing.read(text, report_keys=reports.REPORT_KEYS)
    await node.write(correcting.correct, iri, newer, member=member)
    after = (await node.activity(iri))[1]
    assert after["struggle"] == before["struggle"]
    assert after["measures"][0]["value"] == 150
    row = (await node.read(report_store.of, [iri]))[iri]
    assert (row.country, row.struggle) == ("IE", before["struggle"])
    with pytest.raises(Invalid, match="publish anew"):
        await correct(node, iri, "Only words.", title="Night shift walks out")


async def test_what_cannot_be_corrected_or_deleted_is_said_and_changes_nothing(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ours = await node.publish("Ours.")
    answer = await node.publish("An answer.", reply_to=ours)
    gone = await node.publish("Gone.")
    await delete(node, gone)
    theirs = hostile_peer.note(hostile_peer.actor("eve"), "<p>Theirs.</p>", inReplyTo=ours)
    assert (
        await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", theirs["attributedTo"], theirs))
        == 202
    )
    await node.quiet()
    reader = await node.enter("reader1", "writer")
    steward = await node.steward()
    await node.settled()
    before = await node.contents()
    for iri, error, word in (
        ("https://nowhere.example/1", Missing, "does not hold"),
        (theirs["id"], Forbidden, "not ours"),
        (gone, Conflict, "was deleted"),
    ):
        for act in (
            lambda iri=iri: node.write(correcting.correct, iri, Draft(text="New."), member=steward),
            lambda iri=iri: node.write(correcting.delete, iri, reason="mistake", member=steward),
        ):
            with pytest.raises(error, match=word):
                await act()
    bad: list[tuple[dict[str, Any], str]] = [
        ({"text": ""}, "text"),
        ({"form": Form.ARTICLE}, "form"),
        ({"reply_to": ours}, "reply_to"),
        ({"language": "english!"}, "language"),
        ({"report": {"kind": "strike"}}, "kind"),
    ]
    for fields, field in bad:
        with pytest.raises(Invalid) as caught:
            await node.write(correcting.correct, ours, Draft(**({"text": "x"} | fields)), member=steward)
        assert caught.value.field == field
    with pytest.raises(Invalid, match="personal-data"):
        await node.write(correcting.delete, ours, reason="because", member=steward)
    with pytest.raises(Conflict, match="exactly this"):
        await node.write(correcting.correct, ours, Draft(text="Ours."), member=steward)
    for call in (
        lambda: node.write(correcting.correct, ours, Draft(text="New."), member=reader),
        lambda: node.write(correcting.delete, ours, reason="mistake", member=reader),
    ):
        with pytest.raises(Forbidden):
            await call()
    assert await node.contents() == before
    await correct(node, answer, "A better answer.")
    document = (await node.activity(answer))[1]
    assert document["inReplyTo"] == ours, "what it answers stays without being said again"


async def test_a_correction_leaves_who_is_shown_it_and_who_may_quote_it_as_they_are(node: ServedNode) -> None:
    iri = await node.publish("We are on strike.", quiet=True, quotable="nobody")
    before = (await node.activity(iri))[1]
    await node.write(correcting.correct, iri, Draft(text="We are on strike!"), member=await node.steward())
    after = (await node.activity(iri))[1]
    assert "strike!" in after["content"] and after["updated"]
    assert [before[name] == after[name] for name in ("to", "cc", "interactionPolicy")] == [True] * 3
