"""One cell -> one typed value, or `Unreadable` with a sentence for whoever filled the table.

Nothing is guessed: a number that can be read two ways, or a day that may be a month, is refused and shown.
"""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime

from node.reports.imports import countries, regions, sectors
from schemas import classifications, reading
from schemas.partial_date import PartialDate
from schemas.reading import Malformed
from schemas.struggle_report import Sector

LIMIT_CHARACTERS = 500
LIMIT_PROSE_CHARACTERS = 5_000

_SCHEMES = {
    "isic4": "ISIC Rev. 4: write a section letter (A to U) or two to four digits",
    "naics": "NAICS 2022: write two to six digits",
    "nace2": "NACE Rev. 2: write a section letter (A to U), or digits such as 62 or 62.01",
}
_TOO_LARGE = "The number is too large to be true"

_MIDNIGHT = re.compile(r"[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?\Z")
_NUMBER = re.compile(r"(\d{1,16})(?:\.(\d+))?\Z")
_DEGREES = re.compile(r"[+-]?\d{1,3}(\.\d{1,15})?\Z")
_TWO_NUMBERS = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\Z")
_BOTH_PLACES = re.compile(r"(?P<locality>.*?)[\s,]*,\s*(?P<region>[A-Z0-9]{1,3})?\Z", re.DOTALL)


class Unreadable(ValueError):
    """The cell cannot be read as what its field needs; `str()` is the sentence that says why and what to write."""


def text(cell: str) -> str:
    """One line of text, its white space made single. Refuses control characters and more than 500 characters."""
    found = cell if cell.isprintable() and "  " not in cell else " ".join(cell.split())
    return _checked(found, LIMIT_CHARACTERS)


def prose(cell: str) -> str:
    """Text whose line breaks are kept. Refuses control characters and more than 5,000 characters."""
    lines = (" ".join(line.split()) for line in cell.splitlines())
    return _checked("\n".join(lines), LIMIT_PROSE_CHARACTERS, and_also="\n")


def _checked(found: str, limit_characters: int, and_also: str = "") -> str:
    if not found.isprintable():
        strange = (character for character in found if unicodedata.category(character) in ("Cc", "Cs"))
        if any(character not in and_also for character in strange):
            raise Unreadable("It holds an invisible control character: type it anew")
    if len(found) > limit_characters:
        raise Unreadable(f"It is longer than {limit_characters:,} characters: shorten it")
    return found


@functools.lru_cache(maxsize=4_096)
def partial_date(cell: str, formats: tuple[str, ...] = ()) -> PartialDate:
    """YYYY-MM-DD, YYYY-MM or YYYY, a moment (its day is taken), or one of the `formats` of strptime."""
    try:
        return PartialDate.read(_MIDNIGHT.sub("", cell))
    except Malformed as error:
        why = error.why
    for form in formats:
        try:
            return PartialDate.of(datetime.strptime(cell, form).date())
        except ValueError:
            continue
    if _TWO_NUMBERS.match(cell):
        raise Unreadable("It can be read in more than one way: write the date as 2021-04-03, year first")
    if why.startswith("must be"):
        raise Unreadable("It is not a date: write 2021-04-03, or 2021-04 or 2021 if no more is known")
    raise Unreadable("There is no such date in the calendar")


def day(cell: str, formats: tuple[str, ...] = ()) -> date:
    """A whole date."""
    found = partial_date(cell, formats)
    if found.day is None:
        raise Unreadable("It needs the day too: write the date as 2021-04-03")
    return found.latest


def whole_number(cell: str) -> int:
    """Zero or more. 27.0 is 27, as programs write it; 27.500 could be a number of thousands and is refused."""
    found = _NUMBER.match(cell)
    if found is None or len(found[2] or "") > 2:
        raise Unreadable(_not_a_number(cell))
    if (found[2] or "").strip("0"):
        raise Unreadable("It is counted in whole numbers: write it without a fraction")
    return _bounded(int(found[1]))


def number(cell: str) -> int | float:
    """Zero or more, with a decimal point if need be; a fraction of exactly three digits is refused as above."""
    found = _NUMBER.match(cell)
    if found is None or len(found[2] or "") == 3:
        raise Unreadable(_not_a_number(cell))
    value = float(cell)
    return _bounded(int(value)) if value.is_integer() else value


