"""Reports of others that break a rule: kept as they came, shown as text, in no figure, and said so."""

from __future__ import annotations

import html
from typing import Any

import pytest

from node import objects
from node.identifiers import spell
from node.reports import flaws, store
from schemas.reading import loads
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.statements.test_hearing import bring
from tests.statistics.asking import figures

FLAWED: list[tuple[dict[str, Any], str]] = [
    ({"actionKind": "siren-strike"}, "actionKind: 'siren-strike' is not one of"),
    ({"field": "astrology"}, "field: 'astrology' is not one of"),
    ({"measures": [{"measure": "arrests", "value": -3}]}, "measures[0].value: must be at least 0"),
    ({"measures": [{"measure": "arrests", "minValue": 90, "maxValue": 20}]}, "measures[0].maxValue: 20 is below"),
    ({"measures": [{"measure": "rent-withheld", "value": 5, "unit": "QQQ"}]}, "'QQQ' is no currency of ISO 4217"),
    ({"measures": [{"measure": "rent-withheld", "value": 5}]}, "measures[0].unit: None is no currency"),
    ({"measures": "many"}, "measures[0]: must be an object"),
    ({"began": "2026-05-02", "ended": "2026-05-01"}, "is before it began"),
    ({"began": "tomorrow"}, "began: must be YYYY, YYYY-MM or YYYY-MM-DD"),
    ({"location": {"type": "Place", "country": "QQ"}}, "location.country: 'QQ' is no country of ISO 3166-1"),
    (
        {"location": {"type": "Place", "country": "US", "region": "US-ZZ"}},
        "location.region: 'US-ZZ' is no region of it",
    ),
    (
        {"location": {"type": "Place", "country": "US", "region": "CA-ON"}},
        "'CA-ON' is no region of it in ISO 3166-2",
    ),
    ({"sector": {"scheme": "isic4", "code": "Z"}}, "sector.code: 'Z' is no code of ISIC Rev. 4"),
    ({"sector": {"scheme": "isic4", "code": "999"}}, "sector.code: '999' is no code of ISIC Rev. 4"),
    ({"sector": {"scheme": "nace2", "code": "A49.3"}}, "sector.code: 'A49.3' is no code of NACE Rev. 2"),
    ({"sector": {"scheme": "naics", "code": "517311"}}, "sector.code: '517311' is no code of NAICS 2022"),
    ({"occupations": [{"code": "bard"}]}, "occupations[0].code: 'bard' is no code of ISCO-08"),
    ({"occupations": [{"code": "8331"}, {"code": "8339"}]}, "occupations[1].code: '8339' is no code of ISCO-08"),
]
SOUND: list[dict[str, Any]] = [
    {},
    {"measures": [{"measure": "rent-withheld", "value": 5, "unit": "EUR"}, {"measure": "arrests", "value": 0}]},
    {"measures": [{"measure": "rent-withheld", "absent": "withheld"}]},
    {"location": {"type": "Place", "country": "XK"}, "sector": {"scheme": "nace2", "code": "H49.3"}},
    {
        "location": {"type": "Place", "country": "US", "region": "US-NJ"},
        "sector": {"scheme": "naics", "code": "622110"},
    },
    {"location": {"type": "Place", "country": "US", "region": "New Jersey"}, "occupations": [{"code": "8"}]},
    {"began": "2026-05-02", "ended": "2026", "unheardOf": {"a": 1}, "disputes": [5]},
]


def report(peer: Peer, author: str, **facts: Any) -> dict[str, Any]:
    said = {"struggle": f"{peer.origin}/struggles/1", "actionKind": "strike", "field": "work"}
    return peer.note(author, "<p><strong>They walked out</strong></p><p>All of them.</p>", **(said | facts))


async def test_a_report_that_breaks_a_rule_is_kept_shown_and_in_no_figure(node: ServedNode, hostile_peer: Peer) -> None:
    author = hostile_peer.actor("paper", type="Organization")
    await node.follow(author)
    for facts, why in FLAWED:
        document = report(hostile_peer, author, **facts)
        assert await bring(node, hostile_peer, "Create", author, document) == "done", facts
        row = (await node.read(store.of, [document["id"]]))[document["id"]]
        assert why in row.left_out, facts
        held = await node.read(objects.find, document["id"])
        assert loads(held.document) == document
        status, page = await node.page(f"/heard/{spell(held.sort_id)}")
        assert status == 200 and "All of them." in page and "In no figure" in page
        assert why.rpartition(": ")[2] in html.unescape(page)
    for facts in SOUND:
        document = report(hostile_peer, author, **facts)
        assert await bring(node, hostile_peer, "Create", author, document) == "done", facts
        row = (await node.read(store.of, [document["id"]]))[document["id"]]
        held = await node.read(objects.find, document["id"])
        assert row.left_out is None and "In no figure" not in (await node.page(f"/heard/{spell(held.sort_id)}"))[1]


