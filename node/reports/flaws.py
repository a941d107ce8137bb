"""What another's report breaks a rule with: it is kept as it came, shown as text, and stands in no figure. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from federation.errors import Malformed
from node.reports.imports import countries, sectors
from schemas import codes, struggle_report
from schemas.struggle_report import StruggleReport

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
    if report.location and report.location.country and report.location.country not in countries.NAMES:
        yield Malformed("location.country", f"{report.location.country!r} is no country of ISO 3166-1")
    if report.sector and report.sector.scheme in codes.SECTOR_SCHEMES and sectors.section(report.sector) is None:
        yield Malformed("sector.code", f"{report.sector.code!r} is no code of {report.sector.scheme}")
    for place, one in enumerate(report.measures):
        if codes.MEASURE_UNITS.get(one.measure) == "currency" and one.absent is None and not is_currency(one.unit):
            yield Malformed(f"measures[{place}].unit", f"{one.unit!r} is no currency of ISO 4217")
    for place, occupation in enumerate(report.occupations):
        if not (occupation.code.isascii() and occupation.code.isdigit() and len(occupation.code) <= 4):
            yield Malformed(f"occupations[{place}].code", f"{occupation.code!r} is no code of ISCO-08")


def is_currency(code: str | None) -> bool:
    """Whether there is, or was, a currency of that code of three letters. ISO 4217."""
    return code in _currencies()


@cache
def _currencies() -> frozenset[str]:
    from babel.core import get_global

    return frozenset(get_global("all_currencies"))
