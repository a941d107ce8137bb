"""Tables of figures by hand, for what shows them."""

from __future__ import annotations

from collections.abc import Sequence

from node.statistics.tables import Column, Coverage, Interval, Kind, Note, Row, Table

COLUMNS = (Column("struggles", "struggle", Kind.COUNT), Column("people", "person"))


def row(keys: str | tuple[str | None, ...] | None, struggles: int, people: Interval | None = None) -> Row:
    """A row of so many struggles."""
    named = keys if isinstance(keys, tuple) else (keys,)
    return Row(named, named, (Interval(struggles, struggles, struggles), people or Interval(absent=struggles)))


def table(by: tuple[str, ...], rows: Sequence[Row], notes: Sequence[Note] = ()) -> Table:
    """A table of these rows, by `by`."""
    return Table(
        question=f"by={','.join(by)}",
        group_by=by,
        columns=COLUMNS,
        rows=tuple(rows),
        total=row((None,) * len(by), sum(int(one.cells[0].low or 0) for one in rows)),
        coverage=Coverage(sources=3, groups=2, reports=9, struggles=7, countries=1),
        sources=("https://a.example/groups/a",),
        rule="1",
        inputs="1" * 64,
        merges="2" * 64,
        digest="3" * 64,
        notes=tuple(notes),
    )
