"""What an appeal or a report of conditions must not say any more is gone here and at peers, and the rest stays."""

from __future__ import annotations

from node import objects
from node.appeals import store as appeals
from node.conditions import store as conditions
from node.context import Transaction
from node.statements import redacting
from node.statements.blanks import Part
from tests.appeals.test_three_nodes_show_solidarity import ask
from tests.conditions.test_what_groups_report import report
from tests.nodes.served import ServedNode, eventually
from tests.nodes.test_two_nodes_talk import arrival


async def blank(node: ServedNode, iri: str, part: str) -> None:
    await node.write(redacting.redact, iri, Part(part), reason="personal-data", member=await node.steward())


async def test_a_blanked_field_is_gone_everywhere(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    appeal = await ask(first, appeal={"how": "ring Rosamunde"})
    found = await report(first, "wages 11 EUR per hour: Rosamunde", "hours 46 hours per week")
    for iri in (appeal, found):
        await arrival(second, iri)
    await blank(first, appeal, "how")
    await blank(first, found, "condition_1")

    def named(tx: Transaction) -> bool:
        rows = objects.find_all(tx, [appeal, found])
        return any(b"Rosamunde" in row.document for row in rows.values())

    for node in two_nodes:

        async def gone(node: ServedNode = node) -> bool:
            return not await node.read(named)

        await eventually(gone)
        assert (await node.read(appeals.find, appeal)).goal == 5000, "the rest stays"
        assert [row.topic for row in await node.read(conditions.figures, {}, [first.group])] == ["hours"]
        contents = await node.contents(without=("activities", "intake"))
        assert "Rosamunde" not in str(contents)
