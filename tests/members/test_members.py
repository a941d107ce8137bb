"""Who may act, and how she shows it: passwords, sessions, tokens, mandates."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from node.context import Transaction
from node.errors import Busy, Conflict, Forbidden, Invalid, Missing
from node.members import actions, resets, rules, store
from node.members.store import Member
from tests.nodes.served import PASSWORD, ServedNode, stands_in

ACTS = ("read", "write", "publish", "peer", "steward")


async def add(node: ServedNode, name: str, role: str, **more: object) -> Member:
    return await node.write(actions.add, name, PASSWORD, actor=node.group, role=role, **more)


async def allowed(node: ServedNode, member: Member) -> set[str]:
    """What a member may do at this moment."""

    def ask(tx: Transaction) -> set[str]:
        found = set()
        for act in ACTS:
            try:
                actions.require(tx, member, act, actor=node.group)
            except Forbidden:
                continue
            found.add(act)
        return found

    return await node.read(ask)


async def test_of_passwords_tokens_and_sessions_only_digests_are_kept(node: ServedNode) -> None:
    token = await node.write(actions.make_token, "steward", ("read", "publish"))
    login = await actions.log_in(node.node, "steward", PASSWORD)
    assert login is not None
    contents = repr(await node.contents())
    for secret in (PASSWORD, token, login.secret):
        assert secret not in contents
    assert hashlib.sha256(token.encode()).hexdigest() in contents
    assert "$argon2id$" in contents
    if node.node.database.is_sqlite:
        on_disk = await asyncio.to_thread(
            lambda: b"".join(path.read_bytes() for path in node.directory.glob("node.db*"))
        )
        for secret in (PASSWORD, token, login.secret):
            assert secret.encode() not in on_disk


async def test_a_token_is_its_member_with_its_scopes_and_nothing_else_is(node: ServedNode) -> None:
    secret = await node.write(actions.make_token, "steward", ("read", "publish"))
    member = await node.read(actions.token, secret)
    assert member.name == "steward" and member.scopes == {"read", "publish"}
    assert await allowed(node, member) == {"read", "publish"}
    for wrong in ("", secret[:-1], secret.upper(), hashlib.sha256(secret.encode()).hexdigest(), "x" * 10_000):
        assert await node.read(actions.token, wrong) is None


async def test_a_role_permits_what_it_says_and_no_more(node: ServedNode) -> None:
    expected = {
        "reader": {"read"},
        "writer": {"read", "write"},
        "editor": {"read", "write", "publish"},
        "delegate": {"read", "write", "peer"},
        "steward": set(ACTS),
    }
    assert set(expected) == set(rules.ROLES)
    for role, acts in expected.items():
        assert await allowed(node, await add(node, f"the-{role}", role)) == acts


async def test_a_mandate_that_has_ended_permits_nothing(node: ServedNode) -> None:
    rosa = await add(node, "rosa", "steward", ends=node.clock() + timedelta(days=30))
    token = await node.write(actions.make_token, "rosa", ACTS)
    assert await allowed(node, rosa) == set(ACTS)
    node.clock.advance(timedelta(days=30, seconds=1))
    assert await allowed(node, rosa) == set()
    assert await allowed(node, await node.read(actions.token, token)) == set()
    assert [row.name for row in await node.read(store.holders, "steward")] == ["steward"]


async def test_a_mandate_counts_in_its_own_group_alone(node: ServedNode) -> None:
    rosa = await add(node, "rosa", "steward")

    def elsewhere(tx: Transaction) -> None:
        actions.require(tx, rosa, "read", actor=f"{node.origin}/groups/other")

    with pytest.raises(Forbidden):
        await node.read(elsewhere)


async def test_a_wrong_password_is_counted_on_the_account_alone(node: ServedNode) -> None:
    await add(node, "rosa", "reader")
    for _ in range(rules.FAILURES_FREE):
        assert await actions.log_in(node.node, "rosa", "wrong wrong wrong") is None
    assert await actions.log_in(node.node, "rosa", PASSWORD) is None, "the account rests"
    assert await actions.log_in(node.node, "steward", PASSWORD) is not None, "and no other does"
    node.clock.advance(rules.FAILURE_PAUSE + timedelta(seconds=1))
    assert await actions.log_in(node.node, "rosa", PASSWORD) is not None
    assert (await node.read(store.by_name, "rosa")).failures == 0, "the count begins anew"


async def test_many_guesses_at_once_are_no_more_than_a_few(node: ServedNode) -> None:
    guesses = (actions.log_in(node.node, "steward", f"guess number {number}") for number in range(9))
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert all(answer is None or isinstance(answer, Busy) for answer in answers)
    assert (await node.read(store.by_name, "steward")).failures <= rules.FAILURES_FREE
    while (
        await node.read(store.by_name, "steward")
    ).failures < rules.FAILURES_FREE:  # some were turned away as too many
        assert await actions.log_in(node.node, "steward", "one guess more") is None
    assert await actions.log_in(node.node, "steward", PASSWORD) is None


def test_a_pause_grows_with_every_failure_and_has_an_end() -> None:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    pauses = [rules.pause_until(failures, moment) - moment for failures in range(1000)]
    assert pauses[: rules.FAILURES_FREE] == [timedelta()] * rules.FAILURES_FREE
    assert pauses[rules.FAILURES_FREE] == rules.FAILURE_PAUSE
    assert pauses == sorted(pauses)
    assert pauses[-1] == rules.FAILURE_PAUSE_AT_MOST


async def test_a_name_that_nobody_has_is_told_in_no_way_apart(node: ServedNode) -> None:
    for name in ("nobody", "", "\x00", "a" * 100_000, "ste\ud800ward"):
        assert await actions.log_in(node.node, name, PASSWORD) is None, name[:20]
    assert "nobody" not in repr(await node.contents())


async def test_a_session_ends_by_itself_by_leaving_and_with_a_new_password(node: ServedNode) -> None:
    async def begin() -> str:
        login = await actions.log_in(node.node, "steward", PASSWORD)
        assert login is not None
        return login.secret

    one, two = await begin(), await begin()
    found = await node.read(actions.session, one)
    assert found.member.name == "steward" and found.member.scopes is None
    await node.write(actions.log_out, one)
    assert await node.read(actions.session, one) is None
    assert await node.read(actions.session, two) is not None
    await node.write(actions.set_password, "steward", PASSWORD)
    assert await node.read(actions.session, two) is None
    three = await begin()
    node.clock.advance(rules.SESSION_LASTS + timedelta(seconds=1))
    assert await node.read(actions.session, three) is None


async def test_a_password_that_is_replaced_while_it_is_looked_at_opens_nothing(node: ServedNode) -> None:
    tried = await node.read(store.by_name, "steward")
    await node.write(resets.make, tried.id)
    assert await node.write(actions._after_password, tried) is None
    assert (await node.contents())["sessions"] == []


async def test_the_last_steward_cannot_be_removed(node: ServedNode) -> None:
    await add(node, "rosa", "editor")
    with pytest.raises(Conflict, match="only steward"):
        await node.write(actions.remove, "steward")
    await add(node, "emma", "steward")
    await node.write(actions.remove, "steward")
    with pytest.raises(Conflict, match="only steward"):
        await node.write(actions.remove, "emma")
    assert [row.name for row in await node.read(store.holders, "steward")] == ["emma"]


async def test_a_steward_whose_mandate_has_ended_is_none(node: ServedNode) -> None:
    await add(node, "emma", "steward", ends=node.clock() + timedelta(days=1))
    node.clock.advance(timedelta(days=2))
    with pytest.raises(Conflict, match="only steward"):
        await node.write(actions.remove, "steward")


async def test_of_stewards_who_remove_each_other_at_once_one_stays(node: ServedNode) -> None:
    def enter(tx: Transaction, name: str) -> None:
        store.add_mandate(tx, store.add(tx, name, "no password"), node.group, "steward", None)

    names = ["steward", "emma", "rosa", "clara"]
    for name in names[1:]:
        await node.write(enter, name)
    answers = await asyncio.gather(*(node.write(actions.remove, name) for name in names), return_exceptions=True)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1
    assert len(await node.read(store.holders, "steward")) == 1


async def test_whoever_is_removed_leaves_nothing_she_could_log_in_with(node: ServedNode) -> None:
    rosa = await add(node, "rosa", "editor")
    token = await node.write(actions.make_token, "rosa", ("read",))
    login = await actions.log_in(node.node, "rosa", PASSWORD)
    assert login is not None
    await node.write(actions.remove, "rosa")
    assert await node.read(actions.token, token) is None
    assert await node.read(actions.session, login.secret) is None
    assert await actions.log_in(node.node, "rosa", PASSWORD) is None
    assert await allowed(node, rosa) == set()
    contents = await node.contents()
    assert [contents["tokens"], contents["sessions"]] == [[], []]
    assert not stands_in("rosa", repr(contents))


async def test_a_login_name_has_a_plain_form(node: ServedNode) -> None:
    before = await node.contents()
    for name in ("", "Rosa", "a" * 41, "-rosa", "ro sa", "rosa\n", "r\x00", "røsa", "../rosa", "rosa@x"):
        with pytest.raises(Invalid):
            await add(node, name, "reader")
    assert await node.contents() == before


async def test_a_member_needs_a_role_a_password_and_a_name_of_her_own(node: ServedNode) -> None:
    before = await node.contents()
    for name, password, role, error in (
        ("rosa", "short", "reader", Invalid),
        ("rosa", "x" * 1001, "reader", Invalid),
        ("rosa", PASSWORD, "king", Invalid),
        ("steward", PASSWORD, "reader", Conflict),
    ):
        with pytest.raises(error) as caught:
            await node.write(actions.add, name, password, actor=node.group, role=role)
        assert password not in str(caught.value)
    with pytest.raises(Invalid):
        await add(node, "rosa", "reader", ends=node.clock() - timedelta(days=1))
    with pytest.raises(Missing):
        await node.write(actions.make_token, "nobody", ("read",))
    assert await node.contents() == before
