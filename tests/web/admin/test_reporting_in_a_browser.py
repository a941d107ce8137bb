"""The form of a report in a real browser: in English and Arabic, light and dark, on a desk and in a hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser

from node.drafts import actions
from node.reports import documents
from tests.nodes.served import PASSWORD, ServedNode
from tests.web.admin.test_the_desk_in_a_browser import WAYS, window
from tests.web.conftest import Report
from tests.web.pages.test_in_a_browser import ARABIC, LONG, complaints

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)

YAML = f"""
title: Rent strike in Sun Street
text: Ring Mr Smith.
kind: rent-strike
field: housing
began: someday
who: [tenants, residents]
location: {{country: NO, locality: {LONG}}}
addressee: [{{name: "{ARABIC}", kind: landlord, chain: [{{name: Big Fund, role: investor}}]}}, {{name: City of Oslo}}]
measures: [{{measure: households, low: 60, high: 40}}, {{measure: arrests, value: 3}}]
demands: [lower rents, {{text: repairs, kind: repairs, status: won}}]
responses: [{{by: state, kind: arrests}}]
claims: [{{about: Sun Homes, text: cut the water, basis: document}}]
sources: [{{url: "https://x.example/{LONG}"}}]
withheld: [{{part: names, reason: safety}}]
"""


@pytest.fixture
async def places(node: ServedNode, report: Report) -> dict[str, str]:
    member = await node.steward()
    iri = await report(node, participants="120", demands="lower rents [won]", addressee="Sun Homes", country="NO")
    document = documents.outline(YAML, ending=".yaml")
    number = await node.write(actions.begin, document, actor=node.group, member=member, kind="report")
    whole = documents.read(YAML.replace("someday", "2026-09").replace("low: 60", "low: 6"), ending=".yaml")
    good = await node.write(actions.begin, whole, actor=node.group, member=member, kind="report")
    return {
        "whole draft": f"/desk/drafts/{good}",
        "to confirm": f"/desk/reports/{good}",
        "new": "/desk/reports/new",
        "with faults": f"/desk/reports/{number}",
        "draft": f"/desk/drafts/{number}",
        "correct": f"/desk/published/{iri.rpartition('/')[2]}/report",
        "drafts": "/desk/drafts",
        "look up": "/api/suggest/countries?q=nor",
    }


async def test_every_page_of_reporting_is_accessible_and_fits(
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
                if shots := os.environ.get("SHOTS"):
                    await page.screenshot(path=Path(shots) / f"report-{name}-{language}-{width}.png", full_page=True)
        assert told == {name: [] for name in places}


async def test_a_report_is_written_with_suggestions_and_with_the_keyboard(
    node: ServedNode, browser: Browser, report: Report
) -> None:
    await report(node, addressee="Northern Tramways", country="SE")
    wrong: list[str] = []
    async with window(browser, "en", "light", 360) as page:
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        await page.goto(f"{node.origin}/login")
        await page.locator("#name").fill("steward")
        await page.locator("#password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/desk")
        await page.goto(f"{node.origin}/desk/reports/new")
        country = page.get_by_label("Country")
        await country.fill("swed")
        await page.locator('datalist option[value="SE"]').wait_for(state="attached")
        addressee = page.locator('[id="addressee.0.name"]')
        await addressee.fill("tram")
        await page.locator('datalist option[value="Northern Tramways"]').wait_for(state="attached")
        await addressee.fill("Northern Tramways")
        await country.fill("Sweden")
        await page.get_by_label("Title", exact=True).fill("Out")
        await page.get_by_label("Text", exact=True).fill("It goes on.")
        await page.locator("#kind").select_option("strike")
        await page.locator("#field").select_option("work")
        await page.get_by_label("Began", exact=True).fill("2026-11")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/desk/drafts/*")
        assert "Before it can be published" not in await page.content(), "Enter keeps it"
        assert "The draft is kept" in await page.content()
    assert wrong == []
