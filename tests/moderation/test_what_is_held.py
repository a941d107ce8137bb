"""What waits for a delegate: by which rules, who sees it, what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from node.context import Transaction
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.members.store import Member
from node.moderation import actions, rules, store
from node.peering import governing, standing
from node.peering.rules import Severity
from node.pruning import prune
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually
from tests.web.admin.desk_browsers import AtDesk, at_desk

WORD, NOWHERE = "zanzibar", "quetzal"


async def do(node: ServedNode, verb: str, **given: Any) -> Any:
    """What a delegate does, in a group in which she may do it alone."""
    member: Member = await node.steward()
    return await node.write(lambda tx: actions.do(tx, verb, given, actor=node.group, member=member))


async def say(
    node: ServedNode, peer: Peer, actor: str, words: str, *, fate: str = "done", **more: Any
) -> dict[str, Any]:
    """Say something to the node; the note."""
    note = peer.note(actor, f"<p>{words}</p>", **more)
    created = peer.activity("Create", actor, note)
    assert await peer.send(f"{node.origin}/inbox", created, now=node.clock()) == 202, peer.last
    assert await node.fate(created) == fate
    return note


def did(rows: list[Any]) -> dict[tuple[str, str], int]:
    return {(row.rule, row.did): int(row.times) for row in rows}


async def lately(node: ServedNode) -> dict[tuple[str, str], int]:
    return did(await node.read(store.lately, node.group, since=node.clock() - rules.COUNTED_FOR))


async def waiting(node: ServedNode) -> list[str]:
    return [row.iri for row in await node.read(store.waiting, node.group)]


async def test_the_first_message_of_an_unknown_server_waits_until_it_is_admitted(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    await do(node, "set", first_contact="yes")
    first = await say(node, hostile_peer, ann, f"{WORD} hello", inReplyTo=ours)
    other = await say(node, hostile_peer, hostile_peer.actor("ben"), f"{WORD} too", inReplyTo=ours)
    assert await waiting(node) == [first["id"], other["id"]]
    assert not await node.holds(first["id"])
    assert (await node.activity(f"{ours}/replies"))[1]["totalItems"] == 0
    async with at_desk(node, "steward") as desk:
        page = await desk.get("/desk/moderation?group=union")
        assert f"{WORD} hello" in page and "the first message from a server" in page
        assert "to admit or to refuse: 2" in await desk.get("/desk?group=union")
        status, onward, _ = await desk.send("/desk/moderation/admit", iri=first["id"])
        assert status == 303 and "done=done" in onward
    assert await node.holds(first["id"]) and await waiting(node) == [other["id"]]
    assert WORD in (await node.page(ours))[1]
    assert (await node.activity(f"{ours}/replies"))[1]["totalItems"] == 1
    assert await lately(node) == {("first contact", "held"): 2, ("first contact", "admitted"): 1}
    third = await say(node, hostile_peer, hostile_peer.actor("cem"), "and me", inReplyTo=ours)
    assert await node.holds(third["id"]), "the server is known now"


async def test_what_is_held_is_seen_over_no_route_and_counted_nowhere(
    node: ServedNode, hostile_peer: Peer, tmp_path: Any
) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    await do(node, "filter", pattern=WORD)
    held = await say(
        node, hostile_peer, ann, f"{WORD} {NOWHERE}", inReplyTo=ours, tag=[{"type": "Hashtag", "name": "#harbour"}]
    )
    await say(node, hostile_peer, ann, "an answer to it", inReplyTo=held["id"], fate="ignored")
    assert await waiting(node) == [held["id"]]
    paths = (
        "/", "/wire", "/wire.atom", "/wire.json", "/tags/harbour", f"/search?q={WORD}", "/sitemap.xml",
        "/groups/union", "/groups/union.atom", ours, f"{ours}/replies", f"{ours}/context",
        f"{node.group}/outbox?page=true", f"/api/v2/search?q={WORD}&type=statuses", "/api/v1/timelines/public",
        "/api/v1/timelines/tag/harbour", "/nodeinfo/2.1", "/api/v1/instance",
    )  # fmt: skip
    for path in paths:
        assert NOWHERE not in (await node.page(path))[1], path
    contents = await node.contents(without=("activities",))  # the log keeps what came, which no page shows
    there = {name for name, found in contents.items() if held["id"] in repr(found)}
    assert there == {"held"}
    written = await commonwire("moderation", "list", node.directory)
    assert held["id"] in written.out and "filter" in written.out


async def test_what_is_refused_is_forgotten_and_does_not_come_again(node: ServedNode, hostile_peer: Peer) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    await do(node, "filter", pattern=WORD)
    held = await say(node, hostile_peer, ann, WORD, inReplyTo=ours)
    assert (await commonwire("moderation", "refuse", node.directory, held["id"])).status == 0
    assert await waiting(node) == []
    (row,) = (await node.contents())["held"]
    assert ann not in repr(row) and held["id"] in repr(row)
    again = hostile_peer.activity("Create", ann, held)
    assert await hostile_peer.send(f"{node.origin}/inbox", again) == 202
    assert await node.fate(again) == "ignored" and await waiting(node) == []
    with pytest.raises(Missing):
        await do(node, "admit", iri=held["id"])
    node.clock.advance(rules.KEPT_FOR + timedelta(days=1))
    await prune(node.node)
    assert (await node.contents())["held"] == []


async def test_its_author_corrects_and_deletes_what_waits(node: ServedNode, hostile_peer: Peer) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    await do(node, "filter", pattern=WORD)
    held = await say(node, hostile_peer, ann, WORD, inReplyTo=ours)
    newer = held | {"content": "<p>nothing of that kind</p>", "updated": held["published"]}
    update = hostile_peer.activity("Update", ann, newer)
    assert await hostile_peer.send(f"{node.origin}/inbox", update) == 202
    assert await node.fate(update) == "done"
    (row,) = await node.read(store.waiting, node.group)
    assert b"nothing of that kind" in row.document
    await do(node, "admit", iri=held["id"])
    assert "nothing of that kind" in (await node.page(ours))[1]
    other = await say(node, hostile_peer, ann, WORD, inReplyTo=ours)
    delete = hostile_peer.activity("Delete", ann, other["id"])
    assert await hostile_peer.send(f"{node.origin}/inbox", delete) == 202
    await node.quiet()
    assert await waiting(node) == []
    await say(node, hostile_peer, ann, WORD, inReplyTo=ours)
    farewell = hostile_peer.activity("Delete", ann, ann)
    assert await hostile_peer.send(f"{node.origin}/inbox", farewell) == 202
    await node.quiet()
    assert await waiting(node) == []


async def test_new_accounts_and_those_without_a_picture_wait_and_those_that_are_followed_do_not(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ours = await node.publish()
    icon = {"type": "Image", "url": f"{hostile_peer.origin}/a.png"}
    old = hostile_peer.actor("old", published="2020-01-01T00:00:00Z", icon=icon)
    new = hostile_peer.actor("new", published=node.clock().strftime("%Y-%m-%dT%H:%M:%SZ"), icon=icon)
    bare = hostile_peer.actor("bare", published="2020-01-01T00:00:00Z")
    wrong = hostile_peer.actor("wrong", published="yesterday", icon=icon)
    await do(node, "set", new_account_days="7", without_picture="yes")
    for actor, rule in ((old, None), (new, "new account"), (bare, "no picture"), (wrong, "new account")):
        note = await say(node, hostile_peer, actor, "hello", inReplyTo=ours)
        row = await node.read(store.find, note["id"])
        assert (None if row is None else row.rule) == rule, actor
        assert await node.holds(note["id"]) == (rule is None)
    node.clock.advance(timedelta(days=8))
    assert await node.holds((await say(node, hostile_peer, new, "a week later", inReplyTo=ours))["id"])
    await node.follow(f"@bare@{hostile_peer.host}")
    assert await node.holds((await say(node, hostile_peer, bare, "followed", inReplyTo=ours))["id"])


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        ({"pattern": "Cheap  PILLS"}, lambda ann: ["buy cheap pills now", "<b>Cheap</b> pílls? cheap pills!"]),
        ({"pattern": "bitcoin*"}, lambda ann: ["bitcoins", "BITCOIN", "the bit\u200bcoinery"]),
        ({"pattern": "spam.example", "by": "links"}, lambda ann: ['<a href="https://www.SPAM.example/x">x</a>']),
    ],
)
@pytest.mark.one_database
async def test_a_filter_finds_what_it_says(
    node: ServedNode, hostile_peer: Peer, given: dict[str, str], holds: Callable[[str], list[str]]
) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    await do(node, "filter", **given)
    for words in holds(ann):
        note = await say(node, hostile_peer, ann, words, inReplyTo=ours)
        assert await node.read(store.find, note["id"]) is not None, words
    for words in ("cheap", "pills", "habitcoin", '<a href="https://notspam.example/">spam.example</a>'):
        assert await node.holds((await say(node, hostile_peer, ann, words, inReplyTo=ours))["id"]), words


@pytest.mark.one_database
async def test_a_filter_that_refuses_keeps_nothing_and_counts(node: ServedNode, hostile_peer: Peer) -> None:
    ours, ann = await node.publish(), hostile_peer.actor("ann")
    await do(node, "filter", pattern=WORD, effect="refuse")
    await do(node, "filter", pattern="only questions", kinds="Question", effect="refuse")
    for _ in range(2):
        await say(node, hostile_peer, ann, WORD, inReplyTo=ours, fate="ignored")
    assert await node.holds((await say(node, hostile_peer, ann, "only questions", inReplyTo=ours))["id"])
    (one, other) = await node.read(store.filters_of, node.group)
    assert await lately(node) == {(f"filter {one.id}", "refused"): 2}
    shown = (await commonwire("moderation", "show", node.directory)).out
    assert f"filter {one.id}: refused 2" in shown
    await do(node, "unfilter", number=str(one.id))
    await do(node, "unfilter", number=other.id)
    assert await node.holds((await say(node, hostile_peer, ann, WORD, inReplyTo=ours))["id"])


@pytest.mark.one_database
async def test_wrong_input_changes_nothing(node: ServedNode) -> None:
    await node.settled()
    before = await node.contents()
    for verb, given, error in (
        ("filter", {"pattern": "ab"}, Invalid),
        ("filter", {"pattern": "x" * 101}, Invalid),
        ("filter", {"pattern": "a*b*c letters"}, Invalid),
        ("filter", {"pattern": "no domain", "by": "links"}, Invalid),
        ("filter", {"pattern": "https://spam.example/x", "by": "links"}, Invalid),
        ("filter", {"pattern": "words", "by": "colour"}, Invalid),
        ("filter", {"pattern": "words", "kinds": ["Teapot"]}, Invalid),
        ("set", {"new_account_days": "-1"}, Invalid),
        ("set", {"first_contact": "perhaps"}, Invalid),
        ("set", {"colour": "red"}, Invalid),
        ("set", {"first_contact": "no"}, Conflict),
        ("mute", {"account": "https://else.example/u"}, Missing),
        ("mute", {"account": node.group}, Conflict),
        ("remove", {"iri": "a\x00b", "category": "spam"}, (Missing, Invalid)),
        ("unfilter", {"number": "9"}, Missing),
        ("burn", {}, Missing),
    ):
        with pytest.raises(error):
            await do(node, verb, **given)
    assert await node.contents() == before
    wren = await node.write(lambda tx: _writer(tx, node.group))
    with pytest.raises(Forbidden):
        await node.write(lambda tx: actions.do(tx, "set", {"first_contact": "yes"}, actor=node.group, member=wren))


def _writer(tx: Transaction, group: str) -> Member:
    from tests.web.admin.desk_browsers import enter

    return enter(tx, group, {"wren": "writer"})["wren"]


def test_a_pattern_takes_no_longer_than_its_text_is_long() -> None:
    one = rules.read_filter({"pattern": "aaaaaaaaaaaaaaaa*b"}, ["Statement"])
    text = rules.text_of(["a" * 200_000], ["https://" * 50_000])
    assert len(text.words) <= rules.WORDS_READ and not rules.finds(one, text, "Statement")
    assert rules.finds(one, rules.text_of([f"x {'a' * 16}ccccb y"], []), "Statement")


@pytest.mark.one_database
async def test_a_policy_that_holds_lets_wait_what_comes_whichever_door_it_was_set_by(
    node: ServedNode, hostile_peer: Peer
) -> None:
    ours, ann, host = await node.publish(), hostile_peer.actor("ann"), hostile_peer.host
    await node.follow(ann)
    terms = {"whom": host, "severity": "hold", "reason": "so that somebody looks"}

    async def holds() -> bool:
        return await node.read(lambda tx: standing.standing(tx, host=host).is_held)

    async with at_desk(node, "steward") as desk:
        await desk_waits(desk, terms, host)
        first = await say(node, hostile_peer, ann, f"{WORD} to those who follow her")
        assert await waiting(node) == [first["id"]] and not await node.holds(first["id"])
        assert (await desk.send("/desk/policies/drop", origin="/desk/policies", whom=host))[0] == 303
        words = ("--severity", "hold", "--reason", "again")
        said = await commonwire("peer", "policy", "set", node.directory, host, *words)
        assert said.status == 0 and "what comes waits for a person" in said.out, said
        await eventually(holds)
        second = await say(node, hostile_peer, ann, f"{WORD} below ours", inReplyTo=ours)
        assert await waiting(node) == [first["id"], second["id"]]
        assert "a policy for its server or account" in await desk.get("/desk/moderation?group=union")
        for one in (first, second):
            assert (await desk.send("/desk/moderation/admit", iri=one["id"]))[0] == 303
    assert await waiting(node) == [] and await node.holds(first["id"]) and await node.holds(second["id"])
    assert f"{WORD} below ours" in (await node.page(ours))[1]
    assert await lately(node) == {("policy", "held"): 2, ("policy", "admitted"): 2}


async def desk_waits(desk: AtDesk, terms: dict[str, str], host: str) -> None:
    """Have it foreseen at the desk that what a host says waits, and then have it so."""
    page = (await desk.send("/desk/policies/set", origin="/desk/policies", **terms, verb="preview"))[2]
    assert re.search(rf"hold: what comes waits for a person: <bdi[^>]*>{re.escape(host)}", page), page
    assert (await desk.send("/desk/policies/set", origin="/desk/policies", **terms, verb="set"))[0] == 303


@pytest.mark.one_database
async def test_a_policy_for_some_kinds_is_for_them_alone(node: ServedNode, hostile_peer: Peer) -> None:
    ours, ann, host = await node.publish(), hostile_peer.actor("ann"), hostile_peer.host
    poll = {"type": "Question", "oneOf": [{"type": "Note", "name": name} for name in ("yes", "no")]}
    await node.write(governing.enact, host, Severity.HOLD, "look at polls", kinds=["Question"])
    waits = await say(node, hostile_peer, ann, "shall we?", inReplyTo=ours, **poll)
    assert await node.holds((await say(node, hostile_peer, ann, "hello", inReplyTo=ours))["id"])
    assert await waiting(node) == [waits["id"]]
    await node.write(governing.enact, host, Severity.REJECT, "no polls", kinds=["Question"])
    await say(node, hostile_peer, ann, "shall we now?", inReplyTo=ours, fate="ignored", **poll)
    assert await node.holds((await say(node, hostile_peer, ann, "hello again", inReplyTo=ours))["id"])
    assert await waiting(node) == [waits["id"]]
    await node.write(governing.enact, hostile_peer.actor("cem"), Severity.REJECT, "too much", kinds=["Statement"])
    for who, fate in (("cem", "ignored"), ("ben", "done")):
        announce = hostile_peer.activity("Announce", hostile_peer.actor(who), ours)
        assert await hostile_peer.send(f"{node.origin}/inbox", announce) == 202
        assert await node.fate(announce) == fate, who
