"""A progress bar for long work: on a terminal a bar that moves, elsewhere a line every tenth part."""

from __future__ import annotations

import sys
import time
from typing import TextIO

WIDTH = 30
REDRAW_SECONDS = 0.1


class Progress:
    """`with Progress("importing", total) as bar: bar.advance(200)`; written to standard error."""

    def __init__(self, label: str, total: int, *, stream: TextIO | None = None) -> None:
        self._label, self._total = label, max(total, 1)
        self._stream = stream or sys.stderr
        self._done = 0
        self._drawn_at = 0.0
        self._drawn_tenth = -1
        self._began = time.monotonic()

    def __enter__(self) -> Progress:
        self._draw(final=False)
        return self

    def __exit__(self, *_: object) -> None:
        self._draw(final=True)

    def expect(self, total: int) -> None:
        """So many there are in all, as is known by now."""
        self._total = max(total, 1)

    def advance(self, steps: int = 1) -> None:
        """So many more are done."""
        self.reach(self._done + steps)

    def reach(self, done: int) -> None:
        """So many are done in all."""
        self._done = min(done, self._total)
        self._draw(final=False)

    def _draw(self, *, final: bool) -> None:
        now = time.monotonic()
        if self._stream.isatty():
            if final or now - self._drawn_at >= REDRAW_SECONDS:
                self._drawn_at = now
                self._stream.write(f"\r{self._line(now)}" + ("\n" if final else ""))
                self._stream.flush()
            return
        tenth = self._done * 10 // self._total
        if tenth != self._drawn_tenth:
            self._drawn_tenth = tenth
            self._stream.write(f"{self._line(now)}\n")
            self._stream.flush()

    def _line(self, now: float) -> str:
        filled = self._done * WIDTH // self._total
        bar = "█" * filled + "·" * (WIDTH - filled)
        seconds = now - self._began
        rate = f", {self._done / seconds:,.0f}/s" if seconds > 1 and self._done else ""
        return f"{self._label} {bar} {self._done:,} of {self._total:,}{rate}"
