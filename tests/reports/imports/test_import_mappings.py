"""Rows under a mapping: what becomes a draft, what is refused, and with which sentence."""

from __future__ import annotations

from datetime import date

import pytest

from node.reports import imports
from node.reports.imports.fields import FIELDS
from schemas import codes
from schemas.partial_date import PartialDate
from schemas.struggle_report import Demand, Measure, Party, Place, Sector, Source

PLAIN = {"struggle": "lip", "title": "Lip", "field": "work", "kind": "occupation", "began": "1973-06-12"}


def read(line: int = 2, /, **cells: str) -> imports.Draft | imports.RefusedRow:
    """One row of our own columns; `PLAIN` where nothing else is said."""
    row = PLAIN | cells
    return imports.read(imports.Row(line, row), imports.fitted(imports.named("commonwire"), row))


def draft(**cells: str) -> imports.Draft:
    found = read(**cells)
    assert isinstance(found, imports.Draft), found
    return found


def test_a_full_row_becomes_a_typed_draft() -> None:
    found = draft(
        who="workers; residents",
        started_by="people",
        addressee="Lip; City of Besançon",
        addressee_kind="employer; authority",
        organisation="CFDT; CGT",
        country="fr",
        region="fr-25",
        locality="Besançon",
        latitude="47.24",
        longitude="6.02",
        ended="1974-01",
        as_of="2024",
        participants="1200.0",
        hectares="2.5",
        measure_basis="organisation",
        demands="no dismissals [won]; the factory to those who work in it",
        sector="2652",
        source_url="https://fr.wikipedia.org/wiki/Lip",
        source_name="Wikipédia",
        retrieved="2026-11-01",
        basis="document",
    )
    assert (found.line, found.import_key, found.struggle_key) == (
        2,
        "commonwire:lip:occupation:1973-06-12",
        "commonwire:lip",
    )
    assert (found.title, found.struggle_title, found.language) == ("Lip", "Lip", "en")
    assert (found.field, found.action_kind, found.who, found.started_by) == (
        "work",
        "occupation",
        ("workers", "residents"),
        "people",
    )
    assert found.addressees == (
        Party(name="Lip", kind="employer"),
        Party(name="City of Besançon", kind="authority"),
    )
    assert found.organisations == (Party(name="CFDT"), Party(name="CGT"))
    assert found.location == Place(
        name="Besançon, France",
        country="FR",
        region="FR-25",
        locality="Besançon",
        latitude=47.24,
        longitude=6.02,
    )
    assert (found.began, found.ended, found.as_of) == (
        PartialDate(1973, 6, 12),
        PartialDate(1974, 1),
        PartialDate(2024),
    )
    assert found.measures == (
        Measure(measure="participants", value=1200, basis="organisation"),
        Measure(measure="hectares", value=2.5, basis="organisation"),
    )
    assert found.demands == (
        Demand(text="no dismissals", status="won"),
        Demand(text="the factory to those who work in it", status="raised"),
    )
    assert found.sector == Sector(scheme="isic4", code="2652", label="Manufacturing")
    assert found.sources == (
        Source(url="https://fr.wikipedia.org/wiki/Lip", name="Wikipédia", retrieved=date(2026, 11, 1)),
    )
    assert found.basis == "document"
    assert found.summary == (
        "Occupation of workers and residents at Lip and City of Besançon in Besançon, France. It began on 12 June 1973"
        " and ended in January 1974. People taking part: 1,200. Hectares: 2.5. Organised in: CFDT and CGT."
        " Demands: no dismissals (won); the factory to those who work in it."
    )


def test_what_is_not_given_stays_empty() -> None:
    found = draft()
    empty = (found.who, found.addressees, found.organisations, found.measures, found.demands, found.sources)
    assert empty == ((),) * 6
    assert (found.location, found.ended, found.as_of, found.sector, found.started_by) == (None,) * 5
    assert found.basis == "imported"


def test_zero_is_a_number_and_an_empty_cell_is_none() -> None:
    assert draft(arrests="0", injuries="").measures == (Measure(measure="arrests", value=0, basis="imported"),)


def test_an_end_that_is_known_less_exactly_may_begin_before_the_start() -> None:
    assert draft(began="1973-06-12", ended="1973").ended == PartialDate(1973)
    assert draft(began="1973-06-12", ended="1973-06").ended == PartialDate(1973, 6)


def test_what_lasted_a_day_took_place_on_it() -> None:
    assert draft(ended="1973-06-12").summary == "Occupation. It took place on 12 June 1973."


def test_a_summary_keeps_its_lines() -> None:
    assert draft(summary=" One  line.\r\n\nAnother. ").summary == "One line.\n\nAnother."


@pytest.mark.parametrize("wording", ["rent-strike", "Rent strike", "RENT_STRIKE"])
def test_a_code_may_be_written_as_people_write_it(wording: str) -> None:
    assert draft(kind=wording).action_kind == "rent-strike"


