"""The search as a page and for programs: what is found is marked, filtered, paged, and nothing of it is kept."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.nodes.served import ServedNode
from tests.search.test_keeping import publish_report, quiet

Two = tuple[ServedNode, ServedNode]


def found_in(page: str) -> list[str]:
    return re.findall(r'<h2 [^>]*><a href="([^"]+)">', page)


@pytest.mark.one_database
async def test_a_reader_finds_what_is_held_here_and_sees_why(two_nodes: Two) -> None:
    first, second = two_nodes
    report = await publish_report(first)
    said = await first.publish('The shift says <b>"no"</b> & goes on.', title="Day & night shift")
    await quiet(first, second)
    status, page = await second.page("/search")
    assert status == 200 and 'name="q"' in page and not found_in(page)
    status, page = await second.page("/search?q=Shift")
    assert status == 200 and len(found_in(page)) == 2
    assert "Night <mark>shift</mark> walks out" in page and "Day &amp; night <mark>shift</mark>" in page
    assert "<b>" not in page.partition("<main")[2]
    status, page = await second.page("/search?q=shift&country=GB&since=2026-10")
    assert len(found_in(page)) == 1 and "walks out" in page
    assert '<input type="hidden" name="q" value="shift">' in page and "/search?since=2026-10&amp;q=shift" in page
    status, page = await second.page("/search?q=shift+-night")
    assert status == 200 and found_in(page) == []
    status, page = await first.page("/search?q=" + quote('"walks out"'))
    assert found_in(page) == [report.removeprefix(first.origin)]
    for wrong in ("-night", "?", "a" * 201):
        status, page = await second.page("/search?q=" + quote(wrong))
        assert status == 422 and 'aria-invalid="true"' in page
    assert (await second.page("/search?q=shift&country=Britain"))[0] == 422
    assert said


@pytest.mark.one_database
async def test_what_stands_behind_a_warning_stays_there(node: ServedNode) -> None:
    await node.publish("The quokka is in it.", summary="about animals", sensitive=True)
    status, page = await node.page("/search?q=quokka")
    assert status == 200 and "Behind a warning" in page and "is in it" not in page


@pytest.mark.one_database
async def test_hits_are_read_page_by_page_and_nobody_keeps_the_page(node: ServedNode) -> None:
    iris = [await node.publish(f"Chapter number {number}.", title=f"Chapter {number}") for number in range(45)]
    seen: list[str] = []
    path: str | None = "/search?q=chapter&type=statement"
    while path is not None:
        async with node.http.get(node.origin + path, headers={"Accept": "text/html"}) as response:
            page = await response.text()
            assert response.headers["Cache-Control"] == "no-store" and "noindex" in response.headers["X-Robots-Tag"]
        seen += found_in(page)
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        path = onward[1].replace("&amp;", "&") if onward else None
    assert seen == [iri.removeprefix(node.origin) for iri in reversed(iris)]


async def test_programs_find_the_same_with_the_place_of_each_hit(node: ServedNode) -> None:
    iris = [await node.publish(f"Chapter {number}: Łódź.", title=f"Part {number}") for number in range(5)]
    results: list[dict[str, Any]] = []
    url: str | None = f"{node.origin}/api/search?q=lodz&limit=2"
    while url:
        async with node.http.get(url) as response:
            answer = await response.json()
            assert response.status == 200, answer
        results += answer["results"]
        url = answer["next"]
    assert [one["id"] for one in results] == iris[::-1]
    passage = results[0]["passage"]
    assert [passage["text"][start:end] for start, end in passage["hits"]] == ["Łódź"]
    assert results[0]["page"] == iris[4] and results[0]["author"] == node.group and results[0]["language"] == "en"
    for query, field in (("", "q"), ("q=-x", "q"), ("q=x&limit=0", "limit"), ("q=x&limit=51", "limit"), ("q=x&order=1", "order"),
                         ("q=x&country=XXX", "country")):  # fmt: skip
        async with node.http.get(f"{node.origin}/api/search?{query}") as response:
            assert response.status == 422 and field in (await response.json())["error"], query
