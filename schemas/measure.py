"""A counted quantity: a number, a range or a band, or the reason why there is none. schema.org QuantitativeValue."""

from __future__ import annotations

from schemas import codes
from schemas.fields import wire, wire_value
from schemas.kinds import BOOLEAN, TEXT, code, number
from schemas.reading import Malformed


@wire_value()
class Measure:
    """One counted quantity, and who counted. It has a value, or a lower or upper bound or both, or says why not.

    Zero means none; what is not known is left out or `absent`, never zero.
    """

    measure: str = wire(code(codes.MEASURES), "measure", doc="What is counted.")
    value: int | float | None = wire(number(0), "value", default=None, doc="How many; zero means none, not unknown.")
    low: int | float | None = wire(number(0), "minValue", default=None, doc="At least so many.")
    high: int | float | None = wire(number(0), "maxValue", default=None, doc="At most so many.")
    unit: str | None = wire(
        TEXT, "unit", default=None, doc="What one of it is, where the measure does not say; ISO 4217 of money."
    )
    basis: str | None = wire(code(codes.MEASURE_BASES), "basis", default=None, doc="Whose figure it is.")
    precision: str | None = wire(code(codes.PRECISIONS), "precise", default=None, doc="How it was counted.")
    computed: bool | None = wire(
        BOOLEAN, "computed", default=None, lenient=True, doc="Whether it was computed from other figures."
    )
    absent: str | None = wire(code(codes.ABSENCES), "absent", default=None, doc="Why there is no figure.")

    def __post_init__(self) -> None:
        given = (self.value, self.low, self.high)
        if self.absent is None and all(one is None for one in given):
            raise Malformed("value", "is missing: give a number, a bound, or say why it is absent")
        if self.absent is not None and any(one is not None for one in given):
            raise Malformed("absent", "says that there is no figure, and there is one")
        if self.value is not None and (self.low is not None or self.high is not None):
            raise Malformed("value", "stands beside a range: give one or the other")
        if self.low is not None and self.high is not None and self.high < self.low:
            raise Malformed("maxValue", "{high} is below minValue, {low}", high=self.high, low=self.low)

    @property
    def interval(self) -> tuple[float | None, float | None] | None:
        """The least and the most that it says, each None where it is open; None if there is no figure."""
        if self.absent is not None:
            return None
        return (self.value, self.value) if self.value is not None else (self.low, self.high)
