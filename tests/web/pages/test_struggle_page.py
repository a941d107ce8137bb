"""The page of a struggle: every group's account beside the others, whoever minted it, and what each vouches for."""

from __future__ import annotations

from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from node.merges import actions as merging
from node.merges import store as merges
from node.peering import actions as peering
from node.web.pages import accounts, entries
from schemas.partial_date import PartialDate
from tests.nodes.served import ServedNode

FIRST = {
    "title": "Night crews stop work",
    "struggle": "night-turns",
    "struggle_title": "Against three night turns",
    "kind": "strike",
    "field": "work",
    "who": "workers",
    "began": "2025-10-12",
    "as_of": "2025-10-20",
    "status": "ongoing",
    "addressee": "Tramways Ltd",
    "addressee_kind": "employer",
    "locality": "Port Calder",
    "country": "IE",
    "workers_involved": "240",
    "measure_basis": "organisation",
    "demands": "two people on every tram [safety, raised]; a shift of seven hours [hours, raised]",
    "basis": "own-witness",
    "confidence": "confirmed",
}
LATER = FIRST | {
    "title": "The night crews have won",
    "as_of": "2025-11-02",
    "ended": "2025-11-01",
    "status": "ended",
    "outcome": "won",
    "demands": "two people on every tram [safety, won]",
    "responses": "addressee: negotiation",
    "claims": "Tramways Ltd: has called the police [alleged by drivers of Depot South]",
    "workers_involved": "260",
}
OTHERS = {
    "title": "As the tenants saw it",
    "kind": "strike",
    "began": "2025-10-12",
    "status": "suspended",
    "outcome": "partly-won",
    "workers_involved": "100-150",
    "measure_basis": "media",
    "demands": "a shift of seven hours [hours, lost]",
    "basis": "document",
}


@pytest.fixture
async def told(two_nodes: tuple[ServedNode, ServedNode], report: Any, arrives: Any) -> tuple[str, str, str]:
    """Three reports of two groups on one struggle, held by both nodes: the struggle, the first report, the other's."""
    first, second = two_nodes
    await first.follow(second.handle)
    iri = await report(first, **FIRST)
    await arrives(second, iri)
    struggle = (await first.activity(iri))[1]["struggle"]
    later = await report(first, **LATER)
    await arrives(second, later)
    other = await report(second, **OTHERS, struggle=struggle, disputes=later)
    await arrives(first, other)
    return struggle, later, other


def elsewhere(struggle: str) -> str:
    """The page of a struggle on a node that did not mint it."""
    return f"/heard/struggle?of={quote(struggle, safe='')}"


def section(page: str, name: str) -> str:
    return unescape(page.partition(f'aria-labelledby="{name}"')[2].partition("</section>")[0])


async def test_every_group_s_account_stands_beside_the_others(
    two_nodes: tuple[ServedNode, ServedNode], told: tuple[str, str, str]
) -> None:
    struggle, _, _ = told
    for node in two_nodes:
        path = struggle if node is two_nodes[0] else elsewhere(struggle)
        status, page = await node.page(path)
        assert status == 200
        assert "Against three night turns" in page or "Night crews stop work" in page
        assert "3 reports are held here, side by side." in page
        side_by_side = section(page, "accounts")
        articles = side_by_side.split("<article")[1:]
        ours, theirs = sorted(articles, key=lambda article: "Tenants" in article)
        for account, wanted in (
            (ours, ("ended", ">won<", "own witness")),
            (theirs, ("suspended", "won in part", "document")),
        ):
            for word in wanted:
                assert word in account, word
        ledger = section(page, "ledger")
        assert ledger.count("two people on every tram") == 1, "of each demand the latest word"
        assert ledger.count("a shift of seven hours") == 2, "each group keeps its own ledger"
        assert [ledger.count(word) for word in (">won<", ">lost<", ">raised, not decided<")] == [1, 1, 1]
        counted = section(page, "counted")
        for figure in ("260", "100 to 150", "organisation", "media"):
            assert figure in counted
        assert ">240<" not in counted, "240 was said before"
        assert "alleged by drivers of Depot South" in section(page, "told")
        assert "contradicts" in section(page, "disputed")
        assert "The night crews have won" in section(page, "disputed")
        _, page = await node.page("/wire?type=report")
        assert page.count("Disputed: another group reports otherwise.") == 1


async def test_the_time_line_says_what_happened_when_and_who_tells_it(
    two_nodes: tuple[ServedNode, ServedNode], told: tuple[str, str, str]
) -> None:
    _, page = await two_nodes[0].page(told[0])
    line = section(page, "time-line")
    assert line.index("12 Oct 2025") < line.index("1 Nov 2025")
    assert line.count("12 Oct 2025") == 1, "what two groups tell alike is told once"
    began = line.partition("12 Oct 2025")[2].partition("</li>")[0]
    assert "Transport Workers" in began
    assert "Tenants" in began


