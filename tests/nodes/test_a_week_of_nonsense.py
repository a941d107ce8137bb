"""A peer that sends nonsense politely for a week costs us nothing but its own rate limit.

Each day it says as much as on the first, of every kind there is, correctly signed; what it has cost by the second day,
in rows, files, memory and requests to it, is what it costs on the last.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from node import intake, pruning, unneeded
from node.context import Transaction
from node.database import metadata
from node.statements import forwarding, threads
from node.strangers import Most, Strangers
from schemas.activity import TYPES
from tests.nodes.peer import PUBLIC, Answer, Peer
from tests.nodes.served import ServedNode

DAYS = 7
PARTS_OF_A_DAY = 2


def nonsense(peer: Peer, node: ServedNode, mallory: str, ours: str, day: int) -> Iterator[dict[str, Any]]:
    """What it says at one time of the day: all of it well-formed, and none of it of any use."""
    there = f"{peer.origin}/somewhere/{peer.counter}"
    for kind in TYPES:
        if kind not in ("Follow", "Like", "Delete", "Undo", "Block"):
            yield peer.activity(kind, mallory, there, target=f"{there}/target", instrument=there, result=there)
    yield peer.activity("Create", mallory, peer.note(mallory, "<p>to nobody</p>" + "x" * 2000))
    yield peer.activity("Create", mallory, peer.note(mallory, "private", to=[node.group]), to=[node.group])
    yield peer.activity("Create", mallory, peer.note(mallory, name="Yes", content=None, inReplyTo=ours))
    yield peer.activity("Update", mallory, peer.note(mallory))
    yield peer.activity("Update", mallory, {"id": mallory, "type": "Person", "name": "x", "inbox": f"{mallory}/inbox"})
    yield peer.activity("Announce", mallory, there)
    yield peer.activity("Announce", mallory, peer.activity("Create", mallory, there))
    yield peer.activity("Like", mallory, ours)
    yield peer.activity("EmojiReact", mallory, ours, content=":x:")
    yield peer.activity("Block", mallory, node.group)
    yield peer.activity("Follow", mallory, f"{node.origin}/actor")
    yield peer.activity("Flag", mallory, f"{node.origin}/statements/none", content="lies")
    yield peer.activity("Move", mallory, mallory, target=there)
    yield peer.activity("QuoteRequest", mallory, f"{node.origin}/statements/none", instrument=there)
    yield peer.activity("Frobnicate", mallory, {"type": "Frob", "id": there, "day": day})
    passed_on = peer.note(f"{peer.origin}/users/other", inReplyTo=ours)
    yield peer.activity("Create", passed_on["attributedTo"], passed_on, signer=mallory)


async def send(peer: Peer, node: ServedNode, activity: dict[str, Any]) -> int:
    key_id = f"{activity.pop('signer', activity['actor'])}#main-key"
    offer = (
        f'collectionId="{activity["actor"]}/followers", url="{activity["actor"]}/list", digest="{peer.counter:064x}"'
    )
    headers = {"Collection-Synchronization": offer}
    return await peer.send(f"{node.origin}/inbox", activity, key_id=key_id, now=node.clock(), headers=headers)


def sizes(node: ServedNode) -> dict[str, int]:
    """How much the structures hold that live as long as the process."""
    directory, cache = node.node.directory, node.node.media_cache
    return {
        "what was asked in vain": len(directory.in_vain),
        "actors read again": len(directory._refreshed),
        "keys": len(directory._keys),
        "under way": len(directory._under_way) + len(cache._under_way),
        "handles to be asked for": len(node.node.unproven),
        "pictures that could not be had": len(cache._failed),
    }


def rows(tx: Transaction) -> dict[str, int]:
    return {table.name: len(tx.execute(table.select()).all()) for table in metadata.sorted_tables}


def files(node: ServedNode) -> int:
    return sum(len(names) for _, _, names in os.walk(node.directory))


def without_effect(tx: Transaction) -> list[bytes]:
    """What the log holds of all that nothing came of."""
    table = metadata.tables["activities"]
    came = table.select().where(table.c.direction == "in", table.c.state.in_(["ignored", "refused"]))
    return [row.document for row in tx.execute(came)]


@pytest.mark.one_database
@pytest.mark.parametrize("heard", [False, True])
async def test_a_week_of_polite_nonsense_costs_no_more_than_its_first_days(
    node: ServedNode, hostile_peer: Peer, heard: bool
) -> None:
    mallory, ours = hostile_peer.actor("mallory"), await node.publish()
    hostile_peer.served["/users/other"] = Answer(b"", status=404)
    if heard:
        await node.follow(mallory)
    found: list[dict[str, int]] = []
    asked: list[int] = []
    for day in range(DAYS):
        before = hostile_peer.fetches
        for _ in range(PARTS_OF_A_DAY):
            for activity in nonsense(hostile_peer, node, mallory, ours, day):
                if heard and activity["type"] == "Block":
                    continue  # it would end the follow, and with it what makes this worse
                assert await send(hostile_peer, node, activity) in (202, 400, 403, 429), hostile_peer.last
            await node.quiet()
            node.clock.advance(timedelta(days=1) / PARTS_OF_A_DAY)
            await pruning.prune(node.node)
            await node.quiet()
        log = await node.read(without_effect)
        assert set(log) <= {b"{}"}, "words that are nothing to us"
        found.append({"activities without effect": len(log)} | await node.read(rows) | {"files": files(node)})
        asked.append(hostile_peer.fetches - before)
    first, last = found[1], found[-1]
    lasting = {"objects", "statements", "reactions"} if heard else set()  # whom we follow we keep, boosts too
    done = {"activities", "jobs"}  # what had an effect is in the log for thirty days; a job ends within eight
    grown = {
        name: (first[name], last[name]) for name in last if last[name] > first[name] and name not in lasting | done
    }
    assert grown == {}
    assert max(sizes(node).values()) <= (sum(asked) if heard else 5), sizes(node)
    assert node.node.intake.remembered_bytes <= intake.REMEMBERED_BYTES
    assert max(asked[1:]) <= threads.STRANGERS_DAY.requests + forwarding.OF_A_STRANGER.requests, asked
    # What one day costs depends on what comes together; what grows from day to day would double in that time.
    assert sum(asked[4:]) <= 1.5 * sum(asked[1:4]), asked
    if not heard:
        assert (last["objects"], last["reactions"]) == (1, 1), "it may like our words, once"
    assert (await node.page(ours))[0] == 200
    follow = hostile_peer.activity("Follow", hostile_peer.actor("honest"), node.group)
    assert await hostile_peer.send(f"{node.origin}/inbox", follow, now=node.clock()) == 202
    assert await node.fate(follow) == "done"


NEWCOMERS = 5  # a day
LARGEST = 200_000


def accounts(tx: Transaction) -> tuple[set[str], int]:
    """The remote actors that are kept, and how many bytes their documents take on the disk."""
    table = metadata.tables["actors"]
    query = select(table.c.iri, func.length(table.c.document)).where(table.c.local.is_(False))
    known = {row[0]: row[1] or 0 for row in tx.execute(query)}
    return set(known), sum(known.values())


async def test_the_many_faces_of_one_host_are_forgotten_within_a_week(node: ServedNode, hostile_peer: Peer) -> None:
    """Whoever knocks once, as large as may be, is gone when nothing refers to her; others of her host stay."""
    named, follower, author, liking = (hostile_peer.actor(one) for one in ("named", "follower", "author", "liking"))
    ours = await node.publish(f"Ask @named@{hostile_peer.host}.")
    answer = hostile_peer.note(author, "<p>We come.</p>", inReplyTo=ours)
    for activity in (
        hostile_peer.activity("Follow", follower, node.group),
        hostile_peer.activity("Create", author, answer),
        hostile_peer.activity("Like", liking, ours),
    ):
        assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
        assert await node.fate(activity) == "done"
    staying = {named, follower, author, liking}
    kept: list[tuple[int, int]] = []
    for day in range(2 * DAYS):
        for number in range(NEWCOMERS):
            face = hostile_peer.actor(
                f"face{day}-{number}", summary=random.Random(number).randbytes(LARGEST // 2).hex()
            )
            knock = hostile_peer.activity("Like", face, f"{node.origin}/statements/none")
            assert await hostile_peer.send(f"{node.origin}/inbox", knock, now=node.clock()) == 202
        await node.quiet()
        node.clock.advance(timedelta(days=1))
        await pruning.prune(node.node)
        await unneeded.let_strangers_go(node.node)
        known, size = await node.read(accounts)
        assert staying <= known
        kept.append((len(known - staying), size))
    a_week = NEWCOMERS * DAYS
    assert max(rows for rows, _ in kept) <= a_week
    assert len({rows for rows, _ in kept[DAYS:]}) == 1, "the second week costs nothing"
    assert max(size for _, size in kept) <= a_week * LARGEST
    node.clock.advance(timedelta(days=DAYS + 1))
    await pruning.prune(node.node)
    await unneeded.let_strangers_go(node.node)
    assert (await node.read(accounts))[0] == staying
    held = {row[1] for row in (await node.contents())["actor_keys"]}
    assert held == staying, "and their keys with them"


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("most", [Most(number=5, bytes=10**9), Most(number=10**9, bytes=5 * LARGEST)])
async def test_a_host_brings_so_many_new_accounts_in_a_day(node: ServedNode, hostile_peer: Peer, most: Most) -> None:
    """The others are told to come again, and nobody is asked who they are; those who are known are not held up."""
    node.node.strangers = Strangers(newcomers=most)
    inbox, follower = f"{node.origin}/inbox", hostile_peer.actor("follower")
    assert await hostile_peer.send(inbox, hostile_peer.activity("Follow", follower, node.group)) == 202
    faces = [hostile_peer.actor(f"face{number}", summary="x" * LARGEST) for number in range(10)]
    knocks = [hostile_peer.activity("Follow", face, node.group) for face in faces]
    statuses = [await hostile_peer.send(inbox, knock) for knock in knocks]
    came = statuses.index(429)
    assert came in (4, 5)
    assert statuses == [202] * came + [429] * (10 - came)
    assert not any(hostile_peer.asked[f"/users/face{number}"] for number in range(came, 10))
    assert await hostile_peer.send(inbox, hostile_peer.activity("Like", follower, await node.publish())) == 202
    node.clock.advance(timedelta(days=1, minutes=1))
    assert await hostile_peer.send(inbox, knocks[9], now=node.clock()) == 202
    assert await node.fate(knocks[9]) == "done"


async def test_a_poll_cannot_be_stuffed_and_no_count_of_others_is_believed(
    node: ServedNode, hostile_peer: Peer
) -> None:
    """Counts that a stranger writes beside our words or her own are not ours: we count what we have heard ourselves."""
    alice, ours = hostile_peer.actor("alice"), await node.publish()
    await node.follow(alice)
    many = {"type": "Collection", "totalItems": 10**6}
    forged = {"likes": many, "shares": many, "replies": many, "votersCount": 10**6}
    poll = hostile_peer.note(
        alice,
        "<p>which day?</p>",
        type="Question",
        oneOf=[{"type": "Note", "name": "Monday", "replies": many}],
        **forged,
    )
    answer = hostile_peer.note(alice, "<p>an answer</p>", inReplyTo=ours, **forged)
    for said in (poll, answer):
        assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", alice, said)) == 202
    voters = [hostile_peer.actor(f"voter{number}") for number in range(20)]
    for number in range(60):
        voter = voters[number % 20]
        for subject in (poll["id"], ours):
            vote = hostile_peer.note(voter, name="Monday", content=None, inReplyTo=subject, to=[node.group])
            vote |= {"to": [PUBLIC]} if number % 2 else {}
            del vote["content"]
            activity = hostile_peer.activity("Create", voter, vote)
            assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
            assert not await node.holds(vote["id"])
    for _ in range(60):
        like = hostile_peer.activity("Like", voters[0], ours, likes=many)
        assert await hostile_peer.send(f"{node.origin}/inbox", like) == 202
    await node.quiet()
    _, likes = await node.activity(f"{ours}/likes")
    _, replies = await node.activity(f"{ours}/replies")
    assert (likes["totalItems"], replies["totalItems"]) == (1, 1)


async def test_what_was_said_to_one_is_read_by_nobody(node: ServedNode, hostile_peer: Peer) -> None:
    """Private words, in whatever envelope they came, stand at no address of ours: not for the asker, not for servers."""
    alice, secret = hostile_peer.actor("alice"), "behind-the-depot-at-six"
    await node.follow(alice)
    ours = await node.publish()
    for envelope in ([PUBLIC], [node.group]):
        for fields in ({}, {"inReplyTo": ours}, {"type": "Question", "oneOf": [{"type": "Note", "name": secret}]}):
            note = hostile_peer.note(alice, f"<p>{secret}</p>", name=secret, to=[node.group], **fields)
            activity = hostile_peer.activity("Create", alice, note, to=envelope, content=secret, summary=secret)
            assert await hostile_peer.send(f"{node.origin}/inbox", activity) == 202
            assert await node.fate(activity) in ("ignored", "refused")
    flag = hostile_peer.activity("Flag", alice, ours, content=secret, to=[node.group])
    assert await hostile_peer.send(f"{node.origin}/inbox", flag) == 202
    await node.quiet()
    for path in ("/", "/wire", "/wire.atom", ours, f"{ours}/replies", f"{node.group}/outbox?page=true", "/about"):
        url = path if "://" in path else node.origin + path
        for accept in ("text/html", "application/activity+json"):
            async with node.http.get(url, headers={"Accept": accept}) as response:
                assert secret not in await response.text(), path
