"""What another server says of struggles: kept of those we follow, with their proof, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, event, update

from node import objects
from node.context import Transaction
from node.merges import rules, store
from node.objects import Kept
from node.peering.store import follows
from schemas.merge import SAME_AS
from tests.merges.telling import report
from tests.nodes.peer import PUBLIC, Peer
from tests.nodes.served import ServedNode
from tests.statements.test_hearing import bring
from tests.statistics.asking import figures


def merging(peer: Peer, author: str, *, proved: bool = True, **changes: Any) -> dict[str, Any]:
    document = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": peer.id("merges"),
        "type": "Relationship",
        "attributedTo": author,
        "subject": "https://a.example/struggles/1",
        "relationship": SAME_AS,
        "object": "https://b.example/struggles/2",
        "content": "<p>One <script>alert(1)</script><b>dispute</b>.</p>",
        "to": [PUBLIC],
    } | changes
    return peer.proved(document, author) if proved else document


async def test_only_those_whom_we_follow_merge_and_only_with_their_proof(node: ServedNode, hostile_peer: Peer) -> None:
    author, stranger = hostile_peer.actor("paper", type="Organization"), hostile_peer.actor("stranger")
    await node.follow(author)
    other = {"attributedTo": "https://victim.example/users/1"}
    for document, actor, fate in (
        (merging(hostile_peer, author), author, "done"),
        (merging(hostile_peer, author, relationship="owl:sameAs"), author, "done"),
        (merging(hostile_peer, stranger), stranger, "ignored"),
        (merging(hostile_peer, author, proved=False), author, "refused"),
        (merging(hostile_peer, author, to=[f"{author}/followers"]), author, "ignored"),
        (merging(hostile_peer, author, object="https://a.example/struggles/1"), author, "refused"),
        (merging(hostile_peer, author, id="https://victim.example/merges/1"), author, "refused"),
        (merging(hostile_peer, author, proved=False, **other), author, "refused"),
        (merging(hostile_peer, author, subject="https://a.example/" + "x" * 1500), author, "refused"),
        (merging(hostile_peer, author, relationship="https://a.example/loves"), author, "ignored"),
        (merging(hostile_peer, author) | {"content": "<p>Something else.</p>"}, author, "refused"),
    ):
        assert await bring(node, hostile_peer, "Create", actor, document) == fate, document
    pair = ("https://a.example/struggles/1", "https://b.example/struggles/2")
    assert await node.read(store.pairs, [author]) == [pair]
    rows = await node.read(store.by, author)
    assert len(rows) == 2 and all(row.reason == "One dispute." for row in rows)
    assert await node.read(store.representative, [pair[1]], {author}) == {pair[1]: pair[0]}
    assert await node.read(store.representative, [pair[1]], {stranger, node.group}) == {pair[1]: pair[1]}


async def test_a_merge_goes_with_its_author_and_only_by_its_author(node: ServedNode, hostile_peer: Peer) -> None:
    author, stranger = hostile_peer.actor("paper", type="Organization"), hostile_peer.actor("stranger")
    await node.follow(author)
    early, late = merging(hostile_peer, author), merging(hostile_peer, author)
    assert await bring(node, hostile_peer, "Delete", author, early["id"]) == "done"
    for document in (early, late):
        await bring(node, hostile_peer, "Create", author, document)
    assert [row.iri for row in await node.read(store.by, author)] == [late["id"]], "what was deleted does not come"
    assert await bring(node, hostile_peer, "Delete", stranger, late["id"]) == "refused"
    assert len(await node.read(store.by, author)) == 1
    assert await bring(node, hostile_peer, "Delete", author, author) == "done"
    assert await node.read(store.pairs, [author]) == []
    assert await node.write(store.drop_withdrawn) == 1 and (await node.contents())["merges"] == []


async def test_nobody_merges_without_end(node: ServedNode, hostile_peer: Peer) -> None:
    author = hostile_peer.actor("paper", type="Organization")
    await node.follow(author)
    many = [
        {"iri": f"{author}/merges/{number}", "one": "https://a.example/1", "other": "https://b.example/2",
         "author": author, "reason": "", "language": None, "since": node.clock()}
        for number in range(rules.OF_ONE_AT_MOST)
    ]  # fmt: skip
    await node.write(lambda tx: tx.execute(store.merges.insert(), many))
    assert await bring(node, hostile_peer, "Create", author, merging(hostile_peer, author)) == "ignored"


def invented(tx: Transaction, author: str, struggle: str, count: int, of: str | None = None) -> None:
    """Merges of `struggle` with `count` addresses at which there is nothing (or with `of`), as if they had been heard."""
    iris = [f"{author}/merges/{tx.new_id()}" for _ in range(count)]
    common = {
        "kind": "Merge",
        "author": author,
        "local": False,
        "document": b"{}",
        "published": tx.now,
        "listed": False,
    }
    objects.keep(tx, [Kept(iri=iri, sort_id=tx.new_id(), **common) for iri in iris])
    said = {"author": author, "reason": "", "language": None, "since": tx.now}
    ends = [(iri, of or f"{author}/merges/{struggle[-5:]}/{number}") for number, iri in enumerate(iris)]
    rows = [{"iri": iri, "one": struggle, "other": other} | said for iri, other in ends]
    tx.execute(store.merges.insert(), rows)


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of any database meanwhile."""
    asked: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", heard)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", heard)


async def test_merges_with_invented_addresses_cost_no_reader_anything(node: ServedNode, hostile_peer: Peer) -> None:
    author = hostile_peer.actor("paper", type="Organization")
    await node.follow(author)
    await node.write(lambda tx: tx.execute(update(follows).values(state="accepted")))
    _, struggle = await report(node, "Ours", workers_involved=30)
    _, apart = await report(node, "Apart", workers_involved=70)
    # So many no one author can say any more, but many can: more than a query takes parameters.
    await node.write(invented, author, struggle, 33_500)
    everything = await figures(node)
    assert everything["coverage"]["struggles"] == 2 and everything["total"]["people"]["low"] == 100
    found = await figures(node, "struggle=" + quote(struggle, safe=""))
    assert found["coverage"]["struggles"] == 1 and found["total"]["people"]["low"] == 30
    assert await node.read(store.joined_with, struggle, [author]) == [struggle]
    with statements() as asked:
        status, page = await node.page(struggle)
    assert status == 200 and "Ours" in page and len(asked) < 100, len(asked)
    # Two that are known here are joined even by way of an address that is not, and are told before the invented ones.
    await node.write(invented, author, apart, 1, of=f"{author}/merges/{struggle[-5:]}/7")
    assert await node.read(store.joined_with, struggle, [author]) == sorted([struggle, apart])
    assert (await figures(node))["coverage"]["struggles"] == 1
    both = await figures(node, "struggle=" + quote(apart, safe=""))
    assert both["coverage"]["struggles"] == 1 and both["coverage"]["reports"] == 2
    await node.write(invented, author, apart, 1, of=struggle)
    pair = {struggle, apart}
    assert pair in [{row.one, row.other} for row in await node.read(store.about, [struggle])]
    status, page = await node.page(struggle)
    assert status == 200 and "Ours" in page and "Apart" in page
