"""Commands about members: add, invite, list, mandate, appoint, recall, turns, remove, reset, sessions, log; token."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from node import actors
from node.cli.commands import (
    AS_JSON,
    AS_MEMBER,
    IN_GROUP,
    Command,
    deciding_member,
    group_of,
    opened,
    option,
    outcome,
    show,
    words,
)
from node.context import Transaction
from node.decisions import Proposed
from node.errors import Invalid, Missing
from node.groups import roles
from node.groups.roles import Turns
from node.members import ROLES, actions, mandates, offices, resets, rules, store
from node.members.rules import Grant


async def add(options: argparse.Namespace) -> int:
    """Enter somebody with a password and propose a mandate for her."""
    (name,) = words(options)
    password, grant = secrets.token_urlsafe(15), _grant(options)

    def enter(tx: Transaction) -> Proposed:
        group, member = deciding_member(tx, options)
        return roles.enter(tx, name, password, grant, actor=group, member=member, urgent=options.urgent)

    async with opened(options) as node:
        proposed = await node.database.write(enter)
        login = node.address("/login")
    told, text = outcome(proposed, f"{name} is a member with the role {options.role}")
    result = {"name": name, "role": options.role, "until": options.until, "password": password} | told
    return show(options, result, f"{text}\nPassword, shown this once: {password}\nLog in at {login}")


async def invite(options: argparse.Namespace) -> int:
    """Propose an invitation and print its link."""
    words(options)
    grant, lasts = _grant(options), timedelta(days=_whole(options.days, "--days"))

    def act(tx: Transaction) -> tuple[Proposed, str]:
        group, member = deciding_member(tx, options)
        return roles.invite(tx, grant, lasts, actor=group, member=member, urgent=options.urgent)

    async with opened(options) as node:
        proposed, secret = await node.database.write(act)
        link = node.address(f"/join/{secret}")
    told, text = outcome(proposed, f"works once, for {lasts.days} days")
    return show(options, {"link": link, "role": options.role, "days": lasts.days} | told, f"{link}\n{text}")


async def mandate(options: argparse.Namespace) -> int:
    """Propose a further mandate for a member."""
    (name,) = words(options)
    grant = _grant(options)

    def act(tx: Transaction) -> Proposed:
        group, member = deciding_member(tx, options)
        return roles.give(tx, name, grant, actor=group, member=member, urgent=options.urgent)

    return await _decide(options, act, f"{name} holds the role {grant.role}")


async def appoint(options: argparse.Namespace) -> int:
    """Make a member steward of a group that has none."""
    (name,) = words(options)
    async with opened(options) as node:
        ends = await node.database.write(lambda tx: roles.appoint(tx, name, actor=group_of(tx, options).iri))
    text = f"{name} is steward until {ends:%Y-%m-%d}; all members see that she was appointed"
    return show(options, {"name": name, "role": "steward", "until": f"{ends:%Y-%m-%d}"}, text)


async def recall(options: argparse.Namespace) -> int:
    """Propose that a member hold a role no longer."""
    (name,) = words(options)

    def act(tx: Transaction) -> Proposed:
        group, member = deciding_member(tx, options)
        held = mandates.of_member(tx, actions.find(tx, name).id, group)
        numbers = [row.id for row in held if row.role == options.role]
        if not numbers:
            raise Missing("{name} holds no mandate as {role} in this group", name=name, role=options.role)
        return roles.recall(tx, numbers, actor=group, member=member, urgent=options.urgent)

    return await _decide(options, act, f"{name} holds the role {options.role} no longer")


async def turns(options: argparse.Namespace) -> int:
    """Propose that members hold a role one after the other."""
    words(options)
    names = tuple(options.members.replace(",", " ").split())
    days, rounds = _whole(options.days, "--days"), _whole(options.rounds, "--rounds")
    arranged = Turns(_grant(options), names, days, rounds)

    def act(tx: Transaction) -> Proposed:
        group, member = deciding_member(tx, options)
        return roles.arrange_turns(tx, arranged, actor=group, member=member, urgent=options.urgent)

    return await _decide(options, act, f"{', '.join(names)} hold the role {options.role} in turns of {days} days")


async def remove(options: argparse.Namespace) -> int:
    """Propose that somebody be no member of the group any more; who goes by her own wish just goes."""
    (name,) = words(options)
    if options.member == name:
        async with opened(options) as node:
            await node.database.write(actions.remove, name)
        return show(options, {"name": name, "removed": True}, f"{name} has left; nothing she could log in with is kept")

    def act(tx: Transaction) -> Proposed:
        group, member = deciding_member(tx, options)
        return roles.remove(tx, name, actor=group, member=member, urgent=options.urgent)

    return await _decide(options, act, f"{name} is no longer a member")


async def _decide(options: argparse.Namespace, act: Callable[[Transaction], Proposed], done: str) -> int:
    async with opened(options) as node:
        proposed = await node.database.write(act)
    told, text = outcome(proposed, done)
    return show(options, told, text)


async def list_members(options: argparse.Namespace) -> int:
    """List the members with their mandates."""
    words(options)
    async with opened(options) as node:
        result = await node.database.read(_members)
    lines = [f"{one['name']}  {', '.join(one['mandates']) or 'no mandate'}" for one in result]
    return show(options, result, "\n".join(lines) or "there is no member yet")


def _members(tx: Transaction) -> list[dict[str, Any]]:
    handles = {row.iri: row.handle for row in actors.groups(tx)}
    several = len(handles) > 1
    found = []
    for row in store.everybody(tx):
        held = [one for iri in handles for one in mandates.of_member(tx, row.id, iri)]
        said = [f"{one.role}{f' in {handles[one.actor]}' if several else ''}{_dates(tx, one)}" for one in held]
        remits = {one.role: one.remit for one in held if one.remit}
        found.append({"name": row.name, "mandates": said} | ({"remits": remits} if remits else {}))
    return found


def _dates(tx: Transaction, row: Any) -> str:
    begins = f" from {row.begins:%Y-%m-%d}" if row.begins > tx.now else ""
    return f"{begins} until {row.ends:%Y-%m-%d}" if row.ends else begins


async def reset(options: argparse.Namespace) -> int:
    """Take a member's password and sessions away; print a link to a new one."""
    (name,) = words(options)

    def act(tx: Transaction) -> str:
        row = actions.find(tx, name)
        what = "reset_all" if options.second_factor else "reset"
        offices.note_about(tx, row.id, what, office=offices.SERVER)
        return resets.make(tx, row.id, second_factor=options.second_factor)

    async with opened(options) as node:
        link = node.address(f"/reset/{await node.database.write(act)}")
    days = resets.LASTS.days
    text = f"{link}\nWith this link {name} sets a new password; it works once, for {days} days. Her sessions have ended"
    result = {"name": name, "link": link, "days": days, "second_factor_removed": options.second_factor}
    return show(options, result, text)


