"""Drawings: what they show, what they carry, and that nothing sticks out of them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.async_api import Browser

from node.web.charts import drawing
from node.web.charts.drawing import Bar, Drawing

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).resolve().parents[3]
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"

ROWS = Drawing(
    name="rows",
    title="People taking part, by country",
    description="Six countries; the most in Bosnia and Herzegovina.",
    bars=(
        Bar("Bosnia and Herzegovina", 195, 1950, "195 to 1,950"),
        Bar(LONG, 780, 780, "780"),
        Bar("Ireland", 390, None, "at least 390"),
        Bar("<script>alert(1)</script>", None, None, "not known"),
        Bar("مصر", 300, 400, "300 to 400"),
        Bar("日本", 0, 0, "0"),
    ),
)
YEARS = Drawing(
    name="years",
    title="Work stoppages by year",
    description="37 years.",
    bars=tuple(Bar(str(1984 + n), 100 * n, 110.0 * n, f"{100 * n:,} to {110 * n:,}") for n in range(37)),
    in_time=True,
)
SHAPES = {
    "rows": ROWS,
    "years": YEARS,
    "high at first": Drawing("a", "T", "D", tuple(reversed(YEARS.bars)), in_time=True),
    "all nothing": Drawing("b", "T", "D", tuple(Bar(str(n), 0, 0, "0") for n in range(20)), in_time=True),
    "one": Drawing("c", "T", "D", (Bar(LONG, 1e9, 2.5e9, "1,000,000,000 to 2,500,000,000"),)),
}


def shapes(one: Drawing, *, alone: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(drawing.document(one) if alone else drawing.svg(one))


def bars(root: ElementTree.Element) -> list[tuple[float, bool]]:
    """The length of each bar, and whether it is hatched; those that lie at the top first."""
    found = [one for one in root.iter(f"{SVG}rect") if one.get("width") != "100%"]
    found.sort(key=lambda one: (float(one.get("y", "0")), float(one.get("x", "0"))))
    return [(float(one.get("width", "0")), one.get("fill", "").startswith("url(#")) for one in found]


def test_bars_are_as_long_as_their_figures_and_hatched_where_they_are_only_possible() -> None:
    first, more, second, third, fifth, fifth_more = bars(shapes(ROWS))
    assert [one[1] for one in (first, more, second, third, fifth, fifth_more)] == [
        False, True, False, False, False, True,
    ]  # fmt: skip
    assert second[0] / first[0] == pytest.approx(4, abs=0.1)
    assert second[0] / third[0] == pytest.approx(2, abs=0.05)
    assert more[0] / first[0] == pytest.approx(9, abs=0.2)
    words = ["".join(one.itertext()) for one in shapes(ROWS).iter(f"{SVG}text")]
    for bar in ROWS.bars:
        assert bar.value in words and drawing.shortened(bar.label) in words


def test_many_bars_in_time_are_columns_with_the_figure_of_the_highest() -> None:
    root = shapes(YEARS)
    heights = [float(one.get("height", "0")) for one in root.iter(f"{SVG}rect") if one.get("fill") == "currentColor"]
    assert len(heights) == 36, "the first is zero, and has no bar"
    assert heights[-1] / heights[0] == pytest.approx(36, rel=0.02)
    words = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    assert "3,600 to 3,960" in words and "1984" in words and "3,000" in words


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("alone", [False, True])
def test_a_drawing_carries_nothing_that_a_policy_must_allow(name: str, alone: bool) -> None:
    root = shapes(SHAPES[name], alone=alone)
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "desc", "pattern", "path", "g", "rect", "text",
    }  # fmt: skip
    names = {attribute for one in root.iter() for attribute in one.attrib}
    assert not {one for one in names if one == "style" or one.startswith("on") or one.endswith("href")}
    assert root.get("role") == "img"
    title, description = (root.find(f"{SVG}{tag}") for tag in ("title", "desc"))
    assert title is not None and title.text == SHAPES[name].title and root.get("aria-labelledby") == title.get("id")
    assert description is not None and root.get("aria-describedby") == description.get("id")


def test_the_same_figures_are_the_same_drawing_with_or_without_a_parser_in_c() -> None:
    assert drawing.document(YEARS) == drawing.document(YEARS)
    code = (
        "from tests.web.charts.test_drawing import *; import sys;"
        "sys.stdout.buffer.write(b'|'.join(drawing.document(one) for one in SHAPES.values()))"
    )
    without = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True, env=os.environ | {"NO_LXML": "1"}
    ).stdout
    for found, one in zip(without.split(b"|"), SHAPES.values(), strict=True):
        assert ElementTree.canonicalize(found) == ElementTree.canonicalize(drawing.document(one))


def test_a_stranger_s_label_is_drawn_without_what_no_document_can_hold() -> None:
    strange = ("\x01Acme", "Ac\ufffeme", "Ac\ud800me", "Acme\U0001ffff", "\x00")
    for label in strange:
        bars_of_it = tuple(Bar(f"{label} {number}", number, number, f"{number}{label}") for number in range(20))
        for in_time in (False, True):
            drawn = shapes(Drawing("a", f"Of {label}", f"Most: {label}.", bars_of_it, in_time=in_time), alone=True)
            words = " ".join("".join(one.itertext()) for one in drawn.iter())
            assert "Of" in words and "19" in words and not set("\x00\x01\ufffe\ud800\U0001ffff") & set(words)


async def test_nothing_sticks_out_of_a_drawing_or_lies_over_another(browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    drawn = "".join([await asyncio.to_thread(drawing.svg, one) for one in SHAPES.values()])
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">"
    await page.set_content(f"<!DOCTYPE html><html lang='ar' dir='rtl'><head>{policy}</head><body>{drawn}</body></html>")
    boxes = await page.evaluate(
        """() => [...document.querySelectorAll("svg")].map(svg => {
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll("text")].map(text => {
                const box = text.getBoundingClientRect();
                return [text.textContent, box.left - frame.left, frame.right - box.right, box.top - frame.top,
                        frame.bottom - box.bottom, box.left, box.right, box.top, box.bottom];
            });
        })"""
    )
    assert told == []
    for name, words in zip(SHAPES, boxes, strict=True):
        out = [word for word in words if min(word[1:5]) < -0.5]
        assert not out, f"{name}: {out}"
        for at, (one, *_, left, right, top, bottom) in enumerate(words):
            for other in words[at + 1 :]:
                over = min(right, other[6]) - max(left, other[5]), min(bottom, other[8]) - max(top, other[7])
                # Lines of text have some air above and below the letters.
                assert min(over[0], over[1] - 3) <= 0, f"{name}: {one} and {other[0]}"
