"""Take one JSON value, or raise Malformed(path, why).

Every reader here is `reader(value, path="")`: it returns a value of the promised type or raises Malformed,
never another exception, whatever a stranger sent. `loads` does the same for bytes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")

MAX_INTEGER = 2**53
LARGEST_ID = 2**63 - 1
"""Beyond this JavaScript, RFC 8785 and many peers lose digits."""
MAX_IRI = 2048
"""Characters."""
MAX_TYPE_NAME = 100
"""The longest type name that is read, in characters."""
MAX_LIST = 10_000
"""Entries of one list inside an object; collections page long before this."""
MAX_PARTS = 20_000
"""Objects and lists in one document: an empty one is two bytes on the wire, and seventy when it has been read."""

# The host is ASCII only: an internationalised name has one canonical spelling, its punycode, and ids are compared
# as strings. After the host: no controls, spaces, quotes, angle brackets, backslashes, surrogates, nor the invisible
# and direction-changing characters that make one address look like another.
_IRI = re.compile(
    r"[Hh][Tt][Tt][Pp][Ss]?://"
    r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*)"
    r"(?::([0-9]{1,5}))?"
    r"(?:[/?#][^\x00-\x20\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\\\"<>]*)?\Z"
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+\Z")
_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?"
    r" ?(?:([Zz])|([+-])([0-9]{2}):?([0-9]{2}))?\Z"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")
_NUL_OR_SURROGATE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class Malformed(ValueError):
    """A value that cannot be what it should be: never try again, tell the sender.

    `path` names the place ("addressee[0].name"; empty for the whole), `why` ends the sentence: it is `sentence`, which
    can be said in other languages, with its `{places}` filled by `values`.
    """

    def __init__(self, path: str, sentence: str, **values: object) -> None:
        self.path = path
        self.sentence = sentence
        self.values = values
        self.why = sentence.format(**values) if values else sentence
        super().__init__(path, self.why)

    def __str__(self) -> str:
        return f"{self.path}: {self.why}" if self.path else self.why

    def under(self, key: str) -> Malformed:
        """The same refusal, seen from one level further up."""
        if not self.path:
            return Malformed(key, self.sentence, **self.values)
        path = f"{key}{self.path}" if self.path.startswith("[") else f"{key}.{self.path}"
        return Malformed(path, self.sentence, **self.values)


# ---- bytes


def loads(raw: bytes, *, depth: int = 64) -> dict[str, Any]:
    """The JSON object in `raw`, read strictly (RFC 8259 and the I-JSON rules of RFC 7493).

    Raises Malformed for anything but UTF-8, for NaN and infinities, duplicate keys, a top level that is no object,
    nesting deeper than `depth`, more than MAX_PARTS objects and lists (brackets in texts are counted as if they were
    some), lone surrogates and NUL in strings, and integers beyond 2**53.
    """
    return _read(raw, depth, _DECODER)


def loads_with_ids(raw: bytes, *, depth: int = 64) -> dict[str, Any]:
    """As `loads`, but for integers beyond 2**53, up to 64 bits: programs write ids as numbers that are not JSON's."""
    return _read(raw, depth, _DECODER_WITH_IDS)


