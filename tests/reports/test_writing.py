"""A report as a member writes it: fields above a text, nested values, JSON, YAML. One reader, the same words."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

import schemas
from node.errors import Faults, Invalid
from node.reports import building, documents, shapes, writing
from node.reports.imports import Draft
from schemas.fields import describe
from schemas.measure import Measure
from schemas.partial_date import PartialDate
from schemas.party import ChainLink, Party
from schemas.place import Place
from schemas.struggle_report import Claim, Demand, Occupation, Response, Sector, Source, StruggleReport, Withheld

PLAIN: dict[str, Any] = {
    "text": "It goes on.", "title": "Rent strike in the Sun Street blocks", "kind": "rent-strike", "field": "housing",
    "began": "2026-09",
}  # fmt: skip
EXAMPLE = "schemas/examples/struggle_report.json"
YAML = """
title: Rent strike in the Sun Street blocks
text: |
  It goes on.
kind: rent-strike
field: housing
began: 2026-09
country: NO            # a text, and no answer
who: [tenants, residents]
addressee:
  - name: Sun Homes
    kind: landlord
    chain:
      - {name: Big Fund, role: investor}
measures:
  - measure: households
    low: 40
    high: 60
    basis: participants
  - {measure: rent-withheld, value: 12500.50, unit: nok}
demands:
  - lower rents [partly-won]
  - text: the lifts repaired
    kind: repairs
    raised: 2026-08
