"""What a reader asks for: the filters that the wire, its feeds, the figures and the search share. Pure.

    ?country=IE&field=housing&field=work&since=2026

asks for reports from Ireland, on housing or on work, of actions begun in 2026 or later: of one name any value will do,
of several names all must. A name that is not in NAMES is none of ours, an empty value is no filter (as a form sends
it). `written` is canonical: the same question has one address. `country=-` asks for reports that name no country, and
so of everything that a report need not say (MAY_BE_UNSAID).

Several values are repeated, or stand with commas between them where a value has none. Codes are not held against our
lists: a peer may use one that we do not know, and its reports can be asked for too.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from node.errors import Invalid
from node.reports.facts import key
from node.reports.imports.sectors import SECTIONS
from node.translating import N_
from schemas import reading
from schemas.partial_date import PartialDate
from schemas.reading import Malformed

Filters = Mapping[str, tuple[str, ...]]
"""Name -> the values of which one must apply, sorted, each once; the names in the order of NAMES."""

TYPES: Final[Mapping[str, str]] = {
    "statement": "Statement",
    "report": "StruggleReport",
    "appeal": "Appeal",
    "answer": "AppealAnswer",
    "conditions": "ConditionsReport",
    "event": "Event",
    "question": "Question",
    "position": "Position",
}
"""What kind of text, as `type` says it -> as objects are held."""
UNSAID: Final = "-"
"""The value that asks for what a report does not say."""
VALUES_AT_MOST: Final = 50
SOURCES_AT_MOST: Final = 500
CHARACTERS_AT_MOST: Final = 300
IRI_CHARACTERS_AT_MOST: Final = 2000


@dataclass(frozen=True, slots=True)
class _Reader:
    """How a value is read (ValueError or Malformed if it cannot be), and what is said then."""

    read: Callable[[str], str]
    wrong: str
    commas: bool = False


def _short(value: str, limit: int = CHARACTERS_AT_MOST) -> str:
    if len(value) > limit or not value.isprintable():
        raise ValueError
    return value


def _one_of(value: str, known: Container[str]) -> str:
    if value not in known:
        raise ValueError
    return value


def _country(value: str) -> str:
    if len(value) != 2 or not value.isascii() or not value.isalpha():
        raise ValueError
    return value.upper()


_CODE = _Reader(lambda value: _short(value.lower()), N_("“{value}” is no code"), commas=True)
_TEXT = _Reader(_short, N_("“{value}” is too long, or holds characters that cannot be seen"))
_NAME = _Reader(lambda value: key(_short(value)), _TEXT.wrong)
_DATE = _Reader(
    lambda value: str(PartialDate.read(value)), N_("“{value}” is no date; write 2026, 2026-03 or 2026-03-31")
)
_UNDATED = _Reader(
    lambda value: _one_of(value, (UNSAID,)),
    N_("“{value}” cannot be asked for here: write - for what is not told, and a date as since and until"),
)
_IRI = _Reader(lambda value: reading.iri(_short(value, IRI_CHARACTERS_AT_MOST)), N_("“{value}” is no address"))

_READERS: Final[Mapping[str, _Reader]] = {
    "type": _Reader(lambda value: _one_of(value, TYPES), N_("“{value}” is no kind of text"), commas=True),
    "field": _CODE,
    "kind": _CODE,
    "who": _CODE,
    "started_by": _CODE,
    "status": _CODE,
    "outcome": _CODE,
    "demand": _CODE,
    "country": _Reader(
        _country, N_("“{value}” is no country; write its two letters in ISO 3166-1, such as IE"), commas=True
    ),
    "region": _TEXT,
    "sector": _Reader(
        lambda value: _one_of(value.upper(), SECTIONS),
        N_("“{value}” is no section of ISIC; write a letter from A to U"),
        commas=True,
    ),
    "occupation": _TEXT,
    "addressee": _NAME,
    "family": _NAME,
    "organisation": _NAME,
    "basis": _CODE,
    "tendency": _TEXT,
    "language": _Reader(
        lambda value: reading.language(_short(value)),
        N_("“{value}” is no language; write its code in ISO 639, such as en, ar or quc"),
        commas=True,
    ),
    "author": _IRI,
    "struggle": _IRI,
    "counted": _Reader(lambda value: _one_of(value, ("yes",)), _CODE.wrong),
    "source": _IRI,
    "year": _UNDATED,
    "quarter": _UNDATED,
    "month": _UNDATED,
    "since": _DATE,
    "until": _DATE,
}
NAMES: Final = tuple(_READERS)
"""Every filter there is, in the order in which they are written.

