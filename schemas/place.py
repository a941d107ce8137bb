"""Where something happens: an ActivityStreams Place, as exact as is safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas import codes, fields, reading
from schemas.fields import wire, wire_value
from schemas.kinds import TEXT, TEXT_MAP, TYPE_NAME, code, number
from schemas.reading import Malformed


def _read_country(value: Any) -> str:
    found = reading.text(value)
    if len(found) != 2 or not found.isascii() or not found.isalpha() or not found.isupper():
        raise Malformed("", "must be an ISO 3166-1 alpha-2 code such as IN")
    return found


_COUNTRY = fields.Kind("country", _read_country, _read_country, {"type": "string", "pattern": "^[A-Z]{2}$"})


@wire_value()
class Place:
    """Where. As exact as is safe: with a radius a point means anywhere within it. Activity Vocabulary, Place."""

    type: str = wire(TYPE_NAME, "type", default="Place", doc="Place.")
    name: str | None = wire(TEXT, "name", default=None, doc="As people there call it.")
    name_map: Mapping[str, str] = wire(
        TEXT_MAP, "nameMap", default={}, lenient=True, doc="What it is called in several languages."
    )
    indigenous_name: str | None = wire(
        TEXT, "indigenousName", default=None, lenient=True, doc="What those call it to whom the land belongs."
    )
    country: str | None = wire(_COUNTRY, "country", default=None, doc="ISO 3166-1 alpha-2.")
    region: str | None = wire(TEXT, "region", default=None, doc="ISO 3166-2 where there is one, else a name.")
    locality: str | None = wire(TEXT, "locality", default=None, doc="Town, village or quarter.")
    latitude: int | float | None = wire(number(-90, 90), "latitude", default=None, doc="Degrees, WGS 84.")
    longitude: int | float | None = wire(number(-180, 180), "longitude", default=None, doc="Degrees, WGS 84.")
    radius: int | float | None = wire(number(0), "radius", default=None, doc="Metres.")
    units: str | None = wire(TEXT, "units", default=None, doc="Of the radius: m, also when left out.")
    precision: str | None = wire(
        code(codes.PLACE_PRECISIONS), "precision", default=None, doc="How exactly the place is told."
    )

    def __post_init__(self) -> None:
        if (self.latitude is None) != (self.longitude is None):
            raise Malformed("latitude", "needs a longitude, and the other way round")
