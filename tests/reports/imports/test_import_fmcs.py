"""The whole file of the US Federal Mediation and Conciliation Service, with the dirt that real data has."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from node.reports import imports
from schemas.partial_date import PartialDate
from schemas.struggle_report import Measure, Party

ENDS_BEFORE_IT_BEGINS = [323, 541, 586, 927, 1398, 2459, 4129, 9432]


@pytest.fixture(scope="module")
def found(fmcs: Path) -> list[imports.Draft | imports.RefusedRow]:
    mapping = imports.detect(imports.outline(fmcs).columns)
    assert mapping is not None and mapping.name == "fmcs"
    return list(imports.read_all(imports.rows(fmcs), mapping))


@pytest.fixture(scope="module")
def drafts(found: list[imports.Draft | imports.RefusedRow]) -> dict[int, imports.Draft]:
    return {one.line: one for one in found if isinstance(one, imports.Draft)}


def test_every_row_is_there_once_and_in_order(fmcs: Path, found: list[imports.Draft | imports.RefusedRow]) -> None:
    assert imports.count(fmcs) == 14_317
    assert [one.line for one in found] == list(range(2, 14_319))


def test_exactly_the_eight_rows_that_end_before_they_begin_are_refused(
    found: list[imports.Draft | imports.RefusedRow],
) -> None:
    refused = [one for one in found if isinstance(one, imports.RefusedRow)]
    assert [one.line for one in refused] == ENDS_BEFORE_IT_BEGINS
    assert {one.field for one in refused} == {"End Date"}
    assert str(refused[0]) == (
        "line 323, End Date, “1984-03-11”: It ends before it begins (Start Date says 1984-07-16): check both dates"
    )


def test_a_row_becomes_what_it_says(drafts: dict[int, imports.Draft]) -> None:
    first = drafts[2]
    assert (first.import_key, first.struggle_key) == ("fmcs:1984AA00L294:1984-02-25", "fmcs:1984AA00L294")
    assert first.title == "Work stoppage at Interstate Paper Converting Corp, Secaucus"
    assert first.summary == (
        "Work stoppage of workers at Interstate Paper Converting Corp in Secaucus, NJ, United States. It began on"
        " 25 February 1984 and ended on 15 March 1984. Workers involved: 27. Organised in: USA 13058."
    )
    assert (first.field, first.action_kind, first.who, first.started_by) == (
        "work",
        "work-stoppage",
        ("workers",),
        None,
    )
    assert first.addressees == (Party(name="Interstate Paper Converting Corp", kind="employer"),)
    assert (first.began, first.ended) == (PartialDate(1984, 2, 25), PartialDate(1984, 3, 15))
    assert first.measures == (Measure(measure="workers-involved", value=27, basis="imported"),)
    assert first.sector is not None and (first.sector.code, first.sector.label) == ("C", "Manufacturing")
    assert first.basis == "imported"
    assert first.sources[0].url == "https://github.com/labordata/fmcs-work-stoppage"


def test_a_name_with_a_semicolon_is_one_name(drafts: dict[int, imports.Draft]) -> None:
    names = [draft.addressees[0].name for draft in drafts.values() if draft.addressees]
    assert "Douglas Autotech Corporation (Fuji Kiko; Japan)" in names
    assert all(len(draft.addressees) <= 1 and len(draft.organisations) <= 1 for draft in drafts.values())
    assert sum(not draft.addressees for draft in drafts.values()) == 1  # "Xx".
    assert sum(not draft.organisations for draft in drafts.values()) == 17  # "XX" once, "MULTI" otherwise.


def test_keys_are_unique_and_one_case_is_one_struggle(drafts: dict[int, imports.Draft]) -> None:
    assert len(drafts) == 14_309
    assert len({draft.import_key for draft in drafts.values()}) == 14_309
    episodes = Counter(draft.struggle_key for draft in drafts.values())
    assert len(episodes) == 14_159
    several = [count for count in episodes.values() if count > 1]
    assert (len(several), sum(several)) == (99, 249)


def test_a_missing_number_stays_missing_and_zero_is_zero(fmcs: Path, drafts: dict[int, imports.Draft]) -> None:
    with fmcs.open(newline="", encoding="utf-8") as file:
        idled = {line: row["# Idled"] for line, row in enumerate(csv.DictReader(file), start=2)}
    read = {
        line: next((one.value for one in draft.measures if one.measure == "workers-involved"), None)
        for line, draft in drafts.items()
    }
    assert read == {line: float(idled[line]) if idled[line] else None for line in drafts}
    assert Counter(value for value in read.values() if not value) == {None: 45, 0: 12}
    assert max(value for value in read.values() if value is not None) == 185_000
    assert all(type(value) is int for value in read.values() if value is not None)


def test_an_open_end_is_not_an_end(drafts: dict[int, imports.Draft]) -> None:
    open_ended = [draft for draft in drafts.values() if draft.ended is None]
    assert len(open_ended) == 86
    assert all("no end is recorded" in draft.summary for draft in open_ended)


def test_every_label_of_an_industry_has_a_section_and_an_unknown_one_has_no_sector(
    drafts: dict[int, imports.Draft],
) -> None:
    sections = Counter(draft.sector.code if draft.sector else None for draft in drafts.values())
    assert sections[None] == 97  # 71 empty, 24 "Not Provided", 2 "Not Specified".
    assert sections["O"] == 464  # Federal, state, county and local government; one such row is refused.
    assert sections["P"] == 224
    assert set(sections) - {None} == set("BCDFGHIJKLMNOPQRS")


def test_places_that_are_no_places_are_left_out(drafts: dict[int, imports.Draft]) -> None:
    places = [draft.location for draft in drafts.values()]
    assert all(place is not None and place.country == "US" for place in places)
    assert sum(place is not None and place.region is None for place in places) == 30
    assert not any(place and place.locality in {"", "Various", "Attached List", "Statewide"} for place in places)


def test_the_rows_read_as_a_workbook_are_the_same(
    fmcs: Path, drafts: dict[int, imports.Draft], workbook: object
) -> None:
    with fmcs.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))[:400]
    cells = [
        [float(text) if line > 0 and position == 8 and text else text or None for position, text in enumerate(row)]
        for line, row in enumerate(lines)
    ]
    path = workbook(list(enumerate(cells, start=1)))  # type: ignore[operator]
    mapping = imports.fitted(imports.named("fmcs"), imports.outline(path).columns)
    for found in imports.read_all(imports.rows(path), mapping):
        if isinstance(found, imports.Draft):
            assert found == drafts[found.line]
        else:
            assert found.line == 323
