"""The wire's filters and a struggle's accounts in a real browser: chosen by keyboard, nothing for axe-core to find."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser

from tests.nodes.served import ServedNode
from tests.web.pages.test_in_a_browser import PHONE, WIDE, complaints
from tests.web.pages.test_struggle_page import LATER, elsewhere, told

pytestmark = pytest.mark.one_database
__all__ = ["told"]


async def test_filters_are_chosen_without_a_script_and_every_page_is_accessible(
    two_nodes: tuple[ServedNode, ServedNode], told: tuple[str, str, str], report: Any, browser: Browser
) -> None:
    first, second = two_nodes
    whole = await report(
        first, **LATER, occupations="8331", latitude="53.3", longitude="-6.2", withheld="place: safety"
    )
    await report(first, title="Elsewhere", country="FR", kind="protest")
    found: dict[tuple[str, int], list[str]] = {}
    for width in (WIDE, PHONE):
        context = await browser.new_context(
            viewport={"width": width, "height": 844}, java_script_enabled=True, color_scheme="dark"
        )
        page = await context.new_page()
        for name, address in {
            "struggle": told[0],
            "heard struggle": second.origin + elsewhere(told[0]),
            "report": whole,
            "type": f"{first.origin}/ns/StruggleReport",
            "codes": f"{first.origin}/ns/codes",
        }.items():
            await page.goto(address)
            found[name, width] = await complaints(page)
        await page.goto(f"{first.origin}/wire")
        await page.get_by_text("Choose what to see").press("Enter")
        await page.get_by_label("Country").select_option(label="Ireland")
        await page.get_by_label("Until").fill("2025-11")
        found["choosing", width] = await complaints(page)
        await page.get_by_role("button", name="Show").press("Enter")
        await page.wait_for_url("**country=IE**")
        assert await page.get_by_role("heading", name="The night crews have won").count() == 2
        assert await page.get_by_role("heading", name="Elsewhere").count() == 0
        found["chosen", width] = await complaints(page)
        await page.get_by_role("link", name="Take all off").click()
        await page.wait_for_url("**/wire")
        await context.close()
    assert found == {name: [] for name in found}
