"""Groups that begin and end: a committee, a branch or a paper beside the main group, with members and rules of its own.

A group is added by a decision of the main group, with keys of its own and one steward. It is retired by a decision of
its own: it says nothing more, its address answers 410 with a tombstone, everybody who follows it or whom it follows is
told, and what it said stays readable here. Other servers delete their copies then; that is how they understand it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from federation import keys
from node import activities, actors, decisions, former_groups
from node.context import Effect, Node, Transaction
from node.decisions import Act, Described, Proposed, closing
from node.errors import Conflict, Missing
from node.groups import actions, roles, rules, store
from node.jobs import Job, Promise, promise
from node.members import actions as members
from node.members import invitations, mandates
from node.members.rules import Grant
from node.members.store import Member
from node.peering import store as peering
from node.statements import store as statements
from node.translating import N_
from schemas.context import PUBLIC

ADD, RETIRE = "add_group", "retire_group"
TAKEN = N_("a group of this node is or was called “{handle}”; no address is used twice")
RESERVED_FOR = timedelta(minutes=10)
KEYS_KEPT_FOR = timedelta(days=30)  # what tells others that the group is gone is signed with them when it leaves


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group to be added. `steward` is the login name of its first steward, a member of the node."""

    handle: str
    name: str
    language: str
    steward: str
    tendency: str | None = None


async def add(node: Node, group: NewGroup, *, member: Member, urgent: bool = False) -> tuple[Proposed, str]:
    """Make keys and propose that the node have one more group; with its recovery key (PEM), known this once.

    Raises Invalid, Missing, Forbidden, and Conflict if a group has, or had, that handle.
    """
    _check(group)
    recovery = keys.make_ed25519()
    number = await node.database.write(_reserve, group, keys.to_multibase(recovery.public_key()), member)
    try:
        await asyncio.to_thread(_make_keys, node, group.handle)
        proposed = await node.database.write(_propose, number, member, urgent)
    except BaseException:
        await node.database.write(_give_up, number)
        raise
    return proposed, keys.private_pem(recovery).decode()


def _check(group: NewGroup) -> None:
    rules.check_handle(group.handle)
    rules.check_name(group.name)
    rules.check_language(group.language)
    if group.tendency:
        rules.check({"tendency": group.tendency})


def _reserve(tx: Transaction, group: NewGroup, recovery_key: str, member: Member) -> int:
    """Keep the handle for this one while its keys are made, so that nobody else makes others in their place."""
    main = actors.main_group(tx).iri
    members.require(tx, member, "steward", actor=main)
    steward = members.find(tx, group.steward).id
    if former_groups.is_taken(tx, group.handle):
        raise Conflict(TAKEN, handle=group.handle)
    if any(_holds(tx, row, group.handle) for row in tx.execute(_foundings())):
        raise Conflict("a group called “{handle}” is proposed already", handle=group.handle)
    details = {
        "handle": group.handle,
        "name": rules.check_name(group.name),
        "language": group.language,
        "tendency": group.tendency or None,
        "recovery_key": recovery_key,
        "steward": steward,
        "proposed": False,
    }
    return roles.write_down(tx, "found", details, actor=main)


def _foundings() -> Any:
    table = roles.role_changes
    return table.select().where(table.c.what == "found", table.c.closed.is_(None)).limit(1000)


def _holds(tx: Transaction, row: Row[Any], handle: str) -> bool:
    """Whether a founding that is not decided has this handle; one that was killed half-way does not for long."""
    under_way = row.details["proposed"] or row.made > tx.now - RESERVED_FOR
    return under_way and bool(row.details["handle"] == handle)


def _make_keys(node: Node, handle: str) -> None:
    name = actors.key_name(actors.GROUP, handle)
    node.keyring.destroy(name)  # of one whose process was killed half-way
    node.keyring.make(name)


def _propose(tx: Transaction, number: int, member: Member, urgent: bool) -> Proposed:
    row = roles.find(tx, str(number))
    if row is None:
        raise Missing("what was to be proposed is no longer kept; try again")
    roles.change(tx, number, row.details | {"proposed": True})
    return roles.put_forward(tx, ADD, number, actor=row.actor, member=member, urgent=urgent)


