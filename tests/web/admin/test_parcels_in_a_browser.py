"""A table and a picture brought to the desk by a real browser without scripts, with the keyboard, in a hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from node import objects
from tests.groups.test_profile import document
from tests.nodes.peer import Peer
from tests.nodes.served import PASSWORD, ServedNode
from tests.statements.test_pictures import photograph
from tests.web.admin.test_parcels_at_the_desk import TABLE

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def test_a_member_imports_follows_and_presents_the_group_without_scripts(
    node: ServedNode, hostile_peer: Peer, browser: Browser
) -> None:
    rosa = hostile_peer.actor("rosa", name="Rosa of the depot")
    context = await browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{node.origin}/login")
    await page.locator("#name").fill("steward")
    await page.locator("#password").fill(PASSWORD)
    await page.locator("main form button").press("Enter")

    await page.get_by_role("link", name="Import").press("Enter")
    await page.get_by_label("The table").set_input_files(TABLE)
    await page.get_by_label("Title").fill("Struggles elsewhere")
    await page.get_by_label("Publisher").fill("Wikipedia")
    await page.get_by_role("button", name="Show what would be made of it").press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("struggles.csv")
    await page.get_by_role("button", name="Publish").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("It is published")
    (digest,) = await node.read(objects.listed, author=node.group)
    assert "Struggles elsewhere" in (await node.activity(digest.iri))[1]["content"]

    # From one part of the desk to another in a hand: by the overview.
    await page.get_by_role("link", name="Overview").press("Enter")
    await page.get_by_role("link", name="Following").press("Enter")
    await page.get_by_label("Whom to follow").fill(f"@rosa@{hostile_peer.host}")
    await page.get_by_label("Whom to follow").press("Enter")
    await page.get_by_role("button", name="Follow, by the group's rule").press("Enter")
    await page.get_by_role("status").wait_for()
    await expect(page.locator("main")).to_contain_text("Rosa of the depot")
    await node.quiet()
    assert [one["object"] for one in hostile_peer.sent_to("Follow")] == [rosa]

    await page.get_by_role("link", name="Overview").press("Enter")
    await page.get_by_role("link", name="Profile").press("Enter")
    await page.get_by_label("What the group says of itself").fill("We **drive**.\n\nAnd clean.")
    gate = {"name": "gate.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    await page.locator("#icon").set_input_files(gate)  # type: ignore[arg-type]
    await page.locator("#icon-description").fill("Our gate")
    await page.get_by_role("button", name="Change it, by the group's rule").press("Enter")
    await page.get_by_role("status").wait_for()
    assert await page.locator("#summary").input_value() == "We **drive**.\n\nAnd clean."
    read = await document(node)
    assert read.summary == "<p>We <strong>drive</strong>.</p>\n<p>And clean.</p>"
    assert read.icon is not None and read.icon.name == "Our gate"
    assert Path(read.icon.url).suffix == ".jpg"
    await context.close()
