"""From pygal's SVG to ours: shapes and words alone, with their colours, and what they are for who does not see them.

Scripts, styles, hidden notes and whatever reacts to a mouse is left out, so that no policy must allow any of it.
Colours are attributes, which the style sheet of a page overrules (`.chart`): in a page a drawing is dark when the page
is, and on its own it is ink on paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pygal.etree import etree

from node.web.charts.drawing import FONT, WIDTH, Drawing

INK, PAPER, ACCENT, HAIR = "#1c1a16", "#faf7f0", "#9d1b1b", "#d9d0be"
FAMILY = "system-ui, Noto Sans, Liberation Sans, Helvetica, Arial, sans-serif"
DECIMALS = re.compile(r"-?\d+\.\d+")
THINNEST = 0.05  # what is thinner is nothing
AIR = 2.5  # above a bar and below it, where one stands under the other


def dressed(root: Any, drawing: Drawing, *, alone: bool) -> Any:
    """The picture that pygal has drawn, as a page may hold it."""
    made = etree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": root.get("viewBox")})
    for name, value in _about(drawing).items():
        made.set(name, value)
    for tag, text in (("title", drawing.title), ("desc", drawing.description)):
        _put(made, tag, {"id": f"{drawing.name}-{tag}"}).text = text
    if drawing.has_range:
        _put_hatching(made, drawing)
    if alone:
        _put(made, "rect", {"width": "100%", "height": "100%", "fill": PAPER})
    for plot in root[-1]:
        _put_plot(made, plot, drawing)
    return made


def _about(drawing: Drawing) -> dict[str, str]:
    return {
        "class": "chart",
        "role": "img",
        "aria-labelledby": f"{drawing.name}-title",
        "aria-describedby": f"{drawing.name}-desc",
        "direction": "ltr",  # or left and right of an anchor change places in an Arabic page
        "font-family": FAMILY,
        "font-size": str(FONT),
        "color": ACCENT,
        "fill": INK,
    }


def _put(parent: Any, tag: str, attributes: dict[str, str]) -> Any:
    return etree.SubElement(parent, tag, {name: _rounded(value) for name, value in attributes.items()})


def _rounded(value: str) -> str:
    return DECIMALS.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), value)


def _put_hatching(made: Any, drawing: Drawing) -> None:
    attributes = {"width": "5", "height": "5", "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    pattern = _put(made, "pattern", {"id": _hatching(drawing), **attributes})
    _put(pattern, "path", {"d": "M1 0V5", "stroke": "currentColor", "stroke-width": "2"})


def _hatching(drawing: Drawing) -> str:
    return f"{drawing.name}-hatching"


def _put_plot(made: Any, plot: Any, drawing: Drawing) -> None:
    """One layer of pygal's with something in it: lines, bars and labels, or the figures above them."""
    shapes = [*_lines(plot), *_bars(plot, drawing), *_labels(plot), *_values(plot, drawing)]
    if shapes:
        layer = _put(made, "g", {"transform": plot.get("transform")})
        for tag, attributes, text in shapes:
            _put(layer, tag, attributes).text = text


Shape = tuple[str, dict[str, str], str | None]


def _lines(plot: Any) -> Iterator[Shape]:
    """The lines to which the numbers of the scale belong."""
    for axis in _axes(plot):
        if "y" in axis.get("class").split():
            for line in axis.iter("path"):
                yield "path", {"d": line.get("d"), "stroke": HAIR}, None


def _bars(plot: Any, drawing: Drawing) -> Iterator[Shape]:
    ends = {"stroke": "currentColor", "fill": f"url(#{_hatching(drawing)})"}
    for number, fill in enumerate(({"fill": "currentColor"}, ends)):
        for series in _of_class(plot, f"serie-{number}"):
            for rect in series.iter("rect"):
                place = {name: float(rect.get(name, "0")) for name in ("x", "y", "width", "height")}
                if min(place["width"], place["height"]) > THINNEST:
                    if not drawing.as_columns:
                        place |= {"y": place["y"] + AIR, "height": place["height"] - 2 * AIR}
                    yield "rect", {name: str(value) for name, value in place.items()} | fill, None


def _labels(plot: Any) -> Iterator[Shape]:
    for axis in _axes(plot):
        anchor = "end" if "y" in axis.get("class").split() else "middle"
        for text in axis.iter("text"):
            yield "text", {"x": text.get("x"), "y": text.get("y"), "text-anchor": anchor}, text.text


def _values(plot: Any, drawing: Drawing) -> Iterator[Shape]:
    for text in _of_class(plot, "value"):
        if text.tag == "text" and text.text:
            place = {"x": text.get("x"), "y": text.get("y"), "font-weight": "bold"}
            yield "text", place | {"text-anchor": _anchor(float(place["x"]), drawing)}, text.text


def _anchor(x: float, drawing: Drawing) -> str:
    """To which side a figure runs from its bar, so that it stays in the picture."""
    if not drawing.as_columns:
        return "start"
    return "start" if x < WIDTH / 4 else "end" if x > WIDTH * 5 / 8 else "middle"


def _axes(plot: Any) -> list[Any]:
    return [one for one in _of_class(plot, "axis") if one.tag == "g"]


def _of_class(parent: Any, name: str) -> list[Any]:
    return [one for one in parent.iter() if name in (one.get("class") or "").split()]
