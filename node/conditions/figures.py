"""The figures of conditions: by topic, what they are measured in, and period; never across any of these.

The rule (`RULE`, part of the digest): of the reports of this node's groups and of those that they follow every measured
condition counts once. A range stays a range: the median is that of the lower ends and that of the upper ones, and an
end is open (None) where so many are open that nothing is known of it. People asked are added up, each report once, and
under five in one report count as 1 to 4: or the difference of two tables would tell how many.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Final

from node import actors
from node.conditions import rules, store
from node.context import Transaction
from node.peering import rules as peering_rules
from node.peering import store as peering

RULE: Final = "conditions 1: each measured condition of our own groups and of those they follow counts once"
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


def table(tx: Transaction, filters: Mapping[str, str | int]) -> Table:
    """The figures of the reports that `filters` (`store.FILTERS`) let through."""
    rows: list[Any] = store.figures(tx, filters)
    sources = _counted(tx, {row.author for row in rows})
    alike: dict[tuple[str, str, str], list[Any]] = {}
    digests: set[str] = set()
    for row in rows:
        topic, measured_in, period, _, _, _, _, author, _, digest = row  # as the query names them; there can be many
        if author in sources:
            alike.setdefault((topic, measured_in, period), []).append(row)
            digests.add(digest)
    found = tuple(_figure(alike[key]) for key in sorted(alike))  # as Python sorts, on every database
    return Table(found, filters, tuple(sorted(sources)), _digest(digests, filters))


def _counted(tx: Transaction, authors: Iterable[str]) -> set[str]:
    """Those of `authors` whose reports count: our own groups, and those that one of them follows."""
    own = {group.iri for group in actors.groups(tx)}
    return {one for one in authors if one in own or (peering.is_heard(tx, one) and _is_admitted(tx, one))}


def _is_admitted(tx: Transaction, author: str) -> bool:
    return peering_rules.admits(peering.policy(tx, actors.host_of(author)))


def _figure(rows: Sequence[Any]) -> Figure:
    lows: list[float] = []
    highs: list[float] = []
    asked: dict[str, int | None] = {}
    groups: set[str] = set()
    for _, _, _, _, low, high, report, author, respondents, _ in rows:
        lows.append(-inf if low is None else low)
        highs.append(inf if high is None else high)
        asked[report] = respondents
        groups.add(author)
    lows.sort()
    highs.sort()
    people = [_band(one) for one in asked.values() if one is not None]
    first = rows[0]
    return Figure(
        topic=first.topic,
        measured_in=first.measured_in,
        is_money=first.is_money,
        period=first.period,
        least=_closed(lows[0]),
        median_low=_closed(median(lows)),
        median_high=_closed(median(highs)),
        most=_closed(highs[-1]),
        figures=len(rows),
        reports=len(asked),
        groups=len(groups),
        respondents_low=sum(low for low, _ in people) if people else None,
        respondents_high=sum(high for _, high in people) if people else None,
        without_respondents=sum(one is None for one in asked.values()),
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


def _digest(digests: Iterable[str], filters: Mapping[str, str | int]) -> str:
    """Of what is counted: two nodes that hold the same reports of the same groups say the same."""
    parts = [RULE, *(f"{name}={value}" for name, value in sorted(filters.items())), *sorted(digests)]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
