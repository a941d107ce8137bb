"""The wire with filters: each combines with the others, turns its pages, and can be subscribed to."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from icalendar import Calendar

from node.peering import actions as peering
from node.statements import actions as statements
from node.statements import store
from tests.nodes.served import ServedNode
from tests.statements.test_events import meant

NOT_FOLLOWED = "Not counted in the figures: this node does not follow its author."


async def told(node: ServedNode, report: Any) -> None:
    """Four reports, a statement and an event."""
    await report(
        node, title="Trams", country="IE", sector="H", kind="strike", began="2025-10", organisation="Branch 12"
    )
    await report(
        node, title="Rents", country="FR", field="housing", kind="rent-strike", began="2026-02-03", who="tenants"
    )
    await report(node, title="Harbour", country="FR", kind="blockade", began="2099", status="announced")
    await report(node, title="Bakery", country="IE", kind="strike", began="2026-03", language="ga", status="ended")
    await node.publish("Nothing of that sort.", title="A word", language="ga")


TITLES = ("Trams", "Rents", "Harbour", "Bakery", "A word")
ASKED = {
    "country=IE": ["Bakery", "Trams"],
    "country=fr&kind=blockade,rent-strike": ["Harbour", "Rents"],
    "field=housing": ["Rents"],
    "field=housing&country=IE": [],
    "sector=h": ["Trams"],
    "who=tenants": ["Rents"],
    "organisation=BRANCH%2012": ["Trams"],
    "status=ended": ["Bakery"],
    "since=2026&until=2026-03&type=report": ["Bakery", "Rents"],
    "since=2025-10&until=2025-10-31&type=report": ["Trams"],
    "language=ga": ["A word", "Bakery"],
    "language=ga&type=statement": ["A word"],
    "tendency=syndicalist&type=report": ["Bakery", "Harbour", "Rents", "Trams"],
    "tendency=nobody": [],
    "type=report": ["Bakery", "Harbour", "Rents", "Trams"],
    "type=event,statement": ["A word"],
    "kind=flash-mob": [],
}


def titles_in(text: str) -> list[str]:
    return sorted((one for one in TITLES if f">{one}<" in text), key=lambda one: text.index(f">{one}<"))


async def test_the_wire_shows_what_meets_every_filter_newest_first(node: ServedNode, report: Any) -> None:
    await told(node, report)
    found = {}
    for query in ASKED:
        status, page = await node.page(f"/wire?{query}")
        assert status == 200, query
        found[query] = titles_in(page)
        assert 'name="robots" content="noindex"' in page
        assert len(page.encode()) < 50_000
    assert found == ASKED
    _, page = await node.page("/wire")
    assert titles_in(page) == [], "unfiltered it is what is heard from others"
    assert "Nothing has been heard from other groups yet." in page


async def test_a_filter_is_shown_in_words_and_can_be_taken_off(node: ServedNode, report: Any) -> None:
    await told(node, report)
    _, page = await node.page("/wire?organisation=branch+12&country=IE&before=9000000000000000000")
    assert "<bdi>Branch 12</bdi>" in page
    assert "<bdi>Ireland</bdi>" in page
    assert 'href="/wire?country=IE" rel="nofollow"' in page
    assert 'href="/wire?organisation=branch+12" rel="nofollow"' in page
    assert '<input type="hidden" name="organisation" value="branch 12">' in page
    assert '<option value="IE" selected>Ireland</option>' in page
    assert 'href="/wire.atom?country=IE&amp;organisation=branch+12"' in page
    for wrong, field in (("country=Ireland", "country"), ("since=soon", "since"), ("until=2025&since=2026", "until")):
        status, page = await node.page(f"/wire?{wrong}")
        assert (status, field in page) == (422, True), wrong


async def test_a_filtered_wire_turns_its_pages_without_losing_or_repeating(node: ServedNode, report: Any) -> None:
    for number in range(27):
        await report(node, title=f"Strike {number:02}", country="IE")
        await report(node, title="Elsewhere", country="FR")
    _, newest = await node.page("/wire?country=IE&kind=strike")
    older = newest.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    _, oldest = await node.page(f"/wire{older}")
    assert "Elsewhere" not in newest + oldest
    assert [number for number in range(27) for page in (newest, oldest) if f">Strike {number:02}<" in page] == list(
        range(27)
    )


async def test_feeds_take_the_filters_of_the_wire(node: ServedNode, report: Any, import_table: Any) -> None:
    await told(node, report)
    await import_table(node)
    async with node.http.get(f"{node.origin}/wire.json?type=report&country=FR") as response:
        document = json.loads(await response.read())
    assert [one["title"] for one in document["items"]] == ["Harbour", "Rents"], "imported reports stand in no feed"
    assert document["feed_url"] == f"{node.origin}/wire.json?type=report&country=FR"
    assert document["home_page_url"] == f"{node.origin}/wire?type=report&country=FR"
    async with node.http.get(f"{node.origin}/wire.atom?country=FR") as response:
        root = ElementTree.fromstring(await response.read())
    atom = "{http://www.w3.org/2005/Atom}"
    assert [one.findtext(f"{atom}title") for one in root.findall(f"{atom}entry")] == ["Harbour", "Rents"]
    async with node.http.get(f"{node.origin}/wire.json?country=Ireland") as response:
        assert response.status == 422
        assert "Ireland" in (await response.json())["error"]
    _, page = await node.page("/wire?country=ES")
    assert "vouches for the transcription of a source, not for the facts" in page, "the page has imported reports too"


EVENT = """---
title: Rally
starts: 2099-05-01 10:00
timezone: Europe/Rome
place: Harbour gate
---
Come.
"""


async def test_the_calendar_holds_what_is_announced(node: ServedNode, report: Any) -> None:
    await told(node, report)
    await report(node, title="Next spring", country="IE", began="2099-04", locality="Port Calder")
    await node.write(statements.publish, await meant(node, EVENT), actor=node.group, member=await node.steward())
    async with node.http.get(f"{node.origin}/wire.ics") as response:
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        lines = {str(one["summary"]): one for one in Calendar.from_ical(await response.read()).walk("VEVENT")}
    assert {one.partition(" · ")[0] for one in lines} == {"Next spring", "Rally", "Harbour"}
    spring = lines["Next spring · Transport Workers"]
    assert (spring.decoded("dtstart").isoformat(), spring.decoded("dtend").isoformat()) == ("2099-04-01", "2099-05-01")
    assert str(spring["location"]) == "Port Calder, Ireland"
    rally = lines["Rally · Transport Workers"]
    assert rally.decoded("dtstart").isoformat() == "2099-05-01T08:00:00+00:00"
    assert "Harbour gate" in str(rally["location"])
    async with node.http.get(f"{node.origin}/wire.ics?country=IE") as response:
        assert [str(one["summary"]) for one in Calendar.from_ical(await response.read()).walk("VEVENT")] == [
            "Next spring · Transport Workers"
        ]


async def test_the_report_of_a_group_that_is_not_followed_is_shown_as_not_counted(
    two_nodes: tuple[ServedNode, ServedNode], arrives: Any, report: Any
) -> None:
    first, second = two_nodes
    await arrives(second, await report(first, title="Trams", country="IE"))
    _, page = await second.page("/wire?country=IE")
    assert "Trams" in page
    assert NOT_FOLLOWED not in page
    await second.write(peering.unfollow, first.group, actor=second.group, member=await second.steward())
    for path in ("/wire", "/wire?country=IE"):
        _, page = await second.page(path)
        assert "Trams" in page
        assert NOT_FOLLOWED in page
    _, page = await first.page("/wire?country=IE")
    assert NOT_FOLLOWED not in page, "a group counts its own"


@pytest.mark.one_database
async def test_what_an_undecided_import_tells_of_is_offered_to_nobody(node: ServedNode, import_table: Any) -> None:
    await import_table(node, proposed=False)
    _, page = await node.page("/wire")
    assert '<option value="ES"' not in page
    _, page = await node.page("/wire?country=ES")
    assert "Nothing here fits." in page


@pytest.mark.one_database
async def test_a_transcribed_report_opens_with_as_of_too(node: ServedNode, import_table: Any) -> None:
    iri = await import_table(node)
    _, page = await node.activity(f"{iri}?page=1")
    opened = {one["content"].partition("\n")[0] for one in page["orderedItems"]}
    assert len(page["orderedItems"]) == 18
    assert all(one.startswith('<p class="facts"><strong>As of 2') for one in opened), opened
    shown = await node.read(store.shown, [one["id"] for one in page["orderedItems"]])
    assert not any("As of" in row.html for row in shown.values())
