"""Struggles that are one, in a real browser: the desk where a group says so, and the pages that show it."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.async_api import Browser

from tests.merges.telling import merge, report
from tests.nodes.served import ServedNode
from tests.web.admin.test_the_desk_in_a_browser import window
from tests.web.pages.test_in_a_browser import complaints, log_in

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def test_struggles_that_are_one_are_read_by_everybody(node: ServedNode, browser: Browser) -> None:
    where = {"locality": "Leeds", "addressee": "North Tramways", "addressee_kind": "employer"}
    _, one = await report(node, "Night shift walks out", **where)
    _, other = await report(node, "Morning shift walks out", **where)
    _, third = await report(node, "A third address of the same struggle, with a long name of many words", **where)
    merged = await merge(node, one, other)
    for language, scheme, width in (("en", "light", 1280), ("en", "dark", 360)):
        async with window(browser, language, scheme, width) as page:
            await log_in(page, node.origin)
            for path in ("/desk/struggles", f"/desk/struggles?of={quote(third, safe='')}", merged, one):
                await page.goto(path if "://" in path else node.origin + path)
                assert await complaints(page) == [], path
