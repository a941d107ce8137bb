"""Taking a position, and reading what a page shows of the positions on a text."""

from __future__ import annotations

import html
import re
from typing import Any

from node import objects
from node.identifiers import spell
from node.positions import actions as positions
from node.statements.rules import Draft
from tests.nodes.served import ServedNode, eventually


async def take(node: ServedNode, about: str, stance: str, text: str = "Our reasons.", **fields: Any) -> str:
    """Take a position; the IRI of its publication."""
    draft = Draft(text=text, position={"on": about, "stance": stance}, **fields)
    iri, _ = await node.write(positions.take, draft, actor=node.group, member=await node.steward())
    return str(iri)


async def revoke(node: ServedNode, iri: str) -> None:
    """Revoke a position."""
    await node.write(positions.revoke, iri, member=await node.steward())


async def shown_on(node: ServedNode, about: str) -> str:
    """The section with the positions on the page of a text, or nothing."""
    row = await node.read(objects.find, about)
    path = about if row.local else f"/heard/{spell(row.sort_id)}"
    status, page = await node.page(path)
    assert status == 200
    found = re.search(r'<section class="positions".*?</section>\s*(?=<section class="(?:side|thread))', page, re.DOTALL)
    return words(found[0]) if found else ""


def words(markup: str) -> str:
    """The words of a piece of HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


async def until_shown(node: ServedNode, about: str, *expected: str, without: tuple[str, ...] = ()) -> str:
    """Wait until the positions on a text say all of `expected` and nothing of `without`; what they say."""

    async def said() -> str:
        found = await shown_on(node, about)
        right = all(one in found for one in expected) and not any(one in found for one in without)
        return found if right else ""

    return str(await eventually(said))
