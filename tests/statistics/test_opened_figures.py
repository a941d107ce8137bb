"""Every figure opens down to the reports that it counts: those, no others, and as many as the table says."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from sqlalchemy import update

from node.context import Transaction
from node.reports.counts import counted_reports
from node.reports.store import reports
from tests.conftest import follow_each
from tests.merges.telling import merge, report
from tests.nodes.served import ServedNode, eventually
from tests.statistics.asking import figures

QUESTIONS = (
    "by=year",
    "by=quarter",
    "by=year,month",
    "by=country,sector",
    "by=region",
    "by=demand",
    "by=family,year",
    "by=organisation",
    "by=outcome,status",
    "by=author,kind",
    "by=year&country=-",
    "by=sector&month=-",
    "by=country&since=2026-02&until=2026-10",
    "by=field&demand=-&organisation=-",
    "by=family&status=ended&status=-",
)


async def counted_at(node: ServedNode, address: str) -> int:
    """How many reports the address of a figure shows."""
    status, page = await node.page(address)
    assert status == 200, page
    asked = address.partition("?")[2]
    found = json.loads((await node.page(f"/api/reports?{asked}&limit=200"))[1])["reports"]
    assert page.count('class="item') >= min(len(found), 25)
    return len(found)


async def opens_everywhere(node: ServedNode, question: str) -> int:
    """Check each row of a table, and all of it; how many rows were opened that stand for what is not said."""
    found, unsaid = await figures(node, question), 0
    for row in found["rows"]:
        assert await counted_at(node, row["reports"]) == row["figures"]["reports"], (question, row["keys"])
        unsaid += None in row["keys"].values()
    assert await counted_at(node, found["totalReports"]) == found["total"]["reports"], question
    return unsaid


async def tell(node: ServedNode) -> str:
    """Reports that say and leave out this and that; the struggle that is told of three times."""
    await report(node, "Depot", sector="H", demands="more [pay, raised]", organisation="Branch 12", outcome="won")
    _, struggle = await report(node, "Mill", began="2026-03", country="IE", region="Leinster", status="ongoing")
    await report(node, "Mill, later", began="2026-03", country="FR", status="ended", struggle=struggle)
    await report(node, "Mill, again", began="2026-05-02", kind="picket", addressee="Acme", struggle=struggle)
    await report(node, "Nowhere", began="2026", country="", demands="more [pay, won]; safety [safety, lost]")
    never, _ = await report(node, "Never", country="", field="housing", kind="rent-strike", who="tenants")
    await node.write(say_no_beginning, never)
    return struggle


def say_no_beginning(tx: Transaction, iri: str) -> None:
    """As a peer's report can be; ours have to say it."""
    nothing = dict.fromkeys(("year", "quarter", "month", "began", "began_last"))
    tx.execute(update(counted_reports).where(counted_reports.c.report == iri).values(nothing))
    tx.execute(update(reports).where(reports.c.iri == iri).values(began=None))


async def test_every_figure_opens_the_reports_that_it_counts(node: ServedNode) -> None:
    struggle = await tell(node)
    _, other = await report(node, "The mill, by another name", began="2026-03-04", country="IE")
    await merge(node, struggle, other)
    unsaid = [await opens_everywhere(node, question) for question in QUESTIONS]
    assert sum(unsaid) > 15
    status, page = await node.page("/figures?by=country")
    assert status == 200
    assert page.count("/wire?type=report&amp;") == len((await figures(node, "by=country"))["rows"]) + 1
    rows = list(csv.DictReader(io.StringIO((await node.page("/figures.csv?by=country"))[1])))
    assert [row["reports_at"] for row in rows] == [
        row["reports"] for row in (await figures(node, "by=country"))["rows"]
    ]


async def test_a_row_of_what_others_demand_too_opens_nothing_that_is_not_in_it(node: ServedNode) -> None:
    await tell(node)
    rows = {row["keys"]["demand"]: row for row in (await figures(node, "by=demand&demand=safety"))["rows"]}
    assert await counted_at(node, rows["safety"]["reports"]) == 1
    assert "reports" not in rows["pay"]


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_a_figure_of_chosen_sources_opens_the_reports_of_these(two_nodes: Any) -> None:
    first, second = two_nodes
    await follow_each(first, second)
    await tell(first)
    await report(second, "Harbour", country="FR")

    async def everything_is_there() -> bool:
        return bool((await figures(first))["total"]["reports"] == 7)

    assert await eventually(everything_is_there)
    for sources in ([], [second.group], [first.group, second.group], ["https://nobody.example/actor"]):
        chosen = urlencode([("source", one) for one in sources])
        for question in ("by=country", "by=author", f"by=year&author={second.group}"):
            await opens_everywhere(first, f"{question}&{chosen}")
    found = await figures(first, f"by=country&source={second.group}")
    assert ("source", second.group) in parse_qsl(found["totalReports"].partition("?")[2])


async def test_what_is_not_said_can_be_asked_for_everywhere(node: ServedNode) -> None:
    await tell(node)
    for asked, titles in {
        "country=-": ["Never", "Nowhere"],
        "country=-&country=fr": ["Mill, later", "Never", "Nowhere"],
        "year=-": ["Never"],
        "month=-": ["Never", "Nowhere"],
        "demand=-&country=GB": ["Mill, again"],
        "organisation=-&demand=-&status=-&country=IE": [],
        "family=-&demand=pay": ["Depot", "Nowhere"],
        "outcome=-&demand=pay": ["Nowhere"],
    }.items():
        feed = json.loads((await node.page(f"/wire.json?type=report&{asked}"))[1])
        assert sorted(one["title"] for one in feed["items"]) == titles, asked
        status, text = await node.page(f"/api/search?q=know&{asked}")
        assert status == 200, (asked, text)
        found = json.loads(text)
        assert len(found["results"]) == len(titles), asked
    status, page = await node.page("/wire?country=-&year=-")
    assert status == 200 and page.count("not said") >= 2
    for wrong in ("year=1984", "month=2026-03"):
        status, page = await node.page(f"/figures?{wrong}")
        assert status == 422 and "write - for what is not told" in page
