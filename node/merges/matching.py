"""How alike two struggles look: a score, and why, in words. Pure.

What counts for it: the same addressee, or one whose name resembles it; the same owner behind it; the same place; a
beginning about the same time; the same kind of action, the same organisation. What counts against it: both name
addressees, and none is alike; both name towns, and they differ; they began months apart. In different countries, or
more than a year apart, two struggles are never alike.

It proposes and never decides: `LIKELY` is where a member is asked to look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from node.translating import N_
from schemas.partial_date import PartialDate
from schemas.reading import Malformed

LIKELY: Final = 5.0
VERY_LIKELY: Final = 8.0
A_YEAR: Final = 366
A_SEASON: Final = 92
LEGAL_FORMS: Final = frozenset(
    {
        "ag", "and", "company", "co", "corp", "corporation", "gmbh", "group", "holding", "holdings", "inc", "limited",
        "llc", "ltd", "plc", "sa", "sas", "spa", "srl", "the",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that two struggles have in common, or that sets them apart; says itself in any language."""

    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def said(self, translate: Callable[[str], str]) -> str:
        """In another language."""
        return translate(self.sentence).format(**self.values)

    def __str__(self) -> str:
        return self.sentence.format(**self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What all reports on a struggle say of it. Names are by their key, with how they are written."""

    addressees: Mapping[str, str] = field(default_factory=dict)
    families: Mapping[str, str] = field(default_factory=dict)
    organisations: Mapping[str, str] = field(default_factory=dict)
    countries: frozenset[str] = frozenset()
    regions: Mapping[str, str] = field(default_factory=dict)
    localities: Mapping[str, str] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    began: tuple[PartialDate, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A struggle that may be the same one: its score, and what speaks for it and against it, the heaviest first."""

    struggle: str
    name: str
    score: float
    reasons: tuple[Reason, ...]

    @property
    def is_very_likely(self) -> bool:
        """Whether little else than the same struggle has so much in common."""
        return self.score >= VERY_LIKELY


def score(one: Profile, other: Profile) -> tuple[float, tuple[Reason, ...]]:
    """How much two struggles have in common, and what; 0 where they cannot be the same."""
    apart = _days_apart(one, other)
    if (one.countries and other.countries and not one.countries & other.countries) or (apart or 0) > A_YEAR:
        return 0.0, ()
    found = [
        *_whom(one, other),
        *_where(one, other),
        *_when(one, other, apart),
        *_who(one, other),
    ]
    if one.kinds & other.kinds:
        found.append((1.0, Reason(N_("the same kind of action"))))
    found.sort(key=lambda pair: -abs(pair[0]))
    return sum(weight for weight, _ in found), tuple(reason for _, reason in found)


_Weighed = Iterator[tuple[float, Reason]]


def _whom(one: Profile, other: Profile) -> _Weighed:
    if same := _first_of_both(one.addressees, other.addressees):
        yield 4.0, Reason(N_("directed at the same: {name}"), {"name": same})
        return
    if pair := next(_resembling(one.addressees, other.addressees), None):
        yield 2.5, Reason(N_("directed at names that resemble each other: {one}, {other}"), pair)
    elif same := _first_of_both(one.families, other.families):
        yield 2.0, Reason(N_("the same stands behind whom they are directed at: {name}"), {"name": same})
    elif one.addressees and other.addressees:
        yield -3.0, Reason(N_("directed at others"))


def _first_of_both(one: Mapping[str, str], other: Mapping[str, str]) -> str | None:
    return next((label for key, label in sorted(one.items()) if key in other), None)


def _resembling(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for key, label in sorted(one.items()):
        for key_there, label_there in sorted(other.items()):
            if resemble(key, key_there):
                yield {"one": label, "other": label_there}


def resemble(one: str, other: str) -> bool:
    """Whether two names (by their keys) share most of their words, legal forms and short words aside."""
    words, words_there = ({word for word in key.split() if _tells(word)} for key in (one, other))
    if not words or not words_there:
        return False
    return len(words & words_there) / len(words | words_there) >= 0.5


def _tells(word: str) -> bool:
    # A word of Chinese or Japanese is short, and says much.
    return word not in LEGAL_FORMS and (len(word) >= 3 or not word.isascii())


def _where(one: Profile, other: Profile) -> _Weighed:
    if same := _first_of_both(one.localities, other.localities):
        yield 3.0, Reason(N_("in the same place: {place}"), {"place": same})
        return
    if one.localities and other.localities:
        yield -1.0, Reason(N_("in other places"))
    if same := _first_of_both(one.regions, other.regions):
        yield 1.0, Reason(N_("in the same region: {place}"), {"place": same})


def _when(one: Profile, other: Profile, apart: int | None) -> _Weighed:
    if apart is None:
        return
    if apart == 0 and all(when.day for when in (*one.began, *other.began)):
        yield 3.0, Reason(N_("begun on the same day"))
    elif apart == 0:
        yield 1.0, Reason(N_("perhaps begun on the same day"))
    elif apart <= A_SEASON:
        weight = 2.5 if apart == 1 else 2.0 if apart <= 7 else 1.0 if apart <= 31 else 0.0
        days = Reason(N_("begun {days} days apart"), {"days": apart})
        yield weight, days if apart > 1 else Reason(N_("begun one day apart"))
    else:
        yield -2.0, Reason(N_("begun {days} days apart"), {"days": apart})


def _days_apart(one: Profile, other: Profile) -> int | None:
    """How many days lie between the beginnings, at least; None if one is not known."""
    gaps = [_gap(here, there) for here in one.began for there in other.began]
    return min(gaps, default=None)


def _gap(one: PartialDate, other: PartialDate) -> int:
    return max(0, (other.earliest - one.latest).days, (one.earliest - other.latest).days)


def _who(one: Profile, other: Profile) -> _Weighed:
    if same := _first_of_both(one.organisations, other.organisations):
        yield 1.5, Reason(N_("organised by the same: {name}"), {"name": same})


def written(dates: Iterable[str | None]) -> tuple[PartialDate, ...]:
    """The dates among `dates`, each once; what is none is left out."""
    found = []
    for one in sorted({one for one in dates if one}):
        try:
            found.append(PartialDate.read(one))
        except Malformed:
            continue
    return tuple(found)


def days_around(began: Iterable[PartialDate]) -> tuple[date, date] | None:
    """The first and the last day on which any of `began` can lie."""
    known = list(began)
    return (min(one.earliest for one in known), max(one.latest for one in known)) if known else None
