"""The kinds of field that wire values are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from schemas import reading
from schemas.context import PUBLIC, PUBLIC_SPELLINGS
from schemas.fields import Kind, object_schema, parse, serialise
from schemas.partial_date import PartialDate
from schemas.reading import Malformed

T = TypeVar("T")

_IRI_SCHEMA = {"type": "string", "format": "iri", "pattern": "^https?://"}


def _write_moment(value: datetime) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Malformed("", "must be an aware datetime")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _write_wall_moment(value: datetime) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Malformed("", "must be an aware datetime")
    return value.isoformat(timespec="seconds").replace("+00:00", "Z")


def _write_day(value: date) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Malformed("", "must be a date")
    return value.isoformat()


def _plain(value: Any) -> str:
    # Some peers send only the map (nameMap, contentMap), and read through an alias it stands for the text itself.
    if isinstance(value, dict):
        value = next(iter(reading.language_map(value).values()), None)
    return reading.text(value)


def _link(value: Any) -> str:
    """Of one or many addresses and Links the first that is a page: text/html, else a plain address, else any."""
    candidates = reading.one_or_many(value)
    pages = [item for item in candidates if isinstance(item, dict) and item.get("mediaType") == "text/html"]
    plain = [item for item in candidates if isinstance(item, str)]
    found = reading.usable([*pages, *plain, *candidates], _address)
    if not found:
        raise Malformed("", "has no http(s) address")
    return found[0]


def _address(value: Any) -> str:
    """An address, or the `href` of a Link, or the `url` of an object, which may be a Link again."""
    for _ in range(2):
        if isinstance(value, dict):
            value = value.get("href") or value.get("url")
        value = next(iter(reading.one_or_many(value)), None)
    return reading.iri(value)


def _recipient(value: Any) -> str:
    return PUBLIC if isinstance(value, str) and value in PUBLIC_SPELLINGS else reading.reference(value)


def _audience(value: Any) -> tuple[str, ...]:
    # An entry nobody can read addresses nobody; the others still count.
    if not isinstance(value, str | list | dict):
        raise Malformed("", "must be one or many IRIs")
    return tuple(dict.fromkeys(reading.usable(value, _recipient)))


def _first_reference(value: Any) -> str:
    found = reading.usable(value, reading.reference)
    if not found:
        raise Malformed("", "has no http(s) IRI")
    return found[0]


def _raw(value: Any) -> str | dict[str, Any]:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return reading.iri(value)
    if not value:
        raise Malformed("", "is an empty object")
    return value


def _raw_items(value: Any) -> tuple[str | dict[str, Any], ...]:
    return tuple(item for item in reading.one_or_many(value) if isinstance(item, str | dict))


_DURATION = re.compile(
    r"^P(?:([0-9]{1,6})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?$"
)


def _duration(value: Any) -> float:
    """Seconds, from an xsd:duration without years and months, whose length nobody knows (ActivityStreams 2.0 §4)."""
    found = _DURATION.match(value) if isinstance(value, str) else None
    if found is None or not any(found.groups()):
        raise Malformed("", "is not a duration such as PT12.5S")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _write_duration(value: float) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise Malformed("", "must be a number of seconds")
    return f"PT{value:.3f}".rstrip("0").rstrip(".") + "S"


def _focus(value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise Malformed("", "must be two numbers from -1 to 1")
    across, up = (float(reading.number(one)) for one in value)
    if not (-1 <= across <= 1 and -1 <= up <= 1):
        raise Malformed("", "must be two numbers from -1 to 1")
    return across, up


TEXT = Kind("text", reading.text, reading.text, {"type": "string"})
LABEL = Kind("text", reading.label, reading.label, {"type": "string", "minLength": 1})
PLAIN = Kind("text", _plain, reading.text, {"type": "string"})
HTML = Kind("HTML", _plain, reading.text, {"type": "string", "contentMediaType": "text/html"})
TYPE_NAME = Kind(
    "type name",
    reading.type_name,
    reading.label,
    {"type": "string", "minLength": 1, "maxLength": reading.MAX_TYPE_NAME},
)
LANGUAGE = Kind("language tag", reading.language, reading.language, {"type": "string"})
TEXT_MAP: Kind[Mapping[str, str]] = Kind(
    "texts by language",
    reading.language_map,
    reading.language_map,
    {"type": "object", "additionalProperties": {"type": "string"}},
)
IRI = Kind("IRI", reading.iri, reading.iri, _IRI_SCHEMA)
URI = Kind("URI", reading.uri, reading.uri, {"type": "string", "format": "uri"})
REFERENCE = Kind("IRI", reading.reference, reading.iri, _IRI_SCHEMA)
FIRST_REFERENCE = Kind("IRI", _first_reference, reading.iri, _IRI_SCHEMA)
LINK = Kind("IRI", _link, reading.iri, _IRI_SCHEMA)
AUDIENCE: Kind[tuple[str, ...]] = Kind(
    "list of IRI", _audience, lambda found: [*map(reading.iri, found)], {"type": "array", "items": _IRI_SCHEMA}
)
RAW: Kind[str | dict[str, Any]] = Kind("IRI or object", _raw, _raw, {"anyOf": [_IRI_SCHEMA, {"type": "object"}]})
RAW_ITEMS: Kind[tuple[str | dict[str, Any], ...]] = Kind(
    "list of IRI or object", _raw_items, list, {"type": "array", "items": {"type": ["string", "object"]}}
)
COUNT = Kind("whole number", reading.count, reading.count, {"type": "integer", "minimum": 0})
DURATION = Kind(
    "seconds",
    _duration,
    _write_duration,
    {"type": "string", "format": "duration", "pattern": _DURATION.pattern},
)
FOCUS = Kind(
    "two numbers from -1 to 1",
    _focus,
    lambda found: [*_focus([*found])],
    {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number", "minimum": -1, "maximum": 1}},
)
BOOLEAN = Kind("true or false", reading.boolean, reading.boolean, {"type": "boolean"})
MOMENT = Kind("moment", reading.moment, _write_moment, {"type": "string", "format": "date-time"})
WALL_MOMENT = Kind(
    "moment with its offset", reading.wall_moment, _write_wall_moment, {"type": "string", "format": "date-time"}
)
DAY = Kind("day", reading.day, _write_day, {"type": "string", "format": "date"})
PARTIAL_DATE: Kind[PartialDate] = Kind(
    "day, month or year",
    PartialDate.read,
    lambda found: str(PartialDate.read(str(found))),
    {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"},
)


def number(low: float | None = None, high: float | None = None) -> Kind[int | float]:
    """A finite number within the bounds, both included."""

    def read(value: Any) -> int | float:
        found = reading.number(value)
        if (low is not None and found < low) or (high is not None and found > high):
            raise Malformed("", f"must be {sentence}", **limits)
        return found

    limits = {key: bound for key, bound in (("minimum", low), ("maximum", high)) if bound is not None}
    sentence = " and ".join(f"{'at least' if key == 'minimum' else 'at most'} {{{key}}}" for key in limits)
    return Kind("number", read, read, {"type": "number", **limits})


def short(limit: int) -> Kind[str]:
    """Text of at most `limit` characters."""

    def read(value: Any) -> str:
        found = reading.text(value)
        if len(found) > limit:
            raise Malformed("", "is longer than {limit} characters", limit=limit)
        return found

    return Kind("text", read, read, {"type": "string", "maxLength": limit})


def names(*allowed: str) -> Kind[str]:
    """One of these type names, read and written."""

    def read(value: Any) -> str:
        found = reading.type_name(value)
        if found not in allowed:
            raise Malformed("", "must be one of {codes}", codes=", ".join(allowed))
        return found

    return Kind("type name", read, read, {"type": "string", "enum": list(allowed)})


def code(codes: Mapping[str, str]) -> Kind[str]:
    """One of `codes`. A code we do not know is kept when read and refused when written."""

    def write(value: str) -> str:
        if value not in codes:
            raise Malformed("", "{value!r} is not one of {codes}", value=value, codes=", ".join(codes))
        return value

    return Kind("code", reading.label, write, {"type": "string", "enum": list(codes)}, codes=codes)


def many(kind: Kind[T], *, skip_unreadable: bool = False, unwrap_one: bool = False) -> Kind[tuple[T, ...]]:
    """One or many of `kind`, written as a list.

    With `skip_unreadable` an entry of unusable shape counts as absent; with `unwrap_one` a single one is written bare.
    """

    def read(value: Any) -> tuple[T, ...]:
        if skip_unreadable:
            return reading.usable(value, kind.read)
        return tuple(_nth(kind.read, index, item) for index, item in enumerate(reading.one_or_many(value)))

    def write(found: tuple[T, ...]) -> Any:
        written = [_nth(kind.write, index, item) for index, item in enumerate(found)]
        return written[0] if unwrap_one and len(written) == 1 else written

    listed = {"type": "array", "items": dict(kind.schema)}
    schema = {"anyOf": [kind.schema, listed]} if unwrap_one else listed
    return Kind(f"list of {kind.name}", read, write, schema, kind.value, kind.codes)


def _nth(do: Any, index: int, item: Any) -> Any:
    try:
        return do(item)
    except Malformed as error:
        raise error.under(f"[{index}]") from None


def nested(cls: type[T], *, first_of_list: bool = False) -> Kind[T]:
    """A wire value inside another; with `first_of_list` the first of a list will do."""

    def read(value: Any) -> T:
        if first_of_list and isinstance(value, list) and value:
            value = value[0]
        return parse(cls, value)

    def write(value: T) -> dict[str, Any]:
        if type(value) is not cls:
            raise Malformed("", f"must be a {cls.__name__}")
        return serialise(value)

    return Kind(cls.__name__, read, write, object_schema(cls), cls)
