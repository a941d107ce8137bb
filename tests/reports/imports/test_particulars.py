"""What a row can say beside who, where, when and how many."""

from __future__ import annotations

import pytest

from node.reports import imports
from schemas.measure import Measure
from schemas.struggle_report import Claim, Occupation, Response, Withheld

PLAIN = {"struggle": "lip", "title": "Lip", "field": "work", "kind": "occupation", "began": "1973-06-12"}


def read(**cells: str) -> imports.Draft | imports.RefusedRow:
    row = PLAIN | cells
    return imports.read(imports.Row(2, row), imports.fitted(imports.named("commonwire"), row))


def test_a_row_can_say_how_it_stands_how_it_ended_and_whose_word_it_is() -> None:
    found = read(
        status="ended",
        outcome="partly won",
        began_precision="about",
        ended_precision="week",
        responses="addressee: concession; state: police_intervention",
        claims="Lip: has hidden its plans [document]; City of Besançon: has sent police [alleged by neighbours]",
        occupations="7311 Watchmakers; 8211",
        confidence="confirmed",
        withheld="names: safety",
        alleged_by="the neighbours",
        report_status="withdrawn",
        report_status_reason="The figures were wrong.",
        disputes="https://peer.example/reports/1; https://peer.example/reports/2",
    )
    assert isinstance(found, imports.Draft), found
    assert (found.status, found.outcome, found.confidence) == ("ended", "partly-won", "confirmed")
    assert (found.began_precision, found.ended_precision) == ("about", "week")
    assert found.responses == (
        Response(by="addressee", kind="concession"),
        Response(by="state", kind="police-intervention"),
    )
    assert found.claims == (
        Claim(about="Lip", text="has hidden its plans", basis="document"),
        Claim(about="City of Besançon", text="has sent police", basis="alleged", alleged_by="neighbours"),
    )
    assert found.occupations == (Occupation(code="7311", label="Watchmakers"), Occupation(code="8211"))
    assert found.withheld == (Withheld(part="names", reason="safety"),)
    assert (found.alleged_by, found.report_status) == ("the neighbours", "withdrawn")
    assert found.report_status_reason == "The figures were wrong."
    assert found.disputes == ("https://peer.example/reports/1", "https://peer.example/reports/2")


def test_a_row_can_name_its_place_and_say_how_exactly() -> None:
    found = read(
        country="FR",
        place="The works at Palente",
        indigenous_name="Palente",
        latitude="47.24",
        longitude="6.02",
        radius="500",
        place_precision="locality",
    )
    assert isinstance(found, imports.Draft) and found.location is not None
    assert (found.location.name, found.location.indigenous_name) == ("The works at Palente", "Palente")
    assert (found.location.radius, found.location.units, found.location.precision) == (500, "m", "locality")


def test_money_has_a_currency() -> None:
    found = read(rent_withheld="12000.5", currency="frf")
    assert isinstance(found, imports.Draft), found
    assert found.measures == (Measure(measure="rent-withheld", value=12000.5, unit="FRF", basis="imported"),)


@pytest.mark.parametrize(
    ("cells", "field", "why"),
    [
        ({"outcome": "victory"}, "outcome", "not one of the words"),
        ({"rent_withheld": "12"}, "currency", "no report can do without it"),
        ({"rent_withheld": "12", "currency": "XQQ"}, "currency", "no such currency"),
        ({"responses": "arrests"}, "responses", "a colon between them: state: arrests"),
        ({"claims": "Lip: has lied"}, "claims", "whose word it is in brackets"),
        ({"claims": "Lip: has lied [alleged]"}, "claims", "Say who alleges it"),
        ({"occupations": "watchmakers"}, "occupations", "not a code of ISCO-08"),
        ({"disputes": "that one"}, "disputes", "not a web address"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_way_to_write_it(cells: dict[str, str], field: str, why: str) -> None:
    found = read(**cells)
    assert isinstance(found, imports.RefusedRow)
    assert (found.field, found.value) == (field, cells.get(field, ""))
    assert why in found.why
