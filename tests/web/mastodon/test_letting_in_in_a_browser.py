"""Login and the page that lets an app in, in a real browser: phone and desk, both directions, keyboard, no scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from node.groups import founding
from node.groups.founding import NewGroup
from node.members import viewers
from tests.nodes.served import PASSWORD, ServedNode, free_port
from tests.web.mastodon.logins import asking, register
from tests.web.pages.test_in_a_browser import ARABIC, LONG, PHONE, WIDE, complaints

pytestmark = pytest.mark.one_database

OPENER = """<!DOCTYPE html><title>An app</title><p id="told"></p><script>
addEventListener("message", (event) => { document.getElementById("told").textContent = event.data; });
function ask(address) { open(address, "auth", "popup,width=390,height=700"); }
</script>"""
BACK = """<!DOCTYPE html><title>Back</title><p>back</p><script>
if (window.opener) window.opener.postMessage(location.search, location.origin);
</script>"""


async def _opener(_: web.Request) -> web.Response:
    return web.Response(text=OPENER, content_type="text/html")


async def _back(_: web.Request) -> web.Response:
    return web.Response(text=BACK, content_type="text/html")


@asynccontextmanager
async def app_in_a_browser() -> AsyncIterator[str]:
    """An app on a site of its own, as Phanpy is one; its origin. To a browser this name and 127.0.0.1 are two sites."""
    app, port = web.Application(), free_port()
    app.router.add_get("/", _opener)
    app.router.add_get("/back", _back)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://localhost:{port}"
    finally:
        await runner.cleanup()


async def fill_login(page: Page, name: str = "steward") -> None:
    await page.locator("#name").fill(name)
    await page.locator("#password").fill(PASSWORD)
    await page.locator('form[action="/login"] button').click()


@pytest.mark.parametrize(("scheme", "width", "language"), [("dark", PHONE, "ar"), ("light", WIDE, "en")])
async def test_every_page_on_the_way_is_accessible_and_fits(
    browser: Browser, serve: Any, scheme: Any, width: int, language: str
) -> None:
    node: ServedNode = await serve(0, settings={"readers.admission": "open"})
    name = f"{LONG} {ARABIC}"[:60]
    app = await register(node, client_name=name, redirect_uris="urn:ietf:wg:oauth:2.0:oob")
    steward = await node.steward()
    await founding.add(node.node, NewGroup("fund", LONG, "ar", "steward"), member=steward)
    await node.write(viewers.enter, steward.id, None, admitted=True)
    context = await browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 844}, locale=language, java_script_enabled=True
    )
    page, told = await context.new_page(), dict[str, list[str]]()
    await page.goto(node.origin + asking(app, redirect_uri="urn:ietf:wg:oauth:2.0:oob"))
    told["login"] = await complaints(page)
    await page.locator('a[href^="/join"]').click()
    await page.locator('form[action="/join"] button').wait_for()
    told["become a reader"] = await complaints(page)
    await page.go_back()
    await fill_login(page)
    await page.locator('form[action="/oauth/authorize"]').wait_for()
    told["what it asks"] = await complaints(page)
    assert await page.locator('input[name="account"]').count() == 3
    assert await page.evaluate("getComputedStyle(document.documentElement).direction") == (
        "rtl" if language == "ar" else "ltr"
    )
    await page.locator('button[value="allow"]').click()
    await page.locator("#code").wait_for()
    told["the code"] = await complaints(page)
    assert len(await page.locator("#code").input_value()) > 30
    await page.goto(f"{node.origin}/desk/me")
    told["me"] = await complaints(page)
    assert told == {one: [] for one in told}
    await context.close()


async def test_a_member_lets_an_app_in_with_the_keyboard_and_without_scripts(
    browser: Browser, node: ServedNode
) -> None:
    context = await browser.new_context(java_script_enabled=False, viewport={"width": PHONE, "height": 844})
    page = await context.new_page()
    async with app_in_a_browser() as origin:
        app = await register(node, redirect_uris=f"{origin}/back")
        await page.goto(node.origin + asking(app, redirect_uri=f"{origin}/back", state="s"))
        await page.locator("#name").focus()
        await page.keyboard.type("steward")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.locator('button[value="allow"]').wait_for()
        await page.locator('input[name="account"]').focus()
        await page.keyboard.press("Tab")
        assert await page.locator('button[value="allow"]').evaluate("(one) => one === document.activeElement")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{origin}/back?**")  # the policy of the page lets its form lead there
        told = parse_qs(urlsplit(page.url).query)
        assert told["state"] == ["s"] and told["code"]

        # Once more: coming from another site, no cookie is sent; one step within this one, and it is.
        await page.goto(f"{origin}/")
        await page.set_content(
            f'<a href="{node.origin}{asking(app, redirect_uri=f"{origin}/back")}">in</a>'.replace("&", "&amp;")
        )
        await page.locator("a").click()
        await page.locator('main a[href^="/oauth/authorize"]').click()
        await page.locator('button[value="cancel"]').click()
        await page.wait_for_url(f"{origin}/back?**")
        assert parse_qs(urlsplit(page.url).query)["error"] == ["access_denied"]
    await context.close()


async def test_an_app_that_asks_in_a_window_of_its_own_is_told(browser: Browser, node: ServedNode) -> None:
    """As Phanpy does it: whatever the node answers must not part the window from the one that opened it."""
    context = await browser.new_context()
    page = await context.new_page()
    async with app_in_a_browser() as origin:
        app = await register(node, redirect_uris=f"{origin}/back")
        await page.goto(f"{origin}/")
        async with page.expect_popup() as opened:
            await page.evaluate("(address) => ask(address)", node.origin + asking(app, redirect_uri=f"{origin}/back"))
        popup = await opened.value
        await fill_login(popup)
        await popup.locator('button[value="allow"]').click()
        await expect(page.locator("#told")).to_contain_text("code=")
        # And it may call the node from its own page.
        answer = await page.evaluate(
            "async (node) => (await (await fetch(node + '/api/v1/accounts/verify_credentials',"
            " {headers: {Authorization: 'Bearer none', 'Idempotency-Key': 'x'}})).json()).error",
            node.origin,
        )
        assert isinstance(answer, str)
    await context.close()
