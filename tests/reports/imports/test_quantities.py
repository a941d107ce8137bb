"""Counts as people write them: numbers, ranges, bands, and reasons why there is no number."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from node.reports import imports
from node.reports.imports.cells import Unreadable
from node.reports.imports.quantities import Quantity, quantity
from schemas.measure import Measure
from schemas.struggle_report import Demand, Sector
from tests.reports.imports.test_import_mappings import draft

COUNTS: list[tuple[str, Quantity]] = [
    ("0", Quantity(value=0)),
    ("27.0", Quantity(value=27)),
    ("100-500", Quantity(low=100, high=500, precision="band")),
    ("100 – 500", Quantity(low=100, high=500, precision="band")),
    ("100..500", Quantity(low=100, high=500, precision="band")),
    ("0-0", Quantity(low=0, high=0, precision="band")),
    ("1,000-10,000", Quantity(low=1000, high=10000, precision="band")),
    ("1.000–1.500.000", Quantity(low=1000, high=1500000, precision="band")),
    ("1,000+", Quantity(low=1000, precision="band")),
    ("1 000 +", Quantity(low=1000, precision="band")),
    ("50+", Quantity(low=50, precision="band")),
    (">50", Quantity(low=51, precision="band")),
    ("≥ 50", Quantity(low=50, precision="band")),
    (">=50", Quantity(low=50, precision="band")),
    ("<50", Quantity(high=49, precision="band")),
    ("<1", Quantity(high=0, precision="band")),
    ("≤1,000", Quantity(high=1000, precision="band")),
    ("~500", Quantity(value=500, precision="estimate")),
    ("Unknown", Quantity(absent="unknown")),
    ("not applicable", Quantity(absent="not-applicable")),
]


@pytest.mark.parametrize(("cell", "expected"), COUNTS, ids=[cell for cell, _ in COUNTS])
def test_a_count_is_read_as_it_is_written(cell: str, expected: Quantity) -> None:
    assert quantity(cell) == expected


def test_what_is_measured_and_not_counted_may_have_a_fraction() -> None:
    assert quantity("2.5-7.25", fractions=True) == Quantity(low=2.5, high=7.25, precision="band")
    assert quantity("<2.5", fractions=True) == Quantity(high=2.5, precision="band")
    assert quantity("1.500", fractions=True, thousands=".") == Quantity(value=1500)


def test_a_mapping_may_say_what_separates_thousands() -> None:
    assert quantity("1,500", thousands=",") == Quantity(value=1500)
    assert quantity("12,345,678", thousands=",") == Quantity(value=12_345_678)
    for cell in ("1.500", "1,50", "1,5000", ",500"):
        with pytest.raises(Unreadable):
            quantity(cell, thousands=",")


@given(strategies.text("0123456789+-<>≤≥~.,’ –", max_size=20))
def test_whatever_is_written_no_figure_is_below_zero_or_upside_down(cell: str) -> None:
    try:
        found = quantity(cell)
    except Unreadable:
        return
    given = [one for one in (found.value, found.low, found.high) if one is not None]
    assert given and all(one >= 0 for one in given)
    assert found.low is None or found.high is None or found.low <= found.high


@given(strategies.integers(0, 10**9), strategies.integers(0, 10**9))
def test_a_range_that_is_written_is_the_range_that_is_read(first: int, second: int) -> None:
    low, high = sorted((first, second))
    for written in (f"{low}-{high}", f"{low:,} – {high:,}"):
        assert quantity(written) == Quantity(low=low, high=high, precision="band")


def test_a_row_with_a_band_an_estimate_and_a_reason_says_each() -> None:
    found = draft(participants="100-500", arrests="~12", injuries="withheld", measure_basis="media")
    assert found.measures == (
        Measure(measure="participants", low=100, high=500, basis="media", precision="band"),
        Measure(measure="arrests", value=12, basis="media", precision="estimate"),
        Measure(measure="injuries", absent="withheld"),
    )
    assert "People taking part: 100 to 500. Arrests: about 12." in found.summary
    assert "Injuries" not in found.summary


def test_a_row_says_which_figures_were_computed_and_how_exact_they_are() -> None:
    found = draft(
        workers_involved="1200", days_not_worked="9600", computed="days-not-worked", measure_precision="rounded"
    )
    assert found.measures == (
        Measure(measure="workers-involved", value=1200, basis="imported", precision="rounded"),
        Measure(measure="days-not-worked", value=9600, basis="imported", precision="rounded", computed=True),
    )


def test_a_sum_of_money_has_its_currency() -> None:
    (found,) = draft(rent_withheld="12000.50-15000", currency="inr").measures
    assert (found.low, found.high, found.unit) == (12000.5, 15000, "INR")


SECTORS = [
    ("naics", "485111", "Transportation and storage"),
    ("naics", "562", "Water supply; sewerage, waste management and remediation activities"),
    ("naics", "92", "Public administration and defence; compulsory social security"),
    ("nace2", "62.01", "Information and communication"),
    ("nace2", "Q", "Human health and social work activities"),
    ("isic4", "2652", "Manufacturing"),
]


@pytest.mark.parametrize(("scheme", "code", "label"), SECTORS)
def test_a_sector_of_another_scheme_is_kept_and_mapped(scheme: str, code: str, label: str) -> None:
    assert draft(sector=code, sector_scheme=scheme).sector == Sector(scheme=scheme, code=code, label=label)


def test_a_code_with_the_letter_of_its_section_is_the_same_code() -> None:
    assert draft(sector="J62.01", sector_scheme="nace2").sector == draft(sector="62.01", sector_scheme="nace2").sector


def test_a_demand_may_have_a_kind_a_state_or_both() -> None:
    found = draft(demands="lower rents [rent, partly-won]; lifts [repairs]; to stay [won]; bread")
    assert isinstance(found, imports.Draft)
    assert found.demands == (
        Demand(text="lower rents", kind="rent", status="partly-won"),
        Demand(text="lifts", kind="repairs"),
        Demand(text="to stay", status="won"),
        Demand(text="bread"),
    )
