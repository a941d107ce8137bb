"""Money and things as a member writes them, and as they are told: `5000 EUR`, `20 beds`. Pure."""

from __future__ import annotations

import re

from node import localised
from node.errors import Invalid
from node.reports import flaws
from schemas.amount import Amount

UNIT_CHARACTERS = 60
_AMOUNT = re.compile(r"(?P<value>[0-9]{1,12}(?:\.[0-9]{1,4})?)\s+(?P<what>\S.*)", re.DOTALL)
_CODE = re.compile(r"[A-Za-z]{3}")


def read(written: str, *, field: str) -> Amount:
    """The amount in a line. Three capital letters are a currency, which there must be. Raises Invalid, at `field`."""
    found = _AMOUNT.fullmatch(written.strip())
    if found is None:
        sentence = "“{written}” is no amount; write a number without separators, and of what: 5000 EUR, 20 beds"
        raise Invalid(sentence, field=field, written=written[:60])
    value, what = number(found["value"]), " ".join(found["what"].split())
    currency, unit = of_what(what, field=field)
    return Amount(value=value, currency=currency, unit=unit)


def of_what(what: str, *, field: str) -> tuple[str | None, str | None]:
    """What something is counted in: a currency, or a unit in words. Raises Invalid, at `field`."""
    if _CODE.fullmatch(what) and what.isupper():
        if not flaws.is_currency(what):
            raise Invalid(
                "there is no currency {code}; write its code of ISO 4217, such as EUR", field=field, code=what
            )
        return what, None
    if len(what) > UNIT_CHARACTERS:
        raise Invalid("a unit has at most {limit} characters", field=field, limit=UNIT_CHARACTERS)
    return None, what


def number(digits: str) -> int | float:
    """Digits, perhaps with a decimal point, as a number; 12.0 is 12."""
    value = float(digits)
    return int(value) if value.is_integer() else value


def spelled(amount: Amount) -> str:
    """As `read` reads it."""
    return f"{amount.value:.15g} {amount.currency or amount.unit}"


def said(amount: Amount, language: str) -> str:
    """For readers: 5,000 EUR."""
    return f"{localised.number(amount.value, language)} {amount.currency or amount.unit}"
