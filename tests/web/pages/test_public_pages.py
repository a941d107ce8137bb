"""What readers see: through the door that readers use."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

import schemas
from node import objects
from node.context import Transaction
from node.identifiers import spell
from node.statements import store as statements
from node.web.pages import vocabulary_pages, words
from node.web.pages.rendering import POLICY
from schemas import fields
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually

ARABIC = "من يحمِ زميله يحمِ المدينة كلّها."
PAGE_BYTES = 50_000


@pytest.mark.one_database
async def test_the_front_page_says_who_what_where_and_how_to_follow(node: ServedNode, report: Any) -> None:
    place = {"locality": "Port Calder", "country": "IE"}
    await report(node, **place)
    iri = await node.publish("Nobody was left stranded.", title="No trams tonight")
    await node.publish("A word in the thread.", reply_to=iri)
    status, page = await node.page("/")
    assert status == 200
    assert ">Transport Workers</h1>" in page
    assert "syndicalist" in page
    assert node.handle in page
    assert "No trams tonight" in page
    assert "Nobody was left stranded." in page
    assert "Port Calder, Ireland" in page
    assert f'<link rel="alternate" type="application/activity+json" href="{node.group}">' in page
    assert "A word in the thread." not in page, "answers stand in their threads"


@pytest.mark.one_database
async def test_every_page_is_small_and_self_contained_and_sets_no_cookie(node: ServedNode, report: Any) -> None:
    told, said = await report(node), await node.publish("Text.", title="Title")
    paths = [
        "/",
        "/wire",
        "/about",
        "/ns",
        "/ns/codes",
        "/tags/strike",
        "/login",
        node.group,
        said,
        told,
        "/statements/none",
    ]
    for path in paths:
        url = path if "://" in path else node.origin + path
        async with node.http.get(url, headers={"Accept": "text/html"}) as answer:
            page = await answer.text()
            assert answer.status == (404 if path.endswith("none") else 200)
            assert answer.headers["Content-Security-Policy"] == POLICY
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert "Set-Cookie" not in answer.headers
        assert len(page.encode()) < PAGE_BYTES, path
        assert page.startswith('<!DOCTYPE html>\n<html lang="en"')
        for forbidden in ("<script", "<iframe", " style=", " onclick", '<link rel="stylesheet" href="http'):
            assert forbidden not in page, path
        assert '<meta name="description" content="' in page
        assert '<main id="main"' in page


@pytest.mark.one_database
async def test_an_unchanged_page_is_not_sent_again(node: ServedNode) -> None:
    async with node.http.get(node.origin + "/", headers={"Accept": "text/html"}) as first:
        etag = first.headers["ETag"]
    headers = {"Accept": "text/html", "If-None-Match": etag}
    async with node.http.get(node.origin + "/", headers=headers) as again:
        assert again.status == 304
    await node.publish("Something new.")
    async with node.http.get(node.origin + "/", headers=headers) as changed:
        assert changed.status == 200


@pytest.mark.one_database
async def test_a_statement_says_who_when_in_which_language_and_how_to_answer(node: ServedNode) -> None:
    fields_of_it: dict[str, Any] = {"summary": "Why we stopped.", "language": "en", "tags": ("transport", "NightWork")}
    iri = await node.publish(f"We stopped work.\n\n> {ARABIC}", title="Safe trams", **fields_of_it)
    status, page = await node.page(iri)
    assert status == 200
    assert '<h1 lang="en" dir="ltr">Safe trams</h1>' in page
    assert '<time datetime="20' in page
    assert "Why we stopped." in page
    assert '<blockquote dir="rtl">' in page
    assert 'href="/tags/nightwork"><bdi>#NightWork</bdi>' in page
    assert page.count("#NightWork") == 1, "not once more at the end of the text"
    assert f'<code dir="ltr">{iri}</code>' in page
    assert f'<code dir="ltr">{node.handle}</code>' in page
    assert f'<link rel="canonical" href="{iri}">' in page
    assert "syndicalist" in page
    assert "0 likes · 0 boosts" in page


@pytest.mark.one_database
async def test_an_arabic_statement_runs_from_right_to_left(node: ServedNode) -> None:
    iri = await node.publish(ARABIC, title="إلى الجميع", language="ar")
    _, page = await node.page(iri)
    assert '<h1 lang="ar" dir="rtl">إلى الجميع</h1>' in page
    assert '<div class="text" lang="ar" dir="rtl">' in page
    assert '<html lang="en" dir="ltr">' in page


@pytest.mark.one_database
async def test_a_sensitive_text_stands_behind_its_warning_everywhere(
    two_nodes: tuple[ServedNode, ServedNode], arrives: Any
) -> None:
    first, second = two_nodes
    iri = await first.publish("They broke the door.", title="Eviction", summary="police violence", sensitive=True)
    path = await arrives(second, iri)
    for node, address in ((first, iri), (second, path)):
        _, page = await node.page(address)
        before, _, behind = page.partition('<details class="warned">')
        assert "They broke the door." not in before
        assert "police violence" in behind.partition("</summary>")[0]
        assert "They broke the door." in behind
    for node, address in ((first, "/"), (second, "/wire")):
        _, page = await node.page(address)
        assert "police violence" in page
        assert "They broke the door." not in page


@pytest.mark.one_database
async def test_a_report_shows_its_facts_and_never_a_zero_for_what_is_not_known(node: ServedNode, report: Any) -> None:
    known = {
        "who": "workers", "addressee": "Tramways Ltd", "addressee_kind": "employer", "organisation": "Branch 12",
        "locality": "Port Calder", "country": "IE", "ended": "2025-10-22", "workers_involved": "1950",
        "demands": "two people on every tram [won]; a shift of seven hours [partly-won]",
        "source_url": "https://news.example/trams", "source_name": "The News", "basis": "alleged",
    }  # fmt: skip
    _, page = await node.page(await report(node, **known))
    for words_of_it in (
        "Port Calder, Ireland", "Tramways Ltd", "employer", "Branch 12", "2025-10-12", "2025-10-22", "1,950",
        "workers involved", "two people on every tram", "won in part", "https://news.example/trams", "Alleged",
        "The group was told.",
    ):  # fmt: skip
        assert words_of_it in page, words_of_it
    _, bare = await node.page(await report(node, title="Rumours of a strike"))
    facts = bare.partition('class="facts"')[2].partition("</section>")[0]
    assert facts.count('<span class="unknown">not known</span>') == 5  # who, directed at, organised by, where, how many
    assert "not known, or not over" in facts
    assert ">0<" not in facts


async def test_a_struggle_shows_all_reports_on_it_side_by_side(node: ServedNode, report: Any) -> None:
    first = await report(node, title="The first day", struggle="trams")
    await report(node, title="The last day", struggle="trams")
    _, page = await node.page(first)
    assert "The last day" in page, "a report names the others on its struggle"
    _, document = await node.activity(first)
    status, page = await node.page(document["struggle"])
    assert status == 200
    assert page.index("The first day") < page.index("The last day")
    assert f'<code dir="ltr">{document["struggle"]}</code>' in page


@pytest.mark.one_database
async def test_an_import_says_whose_facts_these_are(node: ServedNode, import_table: Any) -> None:
    iri = await import_table(node)
    status, page = await node.page(iri)
    assert status == 200
    for said in ("https://en.wikipedia.org/", "CC-BY-SA-4.0", "2025-11-20", "2 rows that could not be read"):
        assert said in page, said
    assert "vouches for the transcription and not for the facts" in page
    assert page.count('<a href="/reports/') == 18
    _, front = await node.page("/")
    assert "Rent strike in Barcelona" not in front, "imported reports are no news"
    assert "18 reports, all here" in front


async def test_an_import_that_is_not_decided_is_no_page(node: ServedNode, import_table: Any) -> None:
    iri = await import_table(node, proposed=False)
    assert (await node.page(iri))[0] == 404

    def transcribed(tx: Transaction) -> list[str]:
        return list(tx.execute(select(objects.objects.c.iri).where(objects.objects.c.part_of == iri)).scalars())

    found = await node.read(transcribed)
    assert len(found) == 18
    for one in found[:3]:
        assert (await node.page(one))[0] == 404
    assert "Struggles of several kinds" not in (await node.page("/"))[1]


async def test_the_reports_of_another_nodes_import_stand_below_its_digest(
    two_nodes: tuple[ServedNode, ServedNode], import_table: Any
) -> None:
    first, second = two_nodes
    await import_table(first)

    async def whole() -> bool:
        return "18 reports, all here" in (await second.page("/wire"))[1]

    await eventually(whole)
    _, wire = await second.page("/wire")
    assert wire.count("<article") == 1, "one line, no flood"
    assert "Rent strike in Barcelona" not in wire
    path = wire.partition("<article")[2].partition('href="')[2].partition('"')[0]
    _, page = await second.page(path)
    assert page.count('<a href="/heard/') >= 18
    assert "who vouches for the transcription and not for the facts" in page
    below = page.partition("Rent strike in Barcelona")[0].rpartition('href="')[2].partition('"')[0]
    _, one = await second.page(below)
    assert "Imported." in one
    assert "verified by its proof" in one


async def test_the_wire_turns_its_pages_without_losing_or_repeating(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    for number in range(27):
        await first.publish(f"Message number {number:02}.")

    async def all_there() -> bool:
        return await second.read(objects.count_listed, local=False) == 27

    await eventually(all_there)
    _, newest = await second.page("/wire")
    older = newest.partition('rel="next" href="')[2].partition('"')[0]
    _, oldest = await second.page(f"/wire{older}")
    found = [number for number in range(27) for page in (newest, oldest) if f"Message number {number:02}." in page]
    assert found == list(range(27))


async def test_what_a_stranger_sends_is_shown_and_cannot_act(node: ServedNode, hostile_peer: Peer) -> None:
    actor = hostile_peer.actor("eve", url="javascript:x()", preferredUsername='<b onmouseover="x()">Eve</b>')
    iri = await node.publish("Speak.")
    note = hostile_peer.note(
        actor,
        '<p>Yes</p><script>alert(1)</script><img src="https://spy.example/pixel.png"><a href="javascript:x()">go</a>',
        inReplyTo=iri,
        attachment=[
            {"type": "Image", "url": "https://media.example/a.png", "mediaType": "image/png", "name": '"><script>'}
        ],
    )
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", actor, note)) == 202
    await node.quiet()
    _, thread = await node.page(iri)
    row = await node.read(objects.find, note["id"])
    _, page = await node.page(f"/heard/{spell(row.sort_id)}")
    for html in (thread, page):
        assert '<p dir="ltr">Yes</p>' in html
        assert "&lt;b onmouseover" in html
        assert html.count("<img") == html.count(f'<img src="{node.origin}/media/remote/') == 1
        for forbidden in ("<script", "<b onmouseover", "javascript:", "spy.example"):
            assert forbidden not in html
    assert f'href="{note["id"]}"' in page
    assert "verified by its proof" not in page
    assert '<meta name="robots" content="noindex">' in page


@pytest.mark.one_database
async def test_a_proof_is_named_where_the_kept_document_carries_one(
    two_nodes: tuple[ServedNode, ServedNode], arrives: Any
) -> None:
    first, second = two_nodes
    _, page = await second.page(await arrives(second, await first.publish("We sign what we say.")))
    assert "verified by its proof" in page


async def test_a_thread_stands_in_its_order_from_wherever_it_comes(
    two_nodes: tuple[ServedNode, ServedNode], arrives: Any
) -> None:
    first, second = two_nodes
    root = await first.publish("The root.")
    await arrives(second, root)
    one = await second.publish("First answer.", reply_to=root)
    await arrives(first, one)
    await first.publish("Second answer.", reply_to=root)
    deep = await first.publish("Answer to the first.", reply_to=one)
    _, page = await first.page(root)
    order = [page.index(text) for text in ("First answer.", "Answer to the first.", "Second answer.")]
    assert order == sorted(order)
    assert "3 answers" in page
    assert second.handle in page
    assert f'href="{one}"' in page
    _, page = await first.page(deep)
    assert "In answer to" in page
    assert "Second answer." not in page


async def test_what_was_deleted_is_gone_and_says_so(two_nodes: tuple[ServedNode, ServedNode], arrives: Any) -> None:
    first, second = two_nodes
    iri = await first.publish("A leaked name.", title="Leak")
    path = await arrives(second, iri)

    def bury(tx: Transaction, author: str) -> None:
        objects.bury(tx, iri)
        statements.drop(tx, iri)

    for node, address in ((first, iri), (second, path)):
        await node.write(bury, first.group)
        status, page = await node.page(address)
        assert status == 410
        assert "Leak" not in page


NOWHERE = [
    "/statements/none", "/reports/none", "/struggles/none", "/imports/none", "/groups/nobody", "/heard/none",
    "/heard/zzzzzzzzzzzzz", "/heard/0000000000000", "/wire?before=x", "/wire?before=99999999999999999999",
    "/?before=-1", "/ns?example=../../etc/passwd", "/ns/Nothing", "/assets/node.toml", "/assets/..%2fpaper.css",
    "/tags/" + "x" * 200,
]  # fmt: skip


@pytest.mark.one_database
async def test_what_is_not_there_is_a_page_that_says_so(node: ServedNode) -> None:
    answers = {}
    for path in NOWHERE:
        status, page = await node.page(path)
        answers[path] = (status, "There is nothing here" in page)
    assert set(answers.values()) == {(404, True)}, answers


@pytest.mark.one_database
async def test_files_are_kept_for_ever_under_the_address_that_pages_give_them(node: ServedNode) -> None:
    _, page = await node.page("/")
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    async with node.http.get(node.origin + address) as answer:
        assert answer.content_type == "text/css"
        assert "immutable" in answer.headers["Cache-Control"]
    async with node.http.get(node.origin + address.partition("?")[0] + "?v=other") as answer:
        assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.one_database
async def test_a_node_gives_the_source_of_what_it_runs_and_nothing_else_of_its_own(node: ServedNode) -> None:
    _, page = await node.page("/about")
    address = page.partition('href="/assets/commonwire')[2].partition('"')[0]
    async with node.http.get(f"{node.origin}/assets/commonwire{address}") as answer:
        packed = io.BytesIO(await answer.read())
    with tarfile.open(fileobj=packed, mode="r:gz") as tar:
        names = [name.partition("/")[2] for name in tar.getnames()]
    for wanted in ("node/web/pages/__init__.py", "schemas/examples/note.json", "node/web/pages/templates/layout.html"):
        assert wanted in names
    assert not [name for name in names if name.endswith((".pem", ".toml", ".db", ".pyc"))]


@pytest.mark.one_database
async def test_the_vocabulary_names_every_field_and_every_code_on_pages_that_are_small(node: ServedNode) -> None:
    _, index = await node.page("/ns")
    inside = {one for cls in schemas.TYPES for one in fields.within(cls)}
    assert {"Measure", "ChainLink", "Place"} <= {one.__name__ for one in inside}
    for cls in {*schemas.TYPES, *inside}:
        assert f'href="/ns/{cls.__name__}"' in index
        status, page = await node.page(f"/ns/{cls.__name__}")
        assert (status, len(page.encode()) < PAGE_BYTES) == (200, True)
        parents = [base for base in cls.__mro__[1:] if base in schemas.TYPES]
        shared = {term.key for base in parents for term in fields.describe(base)}
        for term in fields.describe(cls):
            assert f"<code>{term.key}</code>" in page or term.key in shared, (cls.__name__, term.key)
    _, page = await node.page("/ns/StruggleReport")
    for wanted in ("/ns/Statement", "/ns/Measure", "/ns/codes#actionKind", "/ns?example=struggle_report"):
        assert f'href="{wanted}"' in page
    _, page = await node.page("/ns/codes")
    assert len(page.encode()) < PAGE_BYTES
    for codes in words.LISTS.values():
        for code, meaning in codes.items():
            assert f"<code>{code}</code>" in page
            assert meaning in unescape(page)
    names = [part.partition('"')[0] for part in index.split('href="?example=')[1:]]
    assert sorted(names) == sorted(vocabulary_pages.examples())
    for name in names:
        status, example = await node.page(f"/ns?example={name}")
        assert status == 200
        assert "&#34;@context&#34;" in example


@pytest.mark.one_database
async def test_the_about_page_says_who_runs_the_node_and_what_is_kept(node: ServedNode) -> None:
    _, page = await node.page("/about")
    for said in ("Transport Workers", node.handle, "one member may act", "argon2id", "Readers get no cookie", "Affero"):
        assert said in page, said


async def test_a_tag_gathers_what_is_said_under_it(
    two_nodes: tuple[ServedNode, ServedNode], arrives: Callable[..., Any]
) -> None:
    first, second = two_nodes
    await arrives(second, await first.publish("Out tonight. #Depot"))
    await second.publish("We come too. #depot")
    _, page = await second.page("/tags/Depot")
    assert "Out tonight." in page
    assert "We come too." in page
