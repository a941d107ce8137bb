"""The two doors to the database, and what they promise, on both databases."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from federation.errors import Refused
from node import app, config
from node.context import Transaction
from node.database import read_committed
from node.errors import Conflict
from node.members import store as members
from node.peering import policies
from node.peering.rules import Severity
from tests.nodes.served import PATIENCE, ServedNode

AT_ONCE = 80


def write(tx: Transaction, subject: str, reason: str) -> None:
    """One row of the kind that few others write."""
    plain = {"is_actor": False, "no_media": False, "subdomains": True, "source": None, "since": tx.now}
    policies.put(tx, {"subject": subject, "severity": Severity.REJECT.value, "reason": reason, **plain})


def count_up(tx: Transaction) -> int:
    """Read, then write what was read and one more: the shape of every counting of ballots."""
    found = tx.execute(text("SELECT reason FROM policies WHERE subject = 'counter'")).scalar_one()
    tx.execute(text("UPDATE policies SET reason = :next WHERE subject = 'counter'"), {"next": str(int(found) + 1)})
    return int(found) + 1


def begin(tx: Transaction) -> None:
    write(tx, "counter", "0")


def counted(tx: Transaction) -> int:
    return int(tx.execute(text("SELECT reason FROM policies WHERE subject = 'counter'")).scalar_one())


async def test_eighty_increments_at_once_are_eighty(node: ServedNode) -> None:
    await node.write(begin)
    answers = await asyncio.gather(*(node.write(count_up) for _ in range(AT_ONCE)))
    assert await node.read(counted) == AT_ONCE
    assert sorted(answers) == list(range(1, AT_ONCE + 1))


async def test_two_processes_lose_no_increment_between_them(node: ServedNode) -> None:
    """The command line writes to the database of a running node."""
    await node.write(begin)
    settings = await asyncio.to_thread(config.load, node.directory)
    other = await asyncio.to_thread(app.build, settings)
    try:
        both = [node.write(count_up) for _ in range(20)] + [other.database.write(count_up) for _ in range(20)]
        await asyncio.gather(*both)
    finally:
        await asyncio.to_thread(other.database.close)
    assert await node.read(counted) == 40


class Unlucky(Exception):
    """Raised in the middle of a transaction."""


async def test_a_function_that_fails_changes_nothing(node: ServedNode) -> None:
    before = await node.contents()
    rung: list[str] = []

    def fails(tx: Transaction, error: Exception) -> None:
        write(tx, "peer.example", "why")
        members.add(tx, "somebody", "hash")
        tx.after_commit(lambda: rung.append("committed"))
        raise error

    for error in (Unlucky("no"), Refused("no"), KeyError("no")):
        with pytest.raises(type(error)):
            await node.write(fails, error)
    assert await node.contents() == before
    assert rung == []


async def test_a_broken_constraint_changes_nothing(node: ServedNode) -> None:
    before = await node.contents()

    def twice(tx: Transaction) -> None:
        write(tx, "peer.example", "why")
        members.add(tx, "steward", "what-is-secret")

    with pytest.raises(DBAPIError) as caught:
        await node.write(twice)
    assert "what-is-secret" not in str(caught.value), "an error must not carry what was written into the log"
    assert await node.contents() == before


async def test_what_is_to_be_done_after_the_commit_finds_it_committed(node: ServedNode) -> None:
    seen: list[int] = []
    other = threading.Event()

    def change(tx: Transaction) -> None:
        begin(tx)
        tx.after_commit(lambda: seen.append(node.node.database._run_read(counted)))
        tx.after_commit(other.set)

    await node.write(change)
    assert seen == [0]
    assert other.is_set()


async def test_a_transaction_that_is_tried_again_is_done_once(node: ServedNode) -> None:
    """On PostgreSQL many of these meet and are run again; what they do after the commit, they do once."""
    await node.write(begin)
    done: list[int] = []

    def change(tx: Transaction, number: int) -> None:
        count_up(tx)
        tx.after_commit(lambda: done.append(number))

    await asyncio.gather(*(node.write(change, number) for number in range(30)))
    assert sorted(done) == list(range(30))
    assert await node.read(counted) == 30


async def test_a_reading_function_sees_one_moment(node: ServedNode) -> None:
    await node.write(begin)
    halfway, go_on = threading.Event(), threading.Event()

    def look_twice(tx: Transaction) -> tuple[int, int]:
        first = counted(tx)
        halfway.set()
        go_on.wait(PATIENCE)
        return first, counted(tx)

    looking = asyncio.create_task(node.read(look_twice))
    await asyncio.to_thread(halfway.wait, PATIENCE)
    await node.write(count_up)
    go_on.set()
    assert await looking == (0, 0)
    assert await node.read(counted) == 1


async def test_a_reading_function_cannot_write(node: ServedNode) -> None:
    before = await node.contents()
    with pytest.raises(DBAPIError):
        await node.read(begin)
    assert await node.contents() == before


async def test_readers_do_not_wait_for_a_writer(node: ServedNode) -> None:
    await node.write(begin)
    inside, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        count_up(tx)
        inside.set()
        go_on.wait(PATIENCE)

    writing = asyncio.create_task(node.write(slow))
    await asyncio.to_thread(inside.wait, PATIENCE)
    async with asyncio.timeout(PATIENCE / 2):
        assert await node.read(counted) == 0
    go_on.set()
    await writing
    assert await node.read(counted) == 1


async def test_emptying_the_log_of_changes_makes_nobody_wait(node: ServedNode) -> None:
    await node.write(begin)
    inside, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> int:
        found = counted(tx)
        inside.set()
        go_on.wait(PATIENCE)
        return found

    reading = asyncio.create_task(node.read(slow))
    await asyncio.to_thread(inside.wait, PATIENCE)
    await node.write(count_up)
    async with asyncio.timeout(PATIENCE / 2):
        if node.node.database.is_sqlite:
            await node.node.database.empty_log()
        await node.write(count_up)
    go_on.set()
    assert await reading == 0
    assert await node.read(counted) == 2


async def test_one_moment_and_rising_ids_in_a_transaction(node: ServedNode) -> None:
    def look(tx: Transaction) -> tuple[Any, list[int]]:
        return tx.now, [tx.new_id() for _ in range(1000)]

    moment, ids = await node.write(look)
    assert ids == list(range(ids[0], ids[0] + 1000))
    assert abs((node.clock() - moment).total_seconds()) < 5
    assert all(0 < one < 2**63 for one in ids)


async def test_a_function_marked_so_runs_read_committed_and_no_other(node: ServedNode) -> None:
    def level(tx: Transaction) -> str:
        if tx.connection.dialect.name == "sqlite":
            return "serializable"
        return str(tx.execute(text("SHOW transaction_isolation")).scalar_one())

    @read_committed
    def claiming(tx: Transaction) -> str:
        return level(tx)

    assert await node.write(level) == "serializable"
    assert await node.write(claiming) in ("read committed", "serializable")
    assert await node.write(level) == "serializable"


async def test_sqlite_keeps_what_it_has_said_it_kept_and_forgets_what_it_was_told_to(node: ServedNode) -> None:
    def pragmas(tx: Transaction) -> dict[str, Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return {name: tx.execute(text(f"PRAGMA {name}")).scalar_one() for name in names}

    if node.node.database.is_sqlite:
        found = await node.write(pragmas)
        assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    else:
        assert (await node.write(lambda tx: tx.execute(text("SHOW fsync")).scalar_one())) in ("on", "off")


async def test_what_is_written_together_shares_a_commit_and_no_mistake(node: ServedNode) -> None:
    commits: list[str] = []

    def enter(tx: Transaction, host: str) -> str:
        tx.after_commit(lambda: commits.append(host))
        write(tx, host, "spam")
        if host == "bad.example":
            raise Conflict("not this one")
        return host

    database = node.node.database
    good = [f"host{number}.example" for number in range(5)]
    assert await asyncio.gather(*(database.write_together(enter, host) for host in good)) == good
    mixed = await asyncio.gather(
        *(database.write_together(enter, host) for host in ("a.example", "bad.example", "b.example")),
        return_exceptions=True,
    )
    assert [str(one) for one in mixed] == ["a.example", "not this one", "b.example"]
    held = {row.subject for row in await node.read(policies.listed)}
    assert held == {*good, "a.example", "b.example"}
    assert sorted(commits) == sorted(held)


async def test_one_who_stops_waiting_takes_nothing_from_the_others(node: ServedNode) -> None:
    database = node.node.database
    tasks = [
        asyncio.create_task(database.write_together(write, f"host{number}.example", "spam")) for number in range(4)
    ]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(await node.read(policies.listed)) >= 3
