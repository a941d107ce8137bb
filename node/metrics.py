"""Counting what the node does, and saying it as Prometheus reads it (text format 0.0.4).

Counters live in the process and begin at zero with it; what stands in the database is asked for when somebody reads
(`node.gauges`). Labels come from short fixed lists (a type that is handled here, a state, an address as the program
writes it): never a name, an address or a peer, so that their number is bounded and nothing about anybody is in them.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
OTHER = "other"

Labels = tuple[str, ...]
Sample = tuple[str, Labels, float]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: its name, its kind (counter, gauge, histogram), what it says, its labels, its samples now.

    A sample is what is added to the name, the values of the labels, and the number.
    """

    name: str
    kind: str
    help: str
    labels: Labels
    samples: Iterable[Sample]


def gauge(name: str, help: str, value: float) -> Family:
    """A number of now, without labels."""
    return Family(name, "gauge", help, (), [("", (), value)])


class Counter:
    """Counts events; may be used from any thread."""

    def __init__(self, name: str, help: str, *labels: str) -> None:
        self._about = (name, help, labels)
        self._lock = threading.Lock()
        self._counts: dict[Labels, float] = {}

    def add(self, *labels: str, by: float = 1) -> None:
        with self._lock:
            self._counts[labels] = self._counts.get(labels, 0) + by

    def family(self) -> Family:
        name, help, labels = self._about
        with self._lock:
            counts = sorted(self._counts.items())
        return Family(name, "counter", help, labels, [("", key, count) for key, count in counts])


class Histogram:
    """Counts durations in seconds by how long they were; may be used from any thread."""

    def __init__(self, name: str, help: str, *labels: str, bounds: tuple[float, ...] = SECONDS) -> None:
        self._about = (name, help, labels)
        self._bounds = bounds
        self._lock = threading.Lock()
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def observe(self, seconds: float, *labels: str) -> None:
        place = bisect_left(self._bounds, seconds)
        with self._lock:
            counts = self._counts.get(labels)
            if counts is None:
                counts = self._counts[labels] = [0] * (len(self._bounds) + 1)
            counts[place] += 1
            self._sums[labels] = self._sums.get(labels, 0.0) + seconds

    def family(self) -> Family:
        name, help, labels = self._about
        with self._lock:
            found = [(key, list(counts), self._sums[key]) for key, counts in sorted(self._counts.items())]
        samples = [sample for key, counts, total in found for sample in self._samples(key, counts, total)]
        return Family(name, "histogram", help, labels, samples)

    def _samples(self, key: Labels, counts: list[int], total: float) -> Iterator[Sample]:
        below = 0
        for bound, count in zip((*map(_number, self._bounds), "+Inf"), counts, strict=True):
            below += count
            yield "_bucket", (*key, bound), below
        yield "_sum", key, total
        yield "_count", key, below


class Metrics:
    """What one process has done since it began."""

    def __init__(self) -> None:
        self.handled = Counter(
            "commonwire_activities_total", "Activities of others that were dealt with.", "type", "state"
        )
        self.handling_seconds = Histogram(
            "commonwire_activity_seconds", "From the acceptance of an activity of others until it was dealt with."
        )
        self.jobs = Counter(
            "commonwire_jobs_total", "Attempts at jobs (deliveries, fetches) by how they ended.", "kind", "outcome"
        )
        self.request_seconds = Histogram(
            "commonwire_http_request_seconds", "Time to answer a request.", "method", "route", "status"
        )

    def families(self) -> list[Family]:
        counted: tuple[Counter | Histogram, ...] = (
            self.handled, self.handling_seconds, self.jobs, self.request_seconds,
        )  # fmt: skip
        return [one.family() for one in counted]


def render(families: Iterable[Family]) -> str:
    """The families as text."""
    return "".join(line for family in families for line in _lines(family))


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {_escape(family.help)}\n"
    yield f"# TYPE {family.name} {family.kind}\n"
    for ending, values, number in family.samples:
        names = (*family.labels, "le") if ending == "_bucket" else family.labels
        pairs = ",".join(f'{name}="{_escape(value, quoted=True)}"' for name, value in zip(names, values, strict=True))
        yield (
            f"{family.name}{ending}{{{pairs}}} {_number(number)}\n"
            if pairs
            else (f"{family.name}{ending} {_number(number)}\n")
        )


def _escape(text: str, *, quoted: bool = False) -> str:
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
    return escaped.replace('"', '\\"') if quoted else escaped


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
