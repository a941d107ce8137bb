"""Figures on pages: through the door that readers use."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest

from node.web.pages import queries
from node.web.pages.rendering import POLICY
from tests.bench import reports as plausible
from tests.nodes.served import ServedNode

PAGE_BYTES = 50_000
SVG = "{http://www.w3.org/2000/svg}"

pytestmark = pytest.mark.one_database


def rows_of(page: str, name: str = "table") -> list[list[str]]:
    """The cells of the table with this caption, row by row, as they are read out."""
    body = page.partition(f'<caption id="{name}">')[2].partition("</table>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("<tr>")[1:]]
    return [[" ".join(unescape(re.sub(r"<[^>]*>", " ", cell)).split()) for cell in row] for row in cells]


async def test_figures_are_a_table_a_chart_and_what_they_stand_on(node: ServedNode, report: Any) -> None:
    await report(
        node, began="2024-02-01", country="IE", locality="Port Calder", workers_involved="100-500", title="One"
    )
    await report(node, began="2025-03-01", country="IE", locality="Port Calder", workers_involved="40")
    await report(node, began="2025-04-01", country="EG", locality="Cairo", title="Another")
    status, page = await node.page("/figures")
    head, *rows, total = rows_of(page)
    assert status == 200 and head[:4] == ["Year", "Struggles", "Reports", "People"]
    assert [row[:4] for row in rows] == [["2024", "1", "1", "100 to 500"], ["2025", "2", "2", "40 of 1 in 2"]]
    assert total[:4] == ["All together", "3", "3", "140 to 540 of 2 in 3"]
    assert 'role="img" aria-labelledby="chart-title"' in page and ">Struggles by year</title>" in page
    assert "Few reports may mean few rights rather than few struggles." in page
    assert re.search(r'<code dir="ltr">[0-9a-f]{64}</code>', page), "the digest stands on the page"
    assert f'<link rel="canonical" href="{node.origin}/figures?by=year">' in page
    for other in ("/figures.csv?by=year", "/figures.json?by=year", "/figures.svg?by=year&amp;show=struggles"):
        assert f'href="{other}"' in page
    _, page = await node.page("/figures?by=country&show=people&country=&field=")
    assert [row[:2] for row in rows_of(page)[1:-1]] == [["Ireland", "2"], ["Egypt", "1"]]
    assert ">People by country</title>" in page and 'href="/countries/EG"' in page


async def test_every_figure_opens_down_to_its_reports(node: ServedNode, report: Any) -> None:
    for began, country in (("2024-02-01", "IE"), ("2025-03-01", "IE"), ("2025-04", "EG"), ("2025", "EG")):
        await report(node, began=began, country=country, title=f"In {country}, {began}")
    for question in ("by=year", "by=country", "by=quarter&country=IE", "by=month&by=country", "by=kind&since=2025"):
        _, page = await node.page(f"/figures?{question}")
        body = page.partition('<caption id="table">')[2].partition("</tbody>")[0]
        links = re.findall(r'<a href="(/wire\?[^"]*)" rel="nofollow">(\d+)</a>', body)
        assert links, question
        for path, count in links:
            _, listed = await node.page(unescape(path))
            assert listed.count('<article class="item') == int(count), path


async def test_a_question_that_cannot_be_asked_is_told_beside_its_field(node: ServedNode) -> None:
    for query, field in (("since=yesterday", "since"), ("by=colour", "by"), ("source=nobody", "source")):
        status, page = await node.page(f"/figures?{query}")
        assert status == 422
        assert f'aria-invalid="true" aria-describedby="wrong-{field}"' in page, query
        assert f'class="wrong" id="wrong-{field}"' in page
        assert '<details class="ask" open>' in page
    for query in ("from=x", "from=-1"):
        assert (await node.page(f"/figures?{query}"))[0] == 404
    assert (await node.page("/figures?show=nothing&from=99999&colour=red"))[0] == 200


async def test_the_chart_stands_alone_under_a_policy_that_allows_nothing(node: ServedNode, report: Any) -> None:
    await report(node, country="IE", workers_involved="100-500")
    for query, words in (("by=country&show=people", "100 to 500"), ("country=XX", "–")):
        async with node.http.get(f"{node.origin}/figures.svg?{query}") as answer:
            assert answer.status == 200 and answer.content_type == "image/svg+xml"
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            drawn = ElementTree.fromstring(await answer.text())
        assert drawn.tag == f"{SVG}svg"
        assert words in ["".join(one.itertext()) for one in drawn.iter(f"{SVG}text")]
    async with node.http.get(f"{node.origin}/figures.svg?since=yesterday") as answer:
        assert answer.status == 422


async def test_countries_sectors_and_addressees_have_their_pages(node: ServedNode, report: Any) -> None:
    told = {"country": "IE", "sector": "H", "addressee": "Tramways Ltd.", "addressee_kind": "employer"}
    await report(node, **told, workers_involved="195", title="No trams tonight")
    for path, name in (
        ("/countries/IE", "Ireland"), ("/countries/ie", "Ireland"), ("/sectors/H", "Transportation and storage"),
        ("/families/tramways%20ltd", "Tramways Ltd."),
    ):  # fmt: skip
        status, page = await node.page(path)
        assert status == 200, path
        assert f"<h1><bdi>{name}</bdi></h1>" in page
        assert (
            '<dt>Struggles</dt><dd class="figure">1</dd>' in page
            and '<dt>People</dt><dd class="figure">195</dd>' in page
        )
        assert "No trams tonight" in page and ">Struggles by year</title>" in page
        assert page.count('role="img"') == 2
    _, page = await node.page((await node.read(queries.latest_reports, limit=1))[0].iri)
    for path in ("/countries/IE", "/sectors/H", "/families/tramways%20ltd"):
        assert f'<a href="{path}"><bdi>' in page, "the page of the report leads there"
    status, page = await node.page("/countries/FR")
    assert status == 200 and 'content="noindex"' in page, "France there is, and nothing is told of it"
    for path in ("/countries/QQ", "/countries/IE,FR", "/sectors/X", "/families/nobody", "/families/%20"):
        assert (await node.page(path))[0] == 404, path


async def test_the_front_page_shows_where_something_happens(node: ServedNode, report: Any) -> None:
    assert 'class="panel"' not in (await node.page("/"))[1]
    recently = node.clock().date().isoformat()
    await report(node, began=recently, country="IE")
    _, page = await node.page("/")
    assert rows_of(page, "where")[1][:2] == ["work", "1"], "of one country the fields"
    await report(node, began=recently, country="EG", title="Another")
    await report(node, began="1999", country="FR", title="Long ago")
    _, page = await node.page("/")
    assert sorted(row[0] for row in rows_of(page, "where")[1:-1]) == ["Egypt", "Ireland"]
    assert "France" not in page.partition('class="panel"')[2].partition('class="events"')[0]


async def test_pages_of_many_reports_are_small(node: ServedNode) -> None:
    await plausible.fill(node.node, 2000)
    paths = [
        "/", "/countries/IN", "/sectors/H", "/families/north%20steel%20group", "/figures",
        *(f"/figures?{query}" for query in (
            "by=year&by=field", "by=month&by=kind", "by=family", "by=author&by=family", "by=region&by=sector",
            "by=month&by=demand&by=organisation", "by=quarter&by=sector&field=work&field=housing&show=people&from=60",
        )),
    ]  # fmt: skip
    for path in paths:
        async with node.http.get(node.origin + path, headers={"Accept": "text/html"}) as answer:
            page = await answer.text()
            assert answer.status == 200, path
            assert answer.headers["Content-Security-Policy"] == POLICY
        assert len(page.encode()) < PAGE_BYTES, path
        for forbidden in ("<script", "<style", " style=", " onclick"):
            assert forbidden not in page, path


async def test_the_same_question_is_the_same_page_in_every_order(node: ServedNode, report: Any) -> None:
    await report(node, country="IE")
    asked = ("by=country&field=work&kind=strike", "kind=strike&by=country&field=work&since=")
    first, second = await asyncio.gather(*(node.page(f"/figures?{one}") for one in asked))
    assert first == second
