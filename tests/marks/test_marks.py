"""What a viewer notes for herself: kept, limited, found again, and gone with what it is about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from node import actors, unneeded
from node.context import Transaction
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.marks import (
    accounts,
    actions,
    copying,
    filtering,
    filters,
    followings,
    hiding,
    lists,
    places,
    relations,
    rules,
    store,
)
from node.marks.filtering import Wish, Word
from node.marks.rules import Kind
from node.members import viewers
from node.members.store import Member
from node.members.viewers import Viewer
from node.objects import objects
from node.peering import store as follows
from node.peering.rules import Follow
from node.statements import hearing
from node.window import Window
from tests.node.test_unneeded import tell
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode

ALL = Window(limit=100)


async def viewer(node: ServedNode, *, private: bool = True) -> Viewer:
    """The steward's own private account, or the group's as she meets it."""
    member: Member = await node.steward()
    actor = None if private else node.group
    number = await node.write(viewers.enter, member.id, actor)
    return Viewer(number, member, actor, frozenset({"read", "write"}))


async def heard(node: ServedNode, peer: Peer, name: str = "friend") -> str:
    """An actor whom the group follows."""
    iri = peer.actor(name)
    await node.node.directory.actor(iri)
    values = {"follower": node.group, "followed": iri, "activity": f"{iri}#f", "state": Follow.ACCEPTED}
    await node.write(follows.put, **values)
    return iri


def relation(tx: Transaction, her: Viewer, iri: str) -> relations.Relation:
    return relations.between(tx, her, [iri])[iri]


async def test_marks_on_texts_are_kept_in_order_and_go_with_the_text(node: ServedNode, hostile_peer: Peer) -> None:
    her, friend = await viewer(node), await heard(node, hostile_peer)
    texts = [await tell(node, hostile_peer, friend) for _ in range(3)]
    for kind in Kind:
        for iri in [*texts, texts[0]]:
            await node.write(actions.mark, her, kind, iri)
    found = await node.read(store.marked, her.id, Kind.BOOKMARK, ALL)
    assert [row.object for row in found] == texts[::-1], "the last one first, and once"
    older = await node.read(store.marked, her.id, Kind.BOOKMARK, Window(limit=1, max_id=found[0].id))
    assert [row.object for row in older] == [texts[1]]
    newer = await node.read(store.marked, her.id, Kind.BOOKMARK, Window(limit=1, min_id=found[2].id))
    assert [row.object for row in newer] == [texts[1]]
    on = await node.read(store.on, her.id, texts)
    assert on == {iri: store.On(True, True, True) for iri in texts}
    for kind in Kind:
        await node.write(actions.unmark, her, kind, texts[0])
    assert texts[0] not in await node.read(store.on, her.id, texts)
    with pytest.raises(Missing):
        await node.write(actions.mark, her, Kind.FAVOURITE, f"{hostile_peer.origin}/notes/none")

    number = await node.write(filtering.add, her, Wish("t", ("home",)), [])
    await node.write(filtering.add_status, her, number, texts[1])
    node.clock.advance(timedelta(days=5000))
    await node.write(follows.set_state, follower=node.group, followed=friend, state=Follow.ENDED)
    swept = await unneeded.sweep(node.node, older_than=timedelta(days=90))
    assert swept.objects == 1 and await node.holds(texts[1]) and await node.holds(texts[2]), "what is marked is needed"
    gone = hostile_peer.activity("Delete", friend, texts[1])
    assert await hostile_peer.send(f"{node.origin}/inbox", gone, now=node.clock()) == 202
    await node.quiet()
    assert not await node.holds(texts[1])
    assert texts[1] not in repr((await node.contents())["marks"])
    assert (await node.contents())["filter_statuses"] == []
    assert [row.object for row in await node.read(store.marked, her.id, Kind.FAVOURITE, ALL)] == [texts[2]]


async def test_a_thread_is_quiet_whichever_of_its_texts_was_named(node: ServedNode, hostile_peer: Peer) -> None:
    her, friend = await viewer(node), await heard(node, hostile_peer)
    first = await tell(node, hostile_peer, friend)
    answer = await tell(node, hostile_peer, friend, inReplyTo=first)
    other = await tell(node, hostile_peer, friend)
    await node.write(actions.mark, her, Kind.QUIET, answer)
    on = await node.read(store.on, her.id, [first, answer, other])
    assert {iri for iri, marks in on.items() if marks.muted} == {first, answer}

    def heard_of(tx: Transaction) -> set[str]:
        thread = objects.c.thread
        query = select(objects.c.iri).where(objects.c.iri.in_([first, answer, other]), hiding.quiet(her.id, thread))
        return set(tx.execute(query).scalars())

    assert await node.read(heard_of) == {other}
    await node.write(actions.unmark, her, Kind.QUIET, first)
    assert await node.read(store.on, her.id, [first, answer]) == {}


async def test_accounts_are_muted_hidden_noted_and_forgotten_when_they_leave(
    node: ServedNode, hostile_peer: Peer
) -> None:
    her, friend = await viewer(node), await heard(node, hostile_peer)
    await node.write(actions.mute, her, friend, notifications=False, seconds=3600)
    await node.write(actions.write_note, her, friend, "from the depot")
    await node.write(actions.hide_host, her, hostile_peer.host.upper())
    found = await node.read(relation, her, friend)
    assert (found.muted, found.notifications_muted, found.note, found.host_hidden) == (
        True,
        False,
        "from the depot",
        True,
    )
    assert found.mute_ends is not None and found.mute_ends > node.clock()
    node.clock.advance(timedelta(hours=2))
    assert not (await node.read(relation, her, friend)).muted
    assert await node.write(actions.prune) == 1
    for seconds in (-1, 10**12):
        with pytest.raises(Invalid):
            await node.write(actions.mute, her, friend, seconds=seconds)
    with pytest.raises(Missing):
        await node.write(actions.mute, her, f"{hostile_peer.origin}/users/nobody")
    with pytest.raises(Invalid):
        await node.write(actions.hide_host, her, "no host/at all")
    with pytest.raises(Invalid):
        await node.write(actions.hide_host, her, node.node.config.host)
    with pytest.raises(Invalid):
        await node.write(actions.write_note, her, friend, "x" * 5000)

    await node.write(actions.mute, her, friend)
    number = await node.write(actions.add_list, her, "Friends", replies_policy="list", exclusive=False)
    await node.write(actions.enter_in_list, her, number, [friend])
    await node.write(actions.follow, her, friend, notify=True)
    await node.write(actions.hide, her, friend)
    found = await node.read(relation, her, friend)
    assert found.hidden and not found.following, "whom she hides she does not follow"
    assert await node.read(lists.accounts_page, number, ALL) == []
    await node.write(actions.enter_in_list, her, number, [friend])
    await node.write(hearing.remove_actor, friend)
    held = await node.contents()
    for table in ("mutes", "hidden_actors", "actor_notes", "private_follows", "list_accounts"):
        assert held[table] == [], table


async def test_a_reader_follows_what_the_node_holds_and_nobody_is_told(node: ServedNode, hostile_peer: Peer) -> None:
    her, friend = await viewer(node), await heard(node, hostile_peer)
    stranger = hostile_peer.actor("stranger")
    await node.node.directory.actor(stranger)
    assert (await node.read(relation, her, node.group)).following, "the groups of the node, without having said so"
    await node.write(actions.follow, her, friend, boosts=False, languages=["fr"])
    found = await node.read(relation, her, friend)
    assert (found.following, found.boosts, found.languages) == (True, False, ("fr",))
    with pytest.raises(Forbidden, match="ask a member"):
        await node.write(actions.follow, her, stranger)
    assert {row.iri for row in await node.read(followings.followed_page, her.id, limit=9)} == {node.group, friend}
    await node.write(actions.unfollow, her, node.group)
    await node.write(actions.unfollow, her, friend)
    await node.write(actions.unfollow, her, stranger)
    assert await node.read(followings.count_followed, her.id) == 0
    assert await node.write(actions.follow_tag, her, "#Tariflohn") == "tariflohn"
    assert await node.read(followings.follows_tag, her.id, "tariflohn")
    for wrong in ("", "two words", "#", "x" * 200):
        with pytest.raises(Invalid):
            await node.write(actions.follow_tag, her, wrong)
    await node.quiet()
    assert hostile_peer.received == []


async def test_what_she_does_not_want_to_see_leaves_time_lines(node: ServedNode, hostile_peer: Peer) -> None:
    her = await viewer(node)
    friend, other = await heard(node, hostile_peer), await heard(node, hostile_peer, "other")
    text, theirs = await tell(node, hostile_peer, friend), await tell(node, hostile_peer, other)
    answer = await tell(node, hostile_peer, other, inReplyTo=text)

    def seen(tx: Transaction, *, home: bool = False, notified: bool = False) -> set[str]:
        author = objects.c.author
        if home:
            conditions = hiding.home(tx, her.id, author=author, in_reply_to=objects.c.in_reply_to)
        else:
            conditions = hiding.hidden(tx, her.id, author, notified=notified)
        query = select(objects.c.iri).where(objects.c.iri.in_([text, theirs, answer]), *conditions)
        return set(tx.execute(query).scalars())

    everything = {text, theirs, answer}
    assert await node.read(seen) == await node.read(seen, home=True) == everything
    await node.write(actions.mute, her, friend, notifications=False)
    assert await node.read(seen) == {theirs, answer}
    assert await node.read(seen, home=True) == {theirs}, "nor what is said to whom she has muted"
    assert await node.read(seen, notified=True) == everything
    await node.write(accounts.unmute, her.id, friend)
    await node.write(actions.hide, her, friend)
    assert await node.read(seen, notified=True) == {theirs, answer}
    await node.write(accounts.show, her.id, friend)
    await node.write(actions.hide_host, her, hostile_peer.host)
    assert await node.read(seen) == set()
    await node.write(accounts.show_host, her.id, hostile_peer.host)
    number = await node.write(actions.add_list, her, "Apart", replies_policy="list", exclusive=True)
    await node.write(actions.enter_in_list, her, number, [friend])
    assert await node.read(seen) == everything
    assert await node.read(seen, home=True) == {theirs, answer}


async def test_lists_are_hers_alone_and_few(node: ServedNode, hostile_peer: Peer) -> None:
    her, group = await viewer(node), await viewer(node, private=False)
    number = await node.write(actions.add_list, her, "One", replies_policy="list", exclusive=False)
    await node.write(actions.change_list, her, number, title="Two", exclusive=True)
    (row,) = await node.read(lists.of, her.id)
    assert (row.title, row.replies_policy, row.exclusive) == ("Two", "list", True)
    for change in ({"title": " "}, {"title": "x" * 300}, {"replies_policy": "all"}, {"title": "a\x07"}):
        with pytest.raises(Invalid):
            await node.write(actions.change_list, her, number, **change)
    with pytest.raises(Missing):
        await node.write(actions.change_list, group, number, title="Mine")
    with pytest.raises(Missing):
        await node.write(actions.enter_in_list, group, number, [])

    def fill(tx: Transaction) -> None:
        for count in range(rules.LISTS_AT_MOST):
            actions.add_list(tx, group, f"L{count}", replies_policy="none", exclusive=False)

    await node.write(fill)
    with pytest.raises(Invalid, match="50"):
        await node.write(actions.add_list, group, "One more", replies_policy="none", exclusive=False)


async def test_filters_find_words_and_texts(node: ServedNode, hostile_peer: Peer) -> None:
    her, friend = await viewer(node), await heard(node, hostile_peer)
    spoken = await tell(node, hostile_peer, friend, content="<p>The <b>Foot</b>ball match</p><p>of the century</p>")
    other = await tell(node, hostile_peer, friend, content="<p>foot by foot</p>", summary="Spoiler: Election")
    poll = await tell(
        node, hostile_peer, friend, type="Question", content="<p>?</p>", endTime="2036-01-01T00:00:00Z",
        oneOf=[{"type": "Note", "name": "Yes, cricket", "replies": {"type": "Collection", "totalItems": 0}},
               {"type": "Note", "name": "No", "replies": {"type": "Collection", "totalItems": 0}}],
    )  # fmt: skip

    async def found() -> dict[str, list[tuple[str, tuple[str, ...], bool]]]:
        results = await node.read(filtering.matching_filters, her.id, [spoken, other, poll])
        return {iri: [(one.filter.row.title, one.keywords, one.named) for one in some] for iri, some in results.items()}

    assert await found() == {}
    words = [Word("foot", True), Word("ELECTION", False), Word("c++", True)]
    sport = await node.write(filtering.add, her, Wish("Sport", ("home", "public"), "hide", 3600, True), words)
    await node.write(filtering.add, her, Wish("Cricket", ("thread",)), [Word("cricket")])
    assert await found() == {
        other: [("Sport", ("foot", "ELECTION"), False)], poll: [("Cricket", ("cricket",), False)],
    }, "Football is another word, and markup does not part it"  # fmt: skip
    named = await node.write(filtering.add_status, her, sport, spoken)
    assert (await found())[spoken] == [("Sport", (), True)]
    whole = await node.read(filters.find, her.id, sport)
    assert [row.keyword for row in whole.keywords] == ["foot", "ELECTION", "c++"] and whole.statuses[0].id == named
    changed = [Word(number=whole.keywords[0].id, taken=True), Word("Football", number=whole.keywords[1].id)]
    await node.write(filtering.change, her, sport, Wish(), changed)
    assert (await found())[spoken] == [("Sport", ("Football",), True)]
    assert other not in await found()
    node.clock.advance(timedelta(hours=2))
    assert spoken not in await found(), "it is over"
    stranger = await viewer(node, private=False)
    with pytest.raises(Missing):
        await node.write(filtering.change, stranger, sport, Wish("x"), [])
    for wish, wrong in (
        (Wish("", ("home",)), ()), (Wish("x", ()), ()), (Wish("x", ("kitchen",)), ()), (Wish("x", ("home",), "burn"), ()),
        (Wish("x", ("home",)), [Word(" ")]), (Wish(None, ("home",)), ()), (Wish("x", ("home",)), [Word("y" * 600)]),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            await node.write(filtering.add, her, wish, wrong)
    assert len(await node.read(filters.of, her.id)) == 2, "what is wrong changes nothing"


async def test_filters_of_version_one_are_keywords_of_filters(node: ServedNode) -> None:
    her = await viewer(node)
    number = await node.write(filtering.add_v1, her, "rain", Wish("rain", ("home",)), whole_word=False)
    await node.write(filtering.change_v1, her, number, Wish(contexts=("public",), action="hide"), Word("snow"))
    (whole,) = await node.read(filters.of, her.id)
    assert (whole.row.contexts, whole.row.action, whole.keywords[0].keyword) == (["public"], "hide", "snow")
    await node.write(filtering.add_word, her, whole.row.id, Word("hail"))
    with pytest.raises(Invalid, match="several keywords"):
        await node.write(filtering.change_v1, her, number, Wish(contexts=("home",)), Word("snow"))
    await node.write(filtering.drop_v1, her, number)
    (whole,) = await node.read(filters.of, her.id)
    await node.write(filtering.drop_v1, her, whole.keywords[0].id)
    assert await node.read(filters.of, her.id) == []


async def test_places_have_versions(node: ServedNode) -> None:
    her = await viewer(node)
    await node.write(places.put, her.id, "home", 5)
    await node.write(places.put, her.id, "home", 7, version=1)
    with pytest.raises(Conflict):
        await node.write(places.put, her.id, "home", 6, version=1)
    with pytest.raises(Conflict):
        await node.write(places.put, her.id, "notifications", 6, version=3)
    row = (await node.read(places.of, her.id, ["home", "notifications"]))["home"]
    assert (row.last_read, row.version) == (7, 2)


async def test_all_of_it_can_be_taken_away_and_forgotten(node: ServedNode, hostile_peer: Peer) -> None:
    her, group = await viewer(node), await viewer(node, private=False)
    friend = await heard(node, hostile_peer)
    text = await tell(node, hostile_peer, friend)
    for one in (her, group):
        await note_everything(node, one, friend, text)
    member = (await node.steward()).id
    whole = await node.read(copying.everything, member)
    assert {one["account"] for one in whole} == {None, node.group}
    for one in whole:
        assert all(one.values()) or one["account"] is None, one
        assert one["bookmarks"] == [{"about": text}] and one["lists"][0]["accounts"] == [friend]
        assert one["filters"][0]["keywords"] == [{"keyword": "=cmd()", "whole_word": True}]
    table = copying.as_csv(whole)
    assert f",bookmarks,{text}," in table and "\n,followed_tags,lohn," in table and ",'=1+1," in table
    assert await node.read(copying.count, member) == 2 * len(copying.OF_VIEWERS) + 4
    await node.write(copying.forget, member)
    held = await node.contents()
    hers = {table.name for table in copying.OF_VIEWERS} | {"list_accounts", "filter_keywords", "filter_statuses"}
    assert {name: held[name] for name in hers} == {name: [] for name in hers}
    assert len(held["viewers"]) == 2 and held["follows"], "her accounts and what the group follows stay"


async def note_everything(node: ServedNode, her: Viewer, friend: str, text: str) -> None:
    for kind in Kind:
        await node.write(actions.mark, her, kind, text)
    await node.write(followings.put, her.id, friend, wanted=True)
    await node.write(actions.mute, her, friend)
    await node.write(accounts.hide, her.id, friend)
    await node.write(actions.hide_host, her, "bad.example")
    await node.write(actions.write_note, her, friend, "a note")
    await node.write(actions.follow_tag, her, "lohn")
    number = await node.write(actions.add_list, her, "=1+1", replies_policy="list", exclusive=False)
    await node.write(actions.enter_in_list, her, number, [friend])
    named = await node.write(filtering.add, her, Wish("words", ("home",)), [Word("=cmd()")])
    await node.write(filtering.add_status, her, named, text)
    await node.write(places.put, her.id, "home", 1)


async def test_limits_are_told_in_words(node: ServedNode, hostile_peer: Peer) -> None:
    her = await viewer(node)

    def fill(tx: Transaction) -> Any:
        for count in range(rules.TAGS_AT_MOST):
            actions.follow_tag(tx, her, f"tag{count}")
        for count in range(rules.FILTERS_AT_MOST):
            filtering.add(tx, her, Wish(f"f{count}", ("home",)), [Word("word")] if count else [])
        for _ in range(rules.KEYWORDS_AT_MOST):
            filtering.add_word(tx, her, filters.of(tx, her.id)[0].row.id, Word("word"))
        first, second, third, *_ = [one.row.id for one in filters.of(tx, her.id)]
        left = rules.KEYWORDS_IN_ALL - sum(len(one.keywords) for one in filters.of(tx, her.id))
        for _ in range(left):
            filters.add_keyword(tx, second, "word", whole_word=True)
        return first, third

    first, third = await node.write(fill)
    with pytest.raises(Invalid, match="200 already"):
        await node.write(actions.follow_tag, her, "onemore")
    await node.write(actions.follow_tag, her, "tag1")
    with pytest.raises(Invalid, match="100 already"):
        await node.write(filtering.add, her, Wish("one more", ("home",)), [])
    with pytest.raises(Invalid, match="100 already"):
        await node.write(filtering.add_word, her, first, Word("one more"))
    with pytest.raises(Invalid, match="1000 already"):
        await node.write(filtering.add_word, her, third, Word("one more"))
    assert (await node.read(actors.find, node.group)) is not None
