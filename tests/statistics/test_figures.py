"""From reports to figures, through the addresses that programs read."""

from __future__ import annotations

import csv
import io
import json

import pytest

from node.reports import developing
from node.reports import store as reports
from node.reports.asking import Unconfirmed
from tests.conftest import follow_each
from tests.merges.telling import merge, report, separate
from tests.nodes.served import ServedNode, eventually
from tests.statistics.asking import by, ends, figures


async def test_a_question_is_answered_from_the_reports_that_are_held(node: ServedNode) -> None:
    await report(
        node,
        "Trams",
        began="2020-03-02",
        ended="2020-03-06",
        workers_involved=100,
        sector="H",
        demands="more [pay, raised]",
    )
    await report(
        node, "Rents", field="housing", kind="rent-strike", began="2021-05", country="IE", participants="40-60"
    )
    await report(node, "Kitchen", began="2021-06-01", addressee="Acme", workers_involved=3, confirm="figure-878b75")
    await report(node, "Nobody counted", began="2021-07-01")
    await report(node, "Nobody came", began="2021-08-01", participants=0)

    found = await figures(node)
    assert by(found) == {("2020",): (1, 100, 100), ("2021",): (4, 41, 64)}
    assert by(found, "days-not-worked")[("2020",)] == (1, 500, 500)
    assert found["rows"][0]["figures"]["days-not-worked"]["computed"] == 500
    assert found["rows"][1]["figures"]["people"] == {"low": 41, "high": 64, "known": 3, "absent": 1, "banded": 1}
    assert found["total"]["struggles"] == 5
    assert ends(found["total"]["people"]) == (141, 164)
    assert {note["remark"] for note in found["notes"]} == {"picked", "computed", "banded", "few"}
    assert found["sources"] == [node.group] and found["rule"] == "1"
    assert found["coverage"]["groups"] == 1 and found["coverage"]["countries"] == 2

    assert by(await figures(node, "by=country&field=work")) == {("GB",): (4, 101, 104)}
    assert by(await figures(node, "by=quarter&since=2021")) == {("2021-Q2",): (2, 41, 64), ("2021-Q3",): (2, 0, 0)}
    assert by(await figures(node, "by=month,kind&until=2020")) == {("2020-03", "strike"): (1, 100, 100)}
    assert by(await figures(node, "by=sector")) == {("H",): (1, 100, 100), (None,): (4, 41, 64)}
    assert (await figures(node, "country=FR"))["rows"] == []
    status, _ = await node.page("/figures.json?by=moon")
    assert status == 422

    status, text = await node.page("/figures.csv?by=year")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["year"], row["struggles"], row["people_low"], row["people_high"]) for row in rows] == [
        ("2020", "1", "100", "100"),
        ("2021", "4", "41", "64"),
    ]
    assert "3" not in {row["people_low"] for row in rows}

    opened = found["rows"][1]["reports"]
    status, page = await node.page(opened)
    assert status == 200 and "Kitchen" in page and "Trams" not in page


async def test_what_is_told_beside_a_figure_of_few_people_does_not_tell_how_many_they_were(node: ServedNode) -> None:
    bakery = {"began": "2021-06-07", "ended": "2021-06-11", "place": "Mill Street Bakery", "workers_involved": 3}
    with pytest.raises(Unconfirmed) as refused:
        await report(node, "Bakery", **bakery, days_not_worked=15)
    (question,) = refused.value.questions
    assert question.about == ("3 (workers-involved), Mill Street Bakery",)
    await report(node, "Bakery", **bakery, days_not_worked=15, hours_not_worked=120, confirm=question.word)
    later = bakery | {"began": "2022-06-06", "ended": "2022-06-10", "participants": 50}
    await report(node, "Bakery again", **later, days_not_worked=15, confirm=question.word)
    found = await figures(node, "by=year")
    assert by(found) == {("2021",): (1, 1, 4), ("2022",): (1, 50, 50)}
    assert by(found, "days-not-worked") == {("2021",): (1, 1, 20), ("2022",): (1, 1, 20)}
    assert by(found, "hours-not-worked")[("2021",)] == (1, 1, 160)


