"""Appeals and conditions in a real browser: asked, answered and ended at the desk, and read by everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from node.appeals import store
from node.conditions import store as conditions
from node.identifiers import spell
from tests.appeals.test_three_nodes_show_solidarity import until_page_says
from tests.conftest import follow_each
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.test_positions_at_the_desk import window
from tests.web.pages.test_in_a_browser import PHONE, WIDE, complaints, log_in

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def test_solidarity_is_asked_for_and_shown_at_the_desk(
    two_nodes: tuple[ServedNode, ServedNode], browser: Browser
) -> None:
    first, second = two_nodes
    await follow_each(first, second)
    page = await window(browser, PHONE)
    await log_in(page, first.origin)
    await page.goto(f"{first.origin}/desk/appeals")
    assert await complaints(page) == []
    await page.get_by_label("How much is needed").fill("much")
    await page.locator("#text").fill("We go without pay.")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("say what is asked for")).to_have_count(1)
    await page.get_by_label("Money for those who go without pay.").check()
    await page.get_by_role("button", name="Publish").click()
    await expect(page.locator("#goal")).to_have_attribute("aria-invalid", "true")
    assert await page.locator("#text").input_value() == "We go without pay.", "nothing is lost"
    assert await complaints(page) == []
    await page.get_by_label("How much is needed").fill("5000 EUR")
    await page.get_by_label("Until").fill(f"{(first.clock() + timedelta(days=9)).date()}")
    await page.get_by_label("Title").fill("Help us through December")
    await page.get_by_role("button", name="Publish").click()
    await page.wait_for_url("**done=published**")
    (appeal,) = await first.read(store.listed, limit=9)

    async def heard() -> object:
        return await second.read(store.find, appeal.iri)

    await eventually(heard)
    other = await window(browser, WIDE)
    await log_in(other, second.origin)
    await other.goto(f"{second.origin}/desk/appeals")
    assert await complaints(other) == []
    await other.get_by_role("link", name="Answer Help us").click()
    await other.get_by_label("The group will.").check()
    await other.get_by_label("How much").fill("400 EUR")
    await other.locator("#answer-text").fill("Our house meeting collects.")
    assert await complaints(other) == []
    await other.get_by_role("button", name="Publish").click()
    await other.wait_for_url("**done=published**")
    assert await other.get_by_text("The group has answered.").count() == 1
    await until_page_says(first, appeal.iri, "400 EUR", "Our house meeting collects")

    reader = await window(browser, PHONE)
    for address in (appeal.iri, f"{second.origin}/appeals", f"{second.origin}/appeals?kind=strike-fund&all=yes"):
        await reader.goto(address)
        assert await complaints(reader) == []
        assert await reader.get_by_text("5,000 EUR").count() == 1
        assert await reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.goto(f"{first.origin}/desk/appeals")
    await page.get_by_role("button", name="It is there").click()
    await page.wait_for_url("**done=ended**")
    assert await first.read(store.listed, limit=9) == []


async def test_conditions_are_reported_at_the_desk(node: ServedNode, browser: Browser) -> None:
    page = await window(browser, PHONE)
    await log_in(page, node.origin)
    await page.goto(f"{node.origin}/desk/conditions")
    assert await complaints(page) == []
    await page.locator("#topic-1").select_option("wages")
    await page.locator("#figure-1").fill("11-13")
    await page.locator("#unit-1").fill("EUX")
    await page.locator("#period-1").select_option("hour")
    await page.get_by_role("button", name="More rows").click()
    await expect(page.locator("#topic-6")).to_have_count(1)
    assert await page.locator("#figure-1").input_value() == "11-13"
    await page.locator("#topic-6").select_option("safety")
    await page.locator("#words-6").fill("two fell")
    await page.get_by_label("From how many people").fill("3")
    await page.get_by_label("Who sets them").fill("Northern Tramways")
    await page.get_by_label("Title").fill("At the depot")
    await page.locator("#text").fill("We asked.")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("there is no currency")).to_have_count(1)
    await page.locator("#unit-1").fill("EUR")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("Northern Tramways"), "a figure under five is asked about").to_have_count(1)
    assert await complaints(page) == []
    await page.get_by_label("It is to be published like that").check()
    await page.get_by_role("button", name="Publish").click()
    await page.wait_for_url("**done=published**")
    (row,) = await node.read(conditions.listed, {}, limit=9)
    reader = await window(browser, PHONE)
    pages = ("/conditions", "/conditions?topic=wages", "/figures")
    for address in (row.iri, *(f"{node.origin}{path}" for path in pages)):
        await reader.goto(address)
        assert await complaints(reader) == []
        assert await reader.get_by_text("fewer than five").count() == 1, spell(row.sort_id)
        assert await reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
