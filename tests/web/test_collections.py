"""The collections that others read: complete, in pages that stay the same, and cheap to ask for again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from federation.media_types import ACTIVITY_JSON
from node import activities, objects
from node.context import Transaction
from node.statements import store as statements
from node.web import collections, windows
from schemas.context import PUBLIC
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.nodes.test_two_nodes_talk import import_table


async def walk(node: ServedNode, iri: str, *, start: str = "first", onward: str = "next") -> list[list[Any]]:
    """The items of every page, from one end to the other."""
    _, front = await node.activity(iri)
    address, pages = front[start], []
    while address is not None:
        status, page = await node.activity(address)
        assert status == 200
        assert page["id"] == address and page["partOf"] == iri and page["totalItems"] == front["totalItems"]
        pages.append(page["orderedItems"])
        address = page.get(onward)
        assert len(pages) < 50
    return pages


def flat(pages: list[list[Any]]) -> list[Any]:
    return [item for page in pages for item in page]


def announce(tx: Transaction, group: str, iri: str) -> str:
    """Pass something on, as an activity of the group."""
    boost = activities.make(tx, "Announce", actor=group, object=iri, to=[PUBLIC])
    activities.send(tx, boost, [])
    return str(boost["id"])


async def test_the_outbox_is_complete_in_both_directions(node: ServedNode) -> None:
    said = [await node.publish(f"Number {number}.") for number in range(45)]
    outbox = f"{node.group}/outbox"
    forward = await walk(node, outbox)
    assert [len(page) for page in forward] == [20, 20, 5]
    assert [one["object"]["id"] for one in flat(forward)] == said[::-1]
    assert all(one["type"] == "Create" and one["proof"] for one in flat(forward))
    backward = await walk(node, outbox, start="last", onward="prev")
    assert flat(backward[::-1]) == flat(forward)
    assert (await node.activity(outbox))[1]["totalItems"] == 45


async def test_an_outbox_with_nothing_in_it_has_an_empty_page(node: ServedNode) -> None:
    _, front = await node.activity(f"{node.group}/outbox")
    assert front["totalItems"] == 0
    for end in ("first", "last"):
        status, page = await node.activity(front[end])
        assert (status, page["orderedItems"]) == (200, []) and "next" not in page and "prev" not in page


async def test_what_the_group_passed_on_stands_in_the_outbox_between_what_it_said(
    node: ServedNode, hostile_peer: Peer
) -> None:
    first = await node.publish("Before.")
    heard = hostile_peer.note(hostile_peer.actor("alice"))["id"]
    boost = await node.write(announce, node.group, heard)
    second = await node.publish("After.")
    items = flat(await walk(node, f"{node.group}/outbox"))
    assert [(one["type"], one["id"]) for one in items][1] == ("Announce", boost)
    assert [items[0]["object"]["id"], items[2]["object"]["id"]] == [second, first]
    assert (await node.activity(boost))[1] == items[1]
    assert (await node.activity(f"{node.group}/outbox"))[1]["totalItems"] == 3


async def test_what_is_deleted_or_taken_back_leaves_the_outbox(node: ServedNode) -> None:
    kept, gone = await node.publish("Kept."), await node.publish("Gone.")
    (create,) = [one for one in flat(await walk(node, f"{node.group}/outbox")) if one["object"]["id"] == gone]
    await node.write(objects.bury, gone)
    assert [one["object"]["id"] for one in flat(await walk(node, f"{node.group}/outbox"))] == [kept]
    assert (await node.activity(f"{node.group}/outbox"))[1]["totalItems"] == 1
    assert (await node.activity(create["id"]))[0] == 404


async def test_imported_reports_stand_in_no_outbox(node: ServedNode) -> None:
    await import_table(node)
    await node.quiet()
    items = flat(await walk(node, f"{node.group}/outbox"))
    assert len(items) == 1 and "imports" in items[0]["object"]


async def test_a_page_stays_the_same_while_more_is_said(node: ServedNode) -> None:
    for number in range(25):
        await node.publish(f"Number {number}.")
    outbox = f"{node.group}/outbox"
    _, first = await node.activity(f"{outbox}?page=true")
    _, second = await node.activity(first["next"])
    for number in range(30):
        await node.publish(f"Later {number}.")
    _, again = await node.activity(first["next"])
    assert again["orderedItems"] == second["orderedItems"]
    assert {one["id"] for one in first["orderedItems"]}.isdisjoint(one["id"] for one in again["orderedItems"])
    _, newer = await node.activity(again["prev"])
    assert newer["orderedItems"] == first["orderedItems"]


async def test_a_thread_has_one_context_with_all_that_belongs_to_it(node: ServedNode, hostile_peer: Peer) -> None:
    """FEP-7888 and FEP-f228: the first word first, its owner is the group, and our answers carry the same context."""
    stranger = hostile_peer.actor("stranger")
    root = await node.publish("We are out.")
    context = (await node.activity(root))[1]["context"]
    assert context == f"{root}/context"
    answer = hostile_peer.note(stranger, inReplyTo=root)
    below = hostile_peer.note(stranger, inReplyTo=answer["id"])
    for note in (answer, below):
        activity = hostile_peer.activity("Create", stranger, note)
        assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
    await node.quiet()
    ours = await node.publish("Thank you.", reply_to=below["id"])
    deep = await node.publish("And this.", reply_to=ours)
    status, collection = await node.activity(context)
    assert (status, collection["attributedTo"], collection["totalItems"]) == (200, node.group, 5)
    assert collection["type"] == "OrderedCollection"
    assert collection["orderedItems"] == [root, answer["id"], below["id"], ours, deep]
    assert (await node.activity(deep))[1].get("context") == (await node.activity(ours))[1].get("context")
    assert (await node.activity(f"{ours}/context"))[0] == 404


async def test_our_answers_carry_the_context_of_what_they_answer(node: ServedNode, hostile_peer: Peer) -> None:
    stranger = hostile_peer.actor("stranger")
    for context in (f"{hostile_peer.origin}/contexts/7", None):
        note = hostile_peer.note(stranger, cc=[node.group], context=context)
        activity = hostile_peer.activity("Create", stranger, note)
        assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
        await node.quiet()
        ours = await node.publish("Indeed.", reply_to=note["id"])
        assert (await node.activity(ours))[1].get("context") == context
        further = await node.publish("Moreover.", reply_to=ours)
        assert (await node.activity(further))[1].get("context") == context


async def test_long_threads_come_in_pages(node: ServedNode, hostile_peer: Peer) -> None:
    root, stranger = await node.publish(), hostile_peer.actor("stranger")
    answers = [hostile_peer.note(stranger, inReplyTo=root) for _ in range(230)]
    for answer in answers:
        activity = hostile_peer.activity("Create", stranger, answer)
        assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
    await node.quiet()
    for name, expected in (("replies", 230), ("context", 231)):
        forward = await walk(node, f"{root}/{name}")
        assert len(flat(forward)) == len(set(flat(forward))) == expected
        assert set(flat(forward)) >= {answer["id"] for answer in answers}
        assert flat((await walk(node, f"{root}/{name}", start="last", onward="prev"))[::-1]) == flat(forward)
    assert flat(await walk(node, f"{root}/context"))[0] == root


async def test_all_collections_can_be_asked_for_again_cheaply(node: ServedNode) -> None:
    root = await node.publish()
    addresses = [
        f"{node.group}/{name}" for name in ("outbox", "outbox?page=true", "followers", "following", "featured")
    ]
    addresses += [f"{root}/{name}" for name in ("replies", "likes", "shares", "context", "replies?page=true")]
    for address in [*addresses, f"{node.origin}/actor/outbox", node.group, root]:
        accept = {"Accept": ACTIVITY_JSON, "Accept-Encoding": "identity"}
        async with node.http.get(address, headers=accept) as response:
            assert response.status == 200, address
            etag, length = response.headers["ETag"], len(await response.read())
            assert response.content_type == ACTIVITY_JSON
            assert "max-age" in response.headers["Cache-Control"]
        for given in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            async with node.http.get(address, headers=accept | {"If-None-Match": given}) as response:
                assert (response.status, await response.read()) == (304, b""), (address, given)
                assert response.headers["ETag"] == etag
        async with node.http.get(address, headers=accept | {"If-None-Match": '"other"'}) as response:
            assert response.status == 200, address
        async with node.http.head(address, headers=accept) as response:
            assert (response.status, response.headers["ETag"], await response.read()) == (200, etag, b""), address
            assert int(response.headers["Content-Length"]) == length, address


async def test_counts_name_nobody(node: ServedNode, hostile_peer: Peer) -> None:
    root, alice = await node.publish(), hostile_peer.actor("alice")
    for kind, thing in (("Follow", node.group), ("Like", root), ("Announce", root)):
        activity = hostile_peer.activity(kind, alice, thing)
        assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
    await node.quiet()
    assert await node.read(statements.reaction_counts, root) == {"Like": 1, "Announce": 1}
    for address in (f"{node.group}/followers", f"{root}/likes", f"{root}/shares"):
        _, collection = await node.activity(address)
        assert collection["totalItems"] == 1
        assert alice not in repr(collection)
        assert "first" not in collection


async def test_a_place_that_is_none_is_refused(node: ServedNode) -> None:
    queries = ("before=x", "before=-1", "after=9223372036854775808", "before=1e9", "after=%00")
    collections = (f"{node.group}/outbox", f"{await node.publish()}/replies")
    asked = [f"{address}?{query}" for address in collections for query in queries]
    answers = {address: (await node.activity(address))[0] for address in asked}
    assert set(answers.values()) == {400}, answers


async def test_the_outbox_is_read_by_its_own_index(node: ServedNode) -> None:
    """Whatever the inbox took in does not make it slower."""

    def plan(tx: Transaction) -> str:
        from sqlalchemy.dialects import sqlite

        query = activities._outbox_of(activities.select(activities.activities.c.id), node.group).limit(20)
        spelled = query.order_by(activities.activities.c.id.desc()).compile(
            dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
        )
        return repr(tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {spelled}").all())

    if node.node.database.is_sqlite:
        assert "activities_in_outbox" in await node.read(plan)


def test_the_ends_of_a_collection_can_be_named() -> None:
    listing = windows.Listing(
        iri="https://a.example/c", fetch=_numbers(5), total=5, size=2, newest_first=True, whole_up_to=0
    )
    front = windows.document(listing, None)
    assert windows.document(listing, windows.Place(after=0))["orderedItems"] == ["2", "1"]
    assert front["last"] == "https://a.example/c?after=0"
    assert collections.OUTBOX_PAGE == 20


def _numbers(count: int) -> Callable[[int | None, int | None, int], list[tuple[int, str]]]:
    def fetch(after: int | None, before: int | None, limit: int) -> list[tuple[int, str]]:
        found = [n for n in range(1, count + 1) if (after is None or n > after) and (before is None or n < before)]
        rising = after is not None and before is None
        return [(n, str(n)) for n in (found if rising else found[::-1])[:limit]]

    return fetch
