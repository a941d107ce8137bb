"""The pages of drafts in a real browser: in English and Arabic, light and dark, on a desk and in a hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from node.decisions.rules import DAY, Method, Rule
from node.drafts import actions, proposing
from node.statements.rules import Draft
from tests.nodes.served import PASSWORD, ServedNode
from tests.web.admin.desk_browsers import enter, give_rule
from tests.web.admin.test_the_desk_in_a_browser import WAYS, window
from tests.web.pages.test_in_a_browser import ARABIC, LONG, complaints, log_in

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)

TEXT = f"# What we want\n\nWe **stop** at ten.\n\n- rest\n- {LONG}\n\n> {ARABIC}\n\n| hour | who |\n|---|---|\n| ten | all |\n"


@pytest.fixture
async def places(node: ServedNode) -> dict[str, str]:
    """Drafts in every state: name -> path."""
    people = await node.write(enter, node.group, {"rosa": "editor", "emma": "writer"})
    rosa, emma = people["rosa"], people["emma"]
    await give_rule(node, "publish_statement", Rule(Method.MAJORITY, quorum=2, at_most=2 * DAY))
    arabic = Draft(text=f"{ARABIC}\n", title="إلى الجميع", language="ar")
    first = Draft(text=TEXT, title="Out tonight", language="en", summary="Why.", translations=(arabic,))
    number = await node.write(actions.begin, first, actor=node.group, member=rosa)
    newer = Draft(text=TEXT.replace("ten", "nine"), title="Out!", language="en", translations=(arabic,))
    await node.write(actions.save, number, newer, based_on=1, member=emma)
    mended = Draft(text=f"{ARABIC}\n\nالعاشرة\n", title="إلى الجميع", language="ar")
    both = Draft(text=TEXT.replace("ten", "nine"), title="Out!", language="en", translations=(mended,))
    await node.write(actions.save, number, both, based_on=2, member=rosa)
    await node.write(actions.save, number, Draft(text=TEXT.replace("ten", "noon")), based_on=1, member=emma)
    await node.write(actions.comment, number, f"Nine is early.\n\n{ARABIC} {LONG}", member=emma)
    asked = await node.write(actions.begin, Draft(text="We stay.", language="en"), actor=node.group, member=rosa)
    await node.write(proposing.propose, asked, version=1, member=rosa)
    path = f"/desk/drafts/{number}"
    return {
        "list": "/desk/drafts",
        "new": "/desk/drafts/new",
        "draft": path,
        "proposed": f"/desk/drafts/{asked}",
        "edit": f"{path}/edit",
        "edit Arabic": f"{path}/edit?language=ar",
        "settle": f"{path}/edit?settle=4",
        "version": f"{path}/versions/1",
        "difference": f"{path}/difference?from=1&to=3",
        "preview": f"{path}/preview",
    }


async def test_every_page_of_drafts_is_accessible_and_fits(
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
                told[name] = await complaints(page)
                if name == "difference":
                    found = await page.evaluate(
                        "[...document.querySelectorAll('.difference div')].map(e => getComputedStyle(e).direction)"
                    )
                    assert set(found) == {"ltr", "rtl"}, "each text in its own direction, whatever the page's"
                if shots := os.environ.get("SHOTS"):
                    await page.screenshot(path=Path(shots) / f"draft-{name}-{language}-{width}.png", full_page=True)
        assert told == {name: [] for name in places}


async def test_a_draft_is_written_with_the_keyboard_alone(
    node: ServedNode, browser: Browser, places: dict[str, str]
) -> None:
    async with window(browser, "en", "light", 360) as page:
        await log_in(page, node.origin)
        await page.goto(node.origin + places["new"])
        await page.get_by_label("Text", exact=True).fill("We go.")
        await page.get_by_label("Language").fill("xx")
        await page.get_by_role("button", name="Keep as a draft").press("Enter")
        await page.get_by_role("alert").wait_for()
        await expect(page.locator("#language")).to_have_attribute("aria-invalid", "true")
        assert (await page.locator("#text").input_value()).strip() == "We go."
        await page.get_by_label("Language").fill("en")
        await page.get_by_role("button", name="Keep as a draft").press("Enter")
        await page.get_by_text("The draft is kept.").wait_for()
        await page.get_by_role("button", name="Propose to the group").press("Enter")
        await page.get_by_text("This is its receipt").wait_for()
        await page.get_by_role("link", name="Go on").press("Enter")
        await page.get_by_text("no word of it can be changed").first.wait_for()
