"""The filters that the wire, the figures and the search share: read, refused, written, compared."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import schemas
from node.errors import Invalid
from node.reports import filters
from node.web.pages import filtering
from schemas.partial_date import PartialDate
from schemas.reading import Malformed


def asked(query: str) -> dict[str, tuple[str, ...]]:
    return filters.read(parse_qsl(query, keep_blank_values=True))


def test_one_question_has_one_address() -> None:
    for query in (
        "field=work&country=ie&field=housing&since=2026",
        "since=2026&field=housing&field=work&field=work&country=IE&until=&before=7&nonsense=1",
        "country=IE,&field=work,housing&since=2026",
    ):
        found = asked(query)
        assert found == {"field": ("housing", "work"), "country": ("IE",), "since": ("2026",)}
        assert filters.written(found) == "field=housing&field=work&country=IE&since=2026"
        assert asked(filters.written(found)) == found
    assert filters.written(asked("who=tenants"), before=12, after=None) == "who=tenants&before=12"


def test_names_are_compared_as_they_are_counted() -> None:
    assert asked("family=  Tramways,  LTD.") == asked("family=tramways ltd") == {"family": ("tramways ltd",)}
    assert asked("sector=h&language=pt-BR&kind=Rent-Strike") == {
        "sector": ("H",),
        "language": ("pt-BR",),
        "kind": ("rent-strike",),
    }


def test_a_code_of_a_peer_that_we_do_not_know_can_be_asked_for() -> None:
    assert asked("kind=flash-mob") == {"kind": ("flash-mob",)}


@pytest.mark.parametrize(
    ("query", "field", "told"),
    [
        ("country=Ireland", "country", "“Ireland” is no country; write its two letters"),
        ("sector=49", "sector", "“49” is no section of ISIC; write a letter from A to U"),
        ("since=2026-13", "since", "“2026-13” is no date; write 2026, 2026-03 or 2026-03-31"),
        ("since=yesterday", "since", "“yesterday” is no date"),
        ("since=2026&since=2025", "since", "2 values are too many"),
        ("since=2026-05&until=2026-04", "until", "2026-04 is before 2026-05"),
        ("language=!", "language", "“!” is no language"),
        ("author=javascript:x", "author", "“javascript:x” is no address"),
        ("type=poem", "type", "“poem” is no kind of text"),
        ("region=" + "x" * 301, "region", "is too long"),
        ("who=a%00b", "who", "is no code"),
        ("&".join(f"field=f{number}" for number in range(51)), "field", "51 values are too many"),
    ],
)
def test_what_cannot_be_asked_names_its_field(query: str, field: str, told: str) -> None:
    with pytest.raises(Invalid) as caught:
        asked(query)
    assert caught.value.field == field
    assert told in caught.value.why


dates = st.builds(
    lambda day, parts: PartialDate(*(day.year, day.month, day.day)[:parts]), st.dates(), st.integers(1, 3)
)


@given(dates, dates, dates)
@example(PartialDate(1984), PartialDate(9999), PartialDate(9999, 12, 31))
def test_a_date_is_within_if_every_day_that_it_can_mean_is(
    since: PartialDate, until: PartialDate, one: PartialDate
) -> None:
    least, less, none_of = filters.bounds({"since": (str(since),), "until": (str(until),)})
    assert least is not None
    told = least <= str(one) and (less is None or str(one) < less) and str(one) not in none_of
    assert told == (one.earliest >= since.earliest and one.latest <= until.latest)


def test_a_period_is_a_span_of_dates() -> None:
    assert filters.span("1984") == ("1984", "1984")
    assert filters.span("1984-05") == ("1984-05", "1984-05")
    assert filters.span("1984-Q4") == ("1984-10", "1984-12")
    for wrong in ("1984-Q5", "84-Q1", "1984-Q", "spring"):
        with pytest.raises(Malformed):
            filters.span(wrong)


def test_every_kind_of_text_can_be_asked_for() -> None:
    kinds = {one.__name__ for one in schemas.TYPES if issubclass(one, schemas.Statement)}
    assert set(filters.TYPES.values()) == kinds
    assert set(filtering.TYPES) == set(filters.TYPES), "the form offers them"
