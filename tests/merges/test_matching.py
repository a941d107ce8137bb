"""Which struggles look like one, and why: proposed, never decided."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.errors import Invalid, Missing
from node.merges import actions, candidates, dismissing, matching, store
from node.merges import rules as merge_rules
from node.merges.matching import LIKELY, Profile
from node.reports import actions as reports
from node.reports.facts import key
from node.statements import writing
from schemas.partial_date import PartialDate
from tests.merges.telling import knows, merge, report, stands_for
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import at_desk


def named(*names: str) -> dict[str, str]:
    return {key(name): name for name in names}


def profile(**more: Any) -> Profile:
    known: dict[str, Any] = {
        "addressees": named("North Tramways Ltd"),
        "countries": frozenset({"GB"}),
        "localities": named("Leeds"),
        "kinds": frozenset({"strike"}),
        "began": matching.written(["2026-10-02"]),
    }
    return Profile(**(known | more))


@pytest.mark.parametrize(
    ("change", "likely", "words"),
    [
        ({}, True, "directed at the same: North Tramways Ltd"),
        ({"addressees": named("NORTH TRAMWAYS")}, True, "directed at names that resemble each other: North"),
        ({"addressees": named("North Bakery")}, False, ""),
        ({"addressees": {}}, True, "in the same place: Leeds"),
        ({"addressees": {}, "localities": named("York")}, False, ""),
        ({"localities": named("LEEDS")}, True, "in the same place: Leeds"),
        ({"localities": named("York")}, True, "in other places"),
        ({"countries": frozenset({"IE"})}, False, ""),
        ({"countries": frozenset()}, True, ""),
        ({"began": matching.written(["2026-10-03"])}, True, "begun one day apart"),
        ({"began": matching.written(["2026-10"])}, True, "perhaps begun on the same day"),
        ({"began": matching.written(["2026-12-20"]), "localities": {}}, True, "begun 79 days apart"),
        ({"began": matching.written(["2027-03-20"]), "localities": {}}, False, ""),
        ({"began": matching.written(["2028-10-02"])}, False, ""),
        ({"began": ()}, True, ""),
        ({"addressees": {}, "localities": {}, "began": ()}, False, ""),
    ],
)  # fmt: skip
def test_how_alike_two_struggles_are_is_told_in_words(change: dict[str, Any], likely: bool, words: str) -> None:
    for one, other in ((profile(), profile(**change)), (profile(**change), profile())):
        score, reasons = matching.score(one, other)
        assert (score >= LIKELY) is likely, (score, [str(reason) for reason in reasons])
    assert words in "; ".join(map(str, matching.score(profile(), profile(**change))[1]))


def test_whoever_stands_behind_and_whoever_organises_count_too() -> None:
    one = profile(addressees=named("Depot A"), families=named("Holding"), organisations=named("Drivers’ Union"))
    other = replace(one, addressees=named("Depot B"), localities={})
    score, reasons = matching.score(replace(one, localities={}), other)
    said = [str(reason) for reason in reasons]
    assert score == pytest.approx(1.5 + 2.5 + 1.0 + 3.0)
    assert "organised by the same: Drivers’ Union" in said and "begun on the same day" in said


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("North Tramways Ltd", "north tramways", True), ("Café Nord GmbH", "Cafe Nord", True),
        ("City of Leeds", "Leeds City Council", True), ("The Co", "Co Ltd", False), ("Acme", "Zenith", False),
        ("東京 電力", "東京電力", False), ("東京電力", "東京電力", True), ("", "", False),
    ],
)  # fmt: skip
def test_names_resemble_each_other_by_their_words(one: str, other: str, alike: bool) -> None:
    assert matching.resemble(key(one), key(other)) is alike


def test_what_is_no_date_is_left_out() -> None:
    assert matching.written(["2026-10", None, "soon", "", "2026-10"]) == (PartialDate(2026, 10),)
    assert matching.days_around([]) is None


async def matches(node: ServedNode, iri: str, *sources: ServedNode) -> list[str]:
    found = await node.read(candidates.like_struggle, iri, sources={one.group for one in sources})
    return [one.struggle for one in found]


async def test_a_node_proposes_what_another_group_reports_and_merges_nothing_by_itself(two_nodes: Any) -> None:
    first, second = two_nodes
    where = {"locality": "Leeds", "addressee": "North Tramways Ltd", "addressee_kind": "employer"}
    _, one = await report(first, "Night shift walks out", **where)
    _, far = await report(first, "Another year", **where | {"began": "2019-10-02"})
    _, elsewhere = await report(first, "Bakers", began="2026-10-03", locality="Leeds", addressee="Bread Ltd")
    _, alone = await report(first, "Nobody knows where", began="2026", country="")
    for iri in (one, far, elsewhere, alone):
        await knows(second, iri)
    _, other = await report(second, "Depot closed", began="2026-10-03", **where | {"addressee": "NORTH TRAMWAYS LTD."})
    assert await matches(second, other, first, second) == [one]
    assert await matches(second, one, first, second) == [other]
    assert await matches(second, alone, second) == []
    (found,) = await second.read(candidates.like_struggle, other, sources=())
    said = "; ".join(map(str, found.reasons))
    assert found.is_very_likely and found.name == "Night shift walks out"
    assert said.startswith("directed at the same: NORTH TRAMWAYS LTD.; in the same place: Leeds; begun one day apart")
    await merge(second, one, other)
    assert await matches(second, other, second) == []
    assert await matches(second, other, first) == [one], "only merges of the sources join"


async def test_what_was_dismissed_is_proposed_again_when_the_facts_are_others(two_nodes: Any) -> None:
    first, second = two_nodes
    where = {"locality": "Leeds", "addressee": "North Tramways", "addressee_kind": "employer"}
    _, one = await report(first, "Night shift walks out", **where)
    await knows(second, one)
    _, other = await report(second, "Depot closed", **where)
    assert await matches(second, other) == [one]
    steward = await second.steward()
    sent = len((await second.activity("/groups/tenants/outbox?page=1"))[1].get("orderedItems", []))
    await second.write(actions.dismiss, one, other, actor=second.group, member=steward)
    assert await matches(second, other) == [] == await matches(second, one)
    assert len((await second.activity("/groups/tenants/outbox?page=1"))[1].get("orderedItems", [])) == sent
    await report(second, "Still closed", struggle=other, **where | {"kind": "picket", "participants": "40"})
    assert await matches(second, other) == [], "nothing is said of who, where and when that was not said before"
    await report(second, "The other depot too", struggle=other, **where | {"addressee": "South Tramways"})
    assert await matches(second, other) == [one]
    await second.write(actions.dismiss, other, one, actor=second.group, member=steward)
    assert await matches(second, other) == []
    await second.write(dismissing.undo, one, other, actor=second.group, member=steward)
    assert await matches(second, other) == [one]
    for wrong, pair in ((Missing, (one, f"{one}x")), (Invalid, (one, one))):
        with pytest.raises(wrong):
            await second.write(actions.dismiss, *pair, actor=second.group, member=steward)
    await second.write(actions.dismiss, one, other, actor=second.group, member=steward)
    await merge(second, one, other)
    assert await stands_for(second, other, second) == min(one, other), "it says nothing against a merge"


async def test_a_group_is_warned_that_says_more_than_others_keep(node: ServedNode) -> None:
    many = [
        {"iri": f"{node.origin}/merges/{number}", "one": "https://a.example/1", "other": f"https://b.example/{number}",
         "author": node.group, "reason": "", "language": None, "since": node.clock()}
        for number in range(merge_rules.OF_ONE_AT_MOST)
    ]  # fmt: skip
    await node.write(lambda tx: tx.execute(store.merges.insert(), many))
    assert await node.read(actions.warning, node.group) is None
    _, one = await report(node, "Night shift walks out")
    _, other = await report(node, "Morning shift walks out")
    assert await merge(node, one, other)
    assert "1001" in str(await node.read(actions.warning, node.group))
    async with at_desk(node, "steward") as desk:
        assert "other nodes keep 1000" in await desk.get("/desk/struggles")


async def test_a_writer_is_shown_what_she_may_be_reporting_on(node: ServedNode) -> None:
    where = {"locality": "Leeds", "addressee": "North Tramways", "addressee_kind": "employer"}
    _, one = await report(node, "Night shift walks out", **where)
    front = {"title": "Still out", "kind": "strike", "field": "work", "began": "2026-10-02", "country": "GB"} | where
    for struggle, expected in (("", [one]), (f"\nstruggle: {one}", []), ("\nstruggle: Night shift walks out", [])):
        text = "\n".join(f"{name}: {value}" for name, value in front.items())
        draft = writing.read(f"---\n{text}{struggle}\n---\nWords.\n", report_keys=reports.REPORT_KEYS)
        shown = await node.read(reports.preview, draft, actor=node.group)
        found = await node.read(
            candidates.like_draft,
            await node.read(lambda tx, it=draft: reports.read_report(it)),
            shown,
            actor=node.group,
        )
        assert [match.struggle for match in found] == expected


@pytest.mark.one_database
async def test_dates_at_the_ends_of_time_are_compared_too(node: ServedNode) -> None:
    for began in ("0001", "9999-12-31"):
        _, one = await report(node, f"In {began}", began=began, addressee="Pharaoh", addressee_kind="authority")
        _, other = await report(node, f"In {began} too", began=began, addressee="Pharaoh", addressee_kind="authority")
        assert await matches(node, one, node) == [other]
