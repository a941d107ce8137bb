"""What is the same for everybody, kept as bytes by each process: pure memory, found again by what it was made from.

An entry is known by a key and a version: of a text its address and when it was changed, of an account when its copy
was made. What depends on more than that (an actor who has become known since, a figure) is read anew after a while.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    value: T
    version: Hashable
    until: datetime


class Shelf(Generic[T]):
    """So many things, the last ones that were asked for; from any thread."""

    def __init__(self, *, at_most: int) -> None:
        self._at_most = at_most
        self._entries: OrderedDict[Hashable, _Entry[T]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable, version: Hashable, *, now: datetime) -> T | None:
        """What was put here under this key and version, if it is not too old."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry.version != version or entry.until <= now:
                return None
            self._entries.move_to_end(key)
            return entry.value

    def put(self, key: Hashable, version: Hashable, value: T, *, now: datetime, lasts: timedelta) -> None:
        """Keep it for so long at most."""
        with self._lock:
            self._entries[key] = _Entry(value, version, now + lasts)
            self._entries.move_to_end(key)
            while len(self._entries) > self._at_most:
                self._entries.popitem(last=False)
