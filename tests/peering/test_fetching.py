"""What the node can be made to fetch: within bounds, never inside its own network, and nothing is believed for being there."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from federation import discovery
from federation.errors import Gone, Malformed, Refused, Unreachable
from node import objects
from node.reports import transcriptions
from tests.nodes.peer import AS, Answer, Peer
from tests.nodes.served import ServedNode, eventually

INTERNAL = "127.0.0.9"


class Doorbell:
    """A service inside the network, that nobody outside should make the node speak to."""

    def __init__(self) -> None:
        self.rung = 0
        self.address = ""

    async def answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.rung += 1
        writer.close()


@asynccontextmanager
async def doorbell() -> AsyncIterator[Doorbell]:
    bell = Doorbell()
    server = await asyncio.start_server(bell.answer, INTERNAL, 0)
    bell.address = f"{INTERNAL}:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield bell


@pytest.fixture
async def inside() -> AsyncIterator[Doorbell]:
    """An internal service."""
    async with doorbell() as bell:
        yield bell


@pytest.fixture
async def guarded(serve: Callable[..., Any]) -> ServedNode:
    """A node that may speak to 127.0.0.1 and to no other private address."""
    node: ServedNode = await serve(0, settings={"federation.allow_networks": ["127.0.0.1/32"]})
    return node


async def bring(node: ServedNode, peer: Peer, kind: str, actor: str, thing: Any) -> str | None:
    activity = peer.activity(kind, actor, thing)
    assert await peer.send(f"{node.origin}/inbox", activity) == 202, peer.last
    return await node.fate(activity)


@pytest.mark.one_database
async def test_nothing_leads_the_node_to_an_internal_service(
    guarded: ServedNode, hostile_peer: Peer, inside: Doorbell
) -> None:
    peer, node = hostile_peer, guarded
    port = inside.address.rpartition(":")[2]
    number = int.from_bytes(bytes(map(int, INTERNAL.split("."))), "big")
    spellings = [
        inside.address, f"[::ffff:{INTERNAL}]:{port}", f"{number}:{port}", f"0x{number:x}:{port}", f"127.9:{port}",
    ]  # fmt: skip
    alice = peer.actor("alice")
    await node.follow(alice)
    for spelling in spellings:
        target = f"http://{spelling}/secret"
        follow = peer.activity("Follow", alice, node.group)
        assert await peer.send(f"{node.origin}/inbox", follow, key_id=f"{target}#main-key") in (400, 401, 403, 429)
        await bring(node, peer, "Announce", alice, target)
        lured = peer.actor("lured", inbox=target)
        await peer.send(f"{node.origin}/inbox", peer.activity("Follow", lured, node.group))
        peer.served["/moved"] = Answer(b"", status=302, headers={"Location": target})
        await bring(node, peer, "Announce", alice, f"{peer.origin}/moved")
        document = peer.note(alice, icon=target, context=target, replies=target, url=target) | {"inReplyTo": target}
        document |= {"@context": [AS, target], "attachment": [{"type": "Image", "url": target}], "imports": target}
        await bring(node, peer, "Create", alice, document)
        await node.quiet()
        peer.served[f"/.well-known/webfinger?resource=acct:lost@{peer.host}"] = Answer(
            b"", status=302, headers={"Location": target}
        )
        with pytest.raises((Refused, Malformed, Unreachable)):
            await discovery.find(node.node.client, f"@lost@{peer.host}")
        with pytest.raises((Refused, Malformed, Unreachable)):
            await discovery.find(node.node.client, f"@lost@{spelling}")
    await node.publish(f"Hello @lost@{inside.address} and @lost@{peer.host}")
    await node.quiet()
    assert inside.rung == 0


@pytest.mark.one_database
async def test_a_signed_fetch_is_not_redirected_to_another_host(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    await node.follow(alice)
    async with doorbell() as other:
        hostile_peer.served["/moved"] = Answer(b"", status=302, headers={"Location": f"http://{other.address}/note"})
        await bring(node, hostile_peer, "Announce", alice, f"{hostile_peer.origin}/moved")
        assert other.rung == 0


@pytest.mark.one_database
async def test_redirects_end_after_three(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    await node.follow(alice)
    for number in range(10):
        hostile_peer.served[f"/hop/{number}"] = Answer(b"", status=302, headers={"Location": f"/hop/{number + 1}"})
    hostile_peer.served["/loop"] = Answer(b"", status=302, headers={"Location": "/loop"})
    await bring(node, hostile_peer, "Announce", alice, f"{hostile_peer.origin}/hop/0")
    await bring(node, hostile_peer, "Announce", alice, f"{hostile_peer.origin}/loop")
    assert hostile_peer.asked["/hop/3"] == 1 and hostile_peer.asked["/hop/4"] == 0
    assert hostile_peer.asked["/loop"] == 4


@pytest.mark.one_database
async def test_answers_that_are_too_long_end(serve: Callable[..., Any], hostile_peer: Peer) -> None:
    node: ServedNode = await serve(0, settings={"federation.document_bytes": 50_000})
    alice = hostile_peer.actor("alice")
    await node.follow(alice)
    note = hostile_peer.note(alice, "x" * 60_000)
    path = note["id"].removeprefix(hostile_peer.origin)
    hostile_peer.served[path] = Answer(note)
    await bring(node, hostile_peer, "Announce", alice, note["id"])
    assert not await node.holds(note["id"])
    with_bomb = hostile_peer.note(alice)
    import gzip

    bomb = gzip.compress(json.dumps(with_bomb | {"content": "x" * 50_000_000}).encode())
    hostile_peer.served[with_bomb["id"].removeprefix(hostile_peer.origin)] = Answer(
        bomb, headers={"Content-Encoding": "gzip"}
    )
    await bring(node, hostile_peer, "Announce", alice, with_bomb["id"])
    assert not await node.holds(with_bomb["id"])
    assert len(bomb) < 100_000


@pytest.mark.one_database
async def test_answers_that_take_too_long_end(serve: Callable[..., Any], hostile_peer: Peer) -> None:
    node: ServedNode = await serve(0, settings={"federation.request_timeout": 1})

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\nContent-Length: 10000\r\n\r\n")
            for _ in range(10_000):
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.1)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        slow = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        follow = hostile_peer.activity("Follow", f"{slow}/u", node.group) | {"id": f"{slow}/1"}
        async with asyncio.timeout(60):
            assert await hostile_peer.send(f"{node.origin}/inbox", follow) == 429


# ---- collections of imported reports


class Collection:
    """A collection of imported reports that a peer serves, page by page, and a digest that announces it."""

    def __init__(self, peer: Peer, author: str, pages: list[list[Any]], *, total: int | None = None) -> None:
        self.peer, self.author, self.pages = peer, author, pages
        self.iri = peer.id("imports")
        self.path = self.iri.removeprefix(peer.origin)
        front = {
            "@context": AS, "id": self.iri, "type": "OrderedCollection", "name": "Stoppages", "attributedTo": author,
            "first": f"{self.iri}?page=0", "basis": "imported", "publisher": {"name": "A bureau"},
            "totalItems": sum(map(len, pages)) if total is None else total,
        }  # fmt: skip
        peer.served[self.path] = Answer(peer.proved(front, author))
        for number, items in enumerate(pages):
            self.put(number, items)

    def put(self, number: int, items: list[Any], **changes: Any) -> None:
        """Serve one page."""
        document = {
            "@context": AS, "id": f"{self.iri}?page={number}", "type": "OrderedCollectionPage", "partOf": self.iri,
            "orderedItems": items,
        }  # fmt: skip
        if number + 1 < len(self.pages):
            document["next"] = f"{self.iri}?page={number + 1}"
        self.peer.served[f"{self.path}?page={number}"] = Answer(document | changes)

    def digest(self) -> dict[str, Any]:
        return self.peer.proved(self.peer.note(self.author, "<p>an import</p>", imports=self.iri), self.author)


def report(peer: Peer, author: str, **changes: Any) -> dict[str, Any]:
    """A report without a proof."""
    facts = {"struggle": peer.id("struggles"), "actionKind": "strike", "basis": "imported"}
    return peer.note(author, "<p>a stoppage</p>") | facts | changes


async def announce(node: ServedNode, collection: Collection) -> None:
    """The author announces the collection, and everything it leads to is done."""
    await bring(node, collection.peer, "Create", collection.author, collection.digest())
    await node.quiet()


async def state_of(node: ServedNode, collection: Collection) -> tuple[str, int]:
    row = await node.read(transcriptions.find_import, collection.iri)
    return row.state, await node.read(transcriptions.count_in_import, collection.iri)


@pytest.fixture
async def alice(node: ServedNode, hostile_peer: Peer) -> str:
    """Somebody whom the node follows."""
    iri = hostile_peer.actor("alice")
    await node.follow(iri)
    return iri


async def test_a_collection_is_fetched_page_by_page(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    items = [hostile_peer.proved(report(hostile_peer, alice), alice) for _ in range(7)]
    collection = Collection(hostile_peer, alice, [items[:3], items[3:6], items[6:]])
    await announce(node, collection)
    assert await state_of(node, collection) == ("complete", 7)
    listed = await node.read(objects.listed, author=alice)
    assert [row.kind for row in listed] == ["Statement"], "the digest stands in feeds, and nothing of the collection"
    await announce(node, collection)
    assert await state_of(node, collection) == ("complete", 7)


async def test_of_a_collection_only_its_author_s_proved_reports_are_kept(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    peer = hostile_peer
    mallory = peer.actor("mallory")
    good = [peer.proved(report(peer, alice), alice) for _ in range(2)]
    changed = peer.proved(report(peer, alice), alice) | {"content": "<p>changed</p>"}
    elsewhere = report(peer, alice) | {"id": "https://victim.example/reports/1"}
    own = report(peer, alice) | {"id": f"{node.origin}/reports/0000000000000"}
    bad: list[Any] = [
        report(peer, alice), changed, peer.proved(report(peer, alice), mallory),
        peer.proved(report(peer, mallory), mallory), peer.proved(report(peer, mallory), alice),
        peer.proved(elsewhere, alice), peer.proved(own, alice), peer.proved(peer.note(alice), alice),
        f"{peer.origin}/reports/by-name", {"type": "Note"}, {}, None, 7, [], "rubbish",
        peer.proved(report(peer, alice, struggle=None), alice), peer.proved(report(peer, alice, id=None), alice),
        peer.proved(report(peer, alice, content=7), alice),
    ]  # fmt: skip
    collection = Collection(peer, alice, [[good[0], *bad], [*bad, good[1]]])
    await announce(node, collection)
    assert await state_of(node, collection) == ("complete", 2)
    held = [row[0] for row in (await node.contents())["reports"]]
    assert sorted(held) == sorted(one["id"] for one in good)


async def test_a_collection_changes_nothing_that_is_held(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    """An item with the id of a neighbour's note, of a deleted report, of one that is here."""
    peer = hostile_peer
    bob = peer.actor("bob")
    await node.follow(bob)
    bobs = peer.note(bob, "<p>bob's words</p>")
    here = peer.proved(report(peer, alice, content="<p>first</p>"), alice)
    gone = peer.proved(report(peer, alice, content="<p>regretted</p>"), alice)
    for author, thing in ((bob, bobs), (alice, here), (alice, gone)):
        await bring(node, peer, "Create", author, thing)
    await bring(node, peer, "Delete", alice, gone["id"])
    await node.settled()
    before = await node.contents(without=("activities", "jobs", "imports"))
    taken = [
        peer.proved(report(peer, alice, id=bobs["id"], content="<p>taken</p>"), alice),
        peer.proved(here | {"content": "<p>taken</p>"}, alice), gone,
    ]  # fmt: skip
    collection = Collection(peer, alice, [taken])
    await announce(node, collection)
    after = await node.contents(without=("activities", "jobs", "imports"))
    for table in ("objects", "statements", "reports"):
        fresh = [row for row in after[table] if row not in before[table]]
        assert all("an import" in repr(row) for row in fresh), (table, fresh)


