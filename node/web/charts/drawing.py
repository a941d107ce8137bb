"""Bars as SVG, by pygal. One drawing serves twice: inside a page, and as a document of its own.

Pygal reads a file for every chart: draw where reading does not block the loop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from node import localised, names

WIDTH = 460
ROW = 30
COLUMNS_HEIGHT = 280
COLUMNS_HEIGHT_OF_SEVERAL = 170
FONT = 15
LETTER = 0.58  # of the size of the font, on average, in a sans serif
LABEL_CHARACTERS = 20
LABEL_LETTER = 0.6  # as pygal measures
NARROWEST = 110  # what is left for bars
COLUMNS_FROM = 13  # bars; from there on they stand side by side, and only some have room for their figure
SCALE_CHARACTERS = 7  # room for the numbers of the scale


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: solid up to `low`, hatched up to `high`, with its figure in words. `low` None: nothing is known.

    `high` None: as much as `low`, and nobody knows how much more.
    """

    label: str
    low: float | None
    high: float | None
    value: str

    @property
    def more(self) -> float:
        """How much of it is possible and not certain."""
        return 0 if self.high is None else max(self.high - (self.low or 0), 0)

    @property
    def top(self) -> float:
        """Where it ends."""
        return (self.low or 0) + self.more


@dataclass(frozen=True, slots=True)
class Drawing:
    """At least one bar, all of one unit. `name` is its own on its page: a letter, then letters, digits and dashes.

    `in_time`: each bar follows on the one before, so that many of them stand side by side as columns.
    `language` is the one in which the numbers of its scale are written. With `top` its scale goes up to there, as those
    of other drawings beside it do.
    """

    name: str
    title: str
    description: str
    bars: Sequence[Bar]
    in_time: bool = False
    language: str = "en"
    top: float | None = None

    @property
    def as_columns(self) -> bool:
        """Whether its bars stand side by side."""
        return self.in_time and len(self.bars) >= COLUMNS_FROM

    @property
    def has_range(self) -> bool:
        """Whether some of it is hatched."""
        return any(bar.more for bar in self.bars)


def svg(drawing: Drawing) -> str:
    """The drawing as an element that may stand in a page of HTML."""
    return _render(drawing, alone=False)


def document(drawing: Drawing) -> bytes:
    """The drawing as a document of its own, on paper."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_render(drawing, alone=True)}\n'.encode()


def shortened(label: str, most: int = LABEL_CHARACTERS) -> str:
    """As much of a label as there is room for."""
    return label if len(label) <= most else f"{label[: most - 1].rstrip()}…"


def _render(drawing: Drawing, *, alone: bool) -> str:
    from node.web.charts import dressing  # it needs pygal, which few requests need

    drawn = _legible(drawing)
    chart = _columns(drawn) if drawn.as_columns else _rows(drawn)
    chart.add_xml_filter(lambda root: dressing.dressed(root, drawn, alone=alone))
    return str(chart.render())


def _legible(drawing: Drawing) -> Drawing:
    """The same in words that XML can hold: a label may be a stranger's."""
    bars = [replace(bar, label=names.legible(bar.label), value=names.legible(bar.value)) for bar in drawing.bars]
    title, description = names.legible(drawing.title), names.legible(drawing.description)
    return replace(drawing, title=title, description=description, bars=bars)


def _rows(drawing: Drawing) -> Any:
    """One under the other, the first on top, each with its figure at its end."""
    import pygal

    beside = int(max(len(bar.value) for bar in drawing.bars) * FONT * LETTER) + 12
    room = int((WIDTH - beside - NARROWEST) / (FONT * LABEL_LETTER))
    settings = _settings() | {
        "height": 8 + ROW * len(drawing.bars),
        "margin_right": beside,
        "show_x_labels": False,
    }
    chart = pygal.HorizontalStackedBar(**settings, range=_range(drawing))
    upwards = list(reversed(drawing.bars))  # pygal begins at the bottom
    chart.x_labels = [shortened(bar.label, min(room, LABEL_CHARACTERS)) for bar in upwards]
    _fill(chart, upwards, [bar.value for bar in upwards])
    return chart


def _columns(drawing: Drawing) -> Any:
    """Side by side, with the figure of the highest, and a label to every so many."""
    import pygal

    settings = _settings() | {"margin_right": 24, "show_minor_x_labels": False, "range": _range(drawing)}
    settings["height"] = COLUMNS_HEIGHT if drawing.top is None else COLUMNS_HEIGHT_OF_SEVERAL
    chart = pygal.StackedBar(**settings, value_formatter=lambda value: localised.number(value, drawing.language))
    bars = list(drawing.bars)
    chart.x_labels = [bar.label for bar in bars]
    chart.x_labels_major = [bar.label for bar in bars[:: _every(bars)]]
    highest = max(range(len(bars)), key=lambda place: bars[place].top)
    # That of any other would lie over its neighbours.
    _fill(chart, bars, [bar.value if place == highest else "" for place, bar in enumerate(bars)])
    return chart


def _every(bars: Sequence[Bar]) -> int:
    """Of how many columns one has room for its label."""
    wide = (max(len(bar.label) for bar in bars) + 2) * FONT * LETTER
    room = WIDTH - SCALE_CHARACTERS * FONT * LETTER
    return math.ceil(len(bars) * wide / room)


def _range(drawing: Drawing) -> tuple[float, float] | None:
    return (0, drawing.top) if drawing.top else None


def _settings() -> dict[str, Any]:
    from pygal.style import Style

    return {
        "width": WIDTH,
        "style": Style(label_font_size=FONT, major_label_font_size=FONT, value_font_size=FONT),
        "js": (),
        "disable_xml_declaration": True,
        "no_prefix": True,
        "show_legend": False,
        "print_values": True,
        "print_values_position": "top",
        "truncate_label": -1,
        "margin_top": 4,
        "margin_bottom": 4,
        "margin_left": 0,
        "spacing": 6,
        "min_scale": 3,
        "max_scale": 6,
    }


def _fill(chart: Any, bars: Sequence[Bar], values: Sequence[str]) -> None:
    """Two series, one on the other: what is certain, and what more is possible, with the figure at the end of both.

    Where everything is certain there is one: half the work.
    """
    certain, more = [bar.low or 0 for bar in bars], [bar.more for bar in bars]
    told = [_saying(value) for value in values]
    if any(more):
        chart.add("", [{"value": one, "formatter": _saying("")} for one in certain])
        chart.add("", [{"value": one, "formatter": says} for one, says in zip(more, told, strict=True)])
    else:
        chart.add("", [{"value": one, "formatter": says} for one, says in zip(certain, told, strict=True)])


def _saying(text: str) -> Callable[[object], str]:
    return lambda value: text
