"""Who holds which role is decided: given, invited, in turns, recalled; and the last steward stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from node import decisions
from node.context import Transaction
from node.decisions import Choice, Rule, State
from node.decisions import store as kept_rules
from node.decisions.rules import Method
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.groups import founding, roles
from node.groups.founding import NewGroup
from node.groups.roles import Turns
from node.members import actions as members
from node.members import invitations, mandates, store
from node.members.rules import ENDED_KEPT_FOR, Grant
from node.members.store import Member
from node.translating import speaking
from tests.nodes.served import ServedNode, password_hash, stands_in

DAY = timedelta(days=1)
TWO = Rule(method=Method.APPROVALS, approvals=2, at_most=7 * 86_400)


async def person(node: ServedNode, name: str, role: str | None = None) -> Member:
    def enter(tx: Transaction) -> Member:
        member = store.add(tx, name, password_hash())
        if role is not None:
            store.add_mandate(tx, member, node.group, role, None)
        return Member(member, name)

    return await node.write(enter)


async def ask(node: ServedNode, act: Any, *args: Any, by: Member | None = None, **more: Any) -> Any:
    member = by or await node.steward()
    return await node.write(act, *args, actor=node.group, member=member, **more)


async def ruled(node: ServedNode, rule: Rule, under: str = "change_roles") -> None:
    await node.write(kept_rules.set_rule, node.group, under, rule)


async def roles_of(node: ServedNode, member: Member) -> list[str]:
    return sorted(await node.read(store.roles, member.id, node.group))


async def title(node: ServedNode, number: int, *, language: str = "en") -> str:
    def find(tx: Transaction) -> str:
        row = kept_rules.find(tx, number)
        assert row is not None
        with speaking(language):
            return tx.node.rooms.acts[row.kind].describe(tx, row.subject).title

    return await node.read(find)


async def test_a_mandate_is_given_with_its_dates_and_its_remit(node: ServedNode) -> None:
    rosa, now = await person(node, "rosa"), node.clock()
    grant = Grant("delegate", now + 2 * DAY, now + 5 * DAY, "Speaks with the tenants.")
    proposed = await ask(node, roles.give, "rosa", grant)
    assert proposed.state is State.ADOPTED
    assert "rosa: delegate from" in await title(node, proposed.number)
    assert await roles_of(node, rosa) == []
    (row,) = [one for one in await node.read(mandates.of_group, node.group) if one.name == "rosa"]
    assert row.remit == "Speaks with the tenants."
    node.clock.advance(3 * DAY)
    assert await roles_of(node, rosa) == ["delegate"]
    with pytest.raises(Conflict, match="delegate in this group already"):
        await ask(node, roles.give, "rosa", Grant("delegate"))
    node.clock.advance(3 * DAY)
    assert await roles_of(node, rosa) == []


async def test_only_a_steward_proposes_and_what_is_wrong_changes_nothing(node: ServedNode) -> None:
    editor = await person(node, "emma", "editor")
    before = await node.contents()
    now = node.clock()
    for act, args, by, error in (
        (roles.give, ("emma", Grant("steward")), editor, Forbidden),
        (roles.invite, (Grant("steward"), 7 * DAY), editor, Forbidden),
        (roles.remove, ("steward",), editor, Conflict),
        (roles.give, ("nobody", Grant("writer")), None, Missing),
        (roles.give, ("emma", Grant("king")), None, Invalid),
        (roles.give, ("emma", Grant("writer", ends=now)), None, Invalid),
        (roles.enter, ("rosa", "short", Grant("writer")), None, Invalid),
        (roles.enter, ("emma", "a long enough password", Grant("writer")), None, Conflict),
        (roles.invite, (Grant("writer"), 100 * DAY), None, Invalid),
        (roles.recall, ([999_999],), None, Missing),
        (roles.arrange_turns, (Turns(Grant("writer"), ("emma",), 7),), None, Invalid),
        (roles.arrange_turns, (Turns(Grant("writer"), ("emma", "emma"), 7),), None, Invalid),
        (roles.arrange_turns, (Turns(Grant("writer"), ("emma", "steward"), 0),), None, Invalid),
        (roles.arrange_turns, (Turns(Grant("writer"), ("emma", "steward"), 7, 51),), None, Invalid),
        (roles.arrange_turns, (Turns(Grant("writer"), ("emma", "nobody"), 7),), None, Missing),
    ):
        with pytest.raises(error):
            await ask(node, act, *args, by=by)
    assert await node.contents() == before


async def test_where_two_decide_nothing_happens_before_the_second(node: ServedNode) -> None:
    emma = await person(node, "emma", "steward")
    await ruled(node, TWO)
    proposed, secret = await ask(node, roles.invite, Grant("writer"), 7 * DAY)
    assert proposed.state is State.OPEN
    assert (await node.read(invitations.find, secret)).open_until is None
    entered = await ask(node, roles.enter, "rosa", "a long enough password", Grant("editor"))
    rosa = Member((await node.read(members.find, "rosa")).id, "rosa")
    assert await roles_of(node, rosa) == []
    for one in (proposed, entered):
        counted = await node.write(decisions.cast, one.number, member=emma, choice=Choice.FOR)
        assert counted.state is State.ADOPTED
    assert (await node.read(invitations.find, secret)).open_until is not None
    assert await roles_of(node, rosa) == ["editor"]


async def test_what_is_refused_leaves_neither_a_link_nor_a_person(node: ServedNode) -> None:
    await person(node, "emma", "steward")
    await ruled(node, TWO)
    steward = await node.steward()
    proposed, secret = await ask(node, roles.invite, Grant("writer"), 7 * DAY)
    entered = await ask(node, roles.enter, "rosa", "a long enough password", Grant("editor"))
    again = await ask(node, roles.give, "emma", Grant("delegate"))
    await person(node, "clara")  # whose last mandate has ended
    anew = await ask(node, roles.give, "clara", Grant("editor"))
    for one in (proposed, entered, again, anew):
        await node.write(decisions.withdraw, one.number, member=steward)
    with pytest.raises(Missing):
        await node.read(invitations.find, secret)
    names = [row.name for row in await node.read(store.everybody)]
    assert names == ["clara", "emma", "steward"], "who was not entered for it stays"


async def test_a_recalled_mandate_ends_and_the_last_steward_stays(node: ServedNode) -> None:
    emma = await person(node, "emma", "steward")
    rows = {row.name: row.id for row in await node.read(mandates.of_group, node.group)}
    await ask(node, roles.recall, [rows["emma"]])
    assert await roles_of(node, emma) == []
    with pytest.raises(Conflict, match="only steward"):
        await ask(node, roles.recall, [rows["steward"]])
    await ask(node, roles.give, "emma", Grant("steward", begins=node.clock() + DAY))
    with pytest.raises(Conflict, match="only steward"):
        await ask(node, roles.recall, [rows["steward"]])  # one who begins tomorrow is none today
    with pytest.raises(Missing):
        await ask(node, roles.recall, [rows["emma"]])
    node.clock.advance(ENDED_KEPT_FOR + DAY)
    await node.write(mandates.prune)
    assert await node.read(mandates.numbered, rows["emma"]) is None


async def test_nobody_is_recalled_without_whom_nothing_could_be_decided(node: ServedNode) -> None:
    emma = await person(node, "emma", "steward")
    await ruled(node, replace(TWO, voters="steward"), "publish_statement")
    (number,) = [row.id for row in await node.read(mandates.of_group, node.group) if row.name == "emma"]
    with pytest.raises(Conflict, match="could not decide any more"):
        await ask(node, roles.recall, [number])
    with pytest.raises(Conflict, match="could not decide any more"):
        await node.write(members.remove, "emma")
    assert await roles_of(node, emma) == ["steward"]


async def test_stewards_who_recall_each_other_leave_enough_to_decide(node: ServedNode) -> None:
    emma, clara = await person(node, "emma", "steward"), await person(node, "clara", "steward")
    await ruled(node, TWO)
    rows = {row.name: row.id for row in await node.read(mandates.of_group, node.group)}
    one = await ask(node, roles.recall, [rows["clara"]], by=emma)
    two = await ask(node, roles.recall, [rows["emma"]], by=clara)
    with pytest.raises(Conflict, match="could not decide any more"):
        await ask(node, roles.recall, [rows["steward"], rows["clara"]], by=emma)
    for number in (two.number, one.number):
        counted = await node.write(decisions.cast, number, member=await node.steward(), choice=Choice.FOR)
        assert counted.state is State.ADOPTED
    assert await roles_of(node, emma) == []
    assert await roles_of(node, clara) == ["steward"], "the second cannot be carried out"
    row = await node.read(kept_rules.find, one.number)
    assert "could not decide any more" in row.failed["template"]
    with pytest.raises(Forbidden):
        await ask(node, roles.give, "emma", Grant("writer"), by=emma)


async def test_a_role_is_held_in_turns(node: ServedNode) -> None:
    people = [await person(node, name) for name in ("rosa", "emma", "clara")]
    turns = Turns(Grant("delegate", remit="Answers the post."), ("rosa", "emma", "clara"), 7, 2)
    proposed = await ask(node, roles.arrange_turns, turns)
    assert "in turns (7 days): rosa, emma, clara" in await title(node, proposed.number)
    assert await title(node, proposed.number, language="ar") == "انتداب، بالمداورة (7 أيام): rosa، emma، clara"
    for number in range(6):
        holding = [one.name for one in people if await roles_of(node, one) == ["delegate"]]
        assert holding == [people[number % 3].name], number
        node.clock.advance(7 * DAY)
    assert [one.name for one in people if await roles_of(node, one)] == []


async def test_turns_can_be_ended_as_a_whole_and_have_a_last_day(node: ServedNode) -> None:
    for name in ("rosa", "emma"):
        await person(node, name)
    ends = node.clock() + 10 * DAY
    await ask(node, roles.arrange_turns, Turns(Grant("delegate", ends=ends), ("rosa", "emma"), 7, 5))
    rows = [row for row in await node.read(mandates.of_group, node.group) if row.role == "delegate"]
    assert len(rows) == 2 and max(row.ends for row in rows) == ends
    assert {row.turns for row in rows} == {rows[0].turns}
    found = await node.read(mandates.in_turns, rows[0].turns, actor=node.group)
    await ask(node, roles.recall, [row.id for row in found])
    assert not [row for row in await node.read(mandates.of_group, node.group) if row.role == "delegate"]


async def test_who_is_removed_is_forgotten_unless_another_group_knows_her(node: ServedNode) -> None:
    rosa = await person(node, "rosa", "editor")
    proposed = await ask(node, roles.remove, "rosa")
    assert await title(node, proposed.number) == "Remove: somebody who has left"
    assert await node.read(store.name_of, rosa.id) is None
    contents = await node.contents()
    assert not stands_in("rosa", repr(contents)), "not in the decision either"
    node.clock.advance(roles.KEPT_FOR + DAY)
    await node.write(roles.prune)
    assert (await node.contents())["role_changes"] == []
    assert "no longer kept" in await title(node, proposed.number)


async def test_nobody_is_removed_by_a_group_that_she_is_no_member_of(node: ServedNode) -> None:
    rosa, steward = await person(node, "rosa"), await node.steward()
    await person(node, "emma", "editor")
    proposed, _ = await founding.add(node.node, NewGroup("fund", "Fund", "en", "rosa"), member=steward)
    fund = f"{node.origin}/groups/fund"
    assert proposed.state is State.ADOPTED
    await person(node, "clara")  # she holds no mandate anywhere: the main group may forget her, and no other
    for name in ("emma", "clara"):
        with pytest.raises(Missing, match="no member"):
            await node.write(roles.remove, name, actor=fund, member=rosa)
    with pytest.raises(Missing, match="no member"):
        await ask(node, roles.remove, "rosa")
    assert (await ask(node, roles.remove, "clara")).state is State.ADOPTED
    assert [row.name for row in await node.read(store.everybody)] == ["emma", "rosa", "steward"]


async def test_a_role_that_nobody_will_hold_is_named_in_time(node: ServedNode) -> None:
    await person(node, "rosa")
    await ask(node, roles.give, "rosa", Grant("delegate", ends=node.clock() + 20 * DAY))
    assert await node.read(mandates.gaps, node.group) == ["delegate"]
    await person(node, "emma")
    await ask(node, roles.give, "emma", Grant("delegate", begins=node.clock() + 20 * DAY))
    assert await node.read(mandates.gaps, node.group) == []
