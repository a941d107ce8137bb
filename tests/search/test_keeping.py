"""What can be found is what everybody may read, and nothing else, whatever happens to a text: on both databases."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlalchemy import select, text

from node import actors, objects
from node.context import Transaction
from node.objects import objects as held_objects
from node.reports import actions as reports
from node.reports import importing
from node.search import actions as search
from node.search import entries, rules, store
from node.statements import correcting, hearing, writing
from schemas import actor as actor_documents
from tests.decisions.test_nothing_is_left import files_of, holding
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.nodes.test_two_nodes_talk import read_table
from tests.reports.test_imports_published import begin, finish
from tests.reports.test_undone_imports import undo
from tests.statements.test_corrections import correct, delete
from tests.statements.test_redactions import redact

Two = tuple[ServedNode, ServedNode]

REPORT = """---
title: Night shift walks out
kind: strike
field: work
began: 2026-10-02
country: GB
locality: Nairnford
addressee: Quokka Holdings
organisation: Dockers' League
---
The night shift has walked out.
"""


async def find(node: ServedNode, text: str, **filters: tuple[str, ...]) -> list[str]:
    rows = await node.read(search.find, rules.read(text), filters, limit=50)
    return [row.iri for row in rows]


async def publish_report(node: ServedNode, text: str = REPORT) -> str:
    draft = writing.read(text, report_keys=reports.REPORT_KEYS)
    iri, _ = await node.write(reports.publish, draft, actor=node.group, member=await node.steward())
    await node.quiet()
    return str(iri)


async def quiet(*nodes: ServedNode) -> None:
    """Until what the first has sent has been looked at by the others, and what they promised then is done."""
    for node in nodes:
        await node.quiet()


def as_it_should_be(tx: Transaction) -> bool:
    """Whether the index holds what the tables give, of every object, and FTS5 the same as its rows."""
    iris = list(tx.execute(select(held_objects.c.iri)).scalars())
    wanted, held = entries.of(tx, iris), store.held(tx, iris)
    rows = {row.iri: row for row in tx.execute(select(store.search_entries))}
    assert set(wanted) == set(held) == set(rows)
    if tx.connection.dialect.name == "sqlite":
        assert {iri: " ".join(entry.words) for iri, entry in wanted.items()} == {
            iri: row.words for iri, row in rows.items()
        }
        tx.connection.execute(text("INSERT INTO search_words(search_words, rank) VALUES ('integrity-check', 1)"))
    return True


async def test_a_text_is_found_from_the_moment_it_is_public_and_never_when_it_is_gone(two_nodes: Two) -> None:
    first, second = two_nodes
    iri = await first.publish(
        "The **wombats** of the *Grand-Place* are on strike.", title="Ärger am Hafen", tags=("solidarność",)
    )
    await quiet(first, second)
    for node in two_nodes:
        for words in ("wombats", "WOMBAT*", '"grand place"', "arger", "solidarnosc", "hafen strike"):
            assert await find(node, words) == [iri], (node.origin, words)
        for words in ("wombat", '"place grand"', "strike -hafen", "dingoes"):
            assert await find(node, words) == []
    await correct(first, iri, "The quolls are on strike.")
    await quiet(first, second)
    for node in two_nodes:
        assert await find(node, "wombats") == []
        assert await find(node, "quolls") == [iri]
        assert await node.write(as_it_should_be)
    await delete(first, iri)
    await quiet(first, second)
    for node in two_nodes:
        assert await find(node, "quolls") == []
        assert await node.write(as_it_should_be)


async def test_a_report_is_found_by_what_it_is_about_and_filtered_by_its_fields(two_nodes: Two) -> None:
    first, second = two_nodes
    iri = await publish_report(first)
    other = await first.publish("The night shift thanks everybody.", language="en")
    await quiet(first, second)
    for node in two_nodes:
        assert set(await find(node, "night shift")) == {other, iri}
        for words in ("quokka", "dockers", "nairnford", "holdings walked"):
            assert await find(node, words) == [iri]
        narrowed: list[tuple[dict[str, tuple[str, ...]], list[str]]] = [
            ({"country": ("GB",), "field": ("work",)}, [iri]),
            ({"country": ("IE", "GB"), "kind": ("strike",)}, [iri]),
            ({"country": ("IE",)}, []),
            ({"family": ("quokka holdings",), "organisation": ("dockers league",)}, [iri]),
            ({"type": ("statement",)}, [other]),
            ({"type": ("report",)}, [iri]),
            ({"author": (first.group,), "language": ("en",)}, sorted([other, iri])),
            ({"author": (second.group,)}, []),
            ({"since": ("2026-10",), "until": ("2026-10",)}, [iri]),
            ({"since": ("2026-10-03",), "until": ("2026-10",)}, []),
            ({"since": ("2026-11",)}, [other]),
            ({"until": ("2026-10-02",)}, [iri]),
            ({"tendency": ("platformist",)}, []),
        ]
        for filters, found in narrowed:
            assert sorted(await find(node, "night", **filters)) == found, filters
    changed = writing.read(REPORT.replace("country: GB", "country: IE"), report_keys=reports.REPORT_KEYS)
    await first.write(correcting.correct, iri, changed, member=await first.steward())
    await quiet(first, second)
    for node in two_nodes:
        assert await find(node, "night", country=("IE",)) == [iri] and not await find(node, "night", country=("GB",))
        assert await node.write(as_it_should_be)


@pytest.mark.parametrize("part", ["text", "title"])
async def test_what_was_blanked_cannot_be_found_any_more_here_or_at_a_peer(two_nodes: Two, part: str) -> None:
    first, second = two_nodes
    iri = await first.publish("Bilby spoke.", title="Bilby")
    await quiet(first, second)
    kept = await first.publish("Another bilby.")
    await redact(first, iri, part)
    await redact(first, iri, "title" if part == "text" else "text")
    await quiet(first, second)
    for node in two_nodes:
        assert iri not in await find(node, "bilby")
        assert await find(node, "bilby") == [kept]
        assert await node.write(as_it_should_be)


@pytest.mark.one_database  # PostgreSQL overwrites nothing before its VACUUM, which PRIVACY.md says
async def test_nothing_of_a_deleted_text_is_left_in_the_files_of_sqlite(two_nodes: Two) -> None:
    first, second = two_nodes
    for number in range(40):
        await first.publish(f"Number {number} of the chronicle.")
    gone = await first.publish("Thylacine says that numbat and potoroo were there.", title="Pademelon")
    blanked = await first.publish("Bettong and dibbler.", title="Cuscus")
    for number in range(5):
        await first.publish(f"And number {number} of the sequel.")
    await quiet(first, second)
    words = ["thylacine", "numbat", "potoroo", "pademelon", "bettong", "dibbler"]
    for node in two_nodes:
        await node.node.database.empty_log()
        found = await asyncio.to_thread(holding, node, await files_of(node), words)
        assert {word for _, word in found} == set(words), "the test looks in the right place"
    await delete(first, gone)
    await redact(first, blanked, "text")

    async def nothing(node: ServedNode) -> bool:
        await node.quiet()
        return not await asyncio.to_thread(holding, node, await files_of(node), words)

    await eventually(lambda: nothing(first))
    await quiet(first, second)
    second.clock.advance(search.WAIT)
    second.node.bell.ring("jobs")
    await eventually(lambda: nothing(second))
    for node in two_nodes:
        assert await find(node, "chronicle -sequel") and await find(node, "cuscus") == [blanked]
        assert await node.write(as_it_should_be)


async def test_an_import_is_found_when_it_is_public_here_and_at_who_follows(two_nodes: Two) -> None:
    first, second = two_nodes
    drafts = await asyncio.to_thread(read_table)
    iri = await begin(first)
    await first.write(importing.transcribe, iri, drafts)
    assert await find(first, "strike") == [] and await first.write(as_it_should_be)
    await first.write(importing.discard, iri)
    assert await first.write(as_it_should_be)
    published = await begin(first, "two")
    await finish(first, published, drafts)
    await quiet(first, second)
    for node in two_nodes:
        assert await node.write(as_it_should_be)
    found = await find(first, "strike", type=("report",))
    assert found and found == await find(second, "strike", type=("report",))
    await undo(first, published)
    assert await find(first, "strike", type=("report",)) == []
    await quiet(first, second, first, second)
    for node in two_nodes:
        assert await find(node, "strike") == [] and await node.write(as_it_should_be)


async def test_persons_are_found_who_want_to_be_and_groups_always(node: ServedNode, hostile_peer: Peer) -> None:
    said = await node.publish("Who is coming?")
    authors = {
        "shy": hostile_peer.actor("shy", type="Person"),
        "open": hostile_peer.actor("open", type="Person", indexable=True),
        "union": hostile_peer.actor("union", type="Organization"),
        "hidden": hostile_peer.actor("hidden", type="Group", indexable=False),
    }
    notes = {}
    for name, author in authors.items():
        notes[name] = hostile_peer.note(author, "<p>Quenda comes.</p>", inReplyTo=said)
        assert (
            await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", author, notes[name])) == 202
        )
    await node.quiet()
    assert set(await find(node, "quenda")) == {notes["open"]["id"], notes["union"]["id"]}
    change = notes["open"] | {"content": "<p>Mulgara comes.</p>", "updated": "2099-12-01T00:00:00Z"}
    await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Update", authors["open"], change))
    await hostile_peer.send(
        f"{node.origin}/inbox", hostile_peer.activity("Delete", authors["union"], notes["union"]["id"])
    )
    await node.quiet()
    assert await find(node, "quenda") == [] and await find(node, "mulgara") == [notes["open"]["id"]]
    await node.write(hearing.let_go, [notes["open"]["id"]])
    assert await find(node, "mulgara") == [] and await node.write(as_it_should_be)


async def test_who_changes_her_mind_is_found_from_then_on_or_no_more(node: ServedNode, hostile_peer: Peer) -> None:
    said = await node.publish("Who is coming?")
    author = hostile_peer.actor("rosa", type="Person", indexable=True)
    note = hostile_peer.note(author, "<p>Quenda comes.</p>", inReplyTo=said)
    await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", author, note))
    await node.quiet()
    for agrees in (False, True):
        document = await node.read(lambda tx: actors.document(actors.find(tx, author))) | {"indexable": agrees}
        await node.write(lambda tx, document=document: actors.keep(tx, actor_documents.parse(document), document))
        assert await find(node, "quenda") == ([note["id"]] if agrees else [])
        assert await node.write(as_it_should_be)


async def test_what_was_held_before_there_was_an_index_is_entered_by_a_job(node: ServedNode) -> None:
    iris = [await node.publish(f"Chapter {number}.") for number in range(7)]
    rows = await node.read(store.held, iris)
    await node.write(lambda tx: store.remove(tx, list(rows.values())))
    assert await find(node, "chapter") == []
    await node.write(search.promise_building)
    await node.quiet()
    assert await find(node, "chapter") == iris[::-1]
    assert await node.write(as_it_should_be)


async def test_hits_come_newest_first_page_by_page(node: ServedNode) -> None:
    iris = [await node.publish(f"Chapter {number}, 第{number}章 罢工。") for number in range(7)]
    before, seen = None, []
    while page := await node.read(search.find, rules.read("罢工"), before=before, limit=3):
        seen += [row.iri for row in page]
        before = page[-1].sort_id
    assert seen == iris[::-1]
    assert await find(node, "工 chapter 5") == [iris[5]]


async def test_a_text_of_strange_letters_does_no_harm(node: ServedNode) -> None:
    strange = "a' OR words:* \\ \" NEAR(b) ^c {d} · `x` \u202e غ \U0001f525 " + "ł" * 3000 + " end"
    iri = await node.publish(strange)
    for words in ("end", "OR words", "\\ near", "غ", "a' OR", '"NEAR(b) ^c"', "ł" * 200):
        assert await find(node, words) == [iri], words
    long = await node.publish("word " * 900 + "numbat")
    assert await find(node, "word numbat") == [long]


async def test_the_longest_texts_of_others_are_found_by_their_beginning(node: ServedNode, hostile_peer: Peer) -> None:
    said = await node.publish("Who is coming?")
    author = hostile_peer.actor("union", type="Organization")
    letters = "".join(chr(0x10428 + number) for number in range(40))
    long = (f"{letters}{number:06}" for number in range(9_000)), (f"{'a' * 60}{number}" for number in range(20_000))
    room = node.node.config.document_bytes - 5_000
    for number, words in enumerate((*long, (f"x{number}" for number in range(200_000)))):
        text = " ".join(words).encode()[:room].decode(errors="ignore")
        note = hostile_peer.note(author, f"<p>Quenda{number} {text}</p>", inReplyTo=said)
        body = json.dumps(hostile_peer.activity("Create", author, note), ensure_ascii=False).encode()
        assert await hostile_peer.send(f"{node.origin}/inbox", body, key_id=f"{author}#main-key") == 202
        await node.quiet()
        assert await find(node, f"quenda{number}") == [note["id"]]
    assert await node.write(as_it_should_be)


async def test_an_author_who_leaves_takes_all_words_along(node: ServedNode, hostile_peer: Peer) -> None:
    said = await node.publish("Who is coming?")
    author = hostile_peer.actor("union", type="Organization")
    for number in range(3):
        note = hostile_peer.note(author, f"<p>Quenda {number}.</p>", inReplyTo=said)
        await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", author, note))
    await node.quiet()
    assert len(await find(node, "quenda")) == 3
    await node.write(hearing.remove_actor, author)
    assert await find(node, "quenda") == [] and await node.write(as_it_should_be)
    assert await node.read(objects.find, said)


def test_what_is_asked_in_each_database_names_the_same() -> None:
    wanted = rules.read('strike "harbour line" wage* -lockout')
    assert store._for_fts5(wanted, {}) == '(("strike" AND "harbour line" AND "wage" *) NOT "lockout")'
    assert store._for_tsquery(wanted, {}) == "('strike') & ('harbour' <-> 'line') & ('wage':*) & !('lockout')"