def test_the_key_of_a_row_does_not_depend_on_its_place_in_the_file() -> None:
    first, again = read(2, title="Lip"), read(900, title="Lip lives")
    assert isinstance(first, imports.Draft) and isinstance(again, imports.Draft)
    assert first.import_key == again.import_key
    assert draft(key="7").import_key == "commonwire:7"


def test_the_title_names_the_struggle_where_nothing_else_does() -> None:
    assert draft(struggle="").struggle_key == "commonwire:Lip"


def test_a_summary_is_made_in_english_only() -> None:
    assert draft(title="La grève", language="fr").summary == "La grève"
    assert draft(title="La grève", language="fr", summary="Tout le monde.").summary == "Tout le monde."
    assert draft(language="en-GB").summary.startswith("Occupation. It began")


def test_a_missing_title_is_made_from_what_the_row_says() -> None:
    assert draft(title="", addressee="Lip; SSIH", country="FR").title == "Occupation against Lip and others, France"
    assert draft(title="", who="workers").title == "Occupation of workers"


REFUSED: list[tuple[dict[str, str], str, str]] = [
    ({"kind": "rent strke"}, "kind", "did you mean rent-strike?"),
    ({"field": "zzz"}, "field", "write one of work, housing"),
    ({"kind": ""}, "kind", "no report can do without it"),
    ({"began": ""}, "began", "no report can do without it"),
    ({"began": "03/04/2021"}, "began", "more than one way: write the date as 2021-04-03"),
    ({"began": "spring"}, "began", "It is not a date"),
    ({"began": "2021-02-30"}, "began", "no such date in the calendar"),
    ({"ended": "1973-06-11"}, "ended", "It ends before it begins (began says 1973-06-12)"),
    ({"ended": "1973-05"}, "ended", "It ends before it begins"),
    ({"struggle": "", "title": ""}, "struggle", "name the struggle"),
    ({"who": "workers; robots"}, "who", "not one of the words"),
    ({"participants": "about 500"}, "participants", "write digits only"),
    ({"participants": "-5"}, "participants", "below zero"),
    ({"participants": "1,500"}, "participants", "without separators"),
    ({"participants": "1.500"}, "participants", "without separators"),
    ({"participants": "27.5"}, "participants", "counted in whole numbers"),
    ({"participants": "99999999999999999"}, "participants", "too large to be true"),
    ({"participants": "9999999999999999"}, "participants", "too large to be true"),
    ({"hectares": "1.500"}, "hectares", "without separators"),
    ({"country": "UK"}, "country", "The code of this country is GB"),
    ({"country": "Spain"}, "country", "two-letter code"),
    ({"latitude": "95", "longitude": "1"}, "latitude", "between -90 and 90"),
    ({"latitude_and_longitude": "40.71"}, "latitude_and_longitude", "degrees north, a comma"),
    ({"latitude_and_longitude": "40.71, -190"}, "latitude_and_longitude", "between -180 and 180"),
    ({"latitude": "nan", "longitude": "1"}, "latitude", "not a coordinate"),
    ({"latitude": "47.2"}, "longitude", "both latitude and longitude"),
    ({"participants": "500-100"}, "participants", "upside down"),
    ({"participants": "<0"}, "participants", "less than none"),
    ({"participants": "-"}, "participants", "not a number"),
    ({"hectares": "1.500+"}, "hectares", "without separators"),
    ({"rent_withheld": "5000"}, "currency", "no report can do without it"),
    ({"rent_withheld": "5000", "currency": "XQQ"}, "currency", "no such currency"),
    ({"computed": "everything"}, "computed", "not one of the words"),
    ({"sector": "ZZ"}, "sector", "ISIC Rev. 4"),
    ({"sector": "6", "sector_scheme": "naics"}, "sector", "NAICS 2022: write two to six digits"),
    ({"sector": "991", "sector_scheme": "naics"}, "sector", "NAICS"),
    ({"sector": "62.011", "sector_scheme": "nace2"}, "sector", "NACE Rev. 2"),
    ({"sector": "62", "sector_scheme": "sic"}, "sector_scheme", "did you mean isic4?"),
    ({"sector": "04"}, "sector", "ISIC Rev. 4"),
    ({"sector": "999"}, "sector", "or 99, as far as it is one"),
    ({"sector": "517311", "sector_scheme": "naics"}, "sector", "or 517, as far as it is one"),
    ({"sector": "62.05", "sector_scheme": "nace2"}, "sector", "or 62.0, as far as it is one"),
    ({"occupations": "8339 Tram drivers"}, "occupations", "There is no 8339 in ISCO-08: 833 is one"),
    ({"region": "US-ZZ"}, "region", "There is no region US-ZZ"),
    ({"country": "US", "region": "CA-ON"}, "region", "The region CA-ON is not in United States (US)"),
    ({"country": "US", "locality_and_region": "Springfield, QQ"}, "locality_and_region", "There is no region US-QQ"),
    (
        {"addressee": "a; b; c", "addressee_kind": "police; court"},
        "addressee_kind",
        "Kinds (2) do not match addressees (3)",
    ),
    ({"demands": "bread [eaten]"}, "demands", "not one of the words"),
    ({"demands": "[won]"}, "demands", "no demand before it"),
    ({"demands": "bread [won, lost]"}, "demands", "one kind and one state"),
    ({"source_url": "www.example.org"}, "source_url", "with https:// in front"),
    ({"source_url": "javascript:alert(1)"}, "source_url", "not a web address"),
    (
        {"source_url": "https://a.example; https://b.example", "source_name": "A"},
        "source_name",
        "Names (1) do not match addresses (2)",
    ),
    ({"retrieved": "2026-11"}, "retrieved", "needs the day"),
    ({"language": "english!"}, "language", "not a language tag"),
    ({"basis": "rumour"}, "basis", "not one of the words"),
    ({"title": "a\x00b"}, "title", "control character"),
    ({"title": "x" * 501}, "title", "longer than 500"),
    ({"summary": "a\x07b"}, "summary", "control character"),
]


