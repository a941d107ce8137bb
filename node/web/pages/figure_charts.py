"""From a table of figures to drawings of one of its columns: pure, in the language that is spoken.

One dimension is one drawing; of two, the second has a drawing for each of its greatest values, all on one scale. Of
three nothing is drawn: nobody could read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from node.statistics.tables import Column, Interval, Row, Table
from node.translating import N_, filled, spoken, translated
from node.web.charts.drawing import Bar, Drawing
from node.web.pages import figure_words

ROWS_AT_MOST = 12
PERIODS_AT_MOST = 60
SEVERAL_AT_MOST = 4
PERIODS_EACH_AT_MOST = 40
PARTS = {"year": 1, "quarter": 4, "month": 12}
"""How many of a period a year has."""

TITLE = N_("{figure} by {rows}")
TITLE_OF_ONE = N_("{figure} by {rows}: {one}")
IN_TIME = N_("{count} bars, from {first} to {last}. The highest is {label}: {value}. The table has every figure.")
IN_ROWS = N_("{count} bars, the longest first: {label}, {value}. The table has every figure.")


def drawings(table: Table, key: str, *, name: str = "chart", most: int = ROWS_AT_MOST) -> list[Drawing]:
    """The column `key` of a table as drawings, none if it has no such column, no row, or too many dimensions.

    Each has a name that begins with `name`, and where its rows are no periods the greatest `most` of them.
    """
    place = table.column(key)
    if place is None or not table.rows or len(table.group_by) > 2:
        return []
    column, grouping = table.columns[place], table.group_by[0]
    if len(table.group_by) == 1:
        bars = _bars({row.keys[0]: row for row in table.rows}, place, grouping, _span(table, PERIODS_AT_MOST), most)
        return [_drawing(bars, name, grouping, column, None)] if bars else []
    several, span = _greatest(table.rows, place), _span(table, PERIODS_EACH_AT_MOST)
    top = max((_top(row.cells[place]) for rows in several.values() for row in rows), default=0)
    found = []
    for number, (value, rows) in enumerate(several.items()):
        if bars := _bars({row.keys[0]: row for row in rows}, place, grouping, span, most):
            one = figure_words.row(table.group_by[1], value[0], value[1])
            found.append(_drawing(bars, f"{name}-{number}", grouping, column, one, top=top))
    return found


def _greatest(rows: Sequence[Row], place: int) -> Mapping[tuple[str | None, str | None], list[Row]]:
    """The rows of the greatest few values of the second dimension, of those that are said."""
    by_value: dict[tuple[str | None, str | None], list[Row]] = {}
    for row in [row for row in rows if row.keys[1] is not None] or rows:
        by_value.setdefault((row.keys[1], row.labels[1]), []).append(row)
    size = {value: sum(_top(row.cells[place]) for row in found) for value, found in by_value.items()}
    return {value: by_value[value] for value in sorted(by_value, key=lambda one: -size[one])[:SEVERAL_AT_MOST]}


def _span(table: Table, most: int) -> list[str]:
    """The last periods of a table, with those between of which there is nothing; none if its rows are no periods."""
    grouping = table.group_by[0]
    known = sorted({row.keys[0] for row in table.rows if row.keys[0] is not None})
    if grouping not in PARTS or not known:
        return []
    last = _number(known[-1], PARTS[grouping])
    first = max(_number(known[0], PARTS[grouping]), last - most + 1)
    return [_period(number, grouping) for number in range(first, last + 1)]


def _number(period: str, parts: int) -> int:
    """How many periods lie before it."""
    year, _, part = period.partition("-")
    return int(year) * parts + (int(part.removeprefix("Q")) - 1 if part else 0)


def _period(number: int, grouping: str) -> str:
    year, part = divmod(number, PARTS[grouping])
    return f"{year:04}" + {"year": "", "quarter": f"-Q{part + 1}", "month": f"-{part + 1:02}"}[grouping]


def _bars(rows: Mapping[str | None, Row], place: int, grouping: str, span: Sequence[str], most: int) -> list[Bar]:
    """Periods in their order, none left out; anything else by its size, the greatest of them."""
    if span:
        shown = [(one, rows.get(one)) for one in span]
        return [
            Bar(figure_words.row(grouping, one, None), None, None, "") if row is None else _bar(row, place, grouping)
            for one, row in shown
        ]
    chosen = sorted(rows.values(), key=lambda row: -_top(row.cells[place]))[:most]
    return [_bar(row, place, grouping) for row in chosen]


def _bar(row: Row, place: int, grouping: str) -> Bar:
    cell = row.cells[place]
    label = figure_words.row(grouping, row.keys[0], row.labels[0])
    return Bar(label, cell.low, cell.high, figure_words.interval(cell))


def _top(cell: Interval) -> float:
    return cell.high if cell.high is not None else cell.low or 0


def _drawing(
    bars: Sequence[Bar], name: str, grouping: str, column: Column, one: str | None, *, top: float | None = None
) -> Drawing:
    figure, rows = figure_words.column(column), translated(figure_words.GROUPINGS[grouping])
    titled = (
        filled(TITLE, figure=figure, rows=rows)
        if one is None
        else filled(TITLE_OF_ONE, figure=figure, rows=rows, one=one)
    )
    highest = max(bars, key=lambda bar: bar.top)
    in_time = grouping in figure_words.OF_PERIODS
    described = filled(
        IN_TIME if in_time else IN_ROWS,
        count=len(bars),
        first=bars[0].label,
        last=bars[-1].label,
        label=highest.label,
        value=highest.value,
    )
    return Drawing(
        name=name,
        title=titled[:1].upper() + titled[1:],
        description=described,
        bars=bars,
        in_time=in_time,
        language=spoken(),
        top=top,
    )
