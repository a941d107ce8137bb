"""What was published, in a real browser: corrected, blanked and deleted at the desk, and read as it was before."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from node import media
from node.decisions import Rule
from node.decisions import actions as deciding
from node.decisions import store as decided
from node.decisions.rules import Choice, Method
from node.members import actions as members
from tests.nodes.served import PASSWORD, ServedNode, eventually
from tests.statements.test_corrections import correct
from tests.statements.test_pictures import photograph
from tests.web.admin.test_positions_at_the_desk import window
from tests.web.pages.test_in_a_browser import PHONE, WIDE, complaints, log_in

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def test_a_text_is_corrected_blanked_and_deleted_at_the_desk(
    node: ServedNode, browser: Browser, tmp_path: Path
) -> None:
    shot = await media.take(node.node, photograph("PNG"), "Rosamunde at the gate")
    iri = await node.publish("Rosamunde told us at nine.", title="At the gate", pictures=(shot,))
    page = await window(browser, PHONE)
    await log_in(page, node.origin)
    await page.get_by_role("link", name="Published").click()
    assert await complaints(page) == []
    await page.get_by_role("link", name="At the gate").click()
    assert await complaints(page) == []
    await page.screenshot(path=tmp_path / "published-phone.png", full_page=True)

    # A correction that cannot be: what she has written stays.
    await page.get_by_label("Text", exact=True).fill("Somebody told us at ten.")
    await page.get_by_label("Language").fill("no language")
    await page.get_by_role("button", name="Correct it").click()
    assert await page.get_by_label("Text", exact=True).input_value() == "Somebody told us at ten."
    await expect(page.locator("#language")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Language").fill("en")
    await page.get_by_role("button", name="Correct it").click()
    await page.wait_for_url("**done=correct**")

    # Everybody reads what stood there, and what has changed.
    stranger = await window(browser, WIDE)
    await stranger.goto(iri)
    await stranger.locator("details.versions summary").click()
    await stranger.locator("details.versions a").click()
    await stranger.wait_for_url("**/versions/**")
    assert "Rosamunde told us at nine." in await stranger.locator(".difference .said").first.inner_text()
    assert "Rosamunde" in await stranger.locator("del").first.inner_text()
    assert "ten" in " ".join(await stranger.locator("ins").all_inner_texts())
    assert await complaints(stranger) == []

    # The earlier version and the picture are blanked.
    for label, reason in (("an earlier version 1", "personal-data"), ("a picture 1: Rosamunde at the gate", "safety")):
        await page.get_by_label(label).check()
        await page.locator("#why-blank").select_option(reason)
        async with page.expect_navigation(url="**done=redact**"):
            await page.get_by_role("button", name="Blank it").click()
        assert "blanked here" in await page.get_by_role("status").inner_text()
    await stranger.reload()
    assert "This version was blanked." in await stranger.locator("main").inner_text()
    assert await complaints(stranger) == []
    await stranger.goto(iri)
    told = await stranger.locator(".redacted").inner_text()
    assert "an earlier version" in told and "a picture" in told
    assert "Rosamunde" not in await stranger.content()
    assert await complaints(stranger) == []
    await stranger.screenshot(path=tmp_path / "blanked-wide.png", full_page=True)

    await page.locator("#why-delete").select_option("mistake")
    await page.get_by_role("button", name="Delete it").click()
    await page.wait_for_url("**/desk/published?**done=delete**")
    assert (await node.page(iri))[0] == 410


async def test_in_arabic_the_desk_is_as_clean_and_the_group_decides_first(
    node: ServedNode, browser: Browser, tmp_path: Path
) -> None:
    iri = await node.publish("نلتقي في التاسعة.", language="ar", title="عند البوابة")
    await correct(node, iri, "نلتقي في العاشرة.", language="ar", title="عند البوابة")
    await node.write(decided.set_rule, node.group, "redact", Rule(Method.APPROVALS, approvals=2))
    other = await node.write(members.add, "rosa", "a good long password", actor=node.group, role="editor")
    page = await window(browser, PHONE, "ar")
    await page.goto(f"{node.origin}/login")
    await page.locator("input[name=name]").fill("steward")
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("main form button").first.click()
    await page.wait_for_url("**/desk**")
    await page.goto(f"{node.origin}/desk/published/{iri.rpartition('/')[2]}")
    assert await page.locator("html").get_attribute("dir") == "rtl"
    assert await complaints(page) == []
    await page.locator("input[name=part][value='revision:1']").check()
    await page.locator("#why-blank").select_option("safety")
    await page.locator("form[action$='/redact'] button").click()
    await page.wait_for_selector("a[href*='/desk/decisions/']")
    assert await complaints(page) == []
    await page.screenshot(path=tmp_path / "published-arabic.png", full_page=True)
    await page.goto(f"{iri}/versions/1")
    assert await complaints(page) == []
    assert (await node.page(f"{iri}/versions/1"))[0] == 200, "nothing has changed before the decision"
    (row,) = await node.read(decided.under_way, [node.group])
    await node.write(deciding.cast, row.id, member=other, choice=Choice.FOR)

    async def blank() -> bool:
        return (await node.page(f"{iri}/versions/1"))[0] == 410

    await eventually(blank)


async def test_addresses_of_versions_that_are_none_lead_nowhere(node: ServedNode) -> None:
    iri = await node.publish("One.")
    await correct(node, iri, "Two.")
    for path in ("0", "2", "x", "1" * 30, "-1", "٣"):
        assert (await node.page(f"{iri}/versions/{path}"))[0] == 404, path
    assert (await node.page(f"{iri}/versions/1"))[0] == 200
    assert (await node.page(f"{node.origin}/statements/0000000000000/versions/1"))[0] == 404
