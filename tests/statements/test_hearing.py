"""What of others' words is kept and shown: of those we follow, answers in our threads, what they pass on; and reactions."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from node import objects
from node.context import Transaction
from node.peering import store as follows
from node.reports import store as reports
from node.statements import errands, hearing
from node.statements import store as statements
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode


async def bring(node: ServedNode, peer: Peer, kind: str, actor: str, thing: Any, **more: Any) -> str | None:
    """Bring an activity in; what became of it."""
    activity = peer.activity(kind, actor, thing, **more)
    assert await peer.send(f"{node.origin}/inbox", activity) == 202, peer.last
    return await node.fate(activity)


def serve(peer: Peer, document: dict[str, Any]) -> None:
    peer.served[document["id"].removeprefix(peer.origin)] = Answer(document)


@pytest.fixture
async def alice(node: ServedNode, hostile_peer: Peer) -> str:
    """Somebody whom the node follows."""
    iri = hostile_peer.actor("alice")
    await node.follow(iri)
    return iri


async def test_a_stranger_s_answer_is_kept_and_shown_and_a_stranger_s_other_words_are_not(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ours, stranger = await node.publish(), hostile_peer.actor("stranger")
    answer = hostile_peer.note(stranger, "<p>you are right</p>", inReplyTo=ours)
    further = hostile_peer.note(stranger, "<p>and another thing</p>", inReplyTo=answer["id"])
    other = hostile_peer.note(stranger, "<p>look at my cat</p>")
    elsewhere = hostile_peer.note(stranger, "<p>elsewhere</p>", inReplyTo="https://victim.example/notes/1")
    fates = [await bring(node, hostile_peer, "Create", stranger, one) for one in (answer, further, other, elsewhere)]
    assert fates == ["done", "done", "ignored", "ignored"]
    status, collection = await node.activity(f"{ours}/replies")
    assert (status, collection["orderedItems"], collection["totalItems"]) == (200, [answer["id"]], 1)
    page = (await node.page(ours))[1]
    assert "you are right" in page and "and another thing" in page
    wire = (await node.page("/wire"))[1]
    assert "you are right" not in wire and "look at my cat" not in wire


async def test_the_collection_of_replies_is_complete(node: ServedNode, hostile_peer: Peer) -> None:
    ours, stranger = await node.publish(), hostile_peer.actor("stranger")
    answers = [hostile_peer.note(stranger, inReplyTo=ours) for _ in range(104)]
    for answer in answers:
        activity = hostile_peer.activity("Create", stranger, answer)
        assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
    await node.quiet()
    found, address = [], f"{ours}/replies"
    for _ in range(10):
        document = (await node.activity(address))[1]
        found += document.get("orderedItems", [])
        following = document.get("first") or document.get("next")
        if not following:
            break
        address = following
    assert (await node.activity(f"{ours}/replies"))[1]["totalItems"] == 104
    assert sorted(found) == sorted(answer["id"] for answer in answers)


async def test_what_names_us_is_kept_and_not_in_the_time_line(node: ServedNode, hostile_peer: Peer) -> None:
    stranger = hostile_peer.actor("stranger")
    mention = {"tag": [{"type": "Mention", "href": node.group, "name": "@union"}], "cc": [node.group]}
    note = hostile_peer.note(stranger, "<p>hello union</p>", **mention)
    assert await bring(node, hostile_peer, "Create", stranger, note) == "done"
    assert await node.holds(note["id"])
    assert "hello union" not in (await node.page("/wire"))[1]


async def test_what_one_we_follow_passes_on_is_fetched_from_its_origin_and_shown(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    stranger = hostile_peer.actor("stranger")
    note = hostile_peer.note(stranger, "<p>news from afar</p>")
    serve(hostile_peer, note)
    assert await bring(node, hostile_peer, "Announce", alice, note["id"]) == "done"
    assert await node.holds(note["id"])
    assert "news from afar" in (await node.page("/wire"))[1]
    assert hostile_peer.asked[note["id"].removeprefix(hostile_peer.origin)] == 1


async def test_one_whom_we_follow_cannot_make_us_ask_another_host_all_day(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    def spend(tx: Transaction) -> None:
        while errands.take(tx, "boosted from victim.example", hearing.PASSED_ON_DAY):
            pass

    async def promised() -> int:
        return sum("victim.example" in str(row) for row in (await node.contents())["jobs"])

    assert await bring(node, hostile_peer, "Announce", alice, "https://victim.example/notes/1") == "done"
    assert await promised() == 1
    await node.write(spend)
    assert await bring(node, hostile_peer, "Announce", alice, "https://victim.example/notes/2") == "ignored"
    assert await promised() == 1
    serve(hostile_peer, hers := hostile_peer.note(alice, "<p>my own</p>"))
    assert await bring(node, hostile_peer, "Announce", alice, hers["id"]) == "done"


async def test_what_a_stranger_passes_on_is_not_fetched(node: ServedNode, hostile_peer: Peer) -> None:
    stranger, note = hostile_peer.actor("stranger"), hostile_peer.note(hostile_peer.actor("author"))
    serve(hostile_peer, note)
    assert await bring(node, hostile_peer, "Announce", stranger, note["id"]) == "ignored"
    assert hostile_peer.asked[note["id"].removeprefix(hostile_peer.origin)] == 0


async def test_a_report_that_is_passed_on_is_a_report_here(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    stranger = hostile_peer.actor("stranger")
    facts = {"struggle": hostile_peer.id("struggles"), "actionKind": "strike", "field": "work"}
    report = hostile_peer.note(stranger, "<p>they walked out</p>", **facts)
    serve(hostile_peer, report)
    assert await bring(node, hostile_peer, "Announce", alice, report["id"]) == "done"
    row = (await node.read(reports.of, [report["id"]])).get(report["id"])
    assert row is not None and row.struggle == facts["struggle"]
    assert (await node.read(objects.find, report["id"])).kind == "StruggleReport"


async def test_a_create_that_only_names_its_object_is_fetched(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    note = hostile_peer.note(alice, "<p>by name</p>")
    serve(hostile_peer, note)
    assert await bring(node, hostile_peer, "Create", alice, note["id"]) == "done"
    assert await node.holds(note["id"])


async def test_a_fetched_object_with_a_wrong_proof_is_not_kept(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    stranger = hostile_peer.actor("stranger")
    good = hostile_peer.proved(hostile_peer.note(stranger), stranger)
    wrong = hostile_peer.proved(hostile_peer.note(stranger), stranger) | {"content": "<p>changed</p>"}
    for document in (good, wrong):
        serve(hostile_peer, document)
        await bring(node, hostile_peer, "Announce", alice, document["id"])
    assert await node.holds(good["id"])
    assert not await node.holds(wrong["id"])


async def test_fetching_goes_on_when_the_origin_has_recovered(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    from datetime import timedelta

    note = hostile_peer.note(alice)
    path = note["id"].removeprefix(hostile_peer.origin)
    hostile_peer.served[path] = Answer(b"", status=500)
    await bring(node, hostile_peer, "Announce", alice, note["id"])
    assert not await node.holds(note["id"])
    serve(hostile_peer, note)
    node.clock.advance(timedelta(minutes=10))
    await node.quiet()
    assert await node.holds(note["id"])


async def test_likes_and_boosts_are_counted_once_for_each_actor_and_can_be_undone(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ours = await node.publish()
    people = [hostile_peer.actor(f"p{number}") for number in range(3)]
    done = []
    for kind, actor, _ in itertools.product(("Like", "Announce"), people, range(2)):
        activity = hostile_peer.activity(kind, actor, ours)
        done.append(activity)
        assert await hostile_peer.send(f"{node.group}/inbox", activity) == 202
    await node.quiet()
    for name in ("likes", "shares"):
        status, collection = await node.activity(f"{ours}/{name}")
        assert (status, collection["totalItems"]) == (200, 3)
        assert not any(person in repr(collection) for person in people)
    await bring(node, hostile_peer, "Undo", people[0], done[0]["id"])
    await bring(node, hostile_peer, "Undo", people[1], {key: done[8][key] for key in ("id", "type", "actor", "object")})
    assert await node.read(statements.reaction_counts, ours) == {"Like": 2, "Announce": 2}


async def test_what_its_author_keeps_to_her_followers_from_now_on_is_gone_here(
    node: ServedNode, hostile_peer: Peer, alice: str
) -> None:
    note = hostile_peer.note(alice, "<p>a thing I regret</p>")
    assert await bring(node, hostile_peer, "Create", alice, note) == "done"
    assert "a thing I regret" in (await node.page("/wire"))[1]
    careless = {name: value for name, value in note.items() if name != "to"}
    assert await bring(node, hostile_peer, "Update", alice, careless) == "ignored", "it names nobody at all"
    assert await node.holds(note["id"])
    among_friends = note | {"to": [f"{alice}/followers"], "updated": "2099-01-01T00:00:00Z"}
    assert await bring(node, hostile_peer, "Update", alice, among_friends, to=[f"{alice}/followers"]) == "done"
    assert "a thing I regret" not in (await node.page("/wire"))[1]
    assert not await node.holds(note["id"])
    assert "a thing I regret" not in str(await node.contents()), "nor is it in the log"


async def test_a_like_of_what_is_not_here_means_nothing(node: ServedNode, hostile_peer: Peer) -> None:
    stranger = hostile_peer.actor("stranger")
    for thing in (f"{node.origin}/statements/0000000000000", node.group, stranger, "https://victim.example/notes/1"):
        assert await bring(node, hostile_peer, "Like", stranger, thing) == "ignored"
    assert (await node.contents())["reactions"] == []


async def test_what_two_nodes_say_to_each_other_stands_in_one_thread(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    from tests.nodes.served import eventually

    first, second = two_nodes
    ours = await first.publish("We are on strike.")

    async def arrived() -> bool:
        return await second.holds(ours)

    await eventually(arrived)
    theirs = await second.publish("Solidarity from the tenants.", reply_to=ours)

    async def answered() -> bool:
        return await first.holds(theirs)

    await eventually(answered)
    assert (await first.activity(f"{ours}/replies"))[1]["orderedItems"] == [theirs]
    assert "Solidarity from the tenants." in (await first.page(ours))[1]
    row = await first.read(objects.find, theirs)
    assert row.thread == ours and not row.listed


async def test_after_unfollowing_nothing_more_is_kept(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    from node.peering import actions

    before = hostile_peer.note(alice)
    assert await bring(node, hostile_peer, "Create", alice, before) == "done"
    await node.write(actions.unfollow, alice, actor=node.group, member=await node.steward())
    after = hostile_peer.note(alice)
    assert await bring(node, hostile_peer, "Create", alice, after) == "ignored"
    assert not await node.read(follows.is_heard, alice)
    assert await node.holds(before["id"])


async def test_html_of_others_does_nothing_on_our_pages(node: ServedNode, hostile_peer: Peer, alice: str) -> None:
    """Every place where the words of others are shown."""
    bad = '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a><b style=a>ok</b>'
    for number, field in enumerate(("content", "name", "summary", "preferredUsername")):
        actor = hostile_peer.actor(f"evil{number}", **{field: bad, "name": bad, "url": "javascript:alert(1)"})
        await node.follow(actor)
        note = hostile_peer.note(actor, bad + f"<p>harmless {number}</p>") | {field: bad + f" harmless {number}"}
        note |= {"url": "javascript:alert(1)", "sensitive": True, "summary": bad}
        note["tag"] = [{"type": "Hashtag", "name": f"#{bad}", "href": "javascript:alert(1)"}]
        note["attachment"] = [{"type": "Image", "url": "javascript:alert(1)", "name": bad, "mediaType": "text/html"}]
        assert await bring(node, hostile_peer, "Create", actor, note) == "done"
    pages = [(await node.page("/wire"))[1]]
    for row in await node.read(objects.listed, local=False):
        from node.identifiers import spell

        status, page = await node.page(f"/heard/{spell(row.sort_id)}")
        assert status == 200
        pages.append(page)
    for page in pages:
        for pattern in ("<script>alert", "<img src=x", 'href="javascript:', 'src="javascript:', "<b style"):
            assert pattern not in page, pattern
