"""What is counted follows what is held: reports that were there before, corrected ones, withdrawn and deleted ones."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

from sqlalchemy import update

from node.context import Transaction
from node.reports import counting, counts, recounting
from node.reports.actions import REPORT_KEYS
from node.reports.store import reports
from node.statements import correcting, writing
from tests.bench.reports import fill
from tests.merges.telling import report
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually
from tests.statistics.asking import by, figures


def as_an_older_version_left_it(tx: Transaction) -> None:
    tx.execute(counts.counted_reports.delete().where(counts.counted_reports.c.sort_id > 0))
    tx.execute(update(reports).values(digest="", section=None, as_of=None).where(reports.c.sort_id > 0))
    tx.execute(update(recounting.recountings).values(version=counting.VERSION - 1))


async def test_reports_that_were_held_before_are_counted_by_a_job(node: ServedNode) -> None:
    _, struggle = await report(node, "Depot", workers_involved=120, sector="H", demands="more [pay, raised]")
    await report(node, "Depot again", workers_involved=150, struggle=struggle, as_of="2026-10-05")
    await report(node, "Rents", field="housing", kind="rent-strike", households=30)
    before = await figures(node, "by=sector,demand")
    await node.write(as_an_older_version_left_it)
    meanwhile = await figures(node, "by=sector,demand")
    assert meanwhile["notes"][0] == {"remark": "recounting", "done": 0, "reports": 0}
    assert "counts its reports anew" in (await node.page("/figures"))[1]

    await node.write(recounting.begin)
    await node.write(recounting.begin)

    async def all_are_counted() -> bool:
        return await node.read(recounting.progress) is None

    assert await eventually(all_are_counted)
    await node.quiet()
    assert await node.read(counts.total) == 3
    assert await figures(node, "by=sector,demand") == before


async def test_a_node_counts_anew_in_slices_and_by_itself(node: ServedNode) -> None:
    await fill(node.node, 450)
    before = await figures(node, "by=country")
    await node.write(as_an_older_version_left_it)
    await node.write(lambda tx: tx.execute(recounting.recountings.delete().where(recounting.recountings.c.id > 0)))
    loop = asyncio.create_task(recounting.run(node.node))

    async def all_are_counted() -> bool:
        return await node.read(counts.total) == 450 and await node.read(recounting.progress) is None

    assert await eventually(all_are_counted)
    loop.cancel()
    assert await figures(node, "by=country") == before


async def test_an_operator_has_everything_counted_anew_and_reads_the_figures(node: ServedNode) -> None:
    await report(node, "Depot", workers_involved=120, addressee="=cmd|' /C calc'!A0")
    said = await commonwire("figures", "rebuild", node.directory)
    assert (said.status, said.out.strip()) == (0, "counted 1 reports anew")
    said = await commonwire("figures", node.directory, "--question", "by=family&country=GB")
    (row,) = csv.DictReader(io.StringIO(said.out))
    assert (row["family"], row["family_label"]) == ("cmd c calc a0", "'=cmd|' /C calc'!A0")
    assert (row["struggles"], row["people_low"], row["people_known"]) == ("1", "120", "1")
    refused = await commonwire("figures", node.directory, "--question", "by=moon")
    assert refused.status != 0 and "moon" in refused.err


def corrected(**fields: Any) -> Any:
    values = {"title": "Depot", "kind": "strike", "field": "work", "began": "2026-10-02", "country": "GB"} | fields
    front = "\n".join(f"{key}: {value}" for key, value in values.items())
    return writing.read(f"---\n{front}\n---\nWhat we know.\n", report_keys=REPORT_KEYS)


async def test_figures_follow_a_correction_and_a_deletion(node: ServedNode) -> None:
    member = await node.steward()
    first, struggle = await report(node, "Depot", participants=100, status="ongoing", as_of="2026-10-03")
    second, _ = await report(
        node, "Depot, later", struggle=struggle, participants=300, status="ended", as_of="2026-10-09"
    )
    assert by(await figures(node, "by=status")) == {("ended",): (1, 300, 300)}
    assert by(await figures(node, "by=year&status=ongoing")) == {}

    newer = corrected(struggle=struggle, participants=250, status="suspended", as_of="2026-10-10")
    await node.write(correcting.correct, second, newer, member=member)
    assert by(await figures(node, "by=status")) == {("suspended",): (1, 250, 250)}

    silent = corrected(struggle=struggle, status="ended", as_of="2026-10-11")
    await node.write(correcting.correct, second, silent, member=member)
    assert by(await figures(node, "by=status")) == {("ended",): (1, 100, 100)}, "the figure is still the earlier one's"

    await node.write(correcting.delete, second, reason="mistake", member=member)
    assert by(await figures(node, "by=status")) == {("ongoing",): (1, 100, 100)}
    await node.write(correcting.delete, first, reason="mistake", member=member)
    assert (await figures(node, "by=status"))["rows"] == []
    assert await node.read(counts.total) == 0


async def test_what_breaks_a_rule_or_was_withdrawn_is_in_no_figure(node: ServedNode) -> None:
    iri, _ = await report(node, "Depot", participants=100)
    await report(node, "Rents", participants=60)

    def leave_out(tx: Transaction) -> None:
        tx.execute(update(reports).where(reports.c.iri == iri).values(left_out="it is upside down"))
        tx.execute(update(counts.counted_reports).where(counts.counted_reports.c.report == iri).values(counts=False))

    await node.write(leave_out)
    found = await figures(node)
    assert by(found) == {("2026",): (1, 60, 60)}
    assert {"remark": "left-out", "reports": 1} in found["notes"]
