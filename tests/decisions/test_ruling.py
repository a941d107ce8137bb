"""The rules of a group: changed by their own rule, never to one that nobody could meet, and looked at when members go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from node.cli.checks import here
from node.context import Transaction
from node.decisions import UNDER as UNDER_WORDS
from node.decisions import actions, closing, rules, ruling, store
from node.decisions.acts import AS_STATEMENTS
from node.decisions.rules import Choice, Method, Rule, State
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.groups import roles
from node.members import actions as members
from node.members import offices
from node.members import store as mandates
from node.members.store import Member
from node.statements import actions as statements
from node.statements.rules import Draft
from node.statements.rules import State as Publication
from tests.decisions.assembly import UNDER, Assembly
from tests.nodes.served import ServedNode, eventually

TWO = Rule(Method.APPROVALS, approvals=2)
THREE = Rule(Method.APPROVALS, approvals=3)
VOTE = Rule(Method.MAJORITY, at_most=rules.DAY)


@pytest.fixture
def assembly(node: ServedNode) -> Iterator[Assembly]:
    yield Assembly(node)


async def change(assembly: Assembly, member: Member, rule: Rule, under: str = UNDER) -> State:
    state: State = await assembly.node.write(actions.change_rule, under, rule, actor=assembly.node.group, member=member)
    return state


async def in_force(assembly: Assembly, under: str = UNDER) -> Rule:
    found: Rule = await assembly.node.read(ruling.in_force, assembly.node.group, under)
    return found


async def test_rules_change_by_their_own_rule_and_not_for_what_is_open(assembly: Assembly) -> None:
    steward, clara = await assembly.node.steward(), (await assembly.people(1, role="steward"))[0]
    editors = await assembly.people(3)
    with pytest.raises(Forbidden):
        await change(assembly, editors[0], TWO)
    assert await change(assembly, steward, TWO) is State.ADOPTED
    await assembly.propose(editors[0])
    assert await change(assembly, steward, TWO, "change_rules") is State.ADOPTED, "the rule there was decides"
    assert await change(assembly, steward, THREE) is State.OPEN, "and from now on the new one"
    assert await in_force(assembly) == TWO
    number = (await assembly.node.read(store.under_way, [assembly.node.group]))[-1].id
    with pytest.raises(Conflict, match="deciding on this already"):
        await change(assembly, clara, THREE)
    assert (await assembly.cast(number, clara)).state is State.ADOPTED
    assert await in_force(assembly) == THREE
    assert (await assembly.cast(2, editors[1])).state is State.ADOPTED, "two were enough when this was opened"
    assert (await assembly.propose(editors[0], subject="the yard")).state is State.OPEN
    with pytest.raises(Conflict, match="the rule already"):
        await change(assembly, steward, THREE)


async def test_no_other_door_stands_open_when_the_one_for_statements_is_shut(assembly: Assembly) -> None:
    steward, group = await assembly.node.steward(), assembly.node.group
    await assembly.people(2)
    said = await assembly.node.publish()
    assert await assembly.node.read(ruling.without_own, group) == set()
    await change(assembly, steward, TWO, ruling.STATEMENTS)
    for under in AS_STATEMENTS:
        assert await in_force(assembly, under) == TWO
    assert await in_force(assembly, "publish_minority_report") == rules.ONE_MEMBER, "no majority keeps it back"
    assert await in_force(assembly, "delete") == rules.ONE_MEMBER
    answer = Draft(text="By myself.", reply_to=said)
    _, state = await assembly.node.write(statements.publish, answer, actor=group, member=steward)
    assert state is Publication.PROPOSED
    assert await change(assembly, steward, rules.ONE_MEMBER, "reply") is State.ADOPTED, "its own rule goes before"
    assert await in_force(assembly, "reply") == rules.ONE_MEMBER
    assert await assembly.node.read(ruling.without_own, group) == AS_STATEMENTS - {"reply"}
    assert (await assembly.node.read(ruling.all_in_force, group))["sign"] == TWO


async def test_a_rule_that_locks_everybody_out_is_refused_also_when_it_is_adopted(assembly: Assembly) -> None:
    steward, clara = await assembly.node.steward(), (await assembly.people(1, role="steward"))[0]
    for rule, under in (
        (Rule(Method.APPROVALS, approvals=3), "change_rules"),
        (replace(VOTE, quorum=3), "delete"),
        (Rule(urgent=THREE), "correct"),
    ):
        with pytest.raises(Conflict, match="could never be met") as refused:
            await change(assembly, steward, rule, under)
        assert f"could never be met for “{UNDER_WORDS[under]}”" in refused.value.why and "Rule(" not in str(refused)
    with pytest.raises(Invalid, match="kind of rule"):
        await change(assembly, steward, TWO, "everything")
    await assembly.rule(replace(TWO, at_least=rules.HOUR), "change_rules")
    assert await change(assembly, steward, TWO, "delete") is State.OPEN
    await assembly.cast(1, clara)
    await assembly.rule(rules.ONE_MEMBER, "change_rules")
    await assembly.recall(clara)
    assembly.later(hours=1, seconds=5)
    await eventually(lambda: assembly.node.read(lambda tx: store.find(tx, 1).state != "open"))
    row = await assembly.node.read(store.find, 1)
    assert row.state == State.ADOPTED and "could never be met" in row.failed["template"]
    shown = await assembly.shown(1, steward)
    assert shown.failed is not None and "1 hold one" in shown.failed.why
    french = {UNDER_WORDS["delete"]: "effacer", TWO.phrase.template: "accord de {approvals} membres"}
    told = shown.failed.said(lambda sentence: french.get(sentence, sentence))
    assert "“accord de 2 membres”" in told and "“effacer”" in told
    assert await in_force(assembly, "delete") == rules.ONE_MEMBER


async def test_nobody_goes_without_whom_the_group_could_not_decide(assembly: Assembly) -> None:
    people = await assembly.people(2)
    await change(assembly, await assembly.node.steward(), THREE)
    with pytest.raises(Conflict, match="could not decide any more") as refused:
        await assembly.node.write(members.remove, people[0].name)
    assert refused.value.template == ruling.LOCKED_OUT_BY_LEAVING
    assert "“approval by 3 members” could never be met for “publish a statement”" in refused.value.why
    assert await assembly.node.read(ruling.locked, assembly.node.group) == []
    await assembly.people(1)
    await assembly.node.write(members.remove, people[0].name)
    await assembly.recall(people[1])  # as a mandate that ends by itself: nobody can be asked
    (locked,) = await assembly.node.read(ruling.locked, assembly.node.group)
    assert (locked[0], locked[2]) == (UNDER, {"permission": "publish", "needed": 3, "holders": 2})
    with pytest.raises(Conflict, match="cannot be decided"):
        await assembly.propose(await assembly.node.steward())
    (found,) = await assembly.node.read(lambda tx: list(here.rules(tx)))
    assert found.level == "warning" and "takes 3 members" in found.found


async def test_a_rule_that_nobody_can_meet_any_more_is_set_back_and_members_are_told(assembly: Assembly) -> None:
    node, group = assembly.node, assembly.node.group
    steward, people = await node.steward(), await assembly.people(2)
    with pytest.raises(Invalid, match="no kind of rule"):
        await node.write(ruling.reset, group, "everything")
    await change(assembly, steward, replace(THREE, urgent=TWO))
    before = await in_force(assembly)
    with pytest.raises(Conflict, match="can meet the rule"):
        await node.write(ruling.reset, group, UNDER)
    with pytest.raises(Conflict, match="can meet the rule"):
        await node.write(ruling.reset, group, "delete")
    assert await node.read(offices.of_group, group) == []
    await assembly.recall(people[1])  # as a mandate that ends by itself
    (found,) = await node.read(lambda tx: list(here.rules(tx)))
    assert found.mend.endswith(f"commonwire rule reset {UNDER} --group union")
    assert await node.write(ruling.reset, group, UNDER) == before
    assert await in_force(assembly) == rules.ONE_MEMBER
    (told,) = await node.read(offices.of_group, group)
    assert (told.what, told.about, told.office, told.member) == ("reset_rule", UNDER, "server", None)
    (found,) = await node.read(lambda tx: list(here.rules(tx)))
    assert found.level == "ok"
    with pytest.raises(Conflict, match="can meet the rule"):
        await node.write(ruling.reset, group, UNDER)


async def test_a_rule_is_not_set_back_to_one_that_nobody_can_meet_either(assembly: Assembly) -> None:
    await assembly.rule(TWO, "change_rules")
    await assembly.retire_steward()
    with pytest.raises(Conflict, match="and 0 hold one"):
        await assembly.node.write(ruling.reset, assembly.node.group, "change_rules")
    assert await in_force(assembly, "change_rules") == TWO


async def test_a_group_without_a_steward_is_given_one_and_told(assembly: Assembly) -> None:
    node, group = assembly.node, assembly.node.group
    (rosa,) = await assembly.people(1)
    with pytest.raises(Conflict, match="has a steward"):
        await node.write(roles.appoint, rosa.name, actor=group)
    await assembly.retire_steward()
    with pytest.raises(Missing):
        await node.write(roles.appoint, "nobody", actor=group)
    assert await node.read(offices.of_group, group) == []
    ends = await node.write(roles.appoint, rosa.name, actor=group)
    assert ends - node.clock() <= timedelta(days=30)
    (told,) = await node.read(offices.of_group, group)
    assert (told.what, told.office, told.name) == ("appointed", "server", rosa.name)
    assert await change(assembly, rosa, VOTE, "change_roles") is State.ADOPTED, "she can do what stewards do"
    with pytest.raises(Conflict, match="has a steward"):
        await node.write(roles.appoint, rosa.name, actor=group)


async def test_a_rule_of_which_the_urgent_path_alone_is_locked_stays(assembly: Assembly) -> None:
    people = await assembly.people(1)
    await assembly.rule(replace(TWO, urgent=THREE))
    (found,) = await assembly.node.read(lambda tx: list(here.rules(tx)))
    assert "rule reset" not in found.mend and people
    with pytest.raises(Conflict, match="can meet the rule"):
        await assembly.node.write(ruling.reset, assembly.node.group, UNDER)


async def test_the_holder_of_the_server_is_told_before_mandates_end_that_a_rule_needs(assembly: Assembly) -> None:
    (rosa,) = await assembly.people(1)
    await change(assembly, await assembly.node.steward(), TWO)
    (fine,) = await assembly.node.read(lambda tx: list(here.rules(tx)))
    assert fine.level == "ok"

    def ends(tx: Transaction) -> None:
        table = mandates.mandates
        tx.execute(table.update().where(table.c.member == rosa.id).values(ends=tx.now + timedelta(days=10)))

    await assembly.node.write(ends)
    (soon,) = await assembly.node.read(lambda tx: list(here.rules(tx)))
    assert soon.level == "warning" and "within 14 days" in soon.found and UNDER in soon.found


async def test_who_goes_in_the_middle_of_a_vote_is_not_waited_for(assembly: Assembly) -> None:
    people = await assembly.people(4)
    await assembly.retire_steward()
    await assembly.node.write(
        lambda tx: members.store.add_mandate(tx, people[0].id, assembly.node.group, "steward", None)
    )
    await assembly.propose(people[0], VOTE)
    await assembly.cast(1, people[1])
    await assembly.cast(1, people[2])
    await assembly.node.write(members.remove, people[3].name)
    assert await assembly.state(1) is State.OPEN, "a vote keeps its time"
    assembly.later(days=1, seconds=1)
    await eventually(lambda: assembly.node.read(lambda tx: store.find(tx, 1).state == "adopted"))
    await assembly.propose(people[0], VOTE, "the yard")
    await assembly.cast(2, people[1])
    await assembly.node.write(members.remove, people[1].name)
    assert (await assembly.shown(2, people[0])).voted == 2, "her ballot was cast, and nobody knows which it is"
    await assembly.cast(2, people[2])
    assert (await assembly.state(2), (await assembly.shown(2, people[0])).voted) == (State.ADOPTED, 3)
    newcomer = (await assembly.people(1))[0]
    await assembly.propose(people[0], TWO, "the gate")
    await assembly.cast(3, people[2], Choice.AGAINST)
    assert await assembly.state(3) is State.OPEN
    await assembly.recall(newcomer)
    assert await assembly.state(3) is State.REJECTED, "what has no end is not kept open for nobody"


async def test_a_group_that_ends_leaves_no_vote_behind(assembly: Assembly) -> None:
    people = await assembly.people(3)
    await assembly.propose(people[0], VOTE)
    await assembly.cast(1, people[1])
    await assembly.node.write(closing.end_all, assembly.node.group)
    assert (await assembly.state(1), assembly.done, assembly.refused) == (State.WITHDRAWN, [], ["the depot"])
    assembly.later(days=2)
    assert await assembly.state(1) is State.WITHDRAWN
    contents = await assembly.node.contents()
    assert contents["ballots"] == contents["electorate"] == contents["receipts"] == []
