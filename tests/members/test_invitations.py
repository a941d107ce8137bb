"""Links by which somebody becomes a member: opened by the group, used once, over by themselves."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from node.context import Transaction
from node.errors import Busy, Conflict, Invalid, Missing
from node.members import actions, invitations, rules, store
from node.members.rules import Grant
from tests.nodes.served import PASSWORD, ServedNode

WEEK = timedelta(days=7)


async def invited(node: ServedNode, role: str = "writer", *, lasts: timedelta = WEEK, **more: object) -> str:
    """The secret of an invitation about which the group has decided."""

    def make(tx: Transaction) -> str:
        number, secret = invitations.make(tx, Grant(role, **more), actor=node.group, lasts=lasts)  # type: ignore[arg-type]
        invitations.open_for_use(tx, number)
        return secret

    return await node.write(make)


async def test_whoever_has_the_link_becomes_a_member_once(node: ServedNode) -> None:
    ends = node.clock() + timedelta(days=100)
    secret = await invited(node, "editor", ends=ends, remit="Speaks on the night shifts.")
    assert secret not in repr(await node.contents())
    login = await invitations.join(node.node, secret, "rosa", PASSWORD)
    known = await node.read(actions.session, login.secret)
    assert known.member.name == "rosa"
    (mandate,) = await node.read(store.mandates_in_force, known.member.id)
    assert (mandate.role, mandate.remit, mandate.actor) == ("editor", "Speaks on the night shifts.", node.group)
    assert mandate.ends == ends
    with pytest.raises(Missing, match="used already"):
        await invitations.join(node.node, secret, "emma", PASSWORD)
    assert await actions.log_in(node.node, "rosa", PASSWORD) is not None


async def test_of_two_who_use_a_link_at_once_one_becomes_a_member(node: ServedNode) -> None:
    secret = await invited(node)
    tries = (invitations.join(node.node, secret, name, PASSWORD) for name in ("rosa", "emma", "clara"))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, actions.Login) for one in answers) == 1
    assert sum(isinstance(one, (Missing, Busy)) for one in answers) == 2, answers
    assert len(await node.read(store.everybody)) == 2


async def test_a_link_opens_with_the_decision_and_its_time_counts_from_then(node: ServedNode) -> None:
    number, secret = await node.write(invitations.make, Grant("writer"), actor=node.group, lasts=WEEK)
    with pytest.raises(Conflict, match="has not decided"):
        await invitations.join(node.node, secret, "rosa", PASSWORD)
    node.clock.advance(timedelta(days=20))
    await node.write(invitations.open_for_use, number)
    node.clock.advance(timedelta(days=6))
    assert (await node.read(invitations.find, secret)).open_until is not None
    node.clock.advance(timedelta(days=1))
    with pytest.raises(Missing):
        await invitations.join(node.node, secret, "rosa", PASSWORD)
    await node.write(invitations.prune)
    assert (await node.contents())["invitations"] == []
    withdrawn = await invited(node)
    (row,) = await node.read(invitations.of_group, node.group)
    assert await node.write(invitations.withdraw, row.id)
    assert not await node.write(invitations.withdraw, row.id)
    with pytest.raises(Missing):
        await node.read(invitations.find, withdrawn)


async def test_an_invitation_to_a_mandate_that_has_ended_is_over(node: ServedNode) -> None:
    secret = await invited(node, ends=node.clock() + timedelta(days=1))
    node.clock.advance(timedelta(days=2))
    with pytest.raises(Missing):
        await invitations.join(node.node, secret, "rosa", PASSWORD)


async def test_what_is_wrong_uses_nothing_up_and_changes_nothing_but_the_count(node: ServedNode) -> None:
    secret = await invited(node)
    before = await node.contents(without=("invitations",))
    for name, password, error in (
        ("Rosa Luxemburg", PASSWORD, Invalid),
        ("rosa", "short", Invalid),
        ("steward", PASSWORD, Conflict),
        ("", PASSWORD, Invalid),
    ):
        with pytest.raises(error):
            await invitations.join(node.node, secret, name, password)
    assert await node.contents(without=("invitations",)) == before
    assert (await invitations.join(node.node, secret, "rosa", PASSWORD)).csrf


async def test_names_cannot_be_tried_out_by_the_thousand(node: ServedNode) -> None:
    secret = await invited(node)
    for _ in range(rules.FAILURES_FREE):
        with pytest.raises(Conflict, match="called “steward” already"):
            await invitations.join(node.node, secret, "steward", PASSWORD)
    with pytest.raises(Busy):
        await invitations.join(node.node, secret, "rosa", PASSWORD)
    other = await invited(node)
    assert await invitations.join(node.node, other, "rosa", PASSWORD)
    node.clock.advance(rules.FAILURE_PAUSE + timedelta(seconds=1))
    assert await invitations.join(node.node, secret, "emma", PASSWORD)


async def test_a_member_takes_one_more_mandate_and_not_the_same_twice(node: ServedNode) -> None:
    steward = await node.steward()
    secret = await invited(node, "delegate", begins=node.clock() + timedelta(days=3))
    assert await node.write(invitations.accept, secret, steward) == node.group
    assert sorted(await node.read(store.roles, steward.id, node.group)) == ["steward"]
    node.clock.advance(timedelta(days=4))
    assert sorted(await node.read(store.roles, steward.id, node.group)) == ["delegate", "steward"]
    again = await invited(node, "delegate")
    with pytest.raises(Conflict, match="delegate"):
        await node.write(invitations.accept, again, steward)
    assert await node.read(invitations.find, again) is not None


async def test_invitations_have_a_number_and_a_time(node: ServedNode) -> None:
    for lasts in (timedelta(), timedelta(minutes=59), timedelta(days=31), timedelta(days=-1)):
        with pytest.raises(Invalid):
            await node.write(invitations.make, Grant("writer"), actor=node.group, lasts=lasts)

    def many(tx: Transaction) -> None:
        for _ in range(rules.INVITATIONS_OPEN):
            invitations.make(tx, Grant("writer"), actor=node.group, lasts=WEEK)

    await node.write(many)
    with pytest.raises(Conflict, match="withdraw one first"):
        await node.write(invitations.make, Grant("writer"), actor=node.group, lasts=WEEK)


async def test_what_a_mandate_cannot_be_is_refused(node: ServedNode) -> None:
    now = node.clock()
    day = timedelta(days=1)
    for grant, field in (
        (Grant("king"), "role"),
        (Grant("writer", ends=now), "until"),
        (Grant("writer", begins=now + 2 * day, ends=now + day), "until"),
        (Grant("writer", ends=now + 4000 * day), "until"),
        (Grant("writer", begins=now + 4000 * day), "until"),
        (Grant("writer", remit="x" * 1001), "remit"),
        (Grant("writer", remit="a\x00b"), "remit"),
        (Grant("writer", remit="a\ud800b"), "remit"),
    ):
        with pytest.raises(Invalid) as caught:
            rules.check_grant(grant, now=now)
        assert caught.value.field == field
    fine = rules.check_grant(Grant("writer", begins=now - day, ends=now + day, remit=" Two\r\nlines. "), now=now)
    assert fine == Grant("writer", None, now + day, "Two\nlines.")
    assert Grant.from_json(fine.as_json()) == fine
