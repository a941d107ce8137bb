"""Who is found by search engines: whoever agrees to it, groups of ours and others alike (FEP-5feb)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from node import actors
from node.context import Transaction
from node.identifiers import spell
from node.peering import actions
from node.web.pages import queries
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.pages import heads

pytestmark = pytest.mark.one_database  # how rows are shown that test_public_pages reads


async def is_offered(node: ServedNode, address: str) -> bool:
    """Whether a page may be listed by search engines. Its head and its header say the same."""
    url = address if "://" in address else node.origin + address
    async with node.http.get(url, headers={"Accept": "text/html"}) as response:
        header = response.headers.get("X-Robots-Tag")
        told = heads.read(await response.text()).one("robots")
    assert header == told, address
    assert told in (None, "noindex")
    return told is None


def hide(tx: Transaction, iri: str) -> None:
    tx.execute(update(actors.local_actors).where(actors.local_actors.c.iri == iri).values(indexable=False))


async def heard(node: ServedNode, peer: Peer, author: str, content: str, **fields: Any) -> str:
    """Let the node hear a note; the path of its page."""
    note = peer.note(author, content, **fields)
    assert await peer.send(f"{node.origin}/inbox", peer.activity("Create", author, note)) == 202, peer.last
    await node.quiet()
    return await node.read(lambda tx: f"/heard/{spell(_sort_id(tx, note['id']))}")


def _sort_id(tx: Transaction, iri: str) -> int:
    return int(tx.execute(queries.objects.select().where(queries.objects.c.iri == iri)).one().sort_id)


async def follow(node: ServedNode, iri: str) -> None:
    await node.node.directory.actor(iri)
    await node.write(actions.follow, iri, actor=node.group, member=await node.steward())
    await node.quiet()


async def test_pages_of_a_group_that_agrees_are_offered_and_nobody_s_desk(node: ServedNode, report: Any) -> None:
    said, told = await node.publish("Text."), await report(node)
    for address in ("/", node.group, said, told, "/about", "/ns", "/wire"):
        assert await is_offered(node, address), address
    for address in ("/login", "/statements/none", "/tags/strike"):
        assert not await is_offered(node, address), address


async def test_pages_of_a_group_that_does_not_are_not(node: ServedNode, report: Any, import_table: Any) -> None:
    said, told, table = await node.publish("Text."), await report(node), await import_table(node)
    _, document = await node.activity(told)
    await node.write(hide, node.group)
    for address in ("/", node.group, said, told, table, document["struggle"], "/about", "/wire"):
        assert not await is_offered(node, address), address


@pytest.mark.parametrize(("says", "expected"), [(True, True), (False, False), (None, False), ("yes", False)])
async def test_words_of_others_are_offered_where_their_author_says_so(
    says: Any, expected: bool, node: ServedNode, hostile_peer: Peer
) -> None:
    alice = hostile_peer.actor("alice", **({} if says is None else {"indexable": says}))
    await follow(node, alice)
    assert await is_offered(node, await heard(node, hostile_peer, alice, "<p>Heard.</p>")) is expected
    assert await is_offered(node, "/wire") is expected


async def test_a_title_of_a_stranger_turns_nothing_around_beside_it(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice", name="Alice")
    await follow(node, alice)
    turned = "\u202eknab eht \u2066fo \u202bdrow"
    path = await heard(node, hostile_peer, alice, f"<p>{turned}</p>", type="Article", name=turned, summary=turned)
    for address in (path, "/wire"):
        _, page = await node.page(address)
        title, description = page.partition("<title>")[2].partition("</title>")[0], heads.read(page).one("description")
        assert not set(title + (description or "")) & set("\u202e\u2066\u202b"), address
    assert "knab eht fo drow · Alice" in (await node.page(path))[1]


async def test_an_answer_of_somebody_who_does_not_agree_stays_out_of_excerpts(
    node: ServedNode, hostile_peer: Peer
) -> None:
    """The page is the group's and is offered; `data-nosnippet` keeps these words out of what is shown of it."""
    said = await node.publish("Text.", title="Title")
    for name, choice in (("alice", True), ("bob", False)):
        author = hostile_peer.actor(name, indexable=choice)
        await heard(node, hostile_peer, author, f"<p>By {name}.</p>", inReplyTo=said)
    assert await is_offered(node, said)
    _, page = await node.page(said)
    marked = [part.partition("</article>")[0] for part in page.split("data-nosnippet")[1:]]
    assert len(marked) == 1
    assert "By bob." in marked[0]


async def test_a_struggle_with_a_report_of_somebody_who_does_not_agree_is_not_offered(
    two_nodes: tuple[ServedNode, ServedNode], report: Any, arrives: Any
) -> None:
    first, second = two_nodes
    told = await report(first)
    _, document = await first.activity(told)
    assert await is_offered(first, document["struggle"])
    await second.write(hide, second.group)
    await first.node.directory.actor_at(second.group)
    await first.follow(second.handle)
    for node in (first, second, first):
        await node.quiet()
    again = await report(second, struggle=document["struggle"])
    await arrives(first, again)
    assert not await is_offered(first, document["struggle"])
    assert await is_offered(first, told)


async def test_the_choice_of_a_group_travels(node: ServedNode) -> None:
    _, actor = await node.activity(node.group)
    assert actor["indexable"] is True
    await node.write(hide, node.group)
    _, actor = await node.activity(node.group)
    assert actor["indexable"] is False