async def test_a_correction_brings_a_report_into_the_figures_and_out_again(
    node: ServedNode, hostile_peer: Peer
) -> None:
    author = hostile_peer.actor("paper", type="Organization")
    await node.follow(author)
    document = report(hostile_peer, author, measures=[{"measure": "arrests", "value": -3}])
    await bring(node, hostile_peer, "Create", author, document)
    for value, counted, updated in ((3, True, "2099-01-01T00:00:00Z"), (-4, False, "2099-01-02T00:00:00Z")):
        newer = document | {"measures": [{"measure": "arrests", "value": value}], "updated": updated}
        assert await bring(node, hostile_peer, "Update", author, newer) == "done"
        row = (await node.read(store.of, [document["id"]]))[document["id"]]
        assert (row.left_out is None) is counted


@pytest.mark.one_database
async def test_a_report_on_no_struggle_is_a_statement(node: ServedNode, hostile_peer: Peer) -> None:
    author = hostile_peer.actor("paper", type="Organization")
    await node.follow(author)
    document = report(hostile_peer, author, struggle="the one at the depot")
    assert await bring(node, hostile_peer, "Create", author, document) == "done"
    assert (await node.read(objects.find, document["id"])).kind == "Statement"
    assert await node.read(store.of, [document["id"]]) == {}


def test_what_is_said_of_ten_thousand_flaws_is_short() -> None:
    facts = {"id": "https://a.example/1", "type": "Note", "attributedTo": "https://a.example/u"}
    facts |= {"struggle": "https://a.example/s", "actionKind": "strike"}
    wrong = [{"measure": "rent-withheld", "value": 1, "unit": f"Q{n}"} for n in range(10_000)]
    assert 0 < len(flaws.left_out({**facts, "measures": wrong}) or "") <= flaws.WORDS_AT_MOST


async def test_words_that_no_index_could_hold_are_cut_where_they_are_counted(
    node: ServedNode, hostile_peer: Peer
) -> None:
    author = hostile_peer.actor("paper", type="Organization")
    await node.follow(author)
    long = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(5_000))
    party = {"name": long, "chain": [{"name": long[::-1], "chainRole": "parent"}]}
    codes = {"status": long, "outcome": long, "startedBy": long, "field": long, "actionKind": long, "basis": long}
    where = {"type": "Place", "country": "GB", "region": long, "locality": long}
    counted = {"measure": long, "value": 3, "unit": long, "basis": long}
    document = report(
        hostile_peer, author, **codes, location=where, measures=[counted], addressee=[party], organisation=[party],
        who=[long], occupations=[{"code": long, "label": long}], sector={"scheme": long, "code": long},
        demands=[{"name": long, "demandKind": long}], confidence=long, disputes=[f"https://a.example/{long[:2000]}"],
    )  # fmt: skip
    assert await bring(node, hostile_peer, "Create", author, document) == "done"
    held = await node.read(objects.find, document["id"])
    assert loads(held.document) == document
    assert (await node.page(f"/heard/{spell(held.sort_id)}"))[0] == 200


async def test_a_name_with_what_no_document_can_hold_is_counted_and_drawn_without_it(
    node: ServedNode, hostile_peer: Peer
) -> None:
    author = hostile_peer.actor("paper", type="Organization")
    await node.follow(author)
    for number, name in enumerate(("\x01Acme", "Bor\ufffeal", "\U0001ffff", "Crest")):
        document = report(
            hostile_peer, author, struggle=f"{hostile_peer.origin}/struggles/{number}", addressee=[{"name": name}]
        )
        assert await bring(node, hostile_peer, "Create", author, document) == "done"
    chosen = f"by=family&source={author}"
    labels = {row.get("labels", {}).get("family") for row in (await figures(node, chosen))["rows"]}
    assert {"Acme", "Bor al", "Crest"} <= labels and not {"\x01Acme", "Bor\ufffeal"} & labels
    for path in ("/figures", "/figures.svg", "/figures.csv"):
        assert (await node.page(f"{node.origin}{path}?{chosen}"))[0] == 200, path
