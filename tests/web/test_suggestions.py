"""What a form suggests: in the reader's language, from what is public, as JSON and as a page."""

from __future__ import annotations

import aiohttp
import pytest

from node.statements import correcting
from tests.nodes.served import ServedNode
from tests.web.conftest import Report


async def asked(node: ServedNode, what: str, q: str, **headers: str) -> list[tuple[str, str]]:
    address = f"{node.origin}/api/suggest/{what}"
    async with aiohttp.ClientSession() as http, http.get(address, params={"q": q}, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return [(one["value"], one["label"]) for one in (await answer.json())["suggestions"]]


@pytest.mark.one_database
async def test_countries_currencies_and_sectors_are_found_in_the_readers_language(node: ServedNode) -> None:
    assert (await asked(node, "countries", "norw"))[0] == ("NO", "Norway")
    assert (await asked(node, "countries", "no"))[0] == ("NO", "Norway"), "the code itself comes first"
    assert ("NO", "Norwegen") in await asked(node, "countries", "norw", **{"Accept-Language": "de"})
    assert ("CI", "Côte d’Ivoire") in await asked(node, "countries", "ivoire")
    assert ("NOK", "Norwegian Krone") in await asked(node, "currencies", "norweg")
    assert ("P", "Education") in await asked(node, "sectors", "educ")
    assert await asked(node, "countries", "atlantis") == []
    assert len(await asked(node, "countries", "a")) == 20


async def test_those_whom_public_reports_are_directed_at_and_their_struggles_are_suggested(
    node: ServedNode, report: Report
) -> None:
    first = await report(
        node, addressee="Northern Tramways; Región de Oslo", struggle="night-turns", title="Night turns"
    )
    await report(node, addressee="Northern Tramways", title="100 % of them")
    assert await asked(node, "addressees", "tram") == [("Northern Tramways",) * 2]
    assert await asked(node, "addressees", "NORTH") == [("Northern Tramways",) * 2]
    assert await asked(node, "addressees", "region") == [("Región de Oslo",) * 2]
    for harmless in ("%", "_", "", "  ", "' or 1=1", "\x00", "ways"):
        assert await asked(node, "addressees", harmless) == [], "no word begins like that"
    (found,) = await asked(node, "struggles", "night")
    assert found[1] == "Night turns" and "/struggles/" in found[0]
    assert len(await asked(node, "struggles", "100 %")) == 1
    member = await node.steward()
    await node.write(correcting.delete, first, reason="mistake", member=member)
    assert await asked(node, "addressees", "region") == []
    assert await asked(node, "struggles", "night") == []


@pytest.mark.one_database
async def test_a_browser_without_scripts_gets_a_page_to_look_in(node: ServedNode) -> None:
    status, page = await node.page(f"{node.origin}/api/suggest/countries?q=norw")
    assert status == 200 and "<code>NO</code>" in page and "Norway" in page and "<script" not in page
    assert (await node.page(f"{node.origin}/api/suggest/people?q=a"))[0] == 404
