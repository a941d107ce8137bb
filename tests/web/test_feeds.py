"""Feeds as the programs of readers take them: Atom by RFC 4287 and 5005, JSON Feed by its version 1.1."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from PIL import Image

from node import media
from node.peering import actions
from node.web.feeds import gathering
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.pages import heads

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
ARABIC = "من يحمِ زميله يحمِ المدينة كلّها."
TYPES = {"atom": "application/atom+xml; charset=utf-8", "json": "application/feed+json; charset=utf-8"}


async def fetch(node: ServedNode, address: str) -> bytes:
    """A feed, with the media type that its ending promises."""
    url = address if "://" in address else node.origin + address
    async with node.http.get(url) as response:
        assert response.status == 200, address
        ending = url.partition("?")[0].rpartition(".")[2]
        assert response.headers["Content-Type"] == TYPES[ending]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        return await response.read()


async def atom(node: ServedNode, address: str) -> Element:
    """An Atom feed that is what RFC 4287 demands."""
    root = ElementTree.fromstring(await fetch(node, address))
    assert root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert len(root.findall(ATOM + name)) == 1, f"4.1.1: exactly one {name}"
    assert link(root, "self") == (address if "://" in address else node.origin + address)
    assert link(root, "alternate") is not None
    assert root.findall(f"{ATOM}author"), "4.1.1: an author, unless every entry has one"
    assert [one.tag for one in root] == sorted((one.tag for one in root), key=lambda tag: tag == f"{ATOM}entry")
    for entry in root.findall(f"{ATOM}entry"):
        check_entry(entry)
    ids = [text(entry, "id") for entry in root.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    return root


def check_entry(entry: Element) -> None:
    for name, least, most in (
        ("id", 1, 1), ("title", 1, 1), ("updated", 1, 1), ("author", 1, 9), ("published", 0, 1), ("content", 0, 1),
        ("summary", 0, 1),
    ):  # fmt: skip
        assert least <= len(entry.findall(ATOM + name)) <= most, f"4.1.2: {name}"
    assert re.match(r"https?://", text(entry, "id")), "4.2.6: an IRI"
    assert text(entry, "title")
    for name in ("updated", "published"):
        assert MOMENT.fullmatch(text(entry, name)), "3.3"
    assert text(entry, "updated") >= text(entry, "published")
    assert all(author.findtext(f"{ATOM}name") for author in entry.findall(f"{ATOM}author")), "3.2.1"
    alternates = [one for one in entry.findall(f"{ATOM}link") if one.get("rel") == "alternate"]
    assert len(alternates) == 1, "4.1.2: needed without a content, and no two of one type and language"
    content = entry.find(f"{ATOM}content")
    assert content is None or (content.get("type") == "html" and len(content) == 0), "4.1.3.3"


def text(element: Element, name: str) -> str:
    return element.findtext(ATOM + name) or ""


def link(element: Element, rel: str) -> str | None:
    return next((one.get("href") for one in element.findall(f"{ATOM}link") if one.get("rel") == rel), None)


async def json_feed(node: ServedNode, address: str) -> dict[str, Any]:
    """A JSON Feed that is what its version 1.1 demands."""
    document: dict[str, Any] = json.loads(await fetch(node, address))
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["title"]
    assert document["feed_url"] == (address if "://" in address else node.origin + address)
    for author in document["authors"]:
        assert author["name"]
    ids = [item["id"] for item in document["items"]]
    assert len(ids) == len(set(ids))
    for item in document["items"]:
        assert isinstance(item["id"], str)
        assert ("content_html" in item) != ("content_text" in item), "one of the two is required"
        for name in ("date_published", "date_modified"):
            assert MOMENT.fullmatch(item[name]), "RFC 3339"
        for attached in item.get("attachments", []):
            assert attached["url"] and attached["mime_type"]
        assert item["url"].startswith("http")
    return document


async def test_a_group_s_feed_holds_what_it_says_whole(node: ServedNode) -> None:
    iri = await node.publish(
        f"We **stopped** work.\n\n> {ARABIC}", title="Safe & <trams>", tags=("NightWork", "transport"), language="en"
    )
    root = await atom(node, "/groups/union.atom")
    assert text(root, "title") == "Transport Workers"
    assert root.get(LANG) == "en"
    (entry,) = root.findall(f"{ATOM}entry")
    assert text(entry, "id") == link(entry, "alternate") == iri
    assert text(entry, "title") == "Safe & <trams>"
    assert entry.get(LANG) == "en"
    content = text(entry, "content")
    assert "<strong>stopped</strong>" in content
    assert '<blockquote dir="rtl">' in content
    assert {one.get("term") for one in entry.findall(f"{ATOM}category")} == {"nightwork", "transport"}
    document = await json_feed(node, "/groups/union.json")
    (item,) = document["items"]
    assert (item["id"], item["url"], item["title"]) == (iri, iri, "Safe & <trams>")
    assert item["content_html"] == content
    assert item["tags"] == ["nightwork", "transport"]
    assert item["authors"] == [{"name": "Transport Workers", "url": node.group}]
    _, published = await node.activity(iri)
    assert item["date_published"] == text(entry, "published") == published["published"]


@pytest.mark.one_database
async def test_an_empty_feed_is_a_feed(node: ServedNode) -> None:
    for path in ("/groups/union", "/wire", "/tags/none"):
        root = await atom(node, f"{path}.atom")
        assert MOMENT.fullmatch(text(root, "updated"))
        assert (await json_feed(node, f"{path}.json"))["items"] == []


@pytest.mark.one_database
async def test_pages_name_their_feeds(node: ServedNode) -> None:
    iri = await node.publish("Text.", tags=("NightWork",))
    for page, feed in (("/", "/groups/union"), (node.group, "/groups/union"), (iri, "/groups/union"),
                       ("/wire", "/wire"), ("/tags/nightwork", "/tags/nightwork")):  # fmt: skip
        head = heads.read((await node.page(page))[1])
        assert head.linked("alternate", "application/atom+xml") == [f"{node.origin}{feed}.atom"], page
        assert head.linked("alternate", "application/feed+json") == [f"{node.origin}{feed}.json"], page
        await atom(node, f"{feed}.atom")
        await json_feed(node, f"{feed}.json")
    assert 'href="/groups/union.atom"' in (await node.page("/"))[1]


@pytest.mark.one_database
async def test_a_picture_is_enclosed_and_shown(node: ServedNode) -> None:
    held = io.BytesIO()
    Image.new("RGB", (32, 20), (180, 20, 40)).save(held, "PNG")
    picture = await media.take(node.node, held.getvalue(), 'A "closed" depot')
    await node.publish("Look.", pictures=(picture,))
    (entry,) = (await atom(node, "/groups/union.atom")).findall(f"{ATOM}entry")
    enclosure = next(one for one in entry.findall(f"{ATOM}link") if one.get("rel") == "enclosure")
    assert (enclosure.get("type"), enclosure.get("title")) == ("image/png", 'A "closed" depot')
    address = enclosure.get("href") or ""
    async with node.http.get(address) as response:
        assert (response.status, response.content_type) == (200, "image/png")
    assert f'<img src="{address}" alt="A &#34;closed&#34; depot" width="32" height="20">' in text(entry, "content")
    (item,) = (await json_feed(node, "/groups/union.json"))["items"]
    assert item["image"] == item["attachments"][0]["url"] == address


@pytest.mark.one_database
async def test_a_text_behind_a_warning_stays_behind_it(node: ServedNode) -> None:
    await node.publish("They broke the door.", title="Eviction", summary="police violence", sensitive=True)
    await node.publish("They broke the door.", summary="more violence", sensitive=True)
    for form in ("atom", "json"):
        body = (await fetch(node, f"/groups/union.{form}")).decode()
        assert "They broke the door." not in body
        assert "Content warning: police violence" in body
    await atom(node, "/groups/union.atom")
    await json_feed(node, "/groups/union.json")


async def test_reports_stand_in_the_feed_and_answers_and_imported_ones_do_not(
    node: ServedNode, report: Any, import_table: Any
) -> None:
    told, said = await report(node, locality="Port Calder", country="IE"), await node.publish("Text.")
    await node.publish("An answer.", reply_to=said)
    await import_table(node)
    await node.quiet()
    items = (await json_feed(node, "/groups/union.json"))["items"]
    assert {told, said} < {item["id"] for item in items}
    assert len(items) == 3, "and the digest of the import, which is a statement"
    assert "An answer." not in json.dumps(items)
    html = next(item["content_html"] for item in items if item["id"] == told)
    assert html.startswith("<p>strike · Port Calder, Ireland · 2025-10-12</p>")


async def test_a_long_feed_goes_on(node: ServedNode) -> None:
    """RFC 5005 section 3."""
    said = [await node.publish(f"Number {number}.") for number in range(gathering.ITEMS + 3)]
    for form in ("atom", "json"):
        found, address, pages = [], f"{node.origin}/groups/union.{form}", 0
        while address:
            if form == "atom":
                root = await atom(node, address)
                assert link(root, "first") == f"{node.origin}/groups/union.atom"
                found += [text(entry, "id") for entry in root.findall(f"{ATOM}entry")]
                address = link(root, "next") or ""
            else:
                document = await json_feed(node, address)
                found += [item["id"] for item in document["items"]]
                address = document.get("next_url", "")
            pages += 1
        assert (found, pages) == (said[::-1], 2)


async def heard(node: ServedNode, peer: Peer, author: str, content: str, **fields: Any) -> str:
    note = peer.note(author, content, **fields)
    assert await peer.send(f"{node.origin}/inbox", peer.activity("Create", author, note)) == 202, peer.last
    await node.quiet()
    return str(note["id"])


async def test_words_of_others_are_named_and_not_published_again(node: ServedNode, hostile_peer: Peer) -> None:
    """And only those whose author agrees to be found (FEP-5feb)."""
    ids = {}
    for name, choice in (("alice", True), ("bob", False)):
        author = hostile_peer.actor(name, indexable=choice, name=name.title())
        await node.node.directory.actor(author)
        await node.write(actions.follow, author, actor=node.group, member=await node.steward())
        tag = {"type": "Hashtag", "name": "#Strike", "href": "https://x.example/"}
        words = f"<p>By {name}: {'word ' * 200}THE END</p>"
        ids[name] = await heard(node, hostile_peer, author, words, tag=[tag], url=f"{hostile_peer.origin}/@{name}/1")
    for path in ("/wire", "/tags/strike"):
        root = await atom(node, f"{path}.atom")
        (entry,) = root.findall(f"{ATOM}entry")
        assert text(entry, "id") == ids["alice"]
        assert link(entry, "alternate") == f"{hostile_peer.origin}/@alice/1"
        assert entry.find(f"{ATOM}content") is None
        assert text(entry, "summary").startswith("By alice: word")
        assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Alice"
        document = await json_feed(node, f"{path}.json")
        assert [item["id"] for item in document["items"]] == [ids["alice"]]
        assert "THE END" not in json.dumps(document)


NASTY = "a\x01b\x0b\x1f\ufffe]]><script>alert(1)</script>&nbsp;\u202e"


async def test_what_a_stranger_sends_breaks_no_feed(node: ServedNode, hostile_peer: Peer) -> None:
    mallory = hostile_peer.actor("mallory", indexable=True, name=NASTY)
    await node.node.directory.actor(mallory)
    await node.write(actions.follow, mallory, actor=node.group, member=await node.steward())
    tags = [{"type": "Hashtag", "name": f"#{NASTY}"}, {"type": "Hashtag", "name": "#x"}]
    shapes: list[dict[str, Any]] = [
        {"name": NASTY}, {"summary": NASTY}, {"summary": NASTY, "sensitive": True}, {"url": "javascript:alert(1)"},
        {"url": 'https://x.example/"><script>'}, {"published": "0001-01-01T00:00:00Z"}, {"updated": "9999-12-31T23:59:59Z"},
        {"contentMap": {"ar": f"<p>{NASTY}</p>"}}, {"content": ""}, {"content": NASTY, "sensitive": True},
    ]  # fmt: skip
    for shape in shapes:
        await heard(node, hostile_peer, mallory, **({"content": f"<p>{NASTY}</p>", "tag": tags} | shape))
    root = await atom(node, "/wire.atom")
    assert len(root.findall(f"{ATOM}entry")) >= len(shapes) - 2
    for entry in root.findall(f"{ATOM}entry"):
        assert (link(entry, "alternate") or "").startswith("http")
    document = await json_feed(node, "/wire.json")
    for item in document["items"]:
        assert "<script" not in item.get("content_html", "")
    await atom(node, "/tags/x.atom")


@pytest.mark.one_database
@pytest.mark.parametrize("form", ["atom", "json"])
async def test_an_unchanged_feed_is_not_sent_again(form: str, node: ServedNode) -> None:
    await node.publish("One.")
    address = f"{node.origin}/groups/union.{form}"
    async with node.http.get(address) as first:
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    assert datetime.strptime(modified, "%a, %d %b %Y %H:%M:%S GMT")
    async with node.http.get(address, headers={"If-None-Match": etag, "If-Modified-Since": modified}) as again:
        assert (again.status, again.headers["ETag"], await again.read()) == (304, etag, b"")
    await node.publish("Two.")
    async with node.http.get(address, headers={"If-None-Match": etag, "If-Modified-Since": modified}) as changed:
        assert changed.status == 200


@pytest.mark.one_database
async def test_what_is_no_feed_is_missing(node: ServedNode) -> None:
    for path in ("/groups/none.atom", "/groups/none.json", "/wire.rss", "/groups/union.xml", "/wire.atom?before=x",
                 f"/tags/{'x' * 200}.atom", "/wire.atom?before=-1"):  # fmt: skip
        async with node.http.get(node.origin + path) as response:
            assert response.status == 404, path
    async with node.http.get(f"{node.origin}/tags/a%2Fb.atom") as response:
        assert response.status in (200, 404)
