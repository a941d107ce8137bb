"""What search engines are told: sitemaps.org 0.9 and RFC 9309, and only of those who agree to be found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

from sqlalchemy import update

from node import actors, objects
from node.context import Transaction
from node.objects import Kept
from node.web import sitemap
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.pages import heads

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


async def fetch(node: ServedNode, address: str) -> tuple[str, dict[str, str]]:
    """The kind of a sitemap document, and what it lists with its last change."""
    async with node.http.get(address) as response:
        assert response.status == 200, address
        assert response.content_type == "application/xml"
        body = await response.read()
    assert len(body) < 50 * 2**20
    root = ElementTree.fromstring(body)
    kind = root.tag.removeprefix(SITEMAP)
    inner = {"sitemapindex": "sitemap", "urlset": "url"}[kind]
    assert {one.tag for one in root} <= {SITEMAP + inner}
    listed = {one.findtext(f"{SITEMAP}loc") or "": one.findtext(f"{SITEMAP}lastmod") or "" for one in root}
    assert len(listed) == len(root) <= 50_000
    for moment in filter(None, listed.values()):
        assert datetime.fromisoformat(moment).tzinfo is not None
    return kind, listed


async def robots(node: ServedNode) -> list[str]:
    async with node.http.get(f"{node.origin}/robots.txt") as response:
        assert (response.status, response.content_type) == (200, "text/plain")
        return (await response.text()).splitlines()


async def everything(node: ServedNode) -> set[str]:
    """All that the sitemap lists, found the way search engines find it."""
    (named,) = [line.removeprefix("Sitemap: ") for line in await robots(node) if line.startswith("Sitemap: ")]
    kind, parts = await fetch(node, named)
    assert kind == "sitemapindex"
    found: set[str] = set()
    for address in parts:
        kind, listed = await fetch(node, address)
        assert kind == "urlset"
        assert not found & set(listed), "nothing stands there twice"
        found |= set(listed)
    return found


def hide(tx: Transaction, iri: str) -> None:
    tx.execute(update(actors.local_actors).where(actors.local_actors.c.iri == iri).values(indexable=False))


async def test_all_that_is_ours_is_listed_and_may_be_found(node: ServedNode, report: Any) -> None:
    said, told = await node.publish("Text."), await report(node)
    _, document = await node.activity(told)
    found = await everything(node)
    assert {f"{node.origin}/", node.group, said, told, document["struggle"], f"{node.origin}/about"} <= found
    for address in found:
        status, page = await node.page(address)
        assert status == 200, address
        assert heads.read(page).one("robots") is None, address


async def test_the_index_is_remembered_as_long_as_it_is_true(node: ServedNode) -> None:
    memory = node.node.database.memory
    memory.trusted_for = timedelta(hours=1)  # however slow the machine is
    index, kept = f"{node.origin}/sitemap.xml", (sitemap._index, ())
    assert list((await fetch(node, index))[1]) == [f"{node.origin}/sitemaps/{sitemap.PAGES}.xml"]
    await node.quiet()
    assert len((await fetch(node, index))[1]) == 1
    assert memory.find(kept, now=node.clock()) is not None, "so the next one asks no database"
    await node.publish("Text.")
    assert len((await fetch(node, index))[1]) == 2
    await node.write(hide, node.group)
    async with node.http.get(index) as response:
        assert response.status == 404


async def test_of_an_import_its_page_is_listed_and_not_its_reports(node: ServedNode, import_table: Any) -> None:
    table = await import_table(node)
    await node.quiet()
    found = await everything(node)
    assert table in found
    assert not [address for address in found if "/reports/" in address or "/struggles/" in address]


async def test_words_of_others_are_not_listed(node: ServedNode, hostile_peer: Peer) -> None:
    said = await node.publish("Text.")
    alice = hostile_peer.actor("alice", indexable=True)
    note = hostile_peer.note(alice, inReplyTo=said)
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", alice, note)) == 202
    await node.quiet()
    assert await node.holds(note["id"])
    assert {address for address in await everything(node) if not address.startswith(node.origin)} == set()
    assert not [address for address in await everything(node) if "/heard/" in address]


async def test_a_group_that_does_not_agree_is_not_listed_and_its_pages_can_say_so(node: ServedNode) -> None:
    said = await node.publish("Text.")
    await node.write(hide, node.group)
    lines = await robots(node)
    assert not [line for line in lines if line.startswith("Sitemap:")]
    assert [line for line in lines if line.startswith("Disallow: ")] == [
        "Disallow: /desk", "Disallow: /login", "Disallow: /api/", "Disallow: /figures/", "Disallow: /figures?",
    ], "a robot has to read a page to see that it says noindex"  # fmt: skip
    for path in ("/sitemap.xml", f"/sitemaps/{sitemap.PAGES}.xml", "/sitemaps/0000000000001.xml"):
        async with node.http.get(node.origin + path) as response:
            assert response.status == 404, path
    async with node.http.get(said, headers={"Accept": "text/html"}) as response:
        assert response.headers["X-Robots-Tag"] == "noindex"


def say_much(tx: Transaction, group: str, number: int) -> None:
    first = tx.new_id()
    moment = datetime(2025, 3, 8, tzinfo=UTC)
    objects.keep(
        tx,
        (
            Kept(
                iri=tx.node.address(f"/statements/s{place}"), sort_id=first + place, kind="Statement", author=group,
                local=True, document=b"{}", published=moment,
            )
            for place in range(number)
        ),
    )  # fmt: skip


async def test_a_large_sitemap_comes_in_parts(node: ServedNode) -> None:
    number = sitemap.ADDRESSES_IN_A_PART * 2 + 5
    await node.write(say_much, node.group, number)
    _, parts = await fetch(node, f"{node.origin}/sitemap.xml")
    sizes, last = [], ""
    for address, changed in parts.items():
        _, listed = await fetch(node, address)
        sizes.append(len([one for one in listed if "/statements/" in one]))
        assert changed in ("", "2025-03-08T00:00:00Z")
        last = address
    assert sorted(sizes) == [0, 5, sitemap.ADDRESSES_IN_A_PART, sitemap.ADDRESSES_IN_A_PART]
    assert sum(sizes) == number
    async with node.http.get(last) as response:
        etag = response.headers["ETag"]
    async with node.http.get(last, headers={"If-None-Match": etag}) as response:
        assert response.status == 304


async def test_what_is_no_part_is_missing(node: ServedNode) -> None:
    for part in ("none", "0", "x" * 13, "zzzzzzzzzzzzz", "pages.xml", "%00", "-1"):
        async with node.http.get(f"{node.origin}/sitemaps/{part}.xml") as response:
            assert response.status == 404, part
