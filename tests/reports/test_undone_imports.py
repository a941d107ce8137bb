"""Undoing an import: one act, and its reports are gone, here and on every node that has fetched them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from node import objects
from node.errors import Conflict, Invalid, Missing
from node.identifiers import spell
from node.peering import store as follows
from node.peering.rules import Follow
from node.reports import importing, imports, store, transcriptions, undoing
from node.reports.counts import counted_reports
from node.reports.rules import Provenance
from node.statements import store as statements
from tests.bench import reports as bench
from tests.conftest import follow_each
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.nodes.test_two_nodes_talk import import_table
from tests.web.admin.desk_browsers import at_desk

REPORTS = 18
NOTHING = "urn:nothing"


def count_counted(tx: Any) -> int:
    return int(tx.execute(select(func.count()).where(counted_reports.c.counts.is_(True))).scalar_one())


async def undo(node: ServedNode, iri: str, reason: str = "mistake") -> None:
    await node.write(undoing.undo, iri, reason=reason, member=await node.steward())


async def fetched(node: ServedNode, iri: str) -> None:
    async def complete() -> Any:
        row = await node.read(transcriptions.find_import, iri)
        return row is not None and row.state == "complete"

    await eventually(complete)


async def reports_of(node: ServedNode, iri: str) -> list[str]:
    found: list[str] = await node.read(transcriptions.reports_in, iri)
    return found


async def test_an_undone_import_is_gone_here_and_on_the_nodes_that_have_fetched_it(serve: Any) -> None:
    first = await serve(0, more="limits.import_page = 5")
    second = await serve(1)
    await follow_each(second, first)
    iri = await import_table(first)
    await fetched(second, iri)
    reports = await reports_of(first, iri)
    digest = (await first.read(transcriptions.find_import, iri)).digest_iri
    assert await second.read(count_counted) == await first.read(count_counted) == REPORTS
    held = await second.read(objects.find_all, reports)
    said = [held[one].document for one in reports]
    await undo(first, iri)
    assert await first.read(count_counted) == 0, "at once"
    await first.quiet()
    await second.quiet()
    for node in (first, second):
        assert await node.read(count_counted) == 0
        assert await node.read(store.count_held) == 0
        assert await node.read(statements.shown, reports) == {}
        rows = await node.read(objects.find_all, [*reports, digest])
        assert all(row.deleted is not None for row in rows.values()) and len(rows) == REPORTS + 1
    rows = await second.read(objects.find_all, reports)
    assert all(row.document is None for row in rows.values())
    contents = await second.contents()
    assert not any(document in row for document in said for table in contents.values() for row in table)


async def test_the_collection_and_its_reports_answer_with_tombstones(node: ServedNode) -> None:
    iri = await import_table(node)
    reports = await reports_of(node, iri)
    await undo(node, iri, reason="personal-data")
    await node.quiet()
    for one in (iri, reports[0]):
        status, stone = await node.activity(one)
        assert (status, stone["type"], stone["deletionReason"]) == (410, "Tombstone", "personal-data")
        assert "proof" in stone
        assert (await node.page(one))[0] == 410
    assert (await node.activity(f"{iri}?page=1"))[0] == 404


async def test_the_same_file_can_be_imported_again_after_it_was_undone(serve: Any) -> None:
    first, second = await serve(0), await serve(1)
    await follow_each(second, first)
    iri = await import_table(first)
    await fetched(second, iri)
    struggles = {row.struggle for row in (await first.read(store.of, await reports_of(first, iri))).values()}
    await undo(first, iri)
    again = await import_table(first)
    assert again != iri
    await fetched(second, again)
    await first.quiet()
    await second.quiet()
    for node in (first, second):
        assert await node.read(store.count_held) == REPORTS
    rows = await first.read(store.of, await reports_of(first, again))
    assert {row.struggle for row in rows.values()} == struggles, "a struggle keeps its address"


async def test_a_large_import_is_dropped_in_steps(node: ServedNode, tmp_path: Path) -> None:
    rows = 2 * undoing.TOGETHER + 7
    drafts = await asyncio.to_thread(read_plausible, tmp_path / "table.csv", rows)
    provenance = Provenance(title="Plenty", publisher="The archive", retrieved=node.clock().date())
    member = await node.steward()
    named = {"actor": node.group, "member": member, "mapping": "commonwire", "file_digest": "many"}
    iri = await node.write(importing.begin_import, provenance, **named)
    await node.write(importing.transcribe, iri, drafts)
    await node.write(importing.propose_import, iri, refused=0, member=member)
    reports = await reports_of(node, iri)
    assert len(reports) == rows
    await undo(node, iri)
    await node.quiet()
    held = await node.read(objects.find_all, reports)
    assert len(held) == rows and all(row.deleted is not None for row in held.values())
    assert await node.read(statements.shown, reports) == {}


def read_plausible(path: Path, rows: int) -> list[imports.Draft]:
    bench.table(path, rows)
    mapping = imports.fitted(imports.named("commonwire"), imports.outline(path).columns)
    return [one for one in imports.read_all(imports.rows(path), mapping) if isinstance(one, imports.Draft)]


async def test_nobody_undoes_what_another_has_imported(node: ServedNode, hostile_peer: Peer) -> None:
    iri = await import_table(node)
    mallory = hostile_peer.actor()
    act = hostile_peer.activity("Delete", mallory, iri)
    assert await hostile_peer.send(f"{node.group}/inbox", act) == 202
    await node.quiet()
    assert await node.read(store.count_held) == REPORTS
    assert (await node.activity(iri))[0] == 200


async def test_only_a_public_import_of_this_node_can_be_undone_and_for_a_reason_that_there_is(node: ServedNode) -> None:
    iri = await import_table(node)
    with pytest.raises(Missing, match="not an import of this node"):
        await undo(node, NOTHING)
    with pytest.raises(Invalid, match="is no category"):
        await undo(node, iri, reason="spite")
    await undo(node, iri)
    with pytest.raises(Conflict, match="only while it is public"):
        await undo(node, iri)


async def test_an_import_whose_deletion_comes_before_its_digest_is_not_fetched(
    node: ServedNode, hostile_peer: Peer
) -> None:
    author, collection = hostile_peer.actor(), hostile_peer.id("imports")
    follow = {"activity": hostile_peer.id("follows"), "state": Follow.ACCEPTED}
    await node.write(follows.put, follower=node.group, followed=author, **follow)
    digest = hostile_peer.note(author, "<p>We have transcribed 3 reports.</p>", imports=collection)
    for act in (
        hostile_peer.activity("Delete", author, collection),
        hostile_peer.activity("Create", author, digest),
    ):
        assert await hostile_peer.send(f"{node.group}/inbox", act) == 202
    await node.quiet()
    assert await node.holds(digest["id"])
    assert await node.read(transcriptions.find_import, collection) is None
    assert hostile_peer.asked[urlsplit(collection).path] == 0


@pytest.mark.one_database
async def test_an_import_is_undone_at_the_desk_where_its_digest_is_deleted(node: ServedNode) -> None:
    iri = await import_table(node)
    await node.quiet()
    digest = await node.read(objects.find, (await node.read(transcriptions.find_import, iri)).digest_iri)
    async with at_desk(node, "steward") as desk:
        path = f"/desk/published/{spell(digest.sort_id)}"
        assert "Undo the import" in await desk.get(path)
        status, _, page = await desk.send(f"{path}/delete", origin=path, reason="nonsense")
        assert status == 422 and "Undo the import" in page and await node.read(count_counted) == REPORTS
        status, place, _ = await desk.send(f"{path}/delete", origin=path, reason="mistake")
        assert status == 303 and place.endswith("done=delete"), place
    assert await node.read(count_counted) == 0
    assert (await node.activity(iri))[0] == (await node.activity(digest.iri))[0] == 410