"""


def read(**more: Any) -> Draft:
    return writing.report_in(writing.draft_of(PLAIN | more))


def refused(**more: Any) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read(**more)
    return caught.value


def test_everything_the_vocabulary_can_say_can_be_written() -> None:
    found = read(
        struggle="https://tram.example/struggles/night-turns",
        who=["workers", "residents"],
        started_by="people",
        addressee=[
            {
                "name": "Northern Tramways", "kind": "employer", "same_as": "https://www.wikidata.org/entity/Q4115189",
                "chain": [{"name": "Nordic Holding", "role": "parent", "same_as": ["https://x.example/1"]}],
            },
            {"name": "Ada Berg", "person": True, "office": "Minister of Transport"},
            "Police of the Region",
        ],
        organisation="Tram Drivers' Union",
        location={
            "name": "Depot North", "name_map": {"sv": "Norra vagnhallen"}, "indigenous_name": "Dávvi", "country": "SE",
            "region": "se-o", "locality": "Gothenburg", "latitude": 57.72, "longitude": "11.98", "radius": 5000,
            "precision": "locality",
        },
        began="2026-11-03", began_precision="about", ended="2026-11-09", ended_precision="exact", status="ended",
        as_of="2026-11-10",
        measures=[
            {"measure": "workers-involved", "value": 240, "basis": "organisation", "precision": "exact"},
            {"measure": "days not worked", "low": 300, "high": 400, "computed": True, "precision": "estimate"},
            {"measure": "hectares", "value": 2.125},
            {"measure": "injuries", "absent": "withheld"},
        ],
        demands=[{"text": "Rest", "kind": "hours", "status": "won", "raised": "2026-10", "decided": "2026-11-09"}],
        outcome="won",
        responses=[{"by": "state", "kind": "arrests", "text": "At the gate", "on": "2026-11-04", "basis": "document"}],
        claims=[{"about": "Northern Tramways", "text": "It hid it", "basis": "alleged", "alleged_by": "drivers"}],
        sector={"scheme": "naics", "code": "485", "label": "Transit"},
        occupations=[{"code": "8331", "label": "Tram drivers"}],
        sources=["https://x.example/notice", {"name": "Minutes", "kind": "organisation", "retrieved": "2026-11-02"}],
        basis="alleged", alleged_by="the drivers", confidence="confirmed",
        withheld=[{"part": "names", "reason": "safety"}],
        report_status="stands", report_status_reason="Still so.", disputes=["https://peer.example/reports/41"],
    )  # fmt: skip
    chain = (ChainLink(name="Nordic Holding", role="parent", same_as=("https://x.example/1",)),)
    assert found.addressees == (
        Party(name="Northern Tramways", kind="employer", same_as=("https://www.wikidata.org/entity/Q4115189",),
              chain=chain),
        Party(name="Ada Berg", office="Minister of Transport"),
        Party(name="Police of the Region"),
    )  # fmt: skip
    assert found.organisations == (Party(name="Tram Drivers' Union"),)
    assert found.location == Place(
        name="Depot North", name_map={"sv": "Norra vagnhallen"}, indigenous_name="Dávvi", country="SE", region="SE-O",
        locality="Gothenburg", latitude=57.72, longitude=11.98, radius=5000, units="m", precision="locality",
    )  # fmt: skip
    assert found.measures == (
        Measure(measure="workers-involved", value=240, basis="organisation", precision="exact"),
        Measure(
            measure="days-not-worked", low=300, high=400, basis="own-estimate", computed=True, precision="estimate"
        ),
        Measure(measure="hectares", value=2.125, basis="own-estimate"),
        Measure(measure="injuries", absent="withheld"),
    )
    assert found.demands == (
        Demand(text="Rest", kind="hours", status="won", raised=PartialDate(2026, 10), decided=PartialDate(2026, 11, 9)),
    )
    assert found.responses == (
        Response(by="state", kind="arrests", text="At the gate", on=PartialDate(2026, 11, 4), basis="document"),
    )
    assert found.claims == (Claim(about="Northern Tramways", text="It hid it", basis="alleged", alleged_by="drivers"),)
    assert found.sector == Sector(scheme="naics", code="485", label="Transit")
    assert found.occupations == (Occupation(code="8331", label="Tram drivers"),)
    assert found.sources == (
        Source(url="https://x.example/notice"),
        Source(name="Minutes", kind="organisation", retrieved=date(2026, 11, 2)),
    )
    assert found.withheld == (Withheld(part="names", reason="safety"),)
    assert (found.basis, found.alleged_by, found.confidence, found.outcome) == (
        "alleged", "the drivers", "confirmed", "won",
    )  # fmt: skip
    assert (found.report_status, found.disputes) == ("stands", ("https://peer.example/reports/41",))


def test_a_report_read_from_a_peer_can_be_written_down_as_it_came() -> None:
    """Every term of the vocabulary, under the name under which it travels."""
    with open(EXAMPLE, encoding="utf-8") as file:
        example = json.load(file)
    terms = {term.key for term in describe(StruggleReport)} - {term.key for term in describe(schemas.Statement)}
    draft = writing.draft_of(PLAIN | {key: value for key, value in example.items() if key in terms})
    found = writing.report_in(draft)
    again = building.value(
        found, iri=example["id"], struggle=example["struggle"], group=example["attributedTo"], language="en",
        content="", tag_address="https://tram.example/tags/",
    )  # fmt: skip
    written = schemas.serialise(again)
    assert {key: written.get(key) for key in terms} == {key: example.get(key) for key in terms}


def test_yaml_says_the_same_as_json_and_every_scalar_is_a_text() -> None:
    found = writing.report_in(documents.read(YAML, ending=".yaml"))
    assert found.location is not None and found.location.country == "NO"
    assert found.who == ("tenants", "residents")
    assert found.addressees[0].chain == (ChainLink(name="Big Fund", role="investor"),)
    assert found.measures == (
        Measure(measure="households", low=40, high=60, basis="participants"),
        Measure(measure="rent-withheld", value=12500.5, unit="NOK", basis="own-estimate"),
    )
    assert found.demands == (
        Demand(text="lower rents", status="partly-won"),
        Demand(text="the lifts repaired", kind="repairs", raised=PartialDate(2026, 8)),
    )
    assert documents.read(YAML, ending=".yml").text == "It goes on.\n"


def test_cells_and_nested_values_stand_side_by_side() -> None:
    found = read(participants="120", measures=[{"measure": "arrests", "value": 7}], source_name="The Paper",
                 sources=[{"name": "Minutes"}])  # fmt: skip
    assert [(one.measure, one.value) for one in found.measures] == [("participants", 120), ("arrests", 7)]
    assert [one.name for one in found.sources] == ["The Paper", "Minutes"]


def test_a_figure_may_be_written_as_a_table_writes_it() -> None:
    found = read(measures=[{"measure": "participants", "value": "100–500"}, {"measure": "arrests", "value": "40+"},
                           {"measure": "injuries", "value": "unknown"}, {"measure": "hectares", "value": "2.5"}])  # fmt: skip
    assert found.measures == (
        Measure(measure="participants", low=100, high=500, basis="own-estimate"),
        Measure(measure="arrests", low=40, basis="own-estimate"),
        Measure(measure="injuries", absent="unknown"),
        Measure(measure="hectares", value=2.5, basis="own-estimate"),
    )


def test_what_is_short_may_stand_on_one_line() -> None:
    found = read(
        addressee=[{"name": "Sun Homes", "same_as": "https://x.example/1 https://x.example/2",
                    "chain": "parent: Big Fund https://x.example/3; investor: A Bank"}],
        location={"name": "Sun Street", "name_map": "sv: Solgatan; en: Sun Street"},
    )  # fmt: skip
    assert found.addressees == (
        Party(
            name="Sun Homes",
            same_as=("https://x.example/1", "https://x.example/2"),
            chain=(
                ChainLink(name="Big Fund", role="parent", same_as=("https://x.example/3",)),
                ChainLink(name="A Bank", role="investor"),
            ),
        ),
    )
    assert found.location is not None and found.location.name_map == {"sv": "Solgatan", "en": "Sun Street"}


def test_a_title_is_made_of_what_is_known() -> None:
    found = read(title="", addressee=[{"name": "Sun Homes"}], location={"locality": "Oslo", "country": "NO"})
    assert found.title == "Rent strike against Sun Homes, Oslo"
    assert found.struggle_key == f"commonwire:{found.title}"


@pytest.mark.parametrize(
    ("given", "field", "why"),
    [
        ({"kind": "strik"}, "kind", "did you mean strike?"),
        ({"field": ""}, "field", "no report can do without it"),
        ({"participants": -4}, "participants", "below zero"),
        ({"began": "2026-09-02", "ended": "2026-09-01"}, "ended", "ends before it begins"),
        ({"began": "2026-02-30"}, "began", "no such date"),
        ({"measures": [{"measure": "participants", "low": 500, "high": 100}]}, "measures[0].high", "goes first"),
        ({"measures": [{"measure": "participants", "value": -1}]}, "measures[0].value", "below zero"),
        ({"measures": [{"measure": "participants", "value": 2.5}]}, "measures[0].value", "whole"),
        ({"measures": [{"measure": "participants"}]}, "measures[0].value", "say why there is none"),
        (
            {"measures": [{"measure": "participants", "value": 3, "absent": "unknown"}]},
            "measures[0].absent",
            "there is",
        ),
        ({"measures": [{"measure": "participants", "value": 3, "low": 1}]}, "measures[0].value", "not both"),
        ({"measures": [{"value": 3}]}, "measures[0].measure", "missing"),
        ({"measures": [{"measure": "rent-withheld", "value": 9}]}, "measures[0].unit", "which currency"),
        (
            {"measures": [{"measure": "rent-withheld", "value": 9, "unit": "XQQ"}]},
            "measures[0].unit",
            "no such currency",
        ),
        ({"measures": [{"measure": "arrests", "value": 9, "unit": "EUR"}]}, "measures[0].unit", "counted in person"),
        ({"measures": "many"}, "measures[0]", "write an object"),
        ({"demands": [{"text": "Rest", "state": "won"}]}, "demands[0].state", "the keys are text, kind"),
        ({"demands": [{"kind": "hours"}]}, "demands[0].text", "missing"),
        ({"addressee": [{"name": "Ada Berg", "person": True}]}, "addressee[0].office", "for the office she holds"),
        ({"claims": [{"about": "X", "text": "Y", "basis": "alleged"}]}, "claims[0].alleged_by", "who alleges"),
        ({"location": {"latitude": 3}}, "location.longitude", "both latitude and longitude"),
        ({"location": {"country": "Norway"}}, "location.country", "two-letter code"),
        ({"location": {"country": "NO"}, "region": "Oslo"}, "region", "say it once"),
        ({"measures": [{"measure": "arrests", "value": 7}], "arrests": "7"}, "arrests", "say it once"),
        ({"sector": {"code": "ZZ"}}, "sector.code", "a section letter (A to U)"),
        ({"sector": {"scheme": "naics", "code": "99"}}, "sector.code", "NAICS"),
        ({"occupations": [{"code": "drivers"}]}, "occupations[0].code", "ISCO-08"),
        ({"sources": [{"url": "somewhere"}]}, "sources[0].url", "not a web address"),
        ({"who": ["workers", "bosses"]}, "who[1]", "not one of the words"),
        ({"colour": "red"}, "colour", "the keys are text, title"),
        ({"kind": ["strike"]}, "kind", "one value"),
        ({"measures": '[{"measure": '}, "measures", "begins like JSON"),
        ({"measures": '[], "": []'}, "measures", "begins like JSON"),
    ],
)
def test_bad_input_is_refused_in_words_and_with_its_field(given: dict[str, Any], field: str, why: str) -> None:
    error = refused(**given)
    assert error.field == field, str(error)
    assert why in str(error)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("title: a\nkind: strike\n  nested: wrong\n", 3, "no YAML"),
        ("title: a\ntitle: b\n", 2, "twice"),
        ("a: &x [1]\nb: *x\n", 1, "anchors"),
        ("- just\n- a list\n", 1, "a key, a colon and a value"),
        ("title: a\ncolour: red\n", 2, "there is no such key"),
    ],
)
def test_yaml_that_can_be_read_in_two_ways_is_refused_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(Invalid) as caught:
        documents.read(text, ending=".yaml")
    assert caught.value.line == line and why in str(caught.value)


def test_what_is_wrong_in_a_nested_value_is_told_with_its_field() -> None:
    with pytest.raises(Invalid, match=r"line 18, measures\[0\].high: 60 is less than 80"):
        documents.read(YAML.replace("low: 40", "low: 80"), ending=".yaml")


def test_json_that_is_none_is_refused() -> None:
    for text in ('{"title": NaN}', '{"title": "a", "title": "b"}', "[]", "{"):
        with pytest.raises(Invalid, match="no JSON that can be read"):
            documents.read(text, ending=".json")


def test_every_part_has_every_field_of_its_value() -> None:
    every = [value for value in vars(shapes).values() if isinstance(value, shapes.Shape)]
    assert len(every) == 11
    for shape in every:
        names = {term.name for term in describe(shape.make)}
        assert set(shape.fields) | {"type"} == names | {"type"}, shape.make


def test_all_that_is_wrong_is_told_at_once_each_with_its_path() -> None:
    wrong = {
        "text": "On.", "kind": "strke", "field": "work", "began": "tomorrow", "country": "QQ",
        "measures": [{"measure": "arests", "value": -1}, {"measure": "arrests", "low": 9, "high": 3}, {"colour": 1}],
        "sector": {"scheme": "isic4", "code": "999"}, "occupations": ["8331", "8339"],
    }  # fmt: skip
    with pytest.raises(Faults) as told:
        writing.report_in(writing.draft_of(wrong))
    assert {one.field for one in told.value.faults} == {
        "measures[0].measure", "measures[0].value", "measures[1].high", "measures[2].colour", "sector.code",
        "occupations[1]", "kind", "began", "country",
    }  # fmt: skip
    assert "cell" not in str(told.value)
    assert str(told.value).count("\n") == 8, "each stands on a line of its own"
    with pytest.raises(Faults, match=r"colour: there is no such key[^\n]*\nsize: there is no such key"):
        writing.draft_of({"text": "On.", "colour": "red", "size": "large"})
    (only,) = writing.faults(writing.draft_of({"text": "On.", "kind": "strike", "field": "work", "began": "2026-13"}))
    assert only.field == "began"