def _give_up(tx: Transaction, number: int) -> None:
    row = roles.find(tx, str(number))
    if row is not None and not row.details["proposed"]:
        roles.forget(tx, number)
        name = actors.key_name(actors.GROUP, row.details["handle"])
        tx.after_commit(lambda: tx.node.keyring.destroy(name))


def added(tx: Transaction, subject: str) -> None:
    """Effect: enter the group and give its first steward her mandate."""
    row = roles.find(tx, subject)
    if row is None:
        raise Conflict("what was proposed is no longer kept")
    roles.close(tx, row)
    told = row.details
    if former_groups.is_taken(tx, told["handle"]):
        raise Conflict(TAKEN, handle=told["handle"])
    values = {name: told[name] for name in ("handle", "name", "language", "tendency", "recovery_key")}
    iri = actors.add_local(tx, kind=actors.GROUP, **values)
    mandates.give(tx, told["steward"], iri, Grant("steward"))


def not_added(tx: Transaction, subject: str) -> None:
    """Refusal: destroy the keys that were made for it."""
    row = roles.find(tx, subject)
    if row is None:
        return
    roles.close(tx, row)
    name = actors.key_name(actors.GROUP, row.details["handle"])
    tx.after_commit(lambda: tx.node.keyring.destroy(name))


def retire(tx: Transaction, *, actor: str, member: Member, urgent: bool = False) -> Proposed:
    """Propose that a group of the node end. Raises Forbidden, and Conflict for the main group."""
    members.require(tx, member, "steward", actor=actor)
    _check_retirable(tx, actor)
    decisions.propose(tx, RETIRE, actor, actor=actor, member=member, urgent=urgent)
    proposed: Proposed = tx.proposed[-1]
    return proposed


def _check_retirable(tx: Transaction, actor: str) -> None:
    if actors.main_group(tx).iri == actor:
        raise Conflict("the main group ends with its node; it cannot be retired")
    if waiting := len(statements.waiting(tx, actor)):
        raise Conflict("{count} publications of the group wait to leave; call them back or let them go", count=waiting)


def retired(tx: Transaction, subject: str) -> None:
    """Effect: tell everybody who knows the group, end its mandates and its votes, and let it say nothing more."""
    row = actors.local(tx, subject)
    if row.retired is not None:
        return
    _check_retirable(tx, subject)
    delete = activities.make(
        tx, "Delete", actor=subject, object=subject, to=[PUBLIC], cc=[actors.followers_of(subject)],
        published=tx.now.replace(microsecond=0),
    )  # fmt: skip
    activities.send(tx, delete, actions.who_knows(tx, subject))
    store.change(tx, subject, retired=tx.now)
    peering.end_all_of(tx, subject)
    for invitation in invitations.of_group(tx, subject):
        invitations.withdraw(tx, invitation.id)
    mandates.end_all_of(tx, subject)
    closing.end_all(tx, subject)
    payload = {"name": actors.key_name(row.kind, row.handle, row.key_number)}
    promise(tx, Promise("destroy_keys", payload, key=f"destroy_keys {subject}", due=tx.now + KEYS_KEPT_FOR))


async def destroy_keys(node: Node, payload: dict[str, Any]) -> None:
    """Job: whoever still has not heard of the end of a group does not hear of it any more; its keys go."""
    await asyncio.to_thread(node.keyring.destroy, payload["name"])


def _describe_new(tx: Transaction, subject: str) -> Described:
    row = roles.find(tx, subject)
    if row is None:
        return Described("a new group; what it was is no longer kept")
    return Described(f"{row.details['name']} (@{row.details['handle']}@{tx.node.config.host})")


def _describe_end(tx: Transaction, subject: str) -> Described:
    return Described(str(actors.local(tx, subject).name), address=subject)


ACTS: dict[str, Act] = {
    ADD: Act("steward", "change_roles", N_("add a group to the node"), _describe_new),
    RETIRE: Act("steward", "delete", N_("retire the group"), _describe_end),
}
EFFECTS: dict[str, Effect] = {ADD: added, RETIRE: retired}
REFUSALS: dict[str, Effect] = {ADD: not_added}
JOBS: dict[str, Job] = {"destroy_keys": destroy_keys}
