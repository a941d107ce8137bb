"""What tests of struggles need: reports of them, and groups that say which are one."""

from __future__ import annotations

from typing import Any

from node.merges import actions, store
from node.reports import actions as reports
from node.reports import store as report_store
from node.statements import writing
from tests.nodes.served import ServedNode, eventually


async def report(node: ServedNode, title: str, **fields: Any) -> tuple[str, str]:
    """Publish a report: its address, and that of its struggle."""
    values = {"title": title, "kind": "strike", "field": "work", "began": "2026-10-02", "country": "GB"} | fields
    front = "\n".join(f"{key}: {value}" for key, value in values.items())
    draft = writing.read(f"---\n{front}\n---\nWhat we know.\n", report_keys=reports.REPORT_KEYS)
    iri, _ = await node.write(reports.publish, draft, actor=node.group, member=await node.steward())
    row = (await node.read(report_store.of, [iri]))[iri]
    return iri, row.struggle


async def knows(node: ServedNode, struggle: str) -> None:
    async def known() -> Any:
        return await node.read(report_store.find_struggle, struggle)

    assert await eventually(known)


async def merge(node: ServedNode, one: str, other: str, reason: str = "The same depot, the same day.") -> str:
    """Say that two struggles are one; the merge's address."""
    await node.write(actions.merge, one, other, reason=reason, actor=node.group, member=await node.steward())
    row = await node.read(store.said, one, other, author=node.group)
    return str(row.iri)


async def separate(node: ServedNode, iri: str) -> None:
    await node.write(actions.separate, iri, member=await node.steward())


async def stands_for(node: ServedNode, iri: str, *sources: ServedNode) -> str:
    found = await node.read(store.representative, [iri], {one.group for one in sources})
    return str(found[iri])