def _bounded(value: int) -> int:
    if value > reading.MAX_INTEGER:
        raise Unreadable(_TOO_LARGE)
    return value


def _not_a_number(cell: str) -> str:
    if cell.isdecimal():
        return _TOO_LARGE
    if cell.startswith("-") and _NUMBER.match(cell[1:]):
        return "It is below zero: leave it empty if the number is not known"
    if re.fullmatch(r"[\d.,'’\s]+", cell):
        return "It can be read in more than one way: write the number without separators between thousands"
    return "It is not a number: write digits only, and leave it empty if the number is not known"


def degrees(cell: str, limit: int) -> float:
    """Decimal degrees from -limit to limit."""
    if not _DEGREES.match(cell):
        raise Unreadable("It is not a coordinate: write degrees with a decimal point, such as 53.35")
    found = float(cell)
    if not -limit <= found <= limit:
        raise Unreadable(f"It must lie between -{limit} and {limit} degrees")
    return found


def point(cell: str) -> tuple[float, float]:
    """Degrees north and degrees east in one cell: “40.71, -74.01”."""
    north, comma, east = cell.partition(",")
    if not comma:
        raise Unreadable("It is not a point: write degrees north, a comma, and degrees east, such as 53.35, -6.26")
    return degrees(north.strip(), 90), degrees(east.strip(), 180)


def code(cell: str, codes: Mapping[str, str]) -> str:
    """One of our codes; letter case does not matter, and a space or _ may stand for the hyphen."""
    if cell in codes:
        return cell
    found = re.sub(r"[\s_-]+", "-", cell.casefold())
    if found in codes:
        return found
    close = difflib.get_close_matches(found, codes, n=1)
    hint = f"did you mean {close[0]}?" if close else f"write one of {', '.join(codes)}"
    raise Unreadable(f"This is not one of the words the field knows: {hint}")


def country(cell: str) -> str:
    """A code of ISO 3166-1 alpha-2."""
    found = cell.upper()
    if found in countries.NAMES:
        return found
    if found in countries.OTHERWISE:
        raise Unreadable(f"The code of this country is {countries.OTHERWISE[found]}")
    raise Unreadable("It is not the two-letter code of a country: write ES for Spain, IN for India (ISO 3166-1)")


@functools.lru_cache(maxsize=512)
def currency(cell: str) -> str:
    """A code of ISO 4217."""
    from babel.numbers import list_currencies  # lists for every language, read when there is money to count

    found = cell.upper()
    if found in list_currencies():
        return found
    raise Unreadable("There is no such currency: write its three letters, such as EUR, INR or BRL (ISO 4217)")


def address(cell: str) -> str:
    """A public web address."""
    try:
        return reading.iri(cell)
    except Malformed:
        raise Unreadable("It is not a web address: copy it whole, with https:// in front and no spaces") from None


def language(cell: str) -> str:
    """A language tag in the shape of BCP 47."""
    try:
        return reading.language(cell)
    except Malformed:
        raise Unreadable("It is not a language tag: write en, es or pt-BR") from None


def sector(cell: str, scheme: str = sectors.SCHEME) -> Sector:
    """A code of ISIC Rev. 4, NAICS or NACE Rev. 2."""
    found = sectors.of_scheme(cell, scheme)
    if found is None:
        coarser = classifications.longest(scheme, cell)
        hint = f", or {coarser}, as far as it is one" if coarser else ""
        raise Unreadable(f"It is not a code of {_SCHEMES[scheme]}{hint}")
    return found


@functools.lru_cache(maxsize=4_096)
def locality_and_region(cell: str, country: str | None) -> tuple[str, str | None]:
    """“Newark, NJ” -> ("Newark", "US-NJ"); a cell without a region code is a locality, which may be empty."""
    found = _BOTH_PLACES.match(cell)
    locality = text(found["locality"] if found else cell)
    region = found["region"] if found else None
    return locality, f"{country}-{region}" if region and country else region


def region(cell: str) -> str:
    """A code of ISO 3166-2 in its usual spelling, or a name."""
    found = text(cell)
    return found.upper() if regions.SHAPE.fullmatch(found.upper()) else found


def region_of(found: str | None, country: str | None) -> str | None:
    """A region, if there is one of that code, and it is of that country."""
    why_not = regions.fault(found, country)
    if why_not is not None:
        raise Unreadable(f"{why_not}: write a code of ISO 3166-2, such as US-NJ, or a name")
    return found
