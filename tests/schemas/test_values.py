"""What the values themselves answer: languages, partial dates, the two spellings of items."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

import schemas
from schemas import Collection, CollectionPage, Statement, reading
from schemas.partial_date import PartialDate
from schemas.reading import Malformed

NOTE = Statement(id="https://a.example/1", attributed_to="https://a.example/u")


@pytest.mark.parametrize(
    ("content", "languages", "language"),
    [
        ("b", {"de": "a", "en": "b"}, "en"),
        ("c", {"de": "a", "en": "b"}, "de"),
        (None, {}, None),
        ("a", {}, None),
    ],
)
def test_the_language_is_that_of_the_same_text_else_the_first(
    content: str | None, languages: dict[str, str], language: str | None
) -> None:
    assert replace(NOTE, content=content, content_map=languages).language == language


def test_a_statement_without_text_takes_its_language_from_the_title() -> None:
    assert replace(NOTE, name_map={"fr": "Grève"}).language == "fr"


@pytest.mark.parametrize(
    ("written", "earliest", "latest"),
    [
        ("1984", date(1984, 1, 1), date(1984, 12, 31)),
        ("1984-02", date(1984, 2, 1), date(1984, 2, 29)),
        ("1900-02", date(1900, 2, 1), date(1900, 2, 28)),
        ("1984-03-12", date(1984, 3, 12), date(1984, 3, 12)),
        ("0001", date(1, 1, 1), date(1, 12, 31)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_a_partial_date_means_a_span_of_days_and_is_written_as_read(written: str, earliest: date, latest: date) -> None:
    found = PartialDate.read(written)
    assert (found.earliest, found.latest, str(found)) == (earliest, latest, written)


def test_a_known_day_is_a_partial_date() -> None:
    assert PartialDate.of(date(1984, 3, 12)) == PartialDate(1984, 3, 12)


@pytest.mark.parametrize("parts", [(0,), (10_000,), (1984, 13), (1984, 2, 30), (1984, None, 3), (1984, 0), (-1,)])
def test_a_date_that_does_not_exist_is_malformed(parts: tuple[int, ...]) -> None:
    with pytest.raises(Malformed):
        PartialDate(*parts)


@pytest.mark.parametrize(
    "written", ["84", "1984-3", "1984-", "1984-03-12T00:00:00Z", " 1984", "1984\n", "", "19840312"]
)
def test_another_spelling_of_a_date_is_malformed(written: str) -> None:
    with pytest.raises(Malformed):
        PartialDate.read(written, "began")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("OrderedCollection", "orderedItems"),
        ("Collection", "items"),
        ("OrderedCollectionPage", "orderedItems"),
        ("CollectionPage", "items"),
    ],
)
def test_items_stand_where_the_type_says_even_when_there_are_none(name: str, key: str) -> None:
    cls = CollectionPage if name.endswith("Page") else Collection
    for items in ((), ("https://a.example/2", {"type": "Note"})):
        written = schemas.serialise(cls(id="https://a.example/c", type=name, items=items))
        assert written[key] == list(items) and len({"items", "orderedItems"} & set(written)) == 1
        assert schemas.parse(written) == cls(id="https://a.example/c", type=name, items=items)


def test_one_item_that_json_ld_unwrapped_is_still_a_list() -> None:
    page = schemas.parse({"id": "https://a.example/c", "type": "CollectionPage", "items": "https://a.example/2"})
    assert isinstance(page, CollectionPage) and page.items == ("https://a.example/2",)


def test_a_moment_is_written_in_utc_and_a_naive_one_is_refused() -> None:
    moment = datetime(2026, 11, 22, 10, 0, 0, 123_000, tzinfo=timezone(timedelta(hours=2)))
    written = schemas.serialise(replace(NOTE, published=moment))["published"]
    assert written == "2026-11-22T08:00:00.123000Z" and reading.moment(written) == moment
    with pytest.raises(Malformed, match=r"^published: must be an aware datetime"):
        schemas.serialise(replace(NOTE, published=datetime(2026, 11, 22)))


def test_a_single_key_is_written_bare_because_some_peers_read_no_list() -> None:
    key = schemas.actor.PublicKeyPem(id="https://a.example/u#main-key", owner="https://a.example/u", pem="PEM")
    actor = schemas.Actor(id="https://a.example/u", type="Organization", public_keys=(key,))
    assert isinstance(schemas.serialise(actor)["publicKey"], dict)
    assert len(schemas.serialise(replace(actor, public_keys=(key, key)))["publicKey"]) == 2
