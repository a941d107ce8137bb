"""One figure out of several: whatever order reports come in, whoever tells them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from node.statistics import rules
from node.statistics.adding import Line
from node.statistics.rules import Figure, Sum
from schemas import codes

_NUMBERS = st.integers(0, 10**6)


@st.composite
def _figures(draw: st.DrawFn) -> Figure:
    low = draw(_NUMBERS)
    return Figure(
        author=draw(st.sampled_from(["https://a.example/g", "https://b.example/g", "https://c.example/g"])),
        report=f"https://a.example/reports/{draw(st.uuids())}",
        low=low,
        high=draw(st.one_of(st.none(), _NUMBERS.map(lambda more: low + more))),
        basis=draw(st.sampled_from([None, *codes.MEASURE_BASES])),
        said=draw(st.sampled_from([0, 20200000, 20200501, 20210100])),
        computed=draw(st.integers(0, 1)),
        banded=0,
        action=draw(st.integers(1, 2)),
    )


@given(
    st.sampled_from(["people", "days-not-worked", "arrests"]), st.lists(_figures(), min_size=1, max_size=8), st.data()
)
def test_the_order_of_reports_changes_no_figure(measure: str, told: list[Figure], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(told))
    first, second = rules.figure_of(measure, told), rules.figure_of(measure, mixed)
    assert (first.low, first.high, first.author, first.computed) == (
        second.low,
        second.high,
        second.author,
        second.computed,
    )


@given(st.lists(_figures(), min_size=1, max_size=8))
def test_a_figure_of_people_is_one_that_somebody_told(told: list[Figure]) -> None:
    found = rules.figure_of("people", told)
    assert found.low in {one.low for one in told if one.author == found.author}
    assert found.high is None or found.low <= found.high


@given(st.lists(_figures(), min_size=1, max_size=8))
def test_another_report_never_makes_a_struggle_count_twice(told: list[Figure]) -> None:
    line = Line()
    line.take([("people", rules.figure_of("people", told))], reports=len(told))
    assert (line.struggles, line.sum("people").known) == (1, 1)
    assert line.sum("people").low <= max(one.low for one in told)


def _told(author: str, low: float, **more: Any) -> Figure:
    values: dict[str, Any] = {"high": low, "basis": "media", "said": 20200501, "computed": 0, "banded": 0} | more
    return Figure(author=author, low=low, **({"report": f"{author}/1"} | values))


def test_those_nearest_to_the_struggle_are_believed_first_and_the_latest_of_equals() -> None:
    union, press = _told("https://b.example", 500, basis="organisation"), _told("https://a.example", 300)
    police, later = _told("https://c.example", 80, basis="police"), _told("https://d.example", 350, said=20200600)
    assert rules.pick([police, press, union, later]) == union
    assert rules.pick([police, press, later]) == later
    assert rules.pick([police]) == police


def test_the_same_people_count_once_and_their_days_add_up() -> None:
    first, second = _told("https://a.example", 300), _told("https://a.example", 500, high=None, report="x")
    people, days = rules.account("people", [first, second]), rules.account("days-not-worked", [first, second])
    assert (people.low, people.high) == (500, None)
    assert (days.low, days.high) == (800, None)


def test_what_nobody_tells_is_missing_and_not_zero() -> None:
    nothing = Sum().interval(struggles=1)
    assert (nothing.low, nothing.high, nothing.known, nothing.absent) == (None, None, 0, 1)
    told = Sum()
    told.add(_told("https://a.example", 0))
    none = told.interval(struggles=1)
    assert (none.low, none.high, none.known, none.absent) == (0, 0, 1, 0)