`field kind who started_by status outcome demand basis`: codes of these lists. `country`: ISO 3166-1. `region`: as
reports write it. `sector`: the section of ISIC Rev. 4. `occupation`: ISCO-08. `addressee family organisation`: names,
compared as `facts.key` does. `since until`: partial dates, both included; see `bounds`. `author struggle`: addresses.
`type tendency language`: of the text, and of who wrote it. `counted=yes`: what stands in the figures, neither withdrawn
nor flawed, and by `source`, else by this node's own groups or those they follow. `year quarter month`: only `-`, for
actions of whose beginning nobody tells even the year, or only the year.
"""
MAY_BE_UNSAID: Final = frozenset(
    {
        "field", "kind", "who", "started_by", "status", "outcome", "demand", "country", "region", "sector",
        "occupation", "addressee", "family", "organisation", "basis",
    }
)  # fmt: skip
SINGLE: Final = frozenset({"since", "until"})
OF_TEXTS: Final = tuple(name for name in NAMES if name not in {"counted", "source"})
"""Those by which texts are searched."""
OF_REPORTS: Final = tuple(
    name for name in NAMES if name not in {"type", "tendency", "language", "author", "source", "since", "until"}
)
"""Those that only a report can meet."""


def read(pairs: Iterable[tuple[str, str]], names: Sequence[str] = NAMES) -> dict[str, tuple[str, ...]]:
    """The filters among the `pairs` of an address, of these `names`. Raises Invalid with the name as the field."""
    given: dict[str, set[str]] = {}
    for name, value in pairs:
        if name not in names:
            continue
        for one in value.split(",") if _READERS[name].commas else [value]:
            if one.strip():
                given.setdefault(name, set()).add(_read(name, one.strip()))
    for name, values in given.items():
        if len(values) > (1 if name in SINGLE else SOURCES_AT_MOST if name == "source" else VALUES_AT_MOST):
            raise Invalid("{count} values are too many", field=name, count=len(values))
    found = {name: tuple(sorted(given[name])) for name in NAMES if name in given}
    if "since" in found and "until" in found and last(found).latest < first(found).earliest:
        raise Invalid("{until} is before {since}", field="until", until=found["until"][0], since=found["since"][0])
    return found


def _read(name: str, value: str) -> str:
    if value == UNSAID and name in MAY_BE_UNSAID:
        return UNSAID
    reader = _READERS[name]
    try:
        return reader.read(value)
    except (ValueError, Malformed):
        raise Invalid(reader.wrong, field=name, value=value[:CHARACTERS_AT_MOST]) from None


def written(filters: Filters, **more: Any) -> str:
    """The query of an address that asks for `filters`, without `?`, and then for `more`, where it is not None."""
    pairs = [(name, value) for name in NAMES for value in sorted(filters.get(name, ()))]
    return urlencode([*pairs, *((name, value) for name, value in more.items() if value is not None)])


def first(filters: Filters) -> PartialDate:
    """The date since when; `filters` has one."""
    return PartialDate.read(filters["since"][0])


def last(filters: Filters) -> PartialDate:
    """The date until when; `filters` has one."""
    return PartialDate.read(filters["until"][0])


def bounds(filters: Filters) -> tuple[str | None, str | None, tuple[str, ...]]:
    """How partial dates kept as text are compared: (at least, less than, none of these); None is no bound.

    A date is within `since` and `until` if every day that it can mean is: of a report that only says 1984 nobody can
    tell whether it is of that spring.
    """
    least = most = None
    vague: tuple[str, ...] = ()
    if "since" in filters:
        since = first(filters)
        least = next(str(one) for one in _wider(since) if one.earliest == since.earliest)
    if "until" in filters:
        until = last(filters)
        most = _following(until)
        vague = tuple(str(one) for one in _wider(until) if one.latest > until.latest)
    return least, most, vague


def _following(when: PartialDate) -> str | None:
    """The date after everything that `when` can mean, as exact; None if there is none."""
    if when.latest == date.max:
        return None
    after = when.latest + timedelta(days=1)
    exactness = 1 + (when.month is not None) + (when.day is not None)
    return str(PartialDate(*(after.year, after.month, after.day)[:exactness]))


def _wider(when: PartialDate) -> list[PartialDate]:
    """The year, the month and the day of a date, as far as it has them."""
    found = [PartialDate(when.year)]
    if when.month is not None:
        found.append(PartialDate(when.year, when.month))
    return found if when.day is None else [*found, when]


def span(period: str) -> tuple[str, str]:
    """`since` and `until` of a year (1984), a quarter (1984-Q2) or a month (1984-05). Raises Malformed."""
    year, _, quarter = period.partition("-Q")
    if not quarter:
        return str(PartialDate.read(period)), str(PartialDate.read(period))
    if quarter not in ("1", "2", "3", "4"):
        raise Malformed("", "must be YYYY, YYYY-MM or YYYY-Q1 to YYYY-Q4")
    of = PartialDate.read(year).year
    return str(PartialDate(of, int(quarter) * 3 - 2)), str(PartialDate(of, int(quarter) * 3))
