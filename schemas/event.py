"""An event: something planned, with a time and a place. FEP-8a8e; Activity Vocabulary, Event.

It is a statement with more fields. A moment keeps the offset that it was written with, because people go by the clock
on the wall; `timezone` names the place of that clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from schemas import codes, fields, reading
from schemas.context import EVENT_CONTEXT
from schemas.fields import Kind, wire, wire_value
from schemas.kinds import (
    BOOLEAN,
    COUNT,
    LINK,
    TEXT,
    TYPE_NAME,
    URI,
    WALL_MOMENT,
    many,
    names,
    nested,
    number,
    short,
)
from schemas.reading import Malformed
from schemas.statement import Statement

TYPES: Final = ("Event",)
VIRTUAL: Final = "VirtualLocation"


@wire_value()
class Address:
    """A postal address. schema.org PostalAddress."""

    type: str = wire(TYPE_NAME, "type", default="PostalAddress", doc="PostalAddress.")
    street: str | None = wire(TEXT, "streetAddress", default=None, lenient=True, doc="Street and number.")
    postal_code: str | None = wire(TEXT, "postalCode", default=None, lenient=True, doc="As it is written there.")
    locality: str | None = wire(TEXT, "addressLocality", default=None, lenient=True, doc="Town or village.")
    region: str | None = wire(TEXT, "addressRegion", default=None, lenient=True, doc="Province or state.")
    country: str | None = wire(TEXT, "addressCountry", default=None, lenient=True, doc="Its name, or its code.")

    @property
    def lines(self) -> tuple[str, ...]:
        """What there is of it, from the small to the large."""
        town = " ".join(filter(None, [self.postal_code, self.locality]))
        return tuple(filter(None, [self.street, town, self.region, self.country]))


def _read_address(value: Any) -> Address:
    # FEP-8a8e allows one line of text as well.
    return Address(street=reading.label(value)) if isinstance(value, str) else _ADDRESS.read(value)


_ADDRESS: Kind[Address] = nested(Address)
ADDRESS: Kind[Address] = Kind("Address", _read_address, _ADDRESS.write, _ADDRESS.schema, Address)


@wire_value()
class Venue:
    """Where it takes place: a `Place`, or a `VirtualLocation` with its address on the net."""

    type: str = wire(TYPE_NAME, "type", default="Place", doc="Place or VirtualLocation.")
    name: str | None = wire(
        TEXT, "name", default=None, lenient=True, aliases=("content",), doc="As people there call it."
    )
    url: str | None = wire(LINK, "url", default=None, lenient=True, doc="Its page; of a VirtualLocation where to go.")
    address: Address | None = wire(ADDRESS, "address", default=None, lenient=True, doc="Where it stands.")
    latitude: int | float | None = wire(number(-90, 90), "latitude", default=None, lenient=True, doc="Degrees, WGS 84.")
    longitude: int | float | None = wire(
        number(-180, 180), "longitude", default=None, lenient=True, doc="Degrees, WGS 84."
    )

    @property
    def virtual(self) -> bool:
        """Whether it is on the net."""
        return self.type == VIRTUAL


def _read_venue(value: Any) -> Venue:
    if isinstance(value, str):  # not allowed by FEP-8a8e, and sent all the same
        return Venue(name=reading.label(value))
    if isinstance(value, dict) and value.get("type") == "PostalAddress":
        return Venue(address=_ADDRESS.read(value))
    return _VENUE.read(value)


_VENUE: Kind[Venue] = nested(Venue)
VENUE: Kind[Venue] = Kind("Venue", _read_venue, _VENUE.write, _VENUE.schema, Venue)

_SAID_OF_STATUS: Mapping[str, str] = {"CONFIRMED": "EventScheduled"} | {
    name.removeprefix("Event").upper(): name for name in codes.EVENT_STATUSES
}


def _read_status(value: Any) -> str:
    """The name of the FEP, of schema.org (with or without its address) or of iCalendar."""
    found = reading.label(value).rpartition("/")[2].rpartition("#")[2].rpartition(":")[2]
    found = _SAID_OF_STATUS.get(found.upper(), found)
    if found not in codes.EVENT_STATUSES:
        raise Malformed("", f"must be one of {', '.join(codes.EVENT_STATUSES)}")
    return found


STATUS: Kind[str] = Kind(
    "code",
    _read_status,
    _read_status,
    {"type": "string", "enum": list(codes.EVENT_STATUSES)},
    codes=codes.EVENT_STATUSES,
)


def _read_organizers(value: Any) -> tuple[str, ...]:
    """The actors of a Collection, of its first page, or of a plain list; who has no address is left out."""
    for _ in range(2):
        if isinstance(value, dict) and "id" in value and value.get("items") is None and value.get("first") is None:
            break
        if isinstance(value, dict):
            value = value.get("items") or value.get("orderedItems") or value.get("first") or ()
    return reading.usable(list(value) if isinstance(value, tuple) else value, _organizer)


def _organizer(value: Any) -> str:
    if isinstance(value, dict) and value.get("type") == "Link":
        return reading.iri(value.get("href"))
    return reading.reference(value)


def _write_organizers(found: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "Collection", "totalItems": len(found), "items": [reading.iri(one) for one in found]}


ORGANIZERS: Kind[tuple[str, ...]] = Kind(
    "collection of IRI",
    _read_organizers,
    _write_organizers,
    {"type": "object", "properties": {"type": {"enum": ["Collection"]}, "items": {"type": "array"}}},
)


@wire_value(context=EVENT_CONTEXT)
class Event(Statement):
    """A statement that announces an event. Of others one without a time is read too, and is a plain text then."""

    type: str = wire(names(*TYPES), "type", default="Event", required=True, doc="Event.")
    start_time: datetime | None = wire(
        WALL_MOMENT, "startTime", default=None, lenient=True, doc="When it begins, with the offset of the place."
    )
    end_time: datetime | None = wire(
        WALL_MOMENT, "endTime", default=None, lenient=True, doc="When it is over at the latest."
    )
    display_end_time: bool | None = wire(
        BOOLEAN, "displayEndTime", default=None, lenient=True, doc="False if the end is open: endTime is for machines."
    )
    previous_start_time: datetime | None = wire(
        WALL_MOMENT, "previousStartTime", default=None, lenient=True, doc="When it was to begin before it was put off."
    )
    timezone: str | None = wire(short(64), "timezone", default=None, lenient=True, doc="IANA name: Europe/Rome.")
    venues: tuple[Venue, ...] = wire(
        many(VENUE, skip_unreadable=True, unwrap_one=True), "location", default=(), lenient=True,
        doc="Where: places, addresses on the net, or both.",
    )  # fmt: skip
    status: str | None = wire(
        STATUS, "eventStatus", default=None, lenient=True, aliases=("status", "ical:status"),
        doc="Whether it takes place as planned.",
    )  # fmt: skip
    join_mode: str | None = wire(
        short(64), "joinMode", default=None, lenient=True, doc="How to sign up: none, external, free, restricted."
    )
    participation_url: str | None = wire(
        URI, "externalParticipationUrl", default=None, lenient=True, doc="Where to sign up, if joinMode is external."
    )
    organizers: tuple[str, ...] = wire(
        ORGANIZERS, "organizers", default=(), lenient=True, doc="Who prepares it: actors. If absent, its author."
    )
    categories: tuple[str, ...] = wire(
        many(short(64), skip_unreadable=True, unwrap_one=True), "category", default=(), lenient=True,
        doc="From the list of FEP-8a8e, such as MOVEMENTS_POLITICS.",
    )  # fmt: skip
    capacity: int | None = wire(COUNT, "maximumAttendeeCapacity", default=None, lenient=True, doc="How many can come.")

    @property
    def shown_end(self) -> datetime | None:
        """The end, if people are to see it and it is after the beginning."""
        if self.end_time is None or self.display_end_time is False:
            return None
        return None if self.start_time is not None and self.end_time <= self.start_time else self.end_time


def parse(document: object) -> Event:
    """The event in `document`. Raises Malformed."""
    return fields.parse(Event, document)


def serialise(event: Event) -> dict[str, Any]:
    """The JSON object of `event`. Raises Malformed for a status that is not one of ours."""
    return fields.serialise(event)
