"""From what the database gives to the lines of a table: sums of what stands alone, picks of all the others. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

from node.statistics import rules
from node.statistics.rules import Figure, Sum

Keys = tuple[Any, ...]
WHO, LANES = 7, 4
"""Columns of `store.tellings` that say who tells it, and the last of them."""
PARTS = {"people": "people", "days": "days-not-worked", "span": "duration"}
"""The measures that stand in the rows of reports, by the beginning of their columns' names."""
MODULUS = 2**44


@dataclass(slots=True)
class Line:
    """What is known of the struggles that have the same keys."""

    struggles: int = 0
    reports: int = 0
    sums: dict[str, Sum] = field(default_factory=dict)

    def sum(self, measure: str) -> Sum:
        """The sum of one measure, to be added to."""
        return self.sums.setdefault(measure, Sum())

    def take(self, picked: Iterable[tuple[str, Figure]], *, reports: int) -> None:
        """One more struggle, of which there are so many reports."""
        self.struggles += 1
        self.reports += reports
        for measure, figure in picked:
            self.sum(measure).add(figure)

    def plus(self, other: Line) -> None:
        """The struggles of another line, none of which is in this one."""
        self.struggles += other.struggles
        self.reports += other.reports
        for measure, one in other.sums.items():
            self.sum(measure).plus(one)


@dataclass(slots=True)
class Inputs:
    """The reports that were counted, as far as two sets of them are told from each other, in whatever order."""

    reports: int = 0
    lanes: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    def add(self, reports: int, lanes: Sequence[int | None]) -> None:
        """So many more, with the sums of their lanes."""
        self.reports += reports
        self.lanes = [one + int(more or 0) for one, more in zip(self.lanes, lanes, strict=True)]

    def digest(self) -> str:
        """SHA-256 of their number and sums, in hexadecimal."""
        return digest([self.reports, *(one % MODULUS for one in self.lanes)])


def digest(value: Any) -> str:
    """SHA-256 of a JSON value, written in one way."""
    written = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def of_sums(rows: Iterable[Any], inputs: Inputs, *, keys: int) -> dict[Keys, Line]:
    """Lines from `store.add_up`; their reports are added to `inputs`."""
    lines = {}
    for row in rows:
        struggles, reports, *rest = row[keys:]
        line = lines[tuple(row[:keys])] = Line(struggles, reports)
        line.sums = {"people": _sum(rest[0:6]), "days-not-worked": _sum(rest[6:12]), "duration": _sum(rest[12:16])}
        inputs.add(reports, rest[16:])
    return lines


def together(lines: Mapping[Keys, Line]) -> Line:
    """All of them as one; no struggle is in two."""
    total = Line()
    for line in lines.values():
        total.plus(line)
    return total


def apart(lines: Mapping[Keys, Line], places: Sequence[int]) -> dict[Keys, Line]:
    """Lines whose keys at `places` are JSON lists, as one line for each of the values: those overlap."""
    found: dict[Keys, Line] = {}
    for keys, line in lines.items():
        lists = [json.loads(key) if place in places and key is not None else (key,) for place, key in enumerate(keys)]
        for each in product(*lists):
            found.setdefault(each, Line()).plus(line)
    return found


def of_other_sums(rows: Iterable[Any], lines: dict[Keys, Line], *, keys: int) -> None:
    """Enter what `store.add_up_others` gives into its lines."""
    for row in rows:
        measure, *rest = row[keys:]
        lines[tuple(row[:keys])].sums[measure] = _sum(rest)


def _sum(values: Sequence[Any]) -> Sum:
    low, high, known, closed, *more = values
    computed, banded = more or (0, 0)
    return Sum(low or 0, high or 0, known, known - closed, computed or 0, banded or 0)


class _Told(NamedTuple):
    """What is told of one struggle: rows of `store.tellings`, and of `store.other_tellings`."""

    reports: list[tuple[Any, ...]]
    others: list[tuple[Any, ...]]


def of_tellings(
    rows: Iterable[Sequence[Any]],
    others: Iterable[Sequence[Any]],
    merged: Mapping[str, str],
    *,
    keys: int,
    total: Line,
    inputs: Inputs,
) -> dict[Keys, Line]:
    """Lines from `store.tellings` and `store.other_tellings`, with one figure for each struggle and measure in each.

    What is picked of all of them together is added to `total`, the reports to `inputs`.
    """
    struggles: dict[str, _Told] = {}
    for row in map(tuple, rows):  # a plain tuple is cut faster than a row
        struggle = merged.get(row[keys], row[keys])
        found = struggles.get(struggle)
        if found is None:
            found = struggles[struggle] = _Told([], [])
        found.reports.append(row)
    for row in map(tuple, others):
        struggles[merged.get(row[keys], row[keys])].others.append(row)
    lines: dict[Keys, Line] = {}
    for told in struggles.values():
        apart = _apart(told, keys)
        for key, part in apart.items():
            picked = _picked(part, keys)
            lines.setdefault(key, Line()).take(picked, reports=len(part.reports))
        once = told if len(apart) == 1 else _once(told, keys)
        total.take(picked if len(apart) == 1 else _picked(once, keys), reports=len(once.reports))
        inputs.add(len(once.reports), [sum(lane) for lane in zip(*(row[-LANES:] for row in once.reports), strict=True)])
    return lines


def _apart(told: _Told, keys: int) -> dict[Keys, _Told]:
    """What is told of a struggle by the keys of the rows in which it stands: of most it is one."""
    first = told.reports[0][:keys]
    if all(row[:keys] == first for row in told.reports[1:]):
        return {first: told}
    found: dict[Keys, _Told] = {}
    for row in told.reports:
        found.setdefault(row[:keys], _Told([], [])).reports.append(row)
    for row in told.others:
        found[row[:keys]].others.append(row)
    return found


def _once(told: _Told, keys: int) -> _Told:
    """Each report once, whatever the number of rows in which it stands."""
    reports = {row[keys + 1]: row for row in told.reports}
    others = {(row[keys + 1], row[keys + WHO]): row for row in told.others}
    return _Told(list(reports.values()), list(others.values()))


def _picked(told: _Told, keys: int) -> list[tuple[str, Figure]]:
    """Of each measure that anybody tells of a struggle the one figure that counts."""
    by_measure: dict[str, list[Figure]] = {}
    for measure, place in (("people", 0), ("days-not-worked", 5), ("duration", 10)):
        start = keys + WHO + place
        some = [_figure(row, start, 2 if place == 10 else 5, keys) for row in told.reports if row[start] is not None]
        if some:
            by_measure[measure] = some
    for row in told.others:
        by_measure.setdefault(row[keys + WHO], []).append(_figure(row, keys + WHO + 1, 5, keys))
    return [(measure, rules.figure_of(measure, some)) for measure, some in by_measure.items()]


def _figure(row: tuple[Any, ...], start: int, length: int, keys: int) -> Figure:
    low, high, *rest = row[start : start + length]
    basis, computed, banded = rest or (None, 0, 0)
    _, _, author, said, report, kind, began = row[keys : keys + WHO]
    return Figure(low, high, basis, computed, banded, author, said, report, (kind, began))
