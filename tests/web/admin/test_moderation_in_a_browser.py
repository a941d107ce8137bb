"""The form for complaints and the pages of delegates in a real browser: wide and narrow, light and dark, both directions."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from playwright.async_api import Browser

from tests.moderation.test_what_is_held import WORD, do, say
from tests.nodes.peer import Peer
from tests.nodes.served import PASSWORD, ServedNode
from tests.web.pages.test_in_a_browser import ARABIC, LONG, PHONE, WIDE, complaints

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


@pytest.mark.parametrize(("scheme", "width", "language"), [("light", WIDE, "en"), ("dark", PHONE, "ar")])
async def test_every_page_is_accessible_and_fits(
    browser: Browser, node: ServedNode, hostile_peer: Peer, scheme: str, width: int, language: str
) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann", name=f"{LONG} {ARABIC}")
    await do(node, "filter", pattern=WORD)
    await do(node, "filter", pattern=f"{LONG[:60]}", effect="refuse", kinds="Statement")
    await do(node, "mute", account=(await say(node, hostile_peer, ann, "hello", inReplyTo=ours))["attributedTo"])
    await say(node, hostile_peer, hostile_peer.actor("ben"), f"{WORD} {LONG} {ARABIC}", inReplyTo=ours)
    context = await browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 844}, locale=language
    )
    page, told = await context.new_page(), dict[str, list[str]]()
    await page.goto(f"{node.origin}/complain?about={quote(ours, safe='')}")
    told["form"] = await complaints(page)
    node.clock.advance(timedelta(seconds=10))
    await page.locator("#category-harassment").check()
    await page.locator("#words").fill(f"{LONG} {ARABIC}")
    await page.locator('form[action="/complain"] button').click()
    await page.wait_for_url("**/complain/*/*")
    address = page.url
    told["sent"] = await complaints(page)
    await page.goto(f"{node.origin}/login")
    await page.locator("#name").fill("steward")
    await page.locator("#password").fill(PASSWORD)
    await page.locator('form[action="/login"] button[type="submit"]').first.click()
    await page.wait_for_url("**/desk")
    await page.goto(f"{node.origin}/desk/moderation?group=union")
    told["moderation"] = await complaints(page)
    await page.goto(f"{node.origin}/desk/complaints?group=union")
    await page.locator("details summary").first.click()
    told["complaints"] = await complaints(page)
    await page.locator('form[action="/desk/complaints/close"] button').click()
    await page.wait_for_url("**done=closed**")
    await page.goto(address)
    told["closed"] = await complaints(page)
    await context.close()
    assert {name: found for name, found in told.items() if found} == {}
