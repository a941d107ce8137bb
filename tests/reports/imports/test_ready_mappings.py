"""The listing of the US Bureau of Labor Statistics and the Labor Action Tracker's export, in the form they are published.

The column names of the first are those of its monthly listing, 1993 to 2023, with the title above them, the numbers of
footnotes behind some, and the footnotes below; those of the second are what the tracker's own export writes. Both were
read in November 2026; the rows say what newspapers reported of real actions.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from node.reports import imports
from schemas.measure import Measure
from schemas.partial_date import PartialDate
from schemas.party import Party
from schemas.struggle_report import Demand, Sector

LISTING = (
    "Organizations involved", "States", "Areas", "Ownership", "Industry code[1]", "Union", "Union acronym", "Union local",
    "Bargaining Unit", "Work stoppage beginning date", "Work stoppage ending date", "Number of workers[2]",
    "Days idle, cumulative for this work stoppage[3]", "Notes",
)  # fmt: skip
LATER_LISTING = (
    "Employers involved", "States", "Areas", "Ownership", "Industry code [1]", "Union", "Union acronym", "Union Local",
    "Work stoppage beginning date", "Work stoppage ending date", "Number of workers [2]", "Number of workdays [3]",
    "Days idle, cumulative for this work stoppage", "Notes",
)  # fmt: skip
TRACKER = (
    "ID,Employer,Labor Organization,Local,Industry,Bargaining Unit Size,Number of Locations,Address,City,State,Zip Code,"
    '"Latitude, Longitude",Approximate Number of Participants,Start Date,End Date,Duration Amount,Duration Unit,'
    "Strike or Protest,Authorized,Worker Demands,Source,Notes\n"
)
TRACKED = (
    '32,Hunts Point Terminal Market,Teamsters (IBT),202,Wholesale Trade,,1,,Bronx,New York,10474,"40.81,-73.88",1400,'
    "2021-01-17,2021-01-23,7,days,Strike,Y,Pay;COVID-19 protocols,https://example.org/a;https://example.org/b,\n"
    "43,McDonald's;Carl's Jr,Fight For 15 - SEIU,,Accommodation and Food Services,,2,,Berkeley;Oakland,"
    'California;California,,"37.87,-122.27;37.80,-122.27",26,2021-01-15,2021-01-15,1,days,Strike,,'
    "$15 minimum wage;Hazard pay,https://example.org/c,\n"
    "64,Tacoma Public Schools,Tacoma Education Association,,Educational Services,2200,1,,Tacoma,Washington,,,61,"
    "2021-02-24,,1,days,Strike,N,Health and safety,,\n"
    "107,Town of Greenwich,Teamsters (IBT),,Public Administration,,1,,Greenwich,Connecticut,,,40,2021-03-22,2021-03-02,"
    "-19,days,Protest,,Pay,,\n"
)


def read(path: Path) -> list[imports.Draft | imports.RefusedRow]:
    mapping = imports.detect(imports.outline(path).columns)
    assert mapping is not None
    return list(imports.read_all(imports.rows(path), mapping))


def drafts(path: Path) -> list[imports.Draft]:
    return [one for one in read(path) if isinstance(one, imports.Draft)]


def listing(workbook: Any, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Path:
    notes = ["Footnotes:", "[1] Industry code is from the 2012 NAICS.", "[2] The BLS rounds figures.", "[4] Not ended."]
    lines = [(1, ["Work stoppages involving 1,000 or more workers, 1993 to present"]), (2, list(names))]
    lines += [(number, list(row)) for number, row in enumerate(rows, start=3)]
    lines += [(number, [note]) for number, note in enumerate(notes, start=3 + len(rows))]
    path: Path = workbook(lines)
    return path


@pytest.fixture
def stoppages(workbook: Any) -> Path:
    rows: list[tuple[Any, ...]] = [
        ("Bath Iron Works", "ME", "Bath", "Private industry", 336611, "Machinists", "IAM", "Local S6", None,
         date(2020, 6, 22), date(2020, 8, 21), 4300, 189200, None),
        ("Kaiser Permanente; Providence", "CA, OR", "Various", "Private industry", "62211", "Alliance", None, None, None,
         date(2021, 11, 18), "[4]", "1,500", "[4]", "Sympathy strike"),
    ]  # fmt: skip
    return listing(workbook, LISTING, rows)


def test_a_line_of_the_bureau_becomes_a_report(stoppages: Path) -> None:
    first, _ = drafts(stoppages)
    assert (first.action_kind, first.field, first.who, first.started_by) == (
        "work-stoppage",
        "work",
        ("workers",),
        None,
    )
    assert first.addressees == (Party(name="Bath Iron Works", kind="employer"),)
    assert first.organisations == (Party(name="Machinists"),)
    assert first.location is not None
    assert (first.location.locality, first.location.region, first.location.country) == ("Bath", "US-ME", "US")
    assert (first.began, first.ended) == (PartialDate(2020, 6, 22), PartialDate(2020, 8, 21))
    assert first.sector == Sector(scheme="naics", code="336611", label="Manufacturing")
    assert first.measures == (
        Measure(measure="workers-involved", value=4300, basis="imported", precision="rounded"),
        Measure(measure="days-not-worked", value=189_200, basis="imported", precision="rounded", computed=True),
    )
    assert first.import_key == "bls:Bath Iron Works:IAM:Bath:2020-06-22"


def test_what_the_bureau_does_not_know_yet_is_missing_and_several_states_are_none(stoppages: Path) -> None:
    _, second = drafts(stoppages)
    assert second.ended is None
    assert [(one.measure, one.value) for one in second.measures] == [("workers-involved", 1500)]
    assert second.location is not None
    assert (second.location.locality, second.location.region, second.location.country) == (None, None, "US")
    assert [party.name for party in second.addressees] == ["Kaiser Permanente", "Providence"]


def test_the_footnotes_below_the_listing_are_no_rows(stoppages: Path) -> None:
    assert [one.line for one in read(stoppages)] == [3, 4]


def test_the_later_edition_of_the_listing_is_read_too(workbook: Any) -> None:
    row = ("Motion picture producers", "CA, NY", "Los Angeles", "Private industry", 512110, "Writers Guild", "WGA", None,
           date(2023, 5, 2), date(2023, 9, 27), 11500, 102, 1_173_000, None)  # fmt: skip
    (found,) = drafts(listing(workbook, LATER_LISTING, [row]))
    assert found.addressees == (Party(name="Motion picture producers", kind="employer"),)
    assert found.sector == Sector(scheme="naics", code="512110", label="Information and communication")


def test_a_listing_saved_as_csv_has_american_dates(table: Any) -> None:
    lines = [",".join(f'"{name}"' for name in LISTING)]
    lines.append('A,NY,Bronx,Private industry,62,U,U,,,4/3/2021,12/31/2021,"1,200","24,000",')
    (found,) = drafts(table("\n".join(lines) + "\n"))
    assert (found.began, found.ended) == (PartialDate(2021, 4, 3), PartialDate(2021, 12, 31))
    assert [one.value for one in found.measures] == [1200, 24000]


def test_an_action_of_the_tracker_becomes_a_report(table: Any) -> None:
    first = drafts(table(TRACKER + TRACKED))[0]
    assert (first.action_kind, first.started_by, first.import_key) == ("strike", "people", "labor-action-tracker:32")
    assert first.location is not None
    assert (first.location.locality, first.location.region, first.location.latitude) == ("Bronx", "US-NY", 40.81)
    assert first.measures == (Measure(measure="participants", value=1400, basis="imported", precision="estimate"),)
    assert first.demands == (Demand(text="Pay", kind="pay"), Demand(text="COVID-19 protocols", kind="safety"))
    assert [source.url for source in first.sources] == ["https://example.org/a", "https://example.org/b"]
    assert first.sector is not None and first.sector.code == "G"


def test_an_action_at_several_places_says_only_what_they_have_in_common(table: Any) -> None:
    second = drafts(table(TRACKER + TRACKED))[1]
    assert second.location is not None
    assert (second.location.locality, second.location.region, second.location.latitude) == (None, "US-CA", None)
    assert [party.name for party in second.addressees] == ["McDonald's", "Carl's Jr"]
    assert second.demands == (Demand(text="$15 minimum wage", kind="pay"), Demand(text="Hazard pay"))


def test_a_strike_that_no_union_has_authorised_is_a_wildcat_strike(table: Any) -> None:
    third = drafts(table(TRACKER + TRACKED))[2]
    assert third.action_kind == "wildcat-strike"
    assert [source.url for source in third.sources] == ["https://striketracker.ilr.cornell.edu/"]


def test_an_action_of_the_tracker_that_ends_before_it_starts_is_refused_with_its_line(table: Any) -> None:
    (refused,) = [one for one in read(table(TRACKER + TRACKED)) if isinstance(one, imports.RefusedRow)]
    assert (refused.line, refused.field, refused.value) == (5, "End Date", "2021-03-02")


@pytest.mark.parametrize(
    ("cells", "kind", "status"),
    [
        (("Strike", "", "N"), "strike", None),
        (("Strike", "N", "Y"), "wildcat-strike", "announced"),
        (("Labor Protest", "N", ""), "protest", None),
        (("Lockout", "", ""), "lockout", None),
    ],
)
def test_the_older_export_tells_threats_from_actions(
    table: Any, cells: tuple[str, ...], kind: str, status: str | None
) -> None:
    strike_or_protest, authorised, threat = cells
    header = "Employer,Labor Organization,City,State,Strike or Protest,Authorized,Threat,Start Date\n"
    path = table(f"{header}A,U,Bronx,New York,{strike_or_protest},{authorised},{threat},2021-04-03\n")
    (found,) = drafts(path)
    assert (found.action_kind, found.status) == (kind, status)
    assert found.started_by == ("addressee" if kind == "lockout" else "people")
    assert found.import_key == f"labor-action-tracker:A, U, Bronx, 2021-04-03:{kind}:2021-04-03"


def test_the_oddities_of_the_published_listing_are_read_or_refused_with_their_line(workbook: Any) -> None:
    rows: list[tuple[Any, ...]] = [
        # Each row keeps the edition of NAICS that was in force: 517311 is of 2017, and 517 is left of it in 2022.
        ("Verizon", "CT, DE, MA, NY", "Various", "Private industry", 517311, "Communications Workers", "CWA", None, None,
         date(2016, 4, 13), date(2016, 5, 26), "39,500", "1,185,000", None),
        (None,) * 14,
        ("Chicago Public Schools", "IL", "Chicago", "Local government", "611110", "Teachers", "AFT", "Local 1", "25,000",
         "10/17/2019", "[4]", "32,500 ", "N/A", "Ongoing at the end of the month [4]"),
        ("Total", None, None, None, None, None, None, None, None, None, None, "72,000", "1,185,000", None),
    ]  # fmt: skip
    verizon, schools, total = read(listing(workbook, LISTING, rows))
    assert isinstance(verizon, imports.Draft) and isinstance(schools, imports.Draft)
    assert verizon.sector == Sector(scheme="naics", code="517", label="Information and communication")
    assert verizon.location is not None and (verizon.location.region, verizon.location.locality) == (None, None)
    assert [one.value for one in verizon.measures] == [39_500, 1_185_000]
    assert schools.sector is not None and schools.sector.code == "611110"
    assert (schools.began, schools.ended) == (PartialDate(2019, 10, 17), None)
    assert [(one.measure, one.value) for one in schools.measures] == [("workers-involved", 32_500)]
    assert isinstance(total, imports.RefusedRow), "a line of totals is no stoppage"
    assert (total.line, total.field) == (6, "Work stoppage beginning date")


def test_the_tracker_writes_numbers_dates_and_codes_in_its_own_ways(table: Any) -> None:
    rows = (
        '201,"Starbucks, Inc.",Workers United,,Accommodation and Food Services,30,2,"1 Main St;2 Oak Ave",Buffalo;Rochester,'
        'New York;New York,14201;14604,"42.88,-78.87;43.16,-77.61","1,100",11/17/2022,11/17/2022,1,Days,Strike,Y,'
        "First contract;Scheduling,https://example.org/d,One day; many shops\n"
        "202,Alphabet,Alphabet Workers Union,,Information,,1,,Austin,Texas,,,Not available,2/3/2023,,,,Labor Protest,,"
        "Job security,,\n"
        "203,Some Mine,UMWA,,Mining,,1,,Brookwood,Alabama,,,-5,2021-04-01,,,,Strike,Y,Pay,,\n"
    )
    chain, alphabet, mine = read(table(TRACKER + rows))
    assert isinstance(chain, imports.Draft) and isinstance(alphabet, imports.Draft)
    assert chain.location is not None
    assert (chain.location.locality, chain.location.region) == (None, "US-NY")
    assert [(one.measure, one.value) for one in chain.measures] == [("participants", 1100), ("bargaining-unit", 30)]
    assert chain.began == PartialDate(2022, 11, 17) and "Main St" not in chain.summary
    assert (alphabet.action_kind, alphabet.measures, alphabet.began) == ("protest", (), PartialDate(2023, 2, 3))
    assert isinstance(mine, imports.RefusedRow) and mine.field == "Approximate Number of Participants"
