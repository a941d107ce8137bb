"""Counts as tables write them: a number, a range, a band, or the reason why there is none. Pure.

A single number is read as `cells` reads numbers: with separators between thousands it could mean two things, and is
refused unless the mapping says what separates thousands. The bounds of a band (“1,000+”, “100–500”) are round numbers
by nature, so there three digits behind a separator are always thousands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from node.reports.imports import cells
from node.reports.imports.fields import FRACTIONS, MEASURES
from schemas import codes
from schemas.measure import Measure

if TYPE_CHECKING:
    from node.reports.imports.drafts import Given

Number = int | float

_RANGE = re.compile(r"(?P<low>\d[\d.,'’\s]*?)\s*(?:[-‐‑‒–—]|\.\.+|…)\s*(?P<high>\d[\d.,'’\s]*)\Z")
_OPEN = re.compile(r"(?:(?P<sign><=|>=|[<>≤≥~≈])\s*(?P<bound>\d[\d.,'’\s]*)|(?P<least>\d[\d.,'’\s]*?)\s*\+)\Z")
_THOUSANDS = re.compile(r"\d{1,3}([.,'’\s])\d{3}(?:\1\d{3})*\Z")


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a cell says: a value, or a lower or upper bound or both, or why there is none; and how exactly."""

    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    precision: str | None = None
    absent: str | None = None


def quantity(cell: str, *, fractions: bool = False, thousands: str = "") -> Quantity:
    """“27”, “100–500”, “1,000+”, “<50”, “≥ 200”, “~500”, “unknown”. Raises Unreadable.

    `fractions`: whether it is measured and not counted; “<50” of what is counted means 49 at most.
    """
    if cell.casefold().replace(" ", "-") in codes.ABSENCES:
        return Quantity(absent=cells.code(cell, codes.ABSENCES))
    bound = partial(_bound, fractions=fractions, thousands=thousands)
    if found := _RANGE.match(cell):
        low, high = bound(found["low"]), bound(found["high"])
        if high < low:
            raise cells.Unreadable("The range is upside down: write the smaller number first, such as 100-500")
        return Quantity(low=low, high=high, precision="band")
    if found := _OPEN.match(cell):
        return _open(found["sign"] or ">=", bound(found["bound"] or found["least"]), step=0 if fractions else 1)
    return Quantity(value=_number(cell.replace(thousands, "") if _grouped(cell, thousands) else cell, fractions))


def _open(sign: str, bound: Number, *, step: int) -> Quantity:
    if sign in "~≈":
        return Quantity(value=bound, precision="estimate")
    if sign == ">":
        return Quantity(low=bound + step, precision="band")
    if sign == "<" and bound < step:
        raise cells.Unreadable("Nothing can be less than none: leave it empty if the number is not known")
    if sign == "<":
        return Quantity(high=bound - step, precision="band")
    return Quantity(low=bound, precision="band") if sign in (">=", "≥") else Quantity(high=bound, precision="band")


def _bound(text: str, *, fractions: bool, thousands: str) -> Number:
    text = text.strip()
    found = _THOUSANDS.match(text)
    # 2.500 hectares may be two and a half: there the mapping has to say that it is not.
    if found is not None and (not fractions or found[1] == thousands):
        text = text.replace(found[1], "")
    return _number(text, fractions)


def _grouped(cell: str, thousands: str) -> bool:
    found = _THOUSANDS.match(cell) if thousands else None
    return found is not None and found[1] == thousands


def _number(text: str, fractions: bool) -> Number:
    return cells.number(text) if fractions else cells.whole_number(text)


def measures(given: Given) -> tuple[Measure, ...]:
    """Every measure that the row gives, with whose figure it is, how it was counted, and whether it was computed."""
    mapping = given.mapping
    basis = given.read("measure_basis", _code(codes.MEASURE_BASES)) or "imported"
    precision = given.read("measure_precision", _code(codes.PRECISIONS))
    computed = given.several("computed", _code(codes.MEASURES))
    found = []
    for field, code in MEASURES.items():
        if field not in mapping.columns and field not in mapping.constants:
            continue
        read = given.read(field, partial(quantity, fractions=code in FRACTIONS, thousands=mapping.thousands))
        if read is None:
            continue
        unit = given.needed("currency", cells.currency) if codes.MEASURE_UNITS[code] == "currency" else None
        found.append(
            Measure(
                measure=code,
                value=read.value,
                low=read.low,
                high=read.high,
                unit=unit,
                basis=None if read.absent else basis,
                precision=None if read.absent else read.precision or precision,
                computed=True if code in computed else None,
                absent=read.absent,
            )
        )
    return tuple(found)


def _code(known: Mapping[str, str]) -> partial[str]:
    return partial(cells.code, codes=known)
