"""Members at the desk: who holds what, and for stewards the forms by which it is changed, all of it by decision.

What is told once (the link of an invitation, or of a new password) stands on the page that answers the form, and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node.context import NODE, Transaction
from node.decisions import UNDER, Proposed, ruling
from node.decisions import store as decisions
from node.errors import Conflict, Forbidden, Invalid, Missing, NodeError
from node.groups import roles
from node.groups.roles import Turns
from node.members import ROLES, invitations, mandates, offices, resets, rules, second_factor
from node.members import actions as members
from node.members.rules import Grant
from node.translating import N_
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, back, gathered, received, standing, told_after, values_for
from node.web.pages import rendering

PAGE = f"{DESK}/members"
FIELDS = ("role", "begins", "until", "remit", "days", "rounds", "members", "name")
NOTICES = {
    "withdrawn": N_("The invitation is taken back."),
}
SHOWN_DECISIONS = 50


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a form: a proposal, a link that is shown once, or both. `whose`: for whom the link is."""

    proposed: Proposed | None = None
    link: str | None = None
    kind: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in a form (`act` says in which), and what is wrong with it: field -> error."""

    act: str = ""
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, NodeError] = field(default_factory=dict)


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """The members of the group, with their mandates. Raises Forbidden for whoever holds none in it."""
    return await _show(request, await standing(request), Filled())


@told_on_a_page
async def power(request: web.Request) -> web.StreamResponse:
    """What stewards and the holder of the server can do anyway, in plain words, and how to share it."""
    here = await standing(request)
    values = await request.app[NODE].database.read(_gather_power, here)
    return rendering.private(request, "desk_power.html", **values)


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Do, or propose, what a form says: invite, mandate, turns, recall, remove, reset, withdraw. 404 for another."""
    here, form = await received(request)
    name = request.match_info["act"]
    if name not in ACTS:
        raise Missing("there is no such form")
    given = {key: form.get(key, "")[:5000] for key in (*FIELDS, "number", "urgent", "second_factor")}
    try:
        told = await request.app[NODE].database.write(ACTS[name], here, given)
    except (Invalid, Conflict, Missing) as error:
        where = error.field if isinstance(error, Invalid) and error.field in FIELDS else "form"
        return await _show(request, here, Filled(name, given, {where or "form": error}), status=error.status)
    if told.link is not None:
        return await _show(request, here, Filled(), told=told)
    if told.proposed is None:
        raise back(PAGE, here, done="withdrawn")
    return await after(request, PAGE, here, told.proposed, decision=str(told.proposed.number))


# ---- what the forms do


def _invite(tx: Transaction, here: Standing, form: dict[str, str]) -> Told:
    lasts = timedelta(days=_whole(form["days"], "days"))
    proposed, secret = roles.invite(
        tx, _grant(form), lasts, actor=here.actor, member=here.member, urgent=bool(form["urgent"])
    )
    return Told(proposed, tx.node.address(f"/join/{secret}"), "invitation")


def _mandate(tx: Transaction, here: Standing, form: dict[str, str]) -> Told:
    urgent = bool(form["urgent"])
    return Told(roles.give(tx, form["name"], _grant(form), actor=here.actor, member=here.member, urgent=urgent))


def _turns(tx: Transaction, here: Standing, form: dict[str, str]) -> Told:
    names = tuple(form["members"].replace(",", " ").split())
    turns = Turns(_grant(form), names, _whole(form["days"], "days"), _whole(form["rounds"], "rounds"))
    urgent = bool(form["urgent"])
    return Told(roles.arrange_turns(tx, turns, actor=here.actor, member=here.member, urgent=urgent))


def _recall(tx: Transaction, here: Standing, form: dict[str, str]) -> Told:
    row = mandates.find(tx, _whole(form["number"], "number"), actor=here.actor)
    numbers = [row.id]
    if row.turns is not None:
        numbers = [one.id for one in mandates.in_turns(tx, row.turns, actor=here.actor) if one.member == row.member]
    return Told(roles.recall(tx, numbers, actor=here.actor, member=here.member, urgent=bool(form["urgent"])))


def _remove(tx: Transaction, here: Standing, form: dict[str, str]) -> Told:
    urgent = bool(form["urgent"])
    return Told(roles.remove(tx, form["name"], actor=here.actor, member=here.member, urgent=urgent))