def _read(raw: bytes, depth: int, decoder: json.JSONDecoder) -> dict[str, Any]:
    brackets = raw.count(b"{") + raw.count(b"[")
    if brackets > MAX_PARTS:
        raise Malformed("", f"has more than {MAX_PARTS} objects and lists")
    try:
        document = decoder.decode(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise Malformed("", "is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Malformed("", f"is not JSON (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise Malformed("", "is nested too deeply") from None
    if not isinstance(document, dict):
        raise Malformed("", "must be a JSON object")
    # Counting brackets is an upper bound of the depth, and escapes are rare: most documents need no walk.
    if brackets > depth or _NUL_OR_SURROGATE.search(raw):
        _walk(document, depth)
    return document


def _walk(document: dict[str, Any], depth: int) -> None:
    level: list[Any] = [document]
    for _ in range(depth):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                for key in value:
                    _check_characters(key, "")
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, str):
                _check_characters(value, "")
        if not below:
            return
        level = below
    if any(isinstance(value, dict | list) for value in level):
        raise Malformed("", "is nested too deeply")
    for value in level:
        if isinstance(value, str):
            _check_characters(value, "")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("", "has a key twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise Malformed("", "has an integer beyond 2**53")
    return int(digits)


def _id(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > LARGEST_ID:
        raise Malformed("", "has an integer beyond 64 bits")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Malformed("", "has a number too large for JSON")
    return number


def _no_constant(name: str) -> NoReturn:
    raise Malformed("", f"has {name}, which is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_no_constant
)


_DECODER_WITH_IDS = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_id, parse_float=_float, parse_constant=_no_constant
)


# ---- text


def _check_characters(value: str, path: str) -> None:
    if "\x00" in value:
        raise Malformed(path, "has a NUL character")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise Malformed(path, "has a lone surrogate") from None


def text(value: object, path: str = "") -> str:
    """A string without NUL and without lone surrogates; it may be empty, and is never trimmed."""
    if not isinstance(value, str):
        raise Malformed(path, "must be text")
    _check_characters(value, path)
    return value


def label(value: object, path: str = "") -> str:
    """Text that says something: not empty, not only white space."""
    found = text(value, path)
    if not found.strip():
        raise Malformed(path, "is empty")
    return found


def language(value: object, path: str = "") -> str:
    """A language tag in the shape of BCP 47."""
    found = text(value, path)
    if not _LANGUAGE.match(found):
        raise Malformed(path, "must be a language tag such as en or pt-BR")
    return found


def language_map(value: object, path: str = "") -> dict[str, str]:
    """Language tag -> text, in the order received. Activity Vocabulary, section 4.7."""
    if not isinstance(value, dict):
        raise Malformed(path, "must be an object of texts by language")
    return {language(key, path): text(item, f"{path}.{key}" if path else str(key)) for key, item in value.items()}


def type_name(value: object, path: str = "") -> str:
    """One type. A one-element list is read as its element, as JSON-LD does; several types are refused."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise Malformed(path, "must be one type name")
    if len(value) > MAX_TYPE_NAME:
        raise Malformed(path, "is longer than {limit} characters", limit=MAX_TYPE_NAME)
    return label(value, path)


def type_of(document: dict[str, Any]) -> str | None:
    """The one type of `document`, or None if it has none that can be read."""
    try:
        return type_name(document.get("type"))
    except Malformed:
        return None


# ---- addresses


def iri(value: object, path: str = "") -> str:
    """An absolute http or https IRI with a host: no user info, no controls, at most 2,048 characters.

    It may be an address inside our own network: what is dialled is the client's concern.
    """
    if not isinstance(value, str):
        raise Malformed(path, "must be an IRI")
    if len(value) > MAX_IRI:
        raise Malformed(path, "is longer than {limit} characters", limit=MAX_IRI)
    found = _IRI.match(value)
    if found is None or (found[1] and int(found[1]) > 65535):
        raise Malformed(path, "must be an absolute http(s) IRI")
    return value


def uri(value: object, path: str = "") -> str:
    """A name that is a URI of any scheme (urn:uuid:..., did:...), to be compared and never dialled. RFC 3986."""
    if not isinstance(value, str) or len(value) > MAX_IRI or not _URI.match(value):
        raise Malformed(path, "must be a URI")
    return value


def reference(value: object, path: str = "") -> str:
    """An IRI, given as such or as an object that has it as `id`."""
    if isinstance(value, dict):
        return iri(value.get("id"), f"{path}.id" if path else "id")
    return iri(value, path)


def one_or_many(value: object, path: str = "") -> list[Any]:
    """A list of values; a single one is a list of one, null is none. Raises Malformed beyond 10,000."""
    if value is None:
        return []
    if not isinstance(value, list):
        return [value]
    if len(value) > MAX_LIST:
        raise Malformed(path, "has more than {limit} entries", limit=MAX_LIST)
    return value


def iris(value: object, path: str = "") -> tuple[str, ...]:
    """Every IRI of one or many references; each must be one."""
    return tuple(reference(item, f"{path}[{index}]") for index, item in enumerate(one_or_many(value, path)))


def usable(value: object, read: Callable[[Any], T], path: str = "") -> tuple[T, ...]:
    """What `read` can read of one or many values, the rest left out."""
    found = []
    for item in one_or_many(value, path):
        try:
            found.append(read(item))
        except Malformed:
            continue
    return tuple(found)


# ---- numbers, truth, time


def integer(value: object, path: str = "") -> int:
    """A whole number up to 2**53 either way; 3.0 is 3, as JSON has one kind of number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(path, "must be a whole number")
    if abs(value) > MAX_INTEGER:
        raise Malformed(path, "is beyond 2**53")
    return value


def count(value: object, path: str = "") -> int:
    """A whole number, zero or more."""
    found = integer(value, path)
    if found < 0:
        raise Malformed(path, "must not be negative")
    return found


def number(value: object, path: str = "") -> int | float:
    """A finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Malformed(path, "must be a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise Malformed(path, "must be finite")
    if abs(value) > MAX_INTEGER:
        raise Malformed(path, "is beyond 2**53")
    return value


def boolean(value: object, path: str = "") -> bool:
    """true or false, nothing that resembles them."""
    if not isinstance(value, bool):
        raise Malformed(path, "must be true or false")
    return value


def moment(value: object, path: str = "") -> datetime:
    """An aware UTC datetime from xsd:dateTime.

    Seconds may be missing, the fraction is cut to microseconds, no zone means UTC, a leap second is the one before.
    """
    try:
        return wall_moment(value, path).astimezone(UTC)
    except OverflowError:
        raise Malformed(path, "is no moment that exists") from None


def wall_moment(value: object, path: str = "") -> datetime:
    """As `moment`, with the offset that it was written with."""
    found = _MOMENT.match(value) if isinstance(value, str) else None
    if found is None:
        raise Malformed(path, "must be a moment such as 2026-01-31T12:00:00Z")
    year, month, day, hour, minute, second, fraction, _, sign, zone_hours, zone_minutes = found.groups()
    micros = int(fraction[:6].ljust(6, "0")) if fraction else 0
    try:
        zone: timezone = UTC
        if sign:
            offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
            zone = timezone(-offset if sign == "-" else offset)
        return datetime(
            int(year), int(month), int(day), int(hour), int(minute), min(int(second or 0), 59), micros, zone
        )
    except (ValueError, OverflowError):
        raise Malformed(path, "is no moment that exists") from None


def day(value: object, path: str = "") -> date:
    """A calendar day, YYYY-MM-DD."""
    if not isinstance(value, str) or not _DAY.match(value):
        raise Malformed(path, "must be a day such as 2026-01-31")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Malformed(path, "is no day that exists") from None
