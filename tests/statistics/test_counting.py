"""What of a report adds up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.reports import counting
from node.reports.facts import Facts, facts
from schemas.measure import Measure
from schemas.partial_date import PartialDate
from schemas.party import Party
from schemas.place import Place
from schemas.struggle_report import StruggleReport

HOME = "https://a.example"


def told(*measures: Measure, **values: Any) -> Facts:
    """The facts of a strike at Acme from Monday 6 January to Friday 17 January 2020, with these measures."""
    given: dict[str, Any] = {
        "id": f"{HOME}/reports/1",
        "attributed_to": f"{HOME}/groups/a",
        "content": "<p>A strike.</p>",
        "content_map": {"en": "<p>A strike.</p>"},
        "struggle": f"{HOME}/struggles/1",
        "action_kind": "strike",
        "began": PartialDate(2020, 1, 6),
        "ended": PartialDate(2020, 1, 17),
        "location": Place(country="IE", locality="Cork"),
        "measures": measures,
    }
    return facts(StruggleReport(**(given | values)), sort_id=1)


DAYS_OF_THREE = Measure(measure="days-not-worked", value=30)


def days_of(found: Facts) -> tuple[Any, Any, Any]:
    return found.counted["days_low"], found.counted["days_high"], found.counted["days_computed"]


def workers(value: int | None = None, **more: Any) -> Measure:
    return Measure(measure="workers-involved", value=value, **more)


@pytest.mark.parametrize(
    ("measures", "values", "days"),
    [
        ((workers(100),), {}, (1000, 1000, 1)),
        ((workers(low=100, high=500),), {}, (1000, 5000, 1)),
        ((workers(low=1000),), {}, (10000, None, 1)),
        ((workers(100),), {"began": PartialDate(2020, 1)}, (0, 1300, 1)),
        ((workers(100), Measure(measure="days-not-worked", value=700)), {}, (700, 700, 0)),
        ((workers(100), Measure(measure="days-not-worked", absent="unknown")), {}, (1000, 1000, 1)),
        ((workers(100), Measure(measure="days-not-worked", absent="withheld")), {}, (None, None, None)),
        ((workers(100), Measure(measure="hours-not-worked", value=50)), {}, (None, None, None)),
        ((workers(100),), {"ended": None}, (None, None, None)),
        ((workers(100),), {"action_kind": "go-slow"}, (None, None, None)),
        ((workers(absent="unknown"),), {}, (None, None, None)),
        ((workers(0),), {}, (0, 0, 1)),
        # Three people: neither their number nor the days it can be computed from.
        ((workers(3),), {}, (10, 40, 1)),
        ((workers(3), DAYS_OF_THREE), {}, (1, 40, 0)),
        ((workers(3), DAYS_OF_THREE), {"ended": None}, (0, None, 0)),
        ((workers(3), Measure(measure="days-not-worked", value=45)), {}, (1, 48, 0)),
        ((workers(3), Measure(measure="days-not-worked", low=30)), {}, (1, None, 0)),
        ((workers(3), Measure(measure="days-not-worked", value=0)), {}, (0, 0, 0)),
        ((Measure(measure="participants", value=50), workers(3), DAYS_OF_THREE), {}, (1, 40, 0)),
        ((workers(50), workers(3), DAYS_OF_THREE), {}, (1, 40, 0)),
        ((Measure(measure="households", value=3), workers(50)), {}, (500, 500, 1)),
        ((Measure(measure="arrests", value=2), workers(50)), {}, (500, 500, 1)),
        ((workers(3), DAYS_OF_THREE), {"location": Place(country="IE", name="Mill Street Bakery")}, (1, 40, 0)),
        ((workers(3), DAYS_OF_THREE), {"location": Place(country="IE", name="Ireland")}, (30, 30, 0)),
    ],
)
def test_days_that_nobody_reported_are_computed_where_that_can_be_told(
    measures: tuple[Measure, ...], values: dict[str, Any], days: tuple[Any, Any, Any]
) -> None:
    assert days_of(told(*measures, **values)) == days


@pytest.mark.parametrize(
    ("measure", "values", "low", "high", "banded"),
    [
        (workers(4), {}, 1, 4, 1),
        (workers(1), {}, 1, 4, 1),
        (workers(low=2, high=3), {}, 1, 4, 1),
        (workers(5), {}, 5, 5, 0),
        (workers(0), {}, 0, 0, 0),
        (workers(low=2), {}, 2, None, 0),
        (workers(4), {"location": Place(country="IE")}, 4, 4, 0),
        (workers(4), {"location": Place(country="IE"), "addressees": (Party(name="Acme"),)}, 1, 4, 1),
        (workers(4), {"location": Place(latitude=51.9, longitude=-8.5)}, 1, 4, 1),
        (workers(4), {"location": Place(country="IE", name="Mill Street Bakery")}, 1, 4, 1),
        (workers(4), {"location": Place(country="IE", name_map={"en": "Mill Street Bakery"})}, 1, 4, 1),
        (workers(4), {"location": Place(country="IE", name="Ireland")}, 4, 4, 0),
    ],
)
def test_a_figure_under_five_at_a_named_site_counts_as_a_band(
    measure: Measure, values: dict[str, Any], low: int, high: int | None, banded: int
) -> None:
    row = told(measure, **values).counted
    assert (row["people_low"], row["people_high"], row["people_banded"]) == (low, high, banded)


def test_a_figure_of_few_people_leaves_no_other_trace_in_what_is_added_up() -> None:
    for beside in ({}, {"ended": None}, {"location": Place(name="Mill Street Bakery")}):
        for people in ("workers-involved", "workers-indirectly-involved", "bargaining-unit"):
            three, two = (told(*_lost_by(number, people), **beside) for number in (3, 2))
            same = {name for name, value in three.counted.items() if value == two.counted[name]}
            assert three.more == two.more
            assert set(three.counted) - same == {"lane0", "lane1", "lane2", "lane3"}


def _lost_by(number: int, people: str) -> tuple[Measure, ...]:
    """What so many say: how many they are, among many who took part, and what they lost in ten days."""
    return (
        Measure(measure="participants", value=50),
        Measure(measure=people, value=number),
        Measure(measure="days-not-worked", value=number * 10),
        Measure(measure="hours-not-worked", value=number * 80),
        Measure(measure="rent-withheld", value=number * 500, unit="EUR"),
    )


def test_hours_and_money_beside_few_people_are_what_so_few_can_have_lost() -> None:
    def beside(ended: PartialDate | None, hours: int) -> dict[str, tuple[Any, Any, int]]:
        found = told(
            workers(3),
            Measure(measure="hours-not-worked", value=hours),
            Measure(measure="rent-withheld", value=1500, unit="EUR"),
            Measure(measure="hectares", value=7),
            ended=ended,
        )
        return {one["measure"]: (one["low"], one["high"], one["banded"]) for one in found.more}

    money_and_land = {"rent-withheld:EUR": (0, None, 1), "hectares": (7, 7, 0)}
    assert beside(PartialDate(2020, 1, 10), 120) == money_and_land | {"hours-not-worked": (1, 160, 1)}
    assert beside(PartialDate(2020, 1, 10), 180) == money_and_land | {"hours-not-worked": (1, 480, 1)}
    assert beside(None, 120) == money_and_land | {"hours-not-worked": (0, None, 1)}


@given(st.dates(date(1980, 1, 1), date(2030, 1, 1)), st.integers(-3, 400))
def test_working_days_are_those_one_counts_by_hand(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    by_hand = sum((first + timedelta(days=one)).weekday() < 5 for one in range(length + 1))
    assert counting.weekdays(first, last) == by_hand


def test_currencies_stay_apart() -> None:
    found = told(*(Measure(measure="rent-withheld", value=10, unit=unit) for unit in ("EUR", "INR")))
    assert [(one["measure"], one["low"]) for one in found.more] == [
        ("rent-withheld:EUR", 10),
        ("rent-withheld:INR", 10),
    ]


def test_a_number_written_with_a_point_is_the_same_report() -> None:
    written = [told(Measure(measure="hectares", value=value)).row["digest"] for value in (27, 27.0, 27.5)]
    assert written[0] == written[1] != written[2]
