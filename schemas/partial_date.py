"""A date that says no more than is known: a year, a month or a day (reduced-precision ISO 8601)."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from schemas.reading import Malformed

_SHAPE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?\Z")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """`PartialDate(1984)`, `PartialDate(1984, 3)` or `PartialDate(1984, 3, 12)`; years 1..9999.

    Raises Malformed if there is no such date, or a day without a month.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise Malformed("", "has a day without a month")
        try:
            date(self.year, 1 if self.month is None else self.month, 1 if self.day is None else self.day)
        except (ValueError, OverflowError, TypeError):
            raise Malformed("", "is no date that exists") from None

    @classmethod
    def read(cls, value: object, path: str = "") -> PartialDate:
        """From "YYYY", "YYYY-MM" or "YYYY-MM-DD"."""
        found = _SHAPE.match(value) if isinstance(value, str) else None
        if found is None:
            raise Malformed(path, "must be YYYY, YYYY-MM or YYYY-MM-DD")
        year, month, day = (None if part is None else int(part) for part in found.groups())
        assert year is not None
        try:
            return cls(year, month, day)
        except Malformed as error:
            raise Malformed(path, error.sentence, **error.values) from None

    @classmethod
    def of(cls, day: date) -> PartialDate:
        """The date that is known to the day."""
        return cls(day.year, day.month, day.day)

    @property
    def earliest(self) -> date:
        """The first day it can mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day it can mean."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def __str__(self) -> str:
        parts = [f"{self.year:04}"] + [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)
