"""Groups report how people work and live; every node shows it, and makes figures of it that mix nothing."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from node.conditions import actions as conditions
from node.conditions import figures, rules, store
from node.errors import Invalid
from node.reports.asking import Unconfirmed
from node.statements import correcting
from node.statements.rules import Draft
from schemas.conditions_report import Condition
from tests.appeals.test_three_nodes_show_solidarity import page_of, until_page_says, words
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.nodes.test_two_nodes_talk import arrival

Three = tuple[ServedNode, ServedNode, ServedNode]


async def report(node: ServedNode, *lines: str, text: str = "We asked.", title: str | None = None, **more: str) -> str:
    given = {f"condition_{number}": line for number, line in enumerate(lines, start=1)} | more
    draft = Draft(text=text, title=title, conditions=given)
    iri, _ = await node.write(conditions.publish, draft, actor=node.group, member=await node.steward())
    return str(iri)


async def table_of(node: ServedNode, query: str = "") -> dict[str, Any]:
    async with node.http.get(f"{node.origin}/conditions.json{query}") as response:
        assert response.status == 200
        found: dict[str, Any] = json.loads(await response.text())
        return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("wages 11.50 EUR per hour", {"value": 11.5, "currency": "EUR", "period": "hour"}),
        ("wages 11.50-13 EUR per hour: new people", {"low": 11.5, "high": 13, "currency": "EUR", "period": "hour", "text": "new people"}),
        ("Hours 48+ hours per week [own-witness]", {"topic": "hours", "low": 48, "unit": "hours", "period": "week", "basis": "own-witness"}),
        ("safety: 2 fell: both live", {"topic": "safety", "text": "2 fell: both live"}),
        ("water 40 litres per person per day", {"topic": "water", "value": 40, "unit": "litres per person", "period": "day"}),
        ("repairs 3 broken lifts [document]: since May", {"topic": "repairs", "value": 3, "unit": "broken lifts", "basis": "document", "text": "since May"}),
    ],
)  # fmt: skip
def test_a_condition_is_one_line(line: str, expected: dict[str, Any]) -> None:
    found = rules.reported(Draft(text="-", conditions={"condition_1": line})).conditions
    assert found == (Condition(**({"topic": "wages"} | expected)),)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"condition_1": "gold 5 EUR"}, "condition_1"),
        ({"condition_1": "wages"}, "condition_1"),
        ({"condition_1": "wages 5 EUX"}, "condition_1"),
        ({"condition_1": "wages 13-11 EUR"}, "condition_1"),
        ({"condition_1": "wages 5 EUR per fortnight"}, "condition_1"),
        ({"condition_1": "wages -5 EUR"}, "condition_1"),
        ({"conditions": '[{"topic": "wages", "value": 5, "currency": "EUX"}]'}, "conditions[0].currency"),
        ({"condition_1": "wages 5 EUR", "respondents": "9", "population": "8"}, "population"),
        ({"condition_1": "wages 5 EUR", "country": "Spain"}, "location.country"),
        ({"condition_1": "wages 5 EUR", "gathered": "guess"}, "gathered"),
        ({"gathered": "survey"}, "condition_1"),
    ],
)
def test_what_cannot_be_reported_is_refused_with_its_field(given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.reported(Draft(text="-", conditions=given))
    assert refused.value.field == field


async def test_conditions_reach_others_and_are_counted_without_being_mixed(three_nodes: Three) -> None:
    first, second, third = three_nodes
    lines = ("wages 11-13 EUR per hour: new people", "hours 46 hours per week", "safety: two fell")
    more = {"respondents": "58", "population": "240", "gathered": "survey", "as_of": "2026-10", "country": "SE"}
    one = await report(first, *lines, title="At the depot", addressee="Northern Tramways", sector="H", **more)
    await report(second, "wages 14 EUR per hour", "wages 2400 EUR per month", "wages 90 SEK per hour", as_of="2025")
    await report(third, "wages 10+ EUR per hour", "rents 700 EUR per month", respondents="3", field="housing")
    document = (await first.activity(one))[1]
    assert [entry["topic"] for entry in document["conditions"]] == ["wages", "hours", "safety"]
    assert "Wages: 11–13 EUR an hour. new people" in document["content"] and document["type"] == "Note"
    assert {tag["name"] for tag in document["tag"]} == {"#conditions", "#wages", "#hours", "#safety"}

    tables = []
    for node in three_nodes:

        async def complete(node: ServedNode = node) -> bool:
            return len(await node.read(store.listed, {}, limit=9)) == 3

        await eventually(complete)
        tables.append(await table_of(node))
        await until_page_says(node, one, "11–13 EUR an hour", "58 of 240", "two fell", "Northern Tramways")
    assert tables[0]["digest"] == tables[1]["digest"] == tables[2]["digest"]
    assert tables[0]["figures"] == tables[1]["figures"]
    found = {(row["topic"], row["measured_in"], row["period"]): row for row in tables[0]["figures"]}
    assert list(found) == sorted(found) and len(found) == 5
    euros = found["wages", "EUR", "hour"]
    assert (euros["least"], euros["median_low"], euros["median_high"], euros["most"]) == (10, 11, 14, None)
    assert (euros["groups"], euros["reports"], euros["without_respondents"]) == (3, 3, 1)
    assert (euros["respondents_low"], euros["respondents_high"], euros["fewer_than_five"]) == (59, 62, False)
    rents = found["rents", "EUR", "month"]
    assert (rents["respondents_low"], rents["respondents_high"]) == (1, 4) and rents["fewer_than_five"], (
        "three people could be told from each other"
    )
    async with first.http.get(f"{first.origin}/conditions.csv?topic=rents") as response:
        (row,) = csv.DictReader(io.StringIO(await response.text()))
    assert (row["respondents_low"], row["respondents_high"], row["most"]) == ("1", "4", "700")

    assert [row["most"] for row in (await table_of(second, "?year=2025&topic=wages"))["figures"]] == [14, 2400, 90]
    assert [row["topic"] for row in (await table_of(second, "?country=SE"))["figures"]] == ["hours", "wages"]
    status, page = await second.page("/conditions?field=housing")
    assert status == 200 and "fewer than five" in page and "700" in page and len(page.encode()) < 50_000
    status, page = await second.page("/figures?country=SE")
    assert status == 200 and "never across currencies" in page and "EUR" in page and "rents" not in words(page)
    assert "never across currencies" not in (await second.page("/figures?kind=strike"))[1]
    for query in ("?topic=gold", "?country=Spain", "?year=x"):
        assert (await second.page(f"/conditions{query}"))[0] == 404

    newer = Draft(text="We asked again.", conditions={"condition_1": "wages 12 EUR per hour"} | more)
    await first.write(correcting.correct, one, newer, member=await first.steward())
    for node in three_nodes:
        await until_page_says(node, one, "12 EUR an hour", "We asked again")
        assert {row["topic"] for row in (await table_of(node, "?country=SE"))["figures"]} == {"wages"}
    await first.write(correcting.delete, one, reason="mistake", member=await first.steward())
    for node in three_nodes:

        async def gone(node: ServedNode = node) -> bool:
            return not (await table_of(node, "?country=SE"))["figures"]

        await eventually(gone)


@pytest.mark.one_database
async def test_what_can_lead_to_a_person_is_asked_twice(node: ServedNode) -> None:
    given = {"respondents": "3", "addressee": "Northern Tramways", "field": "work"}
    with pytest.raises(Unconfirmed) as asked:
        await report(node, "wages 11 EUR per hour", **given)
    (question,) = asked.value.questions
    assert "3, Northern Tramways" in str(question.sentence)
    iri = await report(node, "wages 11 EUR per hour", confirm=question.word, **given)
    document = (await node.activity(iri))[1]
    assert document["respondents"] == 3 and "3 people" not in document["content"]
    assert "fewer than five" in words(await page_of(node, iri))


@pytest.mark.one_database
async def test_no_two_tables_together_tell_how_many_a_few_were(node: ServedNode) -> None:
    for country, asked in (("IE", "3"), ("GB", "100"), ("SE", "")):
        more = {"respondents": asked} if asked else {}
        await report(node, "wages 11.50 EUR per hour [document]: x", country=country, title=country, **more)
    found = {}
    for query in ("", "?country=IE", "?country=GB", "?country=SE"):
        (row,) = (await table_of(node, query))["figures"]
        async with node.http.get(f"{node.origin}/conditions.csv{query}") as response:
            (line,) = csv.DictReader(io.StringIO(await response.text()))
        found[query[-2:]] = ends = (row["respondents_low"], row["respondents_high"])
        assert (line["respondents_low"], line["respondents_high"]) == tuple(
            "" if one is None else f"{one}" for one in ends
        )
    assert found == {"": (101, 104), "IE": (1, 4), "GB": (100, 100), "SE": (None, None)}
    for query, says in (
        ("", "101 – 104 1 report does not say"),
        ("?country=IE", "fewer than five"),
        ("?country=SE", "not known"),
    ):
        said = words((await node.page(f"/conditions{query}"))[1])
        assert says in said and not re.search(r"\b103\b", said), "digests may hold those digits"


@pytest.mark.one_database
async def counted_of(node: ServedNode, author: str) -> Any:
    """The figures of what one actor reports."""
    return json.loads((await node.page(f"/conditions.json?source={quote(author, safe='')}"))[1])["figures"]


async def test_a_peers_report_that_breaks_a_rule_is_shown_and_not_counted(node: ServedNode, hostile_peer: Peer) -> None:
    ana = hostile_peer.actor("ana", type="Organization")
    await node.follow(f"@ana@{hostile_peer.host}")
    listed = [
        {"topic": "wages", "value": -3, "currency": "EUR"},
        {"topic": "wages", "minValue": 9, "maxValue": 3, "currency": "EUR"},
        {"topic": "hours", "value": 46, "unit": "hours", "period": "week"},
    ]
    note = hostile_peer.note(ana, "<p>As they came.</p>", conditions=listed, respondents=-1)
    create = hostile_peer.activity("Create", ana, note)
    assert await hostile_peer.send(f"{node.group}/inbox", create) == 202
    assert await node.fate(create) == "done"
    row = await node.read(store.find, note["id"])
    assert "conditions[0].value" in row.left_out and "respondents" in row.left_out
    assert (await counted_of(node, ana)) == []
    said = words(await page_of(node, note["id"]))
    assert "As they came" in said and "In no figure" in said and "must be at least 0" in said and "46 hours" in said

    good = hostile_peer.note(ana, "<p>Better.</p>", conditions=listed[2:])
    assert await hostile_peer.send(f"{node.group}/inbox", hostile_peer.activity("Create", ana, good)) == 202
    await arrival(node, good["id"])
    assert [one["most"] for one in (await counted_of(node, ana))] == [46]


def test_the_median_of_what_is_open_is_open() -> None:
    inf = float("inf")
    assert figures.median([1.0]) == 1 and figures.median([1.0, 2.0]) == 1.5 and figures.median([1.0, 2.0, 9.0]) == 2
    assert figures.median([1.0, inf]) == inf and figures.median([inf, inf]) == inf
    assert figures.median([1.0, 2.0, inf]) == 2


async def test_a_reader_chooses_whose_conditions_count(three_nodes: Three) -> None:
    first, second, _ = three_nodes
    await report(first, "wages 11 EUR per hour")
    await report(second, "wages 14 EUR per hour")

    async def both_are_here() -> bool:
        return len(await first.read(store.listed, {"topic": "wages"}, limit=9)) == 2

    assert await eventually(both_are_here)
    chosen = f"source={quote(second.group, safe='')}"
    told = json.loads((await first.page(f"/conditions.json?topic=wages&{chosen}"))[1])
    assert told["sources"] == [second.group]
    assert [(row["least"], row["most"], row["reports"]) for row in told["figures"]] == [(14, 14, 1)]
    assert told["digest"] == json.loads((await second.page(f"/conditions.json?topic=wages&{chosen}"))[1])["digest"]
    everybody = json.loads((await first.page("/conditions.json?topic=wages"))[1])
    assert everybody["digest"] != told["digest"] and {first.group, second.group} <= set(everybody["sources"])
    status, page = await first.page(f"/conditions?{chosen}")
    assert status == 200 and f'value="{second.group}" checked' in page and f"/conditions.csv?{chosen}" in page
    assert "14" in (await first.page(f"/conditions.csv?{chosen}"))[1]
    assert (await first.page("/conditions.json?source=nobody"))[0] == 422
    described = json.loads((await first.page("/api/openapi.json"))[1])["paths"]
    for path in ("/conditions.json", "/conditions.csv", "/figures.json"):
        names = {one["name"] for one in described[path]["get"]["parameters"]}
        assert {"source", "country"} <= names and "security" not in described[path]["get"]
