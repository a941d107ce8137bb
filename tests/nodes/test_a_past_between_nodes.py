"""A whole past between two of our own nodes: statements, reports, pins, boosts, answers and imports."""

from __future__ import annotations

from typing import Any

from node import objects
from node.backfill import actions as backfill
from node.backfill import store
from node.reports import actions as reports
from node.reports import store as report_store
from node.reports import transcriptions
from node.statements import pins, writing
from tests.conftest import follow_each
from tests.nodes.peer import Answer, Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually
from tests.nodes.test_two_nodes_talk import import_table

REPORT = (
    "---\ntitle: Walk-out {}\nkind: strike\nfield: work\nbegan: 2026-10-02\ncountry: GB\n---\nThey have walked out.\n"
)


async def report(node: ServedNode, number: int) -> str:
    draft = writing.read(REPORT.format(number), report_keys=reports.REPORT_KEYS)
    iri, _ = await node.write(reports.publish, draft, actor=node.group, member=await node.steward())
    return str(iri)


async def answer(node: ServedNode, peer: Peer, stranger: str, iri: str) -> str:
    """A stranger answers a statement of the node."""
    note = peer.note(stranger, "<p>we are with you</p>", inReplyTo=iri)
    peer.served[note["id"].removeprefix(peer.origin)] = Answer(note)
    assert await peer.send(f"{node.origin}/inbox", peer.activity("Create", stranger, note)) == 202
    return str(note["id"])


async def test_a_whole_past_arrives_complete(serve: Any, hostile_peer: Peer) -> None:
    first: ServedNode = await serve(0)
    statements = [await first.publish(f"Number {number}.") for number in range(120)]
    told = [await report(first, number) for number in range(5)]
    own_answer = await first.publish("To be continued.", reply_to=statements[3])
    stranger = hostile_peer.actor("stranger")
    answers = [await answer(first, hostile_peer, stranger, iri) for iri in (statements[7], told[2])]
    await first.quiet()
    await first.write(pins.add, first.group, statements[0])
    collection = await import_table(first)
    await first.quiet()
    second: ServedNode = await serve(1)
    await follow_each(second, first)

    async def finished() -> Any:
        row = await second.read(store.find, first.group)
        return row if row is not None and row.state != "running" else None

    row = await eventually(finished, within=600)
    assert (row.state, row.reason, row.refused) == ("done", None, 0)
    assert row.found == row.total == row.kept == 120 + 5 + 1 + 1, "and the digest of the import"
    await second.quiet()
    for iri in (*statements, *told, own_answer, *answers):
        assert await second.holds(iri), iri
    assert set(await second.read(report_store.of, told)) == set(told)
    theirs = [(one.iri, one.document) for one in await first.read(objects.listed, local=True, limit=200)]
    ours = [(one.iri, one.document) for one in await second.read(objects.listed, author=first.group, limit=200)]
    assert sorted(ours) == sorted(theirs), "every byte as it was signed"
    assert (await second.read(transcriptions.find_import, collection)).state == "complete"
    assert await second.read(transcriptions.count_in_import, collection) == 18


async def test_an_import_that_broke_off_goes_on_by_the_command(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    """The past itself is here, and is not read again for that."""
    first, second = two_nodes
    collection = await import_table(first)

    async def complete() -> bool:
        row = await second.read(transcriptions.find_import, collection)
        return row is not None and row.state == "complete"

    await eventually(complete)
    await second.quiet()
    before = await second.read(store.find, first.group)
    await second.write(transcriptions.set_import, collection, state="broken", next_page=f"{collection}?page=1")
    shown = await commonwire("backfill", second.directory, "--status")
    assert "1 imports broke off" in shown.out and "to go on" in shown.out, shown
    shown = await commonwire("backfill", second.directory)
    assert shown.status == 0 and "imports that broke off and go on: 1" in shown.out, shown
    await eventually(complete)
    assert await second.read(store.find, first.group) == before
    await second.write(transcriptions.set_import, collection, state="broken", next_page=f"{collection}?page=1")
    await second.write(backfill.begin, first.group)
    await eventually(complete)
