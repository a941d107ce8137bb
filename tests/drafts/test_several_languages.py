"""A text in several languages: decided once, published together, linked, and gone together while it can be stopped."""

from __future__ import annotations

from typing import Any

import pytest

from node import objects
from node.drafts import actions, proposing
from node.errors import Conflict, Invalid
from node.statements import publishing, store
from node.statements.rules import Draft, State
from schemas.reading import loads
from tests.nodes.served import ServedNode, eventually

ENGLISH = {"text": "We march at ten. #bus\n", "title": "Strike", "language": "en", "tags": ("bus",)}
FRENCH = Draft(text="Nous marchons à dix heures.\n", title="Grève", language="fr")
ARABIC = Draft(text="نخرج في العاشرة.\n", title="إضراب", language="ar")


async def begin(node: ServedNode, *translations: Draft, **fields: Any) -> int:
    draft = Draft(**(ENGLISH | fields), translations=translations)
    number: int = await node.write(actions.begin, draft, actor=node.group, member=await node.steward())
    return number


async def propose(node: ServedNode, number: int) -> tuple[str, State]:
    found: tuple[str, State] = await node.write(proposing.propose, number, version=1, member=await node.steward())
    return found


async def test_each_language_is_an_object_of_its_own_that_leads_to_the_others(
    two_nodes: tuple[ServedNode, ServedNode],
) -> None:
    first, second = two_nodes
    iri, state = await propose(first, await begin(first, FRENCH, ARABIC))
    assert state is State.RELEASED
    rows = {
        loads(row.document)["id"]: loads(row.document) for row in await first.read(objects.listed, author=first.group)
    }
    assert len(rows) == 3 and iri in rows
    assert {next(iter(one["contentMap"])) for one in rows.values()} == {"en", "fr", "ar"}
    for document in rows.values():
        links = [one for one in document["tag"] if one["type"] == "Link"]
        assert {one["href"] for one in links} == set(rows) - {document["id"]}
        assert {one["rel"] for one in links} == {"alternate"} and "quote" not in document
        assert document["content"].count('<p class="languages">') == 1
    arabic = next(one for one in rows.values() if "ar" in one["contentMap"])
    assert "<strong>إضراب</strong>" in arabic["content"] and ">français</a>" in arabic["content"]
    assert any(one["type"] == "Hashtag" for one in arabic["tag"]), "what it has no tags of its own for it shares"
    _, page = await first.page(iri)
    assert 'hreflang="ar" lang="ar">العربية</a>' in page and 'class="languages"' not in page
    assert '<link rel="alternate" hreflang="fr"' in page

    async def heard() -> bool:
        return all([await second.holds(one) for one in rows])

    await eventually(heard)
    row = await second.read(objects.find, arabic["id"])
    from node.web.pages import entries

    path = await second.read(lambda tx: entries.of(tx, [row])[0].path)
    _, page = await second.page(path)
    assert "نخرج" in page and 'class="languages"' not in page
    assert '<a rel="alternate nofollow" href="/heard/' in page


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_whichever_is_called_back_all_stay(serve: Any) -> None:
    node: ServedNode = await serve(0, settings={"publication_delay": 600})
    number = await begin(node, FRENCH)
    iri, state = await propose(node, number)
    assert state is State.WAITING
    waiting = await node.read(store.waiting, node.group)
    assert [row.state for row in waiting] == ["waiting", "waiting"]
    other = next(row.iri for row in waiting if row.iri != iri)
    await node.write(publishing.call_back, other, member=await node.steward())
    assert [(await node.read(store.publication, one)).state for one in (iri, other)] == ["called back"] * 2
    with pytest.raises(Conflict):
        await node.write(publishing.call_back, other, member=await node.steward())
    member = await node.steward()
    row = await node.read(actions.readable, number, member)
    text = await node.read(actions.newest, row)
    assert [one.language for one in text.translations] == ["fr"], "no language is lost"


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_a_language_that_cannot_be_published_stops_all_of_them(node: ServedNode) -> None:
    number = await begin(node, FRENCH, Draft(text=" ", title="Streik", language="de"))
    with pytest.raises(Invalid, match="the text in “de”: there is no text") as refused:
        await propose(node, number)
    assert refused.value.field == "de.text"
    assert (await node.activity("/groups/union/outbox"))[1]["totalItems"] == 0
    assert (await node.contents())["publications"] == []


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_a_report_has_its_figures_once_and_its_words_in_every_language(node: ServedNode) -> None:
    report = {"kind": "strike", "field": "work", "who": "workers", "addressee": "Nordbahn", "began": "2026-11-03"}
    iri, _ = await propose(node, await begin(node, FRENCH, report=report))
    assert "/reports/" in iri
    rows = await node.read(objects.listed, author=node.group)
    assert sorted(row.kind for row in rows) == ["Statement", "StruggleReport"]
    assert len((await node.contents())["reports"]) == 1
