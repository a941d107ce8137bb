"""That the reports with which nodes are filled to be measured are reports, and the same each time."""

from __future__ import annotations

from pathlib import Path

import schemas
from node import objects
from node.reports import imports, store
from schemas import reading
from tests.bench import plausible, reports
from tests.nodes.served import ServedNode

COUNT = 300


async def test_a_filled_node_holds_what_it_was_filled_with(node: ServedNode) -> None:
    await reports.fill(node.node, COUNT)
    assert await node.read(store.count_held) == COUNT
    expected = list(plausible.told(COUNT, group=node.group, origin=node.origin))
    iris = [one.report.id for one in expected]
    held = await node.read(objects.find_all, iris)
    rows = await node.read(store.of, iris)
    for one in expected:
        assert schemas.parse(reading.loads(held[one.report.id].document)) == one.report
        assert rows[one.report.id].digest == reports.facts_of(one).row["digest"]
    authors = {one.report.attributed_to for one in expected}
    assert node.group in authors and authors & set(plausible.PEERS) and authors & set(plausible.STRANGERS)
    assert COUNT / 2 < len({one.report.struggle for one in expected}) < COUNT


def test_every_row_of_a_plausible_table_can_be_imported(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    reports.table(path, COUNT)
    mapping = imports.detect(imports.outline(path).columns)
    assert mapping is not None
    found = list(imports.read_all(imports.rows(path), mapping))
    assert len(found) == COUNT
    assert [str(one) for one in found if isinstance(one, imports.RefusedRow)] == []
