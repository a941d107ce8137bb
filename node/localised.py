"""Dates and numbers as a language writes them, after CLDR (Unicode), by Babel: pure.

A moment is told in UTC, which is said with it: a node does not know where its readers are. Digits are those that every
reader of the web knows (0 to 9), in Arabic too, because dates, figures and addresses stand beside each other.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

# English of no country: days before months, 24 hours.
LOCALES = {"en": "en_GB"}
# The month in letters: which of two numbers is the day differs between readers of one language.
DATE = "yMMMd"
MONTH = re.compile(r"\d{4}-\d{2}")
UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
COMMAS = {"ar": "، "}
QUARTER = re.compile(r"((?!0000)[0-9]{4})-Q([1-4])")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def moment(value: datetime, language: str) -> str:
    """A moment to the minute: 8 Mar 2025, 14:30 UTC."""
    return f"{wall(value.astimezone(UTC), language)} UTC"


def moment_to_the_second(value: datetime, language: str) -> str:
    """A moment to the second: 8 Mar 2025, 14:30:05 UTC."""
    return f"{_together(value.astimezone(UTC), 'medium', language)} UTC"


def wall(value: datetime, language: str) -> str:
    """A moment as the clock of its own place shows it: 8 Mar 2025, 14:30."""
    return _together(value, "short", language)


def day(value: object, language: str) -> str:
    """A day: 8 Mar 2025. Of what spells a year or a month in ISO 8601 no more is said than it says."""
    from babel import dates

    if isinstance(value, date):
        return dates.format_skeleton(DATE, value, locale=_locale(language))
    value = str(value)
    try:
        if MONTH.fullmatch(value):
            return dates.format_skeleton("yMMMM", date.fromisoformat(f"{value}-01"), locale=_locale(language))
        return day(date.fromisoformat(value), language) if DAY.fullmatch(value) else value
    except ValueError:
        return value


def period(value: str, language: str) -> str:
    """A year (1984), a month (1984-05) or a quarter (1984-Q2) as the language writes it."""
    from babel import dates

    found = QUARTER.fullmatch(value)
    if found is None:
        return day(value, language)
    first = date(int(found[1]), int(found[2]) * 3 - 2, 1)
    return dates.format_skeleton("yQQQ", first, locale=_locale(language))


def country(code: str, language: str) -> str:
    """A country by its two letters in ISO 3166-1; the letters where the language has no name for it."""
    known = code != "ZZ"  # CLDR calls that “unknown region”, as if it were one
    return str(_locale(language).territories.get(code, code)) if known else code


def currency(code: str, language: str) -> str:
    """A currency by its three letters in ISO 4217; the letters where the language has no name for it."""
    return str(_locale(language).currencies.get(code, code))


def currencies() -> tuple[str, ...]:
    """The currencies that are legal tender somewhere today, by their letters."""
    from babel.core import get_global

    # Each country's are (letters, first day, last day, whether people pay with it): today's have no last day.
    ones = (one for listed in get_global("territory_currencies").values() for one in listed)
    return tuple(sorted({one[0] for one in ones if one[2] is None and one[3]}))


def number(value: float, language: str) -> str:
    """A number with its thousands apart; 12.0 is 12."""
    from babel import numbers

    whole = int(value) if float(value).is_integer() else value
    return numbers.format_decimal(whole, locale=_locale(language), decimal_quantization=False)


def duration(seconds: int, language: str) -> str:
    """A length of time, exactly, in the largest unit in which it is a whole number: 36 hours, 3 days."""
    size, unit = next(pair for pair in UNITS if seconds % pair[0] == 0 and (seconds or pair[0] == 1))
    return _measured(seconds // size, unit, language)


def roughly(seconds: float, language: str) -> str:
    """About how long: in the largest unit of which there are two, rounded down: 47 hours, 2 days."""
    size, unit = next((pair for pair in UNITS if seconds >= 2 * pair[0]), UNITS[-1])
    return _measured(max(int(seconds) // size, 0), unit, language)


def comma(language: str) -> str:
    """What stands between two things in a row that are no sentence, with its space."""
    return COMMAS.get(language, ", ")


def listed(items: list[str], language: str, *, style: str = "standard") -> str:
    """Some things in a row: a, b and c; `style` "or": a, b or c."""
    from babel.lists import format_list

    return format_list(items, style=style, locale=_locale(language))  # type: ignore[arg-type]


def warm(language: str) -> None:
    """Read from the disk what the language needs, so that nobody waits for it in the loop."""
    moment(datetime(2025, 1, 1, tzinfo=UTC), language)
    number(1000.5, language)
    duration(60, language)
    listed(["a", "b", "c"], language)


def _together(value: datetime, clock: str, language: str) -> str:
    from babel import dates

    locale = _locale(language)
    joined = str(dates.get_datetime_format("medium", locale=locale)).replace("'", "")
    hours = dates.format_time(value.timetz().replace(tzinfo=None), clock, locale=locale)
    return joined.replace("{0}", hours).replace("{1}", dates.format_skeleton(DATE, value, locale=locale))


def _measured(count: int, unit: str, language: str) -> str:
    from babel import units

    # CLDR leaves out a long form that is the short one (Arabic days); Babel says the name of the unit instead.
    name = f"duration-{unit}"
    said = units.format_unit(count, name, "long", locale=_locale(language))
    return units.format_unit(count, name, "short", locale=_locale(language)) if name in said else said


@lru_cache(maxsize=32)
def _locale(language: str) -> Locale:
    from babel import Locale

    return Locale.parse(LOCALES.get(language, language))