async def sessions(options: argparse.Namespace) -> int:
    """List a member's sessions, or end them all."""
    (name,) = words(options)

    def act(tx: Transaction) -> list[dict[str, str]]:
        row = actions.find(tx, name)
        if options.end:
            store.end_sessions(tx, row.id)
        found = store.sessions_of(tx, row.id)
        return [{"began": f"{one.since:%Y-%m-%d}", "last_seen": f"{one.seen:%Y-%m-%d}"} for one in found]

    async with opened(options) as node:
        result = await node.database.write(act)
    lines = [f"began {one['began']}, last seen {one['last_seen']}" for one in result]
    return show(options, result, "\n".join(lines) or f"{name} is logged in nowhere")


async def log(options: argparse.Namespace) -> int:
    """List what was done to members in office."""
    words(options)

    def act(tx: Transaction) -> list[dict[str, Any]]:
        rows = offices.of_group(tx, group_of(tx, options).iri)
        return [
            {"day": f"{row.day:%Y-%m-%d}", "office": row.office, "what": offices.WHAT[row.what], "member": row.name}
            | ({"about": row.about} if row.about else {})
            for row in rows
        ]

    async with opened(options) as node:
        result = await node.database.read(act)
    lines = [
        f"{one['day']}  {one['office']}: {one['what']} {one['member'] or one.get('about', '')}".rstrip()
        for one in result
    ]
    return show(options, result, "\n".join(lines) or "nothing was done in office lately that was not decided")


async def token(options: argparse.Namespace) -> int:
    """Make a token for a program."""
    (name,) = words(options)
    scopes = rules.check_scopes(options.scopes)
    async with opened(options) as node:
        secret = await node.database.write(_make_token, name, scopes)
    return show(options, {"member": name, "scopes": list(scopes), "token": secret}, secret)


def _make_token(tx: Transaction, name: str, scopes: tuple[str, ...]) -> str:
    offices.note_about(tx, actions.find(tx, name).id, "tokens", office=offices.SERVER)
    return actions.make_token(tx, name, scopes)


