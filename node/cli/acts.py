"""Commands about what was said: correct, delete."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from node.cli import publishing
from node.cli.commands import AS_JSON, AS_MEMBER, Command, opened, option, show, words
from node.context import Transaction
from node.members import actions as members
from node.statements import correcting
from node.statements.rules import Draft, State
from schemas import codes


async def correct(options: argparse.Namespace) -> int:
    """Put a newer version of a statement in place of the one there is."""
    iri, name = words(options)
    draft = publishing.draft_in(Path(name))
    async with opened(options) as node:
        draft, mentions = await publishing.completed(node, draft, beside=Path(name).parent)
        subject, state = await node.database.write(_correct, options, iri, draft, mentions)
        delay = node.config.publication_delay
    return publishing.tell(options, subject if state is State.WAITING else iri, state, delay=delay, done="corrected")


def _correct(tx: Transaction, options: argparse.Namespace, iri: str, draft: Draft, mentions: Any) -> tuple[str, State]:
    return correcting.correct(tx, iri, draft, member=members.named(tx, options.member), mentions=mentions)


async def delete(options: argparse.Namespace) -> int:
    """Delete a statement or a report."""
    (iri,) = words(options)
    async with opened(options) as node:
        await node.database.write(_delete, options, iri)
    text = f"deleted: {iri}\nthe running node asks all who may hold a copy to delete it too; not everybody will"
    return show(options, {"id": iri, "state": State.DELETED.value, "reason": options.reason}, text)


def _delete(tx: Transaction, options: argparse.Namespace, iri: str) -> None:
    correcting.delete(tx, iri, reason=options.reason, member=members.named(tx, options.member))


COMMANDS = (
    Command(
        "correct",
        "put a newer version of a statement or report in place of the one there is",
        "commonwire correct ./union https://union.example/statements/01ab23cd45ef6 statement.md",
        correct,
        words=("IRI", "FILE"),
        options=(AS_MEMBER, AS_JSON),
    ),
    Command(
        "delete",
        "delete a statement or report; a tombstone with the category of the reason stays",
        "commonwire delete ./union https://union.example/statements/01ab23cd45ef6 --reason mistake",
        delete,
        words=("IRI",),
        options=(
            option("--reason", required=True, metavar="CATEGORY", help=f"one of {', '.join(codes.DELETION_REASONS)}"),
            AS_MEMBER,
            AS_JSON,
        ),
    ),
)
