"""So much of something: money in a currency, or things by a unit in words."""

from __future__ import annotations

from typing import Any

from schemas import reading
from schemas.fields import Kind, wire, wire_value
from schemas.kinds import TEXT, number
from schemas.reading import Malformed


def _read_currency(value: Any) -> str:
    found = reading.text(value)
    if len(found) != 3 or not found.isascii() or not found.isalpha() or not found.isupper():
        raise Malformed("", "must be an ISO 4217 code such as EUR")
    return found


CURRENCY: Kind[str] = Kind("currency", _read_currency, _read_currency, {"type": "string", "pattern": "^[A-Z]{3}$"})


@wire_value()
class Amount:
    """A sum of money, or a number of things: of `currency` and `unit` exactly one says of what."""

    value: int | float = wire(number(0), "value", doc="How much, or how many.")
    currency: str | None = wire(CURRENCY, "currency", default=None, doc="Of money: ISO 4217.")
    unit: str | None = wire(TEXT, "unit", default=None, doc="Of anything else: what one of it is, in words.")

    def __post_init__(self) -> None:
        if bool(self.currency) == bool(self.unit):
            raise Malformed("currency", "is missing, or stands beside a unit: say one of the two")
