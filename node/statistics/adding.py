"""From what the database gives to the lines of a table: sums of what stands alone, picks of all the others. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from node.statistics import rules
from node.statistics.rules import Figure, Sum

Keys = tuple[Any, ...]
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
        self.lanes = [(one + int(more or 0)) % MODULUS for one, more in zip(self.lanes, lanes, strict=True)]

    def digest(self) -> str:
        """SHA-256 of their number and sums, in hexadecimal."""
        return digest([self.reports, *self.lanes])


def digest(value: Any) -> str:
    """SHA-256 of a JSON value, written in one way."""
    written = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def of_sums(rows: Iterable[Any], inputs: Inputs, *, keys: int) -> dict[Keys, Line]:
    """Lines from `store.add_up`; their reports are added to `inputs`."""
    lines = {}
    for row in rows:
        struggles, *rest = row[keys:]
        line = lines[tuple(row[:keys])] = Line(struggles, struggles)
        line.sums = {"people": _sum(rest[0:6]), "days-not-worked": _sum(rest[6:12]), "duration": _sum(rest[12:16])}
        inputs.add(struggles, rest[16:])
    return lines


def of_other_sums(rows: Iterable[Any], lines: dict[Keys, Line], *, keys: int) -> None:
    """Enter what `store.add_up_others` gives into its lines."""
    for row in rows:
        measure, *rest = row[keys:]
        lines[tuple(row[:keys])].sums[measure] = _sum(rest)


def _sum(values: Sequence[Any]) -> Sum:
    low, high, known, closed, *more = values
    computed, banded = more or (0, 0)
    return Sum(low or 0, high or 0, known, known - closed, computed or 0, banded or 0)


Told = dict[tuple[Keys, str], dict[str, list[Figure]]]
"""Keys and struggle -> measure -> what is told of it."""


def of_tellings(
    rows: Iterable[Any], others: Iterable[Any], merged: Mapping[str, str], *, keys: int
) -> dict[Keys, Line]:
    """Lines from `store.tellings` and `store.other_tellings`, of which one figure is picked for each struggle."""
    told: Told = {}
    lines: dict[Keys, Line] = {}
    for row in rows:
        place = (tuple(row[:keys]), merged.get(row.struggle, row.struggle))
        figures = told.get(place)
        if figures is None:
            figures = told[place] = {}
            lines.setdefault(place[0], Line()).struggles += 1
        lines[place[0]].reports += 1
        action = (row.kind, row.began)
        for part, measure in PARTS.items():
            if (low := getattr(row, f"{part}_low")) is not None:
                figures.setdefault(measure, []).append(_figure(row, action, part, low))
    for row in others:
        place = (tuple(row[:keys]), merged.get(row.struggle, row.struggle))
        figure = Figure(
            author=row.author, report=row.report, action=(row.kind, row.began), low=row.low, high=row.high,
            basis=row.basis, said=row.said, computed=row.computed, banded=row.banded,
        )  # fmt: skip
        told[place].setdefault(row.measure, []).append(figure)
    for (key, _), figures in told.items():
        _pick(lines[key], figures)
    return lines


def _pick(line: Line, figures: dict[str, list[Figure]]) -> None:
    for measure, some in figures.items():
        if (found := rules.figure_of(measure, some)) is not None:
            line.sum(measure).add(found)


def _figure(row: Any, action: object, part: str, low: float) -> Figure:
    span = part == "span"
    return Figure(
        author=row.author,
        report=row.report,
        action=action,
        low=low,
        high=getattr(row, f"{part}_high"),
        basis=None if span else getattr(row, f"{part}_basis"),
        said=row.said,
        computed=0 if span else getattr(row, f"{part}_computed"),
        banded=0 if span else getattr(row, f"{part}_banded"),
    )
