"""What is printed: one line for each figure, as soon as it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.bench import processes

HEADINGS = ("", "figure", "", "node ms", "peers ms")  # ms of CPU time for each


@dataclass(frozen=True)
class Settings:
    """How much is done. Numbers of things, seconds."""

    hosts: int = 200
    activities: int = 6000
    follows: int = 1000
    followers: int = 1000
    read_seconds: float = 3.0
    connections: int = 32
    reports: int = 15_000
    more_reports: int = 150_000
    texts: int = 100_000
    streams: int = 1_000


QUICK = Settings(
    hosts=40,
    activities=600,
    follows=200,
    followers=200,
    read_seconds=1.0,
    reports=1_500,
    more_reports=15_000,
    texts=10_000,
    streams=100,
)


@dataclass
class Spent:
    """Seconds that passed, and CPU seconds of the node, of the peers and of everybody else meanwhile."""

    seconds: float = 0.0
    node: float = 0.0
    peers: float = 0.0
    others: float = 0.0


class Report:
    """Prints figures, remembers those of the machine to compare with."""

    def __init__(self) -> None:
        self.limits: dict[str, float] = {}

    def section(self, title: str, *, note: str = "") -> None:
        """A heading; `note` says how it was measured."""
        print(f"\n{title}", flush=True)
        if note:
            print(f"  {note}")
        print("  " + _row(HEADINGS))

    def limit(self, name: str, per_second: float, *, note: str) -> None:
        """What the machine can do of one thing, alone."""
        self.limits[name] = per_second
        self.line(name, per_second, note=note)

    def line(
        self,
        what: str,
        figure: float,
        unit: str = "a second",
        *,
        each: int = 0,
        spent: Spent | None = None,
        beside: str | None = None,
        note: str = "",
    ) -> None:
        """One figure; `each` things cost what was `spent`; `beside` names the limit it is divided by."""
        node = peers = ""
        notes = [note] if note else []
        if spent is not None and each:
            node, peers = f"{1000 * spent.node / each:.2f}", f"{1000 * spent.peers / each:.2f}"
        if beside is not None and self.limits.get(beside):
            notes.append(f"{figure / self.limits[beside]:.1%} of the {beside}")
        if spent is not None and spent.others > 0.1 * spent.seconds:
            notes.append(f"(others used {spent.others / spent.seconds:.1f} cores)")
        print("  " + _row((what, shown(figure), unit, node, peers)) + ", ".join(notes), flush=True)


class Stopwatch:
    """CPU time and time between `start` and `stop`, of the node, the peers and everybody else."""

    def __init__(self, node: Any, peers: Any) -> None:
        self._node, self._peers = node, peers
        self._before = self._read()

    def _read(self) -> tuple[float, float, float, float]:
        return (
            processes.now(),
            processes.cpu_seconds(self._node.pid) if self._node else 0.0,
            processes.cpu_seconds(self._peers.pid) if self._peers else 0.0,
            processes.busy_seconds() - processes.own_seconds(),
        )

    def stop(self, *, seconds: float | None = None) -> Spent:
        """What was spent since this was made; `seconds` if the peers know better when it ended."""
        passed, node, peers, busy = (after - before for after, before in zip(self._read(), self._before, strict=True))
        return Spent(seconds or passed, node, peers, busy - node - peers)


def shown(figure: float) -> str:
    """A number as people read it."""
    if figure >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _row(cells: tuple[str, ...]) -> str:
    what, figure, unit, node, peers = cells
    return f"{what:<44}{figure:>9} {unit:<9}{node:>9}{peers:>9}  "
