"""What is drawn of a table of figures, and how figures and questions are said."""

from __future__ import annotations

import pytest

from node.statistics import opening
from node.statistics.questions import FILTERS, GROUPINGS, Question
from node.statistics.tables import Column, Interval, Note, Remark
from node.translating import speaking
from node.web.pages import figure_charts, figure_forms, figure_words
from schemas import codes
from tests.web.pages.figure_tables import row, table


def test_periods_are_drawn_in_their_order_and_none_is_left_out() -> None:
    rows = [row("2019-Q4", 3), row("2020-Q3", 5), row(None, 9)]
    (drawing,) = figure_charts.drawings(table(("quarter",), rows), "struggles")
    assert [(bar.label, bar.low) for bar in drawing.bars] == [
        ("Q4 2019", 3), ("Q1 2020", None), ("Q2 2020", None), ("Q3 2020", 5),
    ]  # fmt: skip
    assert drawing.title == "Struggles by quarter"
    assert "Q3 2020: 5" in drawing.description
    months = figure_charts.drawings(table(("month",), [row("2019-11", 1), row("2020-02", 1)]), "struggles")
    assert [bar.label for bar in months[0].bars] == ["November 2019", "December 2019", "January 2020", "February 2020"]


def test_of_a_long_time_the_end_is_drawn() -> None:
    rows = [row(f"{year}", 1) for year in range(1800, 2020)]
    (drawing,) = figure_charts.drawings(table(("year",), rows), "struggles")
    assert (len(drawing.bars), drawing.bars[0].label, drawing.bars[-1].label) == (60, "1960", "2019")


def test_anything_else_is_drawn_by_its_size() -> None:
    people = [Interval(5, 5, 1), Interval(1, 900, 1), Interval(10, None, 1)]
    rows = [row(code, 1, one) for code, one in zip(("IE", "EG", "IN"), people, strict=True)]
    rows += [row(None, 1), *(row(f"X{letter}", 1) for letter in "ABCDEFGHIJKLM")]
    with speaking("de"):
        (drawing,) = figure_charts.drawings(table(("country",), rows), "people")
    assert [bar.label for bar in drawing.bars[:3]] == ["Ägypten", "Indien", "Irland"]
    assert len(drawing.bars) == figure_charts.ROWS_AT_MOST and not drawing.in_time


def test_of_two_dimensions_the_second_has_a_drawing_for_each_of_its_greatest_on_one_scale() -> None:
    rows = [row(("2019", one), size) for size, one in enumerate(["work", "land", "war", "health", "prison", None], 1)]
    rows.append(row(("2021", "land"), 40))
    drawn = figure_charts.drawings(table(("year", "field"), rows), "struggles")
    assert [one.title.partition(": ")[2] for one in drawn] == ["land", "prison", "health", "war"]
    assert {one.top for one in drawn} == {40} and len({one.name for one in drawn}) == 4
    assert {tuple(bar.label for bar in one.bars) for one in drawn} == {("2019", "2020", "2021")}


def test_what_cannot_be_read_is_not_drawn() -> None:
    assert (
        figure_charts.drawings(table(("year", "field", "kind"), [row(("2019", "work", "strike"), 1)]), "people") == []
    )
    assert figure_charts.drawings(table(("year",), []), "struggles") == []
    assert figure_charts.drawings(table(("year",), [row("2019", 1)]), "hectares") == []
    assert figure_charts.drawings(table(("year",), [row(None, 1)]), "struggles")[0].bars[0].label == "not said"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (Interval(), "not known"),
        (Interval(0, 0, 1), "0"),
        (Interval(1950, 1950, 2), "1,950"),
        (Interval(195, 1950, 2), "195 to 1,950"),
        (Interval(195, None, 2), "at least 195"),
        (Interval(0, 12.5, 2), "0 to 12.5"),
    ],
)
def test_a_figure_is_said_as_what_is_known_of_it(cell: Interval, words: str) -> None:
    assert figure_words.interval(cell) == words


def test_everything_that_can_be_asked_for_has_a_name() -> None:
    assert set(GROUPINGS) == set(figure_words.GROUPINGS)
    assert set(FILTERS) <= set(figure_words.FILTERS)
    assert set(Remark) == set(figure_words.REMARKS)
    form = figure_forms.form(Question(), countries=["IE"], show="struggles")
    asked = {*form.first, *form.more, *form.written, "since", "until"}
    led_to = {"author", "struggle", "year", "quarter", "month"}
    assert set(FILTERS) - asked == led_to, "these are led to from elsewhere"
    assert figure_words.column(Column("rent-withheld:EUR", "EUR")) == "rent withheld (EUR)"
    for measure in codes.MEASURES:
        assert figure_words.column(Column(measure, codes.MEASURE_UNITS[measure]))


def test_remarks_are_whole_sentences_with_their_numbers() -> None:
    values = {"rule": "1", "struggles": 1234, "column": "people", "value": 185_000, "report": "https://a.example/r",
              "rows": 900, "shown": 500, "reports": 12, "done": 7}  # fmt: skip
    said = [figure_words.remark(Note(one, tuple(values.items()))) for one in Remark]
    assert all(one.endswith(".") and "{" not in one for one in said)
    assert "One figure stands out, and may be a mistake of its source: 185,000 people." in said


def test_a_row_leads_to_its_reports_within_what_was_asked_for() -> None:
    asked = Question.from_query({"by": "year,country", "since": "2019-06", "field": "work"})
    assert opening.reports(asked, {"year": "2019", "country": "IE"}) == (
        "type=report&field=work&country=IE&counted=yes&since=2019-06&until=2019"
    )  # fmt: skip
    assert opening.reports(asked, {"year": "2020", "country": "IE"}) == (
        "type=report&field=work&country=IE&counted=yes&since=2020&until=2020"
    )
    assert opening.reports(asked, {"year": "2020", "country": None}) == (
        "type=report&field=work&country=-&counted=yes&since=2020&until=2020"
    )
    quarter = Question.from_query({"by": "quarter"})
    assert opening.reports(quarter, {}) == "type=report&counted=yes"
    assert opening.reports(quarter, {"quarter": None}) == "type=report&counted=yes&quarter=-"
    assert opening.reports(quarter, {"quarter": "2020-Q2"}) == "type=report&counted=yes&since=2020-04&until=2020-06"


def test_the_form_keeps_what_it_has_no_field_for() -> None:
    asked = Question.from_query(
        [
            ("by", "country"),
            ("field", "work"),
            ("field", "land"),
            ("kind", "strike"),
            ("struggle", "https://a.example/1"),
        ]
    )
    form = figure_forms.form(asked, countries=["IE", "EG"], show="people")
    assert sorted(form.kept) == [
        ("field", "land"), ("field", "work"), ("show", "people"), ("struggle", "https://a.example/1"),
    ]  # fmt: skip
    assert "field" not in form.first
    assert [one.value for one in form.first["kind"] if one.chosen] == ["strike"]
    assert [one.name for one in form.first["country"]] == ["Egypt", "Ireland"]
    assert [one.value for one in form.by[0] if one.chosen] == ["country"] and not any(one.chosen for one in form.by[1])
    assert [(one.name, one.value) for one in figure_forms.narrowings(asked, {})] == [
        ("field", "land"), ("field", "work"), ("kind of action", "strike"), ("struggle", "https://a.example/1"),
    ]  # fmt: skip
    assert figure_forms.narrowings(asked, {})[0].without == (
        "by=country&field=work&kind=strike&struggle=https://a.example/1"
    )  # fmt: skip
