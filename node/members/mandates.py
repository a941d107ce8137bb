"""Mandates: given, ended, held in turns; and what must not happen to the last steward of a group."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from node.context import Transaction
from node.errors import Conflict, Missing
from node.members import rules, store, viewers
from node.members.rules import Grant
from node.prepared import savepoint

SOON = timedelta(days=30)


def give(tx: Transaction, member: int, actor: str, grant: Grant, *, turns: int | None = None) -> int:
    """Let a member hold a mandate; its number. Raises Missing when she has left."""
    if store.name_of(tx, member) is None:
        raise Missing("the member it was for has left")
    begins = grant.begins if grant.begins is not None and grant.begins > tx.now else None
    return store.add_mandate(tx, member, actor, grant.role, grant.ends, begins=begins, remit=grant.remit, turns=turns)


def end(tx: Transaction, number: int) -> None:
    """End a mandate at this moment; one that has not begun is forgotten."""
    tx.execute(delete(store.mandates).where(store.mandates.c.id == number, store.mandates.c.begins > tx.now))
    live = or_(store.mandates.c.ends.is_(None), store.mandates.c.ends > tx.now)
    tx.execute(update(store.mandates).where(store.mandates.c.id == number, live).values(ends=tx.now))


def find(tx: Transaction, number: int, *, actor: str) -> Row[Any]:
    """A mandate of a group that has not ended. Raises Missing."""
    row = numbered(tx, number)
    if row is None or row.actor != actor or (row.ends is not None and row.ends <= tx.now):
        raise Missing("there is no such mandate in this group, or it has ended")
    return row


def numbered(tx: Transaction, number: int) -> Row[Any] | None:
    """A mandate, whether it has ended or not."""
    return tx.execute(select(store.mandates).where(store.mandates.c.id == number)).one_or_none()


def holds(tx: Transaction, member: int, actor: str, role: str, *, at: datetime) -> bool:
    """Whether a member holds a role at a moment."""
    return any(row.role == role and row.begins <= at for row in of_member(tx, member, actor, at=at))


def of_member(tx: Transaction, member: int, actor: str, *, at: datetime | None = None) -> list[Row[Any]]:
    """The mandates of a member in a group that have not ended, also those that begin later."""
    query = select(store.mandates).where(
        store.mandates.c.member == member, store.mandates.c.actor == actor, _not_over(at or tx.now)
    )
    return list(tx.execute(query.order_by(store.mandates.c.begins, store.mandates.c.id).limit(1000)))


def groups_of(tx: Transaction, member: int) -> list[str]:
    """The groups in which a member holds a mandate, or will."""
    query = select(store.mandates.c.actor).where(store.mandates.c.member == member, _not_over(tx.now))
    return list(tx.execute(query.distinct().order_by(store.mandates.c.actor).limit(100)).scalars())


def of_group(tx: Transaction, actor: str) -> list[Row[Any]]:
    """The mandates of a group that have not ended, with the name of who holds it; by name, then by their beginning."""
    query = (
        select(store.mandates, store.members.c.name)
        .join(store.members, store.members.c.id == store.mandates.c.member)
        .where(store.mandates.c.actor == actor, _not_over(tx.now))
        .order_by(store.members.c.name, store.mandates.c.begins, store.mandates.c.id)
    )
    return list(tx.execute(query.limit(10_000)))


def in_turns(tx: Transaction, turns: int, *, actor: str) -> list[Row[Any]]:
    """The mandates of a group that follow each other under one number and have not ended."""
    query = select(store.mandates).where(
        store.mandates.c.turns == turns, store.mandates.c.actor == actor, _not_over(tx.now)
    )
    return list(tx.execute(query.order_by(store.mandates.c.begins).limit(1000)))


def end_all_of(tx: Transaction, actor: str) -> None:
    """End every mandate in a group that acts no more."""
    for row in of_group(tx, actor):
        end(tx, row.id)


def stewards(tx: Transaction, actor: str) -> list[int]:
    """Who holds a steward's mandate in a group at this moment."""
    return store.who_may(tx, "steward", actor, at=tx.now)


def check_a_steward_stays(tx: Transaction, actor: str, *, without: Sequence[int]) -> None:
    """Raise Conflict if without these mandates the group had no steward."""
    held = [row for row in of_group(tx, actor) if row.role == "steward" and row.begins <= tx.now]
    if held and all(row.id in without for row in held):
        raise Conflict("that is the group's only steward; give somebody else a steward's mandate first")


def look_after_departure(tx: Transaction, actor: str | None) -> None:
    """Mandates were taken away: let those rooms know that have to forbid it, or to look again at what they wait for."""
    for check in tx.node.rooms.departures:
        check(tx, actor)


def check_can_end(tx: Transaction, actor: str, numbers: Sequence[int]) -> None:
    """Raise Conflict if these mandates of a group cannot all end now; nothing of it is done.

    Members are asked to decide on nothing that could not be carried out.
    """
    check_a_steward_stays(tx, actor, without=numbers)
    registered = tx.mark()
    with contextlib.suppress(_Tried), savepoint(tx):
        for number in numbers:
            end(tx, number)
        look_after_departure(tx, actor)
        raise _Tried
    tx.forget_since(registered)


class _Tried(Exception):
    """It could be done, and is undone."""


def forget_without_any(tx: Transaction, member: int) -> None:
    """Forget a member who holds no mandate in any group and will hold none; one who came as a reader stays one."""
    query = select(store.mandates.c.id).where(store.mandates.c.member == member, _not_over(tx.now))
    if tx.execute(query).first() is None and not viewers.is_admitted(tx, member):
        store.remove(tx, member)


def leave(tx: Transaction, member: int) -> None:
    """Go, with everything one could log in with. Raises Conflict for the last steward of a group."""
    for actor in {row.actor for row in store.mandates_in_force(tx, member)}:
        check_a_steward_stays(tx, actor, without=[row.id for row in of_member(tx, member, actor)])
    store.remove(tx, member)
    look_after_departure(tx, None)


def gaps(tx: Transaction, actor: str) -> list[str]:
    """The roles that are held now, and by nobody a month from now: somebody's time is over, and nobody follows."""
    rows = of_group(tx, actor)
    now = {row.role for row in rows if row.begins <= tx.now}
    then = {row.role for row in rows if row.begins <= tx.now + SOON and not _ends_before(row, tx.now + SOON)}
    return [role for role in rules.ROLES if role in now - then]


def ending(tx: Transaction, actor: str) -> list[Row[Any]]:
    """The mandates in force that end within a month without another after them, the first first."""
    rows = of_group(tx, actor)
    last = {(row.member, row.role): row for row in sorted(rows, key=lambda row: (row.ends is None, row.ends or tx.now))}
    soon = [row for row in last.values() if row.begins <= tx.now and _ends_before(row, tx.now + SOON)]
    return sorted(soon, key=lambda row: row.ends)


def prune(tx: Transaction) -> int:
    """Forget mandates that ended long ago; how many there were."""
    old = store.mandates.c.ends <= tx.now - rules.ENDED_KEPT_FOR
    return int(tx.execute(delete(store.mandates).where(old)).rowcount)


def _not_over(now: datetime) -> Any:
    return or_(store.mandates.c.ends.is_(None), store.mandates.c.ends > now)


def _ends_before(row: Row[Any], moment: datetime) -> bool:
    return row.ends is not None and bool(row.ends <= moment)
