"""What another's report breaks a rule with: it is kept as it came, shown as text, and stands in no figure. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from federation.errors import Malformed
from node.reports.imports import countries, regions
from schemas import classifications, codes, struggle_report
from schemas.place import Place
from schemas.struggle_report import Occupation, Sector, StruggleReport

SCHEMES = {"isic4": "ISIC Rev. 4", "nace2": "NACE Rev. 2", "naics": "NAICS 2022"}
WORDS_AT_MOST = 1000
"""Characters: a report may be wrong in ten thousand places."""


def left_out(document: dict[str, Any]) -> str | None:
    """Why the report in `document` cannot be counted: the rules that it breaks; None if it can be.

    Raises Malformed where it is no statement.
    """
    words = "; ".join(str(flaw) for flaw in found(document))
    return words[:WORDS_AT_MOST] or None


def found(document: dict[str, Any]) -> tuple[Malformed, ...]:
    """Each rule that the report breaks, with the path of the value at fault."""
    return struggle_report.flaws(document) + tuple(_unknown(struggle_report.read(document)))


def _unknown(report: StruggleReport) -> Iterator[Malformed]:
    """What is in public code lists that are not of our vocabulary."""
    yield from unknown_places(report.location)
    yield from unknown_sectors(report.sector)
    for place, one in enumerate(report.measures):
        if codes.MEASURE_UNITS.get(one.measure) == "currency" and one.absent is None and not is_currency(one.unit):
            yield Malformed(f"measures[{place}].unit", "{value!r} is no currency of ISO 4217", value=one.unit)
    yield from unknown_occupations(report.occupations)


def unknown_places(place: Place | None) -> Iterator[Malformed]:
    """What is no country, and no region of it."""
    if place is None:
        return
    if place.country and place.country not in countries.NAMES:
        yield Malformed("location.country", "{value!r} is no country of ISO 3166-1", value=place.country)
    elif regions.fault(place.region, place.country):
        yield Malformed("location.region", "{value!r} is no region of it in ISO 3166-2", value=place.region)


def unknown_sectors(sector: Sector | None) -> Iterator[Malformed]:
    """What is no code of its classification; of one that is not ours nothing is said."""
    if sector and sector.scheme in codes.SECTOR_SCHEMES and not classifications.exists(sector.scheme, sector.code):
        scheme = SCHEMES[sector.scheme]
        yield Malformed("sector.code", "{value!r} is no code of {scheme}", value=sector.code, scheme=scheme)


def unknown_occupations(occupations: Iterable[Occupation]) -> Iterator[Malformed]:
    """What is no code of ISCO-08."""
    for place, occupation in enumerate(occupations):
        if not classifications.exists("isco08", occupation.code):
            path, value = f"occupations[{place}].code", occupation.code
            yield Malformed(path, "{value!r} is no code of {scheme}", value=value, scheme="ISCO-08")


def is_currency(code: str | None) -> bool:
    """Whether there is, or was, a currency of that code of three letters. ISO 4217."""
    return code in _currencies()


@cache
def _currencies() -> frozenset[str]:
    from babel.core import get_global

    return frozenset(get_global("all_currencies"))
