"""What may put somebody in danger is asked before it is public, and asked again when something else is written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from node.reports import asking, writing
from node.statements import blanks, linting
from node.statements.linting import Kind

TODAY = date(2026, 11, 22)
PLAIN: dict[str, Any] = {
    "text": "It goes on.",
    "title": "Out",
    "kind": "strike",
    "field": "work",
    "began": "2026-11-02",
}

TEXTS = [
    ("Ring +44 20 7946 0018", Kind.TELEPHONE, "+44 20 7946 0018"),
    ("0151 23456789 rufen", Kind.TELEPHONE, "0151 23456789"),
    ("call (030) 901820", Kind.TELEPHONE, "030) 901820"),
    ("au 01 23 45 67 89", Kind.TELEPHONE, "01 23 45 67 89"),
    ("tel. 5551234567", Kind.TELEPHONE, "5551234567"),
    ("هاتف: 5551234567", Kind.TELEPHONE, "5551234567"),
    ("write to rosa.l@union.example now", Kind.EMAIL, "rosa.l@union.example"),
    ("rosa (at) union.example", Kind.EMAIL, "rosa (at) union.example"),
    ("at Hauptstraße 12b", Kind.ADDRESS, "Hauptstraße 12b"),
    ("she lives at 14 rue de la Paix", Kind.ADDRESS, "14 rue de la Paix"),
    ("vive en calle Mayor 5", Kind.ADDRESS, "calle Mayor 5"),
    ("22 Baker Street", Kind.ADDRESS, "22 Baker Street"),
    ("شارع النصر 12", Kind.ADDRESS, "شارع النصر 12"),
    ("says Mr Smith", Kind.NAME, "Mr Smith"),
    ("Frau Müller-Lang sagt", Kind.NAME, "Frau Müller-Lang"),
    ("la señora llamada Ana Ruiz", Kind.NAME, "llamada Ana Ruiz"),
    ("قال السيد أحمد", Kind.NAME, "السيد أحمد"),
    ("M. Dupont l’a dit", Kind.NAME, "M. Dupont"),
]
HARMLESS = [
    "On 2026-11-03 and 12.11.2026 about 45 000 of 1,200,000 workers stopped for 3.5 hours.",
    "From 1984 to 2020, 185,000 people; 30 000 000 in 1990/1991.",
    "Read https://x.example/2026/0123456789 by @rosa@union.example #strike2026",
    "Law 25.877, articles 14 and 15, of 2004.",
    "Die Belegschaft fordert 12,5 % und 35 Stunden.",
    "At 3 M Company and M Street",
    "ISIC 4923, ISCO 8331; 10.15 to 22.30; 2026-11-03T18:30:00Z",
]


@pytest.mark.parametrize(("text", "kind", "words"), TEXTS)
def test_what_may_lead_to_a_person_is_found(text: str, kind: Kind, words: str) -> None:
    assert linting.Finding(kind, "text", words) in linting.lint({"text": text})


@pytest.mark.parametrize("text", HARMLESS)
def test_dates_figures_links_and_handles_are_left_alone(text: str) -> None:
    assert linting.lint({"text": text}) == ()


def test_a_long_text_is_read_quickly() -> None:
    for text in (
        "1 2 3 4 5 6 7 8 9 0 " * 2500,
        "A" * 50_000,
        "Aa " * 17_000,
        "+" * 50_000,
        "a@" * 25_000,
        "0(1)" * 12_000,
        "a-" * 25_000,
        "Aa’" * 17_000,
        "@+" * 25_000,
        "namens A " * 5_000,
    ):
        linting.lint({"text": text})


def asked(**more: Any) -> dict[str, tuple[str, ...]]:
    draft = writing.draft_of(PLAIN | more)
    found = asking.open_questions(draft, writing.report_in(draft), today=TODAY)
    return {one.code: one.about for one in found}


SITE = {"locality": "Oslo", "country": "NO"}
EXACT = [SITE | {"name": "Gate 4"}, SITE | {"latitude": 59.9, "longitude": 10.7}, SITE | {"precision": "exact"},
         SITE | {"latitude": 59.9, "longitude": 10.7, "radius": 200}]  # fmt: skip
COARSE = [SITE, SITE | {"name": "Oslo"}, SITE | {"latitude": 59.9, "longitude": 10.7, "radius": 5000}, {}]


@pytest.mark.parametrize("place", EXACT)
def test_the_exact_place_of_a_coming_action_is_asked(place: dict[str, Any]) -> None:
    assert list(asked(location=place, began="2026-11-30")) == ["place"]
    assert list(asked(location=place, status="announced")) == ["place"]
    assert asked(location=place) == {}, "it is over, or goes on"
    assert asked(location=place, began="2026-11-30", status="ended") == {}


@pytest.mark.parametrize("place", COARSE)
def test_a_coarse_place_is_not_asked(place: dict[str, Any]) -> None:
    assert asked(location=place, status="announced") == {}


def test_a_figure_under_five_at_a_named_site_is_asked() -> None:
    few = [{"measure": "dismissals", "value": 3}, {"measure": "arrests", "low": 1, "high": 4}]
    assert asked(measures=few, addressee="Sun Homes") == {
        "figure": ("3 (dismissals), Sun Homes", "1–4 (arrests), Sun Homes")
    }
    assert list(asked(measures=few, location=SITE)) == ["figure"]
    for site in ({"name": "Mill Street Bakery", "country": "NO"}, {"latitude": 59.9, "longitude": 10.7}):
        assert list(asked(measures=few, location=site)) == ["figure"]
    assert asked(measures=few, location={"country": "NO"}) == {}, "nobody can tell who in a whole country"
    many = [{"measure": "arrests", "value": 5}, {"measure": "injuries", "value": 0}, {"measure": "deaths", "low": 1},
    {"measure": "workplaces", "value": 1}, {"measure": "dismissals", "absent": "withheld"}]  # fmt: skip
    assert asked(measures=many, addressee="Sun Homes") == {}


def test_homes_and_households_are_people_too() -> None:
    few = [{"measure": "evictions", "value": 2}, {"measure": "households", "low": 1, "high": 4}]
    assert asked(measures=few, addressee="Sun Homes") == {
        "figure": ("2 (evictions), Sun Homes", "1–4 (households), Sun Homes")
    }
    assert asked(measures=few, location={"country": "NO"}) == {}


def test_what_is_confirmed_is_not_asked_again_until_something_else_is_written() -> None:
    few: dict[str, Any] = {"addressee": "Sun Homes", "measures": [{"measure": "dismissals", "value": 3}]}
    draft = writing.draft_of(PLAIN | few)
    (question,) = asking.open_questions(draft, writing.report_in(draft), today=TODAY)
    assert asked(**few, confirm=[question.word]) == {}
    assert asked(**few, confirm=f"place-000000; {question.word}") == {}
    assert list(asked(**few, confirm="yes")) == ["figure"]
    other = few | {"measures": [{"measure": "dismissals", "value": 2}]}
    assert asked(**other, confirm=[question.word]) == {"figure": ("2 (dismissals), Sun Homes",)}


def test_every_field_of_free_words_is_read() -> None:
    person = "Mr Smith"
    for more in (
        {"title": person},
        {"summary": person},
        {"struggle_title": person},
        {"demands": [person]},
        {"claims": [{"about": "X", "text": person, "basis": "document"}]},
        {"responses": [{"by": "state", "kind": "arrests", "text": person}]},
        {"location": {"name": person}},
        {"addressee": person},
    ):
        found = linting.findings(writing.draft_of(PLAIN | more))
        assert [(one.field, one.words) for one in found] == [(next(iter(more)), person)]


def test_nothing_of_what_was_confirmed_stays_when_a_part_is_blanked() -> None:
    kept = {
        "draft": {"text": "Mr Smith", "report": {"kind": "strike", "confirm": "persons-3f9c1b", "alleged_by": "him"}}
    }
    why = blanks.Why("personal-data", "group", TODAY)
    for part in ("text", "alleged_by"):
        left = blanks.without(kept, blanks.Part(part), why, language="en")
        assert "persons" not in str(left) and left["draft"]["report"]["kind"] == "strike"
    assert "confirm" not in [part.name for part in blanks.fields_in(kept["draft"], None)]
