"""Floods: while one goes on the pages are served quickly, and when it is over it has cost no more than it may."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from federation import keys
from node import actors, objects
from node.complaints import rules as complaint_rules
from node.complaints.store import complaints
from node.context import Transaction
from node.identifiers import spell
from node.jobs import jobs
from node.statements import threads
from node.strangers import Most, Strangers
from tests.amounts import SOAKED, many
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode

pytestmark = SOAKED
TOGETHER = 40
SLOWEST_READ = 3.0  # of a loop that the senders share
MEBIBYTE = 1024 * 1024

Request = tuple[bytes, dict[str, str]]


def resident() -> int:
    """Bytes of memory that this process, with the node in it, has in use."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("this system does not say how much memory a process has in use")
    return int(statm.read_text().split()[1]) * resource.getpagesize()


@asynccontextmanager
async def reads_stay_quick(node: ServedNode, *paths: str) -> AsyncIterator[None]:
    """Read all the while, as servers and as people do; nothing fails, and no answer takes long."""
    taken: list[float] = []
    ended = asyncio.Event()

    async def read() -> None:
        while not ended.is_set() or len(taken) < 4:
            for path in ("/actor", node.group, *paths):
                began, worked = time.monotonic(), time.process_time()
                assert (await node.activity(path))[0] == 200
                assert (await node.page("/wire"))[0] == 200
                # What other programs took from this one is not the node's slowness.
                taken.append(min(time.monotonic() - began, time.process_time() - worked) / 2)
            await asyncio.sleep(0.02)

    reading = asyncio.create_task(read())
    try:
        yield
    finally:
        ended.set()
        await reading
    assert max(taken) < SLOWEST_READ, (max(taken), len(taken))


@asynccontextmanager
async def memory_grows_at_most(mebibytes: int) -> AsyncIterator[None]:
    """Look at the memory of the process all the while."""
    before = most = resident()

    async def look() -> None:
        nonlocal most
        while True:
            most = max(most, resident())
            await asyncio.sleep(0.02)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
    grown = (most - before) / MEBIBYTE
    assert grown <= mebibytes, f"it grew by {grown:.0f} MiB"


async def signed_by(peer: Peer, inbox: str, documents: Iterable[Any], **named: Any) -> list[Request]:
    """Requests made beforehand: to sign takes longer than to refuse, and would slow the flood down."""

    def sign() -> list[Request]:
        made = []
        for one in documents:
            body = one if isinstance(one, bytes) else json.dumps(one).encode()
            key_id = named.get("key_id") or f"{one['actor']}#main-key"
            made.append((body, peer.signed(inbox, body, key_id=key_id, key=named.get("key"))))
        return made

    return await asyncio.to_thread(sign)


async def pour(peer: Peer, inbox: str, requests: list[Request], *, together: int = TOGETHER) -> set[int]:
    """Send them, some at a time; the statuses."""
    turn = asyncio.Semaphore(together)

    async def one(body: bytes, headers: dict[str, str]) -> int:
        async with turn:
            return await peer.post(inbox, body, headers)

    return set(await asyncio.gather(*(one(*request) for request in requests)))


async def still_heard(node: ServedNode, peer: Peer) -> None:
    """An honest Follow has its effect."""
    follow = peer.activity("Follow", peer.actor("honest"), node.group)
    assert await peer.send(f"{node.origin}/inbox", follow, now=node.clock()) == 202, peer.last
    assert await node.fate(follow) == "done"


def count(tx: Transaction, table: Table) -> int:
    return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
def inbox(node: ServedNode) -> str:
    return f"{node.origin}/inbox"


async def test_farewells_of_unknown_accounts(node: ServedNode, hostile_peer: Peer, inbox: str) -> None:
    """Whenever a large server deletes accounts it tells everybody."""
    ghosts = [f"{hostile_peer.origin}/users/ghost{number}" for number in range(many(300))]
    deletes = [hostile_peer.activity("Delete", ghost, ghost) for ghost in ghosts]
    async with reads_stay_quick(node), memory_grows_at_most(60):
        assert await pour(hostile_peer, inbox, await signed_by(hostile_peer, inbox, deletes)) == {202}
    assert hostile_peer.fetches == 0
    assert (await node.contents())["activities"] == []
    await still_heard(node, hostile_peer)