def _reset(tx: Transaction, here: Standing, form: dict[str, str]) -> Told:
    """A link to a new password: no decision, because who cannot log in cannot wait; but all members see it.

    The link opens every group that she is a member of, so whoever makes it has to be a steward of each.
    """
    members.require(tx, here.member, "steward", actor=here.actor)
    row = members.find(tx, form["name"])
    if not mandates.of_member(tx, row.id, here.actor):
        raise Missing("there is no member “{name}” in this group", name=form["name"])
    for actor in mandates.groups_of(tx, row.id):
        if here.member.id not in mandates.stewards(tx, actor):
            raise Forbidden("she is a member of another group too; whoever holds the server can make her a link")
    both = bool(form["second_factor"])
    offices.note_about(tx, row.id, "reset_all" if both else "reset", office=offices.STEWARD)
    secret = resets.make(tx, row.id, second_factor=both)
    return Told(None, tx.node.address(f"/reset/{secret}"), "reset", row.name)


def _withdraw(tx: Transaction, here: Standing, form: dict[str, str]) -> Told:
    members.require(tx, here.member, "steward", actor=here.actor)
    row = invitations.numbered(tx, _whole(form["number"], "number"), actor=here.actor)
    invitations.withdraw(tx, row.id)
    offices.note(tx, here.actor, "withdrew", office=offices.STEWARD)
    return Told()


ACTS: dict[str, Callable[[Transaction, Standing, dict[str, str]], Told]] = {
    "invite": _invite,
    "mandate": _mandate,
    "turns": _turns,
    "recall": _recall,
    "remove": _remove,
    "reset": _reset,
    "withdraw": _withdraw,
}


def _grant(form: dict[str, str]) -> Grant:
    until = _day(form["until"], "until")
    ends = until.replace(hour=23, minute=59, second=59) if until is not None else None
    return Grant(form["role"], _day(form["begins"], "begins"), ends, form["remit"])


def _day(text: str, name: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid("“{text}” is not a day such as 2027-05-01", field=name, text=text) from None


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Invalid("“{text}” is not a whole number", field=name, text=text)
    return int(text)


# ---- what the page shows


async def _show(
    request: web.Request, here: Standing, filled: Filled, *, told: Told | None = None, status: int = 200
) -> web.Response:
    values = await gathered(request, _gather, here)
    if told is None:
        values["notice"] = told_after(here, NOTICES)
    return rendering.private(request, "desk_members.html", status=status, filled=filled, told_once=told, **values)


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    return values_for(tx, here) | {
        "people": _people(tx, here.actor),
        "may_change": here.may("steward"),
        "meanings": ROLES,
        "too_few_stewards": len(mandates.stewards(tx, here.actor)) < 2,
        "gaps": mandates.gaps(tx, here.actor),
        "invitations": invitations.of_group(tx, here.actor),
        "rule": ruling.in_force(tx, here.actor, "change_roles"),
        "done_in_office": offices.of_group(tx, here.actor),
        "what_was_done": offices.WHAT,
        "kinds": UNDER,
        "kept_days": offices.KEPT_FOR.days,
        "decided_in_office": _decided(tx, here.actor),
        "invitation_days": rules.INVITATION_LASTS.days,
        "reset_days": resets.LASTS.days,
    }


def _people(tx: Transaction, actor: str) -> list[dict[str, Any]]:
    """The members of a group, each with her mandates in it, those that begin later too."""
    found: dict[int, dict[str, Any]] = {}
    for row in mandates.of_group(tx, actor):
        one = found.setdefault(row.member, {"name": row.name, "mandates": [], "factor": False})
        one["mandates"].append({"row": row, "begins": row.begins if row.begins > tx.now else None})
        one["factor"] = second_factor.is_on(tx, row.member)
    return list(found.values())


def _decided(tx: Transaction, actor: str) -> list[dict[str, Any]]:
    """What was decided in the last months that a steward's mandate is needed for: her acts, for all members."""
    rows = decisions.closed(tx, [actor], limit=SHOWN_DECISIONS)
    return [
        {"row": row, "title": tx.node.rooms.acts[row.kind].title, "about": _about(tx, row)}
        for row in rows
        if row.closed > tx.now - offices.KEPT_FOR and tx.node.rooms.acts[row.kind].needs == "steward"
    ]


def _about(tx: Transaction, row: Row[Any]) -> str:
    return tx.node.rooms.acts[row.kind].describe(tx, row.subject).title


def _gather_power(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    return values_for(tx, here) | {
        "stewards": len(mandates.stewards(tx, here.actor)),
        "database": "SQLite" if tx.node.database.is_sqlite else "PostgreSQL",
    }
