"""Events, polls, stamps and quotes: what each field takes, and what a stranger can put there in vain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import schemas
from schemas import Event, Malformed, Question, QuoteAuthorization, Statement
from schemas.event import Address, Venue
from schemas.question import Option

HOST = "https://a.example"


def event(**fields: Any) -> Event:
    found = schemas.parse({"id": f"{HOST}/e/1", "type": "Event", "attributedTo": f"{HOST}/u", "name": "Rally"} | fields)
    assert isinstance(found, Event)
    return found


def question(**fields: Any) -> Question:
    found = schemas.parse({"id": f"{HOST}/q/1", "type": "Question", "attributedTo": f"{HOST}/u"} | fields)
    assert isinstance(found, Question)
    return found


def quoting(**fields: Any) -> str | None:
    found = schemas.parse({"id": f"{HOST}/n/1", "type": "Note", "attributedTo": f"{HOST}/u"} | fields)
    assert isinstance(found, Statement)
    return found.quoted


def option(name: object, votes: object) -> dict[str, Any]:
    return {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": votes}}


def test_a_moment_of_an_event_keeps_the_clock_of_its_place() -> None:
    found = event(startTime="2026-11-14T14:00:00+01:00", endTime="2026-11-14T18:00:00.000Z", timezone="Europe/Vienna")
    assert found.start_time is not None and found.start_time.hour == 14
    assert found.start_time.utcoffset() == timedelta(hours=1)
    assert found.shown_end == datetime(2026, 11, 14, 18, tzinfo=UTC)
    written = schemas.serialise(found)
    assert (written["startTime"], written["endTime"]) == ("2026-11-14T14:00:00+01:00", "2026-11-14T18:00:00Z")


@pytest.mark.parametrize(
    ("begins", "ends", "display"),
    [
        ("2026-11-14T14:00:00Z", "2026-11-14T18:00:00Z", False),  # an open end
        ("2026-11-14T14:00:00Z", "2026-11-14T13:00:00Z", None),  # over before it begins
        ("2026-11-14T14:00:00Z", None, True),
    ],
)
def test_an_end_that_is_open_or_absurd_is_not_shown(begins: str, ends: str | None, display: bool | None) -> None:
    assert event(startTime=begins, endTime=ends, displayEndTime=display).shown_end is None


@pytest.mark.parametrize("absurd", ["yesterday", "2026-13-41T25:61:00Z", 7, [], {}, "0000-00-00T00:00:00Z"])
def test_an_event_without_a_usable_time_is_still_a_text(absurd: object) -> None:
    assert event(startTime=absurd).start_time is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"eventStatus": "EventCancelled"}, "EventCancelled"),
        ({"eventStatus": "https://schema.org/EventPostponed"}, "EventPostponed"),
        ({"eventStatus": "schema:EventMovedOnline"}, "EventMovedOnline"),
        ({"status": "TENTATIVE"}, "EventTentative"),  # Mobilizon, WordPress
        ({"ical:status": "CANCELLED"}, "EventCancelled"),
        ({"ical:status": "CONFIRMED"}, "EventScheduled"),
        ({"eventStatus": "EventOfTheYear"}, None),
        ({"eventStatus": 7}, None),
    ],
)
def test_the_status_of_an_event_has_one_name(said: dict[str, object], meant: str | None) -> None:
    assert event(**said).status == meant


@pytest.mark.parametrize(
    ("location", "venues"),
    [
        ({"type": "Place", "name": "Gate"}, (Venue(name="Gate"),)),
        ({"type": "Place", "content": "Gate"}, (Venue(name="Gate"),)),  # Hubzilla
        ({"type": "Place", "address": "Ring 12"}, (Venue(address=Address(street="Ring 12")),)),
        ({"type": "PostalAddress", "addressCountry": "IT"}, (Venue(address=Address(country="IT")),)),
        ("At the gate", (Venue(name="At the gate"),)),
        (
            [
                {"type": "Place", "id": "", "name": "Hall", "latitude": 91, "longitude": None},
                {"type": "VirtualLocation", "url": "https://meet.example/1"},
                7,
            ],
            (Venue(name="Hall"), Venue(type="VirtualLocation", url="https://meet.example/1")),
        ),
        (None, ()),
        ([[[]]], ()),
    ],
)
def test_a_place_is_read_in_every_form_it_is_sent_in(location: object, venues: tuple[Venue, ...]) -> None:
    assert event(location=location).venues == venues


def test_an_address_stands_from_the_small_to_the_large() -> None:
    whole = {"streetAddress": "Ring 12", "postalCode": "1210", "addressLocality": "Vienna", "addressCountry": None}
    found = event(location={"type": "Place", "address": {"type": "PostalAddress"} | whole}).venues[0]
    assert found.address is not None and found.address.lines == ("Ring 12", "1210 Vienna")


@pytest.mark.parametrize(
    "organizers",
    [
        {"type": "Collection", "items": [f"{HOST}/a", {"type": "Group", "id": f"{HOST}/b"}, {"type": "Person"}]},
        {"type": "OrganizersCollection", "id": f"{HOST}/o", "first": {"items": [f"{HOST}/a", f"{HOST}/b"]}},
        [f"{HOST}/a", {"type": "Link", "href": f"{HOST}/b"}],
    ],
)
def test_organizers_stand_in_a_collection_or_a_list(organizers: object) -> None:
    assert event(organizers=organizers).organizers == (f"{HOST}/a", f"{HOST}/b")


@pytest.mark.parametrize("nobody", [None, [], {"totalItems": 0}, {"id": f"{HOST}/o"}, {"items": {"items": {}}}, "x"])
def test_organizers_that_are_not_told_are_nobody(nobody: object) -> None:
    found = event(organizers=nobody).organizers
    assert found in ((), (f"{HOST}/o",))


def test_a_poll_is_read_with_its_counts() -> None:
    found = question(oneOf=[option("Yes", 3), option("No", 1)], endTime="2026-11-08T12:00:00Z", votersCount=4)
    assert found.options == (Option(name="Yes", votes=3), Option(name="No", votes=1))
    assert (found.voters, found.ends) == (4, datetime(2026, 11, 8, 12, tzinfo=UTC))
    assert question(anyOf=[option("A", 0)], closed="2026-11-08T12:00:00Z").ends is not None


@pytest.mark.parametrize("votes", [-1, "many", None, 2**60, 1.5, True])
def test_a_count_that_is_none_is_not_known(votes: object) -> None:
    assert question(oneOf=[option("Yes", votes)]).options == (Option(name="Yes"),)


def test_an_option_that_cannot_be_read_is_not_there() -> None:
    found = question(oneOf=[option("Yes", 1), option("", 1), option(7, 1), "No", None], closed=True, votersCount=-3)
    assert found.options == (Option(name="Yes", votes=1),)
    assert (found.ends, found.voters) == (None, None)
    assert question(oneOf="Yes").options == question().options == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"quote": f"{HOST}/x"},
        {"quoteUrl": f"{HOST}/x"},
        {"quoteUri": f"{HOST}/x"},
        {"_misskey_quote": f"{HOST}/x"},
        {"tag": [{"type": "Link", "rel": "https://misskey-hub.net/ns#_misskey_quote", "href": f"{HOST}/x"}]},
    ],
)
def test_a_quote_is_known_by_each_of_its_names(fields: dict[str, Any]) -> None:
    assert quoting(**fields) == f"{HOST}/x"


def test_a_link_that_is_for_something_else_is_no_quote() -> None:
    assert quoting(tag=[{"type": "Link", "href": f"{HOST}/x"}, {"type": "Mention", "href": f"{HOST}/u"}]) is None


def test_a_stamp_names_both_texts_and_who_allows_it() -> None:
    stamp = {
        "id": f"{HOST}/stamps/1",
        "type": "QuoteAuthorization",
        "attributedTo": f"{HOST}/u",
        "interactingObject": "https://b.example/n/1",
        "interactionTarget": {"id": f"{HOST}/n/1", "type": "Note"},
    }
    found = schemas.parse(stamp)
    assert isinstance(found, QuoteAuthorization) and found.interaction_target == f"{HOST}/n/1"
    for name in ("attributedTo", "interactingObject", "interactionTarget"):
        with pytest.raises(Malformed, match="is missing"):
            schemas.parse({key: value for key, value in stamp.items() if key != name})
