"""Commands about being quoted: quote list, quote revoke."""

from __future__ import annotations

import argparse
from typing import Any

from node.cli.commands import AS_JSON, AS_MEMBER, IN_GROUP, URGENT, Command, group_of, opened, show, told, words
from node.context import Transaction
from node.decisions import with_proposed
from node.members import actions as members
from node.statements import consent, quotes


async def listed(options: argparse.Namespace) -> int:
    """List who quotes the group, by the stamps it has given."""
    words(options)

    def find(tx: Transaction) -> list[dict[str, Any]]:
        return [
            {"stamp": row.stamp, "quoting": row.quoting, "quoted": row.quoted, "since": row.since.isoformat()}
            for row in quotes.of_author(tx, group_of(tx, options).iri)
        ]

    async with opened(options) as node:
        rows = await node.database.read(find)
    text = "\n".join(f"{row['since'][:16]}  {row['quoting']}\n    {row['stamp']}" for row in rows)
    return show(options, rows, text or "nobody quotes the group")


async def revoke(options: argparse.Namespace) -> int:
    """Take back the leave to quote a text."""
    (stamp,) = words(options)

    def act(tx: Transaction) -> None:
        consent.revoke(tx, stamp, member=members.named(tx, options.member), urgent=options.urgent)

    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, act)
    text = f"taken back: {stamp}\nservers that keep to consent show the quotation no longer"
    return told(options, proposed, {"stamp": stamp, "state": "revoked"}, text)


COMMANDS = (
    Command(
        "quote list",
        "list who quotes the group, and by which stamp it is allowed",
        "commonwire quote list ./union",
        listed,
        options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "quote revoke",
        "take back the leave to quote a text; it is not given again",
        "commonwire quote revoke ./union https://union.example/statements/5r2k/quotes/2c1",
        revoke,
        words=("STAMP",),
        options=(AS_MEMBER, URGENT, AS_JSON),
    ),
)
