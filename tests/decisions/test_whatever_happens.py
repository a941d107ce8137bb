"""Whatever happens in a vote, in whatever order, on both databases: it ends as another way of counting says.

Members vote, two at once over real connections; some are recalled; time passes, and the clock goes back.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from node.context import Transaction
from node.decisions import closing, rules, store
from node.decisions.rules import Choice, Method, Of, Record, Rule, State, Tally
from node.errors import NodeError
from node.members.store import Member
from tests.decisions.assembly import Assembly
from tests.decisions.test_rules import is_adopted
from tests.nodes.served import ServedNode

MEMBERS = 5
SCRIPTS = 25
WHO = st.integers(1, MEMBERS - 1)  # 0 proposes
EVENTS = st.one_of(
    st.tuples(st.just("vote"), WHO, st.sampled_from(Choice)),
    st.tuples(st.just("two at once"), st.tuples(WHO, WHO), st.tuples(st.sampled_from(Choice), st.sampled_from(Choice))),
    st.tuples(st.just("recall"), WHO, st.none()),
    st.tuples(st.just("clock"), st.sampled_from([-rules.DAY, -60, 60, rules.HOUR]), st.none()),
)


@st.composite
def scripts(draw: Any) -> tuple[Rule, list[Any]]:
    at_least = draw(st.sampled_from([0, rules.HOUR]))
    rule = Rule(
        method=draw(st.sampled_from([Method.APPROVALS, Method.MAJORITY, Method.TWO_THIRDS, Method.CONSENT])),
        approvals=draw(st.integers(2, MEMBERS)),
        of=draw(st.sampled_from(Of)),
        quorum=draw(st.integers(0, MEMBERS)),
        at_least=at_least,
        at_most=3 * rules.HOUR,
        record=draw(st.sampled_from(Record)),
    )
    return rule, draw(st.lists(EVENTS, min_size=3, max_size=9))


def some() -> list[tuple[Rule, list[Any]]]:
    """Scripts as hypothesis makes them; the same on every run."""
    found: list[tuple[Rule, list[Any]]] = []

    @settings(
        max_examples=SCRIPTS, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(scripts())
    def collect(script: tuple[Rule, list[Any]]) -> None:
        found.append(script)

    collect()
    return found


@dataclass
class Ledger:
    """What a clerk with a pencil would know: who voted what, and who was recalled."""

    rule: Rule
    cast: dict[int, Choice]
    recalled: set[int]

    def tally(self) -> Tally:
        return Tally.of([choice.value for choice in self.cast.values()])

    def eligible(self) -> int:
        return len([one for one in range(MEMBERS) if one in self.cast or one not in self.recalled])


async def test_a_vote_ends_as_the_ledger_says(node: ServedNode) -> None:
    assembly = Assembly(node)
    await assembly.retire_steward()
    for number, (rule, events) in enumerate(some(), start=1):
        people = await assembly.people(MEMBERS)
        await play(assembly, number, rule, events, people)
        for member in people:
            await assembly.recall(member)
    ended = [row.state for row in await node.read(store.closed, [node.group], limit=1000)]
    assert len(ended) == SCRIPTS and {State.ADOPTED, State.REJECTED, State.LAPSED} <= set(ended), "they differ"
    assert len(assembly.done) == ended.count(State.ADOPTED) == len(set(assembly.done))
    assert len(assembly.refused) == SCRIPTS - len(assembly.done) == len(set(assembly.refused))
    contents = await node.contents()
    assert contents["ballots"] == contents["proposers"] == contents["confirmations"] == []


async def play(assembly: Assembly, number: int, rule: Rule, events: list[Any], people: list[Member]) -> None:
    shift = assembly.node.clock.shift
    proposed = await assembly.propose(people[0], rule, f"subject {number}")
    ledger = Ledger(rule, {0: Choice.FOR}, set())
    assert proposed.state is State.OPEN
    for event, who, what in events:
        if event == "vote":
            await vote(assembly, ledger, number, people, [(who, what)])
        elif event == "two at once":
            await vote(assembly, ledger, number, people, list(zip(who, what, strict=True)))
        elif event == "recall":
            ledger.recalled.add(who)
            await assembly.recall(people[who])
        else:
            assembly.later(seconds=who)
        if (await assembly.state(number)) is not State.OPEN:
            break
    assembly.node.clock.shift = shift
    assembly.later(seconds=rule.at_most + 1)
    await assembly.node.write(force, number)
    row = await assembly.node.read(store.find, number)
    assert Tally(**row.tally) == ledger.tally(), (rule, events)
    assert row.eligible == ledger.eligible(), (rule, events)
    assert (row.state == State.ADOPTED) == is_adopted(rule, ledger.tally(), ledger.eligible()), (rule, events, row)
    assembly.node.clock.shift = shift
    await assembly.node.quiet()


def force(tx: Transaction, number: int) -> None:
    """What the job does, without waiting until the worker looks at the clock again."""
    row = store.find(tx, number)
    if row is not None and row.state == State.OPEN:
        closing.settle(tx, row)


async def vote(
    assembly: Assembly, ledger: Ledger, number: int, people: list[Member], ballots: list[tuple[int, Choice]]
) -> None:
    answers = await asyncio.gather(
        *(assembly.cast(number, people[who], choice, "why not") for who, choice in ballots), return_exceptions=True
    )
    counted = [ballot for ballot, answer in zip(ballots, answers, strict=True) if not isinstance(answer, Exception)]
    for answer in answers:
        assert not isinstance(answer, Exception) or isinstance(answer, NodeError), answer
    for who, choice in counted:
        assert who not in ledger.cast and who not in ledger.recalled, "a second ballot, or one without a mandate"
        assert choice is not Choice.BLOCK or ledger.rule.method is Method.CONSENT
        ledger.cast[who] = choice


async def test_forty_who_vote_at_once_are_all_counted(node: ServedNode) -> None:
    assembly = Assembly(node)
    await assembly.retire_steward()
    people = await assembly.people(40)
    await assembly.propose(people[0], Rule(Method.TWO_THIRDS, at_most=rules.DAY))
    choices = [Choice.FOR, Choice.AGAINST, Choice.ABSTAIN]
    answers = await asyncio.gather(*(assembly.cast(1, one, choices[n % 3]) for n, one in enumerate(people[1:])))
    assert sum(one.state is not State.OPEN for one in answers) == 1
    assert len({one.receipt for one in answers}) == 39
    assert await assembly.tally(1) == Tally(in_favour=14, against=13, abstaining=13)
    assert (await assembly.shown(1, people[0])).rule == replace(Rule(Method.TWO_THIRDS), at_most=rules.DAY)
