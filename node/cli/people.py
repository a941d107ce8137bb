"""Commands about members: member add, list, remove, password; token."""

from __future__ import annotations

import argparse
import secrets
from datetime import UTC, datetime
from typing import Any

from node.cli.commands import AS_JSON, IN_GROUP, Command, group_of, opened, option, show, words
from node.context import Transaction
from node.errors import Invalid
from node.members import ROLES, actions, resets, rules, store


async def add(options: argparse.Namespace) -> int:
    """Add a member with a mandate."""
    (name,) = words(options)
    password, ends = secrets.token_urlsafe(15), _until(options.until)

    def enter(tx: Transaction) -> None:
        actions.add(tx, name, password, actor=group_of(tx, options).iri, role=options.role, ends=ends)

    async with opened(options) as node:
        await node.database.write(enter)
        login = node.address("/login")
    result = {"name": name, "role": options.role, "until": options.until, "password": password}
    text = f"{name} is a member with the role {options.role}\nPassword, shown this once: {password}\nLog in at {login}"
    return show(options, result, text)


async def list_members(options: argparse.Namespace) -> int:
    """List the members with their mandates."""
    words(options)
    async with opened(options) as node:
        result = await node.database.read(_members)
    lines = [f"{one['name']}  {', '.join(one['mandates']) or 'no mandate'}" for one in result]
    return show(options, result, "\n".join(lines) or "there is no member yet")


def _members(tx: Transaction) -> list[dict[str, Any]]:
    found = []
    for row in store.everybody(tx):
        held = store.mandates_in_force(tx, row.id)
        words_of = [f"{one.role} until {one.ends:%Y-%m-%d}" if one.ends else str(one.role) for one in held]
        found.append({"name": row.name, "mandates": words_of})
    return found


async def remove(options: argparse.Namespace) -> int:
    """Remove a member with her sessions and tokens."""
    (name,) = words(options)
    async with opened(options) as node:
        await node.database.write(actions.remove, name)
    return show(options, {"name": name, "removed": True}, f"{name} is no longer a member")


async def reset(options: argparse.Namespace) -> int:
    """Take a member's password and sessions away; print a link to a new one."""
    (name,) = words(options)

    def act(tx: Transaction) -> str:
        row = actions.find(tx, name)
        return resets.make(tx, row.id, second_factor=options.second_factor)

    async with opened(options) as node:
        link = node.address(f"/reset/{await node.database.write(act)}")
    days = resets.LASTS.days
    text = f"{link}\nWith this link {name} sets a new password; it works once, for {days} days. Her sessions have ended"
    result = {"name": name, "link": link, "days": days, "second_factor_removed": options.second_factor}
    return show(options, result, text)


async def token(options: argparse.Namespace) -> int:
    """Make a token for a program."""
    (name,) = words(options)
    scopes = rules.check_scopes(options.scopes)
    async with opened(options) as node:
        secret = await node.database.write(actions.make_token, name, scopes)
    return show(options, {"member": name, "scopes": list(scopes), "token": secret}, secret)


def _until(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(hour=23, minute=59, second=59, tzinfo=UTC)
    except ValueError:
        raise Invalid(f"{text!r} is not a day such as 2027-05-01", field="--until") from None


COMMANDS = (
    Command(
        "member add",
        "add a member with a mandate; prints her password once",
        "commonwire member add ./union rosa --role editor --until 2027-05-01",
        add,
        words=("NAME",),
        options=(
            option("--role", choices=tuple(ROLES), default="writer", metavar="ROLE", help=f"one of {', '.join(ROLES)}"),
            option("--until", metavar="DATE", help="the day on which the mandate ends (default: no end)"),
            IN_GROUP,
            AS_JSON,
        ),
    ),
    Command(
        "member list", "list the members with their mandates", "commonwire member list ./union", list_members,
        options=(AS_JSON,),
    ),
    Command(
        "member remove", "remove a member with her sessions and tokens", "commonwire member remove ./union rosa",
        remove, words=("NAME",), options=(AS_JSON,),
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
