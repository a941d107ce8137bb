"""The pages about members, oneself and groups in a real browser: wide and narrow, light and dark, from right to left."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from node.groups import founding, roles
from node.groups.founding import NewGroup
from node.members.rules import Grant
from tests.groups.test_roles import DAY, person
from tests.members.test_second_factor import shown
from tests.nodes.served import PASSWORD, ServedNode
from tests.web.pages.test_in_a_browser import ARABIC, LONG, PHONE, WIDE, complaints

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def peopled(node: ServedNode) -> None:
    """A group with several members, a long remit, turns, and a group that was retired."""
    steward = await node.steward()
    for name in ("rosa", "a-very-long-login-name-that-is-allowed", "emma"):
        await person(node, name)
    remit = f"{LONG} {ARABIC}"
    for name, role in (("rosa", "steward"), ("a-very-long-login-name-that-is-allowed", "editor")):
        grant = Grant(role, ends=node.clock() + 20 * DAY, remit=remit)
        await node.write(roles.give, name, grant, actor=node.group, member=steward)
    turns = roles.Turns(Grant("delegate"), ("rosa", "emma"), 7, 2)
    await node.write(roles.arrange_turns, turns, actor=node.group, member=steward)
    await node.write(roles.invite, Grant("writer"), 7 * DAY, actor=node.group, member=steward)
    await founding.add(node.node, NewGroup("former", "Former Committee", "en", "rosa"), member=steward)
    await person(node, "clara")
    await node.write(roles.remove, "emma", actor=node.group, member=steward)


@pytest.mark.parametrize(("scheme", "width", "language"), [("light", WIDE, "en"), ("dark", PHONE, "ar")])
async def test_every_page_is_accessible_and_fits(
    browser: Browser, node: ServedNode, scheme: str, width: int, language: str
) -> None:
    await peopled(node)
    context = await browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 844}, locale=language
    )
    page, told = await context.new_page(), dict[str, list[str]]()

    async def look(name: str, path: str | None = None) -> None:
        if path is not None:
            await page.goto(node.origin + path)
        told[name] = await complaints(page)

    async def press(form: str) -> None:
        await page.locator(f'form[action="{form}"] button[type="submit"]').first.click()

    await page.goto(f"{node.origin}/login")
    await page.locator("#name").fill("steward")
    await page.locator("#password").fill(PASSWORD)
    await press("/login")
    await page.wait_for_url("**/desk")
    await look("members", "/desk/members")
    await page.locator("#invite-until").fill("2020-01-01")
    await press("/desk/members/invite")
    await expect(page.locator("#invite-until")).to_have_attribute("aria-invalid", "true")
    await look("a mistake")
    await page.goto(f"{node.origin}/desk/members")
    await press("/desk/members/invite")
    link = await page.locator("p.once a").get_attribute("href")
    await look("an invitation made")
    await look("power", "/desk/members/power")
    await look("groups", "/desk/groups")
    for field, value in (("name", "Strike Fund"), ("handle", "fund")):
        await page.locator(f"#{field}").fill(value)
    await press("/desk/groups/add")
    await look("a group added")
    await look("the end of a group", "/desk/groups?group=fund")
    await second_factor(page, node, look)
    assert link is not None
    await page.goto(link)
    await look("an invitation, logged in")
    await context.clear_cookies()
    await page.goto(link)
    await look("an invitation")
    await page.locator("#name").fill("steward")
    await page.locator("#password").fill(PASSWORD)
    await page.locator("main form button").click()
    await look("a name that is taken")
    assert told == {name: [] for name in told}
    assert await page.evaluate("getComputedStyle(document.documentElement).direction") == (
        "rtl" if language == "ar" else "ltr"
    )
    await context.close()


async def second_factor(page: Page, node: ServedNode, look: object) -> None:
    """Set up a second factor with nothing but the page."""
    assert callable(look)
    await look("me", "/desk/me")
    await page.locator("#begin-password").fill(PASSWORD)
    await page.locator('form[action="/desk/me/begin"] button').click()
    await look("setting up a second factor")
    seed = re.search("secret=([A-Z2-7]+)", await page.content())
    assert seed is not None
    box = await page.locator("svg.qr").bounding_box()
    assert box is not None and box["width"] > 150 and abs(box["width"] - box["height"]) < 2
    await page.locator("#prove-code").fill(shown(seed[1], node.clock()))
    await page.locator('form[action="/desk/me/prove"] button').click()
    await look("codes on paper")
