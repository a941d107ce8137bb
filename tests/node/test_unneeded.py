"""Letting go of what nobody here needs: what is followed, answered, pinned, quoted or a report stays, whatever its age."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from node import activities, actors, hosts, objects, pruning, unneeded
from node.context import Transaction
from node.database import metadata
from node.hosts import Failure
from node.jobs import Promise, promise
from node.peering import actions as peering
from node.peering import store as follows
from node.peering.rules import Follow
from node.reports import transcriptions
from node.statements import correcting, pins, store
from tests.media.conftest import PictureServer, look, pictures
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually

__all__ = ["pictures"]
MONTHS = timedelta(days=100)
QUARTER = timedelta(days=90)


async def tell(node: ServedNode, peer: Peer, actor: str, **fields: Any) -> str:
    """A public note of somebody, heard because it names the group; its id."""
    note = peer.note(actor, **({"cc": [node.group]} | fields))
    assert await peer.send(f"{node.origin}/inbox", peer.activity("Create", actor, note), now=node.clock()) == 202
    await node.quiet()
    assert await node.holds(note["id"]), await node.fate({"id": note["id"], "actor": actor})
    return str(note["id"])


def let_follow(tx: Transaction, group: str, actor: str, state: Follow) -> None:
    follows.put(tx, follower=group, followed=actor, activity=f"{actor}#f", state=state)


def known(tx: Transaction) -> set[str]:
    return set(tx.execute(select(actors.actors.c.iri).where(actors.actors.c.local.is_(False))).scalars())


async def test_words_of_strangers_and_their_accounts_go_when_they_are_old(node: ServedNode, hostile_peer: Peer) -> None:
    stranger = hostile_peer.actor("stranger")
    iri = await tell(node, hostile_peer, stranger)
    assert (await unneeded.sweep(node.node, older_than=QUARTER)).objects == 0, "it has come just now"
    node.clock.advance(MONTHS)
    counted = await unneeded.sweep(node.node, older_than=QUARTER, dry=True)
    assert (counted.objects, counted.activities) == (1, 1)
    assert counted.object_bytes > 100
    assert await node.holds(iri), "a dry run changes nothing"
    swept = await unneeded.sweep(node.node, older_than=QUARTER)
    assert (swept.objects, swept.object_bytes) == (counted.objects, counted.object_bytes)
    assert await node.read(objects.find, iri) is None, "no tombstone: it may come again"
    assert await node.read(store.shown, [iri]) == {}
    await unneeded.sweep(node.node, older_than=QUARTER)
    assert stranger not in await node.read(known), "when her words and what she sent are gone, so is she"
    assert await node.read(actors.key, f"{stranger}#main-key") is None
    again = await unneeded.sweep(node.node, older_than=QUARTER)
    assert (again.objects, again.actors, again.activities) == (0, 0, 0)


async def test_what_is_followed_stays_and_goes_when_it_no_longer_is(node: ServedNode, hostile_peer: Peer) -> None:
    friend = hostile_peer.actor("friend")
    await node.node.directory.actor(friend)
    await node.write(let_follow, node.group, friend, Follow.ACCEPTED)
    iri = await tell(node, hostile_peer, friend)
    node.clock.advance(timedelta(days=5000))
    assert (await unneeded.sweep(node.node, older_than=QUARTER)).objects == 0
    await node.write(let_follow, node.group, friend, Follow.ENDED)
    assert (await unneeded.sweep(node.node, older_than=QUARTER)).objects == 1
    assert not await node.holds(iri)


async def test_what_hangs_together_with_us_stays(node: ServedNode, hostile_peer: Peer) -> None:
    stranger, friend = hostile_peer.actor("stranger"), hostile_peer.actor("friend")
    for one in (stranger, friend):
        await node.node.directory.actor(one)
    await node.write(let_follow, node.group, friend, Follow.ACCEPTED)
    ours = await node.publish("Who comes on Monday?")
    await node.quiet()
    answer = await tell(node, hostile_peer, stranger, inReplyTo=ours)
    below = await tell(node, hostile_peer, stranger, inReplyTo=answer)
    answered = await tell(node, hostile_peer, stranger)
    await node.publish("We do.", reply_to=answered)
    friendly = await tell(node, hostile_peer, stranger)
    await tell(node, hostile_peer, friend, inReplyTo=friendly)
    pinned, boosted, liked = [await tell(node, hostile_peer, stranger) for _ in range(3)]
    steward = await node.steward()
    await node.write(pins.add, node.group, pinned)
    boost = hostile_peer.activity("Announce", friend, boosted)
    assert await hostile_peer.send(f"{node.origin}/inbox", boost) == 202
    quoted = await tell(node, hostile_peer, stranger)
    await tell(node, hostile_peer, friend, quote=quoted, quoteUri=quoted)
    assert steward
    await node.quiet()
    node.clock.advance(MONTHS)
    swept = await unneeded.sweep(node.node, older_than=QUARTER)
    for iri in (answer, below, answered, friendly, pinned, boosted, quoted):
        assert await node.holds(iri), iri
    assert not await node.holds(liked), "nobody here has liked it"
    assert swept.objects == 1


async def test_a_thread_goes_when_nothing_new_has_come_into_it(node: ServedNode, hostile_peer: Peer) -> None:
    stranger = hostile_peer.actor("stranger")
    root = await tell(node, hostile_peer, stranger)
    node.clock.advance(timedelta(days=60))
    answer = await tell(node, hostile_peer, stranger, inReplyTo=root)
    node.clock.advance(timedelta(days=60))
    assert (await unneeded.sweep(node.node, older_than=QUARTER)).objects == 0, "the answer came 60 days ago"
    node.clock.advance(timedelta(days=60))
    assert (await unneeded.sweep(node.node, older_than=QUARTER)).objects == 2
    assert not await node.holds(root) and not await node.holds(answer)


async def test_tombstones_and_those_who_left_stay(node: ServedNode, hostile_peer: Peer) -> None:
    stranger, leaver = hostile_peer.actor("stranger"), hostile_peer.actor("leaver")
    deleted = await tell(node, hostile_peer, stranger)
    await tell(node, hostile_peer, leaver)
    inbox = f"{node.origin}/inbox"
    for sender, target in ((stranger, deleted), (leaver, leaver)):
        assert await hostile_peer.send(inbox, hostile_peer.activity("Delete", sender, target)) == 202
    await node.quiet()
    node.clock.advance(MONTHS)
    for _ in range(3):
        await unneeded.sweep(node.node, older_than=QUARTER)
    assert (await node.read(objects.find, deleted)).deleted is not None
    assert (await node.read(actors.find, leaver)).gone is not None


async def test_accounts_go_by_themselves_unless_something_of_ours_is_addressed_to_them(
    node: ServedNode, hostile_peer: Peer
) -> None:
    """What is said of a text later has to reach whom it names: the Delete above all."""
    iris = {name: hostile_peer.actor(name) for name in ("named", "once", "follower", "answered", "left")}
    ours = await node.publish(f"Ask @named@{hostile_peer.host}.")
    for name in ("once", "answered", "left"):
        await node.node.directory.actor(iris[name])
    await node.publish("We do.", reply_to=await tell(node, hostile_peer, iris["answered"]))
    follow = hostile_peer.activity("Follow", iris["follower"], node.group)
    leave = hostile_peer.activity("Delete", iris["left"], iris["left"])
    for activity in (follow, leave):
        assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
        assert await node.fate(activity) == "done"
    node.clock.advance(timedelta(days=6))
    assert await unneeded.let_strangers_go(node.node) == 0
    node.clock.advance(timedelta(days=2))
    assert await unneeded.let_strangers_go(node.node) == 1
    assert await node.read(known) == {iris[name] for name in ("named", "follower", "answered", "left")}
    node.clock.advance(timedelta(days=30))
    await pruning.prune(node.node)
    assert await unneeded.let_strangers_go(node.node) == 1, "who left, and had said nothing"
    assert await node.read(known) == {iris[name] for name in ("named", "follower", "answered")}
    await node.write(correcting.delete, ours, reason="mistake", member=await node.steward())
    await node.quiet()
    deletes = {path: one["object"]["id"] for path, one in hostile_peer.taken if one["type"] == "Delete"}
    assert deletes == {"/users/named/inbox": ours, "/users/follower/inbox": ours}


async def test_how_a_host_took_deliveries_is_forgotten_with_its_last_account(
    node: ServedNode, hostile_peer: Peer
) -> None:
    stranger = hostile_peer.actor("stranger")
    await node.node.directory.actor(stranger)
    failed = {name: Failure("silence") for name in (hostile_peer.host, "nobody.example", "waited.example")}
    await node.write(hosts.note, answered=(), failed=failed)
    one = Promise("deliver", {"activity": "x", "actor": node.group, "inbox": "x"}, lane="waited.example")
    await node.write(promise, one, due=node.clock() + timedelta(days=900))

    async def left_after(days: int) -> set[str]:
        node.clock.advance(timedelta(days=days))
        await unneeded.let_strangers_go(node.node)
        return {row.host for row in await node.read(hosts.not_well)}

    assert await left_after(6) == set(failed)
    await node.write(actors.mark_addressed, [stranger])
    assert await left_after(2) == {hostile_peer.host, "waited.example"}
    await node.write(become_unreachable, hostile_peer.host)
    assert await left_after(300) == {hostile_peer.host, "waited.example"}
    assert await left_after(100) == {"waited.example"}


def become_unreachable(tx: Transaction, host: str) -> None:
    tx.execute(hosts.hosts.update().where(hosts.hosts.c.host == host).values(unreachable_since=tx.now))


async def test_reports_stay_whoever_made_them(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    from tests.nodes.test_two_nodes_talk import import_table

    publisher, follower = two_nodes
    collection = await import_table(publisher)

    async def fetched() -> bool:
        row = await follower.read(transcriptions.find_import, collection)
        return row is not None and row.state == "complete"

    await eventually(fetched)
    held = await follower.read(transcriptions.count_in_import, collection)
    assert held > 0
    await follower.write(peering.unfollow, publisher.group, actor=follower.group, member=await follower.steward())
    follower.clock.advance(MONTHS)
    await unneeded.sweep(follower.node, older_than=QUARTER)
    assert await follower.read(transcriptions.count_in_import, collection) == held
    assert publisher.group in await follower.read(known)


async def test_pictures_of_what_goes_go_too(node: ServedNode, hostile_peer: Peer, pictures: PictureServer) -> None:
    from tests.media.conftest import picture
    from tests.media.test_pictures_of_others import files

    url = pictures.put("/p", picture())
    attached = [{"type": "Image", "mediaType": "image/jpeg", "url": url}]
    await tell(node, hostile_peer, hostile_peer.actor("stranger"), attachment=attached)
    node.clock.advance(MONTHS)
    assert (await look(node, url)).status == 200
    assert len(files(node)) == 1
    await unneeded.sweep(node.node, older_than=QUARTER)
    assert files(node) == []


async def test_what_becomes_needed_while_we_look_is_not_lost(node: ServedNode, hostile_peer: Peer) -> None:
    stranger = hostile_peer.actor("stranger")
    iris = [await tell(node, hostile_peer, stranger) for _ in range(3)]
    node.clock.advance(MONTHS)
    since = node.clock() - QUARTER
    page = await node.read(unneeded._objects_page, since, None)
    assert set(page.unneeded) == set(iris)
    await node.write(pins.add, node.group, iris[1])
    gone, _ = await node.write(unneeded._let_objects_go, list(page.unneeded), since)
    assert gone == 2
    assert await node.holds(iris[1])


async def test_a_node_lets_go_by_itself_only_where_it_is_set(serve: Callable[..., Any], hostile_peer: Peer) -> None:
    node: ServedNode = await serve(0, settings={"limits.unneeded_days": 90})
    iri = await tell(node, hostile_peer, hostile_peer.actor("stranger"))
    node.clock.advance(MONTHS)
    loop = asyncio.create_task(unneeded.run(node.node, first_after=0))

    async def let_go() -> bool:
        return not await node.holds(iri)

    await eventually(let_go)
    loop.cancel()


def test_whoever_is_named_in_any_table_is_needed() -> None:
    names = {"actor", "author", "follower", "followed", "quoter", "old", "new", "signatory"}
    ours = {
        "actor_keys",
        "drafts",
        "former_keys",
        "decisions",
        "invitations",
        "mandates",
        "merge_dismissals",
        "office_acts",
        "peering_choices",
        "pins",
        "poll_votes",
        "publications",
        "role_changes",
        "rules",
        "uploaded_tables",
        "viewers",
    }
    named = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in names and table.name not in ours
    }
    assert named == {f"{column.table.name}.{column.name}" for column in unneeded.REFERRING}


async def prune(directory: Path, *words: str) -> dict[str, Any]:
    said = await commonwire("prune", directory, "--json", *words)
    assert said.status == 0, said.err
    assert "looking" in said.err or "pruning" in said.err, "there is a progress bar"
    return dict(json.loads(said.out))


def grow_old(tx: Transaction, by: timedelta) -> None:
    """A command has the real clock: make everything older instead."""
    for table, column in ((objects.objects, "heard"), (actors.actors, "seen"), (activities.activities, "at")):
        for row in tx.execute(select(table)).all():
            key = next(iter(table.primary_key))
            moved = {column: getattr(row, column) - by}
            tx.execute(table.update().where(key == getattr(row, key.name)).values(**moved))


async def test_the_command_counts_then_lets_go_while_the_node_runs(node: ServedNode, hostile_peer: Peer) -> None:
    strangers = [hostile_peer.actor(f"stranger{number}") for number in range(5)]
    for actor in strangers:
        await tell(node, hostile_peer, actor, content=f"<p>{'word ' * 2000}</p>")
    await node.write(grow_old, MONTHS)
    counted = await prune(node.directory, "--dry-run")
    assert (counted["objects"], counted["dry_run"], counted["older_than_days"]) == (5, True, 90)
    assert (await prune(node.directory, "--dry-run", "--older-than", "200"))["objects"] == 0
    gone = await prune(node.directory, "--vacuum")
    assert gone["objects"] == 5
    assert gone["bytes"] >= counted["bytes"]
    assert (await prune(node.directory))["accounts"] == 5
    assert (await prune(node.directory))["objects"] == 0
    assert (await node.page("/"))[0] == 200
    await tell(node, hostile_peer, strangers[0])


@pytest.mark.parametrize("words", [("--older-than", "0"), ("--older-than", "-3"), ("--older-than", "x"), ("a", "b")])
async def test_what_is_not_understood_changes_nothing(node: ServedNode, words: tuple[str, ...]) -> None:
    assert (await commonwire("prune", node.directory, *words)).status == 2