def _grant(options: argparse.Namespace) -> Grant:
    begins = getattr(options, "begins", None)
    return Grant(options.role, _day(begins, "--from"), _until(options.until), options.remit or "")


def _until(text: str | None) -> datetime | None:
    day = _day(text, "--until")
    return day.replace(hour=23, minute=59, second=59) if day is not None else None


def _day(text: str | None, field: str) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid("“{text}” is not a day such as 2027-05-01", field=field, text=text) from None


def _whole(text: str, field: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 5):
        raise Invalid("“{text}” is not a whole number", field=field, text=text)
    return int(text)


URGENT = option("--urgent", action="store_true", help="by the urgent path of the group's rule")
ROLE = option("--role", choices=tuple(ROLES), default="writer", metavar="ROLE", help=f"one of {', '.join(ROLES)}")
UNTIL = option("--until", metavar="DATE", help="the day on which the mandate ends (default: no end)")
FROM = option("--from", dest="begins", metavar="DATE", help="the day on which it begins (default: at once)")
REMIT = option("--remit", metavar="TEXT", help="what she may say in the group's name")
PROPOSED = (AS_MEMBER, URGENT, IN_GROUP, AS_JSON)

COMMANDS = (
    Command(
        "member add", "enter a member and propose a mandate for her; prints her password once",
        "commonwire member add ./union rosa --role editor --until 2027-05-01", add, words=("NAME",),
        options=(ROLE, FROM, UNTIL, REMIT, *PROPOSED),
    ),
    Command(
        "member invite", "propose an invitation and print its link, by which somebody enters herself",
        'commonwire member invite ./union --role writer --remit "the night shifts"', invite,
        options=(ROLE, FROM, UNTIL, REMIT, option("--days", default="7", help="how long the link is open"), *PROPOSED),
    ),
    Command(
        "member list", "list the members with their mandates", "commonwire member list ./union", list_members,
        options=(AS_JSON,),
    ),
    Command(
        "member mandate", "propose a further mandate for a member",
        "commonwire member mandate ./union rosa --role delegate --from 2027-01-01 --until 2027-06-30", mandate,
        words=("NAME",), options=(ROLE, FROM, UNTIL, REMIT, *PROPOSED),
    ),
    Command(
        "member appoint",
        "make a member steward of a group that has none any more; refused while there is one, and shown to all members",
        "commonwire member appoint ./union rosa", appoint, words=("NAME",), options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "member recall", "propose that a member hold a role no longer",
        "commonwire member recall ./union rosa --role delegate", recall, words=("NAME",), options=(ROLE, *PROPOSED),
    ),
    Command(
        "member turns", "propose that members hold a role one after the other",
        'commonwire member turns ./union --role delegate --members "rosa emma clara" --days 30 --rounds 4', turns,
        options=(
            ROLE,
            option("--members", required=True, metavar="NAMES", help="in their order, separated by spaces"),
            option("--days", default="30", help="how long a turn is"),
            option("--rounds", default="1", help="how often everybody has a turn"),
            FROM, UNTIL, REMIT, *PROPOSED,
        ),
    ),
    Command(
        "member remove", "propose that somebody be a member no longer; with --as NAME, that she leaves by herself",
        "commonwire member remove ./union rosa", remove, words=("NAME",), options=PROPOSED,
    ),
    Command(
        "member reset", "take a member's password and sessions away, and print a link by which she sets a new one",
        "commonwire member reset ./union rosa", reset, words=("NAME",),
        options=(
            option("--second-factor", action="store_true", help="using the link turns her second factor off too"),
            AS_JSON,
        ),
    ),
    Command(
        "member sessions", "list where a member is logged in: the days of its beginning and of its last use",
        "commonwire member sessions ./union rosa --end", sessions, words=("NAME",),
        options=(option("--end", action="store_true", help="end them all"), AS_JSON),
    ),
    Command(
        "member log", "list what was done to members in office without a decision, as members see it",
        "commonwire member log ./union", log, options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "token",
        "print a new API token of a member; it is shown this once",
        'commonwire token ./union rosa --scopes "read write"',
        token,
        words=("MEMBER",),
        options=(
            option("--scopes", required=True, metavar="SCOPES", help=f"separated by spaces: {', '.join(rules.SCOPES)}"),
            AS_JSON,
        ),
    ),
)  # fmt: skip
