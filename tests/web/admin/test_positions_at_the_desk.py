"""Positions in a real browser: taken, admitted, removed and revoked at the desk, and read beside each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from node import objects
from node.decisions import Rule
from node.decisions import actions as decisions
from node.decisions.rules import Method
from node.groups import actions as groups
from node.identifiers import spell
from node.positions import store
from tests.conftest import follow_each
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.positions.taking import shown_on, take, until_shown
from tests.positions.test_positions_of_others import position, say
from tests.web.pages.test_in_a_browser import PHONE, WIDE, complaints, log_in

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
ARABIC = "نرى أن الإضراب جاء مبكرًا، وندعو إلى مزيد من النقاش."


async def window(browser: Browser, width: int, language: str = "en") -> Page:
    context = await browser.new_context(viewport={"width": width, "height": 844}, locale=language)
    return await context.new_page()


async def test_positions_are_taken_and_dealt_with_at_the_desk(
    two_nodes: tuple[ServedNode, ServedNode], hostile_peer: Peer, browser: Browser, tmp_path: Path
) -> None:
    first, second = two_nodes
    await follow_each(first, second)
    steward = await second.steward()
    await second.write(groups.edit_profile, {"tendency": "council communist"}, actor=second.group, member=steward)
    text = await first.publish("We strike on Monday.", title="Monday")
    await eventually(lambda: second.holds(text))
    council = hostile_peer.actor("council", type="Organization", name="Works Council", tendency="moderate")
    arabic = {"contentMap": {"ar": f"<p>{ARABIC}</p>"}, "content": f"<p>{ARABIC}</p>"}
    await say(hostile_peer, first, "Create", waiting := position(hostile_peer, council, text, **arabic))

    # The second group takes one, from the address of its own page about the text.
    page = await window(browser, PHONE)
    await log_in(page, second.origin)
    held = await second.read(objects.find, text)
    await page.goto(f"{second.origin}/desk/positions?on={second.origin}/heard/{spell(held.sort_id)}")
    assert await complaints(page) == []
    await page.get_by_label("The group supports the text, with reservations.").check()
    await page.get_by_label("Why").fill("We come along. **Bring more.**")
    await page.get_by_label("Language").fill("no language")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.locator("#language")).to_have_attribute("aria-invalid", "true")
    assert await page.get_by_label("Why").input_value() == "We come along. **Bring more.**", "nothing is lost"
    assert await complaints(page) == []
    await page.get_by_label("Language").fill("en")
    await page.get_by_role("button", name="Publish").click()
    await page.wait_for_url("**done=published**")
    assert await page.get_by_role("status").inner_text() == "The position is taken."
    await until_shown(first, text, "in support, with reservations", "Bring more.")

    # The first admits the stranger's; both stand beside each other, in either direction of writing.
    page = await window(browser, WIDE)
    await log_in(page, first.origin)
    await page.get_by_role("link", name="Positions of groups that nobody here follows").click()
    await page.wait_for_url("**/desk/positions**")
    assert await complaints(page) == []
    await page.get_by_role("button", name="Admit").click()
    await page.wait_for_url("**done=admitted**")
    for width, language in ((WIDE, "en"), (PHONE, "en"), (PHONE, "ar")):
        reader = await window(browser, width, language)
        await reader.goto(text)
        assert await complaints(reader) == []
        columns = reader.locator(".tendencies > section")
        assert await columns.locator("h3").all_text_contents() == ["council communist", "moderate"]
        boxes = [await columns.nth(number).bounding_box() for number in (0, 1)]
        assert boxes[0] is not None and boxes[1] is not None
        assert (boxes[0]["y"] == boxes[1]["y"]) is (width == WIDE), "beside each other where there is room"
        said = reader.locator(".position .text p", has_text="الإضراب")
        assert await said.evaluate("one => getComputedStyle(one).direction") == "rtl"
        await reader.screenshot(path=tmp_path / f"positions-{width}-{language}.png", full_page=True)

    # Removed for a reason, and revoked.
    await page.goto(f"{first.origin}/desk/positions")
    council_says = page.locator("article", has_text="Works Council")
    await council_says.get_by_text("Remove").first.click()
    await council_says.get_by_label("Reason").select_option("harassment")
    assert await complaints(page) == []
    await council_says.get_by_role("button", name="Remove", exact=True).click()
    await page.wait_for_url("**done=removed**")
    said = await shown_on(first, text)
    assert "It attacked people" in said and "الإضراب" not in said and not await first.holds(waiting["id"])


async def test_what_the_group_has_to_decide_is_said_to_be_proposed(
    two_nodes: tuple[ServedNode, ServedNode], browser: Browser
) -> None:
    first, second = two_nodes
    text = await first.publish("We strike on Monday.", title="Monday")
    await eventually(lambda: second.holds(text))
    iri = await take(second, text, "support")
    rule, member = Rule(method=Method.APPROVALS, approvals=1, at_least=3600), await second.steward()
    await second.write(decisions.change_rule, "take_position", rule, actor=second.group, member=member)
    page = await window(browser, PHONE)
    await log_in(page, second.origin)
    await page.goto(f"{second.origin}/desk/positions?on={text}")
    await page.get_by_label("The group opposes the text.").check()
    await page.get_by_label("Why").fill("We have thought again.")
    await page.get_by_role("button", name="Propose it to the group").click()
    await expect(page.get_by_role("status")).to_contain_text("This is its receipt")
    await expect(page.locator("main")).to_contain_text("nothing has changed yet")
    assert "thought again" not in await shown_on(second, text)
    assert (await second.read(store.find, iri)).stance == "support"
