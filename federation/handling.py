"""Which function handles which activity: a table, filled beside the functions and merged in the open.

A row of the table is (activity type, object type); "*" stands for any object type, or any activity type. The most
exact row wins: ("Create", "Statement"), then ("Create", "*"), then ("*", "Statement"), then ("*", "*").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

# What is entered: a function, whatever its arguments are. The table never calls it.
F = TypeVar("F", bound=Callable[..., Any])

ANY = "*"


class DuplicateEntry(Exception):
    """Two functions want the same row: a mistake in our own code, found when the node is built."""

    def __init__(self, row: tuple[str, str], first: Callable[..., Any], second: Callable[..., Any]) -> None:
        super().__init__(f"{row[0]} of {row[1]} is handled by both {_name(first)} and {_name(second)}")


class HandlerTable(Generic[F]):
    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], F] = {}
        self._activity_types: set[str] = set()

    def on(self, activity_type: str, object_type: str = ANY) -> Callable[[F], F]:
        """Decorator: enter this function for these types. Raises DuplicateEntry."""

        def enter(handler: F) -> F:
            self.add((activity_type, object_type), handler)
            return handler

        return enter

    def add(self, row: tuple[str, str], handler: F) -> None:
        """Enter `handler` in `row`. Raises DuplicateEntry."""
        if row in self._rows:
            raise DuplicateEntry(row, self._rows[row], handler)
        self._rows[row] = handler
        self._activity_types.add(row[0])

    def knows(self, activity_type: str) -> bool:
        """Whether activities of this type are handled at all, whatever their object is."""
        return activity_type in self._activity_types

    def find(self, activity_type: str, object_type: str | None) -> F | None:
        """The handler for these types, None if nobody wants them. `object_type` None: it is not known."""
        exact = ANY if object_type is None else object_type
        for row in ((activity_type, exact), (activity_type, ANY), (ANY, exact), (ANY, ANY)):
            if row in self._rows:
                return self._rows[row]
        return None

    def rows(self) -> dict[tuple[str, str], F]:
        """A copy of the table, for documentation and tests."""
        return dict(self._rows)


def merged(tables: Iterable[HandlerTable[F]]) -> HandlerTable[F]:
    """One table of all. Raises DuplicateEntry if two tables have the same row."""
    whole: HandlerTable[F] = HandlerTable()
    for table in tables:
        for row, handler in table.rows().items():
            whole.add(row, handler)
    return whole


def _name(handler: Callable[..., Any]) -> str:
    return f"{getattr(handler, '__module__', '?')}.{getattr(handler, '__qualname__', repr(handler))}"
