"""Commands about others: follow, unfollow, followers, following, peer."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from federation import discovery
from node import actors
from node.cli import backfilling
from node.cli.commands import (
    AS_JSON,
    AS_MEMBER,
    IN_GROUP,
    URGENT,
    Command,
    acting,
    group_of,
    opened,
    option,
    show,
    told,
    words,
)
from node.context import Transaction
from node.decisions import State, with_proposed
from node.peering import actions, handles, store
from node.peering import policies as policies_table
from node.peering.rules import Severity


async def follow(options: argparse.Namespace) -> int:
    """Ask to follow an actor of another node."""
    (handle,) = words(options)
    async with opened(options) as node:
        actor = await node.directory.actor(await discovery.find(node.client, handle))
        await handles.settle(node, actor.iri)
        _, proposed = await node.database.write(with_proposed, _follow, options, actor.iri)
        actor = await node.directory.actor(actor.iri)
        name = actors.handle_of(actor)
        text = f"asked to follow {name}: {actor.iri}{_otherwise_called(handle, actor)}"
        text += "\nthe running node sends the request; see: commonwire following"
        agreed = actor.agreed_handle is not None
        told(options, proposed, {"id": actor.iri, "handle": name, "verified": agreed, "state": "pending"}, text)
        if proposed is not None and proposed.state is not State.ADOPTED:
            return 0
        if sys.stdout.isatty() and sys.stderr.isatty() and not options.json and node.config.backfill_objects:
            print(await backfilling.attend(node, actor.iri))
    return 0


def _otherwise_called(asked: str, actor: Any) -> str:
    """What to tell whoever asked for a handle that the actor does not go by: any host can point at anybody."""
    handle = discovery.parse_handle(asked)
    if isinstance(handle, str) or actor.local:
        return ""
    if actor.agreed_handle is None:
        return f"\n@{handle} leads there, but that is not agreed on by both; shown is {actors.handle_of(actor)}"
    agreed = discovery.parse_handle(actor.agreed_handle)
    if isinstance(agreed, discovery.Handle) and agreed.same(handle):
        return ""
    return f"\n@{handle} leads there; the actor itself goes by @{agreed}"


def _follow(tx: Transaction, options: argparse.Namespace, target: str) -> None:
    group, member = group_of(tx, options), acting(tx, options)
    actions.follow(tx, target, actor=group.iri, member=member, urgent=options.urgent)


async def unfollow(options: argparse.Namespace) -> int:
    """Stop following an actor."""
    (handle,) = words(options)
    async with opened(options) as node:
        target = await node.database.read(_followed_as, options, handle)
        if target is None:
            target = await discovery.find(node.client, handle)
        _, proposed = await node.database.write(with_proposed, _unfollow, options, target)
    return told(options, proposed, {"id": target, "state": "ended"}, f"no longer followed: {target}")


def _followed_as(tx: Transaction, options: argparse.Namespace, handle: str) -> str | None:
    """Whom we follow under this handle or address: one need not be reachable to be left."""
    wanted = "@" + handle.removeprefix("@")
    for row in store.following(tx, group_of(tx, options).iri):
        if handle == row.iri or wanted.lower() in (actors.handle_of(row).lower(), f"@{row.handle}@{row.host}".lower()):
            return str(row.iri)
    return None


def _unfollow(tx: Transaction, options: argparse.Namespace, target: str) -> None:
    group, member = group_of(tx, options), acting(tx, options)
    actions.unfollow(tx, target, actor=group.iri, member=member, urgent=options.urgent)


async def followers(options: argparse.Namespace) -> int:
    """List who follows the group."""
    return await _list(options, store.followers, "nobody follows yet")


async def following(options: argparse.Namespace) -> int:
    """List whom the group follows or has asked to follow."""
    return await _list(options, store.following, "nobody is followed yet; begin with: commonwire follow @name@host")


async def _list(options: argparse.Namespace, related: Any, nobody: str) -> int:
    words(options)

    def find(tx: Transaction) -> list[Any]:
        return list(related(tx, group_of(tx, options).iri))

    async with opened(options) as node:
        rows = await node.database.read(find)
    result = [
        {"id": row.iri, "handle": actors.handle_of(row), "name": row.name, "state": row.state, "since": str(row.since)}
        for row in rows
    ]
    lines = [f"{row['handle']}  {row['name'] or ''}  {row['state']} since {row['since'][:10]}" for row in result]
    return show(options, result, "\n".join(lines) or nobody)


async def suspend(options: argparse.Namespace) -> int:
    """Hear nothing of a host and send it nothing."""
    return await _set_policy(options, Severity.REJECT)


async def restore(options: argparse.Namespace) -> int:
    """Accept a domain again that was rejected."""
    return await _set_policy(options, Severity.ACCEPT)


async def _set_policy(options: argparse.Namespace, severity: Severity) -> int:
    (host,) = words(options)
    reason = getattr(options, "reason", None) or ""

    def change(tx: Transaction) -> None:
        group, member = group_of(tx, options), acting(tx, options)
        actions.set_policy(tx, host, severity, reason, actor=group.iri, member=member, urgent=options.urgent)

    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, change)
    result = {"subject": host, "severity": severity.value, "reason": reason}
    return told(options, proposed, result, f"{host}: {severity.value}")


async def policies(options: argparse.Namespace) -> int:
    """List the policies about domains and actors, with the reasons."""
    words(options)
    async with opened(options) as node:
        rows = await node.database.read(policies_table.listed)
    result = [
        {"subject": row.subject, "severity": row.severity, "reason": row.reason, "since": str(row.since)}
        for row in rows
    ]
    lines = [f"{row['subject']}  {row['severity']} since {row['since'][:10]}: {row['reason']}" for row in result]
    return show(options, result, "\n".join(lines) or "there is no policy about anybody")


COMMANDS = (
    Command(
        "follow",
        "ask to follow an actor of another node",
        "commonwire follow ./union @tenants@tenants.example",
        follow,
        words=("@NAME@HOST",),
        options=(AS_MEMBER, IN_GROUP, URGENT, AS_JSON),
    ),
    Command(
        "unfollow",
        "stop following an actor",
        "commonwire unfollow ./union @tenants@tenants.example",
        unfollow,
        words=("@NAME@HOST",),
        options=(AS_MEMBER, IN_GROUP, URGENT, AS_JSON),
    ),
    Command(
        "followers", "list who follows the group", "commonwire followers ./union --json", followers,
        options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "following", "list whom the group follows, and whether they have accepted", "commonwire following ./union",
        following, options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "peer suspend",
        "hear nothing of a host and send it nothing",
        'commonwire peer suspend ./union spam.example --reason "sends advertisements"',
        suspend,
        words=("HOST",),
        options=(
            option("--reason", required=True, metavar="TEXT", help="why, for those who come after you"),
            AS_MEMBER, IN_GROUP, URGENT, AS_JSON,
        ),
    ),
    Command(
        "peer restore", "accept a domain again that was rejected",
        "commonwire peer restore ./union spam.example", restore, words=("HOST",),
        options=(AS_MEMBER, IN_GROUP, URGENT, AS_JSON),
    ),
    Command(
        "peer list", "list the policies about domains and actors, with the reasons",
        "commonwire peer list ./union", policies,
        options=(AS_JSON,),
    ),
)  # fmt: skip
