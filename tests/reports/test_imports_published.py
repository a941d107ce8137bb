"""Imports as decisions: what is called back or broken off is not lost, and never half public."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from node import objects
from node.errors import Conflict, Invalid
from node.reports import actions, importing, imports, store
from node.reports.rules import Provenance
from node.statements import publishing
from node.statements import store as statements
from node.statements.rules import State
from tests.nodes.served import ServedNode
from tests.nodes.test_two_nodes_talk import read_table


async def begin(node: ServedNode, digest: str = "one", title: str = "Struggles") -> str:
    provenance = Provenance(title=title, publisher="Wikipedia", retrieved=node.clock().date())
    member = await node.steward()
    iri: str = await node.write(
        importing.begin_import, provenance, actor=node.group, member=member, mapping="commonwire", file_digest=digest
    )
    return iri


async def finish(node: ServedNode, iri: str, drafts: list[imports.Draft]) -> State:
    await node.write(importing.transcribe, iri, drafts)
    state: State = await node.write(importing.propose_import, iri, refused=0, member=await node.steward())
    return state


async def test_an_import_is_public_only_when_the_group_has_decided(node: ServedNode) -> None:
    drafts = await asyncio.to_thread(read_table)
    iri = await begin(node)
    await node.write(importing.transcribe, iri, drafts)
    assert await node.read(store.count_held) == 0
    assert await node.read(objects.count_parts, iri) == 0
    assert (await node.activity(iri))[0] == 404
    await node.write(importing.propose_import, iri, refused=0, member=await node.steward())
    assert await node.read(objects.count_parts, iri) == len(drafts)
    status, collection = await node.activity(iri)
    assert (status, collection["totalItems"], collection["basis"]) == (200, len(drafts), "imported")
    status, page = await node.activity(collection["first"])
    assert len(page["orderedItems"]) == len(drafts)
    assert all("proof" in report for report in page["orderedItems"])


async def test_a_called_back_import_can_be_imported_again(serve: Any) -> None:
    node: ServedNode = await serve(0, more="")
    object.__setattr__(node.node.config, "publication_delay", 60)
    drafts = await asyncio.to_thread(read_table)
    iri = await begin(node)
    assert await finish(node, iri, drafts) is State.WAITING
    with pytest.raises(Conflict):
        await begin(node)
    (waiting,) = await node.read(statements.waiting, node.group)
    await node.write(publishing.call_back, waiting.iri, member=await node.steward())
    object.__setattr__(node.node.config, "publication_delay", 0)
    assert await begin(node) == iri
    assert await finish(node, iri, drafts) is State.RELEASED
    assert await node.read(objects.count_parts, iri) == len(drafts)


async def test_an_import_broken_off_gives_way_to_a_corrected_file(node: ServedNode) -> None:
    drafts = await asyncio.to_thread(read_table)
    broken = await begin(node, "one")
    await node.write(importing.transcribe, broken, drafts[:5])
    better = await begin(node, "two")
    assert better != broken
    assert await node.write(importing.transcribe, better, drafts) == len(drafts), (
        "no row is known from what was broken off"
    )
    with pytest.raises(Exception, match="not an import"):
        await node.write(importing.transcribe, broken, drafts[5:])


async def test_a_row_is_imported_once(node: ServedNode) -> None:
    drafts = await asyncio.to_thread(read_table)
    assert await finish(node, await begin(node, "one"), drafts[:10]) is State.RELEASED
    second = await begin(node, "two")
    assert await node.write(importing.transcribe, second, drafts) == len(drafts) - 10
    with pytest.raises(Conflict, match="imported already"):
        await begin(node, "one")


async def test_two_groups_report_one_struggle(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    from node.statements import writing

    first, second = two_nodes
    text = "---\ntitle: We walked out\nkind: strike\nfield: work\nbegan: 2026-10-02\n{struggle}---\nWe walked out.\n"

    async def publish(node: ServedNode, struggle: str) -> str:
        draft = writing.read(text.format(struggle=struggle), report_keys=actions.REPORT_KEYS)
        iri, _ = await node.write(actions.publish, draft, actor=node.group, member=await node.steward())
        return str(iri)

    one = await publish(first, "")
    struggle = (await first.read(store.of, [one]))[one].struggle
    two = await publish(second, f"struggle: {struggle}\n")
    assert (await second.read(store.of, [two]))[two].struggle == struggle
    with pytest.raises(Invalid, match="not a struggle"):
        await publish(first, f"struggle: {first.origin}/struggles/none\n")
