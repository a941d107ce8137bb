"""The rule that picks one figure for each struggle and measure out of several reports, and how figures add up. Pure.

Rule 1, as it is named beside the figures:

1. Of several reports of one group on one action (the same kind, begun on the same day) the latest counts, by the day up
   to which it is true or else that of its publication; a figure that it does not tell is taken from the one before it.
2. A group's actions in one struggle are one account of it. What concerns people who may be the same each time (people,
   workers, households, hectares) is the greatest of its actions; what adds up over time (days, arrests, evictions,
   money) is their sum; a sum of which one part is open is open.
3. Of several groups' accounts one counts, for each measure by itself: the one whose figure comes from those nearest to
   the struggle (participants, an organisation, the group's own estimate, the press, an import, the addressee, the
   police), then one that was reported rather than computed, then the latest, then the narrower, then the one of the
   group whose address is the first in the alphabet.

Whatever order the reports come in, the figure is the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from node.reports import ranking
from node.statistics.tables import Interval

RULE = "1"
PEOPLE = ("participants", "workers-involved")
"""Of a report the first of them that it tells is its `people`."""
FLOWS = frozenset(
    {
        "days-not-worked", "hours-not-worked", "arrests", "injuries", "deaths", "dismissals", "displaced", "evictions",
        "rent-withheld", "signatures", "duration",
    }
)  # fmt: skip


class Figure(NamedTuple):
    """What one group tells of one action, or of all of its actions in a struggle, in one measure.

    `low` is 0 and `high` None where nobody said so much. `said` is the day up to which it is true (20240131; 20240100
    of a month). Figures of one author with the same `action` are of the same action. A named tuple, because a table can
    be made of a hundred thousand.
    """

    low: float
    high: float | None
    basis: str | None
    computed: int
    banded: int
    author: str
    said: int
    report: str
    action: object = None


def account(measure: str, figures: Sequence[Figure]) -> Figure:
    """One group's account of a struggle out of its figures for the actions in it (at least one)."""
    if len(figures) == 1:
        return figures[0]
    ordered = sorted(figures, key=lambda one: (one.low, _top(one.high), -ranking.distance(one.basis), one.report))
    highs = [one.high for one in figures]
    open_ended = None in highs
    flows = measure.partition(":")[0] in FLOWS
    lows = [one.low for one in ordered]
    tops = [one.high for one in ordered if one.high is not None]
    return Figure(
        low=math.fsum(lows) if flows else max(lows),
        high=None if open_ended else (math.fsum(tops) if flows else max(tops)),
        basis=max((one.basis for one in figures), key=ranking.distance) if flows else ordered[-1].basis,
        computed=max(one.computed for one in figures),
        banded=max(one.banded for one in figures),
        author=figures[0].author,
        said=max(one.said for one in figures),
        report=ordered[-1].report,
    )


def pick(accounts: Sequence[Figure]) -> Figure:
    """The one of several groups' accounts (at least one) that counts."""
    return min(accounts, key=_preference)


def _preference(one: Figure) -> tuple[float | str, ...]:
    return ranking.preference(
        one.low, one.high, basis=one.basis, computed=one.computed, said=one.said, author=one.author
    )


def figure_of(measure: str, figures: Sequence[Figure]) -> Figure:
    """The one figure of a struggle in one measure, out of what all groups tell of all its actions (at least one)."""
    if len(figures) == 1:
        return figures[0]
    if len({one.author for one in figures}) == len(figures):
        return pick(figures)
    by_author: dict[str, list[Figure]] = {}
    for one in figures:
        by_author.setdefault(one.author, []).append(one)
    return pick([account(measure, _latest(told)) for told in by_author.values()])


def _latest(figures: Iterable[Figure]) -> list[Figure]:
    """Of each action the last that was told of it."""
    found: dict[object, Figure] = {}
    for one in figures:
        known = found.setdefault(one.action, one)
        if (one.said, one.report) > (known.said, known.report):
            found[one.action] = one
    return list(found.values())


def _top(high: float | None) -> float:
    return math.inf if high is None else high


# ---- adding up


@dataclass(slots=True)
class Sum:
    """Figures of different struggles, added up. `opened` of them have no upper bound."""

    low: float = 0
    high: float = 0
    known: int = 0
    opened: int = 0
    computed: float = 0
    banded: int = 0

    def add(self, one: Figure) -> None:
        """One more struggle."""
        self.low += one.low
        self.high += one.low if one.high is None else one.high
        self.opened += one.high is None
        self.known += 1
        self.computed += one.low if one.computed else 0
        self.banded += one.banded

    def plus(self, other: Sum) -> None:
        """The struggles of another sum, none of which is in this one."""
        self.low += other.low
        self.high += other.high
        self.opened += other.opened
        self.known += other.known
        self.computed += other.computed
        self.banded += other.banded

    def interval(self, *, struggles: int, mean: bool = False, outlier: str | None = None) -> Interval:
        """As a cell of a row of so many struggles; `outlier` is the report whose figure stands out."""
        absent = max(struggles - self.known, 0)
        if not self.known:
            return Interval(absent=absent)
        part = self.known if mean else 1
        return Interval(
            low=_plain(self.low / part),
            high=None if self.opened else _plain(self.high / part),
            known=self.known,
            absent=absent,
            computed=_plain(self.computed / part),
            banded=self.banded,
            outlier=outlier,
        )


def _plain(number: float) -> float:
    """Rounded to what is meant, so that two orders of adding are one number; whole where it is whole."""
    rounded = round(number, 3)
    return int(rounded) if rounded == int(rounded) else rounded
