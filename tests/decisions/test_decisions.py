"""How a group comes to act: one effect for one decision, a tally that stays, ballots that do not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from node.context import Transaction
from node.decisions import actions, rules, store
from node.decisions.rules import Choice, Rule, State, Tally
from node.errors import Conflict, Forbidden, Missing
from node.members import store as members
from node.members.store import Member
from tests.nodes.served import ServedNode

TWO = Rule("two members", approvals=2)
THREE = Rule("three members", approvals=3)

Done = list[str]


@pytest.fixture
def done(node: ServedNode) -> Iterator[Done]:
    """What the effect `strike` has done, each time once its transaction was committed."""
    found: Done = []

    def strike(tx: Transaction, subject: str) -> None:
        tx.after_commit(lambda: found.append(subject))

    effects: Any = node.node.rooms.effects
    effects["strike"] = strike
    yield found
    del effects["strike"]


async def electorate(node: ServedNode, count: int, role: str = "editor") -> list[Member]:
    """Members with a mandate; nobody here logs in, so that no password has to be made."""

    def enter(tx: Transaction) -> list[Member]:
        entered = []
        for number in range(count):
            member = members.add(tx, f"member{number}", "no password")
            members.add_mandate(tx, member, node.group, role, None)
            entered.append(Member(member, f"member{number}"))
        return entered

    people: list[Member] = await node.write(enter)
    return people


async def propose(node: ServedNode, member: Member, rule: Rule = rules.ONE_MEMBER, subject: str = "the depot") -> State:
    state: State = await node.write(
        actions.propose, "strike", subject, actor=node.group, member=member, act="publish", rule=rule
    )
    return state


async def cast(node: ServedNode, member: Member, choice: Choice = Choice.FOR, decision: int = 1) -> State:
    state: State = await node.write(actions.cast, decision, member=member, choice=choice, act="publish")
    return state


async def test_with_the_rule_of_one_a_proposal_is_adopted_at_once(node: ServedNode, done: Done) -> None:
    assert await propose(node, await node.steward()) is State.ADOPTED
    assert done == ["the depot"]
    row = await node.read(store.find, 1)
    assert row.tally == Tally(in_favour=1).as_json()
    assert row.closed is not None


async def test_the_tally_stays_and_the_ballots_go(node: ServedNode, done: Done) -> None:
    people = await electorate(node, 4)
    assert await propose(node, people[0], THREE) is State.OPEN
    assert await cast(node, people[1], Choice.AGAINST) is State.OPEN
    contents = await node.contents()
    assert len(contents["ballots"]) == len(contents["electorate"]) == 2
    assert await cast(node, people[2]) is State.OPEN
    assert done == []
    assert await cast(node, people[3]) is State.ADOPTED
    assert done == ["the depot"]
    contents = await node.contents()
    assert [contents["ballots"], contents["electorate"]] == [[], []]
    assert (await node.read(store.find, 1)).tally == Tally(in_favour=3, against=1).as_json()


async def test_a_ballot_says_neither_who_nor_when(node: ServedNode, done: Done) -> None:
    people = await electorate(node, 6)
    await propose(node, people[0], Rule("many", approvals=10))
    for member in people[1:]:
        await cast(node, member)
    assert [column.name for column in store.ballots.columns] == ["key", "decision", "choice"]
    assert [column.name for column in store.electorate.columns] == ["decision", "member"]

    def as_stored(tx: Transaction) -> tuple[list[str], list[int]]:
        keys = tx.execute(text("SELECT key FROM ballots")).scalars()
        return list(keys), list(tx.execute(text("SELECT member FROM electorate")).scalars())

    keys, _ = await node.read(as_stored)
    assert len(set(keys)) == 6 and all(len(key) == 32 for key in keys)
    if node.node.database.is_sqlite:
        assert keys == sorted(keys), "the order on the disk is that of chance"
        for table in ("ballots", "electorate"):
            with pytest.raises(DBAPIError, match="rowid"):
                await node.read(lambda tx, table=table: tx.execute(text(f"SELECT rowid FROM {table}")))


async def test_nobody_votes_twice_or_after_the_close(node: ServedNode, done: Done) -> None:
    people = await electorate(node, 3)
    await propose(node, people[0], TWO)
    with pytest.raises(Conflict, match="voted"):
        await cast(node, people[0])
    assert await cast(node, people[1]) is State.ADOPTED
    with pytest.raises(Conflict, match="closed"):
        await cast(node, people[2])
    with pytest.raises(Missing):
        await cast(node, people[2], decision=99)
    assert done == ["the depot"]


async def test_a_block_ends_it_without_an_effect(node: ServedNode, done: Done) -> None:
    people = await electorate(node, 3)
    await propose(node, people[0], TWO)
    assert await cast(node, people[1], Choice.BLOCK) is State.REJECTED
    assert done == []
    with pytest.raises(Conflict):
        await cast(node, people[2])
    assert (await node.contents())["ballots"] == []


async def test_whoever_has_no_mandate_neither_proposes_nor_votes(node: ServedNode, done: Done) -> None:
    reader = (await electorate(node, 1, role="reader"))[0]
    before = await node.contents()
    with pytest.raises(Forbidden):
        await propose(node, reader)
    with pytest.raises(Forbidden):
        await propose(node, Member(999, "nobody"))
    assert await node.contents() == before
    await propose(node, await node.steward(), TWO)
    with pytest.raises(Forbidden):
        await cast(node, reader)
    assert done == []


async def test_two_ballots_at_once_complete_a_decision_once(node: ServedNode, done: Done) -> None:
    """The last two ballots arrive together, over two real connections."""
    people = await electorate(node, 8)
    for number in range(1, 4):
        await propose(node, people[0], TWO, f"subject {number}")
        answers = await asyncio.gather(
            *(cast(node, member, decision=number) for member in people[1:]), return_exceptions=True
        )
        assert answers.count(State.ADOPTED) == 1
        assert sum(isinstance(answer, Conflict) for answer in answers) == len(answers) - 1
        assert (await node.read(store.find, number)).tally == Tally(in_favour=2).as_json()
    assert done == [f"subject {number}" for number in range(1, 4)]


async def test_no_ballot_is_lost_when_all_vote_at_once(node: ServedNode, done: Done) -> None:
    people = await electorate(node, 12)
    await propose(node, people[0], Rule("all", approvals=12))
    answers = await asyncio.gather(*(cast(node, member) for member in people[1:]))
    assert sorted(answers) == [State.ADOPTED, *[State.OPEN] * 10]
    assert (await node.read(store.find, 1)).tally == Tally(in_favour=12).as_json()
    assert done == ["the depot"]


async def test_one_person_at_two_machines_has_one_ballot(node: ServedNode, done: Done) -> None:
    people = await electorate(node, 2)
    await propose(node, people[0], THREE)
    answers = await asyncio.gather(*(cast(node, people[1]) for _ in range(6)), return_exceptions=True)
    assert answers.count(State.OPEN) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 5
    assert len((await node.contents())["ballots"]) == 2


async def test_an_effect_that_fails_leaves_the_proposal_open(node: ServedNode) -> None:
    def fails(tx: Transaction, subject: str) -> None:
        raise Conflict("not now")

    effects: Any = node.node.rooms.effects
    effects["strike"] = fails
    people = await electorate(node, 2)
    await propose(node, people[0], TWO)
    with pytest.raises(Conflict, match="not now"):
        await cast(node, people[1])
    row = await node.read(store.find, 1)
    assert (row.state, row.tally) == ("open", None)
    assert len((await node.contents())["ballots"]) == 1


async def test_the_rule_that_counts_is_the_one_in_force_when_it_was_opened(node: ServedNode, done: Done) -> None:
    people = await electorate(node, 2)
    await propose(node, people[0], TWO)
    assert (await node.read(store.find, 1)).rule == TWO.as_json()


@pytest.mark.parametrize(
    ("rule", "tally", "expected"),
    [
        (rules.ONE_MEMBER, Tally(), State.OPEN),
        (rules.ONE_MEMBER, Tally(in_favour=1), State.ADOPTED),
        (rules.ONE_MEMBER, Tally(in_favour=1, blocking=1), State.REJECTED),
        (TWO, Tally(in_favour=1, against=5), State.OPEN),
        (TWO, Tally(in_favour=2, against=5, abstaining=5), State.ADOPTED),
        (TWO, Tally(blocking=1), State.REJECTED),
    ],
)
def test_when_a_proposal_is_adopted(rule: Rule, tally: Tally, expected: State) -> None:
    assert rules.outcome(rule, tally) is expected
