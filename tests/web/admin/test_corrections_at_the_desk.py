"""A correction asked for and answered, in real browsers: a stranger's telephone and the desk."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.nodes.served import ServedNode
from tests.web.admin.test_positions_at_the_desk import window
from tests.web.pages.test_in_a_browser import PHONE, WIDE, complaints, log_in

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def test_a_stranger_asks_and_a_member_answers_beside_the_text(node: ServedNode, browser: Browser) -> None:
    iri = await node.publish("There were 420 of us.", title="At the gate")
    stranger = await window(browser, PHONE)
    await stranger.goto(iri)
    await stranger.get_by_role("link", name="Ask for a correction").click()
    assert await complaints(stranger) == []
    await stranger.get_by_label("What is wrong").fill("There were 240.")
    await stranger.get_by_role("button", name="Send it to the group").click()
    await stranger.wait_for_url("**done=yes")
    assert await complaints(stranger) == []
    assert await stranger.context.cookies() == []

    page = await window(browser, PHONE)
    await log_in(page, node.origin)
    await page.get_by_role("link", name="Requests for a correction: 1").click()
    assert await complaints(page) == []
    await page.get_by_label("What was asked").fill("How many were you?")
    await page.get_by_label("What the group answers").fill("It was 240; the larger figure was a mistake.")
    await page.get_by_role("button", name="Answer request 1", exact=True).click()
    await page.wait_for_url("**decision=**")
    assert await page.get_by_text("Nobody asks for a correction.").is_visible()
    assert await complaints(page) == []

    await stranger.get_by_role("link", name="Back to the text").click()
    beside = stranger.get_by_role("region", name="Asked and answered")
    assert "How many were you?" in await beside.inner_text() and "It was 240" in await beside.inner_text()
    assert await complaints(stranger) == []


async def test_the_search_is_used_with_the_keyboard_alone(node: ServedNode, browser: Browser) -> None:
    for number in range(3):
        await node.publish(f"Chapter {number} of the long night.", title=f"Chapter {number}")
    page = await window(browser, WIDE)
    await page.goto(node.origin)
    await page.get_by_role("link", name="Search").press("Enter")
    await page.get_by_label("Words").fill('"long night" -2')
    await page.get_by_label("Words").press("Enter")
    await page.wait_for_url("**/search?q=**")
    assert await page.locator("mark").all_inner_texts() == ["long night", "long night"]
    assert await complaints(page) == []
