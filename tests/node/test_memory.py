"""What is remembered is what the database would answer."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import exists, select, text, update

from node import actors, app, config, objects
from node.activities import activities
from node.context import Transaction
from node.memory import BYTES_TOGETHER, EVERYTHING, Memory, tables_of
from node.peering.governing import enact
from node.peering.policies import listed, policies
from node.peering.rules import Severity
from node.peering.store import follows
from tests.nodes.served import ServedNode, eventually

ASKED: Counter[str] = Counter()
HELD = threading.Event()
BEGUN = threading.Event()


@pytest.fixture(autouse=True)
def _nobody_has_asked() -> None:
    ASKED.clear()


def suspended(tx: Transaction, who_asks: str) -> int:
    ASKED[who_asks] += 1
    return len(listed(tx))


def slowly_suspended(tx: Transaction) -> int:
    found = len(listed(tx))
    BEGUN.set()
    HELD.wait(5)
    return found


def rename(tx: Transaction) -> None:
    tx.execute(update(actors.local_actors).values(name="Another name"))


async def test_the_database_is_asked_again_when_what_was_read_has_changed_and_only_then(node: ServedNode) -> None:
    ask = node.node.database.remembered
    node.node.database.memory.trusted_for = timedelta(hours=1)  # however slow the machine is
    assert [await ask(suspended, "one") for _ in range(3)] == [0, 0, 0]
    await node.write(rename)
    assert (await ask(suspended, "one"), ASKED["one"]) == (0, 1)
    await node.write(enact, "bad.example", Severity.REJECT, "spam")
    assert [await ask(suspended, "one") for _ in range(3)] == [1, 1, 1]
    assert ASKED["one"] == 2


async def test_an_answer_ages(node: ServedNode) -> None:
    for _ in range(2):
        await node.node.database.remembered(suspended, "two")
        node.clock.advance(timedelta(minutes=2))
    assert ASKED["two"] == 2


async def test_nobody_is_told_what_was_true_before_a_commit_that_came_before_the_question(node: ServedNode) -> None:
    HELD.clear()
    BEGUN.clear()
    before = asyncio.create_task(node.node.database.remembered(slowly_suspended))
    while not BEGUN.is_set():
        await asyncio.sleep(0.01)
    await node.write(enact, "worse.example", Severity.REJECT, "spam")
    after = asyncio.create_task(node.node.database.remembered(slowly_suspended))
    await asyncio.sleep(0.05)
    HELD.set()
    assert (await before, await after) == (0, 1)
    assert await node.node.database.remembered(slowly_suspended) == 1


async def test_those_who_ask_together_share_one_answer(node: ServedNode) -> None:
    node.node.database.memory.trusted_for = timedelta(hours=1)
    await asyncio.gather(*(node.node.database.remembered(suspended, "three") for _ in range(20)))
    assert ASKED["three"] == 1


async def test_what_another_process_changes_is_noticed(node: ServedNode) -> None:
    await node.node.database.remembered(suspended, "four")
    other = await asyncio.to_thread(lambda: app.build(config.load(node.directory)))
    await other.database.write(enact, "far.example", Severity.REJECT, "spam")

    async def noticed() -> bool:
        return await node.node.database.remembered(suspended, "four") == 1

    await eventually(noticed)
    await asyncio.to_thread(other.database.close)


async def test_a_profile_that_is_changed_is_served_changed_at_once(node: ServedNode) -> None:
    names = []
    for _ in range(2):
        status, document = await node.activity(node.group)
        page = (await node.page(node.group))[1]
        names.append((status, document["name"], "Another name" in page))
        await node.write(rename)
    assert names == [(200, "Transport Workers", False), (200, "Another name", True)]


def test_the_tables_of_a_statement_are_all_it_reads() -> None:
    table = objects.objects
    inner = select(follows.c.follower).where(follows.c.followed == actors.actors.c.iri)
    cases: list[tuple[Any, set[str]]] = [
        (select(table.c.iri), {"objects"}),
        (select(table).join(activities, activities.c.object == table.c.iri), {"objects", "activities"}),
        (select(table).where(table.c.author.in_(select(policies.c.subject))), {"objects", "policies"}),
        (select(table).where(exists().where(follows.c.follower == table.c.author)), {"objects", "follows"}),
        (select(table.c.iri, inner.scalar_subquery()), {"objects", "follows", "actors"}),
        (update(table).where(table.c.iri == "x").values(listed=False), {"objects"}),
        (text("DELETE FROM objects"), {EVERYTHING}),
        (text("NOTIFY commonwire"), set()),
    ]
    for statement, expected in cases:
        assert tables_of(statement) >= expected, str(statement)
        assert expected or not tables_of(statement)


def test_what_is_remembered_has_its_bounds() -> None:
    class Page:
        def __init__(self, size: int) -> None:
            self.body = b"x" * size

    memory, now = Memory(trusted_for=timedelta(minutes=1)), datetime.now(UTC)
    for number in range(1000):
        memory.keep(number, Page(50_000), tables=["objects"], since=0, at=now)
    memory.keep("huge", Page(100_000), tables=["objects"], since=0, at=now)
    held = [number for number in range(1000) if memory.find(number, now=now)]
    assert held == list(range(1000 - len(held), 1000))
    assert 0 < len(held) * 50_000 <= BYTES_TOGETHER
    assert memory.find("huge", now=now) is None
