"""Commands about corrections that are held back because another was faster: correction list, confirm, drop."""

from __future__ import annotations

import argparse
from typing import Any

from node.cli import publishing
from node.cli.commands import AS_JSON, AS_MEMBER, IN_GROUP, URGENT, Command, group_of, opened, show, words
from node.context import Transaction
from node.decisions import with_proposed
from node.members import actions as members
from node.statements import confirming, overtaken, store
from node.statements.overtaken import Held
from node.statements.rules import State


async def listed(options: argparse.Namespace) -> int:
    """List the corrections of the group that are held back."""
    words(options)

    def find(tx: Transaction) -> list[Held]:
        texts = [row.draft["corrects"] for row in store.held_back(tx, group_of(tx, options).iri)]
        return [held for iri in dict.fromkeys(texts) for held in overtaken.held_of(tx, iri)]

    async with opened(options) as node:
        found = await node.database.read(find)
    lines = [f"{one.subject}\n    of {one.corrects}\n    {_why(one)}" for one in found]
    return show(options, [_said(one) for one in found], "\n".join(lines) or "no correction is held back")


def _said(held: Held) -> dict[str, Any]:
    return {"id": held.subject, "corrects": held.corrects, "fields": list(held.fields), "why": _why(held)}


def _why(held: Held) -> str:
    if held.fields:
        return f"both have changed: {', '.join(held.fields)}"
    return str(held.why_not) if held.why_not is not None else "nothing stands in its way any more: confirm it"


async def confirm(options: argparse.Namespace) -> int:
    """Propose a correction that is held back once more, on top of what stands there now."""
    (subject,) = words(options)

    def act(tx: Transaction) -> tuple[str, State]:
        return confirming.confirm(tx, subject, member=members.named(tx, options.member), urgent=options.urgent)

    async with opened(options) as node:
        (newer, state), proposed = await node.database.write(with_proposed, act)
        delay = node.config.publication_delay
    shown = newer if state is State.WAITING else subject.partition("#")[0]
    return publishing.tell(options, shown, state, proposed, delay=delay, done="corrected")


async def drop(options: argparse.Namespace) -> int:
    """Let a correction go that is held back."""
    (subject,) = words(options)
    async with opened(options) as node:
        await node.database.write(lambda tx: confirming.let_go(tx, subject, member=members.named(tx, options.member)))
    return show(options, {"id": subject, "state": State.CALLED_BACK.value}, f"it does not leave: {subject}")


CORRECTION = "https://union.example/statements/01ab23cd45ef6#correction-01ab23cd45ef7"

COMMANDS = (
    Command(
        "correction list",
        "list the corrections that were adopted and are held back, because another had changed the same words",
        "commonwire correction list ./union",
        listed,
        options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "correction confirm",
        "propose a correction that is held back once more, on top of what stands there now",
        f"commonwire correction confirm ./union {CORRECTION}",
        confirm,
        words=("CORRECTION",),
        options=(AS_MEMBER, URGENT, AS_JSON),
    ),
    Command(
        "correction drop",
        "let a correction go that is held back; it never leaves",
        f"commonwire correction drop ./union {CORRECTION}",
        drop,
        words=("CORRECTION",),
        options=(AS_MEMBER, AS_JSON),
    ),
)
