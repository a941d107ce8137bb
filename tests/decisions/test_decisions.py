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
from node.decisions.acts import Act, Described
from node.decisions.rules import Choice, Method, Rule, State, Tally
from node.errors import Conflict, Forbidden, Missing
from node.members import store as members
from node.members.store import Member
from tests.nodes.served import ServedNode

TWO = Rule(Method.APPROVALS, approvals=2)
THREE = Rule(Method.APPROVALS, approvals=3)

Done = list[str]


@pytest.fixture
def done(node: ServedNode) -> Iterator[Done]:
    """What the effect `strike` has done, each time once its transaction was committed."""
    found: Done = []

    def strike(tx: Transaction, subject: str) -> None:
        tx.after_commit(lambda: found.append(subject))

    tables: Any = node.node.rooms
    tables.acts["strike"] = Act("publish", "publish_statement", "strike", lambda tx, subject: Described(subject))
    tables.effects["strike"] = strike
    yield found


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
    def act(tx: Transaction) -> State:
        store.set_rule(tx, node.group, "publish_statement", rule)
        return actions.propose(tx, "strike", subject, actor=node.group, member=member)

    state: State = await node.write(act)
    return state


async def cast(node: ServedNode, member: Member, choice: Choice = Choice.FOR, decision: int = 1) -> State:
    return (await counted(node, member, choice, decision)).state


async def counted(
    node: ServedNode, member: Member, choice: Choice = Choice.FOR, decision: int = 1, words: str = ""
) -> actions.Counted:
    found: actions.Counted = await node.write(actions.cast, decision, member=member, choice=choice, words=words)
    return found


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
    assert len(contents["ballots"]) == len(contents["receipts"]) == 2
    assert sorted(line[2] for line in contents["electorate"]) == [False, False, False, True, True]
    assert await cast(node, people[2]) is State.OPEN
    assert done == []
    assert await cast(node, people[3]) is State.ADOPTED
    assert done == ["the depot"]
    contents = await node.contents()
    assert [contents["ballots"], contents["electorate"]] == [[], []]
    assert (await node.read(store.find, 1)).tally == Tally(in_favour=3, against=1).as_json()


async def test_a_ballot_says_neither_who_nor_when(node: ServedNode, done: Done) -> None:
    people = await electorate(node, 6)
    await propose(node, people[0], Rule(Method.APPROVALS, approvals=7))
    for member in people[1:]:
        await cast(node, member)
    assert [column.name for column in store.ballots.columns] == ["key", "decision", "choice", "words"]
    assert {line[3] for line in (await node.contents())["electorate"]} == {None}, "at this level the roll has no choice"

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


async def test_whoever_has_no_mandate_neither_proposes_nor_votes(node: ServedNode, done: Done) -> None:
    reader = (await electorate(node, 1, role="reader"))[0]
    await node.write(members.add_mandate, (await node.steward()).id, node.group, "editor", None)
    await node.write(members.add, "editor", "no password")
    await node.write(members.add_mandate, reader.id + 1, node.group, "editor", None)
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
    await propose(node, people[0], Rule(Method.APPROVALS, approvals=12))
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


async def test_what_was_decided_and_cannot_be_done_stays_decided_and_says_why(node: ServedNode, done: Done) -> None:
    def fails(tx: Transaction, subject: str) -> None:
        store.set_rule(tx, node.group, "delete", THREE)
        tx.after_commit(lambda: done.append("half done"))
        raise Conflict("the depot is {state}", state="closed")

    effects: Any = node.node.rooms.effects
    effects["strike"] = fails
    people = await electorate(node, 3)
    await propose(node, people[0], TWO)
    assert await cast(node, people[1]) is State.ADOPTED
    row = await node.read(store.find, 1)
    assert row.failed == {"template": "the depot is {state}", "values": {"state": "closed"}}
    assert done == []
    assert [rule for rule in (await node.contents())["rules"] if "delete" in rule] == []
    with pytest.raises(Conflict, match="closed"):
        await propose(node, people[0])
    assert await node.read(store.find, 2) is None, "whoever decides alone is told, and nothing has happened"


async def test_the_rule_that_counts_is_the_one_in_force_when_it_was_opened(node: ServedNode, done: Done) -> None:
    people = await electorate(node, 2)
    await propose(node, people[0], TWO)
    assert (await node.read(store.find, 1)).rule == TWO.as_json()
