"""The pages of the desk in a real browser: in English and Arabic, light and dark, on a desk and in a hand."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from node import actors
from node.context import Transaction
from node.decisions import actions as deciding
from node.decisions.rules import DAY, HOUR, Choice, Method, Record, Rule
from node.members import actions as members
from node.peering import store as follows
from node.peering.rules import Follow
from node.reports import uploads
from node.statements import actions as statements
from node.statements.rules import Draft
from schemas.actor import Actor
from tests.nodes.served import PASSWORD, ServedNode
from tests.web.admin.desk_browsers import enter, give_rule
from tests.web.pages.test_in_a_browser import ARABIC, LONG, complaints, log_in

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)

CONSENT = Rule(Method.CONSENT, quorum=2, at_least=12 * HOUR, at_most=2 * DAY, record=Record.NAMED, arguments=True)
FAR = "https://far.example/users/far"
SECRET = Rule(Method.MAJORITY, quorum=2, at_most=2 * DAY, tellers=2)
WAYS = [("en", "light", 1280), ("ar", "dark", 360)]


@pytest.fixture
async def places(node: ServedNode) -> dict[str, str]:
    """A group that decides about several things: name -> path."""
    held = await node.publish(ARABIC, language="ar", title="إلى الجميع")
    people = await node.write(enter, node.group, {"rosa": "editor", "emma": "editor", "lucy": "editor"})

    async def propose(rule: Rule, text: str, title: str | None, language: str = "en") -> int:
        await give_rule(node, "publish_statement", rule)
        draft = Draft(text=text, title=title, language=language)

        def act(tx):  # type: ignore[no-untyped-def]
            return statements.publish(tx, draft, actor=node.group, member=people["rosa"])

        _, made = await node.write(deciding.with_proposed, act)
        assert made is not None
        return int(made.number)

    open_one = await propose(CONSENT, f"We stop work at ten.\n\n> {ARABIC}\n\n{LONG}", "Out tonight")
    await node.write(lambda tx: deciding.cast(tx, open_one, member=people["emma"], choice=Choice.ABSTAIN, words="?"))
    arabic = await propose(SECRET, ARABIC, "إلى الجميع", "ar")
    counting = await propose(SECRET, "Counted.", None)
    steward = await node.read(members.named, "steward")
    for member in (people["emma"], people["lucy"], steward):
        await node.write(lambda tx, member=member: deciding.cast(tx, counting, member=member, choice=Choice.FOR))
    closed = await propose(Rule(Method.APPROVALS, approvals=2, arguments=True), "Closed.", "We thank the drivers")
    await node.write(lambda tx: deciding.cast(tx, closed, member=people["emma"], choice=Choice.FOR, words="They came."))
    table = await node.write(_bring, node.group)
    return {
        "overview": "/desk",
        "decisions": "/desk/decisions",
        "open": f"/desk/decisions/{open_one}",
        "in Arabic": f"/desk/decisions/{arabic}",
        "counting": f"/desk/decisions/{counting}",
        "closed": f"/desk/decisions/{closed}",
        "rules": "/desk/rules",
        "rule": "/desk/rules/publish_statement",
        "notices": "/desk/notices",
        "another rule": "/desk/rules/delete?group=union&like=assembly",
        "passing on": f"/desk/pass-on?on={held}",
        "following": f"/desk/peers?who={FAR}",
        "a peer": f"/desk/peers/page?who={FAR}",
        "who asks": "/desk/peers/requests",
        "policies": "/desk/policies",
        "lists of domains": "/desk/policies/lists",
        "who has it": f"/desk/published/{held.rpartition('/')[2]}/receipts",
        "profile": "/desk/profile",
        "a table": "/desk/import",
        "a table that is tried": f"/desk/import/{table}",
    }


def _bring(tx: Transaction, group: str) -> str:
    """Somebody far away who is known here, and a table of which a row is refused; its id."""
    actor = Actor(id=FAR, type="Group", preferred_username="far", name=ARABIC[:40], inbox=f"{FAR}/inbox")
    actors.keep(tx, actor, {"id": FAR, "type": "Group", "inbox": f"{FAR}/inbox"})
    follows.put(tx, follower=FAR, followed=group, activity=f"{FAR}/1", state=Follow.PENDING)
    table = "struggle,title,field,kind,who,began,country\n"
    table += "a,Out tonight,work,strike,workers,2026-10-02,GB\nb,Some day,work,strike,workers,soon,GB\n"
    asked = {"publisher": "Somebody", "mapping": "commonwire", "own_mapping": ""}
    return uploads.keep(tx, actor=group, name="struggles.csv", content=table.encode(), asked=asked)


@asynccontextmanager
async def window(browser: Browser, language: str, scheme: str, width: int) -> AsyncIterator[Page]:
    """A window of a reader of `language`."""
    context = await browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": 844},
        locale=language,
    )
    yield await context.new_page()
    await context.close()


async def test_every_page_of_the_desk_is_accessible_and_fits(
    node: ServedNode, browser: Browser, places: dict[str, str]
) -> None:
    told: dict[str, list[str]] = {}
    for language, scheme, width in WAYS:
        async with window(browser, language, scheme, width) as page:
            await page.goto(f"{node.origin}/login")
            await page.locator("#name").fill("steward")
            await page.locator("#password").fill(PASSWORD)
            await page.locator("main form button").click()
            await page.wait_for_url("**/desk")
            for name, path in places.items():
                await page.goto(node.origin + path)
                assert await page.locator("h1").count() == 1
                assert await page.evaluate("document.documentElement.lang") == language
                assert name != "a table that is tried" or "Out tonight" in await page.locator("main").inner_text()
                direction = await page.evaluate("getComputedStyle(document.body).direction")
                assert direction == ("rtl" if language == "ar" else "ltr")
                told[name] = await complaints(page)
                if shots := os.environ.get("SHOTS"):
                    await page.screenshot(path=Path(shots) / f"{name}-{language}-{scheme}-{width}.png", full_page=True)
        assert told == {name: [] for name in places}


async def test_a_member_votes_with_the_keyboard_alone(
    node: ServedNode, browser: Browser, places: dict[str, str]
) -> None:
    async with window(browser, "en", "light", 360) as page:
        await log_in(page, node.origin)
        await page.goto(node.origin + places["open"])
        await page.get_by_label("Block").focus()
        await page.keyboard.press("Space")
        await page.get_by_role("button", name="Cast the ballot").press("Enter")
        await page.get_by_role("alert").wait_for()
        await expect(page.locator("#words")).to_have_attribute("aria-invalid", "true")
        assert await page.get_by_label("Block").is_checked(), "what she has chosen is not lost"
        await page.locator("#words").fill("It names a child.")
        await page.get_by_role("button", name="Cast the ballot").press("Enter")
        await page.get_by_text("Your ballot is in.").wait_for()
        assert await complaints(page) == []