@pytest.mark.parametrize(("cells", "field", "why"), REFUSED, ids=[f"{f}-{w[:20]}" for _, f, w in REFUSED])
def test_a_bad_cell_refuses_its_row_with_line_field_value_and_reason(
    cells: dict[str, str], field: str, why: str
) -> None:
    found = read(41, **cells)
    assert isinstance(found, imports.RefusedRow)
    assert (found.line, found.field, found.value) == (41, field, cells.get(field, ""))
    assert why in found.why
    assert str(found).startswith(f"line 41, {field}, “") and "\n" not in str(found)


def test_no_cell_whatever_it_holds_raises() -> None:
    strange = ["\x00", "￿", "١٩٨٤", "NaN", "1e999", "[", "]", ";", " ; ", "9" * 400, "-0", "''", "=1+1", "٣", "²"]
    for field in FIELDS:
        for text in strange:
            found = read(**{field: text})
            assert isinstance(found, imports.Draft | imports.RefusedRow)


def test_a_row_with_slipped_cells_is_refused() -> None:
    mapping = imports.fitted(imports.named("commonwire"), PLAIN)
    found = imports.read(imports.Row(3, PLAIN, ("stray",)), mapping)
    assert isinstance(found, imports.RefusedRow)
    assert (found.line, found.value) == (3, "stray")
    assert "may have slipped" in found.why


def test_a_row_that_repeats_a_key_is_refused_and_names_the_first() -> None:
    mapping = imports.fitted(imports.named("commonwire"), PLAIN)
    rows = [imports.Row(line, PLAIN) for line in (2, 7)]
    first, second = imports.read_all(rows, mapping)
    assert isinstance(first, imports.Draft)
    assert isinstance(second, imports.RefusedRow)
    assert (second.line, second.value) == (7, "lip")
    assert "The row in line 2 has the same key" in second.why


def test_our_own_columns_are_found_however_they_are_spelt() -> None:
    mapping = imports.detect(["FIELD", "Kind", "began", "Source URL", "particpants"])
    assert mapping is not None and mapping.name == "commonwire"
    assert mapping.columns["source_url"] == ("Source URL",)
    assert imports.unused(mapping, ["FIELD", "Kind", "began", "Source URL", "particpants"]) == ("particpants",)
    assert imports.detect(["Employer", "Union"]) is None


def test_a_table_without_a_needed_column_is_refused() -> None:
    with pytest.raises(imports.BadMapping, match=r"no column “began”, “kind” \(mapping commonwire\); it has: field, x"):
        imports.fitted(imports.named("commonwire"), ["field", "x"])


def test_every_field_is_one_of_our_own_columns_and_every_measure_has_one() -> None:
    assert set(imports.named("commonwire").columns) == set(FIELDS)
    assert {code.replace("-", "_") for code in codes.MEASURES} <= set(FIELDS)


PLACES: list[tuple[str, str | None, str | None]] = [
    ("Newark, NJ", "Newark", "US-NJ"),
    ("Danville,, IL", "Danville", "US-IL"),
    ("Kingston,st.croix, VI", "Kingston,st.croix", "US-VI"),
    (", OH", None, "US-OH"),
    ("Detroit,", "Detroit", None),
    ("Detroit", "Detroit", None),
    ("Paris, Texas", "Paris, Texas", None),
    (",", None, None),
]


@pytest.mark.parametrize(("cell", "locality", "region"), PLACES, ids=[cell for cell, _, _ in PLACES])
def test_a_place_and_its_region_in_one_cell_are_told_apart(cell: str, locality: str | None, region: str | None) -> None:
    place = draft(locality_and_region=cell, country="US").location
    assert place is not None
    assert (place.locality, place.region, place.country) == (locality, region, "US")


def test_all_that_is_wrong_with_a_row_is_told() -> None:
    refused = read(7, kind="strke", began="12/11/2026", arrests="-3", country="QQ", sector="999")
    assert isinstance(refused, imports.RefusedRow)
    assert {one.field for one in (refused, *refused.others)} == {"kind", "began", "arrests", "country", "sector"}
    assert str(refused).startswith("line 7, ") and str(refused).count("; ") >= 4
    assert "cell" not in str(refused)
