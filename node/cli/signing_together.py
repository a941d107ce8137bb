"""Commands about texts that several groups sign: sign invite, list, text, decline, withdraw."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from federation import discovery
from node.cli.commands import (
    AS_JSON,
    AS_MEMBER,
    IN_GROUP,
    URGENT,
    Command,
    deciding_member,
    group_of,
    opened,
    show,
    told,
    words,
)
from node.context import Transaction
from node.decisions import State as DecisionState
from node.decisions import with_proposed
from node.signatories import actions, store
from node.signatories.rules import State


async def invite(options: argparse.Namespace) -> int:
    """Invite a group to sign a text of ours."""
    text, handle = words(options)
    async with opened(options) as node:
        iri = handle if "://" in handle else await discovery.find(node.client, handle)
        if not iri.startswith(f"{node.config.origin}/"):
            iri = (await node.directory.actor(iri)).iri

        def act(tx: Transaction) -> DecisionState:
            group, member = deciding_member(tx, options)
            return actions.invite(tx, text, iri, actor=group, member=member, urgent=options.urgent)

        _, proposed = await node.database.write(with_proposed, act)
    result = {"text": text, "group": iri, "state": "invited"}
    return told(options, proposed, result, f"invited to sign {text}: {iri}")


async def listed(options: argparse.Namespace) -> int:
    """List what the group signs, is asked to sign, and whom it has asked."""
    words(options)

    def find(tx: Transaction) -> list[dict[str, Any]]:
        group = group_of(tx, options).iri
        rows = [*store.of_group(tx, group, *State), *store.under_texts_of(tx, group)]
        return [
            {"text": row.text, "author": row.author, "group": row.signatory, "state": row.state, "stamp": row.stamp}
            for row in rows
        ]

    async with opened(options) as node:
        rows = await node.database.read(find)
    lines = [f"{row['state']:<10} {row['group']}\n    {row['text']}" for row in rows]
    return show(options, rows, "\n".join(lines) or "no text is signed together with others")


def _answering(act: Callable[..., DecisionState], done: str) -> Callable[[argparse.Namespace], Any]:
    async def run(options: argparse.Namespace) -> int:
        (text,) = words(options)

        def decide(tx: Transaction) -> DecisionState:
            group, member = deciding_member(tx, options)
            return act(tx, text, actor=group, member=member, urgent=options.urgent)

        async with opened(options) as node:
            _, proposed = await node.database.write(with_proposed, decide)
        return told(options, proposed, {"text": text, "state": done}, f"{done}: {text}")

    run.__doc__ = act.__doc__
    return run


TEXT = ("TEXT",)
OPTIONS = (IN_GROUP, AS_MEMBER, URGENT, AS_JSON)
COMMANDS = (
    Command(
        "sign invite",
        "invite another group to sign a text of ours",
        "commonwire sign invite ./union https://union.example/statements/5r2k @tenants@rent.example",
        invite,
        words=("TEXT", "GROUP"),
        options=OPTIONS,
    ),
    Command(
        "sign list",
        "list what the group signs together with others, and who was asked",
        "commonwire sign list ./union",
        listed,
        options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "sign text",
        "sign a text that the group was invited to sign, as it reads now",
        "commonwire sign text ./union https://rent.example/statements/8wq1",
        _answering(actions.sign, "signed"),
        words=TEXT,
        options=OPTIONS,
    ),
    Command(
        "sign decline",
        "decline to sign a text; the group is not asked again",
        "commonwire sign decline ./union https://rent.example/statements/8wq1",
        _answering(actions.decline, "declined"),
        words=TEXT,
        options=OPTIONS,
    ),
    Command(
        "sign withdraw",
        "withdraw a signature; the author and all who were told of it are told",
        "commonwire sign withdraw ./union https://rent.example/statements/8wq1",
        _answering(actions.withdraw, "withdrawn"),
        words=TEXT,
        options=OPTIONS,
    ),
)
