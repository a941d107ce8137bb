"""Commands about the groups of a node: group add, list, retire."""

from __future__ import annotations

import argparse
from typing import Any

from node import actors, former_groups
from node.cli.commands import (
    AS_JSON,
    AS_MEMBER,
    Command,
    deciding_member,
    opened,
    option,
    outcome,
    show,
    words,
)
from node.context import Transaction
from node.decisions import Proposed
from node.groups import founding
from node.groups.founding import NewGroup
from node.keyring import write_private
from node.members.store import Member
from node.setup import sheet


async def add(options: argparse.Namespace) -> int:
    """Propose one more group of the node, and write its recovery key beside the node's own."""
    (handle,) = words(options)
    async with opened(options) as node:
        group, member = await node.database.read(_asked, options, handle)
        proposed, pem = await founding.add(node, group, member=member, urgent=options.urgent)
        key = node.config.directory / f"recovery-key-{handle}.pem"
        page = node.config.directory / f"recovery-sheet-{handle}.html"
        for path, text in ((key, pem), (page, sheet(group.name, handle, node.config.origin, pem))):
            path.unlink(missing_ok=True)
            write_private(path, text.encode())
        address = node.address(f"/groups/{handle}")
    told, text = outcome(proposed, f"{address} is a group of this node; its steward is {group.steward}")
    result = {"id": address, "steward": group.steward, "recovery_key": str(key)} | told
    return show(options, result, f"{text}\nRecovery key, to print and take away: {key}, {page}")


def _asked(tx: Transaction, options: argparse.Namespace, handle: str) -> tuple[NewGroup, Member]:
    _, member = deciding_member(tx, options)
    language = options.language or actors.main_group(tx).language
    steward = options.steward or member.name
    return NewGroup(handle, options.name, language, steward, options.tendency), member


async def list_groups(options: argparse.Namespace) -> int:
    """List the groups of the node, those that were retired too."""
    words(options)
    async with opened(options) as node:
        result = await node.database.read(_groups)
    lines = [
        f"{one['handle']}  {one['name']}{'  retired ' + one['retired'] if one['retired'] else ''}" for one in result
    ]
    return show(options, result, "\n".join(lines))


def _groups(tx: Transaction) -> list[dict[str, Any]]:
    return [
        {
            "handle": f"@{row.handle}@{tx.node.config.host}",
            "name": row.name,
            "id": row.iri,
            "retired": f"{row.retired:%Y-%m-%d}" if row.retired else None,
        }
        for row in [*actors.groups(tx), *former_groups.retired(tx)]
    ]


async def retire(options: argparse.Namespace) -> int:
    """Propose to a group that it end."""
    (handle,) = words(options)

    def act(tx: Transaction) -> Proposed:
        group, member = deciding_member(tx, options, handle=handle)
        return founding.retire(tx, actor=group, member=member, urgent=options.urgent)

    async with opened(options) as node:
        proposed = await node.database.write(act)
    told, text = outcome(
        proposed, f"@{handle} is retired; what it said stays readable here, others delete their copies"
    )
    return show(options, {"handle": handle} | told, text)


URGENT = option("--urgent", action="store_true", help="by the urgent path of the group's rule")

COMMANDS = (
    Command(
        "group add",
        "propose one more group of this node, with members, rules and keys of its own",
        'commonwire group add ./union strikefund --name "Strike Fund Committee" --steward rosa',
        add,
        words=("HANDLE",),
        options=(
            option("--name", required=True, metavar="TEXT", help="what the group is called"),
            option("--steward", metavar="MEMBER", help="its first steward (default: who proposes it)"),
            option("--language", metavar="TAG", help="in which it writes (default: that of the main group)"),
            option("--tendency", metavar="TEXT", help="the tendency the group names as its own"),
            AS_MEMBER,
            URGENT,
            AS_JSON,
        ),
    ),
    Command(
        "group list",
        "list the groups of this node",
        "commonwire group list ./union",
        list_groups,
        options=(AS_JSON,),
    ),
    Command(
        "group retire",
        "propose to a group that it end: others are told and delete their copies, its texts stay readable here",
        "commonwire group retire ./union strikefund",
        retire,
        words=("HANDLE",),
        options=(AS_MEMBER, URGENT, AS_JSON),
    ),
)