ENDLESS = {
    "new items for ever": ("complete", 5),  # as many as were announced
    "a circle": ("broken", 2),
    "nothing for ever": ("broken", 0),
    "the same for ever": ("broken", 1),
    "elsewhere": ("broken", 1),
}


async def test_pages_without_end_come_to_an_end(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    peer = hostile_peer
    for shape, expected in ENDLESS.items():
        items = [[peer.proved(report(peer, alice), alice)] for _ in range(9)]
        collection = Collection(peer, alice, [items[0], items[1]], total=5)
        for number in range(9):
            shown = {"nothing for ever": [], "the same for ever": items[0]}.get(shape, items[number])
            following = 0 if shape == "a circle" and number == 1 else number + 1
            host = "https://victim.example/1" if shape == "elsewhere" else collection.iri
            collection.put(number, shown, next=f"{host}?page={following}")
        await announce(node, collection)
        assert await state_of(node, collection) == expected, shape
        assert peer.asked[collection.path] <= 6, "its front, and a few pages"
    assert [row for row in (await node.contents())["jobs"] if "fetch_import" in row] == []


async def test_a_page_that_failed_is_asked_for_again_and_the_rest_goes_on(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    items = [hostile_peer.proved(report(hostile_peer, alice), alice) for _ in range(4)]
    collection = Collection(hostile_peer, alice, [items[:2], items[2:]])
    whole = hostile_peer.served[f"{collection.path}?page=1"]
    failures = itertools.chain([Answer(b"", status=500)] * 2, itertools.repeat(whole))
    hostile_peer.served[f"{collection.path}?page=1"] = lambda: next(failures)  # type: ignore[return-value]
    await announce(node, collection)
    assert await state_of(node, collection) == ("fetching", 2)
    for _ in range(2):
        node.clock.advance(timedelta(minutes=5))
        await node.quiet()

    async def done() -> bool:
        return await state_of(node, collection) == ("complete", 4)

    await eventually(done)
    assert hostile_peer.asked[collection.path] == 1 + 1 + 3, "the first page was not asked for again"


async def test_a_page_that_is_none_ends_the_collection(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    bad: list[Answer | dict[str, Any]] = [
        Answer(b"", status=404),
        Answer(b'{"a": NaN}'),
        Answer(b"<p>", content_type="text/html"),
        {"type": "Note"},
        {"partOf": "https://victim.example/imports/1"},
        {"id": "https://victim.example/imports/1?page=1"},
    ]
    for answer in bad:
        items = [hostile_peer.proved(report(hostile_peer, alice), alice) for _ in range(2)]
        collection = Collection(hostile_peer, alice, [items[:1], items[1:]])
        if isinstance(answer, Answer):
            hostile_peer.served[f"{collection.path}?page=1"] = answer
        else:
            collection.put(1, items[1:], **answer)
        await announce(node, collection)
        assert await state_of(node, collection) == ("broken", 1), answer


async def test_a_collection_that_its_author_did_not_sign_is_not_fetched(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    peer = hostile_peer
    mallory = peer.actor("mallory")
    for number in range(4):
        items = [peer.proved(report(peer, alice), alice)]
        collection = Collection(peer, alice, [items])
        front = peer.served[collection.path]
        assert isinstance(front, Answer) and isinstance(front.body, dict)
        plain = {key: value for key, value in front.body.items() if key != "proof"}
        front.body = [
            plain, peer.proved(plain, mallory), front.body | {"totalItems": 99},
            peer.proved(plain | {"attributedTo": mallory}, mallory),
        ][number]  # fmt: skip
        await announce(node, collection)
        assert await node.read(transcriptions.find_import, collection.iri) is None, number
    assert (await node.contents())["reports"] == []


async def test_a_stranger_s_collection_is_not_fetched(node: ServedNode, hostile_peer: Peer) -> None:
    stranger = hostile_peer.actor("stranger")
    collection = Collection(hostile_peer, stranger, [[hostile_peer.proved(report(hostile_peer, stranger), stranger)]])
    digest = collection.digest()
    digest = hostile_peer.proved(digest | {"cc": [node.group]}, stranger)
    await bring(node, hostile_peer, "Create", stranger, digest)
    assert hostile_peer.asked[collection.path] == 0


async def test_a_digest_that_points_elsewhere_fetches_nothing(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    for target in ("https://victim.example/imports/1", f"{node.origin}/imports/1", "http://10.0.0.1/"):
        digest = hostile_peer.note(alice, imports=target)
        assert await bring(node, hostile_peer, "Create", alice, digest) == "refused", target


async def test_what_is_gone_for_good_is_not_asked_for_again(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    await bring(node, hostile_peer, "Announce", alice, f"{hostile_peer.origin}/notes/never")
    for _ in range(3):
        node.clock.advance(timedelta(days=1))
        await node.quiet()
    assert hostile_peer.asked["/notes/never"] == 1
    with pytest.raises(Gone):
        await node.node.client.document(f"{hostile_peer.origin}/notes/never")