async def test_a_group_that_is_not_followed_is_marked_and_a_struggle_of_ours_has_one_address(
    two_nodes: tuple[ServedNode, ServedNode], told: tuple[str, str, str]
) -> None:
    first, second = two_nodes
    await first.write(peering.unfollow, second.group, actor=first.group, member=await first.steward())
    _, page = await first.page(told[0])
    assert page.count("Not counted in the figures: this node does not follow its author.") == 1
    async with first.http.get(
        first.origin + elsewhere(told[0]), headers={"Accept": "text/html"}, allow_redirects=False
    ) as moved:
        assert (moved.status, moved.headers["Location"]) == (302, told[0].removeprefix(first.origin))
    for nothing in ("/heard/struggle", elsewhere("https://nowhere.example/1")):
        assert (await second.page(nothing))[0] == 404


async def test_struggles_that_are_one_are_told_on_one_page(
    two_nodes: tuple[ServedNode, ServedNode], told: tuple[str, str, str], report: Any, arrives: Any
) -> None:
    first, second = two_nodes
    apart = await report(second, title="Reported apart", kind="strike", began="2025-10-13")
    await arrives(first, apart)
    struggle = (await second.activity(apart))[1]["struggle"]
    assert "Reported apart" not in (await first.page(told[0]))[1]
    assert await first.read(merges.joined_with, told[0], [first.group]) == [told[0]]
    status, page = await first.page(elsewhere(struggle))
    assert status == 200
    assert "Reported apart" in page
    member = await first.steward()
    await first.write(merging.merge, told[0], struggle, reason="One depot.", actor=first.group, member=member)
    for path in (told[0], elsewhere(struggle)):
        _, page = await first.page(path)
        assert "Reported apart" in section(page, "accounts")
        assert "The night crews have won" in section(page, "accounts")
        assert "One depot." in page
        _, page = await first.page(f"/wire?struggle={quote(struggle, safe='')}")
        assert page.count("<article") == 4, "asking for one asks for all that are one with it"


async def test_a_report_shows_the_whole_vocabulary(node: ServedNode, report: Any) -> None:
    more = {
        "occupations": "8331 Bus and tram drivers",
        "sector": "H",
        "place": "Depot North",
        "indigenous_name": "Áth Cliath",
        "latitude": "53.3",
        "longitude": "-6.2",
        "radius": "5000",
        "place_precision": "locality",
        "began_precision": "about",
        "withheld": "place: safety",
        "source_url": "https://news.example/trams",
        "source_name": "The News",
        "arrests": "unknown",
    }
    _, page = await node.page(await report(node, **LATER | more))
    facts = section(page, "facts")
    for said in (
        "2 Nov 2025", "It is over.", "More than one source says so", "Bus and tram drivers", "ISCO-08 8331", "Depot North",
        "Áth Cliath", "Somewhere in the locality.", "53.3, -6.2 ± 5,000 m", "about <time", "as this group sees it",
        "negotiation", "alleged by drivers of Depot South", "The exact place. So that nobody comes to harm.", "safety",
        "H",
    ):  # fmt: skip
        assert said in facts, said
    assert ">0<" not in facts


async def test_countries_are_named_in_the_language_of_the_reader(node: ServedNode, report: Any) -> None:
    iri = await report(node, country="DE", locality="Emden")
    for language, name in (("es", "Emden, Alemania"), ("fr", "Emden, Allemagne"), ("ar", "ألمانيا"), ("en", "Germany")):
        headers = {"Accept": "text/html", "Accept-Language": language}
        async with node.http.get(iri, headers=headers) as response:
            assert name in await response.text(), language


async def test_what_was_withdrawn_is_told_and_in_no_account(node: ServedNode, report: Any) -> None:
    iri = await report(node, **FIRST)
    withdrawn = FIRST | {"title": "A mistake", "workers_involved": "9999", "report_status": "withdrawn"}
    told = await report(node, **withdrawn, report_status_reason="We were misled.")
    _, page = await node.page(told)
    assert "The group does not stand by the report any more." in page
    assert "We were misled." in page
    struggle = (await node.activity(iri))[1]["struggle"]
    _, page = await node.page(struggle)
    assert "A mistake" in page
    assert "Withdrawn: the group does not stand by it any more." in page
    assert "9,999" not in page


def test_dates_that_are_known_less_exactly_stand_before_those_within_them() -> None:
    found = sorted(
        [PartialDate(2025, 10, 12), PartialDate(2025), PartialDate(2025, 10)],
        key=lambda when: (when.earliest, when.latest),
    )
    assert found[0] == PartialDate(2025)
    assert accounts.time_line([]) == []
    assert entries.place_in_words(None, None, None) == ""
