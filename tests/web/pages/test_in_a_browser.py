"""Pages in a real browser: nothing for axe-core to find, nothing wider than a phone, and the right direction."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

import schemas
from node import media, objects
from node.groups import actions as groups
from node.identifiers import spell
from node.statements import actions as statements
from node.statements import asking, correcting, hearing, passing_on, writing
from node.statements.rules import Draft, Interest
from node.web.pages import vocabulary_pages
from tests.nodes.served import PASSWORD, PATIENCE, ServedNode
from tests.statements.test_events import RALLY
from tests.statements.test_pictures import photograph

# One database is enough here: what differs between browsers of one page is not its database.
pytestmark = pytest.mark.one_database

ARABIC = "من يحمِ زميله يحمِ المدينة كلّها."
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
WIDE, PHONE, NARROW = 1280, 390, 360
PATIENCE_MILLISECONDS = 1000 * PATIENCE
AXE = Axe().axe_script


@pytest.fixture
async def places(
    two_nodes: tuple[ServedNode, ServedNode], report: Any, import_table: Any, arrives: Any
) -> dict[str, str]:
    """Where there is something to look at: name -> address."""
    first, second = two_nodes
    table = await import_table(first)
    told = await report(
        first, f"As told.\n\n> {ARABIC}", locality="Port Calder", country="IE", workers_involved="195",
        demands=f"two people on every tram [won]; {LONG}", addressee=LONG, addressee_kind="employer",
    )  # fmt: skip
    await first.publish("They broke the door.", title="Eviction", summary="police violence", sensitive=True)
    await first.publish(ARABIC, title="إلى الجميع", language="ar")
    said = await first.publish(
        f"# One\n\n## Two\n\n{LONG} https://example.org/{'x' * 120}\n\n    code {'y' * 150}\n\n| a | b |\n|---|---|\n| "
        f"{'z' * 90} | {'w' * 90} |\n\n1. one\n2. two\n\n> {ARABIC}",
        title="Safe trams, a shorter night",
        summary="What we won.",
    )
    heard = await arrives(second, said)
    answer = await second.publish("We stand by you.\n\n# Shouting", reply_to=said)
    await arrives(first, answer)
    await first.publish("Thank you.", reply_to=answer)
    _, document = await first.activity(told)
    acts = await acted(first, second, said)
    return {
        **acts,
        **await heard_elsewhere(first),
        "front": f"{first.origin}/",
        "statement": said,
        "report": told,
        "struggle": document["struggle"],
        "import": table,
        "wire": f"{second.origin}/wire",
        "figures": f"{first.origin}/figures",
        "figures by two": f"{first.origin}/figures?by=country&by=kind&since=1900&show=people",
        "figures of nothing": f"{first.origin}/figures?country=XX",
        "a mistaken question": f"{first.origin}/figures?since=yesterday",
        "compared": f"{second.origin}/figures/compare?with={first.origin}",
        "country": f"{first.origin}/countries/IE",
        "addressee": f"{first.origin}/families/{LONG}",
        "search": f"{first.origin}/search?q=trams+night*&type=statement",
        "search for nothing": f"{second.origin}/search?q=-trams",
        "asking for a correction": f"{first.origin}/corrections/ask?of={told}",
        "asking another": f"{second.origin}/corrections/ask?of={said}",
        "heard": second.origin + heard,
        "about": f"{first.origin}/about",
        "vocabulary": f"{first.origin}/ns",
        "missing": f"{first.origin}/statements/none",
        "login": f"{first.origin}/login",
    }


async def heard_elsewhere(node: ServedNode) -> dict[str, str]:
    """A poll and an event of others, with a film, a sound and a file: as they are in the examples of the vocabulary."""
    attached = [
        {"type": "Video", "url": "https://film.example/1.mp4", "mediaType": "video/mp4", "name": LONG},
        {"type": "Audio", "url": "https://film.example/1.ogg", "mediaType": "audio/ogg"},
        {"type": "Document", "url": "https://paper.example/1.pdf", "mediaType": "application/pdf", "name": "Leaflet"},
    ]
    found, examples = {}, await asyncio.to_thread(vocabulary_pages.examples)
    for name in ("question", "event"):
        document = json.loads(examples[name]) | {
            "attachment": attached,
            "_misskey_quote": "https://x.example/1",
        }
        value = schemas.parse(document)
        await node.write(hearing.keep, value, document, kind=name.capitalize(), listed=False)
        row = await node.read(objects.find, document["id"])
        found[f"heard {name}"] = f"{node.origin}/heard/{spell(row.sort_id)}"
    return found


async def acted(first: ServedNode, second: ServedNode, said: str) -> dict[str, str]:
    """What a group does with words that are there: pinned, boosted, quoted, corrected, deleted; and its sign."""
    steward = await first.steward()
    theirs = await second.publish("Our doors are open.", title="To the drivers")
    await passing_on.bring(first.node, theirs, Interest.PASSED_ON)
    await first.write(passing_on.boost, theirs, actor=first.group, member=steward)
    await first.write(passing_on.pin, said, member=steward)
    sign = await media.take(first.node, photograph(size=(200, 200)), "Our sign")
    await first.write(groups.edit_profile, {"icon": sign.as_json()}, actor=first.group, member=steward)
    quoting = await first.publish("They mean it.", quote=theirs)
    rally = writing.read(RALLY.format(language="en", status="postponed"))
    questions = await asyncio.to_thread(asking.of_event, rally, now=first.clock())
    rally = asking.confirmed(rally, [one.word for one in questions])
    event, _ = await first.write(statements.publish, rally, actor=first.group, member=steward)
    corrected, gone = await first.publish("At nine.", title="Meeting"), await first.publish("Regretted.")
    await first.write(correcting.correct, corrected, Draft(text="At ten.", title="Meeting"), member=steward)
    await first.write(correcting.delete, gone, reason="personal-data", member=steward)
    await first.quiet()
    return {"quoting": quoting, "event": str(event), "corrected": corrected, "deleted": gone}


async def complaints(page: Page) -> list[str]:
    """What axe-core finds, of colours in light and in dark, and what sticks out of the page at the narrowest width."""
    await page.wait_for_load_state()  # whoever has pressed a button waits for an answer to begin, and not for its end
    found = await looked_at(page, {"resultTypes": ["violations"]})
    assert len(found["passes"]) > 10, "axe-core has looked at the page"
    told = violations(found)
    dark = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    await page.emulate_media(color_scheme="light" if dark else "dark")
    told += violations(await looked_at(page, {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}))
    await page.emulate_media(color_scheme="dark" if dark else "light")
    size = page.viewport_size or {"width": WIDE, "height": 900}
    for width in (size["width"], NARROW):
        await page.set_viewport_size({"width": width, "height": size["height"]})
        wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        told += [f"{wider} pixels too wide at {width}"] if wider > 0 else []
    await page.set_viewport_size(size)
    return told


async def looked_at(page: Page, options: dict[str, Any]) -> Any:
    """What axe-core says of a page, which it is entered into once."""
    if not await page.evaluate("Boolean(window.axe)"):
        await page.evaluate(AXE)
    return await page.evaluate("options => axe.run(document, options)", options)


def violations(found: Any) -> list[str]:
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


async def log_in(page: Page, origin: str) -> None:
    await page.goto(f"{origin}/login")
    await page.get_by_label("Login name").fill("steward")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await page.wait_for_url("**/desk")


async def test_every_page_is_accessible_and_fits(browser: Browser, places: dict[str, str]) -> None:
    """Light on a desk, and dark in a hand."""
    for dark, width in ((False, WIDE), (True, PHONE)):
        context = await browser.new_context(
            color_scheme="dark" if dark else "light", viewport={"width": width, "height": 844}
        )
        await look_at_all(await context.new_page(), places)
        await context.close()


async def look_at_all(page: Page, places: dict[str, str]) -> None:
    told: dict[str, list[str]] = {}
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if "Refused" in message.text else None)
    for name, address in places.items():
        await page.goto(address)
        told[name] = await complaints(page)
    await log_in(page, places["front"].rstrip("/"))
    told["desk"] = await complaints(page)
    await page.get_by_label("Text").fill("Kept.")
    await page.get_by_label("Language").fill("no language")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.locator("#language")).to_have_attribute("aria-invalid", "true")
    told["desk with errors"] = await complaints(page)
    assert told == {name: [] for name in told}
    assert errors == [], "the page asks for nothing that its own policy refuses"


@pytest.fixture
async def window(browser: Browser) -> AsyncIterator[Page]:
    """One window, of a phone."""
    context = await browser.new_context(viewport={"width": PHONE, "height": 844})
    yield await context.new_page()
    await context.close()


async def test_an_arabic_text_stands_right_to_left_in_an_english_page(window: Page, node: ServedNode) -> None:
    await window.goto(await node.publish(f"{ARABIC}\n\n- {ARABIC}", title="إلى الجميع", language="ar"))
    middle = PHONE / 2
    assert await window.evaluate("getComputedStyle(document.documentElement).direction") == "ltr"
    for words in ("h1", ".text p"):
        assert await window.evaluate(f"getComputedStyle(document.querySelector('{words}')).direction") == "rtl"
    title = await _box_of_words(window, "h1")
    assert title["left"] > middle, "a short title in Arabic stands on the right"
    await window.goto(await node.publish(f"In English.\n\n> {ARABIC}", title="To all"))
    assert (await _box_of_words(window, "h1"))["left"] < middle
    quotation = await window.evaluate("getComputedStyle(document.querySelector('.text blockquote')).direction")
    assert quotation == "rtl"
    assert await window.evaluate("getComputedStyle(document.querySelector('.text p')).direction") == "ltr"


async def _box_of_words(window: Page, selector: str) -> dict[str, float]:
    found: dict[str, float] = await window.evaluate(
        "selector => { const range = document.createRange();"
        " range.selectNodeContents(document.querySelector(selector));"
        " return range.getBoundingClientRect().toJSON(); }",
        selector,
    )
    return found


async def test_a_reader_with_a_keyboard_can_skip_to_the_text(window: Page, node: ServedNode) -> None:
    await node.publish("Text.", title="Title")
    await window.goto(node.origin)
    await window.keyboard.press("Tab")
    assert await window.evaluate("document.activeElement.className") == "skip"
    assert await window.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    await window.keyboard.press("Enter")
    await window.wait_for_function("document.activeElement.id === 'main'")


async def test_a_member_writes_and_publishes_with_the_keyboard_alone(window: Page, node: ServedNode) -> None:
    await log_in(window, node.origin)
    await window.get_by_label("Title").fill("Out tonight")
    await window.get_by_label("Text").fill("We stop work at ten.")
    await window.get_by_role("button", name="Publish").press("Enter")
    await window.wait_for_url("**done=published**")
    await window.goto(node.origin)
    assert await window.get_by_role("heading", name="Out tonight").count() == 1
    cookies = await window.context.cookies()
    assert [(one["httpOnly"], one["sameSite"]) for one in cookies] == [(True, "Strict")]
