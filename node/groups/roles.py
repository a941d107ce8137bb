"""Who holds which role: mandates given, invitations opened, turns arranged, mandates recalled. Each is a decision.

What is proposed stands in a row of its own, which the decision names by its number alone: whom it is about is kept
with members, not with decisions, and goes 90 days after it was decided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Row, Table, Text, delete, select, update

from node import actors, decisions, localised
from node.context import Effect, Transaction
from node.database import Json, Moment, metadata
from node.decisions import Act, Described, Proposed
from node.errors import Conflict, Invalid, Missing
from node.members import actions as members
from node.members import invitations, mandates, offices, rules
from node.members import store as people
from node.members.rules import Grant
from node.members.store import Member
from node.translating import N_, spoken, translated

KIND = "change_roles"
KEPT_FOR = timedelta(days=90)
TURNS_AT_MOST = 100
TURN_DAYS_AT_MOST = 366
APPOINTED_FOR = timedelta(days=30)
SOON = timedelta(days=1)

role_changes = Table(
    "role_changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("actor", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("what", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("made", Moment, nullable=False),
    Column("closed", Moment),
)


@dataclass(frozen=True, slots=True)
class Turns:
    """A role that several hold one after the other, each for so many days, and then the first again."""

    grant: Grant
    members: tuple[str, ...]
    days: int
    rounds: int = 1


# ---- proposing


def give(tx: Transaction, name: str, grant: Grant, *, actor: str, member: Member, urgent: bool = False) -> Proposed:
    """Propose that a member of the node hold a mandate. Raises Missing, Invalid, Forbidden, Conflict."""
    grant = rules.check_grant(grant, now=tx.now)
    return _give(tx, name, grant, actor=actor, member=member, urgent=urgent, entered=False)


def _give(
    tx: Transaction, name: str, grant: Grant, *, actor: str, member: Member, urgent: bool, entered: bool
) -> Proposed:
    row = members.find(tx, name)
    if mandates.holds(tx, row.id, actor, grant.role, at=grant.begins or tx.now):
        raise Conflict("{name} holds a mandate as {role} in this group already", name=name, role=grant.role)
    details = {"member": row.id, "grant": grant.as_json(), "entered": entered}
    return propose(tx, KIND, "give", details, actor=actor, member=member, urgent=urgent)


def enter(
    tx: Transaction, name: str, password: str, grant: Grant, *, actor: str, member: Member, urgent: bool = False
) -> Proposed:
    """Enter somebody with a password and propose a mandate for her; without one she can do nothing.

    Raises Invalid, Conflict, Forbidden.
    """
    grant = rules.check_grant(grant, now=tx.now)
    members.enter(tx, name, password)
    return _give(tx, name, grant, actor=actor, member=member, urgent=urgent, entered=True)


def invite(
    tx: Transaction, grant: Grant, lasts: timedelta, *, actor: str, member: Member, urgent: bool = False
) -> tuple[Proposed, str]:
    """Propose an invitation; with the secret of its link, which is known this once. Raises Invalid, Forbidden."""
    grant = rules.check_grant(grant, now=tx.now)
    number, secret = invitations.make(tx, grant, actor=actor, lasts=lasts)
    details = {"invitation": number, "grant": grant.as_json()}
    return propose(tx, KIND, "invite", details, actor=actor, member=member, urgent=urgent), secret


def arrange_turns(tx: Transaction, turns: Turns, *, actor: str, member: Member, urgent: bool = False) -> Proposed:
    """Propose that members hold a role one after the other. Raises Missing, Invalid, Forbidden."""
    grant = rules.check_grant(turns.grant, now=tx.now)
    if len(set(turns.members)) < 2 or len(set(turns.members)) != len(turns.members):
        raise Invalid("name two members or more, each once", field="members")
    if not 1 <= turns.days <= TURN_DAYS_AT_MOST:
        raise Invalid("a turn has 1 to {limit} days", field="days", limit=TURN_DAYS_AT_MOST)
    if not 1 <= turns.rounds <= TURNS_AT_MOST // len(turns.members):
        raise Invalid("that makes more than {limit} turns, or none", field="rounds", limit=TURNS_AT_MOST)
    details = {
        "members": [members.find(tx, name).id for name in turns.members],
        "grant": grant.as_json(),
        "days": turns.days,
        "rounds": turns.rounds,
    }
    return propose(tx, KIND, "turns", details, actor=actor, member=member, urgent=urgent)


def appoint(tx: Transaction, name: str, *, actor: str) -> datetime:
    """For the holder of the server, without a decision: make a member steward of a group that has none, so that it can
    give out mandates again, and tell the members; the day on which her mandate ends.

    Raises Missing if she is no member of the node, Conflict while the group has a steward, or is to have one soon.
    """
    held = people.who_may(tx, "steward", actor, at=tx.now) or people.who_may(tx, "steward", actor, at=tx.now + SOON)
    if held:
        raise Conflict("nothing has changed: the group has a steward, who can propose others")
    row, ends = members.find(tx, name), tx.now + APPOINTED_FOR
    people.add_mandate(tx, row.id, actor, "steward", ends)
    offices.note(tx, actor, "appointed", office=offices.SERVER, member=row.id)
    return ends


def recall(tx: Transaction, numbers: Sequence[int], *, actor: str, member: Member, urgent: bool = False) -> Proposed:
    """Propose that mandates of the group end. Raises Missing, Forbidden, and Conflict if they cannot end."""
    for number in numbers:
        mandates.find(tx, number, actor=actor)
    mandates.check_can_end(tx, actor, numbers)
    return propose(tx, KIND, "recall", {"mandates": list(numbers)}, actor=actor, member=member, urgent=urgent)


def remove(tx: Transaction, name: str, *, actor: str, member: Member, urgent: bool = False) -> Proposed:
    """Propose that a member hold nothing in the group any more; one with no mandate elsewhere is forgotten then.

    Whoever holds a mandate nowhere is the main group's to forget.
    Raises Missing, Forbidden, and Conflict for the last steward.
    """
    row = members.find(tx, name)
    held = [one.id for one in mandates.of_member(tx, row.id, actor)]
    if not held and (mandates.groups_of(tx, row.id) or actor != actors.main_group(tx).iri):
        raise Missing("there is no member “{name}” in this group", name=name)
    mandates.check_can_end(tx, actor, held)
    return propose(tx, KIND, "remove", {"member": row.id}, actor=actor, member=member, urgent=urgent)


def propose(
    tx: Transaction, kind: str, what: str, details: dict[str, Any], *, actor: str, member: Member, urgent: bool
) -> Proposed:
    """Write down what is proposed, and propose it by its number."""
    members.require(tx, member, "steward", actor=actor)
    return put_forward(tx, kind, write_down(tx, what, details, actor=actor), actor=actor, member=member, urgent=urgent)


def write_down(tx: Transaction, what: str, details: dict[str, Any], *, actor: str) -> int:
    """Keep what is going to be proposed; its number."""
    entered = role_changes.insert().values(actor=actor, what=what, details=details, made=tx.now)
    return int(tx.execute(entered.returning(role_changes.c.id)).scalar_one())


def put_forward(tx: Transaction, kind: str, number: int, *, actor: str, member: Member, urgent: bool) -> Proposed:
    """Propose what was written down under a number."""
    decisions.propose(tx, kind, str(number), actor=actor, member=member, urgent=urgent)
    proposed: Proposed = tx.proposed[-1]
    return proposed


# ---- what follows


def changed(tx: Transaction, subject: str) -> None:
    """Effect: do what was proposed. Raises Conflict if it cannot be done any more."""
    row = find(tx, subject)
    if row is None:
        raise Conflict("what was proposed is no longer kept")
    close(tx, row)
    CARRIED_OUT[row.what](tx, row)


def refused(tx: Transaction, subject: str) -> None:
    """Refusal: forget an invitation that never opened, and somebody who was entered for a mandate she did not get."""
    row = find(tx, subject)
    if row is None:
        return
    close(tx, row)
    if row.what == "invite":
        invitations.withdraw(tx, row.details["invitation"])
    elif row.what == "give" and row.details.get("entered"):
        mandates.forget_without_any(tx, row.details["member"])


def find(tx: Transaction, subject: str) -> Row[Any] | None:
    """What was proposed, by its number."""
    return tx.execute(select(role_changes).where(role_changes.c.id == int(subject))).one_or_none()


def change(tx: Transaction, number: int, details: dict[str, Any]) -> None:
    """Write down something else under a number."""
    tx.execute(update(role_changes).where(role_changes.c.id == number).values(details=details))


def forget(tx: Transaction, number: int) -> None:
    """Keep nothing of what is not proposed after all."""
    tx.execute(delete(role_changes).where(role_changes.c.id == number))


def close(tx: Transaction, row: Row[Any]) -> None:
    """It was decided: from now on the days count until it is forgotten."""
    tx.execute(update(role_changes).where(role_changes.c.id == row.id).values(closed=tx.now))


def prune(tx: Transaction) -> int:
    """Forget what was decided long ago; how many rows there were."""
    return int(tx.execute(delete(role_changes).where(role_changes.c.closed <= tx.now - KEPT_FOR)).rowcount)


def _given(tx: Transaction, row: Row[Any]) -> None:
    grant = Grant.from_json(row.details["grant"])
    if grant.ends is not None and grant.ends <= tx.now:
        raise Conflict("the mandate would have ended already")
    mandates.give(tx, row.details["member"], row.actor, grant)


def _invited(tx: Transaction, row: Row[Any]) -> None:
    invitations.open_for_use(tx, row.details["invitation"])


def _turns_arranged(tx: Transaction, row: Row[Any]) -> None:
    told = row.details
    grant, days = Grant.from_json(told["grant"]), timedelta(days=told["days"])
    for number, (member, begins) in enumerate(_turns(told, grant, now=tx.now)):
        ends = begins + days
        if grant.ends is not None and begins >= grant.ends:
            break
        one = Grant(grant.role, begins if number else grant.begins, min(ends, grant.ends or ends), grant.remit)
        mandates.give(tx, member, row.actor, one, turns=row.id)


def _turns(told: dict[str, Any], grant: Grant, *, now: datetime) -> list[tuple[int, datetime]]:
    first = max(grant.begins or now, now)
    order = list(told["members"]) * told["rounds"]
    return [(member, first + timedelta(days=told["days"]) * number) for number, member in enumerate(order)]


def _recalled(tx: Transaction, row: Row[Any]) -> None:
    mandates.check_a_steward_stays(tx, row.actor, without=row.details["mandates"])
    for number in row.details["mandates"]:
        mandates.end(tx, number)
    mandates.look_after_departure(tx, row.actor)


def _removed(tx: Transaction, row: Row[Any]) -> None:
    held = [one.id for one in mandates.of_member(tx, row.details["member"], row.actor)]
    mandates.check_a_steward_stays(tx, row.actor, without=held)
    for number in held:
        mandates.end(tx, number)
    mandates.forget_without_any(tx, row.details["member"])
    mandates.look_after_departure(tx, row.actor)


CARRIED_OUT: dict[str, Callable[[Transaction, Row[Any]], None]] = {
    "give": _given,
    "invite": _invited,
    "turns": _turns_arranged,
    "recall": _recalled,
    "remove": _removed,
}


# ---- telling members


def describe(tx: Transaction, subject: str) -> Described:
    """Whom a change is about, with her name, for members alone, in the language that is spoken."""
    row = find(tx, subject)
    if row is None:
        return Described(translated("what was proposed is no longer kept"))
    told = row.details
    if row.what == "recall":
        held = [mandates.numbered(tx, number) for number in told["mandates"]]
        said = [f"{_name(tx, one.member)} ({translated(one.role)})" for one in held if one is not None]
        return Described(f"{translated('Recall')}: {_row(said) or translated('somebody who has left')}")
    if row.what == "remove":
        return Described(f"{translated('Remove')}: {_name(tx, told['member'])}")
    grant = Grant.from_json(told["grant"])
    role = translated(grant.role)
    if row.what == "turns":
        names = _row([_name(tx, one) for one in told["members"]])
        turn = localised.duration(timedelta(days=told["days"]) // timedelta(seconds=1), spoken())
        return Described(f"{_row([role, translated('in turns')])} ({turn}): {names}{_when(grant)}", _remit(grant))
    whom = translated("An invitation") if row.what == "invite" else _name(tx, told["member"])
    return Described(f"{whom}: {role}{_when(grant)}", _remit(grant))


def _row(said: list[str]) -> str:
    return localised.comma(spoken()).join(said)


def _name(tx: Transaction, member: int) -> str:
    return people.name_of(tx, member) or translated("somebody who has left")


def _when(grant: Grant) -> str:
    begins = f" {translated('from')} {grant.begins:%Y-%m-%d}" if grant.begins else ""
    return f"{begins} {translated('until')} {grant.ends:%Y-%m-%d}" if grant.ends else begins


def _remit(grant: Grant) -> str | None:
    from markupsafe import escape

    return f"<p>{escape(grant.remit)}</p>" if grant.remit else None


ACTS: dict[str, Act] = {KIND: Act("steward", "change_roles", N_("change who holds which role"), describe)}
EFFECTS: dict[str, Effect] = {KIND: changed}
REFUSALS: dict[str, Effect] = {KIND: refused}
