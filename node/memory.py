"""What was read and is still true: answers that many ask for, kept until a commit could have changed them.

`await database.remembered(fn, ...)` is `database.read(fn, ...)` that asks once. While `fn` runs it is noted which
tables it reads, and of each commit of this process which tables it changed; an answer is true as long as none of its
tables has changed. So nobody has to say what depends on what, and nothing is ever answered from before a commit of
this process. A row that goes because another goes (ON DELETE CASCADE) changes the other's table alone.

What another process commits is noticed within a quarter of a second on SQLite, within a second on PostgreSQL, which is
less than every cache outside keeps what it was served. An answer about the time is no older than a minute.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, TextClause
from sqlalchemy.sql import visitors
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.dml import UpdateBase

BYTES_TOGETHER = 4_194_304
BYTES_EACH = 65_536
BYTES_AROUND = 1_000  # of an entry beside what it answers
EVERYTHING = "*"  # what a statement changes whose tables cannot be told
SILENT = ("NOTIFY ", "SELECT ", "PRAGMA ")


@dataclass(frozen=True, slots=True)
class _Entry:
    value: Any
    tables: frozenset[str]
    since: int
    at: datetime
    size: int


class Memory:
    """The answers of one process, and the number of the last commit that changed each table."""

    def __init__(self, *, trusted_for: timedelta) -> None:
        self.trusted_for = trusted_for
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._changed: dict[str, int] = {}
        self._lock = threading.Lock()
        self._bytes = 0
        self.commits = 0

    def find(self, key: Hashable, *, now: datetime) -> Any:
        """What was answered, if it is still true; else None."""
        entry = self._entries.get(key)
        if entry is None or abs(now - entry.at) > self.trusted_for or self._is_changed(entry):
            return None
        return entry.value

    def _is_changed(self, entry: _Entry) -> bool:
        changed, since = self._changed, entry.since
        if EVERYTHING in entry.tables:
            return self.commits > since
        return changed.get(EVERYTHING, 0) > since or any(changed.get(name, 0) > since for name in entry.tables)

    def changed_last(self, tables: Iterable[str]) -> int:
        """The number of the last commit that changed, or may have changed, any of these tables."""
        changed = self._changed
        return max(changed.get(EVERYTHING, 0), *(changed.get(name, 0) for name in tables))

    def keep(self, key: Hashable, value: Any, *, tables: Iterable[str], since: int, at: datetime) -> None:
        """Remember an answer that was read from `tables`, begun when `since` commits had been made."""
        if (size := _size(value)) > BYTES_EACH:
            return
        with self._lock:
            if (older := self._entries.pop(key, None)) is not None:
                self._bytes -= older.size
            self._entries[key] = _Entry(value, frozenset(tables), since, at, size)
            self._bytes += size
            while self._bytes > BYTES_TOGETHER:
                self._bytes -= self._entries.popitem(last=False)[1].size

    def note(self, tables: Iterable[str]) -> None:
        """A commit has changed `tables`; from any thread."""
        with self._lock:
            self.commits += 1
            for name in tables:
                self._changed[name] = self.commits

    def forget_all(self) -> None:
        """Another process has changed something."""
        self.note([EVERYTHING])


def _size(value: Any) -> int:
    parts = value if isinstance(value, tuple) else (value,)
    return BYTES_AROUND + sum(len(getattr(part, "body", b"")) for part in parts)


def tables_of(statement: Executable) -> frozenset[str]:
    """The names of the tables that a statement reads or changes; EVERYTHING if it is written by hand."""
    if isinstance(statement, TextClause):
        return frozenset() if str(statement).startswith(SILENT) else frozenset([EVERYTHING])
    if isinstance(statement, UpdateBase):
        return frozenset([str(getattr(statement.table, "name", EVERYTHING))])
    found: Any = visitors.iterate(statement)  # type: ignore[arg-type]
    return frozenset(str(one.name) for one in found if isinstance(one, Table))
