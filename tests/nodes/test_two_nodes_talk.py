"""The main job: what one group publishes, another group's node receives, verifies, keeps and shows."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from node import activities, objects
from node.activities import State
from node.identifiers import spell
from node.reports import actions as reports
from node.reports import importing, imports, transcriptions
from node.reports import store as report_store
from node.reports.rules import Provenance
from node.statements import store as statements
from node.statements import writing
from schemas.reading import loads
from tests.nodes.served import ServedNode, eventually

Two = tuple[ServedNode, ServedNode]
TABLE = Path("node/demo/struggles.csv")


async def arrival(node: ServedNode, iri: str) -> Any:
    """The row of an object, once it has arrived."""

    async def find() -> Any:
        return await node.read(objects.find, iri)

    return await eventually(find)


async def test_a_statement_reaches_a_follower_and_stands_on_its_pages(two_nodes: Two) -> None:
    first, second = two_nodes
    iri = await first.publish("The **depot** is closed. #strike", title="No trams tonight")
    row = await arrival(second, iri)
    status, wire = await second.page("/wire")
    assert status == 200
    assert "No trams tonight" in wire
    status, heard = await second.page(f"/heard/{spell(row.sort_id)}")
    assert status == 200
    assert "<strong>depot</strong>" in heard
    assert "Transport Workers" in heard
    assert iri in heard


async def test_the_follower_keeps_the_very_bytes_the_author_signed(two_nodes: Two) -> None:
    first, second = two_nodes
    iri = await first.publish("We have won.")
    row = await arrival(second, iri)
    status, served = await first.activity(iri)
    assert status == 200
    assert loads(row.document) == served
    assert served["proof"]["cryptosuite"] == "eddsa-jcs-2022"


async def test_an_answer_stands_below_the_statement_on_both_nodes(two_nodes: Two) -> None:
    first, second = two_nodes
    iri = await first.publish("We need a strike fund.")
    await arrival(second, iri)
    answer = await second.publish("We send a hundred.", reply_to=iri)
    await arrival(first, answer)
    for node, path in ((first, iri), (second, f"/heard/{spell((await arrival(second, iri)).sort_id)}")):
        status, page = await node.page(path)
        assert status == 200
        assert "We send a hundred." in page
    _, replies = await first.activity(f"{iri}/replies")
    assert replies["orderedItems"] == [answer]


async def test_a_report_is_data_on_a_peer_and_a_readable_post_for_everybody(two_nodes: Two) -> None:
    first, second = two_nodes
    text = "---\ntitle: Night shift walks out\nkind: strike\nfield: work\nbegan: 2026-10-02\naddressee: Tramways\n"
    text += "addressee_kind: employer\ncountry: GB\nparticipants: 140\n---\nThe night shift has walked out.\n"
    draft = writing.read(text, report_keys=reports.REPORT_KEYS)
    iri, _ = await first.write(reports.publish, draft, actor=first.group, member=await first.steward())
    await arrival(second, iri)
    row = (await second.read(report_store.of, [iri]))[iri]
    assert (row.action_kind, row.country, row.began) == ("strike", "GB", "2026-10-02")
    _, document = await first.activity(iri)
    assert document["type"] == "Note"
    assert "Night shift walks out" in document["content"]
    assert document["measures"] == [{"measure": "participants", "value": 140, "basis": "own-estimate"}]
    status, struggle = await first.activity(row.struggle)
    assert status == 200
    assert struggle["items"] == [iri]


def read_table() -> list[imports.Draft]:
    mapping = imports.detect(imports.outline(TABLE).columns)
    assert mapping is not None
    return [found for found in imports.read_all(imports.rows(TABLE), mapping) if isinstance(found, imports.Draft)]


async def import_table(node: ServedNode) -> str:
    """Import the table of the demonstration; the collection's IRI."""
    drafts = await asyncio.to_thread(read_table)
    provenance = Provenance(title="Struggles", publisher="Wikipedia", retrieved=node.clock().date())
    member = await node.steward()
    iri: str = await node.write(
        importing.begin_import, provenance, actor=node.group, member=member, mapping="commonwire", file_digest="d"
    )
    await node.write(importing.transcribe, iri, drafts)
    await node.write(importing.propose_import, iri, refused=0, member=member)
    return iri


async def test_an_import_reaches_followers_as_one_digest_and_peers_as_data(serve: Any) -> None:
    from tests.conftest import follow_each

    first = await serve(0, more="limits.import_page = 5")
    second = await serve(1)
    await follow_each(second, first)
    iri = await import_table(first)

    async def complete() -> Any:
        row = await second.read(transcriptions.find_import, iri)
        return row is not None and row.state == "complete"

    await eventually(complete)
    assert await second.read(transcriptions.count_in_import, iri) == 18
    listed = await second.read(objects.listed, local=False)
    assert len(listed) == 1, "followers get one digest and no flood"
    outbox = (await first.activity("/groups/union/outbox"))[1]
    assert outbox["totalItems"] == 1, "imported reports stand in no outbox"
    parts = await second.read(objects.parts, iri, limit=100)
    status, page = await second.page(f"/heard/{spell(parts[0].sort_id)}")
    assert status == 200
    assert "imported" in page.lower()


async def test_nothing_is_public_before_the_delay_is_over_and_a_recall_stops_it(serve: Any) -> None:
    from node.statements import actions

    node = await serve(0)
    object.__setattr__(node.node.config, "publication_delay", 120)
    stays = await node.publish("This one leaves.")
    goes = await node.publish("This one is called back.")
    await node.quiet()
    assert (await node.activity(stays))[0] == 404
    await node.write(actions.call_back, goes, member=await node.steward())
    node.clock.advance(timedelta(seconds=121))
    await eventually(lambda: node.holds(stays))
    assert (await node.activity(goes))[0] == 404
    assert await node.read(statements.waiting, node.group) == []


async def test_every_activity_between_our_nodes_is_understood(two_nodes: Two) -> None:
    first, second = two_nodes
    iri = await first.publish("To be answered.")
    await arrival(second, iri)
    for node in two_nodes:
        await node.quiet()
        for state in (State.REFUSED, State.IGNORED, State.PARKED, State.PENDING):
            assert await node.read(activities.count, state) == 0, f"{state} on {node.origin}"