async def test_a_struggle_counts_once_whoever_reports_it(two_nodes: list[ServedNode]) -> None:
    first, second = two_nodes
    await follow_each(first, second)
    _, struggle = await report(first, "Depot", participants=300, measure_basis="media", as_of="2026-10-03")

    async def both_hold(count: int) -> bool:
        counted = [await node.read(reports.count_held) for node in two_nodes]
        return counted == [count, count]

    assert await eventually(lambda: both_hold(1))
    await report(first, "Depot again", struggle=struggle, participants=350, measure_basis="media", as_of="2026-10-05")
    await report(second, "Depot, seen from the gate", struggle=struggle, participants=500, measure_basis="participants")
    assert await eventually(lambda: both_hold(3))

    chosen = f"source={first.group}&source={second.group}"
    of_first, of_second = await figures(first, chosen), await figures(second, chosen)
    assert by(of_first) == by(of_second) == {("2026",): (1, 500, 500)}
    assert of_first["total"]["reports"] == 3
    assert of_first["digest"] == of_second["digest"]
    assert by(await figures(second, f"source={first.group}")) == {("2026",): (1, 350, 350)}

    _, other = await report(second, "The same depot", began="2026-10-09", participants=80, measure_basis="police")
    assert await eventually(lambda: both_hold(4))

    async def are_two() -> bool:  # seen in the database a moment before what was answered is forgotten
        return by(await figures(first, chosen)) == {("2026",): (2, 580, 580)}

    assert await eventually(are_two)
    joined = await merge(second, struggle, other)

    async def is_merged() -> bool:
        return by(await figures(first, chosen)) == {("2026",): (1, 500, 500)}

    assert await eventually(is_merged)
    alone = await figures(first, f"source={first.group}")
    assert by(alone) == {("2026",): (1, 350, 350)}
    assert {"remark": "not-counted", "reports": 2} in alone["notes"]
    assert await inputs(first, chosen) == await inputs(second, chosen) != await inputs(first, f"source={first.group}")
    assert (await figures(first, chosen))["digest"] == (await figures(second, chosen))["digest"]
    await separate(second, joined)
    assert await eventually(lambda: _differs(first, chosen))


async def inputs(node: ServedNode, query: str) -> dict[str, dict[str, str]]:
    """What a table was made of, gathered from its parts: struggle -> report -> digest."""
    status, text = await node.page(f"{node.origin}/figures/inputs.json?{query}")
    assert status == 200, text
    whole = json.loads(text)
    found: dict[str, dict[str, str]] = {}
    for part in whole["parts"]:
        status, text = await node.page(part["address"])
        found |= json.loads(text)["struggles"]
    assert sum(len(reports) for reports in found.values()) == whole["reports"]
    assert whole["digest"] == (await figures(node, query))["digests"]["inputs"]
    return found


async def _differs(node: ServedNode, query: str) -> bool:
    return by(await figures(node, query)) == {("2026",): (2, 580, 580)}


@pytest.mark.one_database
async def test_a_row_opens_the_reports_that_stand_in_it_and_no_others(two_nodes: list[ServedNode]) -> None:
    first, second = two_nodes
    await follow_each(first, second)
    await report(first, "Depot", country="IE", participants=30)
    taken_back, _ = await report(first, "Canteen", country="IE", participants=40)
    await first.write(developing.withdraw, taken_back, reason="It was another year.", member=await first.steward())
    await report(second, "Yard", country="IE", participants=50)

    async def all_held() -> bool:
        return bool(await first.read(reports.count_held) == 3)

    assert await eventually(all_held)
    await first.quiet()
    (row,) = (await figures(first, "by=country"))["rows"]
    _, page = await first.page(row["reports"])
    assert row["figures"]["reports"] == 2 and [name in page for name in ("Depot", "Canteen", "Yard")] == [
        True,
        False,
        True,
    ]
    (row,) = (await figures(first, f"by=country&source={second.group}"))["rows"]
    _, page = await first.page(row["reports"])
    assert row["figures"]["reports"] == 1 and [name in page for name in ("Depot", "Canteen", "Yard")] == [
        False,
        False,
        True,
    ]
