"""Corrections that were overtaken, at the desk and on the command line: told, confirmed, let go; and forms that were."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Browser

from node import objects
from node.identifiers import spell
from node.statements import overtaken
from tests.cli.test_command_line import run
from tests.nodes.served import ServedNode
from tests.statements.test_corrections import correct
from tests.statements.test_overtaken_corrections import DELAY, TEXT, leave, published, side_by_side
from tests.web.admin.desk_browsers import at_desk
from tests.web.admin.test_positions_at_the_desk import window
from tests.web.pages.test_in_a_browser import PHONE, complaints, log_in

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def held(serve: Callable[..., Any]) -> tuple[ServedNode, str]:
    node: ServedNode = await serve(0, settings={"publication_delay": int(DELAY.total_seconds())})
    iri = await published(node, title="Meeting")
    texts = [TEXT.replace("nine", hour) for hour in ("ten", "eleven", "noon", "one")]
    await side_by_side(node, *(partial(correct, node, iri, text, title="Meeting") for text in texts))
    return node, iri


async def test_what_is_held_back_is_confirmed_and_let_go(serve: Callable[..., Any], browser: Browser) -> None:
    node, iri = await held(serve)
    page = await window(browser, PHONE)
    await log_in(page, node.origin)
    await page.get_by_role("link", name="A correction is held back").first.click()
    assert await complaints(page) == []
    section = page.get_by_role("region", name="Held back")
    assert "Both have changed: the text" in await section.inner_text()
    assert await section.get_by_role("article").count() == 3
    await section.get_by_role("button", name="Confirm it").first.click()
    await page.wait_for_url("**done=confirm**")
    await section.get_by_role("button", name="Let it go").first.click()
    await page.wait_for_url("**done=let-go**")
    assert await complaints(page) == []
    await leave(node)
    assert "eleven" in (await node.activity(iri))[1]["content"]
    (left,) = await node.read(overtaken.held_of, iri)
    directory = node.directory
    assert left.subject in (await asyncio.to_thread(run, "correction", "list", directory)).out
    await asyncio.to_thread(run, "correction", "confirm", directory, left.subject)
    await leave(node)
    assert "at one" in (await node.activity(iri))[1]["content"]
    assert "no correction is held back" in (await asyncio.to_thread(run, "correction", "list", directory)).out


async def test_who_writes_while_the_text_is_changed_is_told_first(node: ServedNode) -> None:
    iri = await node.publish(TEXT, title="Meeting")
    await node.quiet()
    place = f"/desk/published/{spell((await node.read(objects.find, iri)).sort_id)}"
    async with at_desk(node, "steward") as steward:
        form = fields(await steward.get(place))
        node.clock.advance(timedelta(minutes=1))
        await correct(node, iri, TEXT.replace("nine", "ten"), title="Meeting")
        mine = form | {"text": TEXT.replace("kitchen", "canteen")}
        status, _, page = await steward.send(f"{place}/correct", **mine)
        assert status == 409 and "the text was changed while you wrote" in page and "canteen" in page
        assert "kitchen" in (await node.activity(iri))[1]["content"]
        status, _, _ = await steward.send(f"{place}/correct", **mine | {"stood": fields(page)["stood"]})
        assert status == 303
    content = (await node.activity(iri))[1]["content"]
    assert "canteen" in content and "nine" in content


def fields(page: str) -> dict[str, str]:
    """The values of the form to correct a text."""
    form = page.partition('/correct"')[2].partition("</form>")[0]
    found = re.findall(r'<input [^>]*name="(\w+)"[^>]* value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found if name not in ("csrf", "group", "sensitive")}
