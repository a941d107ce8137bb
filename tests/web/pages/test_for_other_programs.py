"""What other programs make of a link to a page of ours: OpenGraph, oEmbed, the links to the same thing in other forms."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import nh3
import pytest

from node import media
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.pages import heads
from tests.web.pages.heads import Head

pytestmark = pytest.mark.one_database  # how rows are shown that test_public_pages reads

ARABIC = "من يحمِ زميله يحمِ المدينة كلّها."
NASTY = '"><script>alert(1)</script>'


async def head(node: ServedNode, address: str) -> Head:
    status, page = await node.page(address)
    assert status == 200
    return heads.read(page)


async def oembed(node: ServedNode, **query: str) -> tuple[int, dict[str, Any]]:
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    async with node.http.get(f"{node.origin}/api/oembed?{asked}") as response:
        return response.status, json.loads(await response.read())


async def test_a_link_to_a_statement_has_a_preview(node: ServedNode) -> None:
    iri = await node.publish(
        "We stopped work at ten.", title="Safe trams", summary="Why we stopped.", language="pt-BR", tags=("NightWork",)
    )
    found = await head(node, iri)
    assert found.one("og:type") == "article"
    assert found.one("og:title") == "Safe trams"
    assert found.one("og:description") == "Why we stopped."
    assert found.one("og:url") == iri
    assert found.one("og:site_name") == "Transport Workers"
    assert found.one("og:locale") == "pt_BR"
    assert found.metas["article:tag"] == ["NightWork"]
    assert found.one("fediverse:creator") == node.handle
    _, document = await node.activity(iri)
    assert found.one("article:published_time") == document["published"]
    assert found.linked("canonical") == [iri]
    assert found.linked("alternate", "application/activity+json") == [iri]
    assert found.one("og:image") is None
    assert found.one("robots") is None
    assert not [name for name in found.metas if name.startswith("twitter:")]


async def test_a_preview_shows_the_picture_unless_it_stands_behind_a_warning(node: ServedNode, png: bytes) -> None:
    picture = await media.take(node.node, png, 'The depot at night, "closed"')
    shown = await node.publish("Look.", title="Closed", pictures=(picture,))
    found = await head(node, shown)
    address = found.one("og:image")
    assert address is not None and address.startswith(f"{node.origin}/media/")
    async with node.http.get(address) as response:
        assert response.status == 200
        assert response.content_type == found.one("og:image:type")
    assert found.one("og:image:alt") == 'The depot at night, "closed"'
    assert (found.one("og:image:width"), found.one("og:image:height")) == (str(picture.width), str(picture.height))
    _, embedded = await oembed(node, url=shown)
    assert embedded["thumbnail_url"] == address
    _, embedded = await oembed(node, url=shown, maxwidth=str(picture.width - 1))
    assert not [name for name in embedded if name.startswith("thumbnail")]
    warned = await node.publish("Look.", summary="violence", sensitive=True, pictures=(picture,))
    found = await head(node, warned)
    assert found.one("og:image") is None
    assert found.one("og:title") == found.one("og:description") == "violence"
    assert "thumbnail_url" not in (await oembed(node, url=warned))[1]


async def test_a_preview_carries_no_markup_of_its_text(node: ServedNode) -> None:
    iri = await node.publish(f"Text {NASTY} & more", title=f"Title {NASTY}")
    found = await head(node, iri)
    assert found.one("og:title") == f"Title {NASTY}"
    assert "<script" not in (await node.page(iri))[1]


async def test_the_front_page_and_a_report_have_a_preview(node: ServedNode, report: Any) -> None:
    told = await head(node, await report(node, locality="Port Calder", country="IE"))
    assert told.one("og:type") == "article"
    assert told.one("og:title") == "Night crews stop work"
    front = await head(node, "/")
    assert front.one("og:type") == "website"
    assert front.one("og:title") == "Transport Workers"
    assert front.one("og:url") == f"{node.origin}/"
    assert front.one("og:description") == front.one("description")
    assert (await head(node, node.group)).one("og:url") == node.group


async def test_what_others_said_has_no_preview_of_ours(two_nodes: tuple[ServedNode, ServedNode], arrives: Any) -> None:
    first, second = two_nodes
    iri = await first.publish("Ours.", title="Ours")
    found = await head(second, await arrives(second, iri))
    assert not [name for name in found.metas if name.startswith(("og:", "article:", "fediverse:"))]
    assert found.linked("canonical") == [iri]
    assert not found.linked("alternate", "application/json+oembed")


async def test_a_statement_can_be_embedded(node: ServedNode) -> None:
    """oEmbed 1.0 section 2.3.4: the members of a rich answer."""
    iri = await node.publish("We stopped work.", title="Safe trams")
    (discovered,) = (await head(node, iri)).linked("alternate", "application/json+oembed")
    async with node.http.get(discovered) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        document = json.loads(await response.read())
    assert (document["type"], document["version"]) == ("rich", "1.0")
    assert document["title"] == "Safe trams"
    assert (document["author_name"], document["author_url"]) == ("Transport Workers", node.group)
    assert (document["provider_name"], document["provider_url"]) == ("Transport Workers", f"{node.origin}/")
    assert document["cache_age"] > 0
    assert document["html"].startswith(f'<blockquote cite="{iri}" lang="en" dir="ltr">')
    assert "We stopped work." in document["html"]
    assert f'href="{iri}"' in document["html"]
    assert document["width"] == 600
    assert document["height"] is None


async def test_what_is_embedded_acts_in_no_way(node: ServedNode) -> None:
    iri = await node.publish(f"Text {NASTY}\n\n<iframe src=x> [a](javascript:alert(1))", title=f"Title {NASTY}")
    html = (await oembed(node, url=iri))[1]["html"]
    allowed = {"blockquote", "p", "strong", "footer", "a", "bdi", "span", "time"}
    attributes = {
        "blockquote": {"cite", "lang", "dir"}, "a": {"href"}, "span": {"dir"}, "time": {"datetime"}, "p": set(),
    }  # fmt: skip
    cleaned = nh3.clean(html, tags=allowed, attributes=attributes, link_rel=None, url_schemes={"http", "https"})
    assert cleaned == nh3.clean(cleaned, tags=allowed, attributes=attributes, link_rel=None)
    assert nh3.clean(html, tags=allowed, attributes=attributes, link_rel=None) == cleaned
    assert "<script" not in html and "<iframe" not in html


async def test_what_stands_behind_a_warning_is_not_embedded(node: ServedNode) -> None:
    iri = await node.publish("They broke the door.", title="Eviction", summary="police violence", sensitive=True)
    _, document = await oembed(node, url=iri)
    assert "They broke the door." not in json.dumps(document)
    assert "police violence" in document["html"]


async def test_an_arabic_statement_is_embedded_right_to_left(node: ServedNode) -> None:
    iri = await node.publish(ARABIC, title="إلى الجميع", language="ar")
    assert f'<blockquote cite="{iri}" lang="ar" dir="rtl">' in (await oembed(node, url=iri))[1]["html"]


async def test_an_embedding_fits_where_it_is_wanted(node: ServedNode) -> None:
    iri = await node.publish("word " * 400, title="Long")
    _, wide = await oembed(node, url=iri)
    _, narrow = await oembed(node, url=iri, maxwidth="250", maxheight="200")
    assert (narrow["width"], narrow["height"]) == (250, 200)
    assert len(narrow["html"]) < len(wide["html"])
    assert (await oembed(node, url=iri, maxwidth="99999"))[1]["width"] == 600
    assert (await oembed(node, url=iri, maxwidth="40"))[1]["width"] == 40


async def test_only_statements_of_ours_are_embedded(node: ServedNode, hostile_peer: Peer) -> None:
    iri = await node.publish("Text.")
    path = iri.removeprefix(node.origin)
    for address in (iri, f"{iri}?utm_source=x", f"{iri}#thread"):
        assert (await oembed(node, url=address))[0] == 200, address
    for address in (
        f"{node.origin}/", node.group, f"{node.origin}/statements/none", f"https://victim.example{path}", path,
        f"{node.origin}@victim.example{path}", "http://[::1", "x" * 5000, f"{node.origin}\x00", f"{iri}/replies",
        "javascript:alert(1)", f"{node.origin}/actor",
    ):  # fmt: skip
        status, document = await oembed(node, url=address)
        assert (status, set(document)) == (404, {"error"}), address
    assert (await oembed(node))[0] == 400
    assert (await oembed(node, url=iri, format="xml"))[0] == 501
    assert (await oembed(node, url=iri, format="yaml"))[0] == 501
    for wrong in ("0", "-1", "x", "1e9", "99999999", "\u0663"):
        assert (await oembed(node, url=iri, maxwidth=wrong))[0] == 400, wrong


async def test_a_preview_of_a_report_says_what_where_and_when(node: ServedNode, report: Any) -> None:
    told = await report(node, "It goes on.", locality="Port Calder", country="IE", ended="2025-10-14")
    found = await head(node, told)
    expected = "strike · Port Calder, Ireland · 2025-10-12 to 2025-10-14. It goes on."
    assert found.one("og:description") == found.one("description") == expected


async def test_every_page_is_well_formed(
    two_nodes: tuple[ServedNode, ServedNode], report: Any, import_table: Any, arrives: Any, png: bytes
) -> None:
    first, second = two_nodes
    picture = await media.take(first.node, png, "The depot")
    said = await first.publish(
        f"Text.\n\n> {ARABIC}\n\n- one\n- two\n\n| a | b |\n|---|---|\n| c | d |",
        title="Title",
        tags=("x",),
        pictures=(picture,),
    )
    told, table = await report(first, locality="Port Calder", country="IE"), await import_table(first)
    warned = await first.publish("Behind.", summary="violence", sensitive=True)
    answer = await second.publish("An answer.", reply_to=said)
    await arrives(first, answer)
    _, document = await first.activity(told)
    heard = await arrives(second, said)
    for node, address in [
        *((first, one) for one in ("/", first.group, said, told, table, warned, document["struggle"], "/wire", "/tags/x",
                                   "/about", "/ns", "/login", "/none")),
        (second, "/wire"), (second, heard), (second, "/"),
    ]:  # fmt: skip
        _, page = await node.page(address)
        assert heads.misnested(page) == [], address


@pytest.fixture
def png() -> bytes:
    """A small picture."""
    import io

    from PIL import Image

    held = io.BytesIO()
    Image.new("RGB", (320, 200), (180, 20, 40)).save(held, "PNG")
    return held.getvalue()