async def test_bad_signatures(node: ServedNode, hostile_peer: Peer, inbox: str) -> None:
    other = await asyncio.to_thread(keys.make_rsa)
    known = hostile_peer.actor("known")
    node.clock.stop()  # one more is asked for every ten seconds
    follows = [
        hostile_peer.activity("Follow", f"{hostile_peer.origin}/users/u{number % 50}", node.group)
        for number in range(many(200))
    ]
    follows += [hostile_peer.activity("Follow", known, node.group) for _ in range(many(100))]
    async with reads_stay_quick(node), memory_grows_at_most(60):
        made = await signed_by(hostile_peer, inbox, follows, key=other)
        assert await pour(hostile_peer, inbox, made) <= {401, 429}
    assert hostile_peer.fetches <= 20, hostile_peer.asked
    assert (await node.contents())["activities"] == []


ROOM = 900_000
FILLINGS: dict[str, Callable[[], str]] = {
    "one text": lambda: '"' + "x" * ROOM + '"',
    "many objects": lambda: "[" + ",".join(["{}"] * (ROOM // 3)) + "]",
    "as many objects as may be": lambda: "[" + ",".join(['{"a":1}'] * 19_000) + ',"' + "x" * 700_000 + '"]',
    "many texts": lambda: "[" + ",".join(['"aa"'] * (ROOM // 5)) + "]",
}


@pytest.mark.one_database
@pytest.mark.parametrize("filling", FILLINGS)
async def test_many_bodies_of_900_kilobytes_that_are_signed(
    node: ServedNode, hostile_peer: Peer, inbox: str, filling: str
) -> None:
    """Of an actor we hear, so that nothing is refused before it has been read."""
    alice, ours = hostile_peer.actor("alice"), await node.publish()
    await node.follow(alice)
    await node.quiet()

    rest = FILLINGS[filling]()

    def bodies() -> Iterable[bytes]:
        for _ in range(many(15)):
            like = json.dumps(hostile_peer.activity("Like", alice, ours))
            yield f'{like[:-1]}, "rest": {rest}}}'.encode()

    made = await signed_by(hostile_peer, inbox, bodies(), key_id=f"{alice}#main-key")
    async with reads_stay_quick(node, ours), memory_grows_at_most(300):
        assert await pour(hostile_peer, inbox, made, together=100) <= {202, 400, 413, 429}
        await node.quiet()
    await still_heard(node, hostile_peer)


async def test_a_stranger_who_names_us_again_and_again(node: ServedNode, hostile_peer: Peer, inbox: str) -> None:
    """So much is kept for a day, on no page but its own; what is over it leaves no words behind."""
    node.node.strangers = Strangers(of_actor=Most(number=40, bytes=10**9), of_host=Most(number=70, bytes=10**9))
    spammers = [hostile_peer.actor(f"spammer{number}") for number in range(3)]
    notes = [
        hostile_peer.note(spammers[number % 3], f"<p>spam number {number}</p>", cc=[node.group])
        for number in range(many(180))
    ]
    creates = [hostile_peer.activity("Create", note["attributedTo"], note) for note in notes]
    async with reads_stay_quick(node), memory_grows_at_most(60):
        assert await pour(hostile_peer, inbox, await signed_by(hostile_peer, inbox, creates)) == {202}
        await node.quiet()
    held = [note for note in notes if await node.holds(note["id"])]
    assert 65 <= len(held) <= 70, "one that met another on its way is counted, and may not be kept"
    assert max(sum(note["attributedTo"] == one for note in held) for one in spammers) <= 40
    log = repr((await node.contents())["activities"])
    assert log.count("spam number") <= 70
    assert "spam number" not in (await node.page("/wire"))[1]
    await still_heard(node, hostile_peer)
    node.clock.advance(timedelta(days=1, minutes=1))
    tomorrow = hostile_peer.note(spammers[0], cc=[node.group])
    create = hostile_peer.activity("Create", spammers[0], tomorrow)
    assert await hostile_peer.send(inbox, create, now=node.clock()) == 202
    assert await node.fate(create) == "done"


async def test_hundreds_of_new_actors(node: ServedNode, hostile_peer: Peer, inbox: str) -> None:
    """Each is asked for once, and whoever has nothing to say to us leaves no more than that."""
    likes = [
        hostile_peer.activity("Like", hostile_peer.actor(f"new{number}"), f"{node.origin}/statements/none")
        for number in range(many(200))
    ]
    async with reads_stay_quick(node), memory_grows_at_most(60):
        assert await pour(hostile_peer, inbox, await signed_by(hostile_peer, inbox, likes)) <= {202, 429}
        await node.quiet()
    assert max(hostile_peer.asked.values()) <= 2, "nobody is asked for twice"
    assert hostile_peer.fetches <= len(likes)
    assert await node.read(count, actors.actors) <= len(likes) + 3
    assert await node.read(count, jobs) == 0
    await still_heard(node, hostile_peer)


async def test_threads_a_thousand_deep(node: ServedNode, hostile_peer: Peer, inbox: str) -> None:
    """Upwards the node climbs so far and no further; a thread that is told whole is shown, and crawled within a day's budget."""
    alice, deep = hostile_peer.actor("alice"), 1000
    await node.follow(alice)
    chain = [hostile_peer.note(alice, f"<p>storey {number}</p>") for number in range(deep)]
    for above, below in pairwise(chain):
        below["inReplyTo"] = above["id"]
    for note in chain:
        hostile_peer.served[note["id"].removeprefix(hostile_peer.origin)] = Answer(note)
    before = hostile_peer.fetches
    async with reads_stay_quick(node), memory_grows_at_most(60):
        last = hostile_peer.activity("Create", alice, chain[-1])
        assert await hostile_peer.send(inbox, last) == 202
        await node.quiet()
    assert 1 <= hostile_peer.fetches - before <= threads.PARENTS_AT_MOST + 2
    told = [hostile_peer.activity("Create", alice, note) for note in chain[: many(200)]]
    async with reads_stay_quick(node), memory_grows_at_most(80):
        assert await pour(hostile_peer, inbox, await signed_by(hostile_peer, inbox, told)) == {202}
        await node.quiet()
    for note in (chain[0], chain[-1], chain[100]):
        row = await node.read(objects.find, note["id"])
        status, html = await node.page(f"/heard/{spell(row.sort_id)}")
        assert status == 200 and len(html) < 500_000
    await still_heard(node, hostile_peer)


async def test_complaints_by_the_hundred(node: ServedNode, hostile_peer: Peer, inbox: str) -> None:
    ours = await node.publish()
    flags = [
        hostile_peer.activity("Flag", hostile_peer.actor(f"u{number % 20}"), ours, content=f"lie number {number}")
        for number in range(many(200))
    ]
    async with reads_stay_quick(node, ours), memory_grows_at_most(60):
        assert await pour(hostile_peer, inbox, await signed_by(hostile_peer, inbox, flags)) == {202}
        await node.quiet()
    assert await node.read(count, complaints) <= complaint_rules.A_DAY_OF_HOST
    assert "lie number" not in repr((await node.contents())["activities"])
    await still_heard(node, hostile_peer)


async def test_bodies_in_a_hundred_thousand_pieces_and_heads_without_end(node: ServedNode, hostile_peer: Peer) -> None:
    """Each piece is one byte, or one field: whoever sends them is answered or hung up on, and nobody else waits."""
    host, port = node.node.config.listen_address
    head = b"POST /inbox HTTP/1.1\r\nHost: x\r\nContent-Type: application/activity+json\r\n"
    floods = {
        "pieces": head + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 100_000 + b"0\r\n\r\n",
        "empty extensions": head + b"Transfer-Encoding: chunked\r\n\r\n" + (b"1;" + b"x" * 4000 + b"\r\n \r\n") * 200,
        "fields": head + b"".join(b"X-%d: y\r\n" % number for number in range(20_000)),
        "one field": head + b"X: " + b"y" * 2_000_000,
        "signatures": head + b"Signature: keyId\r\n" * 20_000 + b"\r\n",
    }

    async def send(flood: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            for start in range(0, len(flood), 16_384):
                writer.write(flood[start : start + 16_384])
                await writer.drain()
            async with asyncio.timeout(5):
                return await reader.read(200)
        except (ConnectionError, TimeoutError):
            return b""  # hung up, or still waiting for the end
        finally:
            writer.close()

    async with reads_stay_quick(node), memory_grows_at_most(100):
        answers = await asyncio.gather(*(send(flood) for flood in list(floods.values()) * many(2)))
    assert {answer[9:10] for answer in answers} <= {b"4", b""}, answers
    await still_heard(node, hostile_peer)
