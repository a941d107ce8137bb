"""The figures of conditions: by topic, what they are measured in, and period; never across any of these.

The rule (`RULE`, part of the digest): of the reports of the sources (this node's groups and those that they follow,
unless the reader chooses others) every measured condition counts once. A range stays a range: the median is that of the
lower ends and that of the upper ones, and an end is open (None) where so many are open that nothing is known of it.
People asked are added up, each report once, and under five in one report count as 1 to 4: or the difference of two
tables would tell how many.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

from node.conditions import rules, store
from node.context import Transaction

RULE: Final = "conditions 2: each measured condition of the sources counts once"
COLUMNS: Final = (
    "topic", "measured_in", "period", "least", "median_low", "median_high", "most", "figures", "reports", "groups",
    "respondents_low", "respondents_high", "without_respondents",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What is known of one topic. None is an open end; of the ends of `respondents` that nobody says it.

    `without_respondents`: how many of the reports do not say from how many people they have it.
    """

    topic: str
    measured_in: str
    is_money: bool
    period: str
    least: float | None
    median_low: float | None
    median_high: float | None
    most: float | None
    figures: int
    reports: int
    groups: int
    respondents_low: int | None
    respondents_high: int | None
    without_respondents: int

    @property
    def few(self) -> bool:
        """Whether fewer than five were asked, and nobody is told how many."""
        return self.respondents_high is not None and 0 < self.respondents_high < rules.SMALL

    def as_json(self) -> dict[str, Any]:
        """As programs are told."""
        return {name: getattr(self, name) for name in COLUMNS} | {"fewer_than_five": self.few}


@dataclass(frozen=True, slots=True)
class Table:
    """The figures under some filters, from whom they are, and the digest of what they are made from."""

    figures: tuple[Figure, ...]
    filters: Mapping[str, str | int]
    sources: tuple[str, ...]
    digest: str

    def as_json(self) -> dict[str, Any]:
        """As programs are told."""
        return {
            "rule": RULE,
            "filters": dict(self.filters),
            "sources": list(self.sources),
            "figures": [one.as_json() for one in self.figures],
            "digest": self.digest,
        }


def table(tx: Transaction, filters: Mapping[str, str | int], sources: Sequence[str]) -> Table:
    """The figures of the reports by `sources` that `filters` (`store.FILTERS`) let through."""
    alike: dict[tuple[str, str, str], _Told] = {}
    digests: set[str] = set()
    rows: list[Any] = store.figures(tx, filters, sources)
    for topic, measured_in, period, money, low, high, report, author, respondents, digest in rows:  # there can be many
        told = alike.get((topic, measured_in, period))
        if told is None:
            told = alike[topic, measured_in, period] = _Told(money)
        told.lows.append(-inf if low is None else low)
        told.highs.append(inf if high is None else high)
        told.asked[report] = respondents
        told.groups.add(author)
        digests.add(digest)
    found = tuple(_figure(key, alike[key]) for key in sorted(alike))  # as Python sorts, on every database
    return Table(found, filters, tuple(sources), _digest(digests, filters, sources))


@dataclass(slots=True)
class _Told:
    """What is told of one topic in one unit and period: the ends, and how many were asked for each report."""

    is_money: bool
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    asked: dict[int, int | None] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)


def _figure(key: tuple[str, str, str], told: _Told) -> Figure:
    topic, measured_in, period = key
    lows, highs = sorted(told.lows), sorted(told.highs)
    people = [_band(one) for one in told.asked.values() if one is not None]
    return Figure(
        topic=topic,
        measured_in=measured_in,
        is_money=told.is_money,
        period=period,
        least=_closed(lows[0]),
        median_low=_closed(median(lows)),
        median_high=_closed(median(highs)),
        most=_closed(highs[-1]),
        figures=len(lows),
        reports=len(told.asked),
        groups=len(told.groups),
        respondents_low=sum(low for low, _ in people) if people else None,
        respondents_high=sum(high for _, high in people) if people else None,
        without_respondents=len(told.asked) - len(people),
    )


def _band(respondents: int) -> tuple[int, int]:
    """As how many the people of one report count, at least and at most."""
    return (1, rules.SMALL - 1) if 0 < respondents < rules.SMALL else (respondents, respondents)


def median(ordered: Sequence[float]) -> float:
    """The middle of some numbers in rising order; of two the mean, or the open one."""
    middle = len(ordered) // 2
    low, high = ordered[middle if len(ordered) % 2 else middle - 1], ordered[middle]
    if low == high:
        return low
    return (low + high) / 2


def _closed(end: float) -> float | None:
    return None if end in (inf, -inf) else end


def _digest(digests: Iterable[str], filters: Mapping[str, str | int], sources: Iterable[str]) -> str:
    """Of what is counted: two nodes that hold the same reports of the same sources say the same."""
    asked = [f"{name}={value}" for name, value in sorted(filters.items())]
    parts = [RULE, *asked, *(f"source={one}" for one in sorted(sources)), *sorted(digests)]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
