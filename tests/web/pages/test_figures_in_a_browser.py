"""The form of figures with a keyboard alone, and everything that is folded away, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from tests.nodes.served import ServedNode
from tests.web.pages.test_in_a_browser import complaints, log_in, window

pytestmark = pytest.mark.one_database
__all__ = ["window"]


async def test_a_reader_asks_with_the_keyboard_alone(window: Page, node: ServedNode, report: Any) -> None:
    await report(node, country="IE", began="2025-03-01")
    await report(node, country="EG", began="2024-03-01", title="Another", field="housing")
    await window.goto(f"{node.origin}/figures")
    await window.get_by_text("Ask something else").press("Enter")
    await window.get_by_label("Rows by").select_option("country")
    await window.get_by_label("Field").select_option("housing")
    await window.get_by_text("More to choose from").press("Enter")
    await window.get_by_text("Whose reports count", exact=True).press("Enter")
    assert await complaints(window) == [], "with everything unfolded"
    await window.get_by_role("button", name="Show").press("Enter")
    await window.wait_for_url("**by=country**field=housing**")
    assert await window.get_by_role("img", name="Struggles by country").count() == 1
    assert await window.get_by_role("rowheader", name="Egypt").count() == 1
    assert await window.get_by_role("rowheader", name="Ireland").count() == 0
    await window.get_by_role("link", name="without housing").press("Enter")
    await window.wait_for_url(lambda url: "housing" not in url)
    assert await window.get_by_role("rowheader", name="Ireland").count() == 1
    table = window.get_by_role("region", name="The figures: country")
    await table.focus()
    await window.keyboard.press("ArrowRight")
    assert await window.evaluate("document.activeElement.className") == "wide", "who cannot drag it can scroll it"


async def test_a_chart_is_as_dark_as_its_page_and_needs_no_colour(window: Page, node: ServedNode, report: Any) -> None:
    await report(node, country="IE", workers_involved="100-500")
    await window.emulate_media(color_scheme="dark", forced_colors="active")
    await window.goto(f"{node.origin}/figures?by=country&show=people")
    words = await window.evaluate("getComputedStyle(document.querySelector('.chart text')).fill")
    paper = await window.evaluate("getComputedStyle(document.body).backgroundColor")
    assert words != paper
    assert await window.locator(".chart rect[fill^='url(#']").count() == 1, "what is only possible is hatched"
    assert await window.locator(".chart text", has_text="100 to 500").count() == 1


async def test_the_desk_of_figures_is_accessible(
    window: Page, two_nodes: tuple[ServedNode, ServedNode], report: Any
) -> None:
    first, second = two_nodes
    await report(second, title="Ours")
    await log_in(window, second.origin)
    for path in ("/desk/figures", f"/desk/figures?with={first.origin}"):
        await window.goto(second.origin + path)
        assert await complaints(window) == []
    assert await window.get_by_text("Counted here and not there (1)").count() == 1
