"""Commands about reports that go on: develop, withdraw. What was wrong in one is mended with `correct`."""

from __future__ import annotations

import argparse
from pathlib import Path

from node.cli import publishing
from node.cli.commands import AS_JSON, AS_MEMBER, CONFIRM, URGENT, Command, opened, option, words
from node.context import Transaction
from node.decisions import with_proposed
from node.members import actions as members
from node.reports import developing
from node.statements import asking
from node.statements.rules import State


async def develop(options: argparse.Namespace) -> int:
    """Put a newer version of a report in place of the one there is, and say below it what is new."""
    iri, name = words(options)
    draft = asking.confirmed(publishing.draft_in(Path(name)), options.confirm or ())
    async with opened(options) as node:
        draft = await publishing.completed(node, draft, beside=Path(name).parent)

        def act(tx: Transaction) -> tuple[str, State]:
            member = members.named(tx, options.member)
            urgent = options.urgent
            return developing.develop(tx, iri, draft, changed=options.changed, member=member, urgent=urgent)

        (subject, state), proposed = await node.database.write(with_proposed, act)
        delay = node.config.publication_delay
    shown = subject if state is State.WAITING else iri
    return publishing.tell(options, shown, state, proposed, delay=delay, done="developed")


async def withdraw(options: argparse.Namespace) -> int:
    """Say that the group does not stand by a report of its own any more."""
    (iri,) = words(options)

    def act(tx: Transaction) -> tuple[str, State]:
        member = members.named(tx, options.member)
        return developing.withdraw(tx, iri, reason=options.reason, member=member, urgent=options.urgent)

    async with opened(options) as node:
        (subject, state), proposed = await node.database.write(with_proposed, act)
        delay = node.config.publication_delay
    shown = subject if state is State.WAITING else iri
    return publishing.tell(options, shown, state, proposed, delay=delay, done="withdrawn")


REPORT = "https://union.example/reports/01ab23cd45ef6"

COMMANDS = (
    Command(
        "develop",
        "put a newer version of a report in place of the one there is, and say in a short answer below it what is new",
        f'commonwire develop ./union {REPORT} report.md --changed "The morning shift has joined."',
        develop,
        words=("IRI", "FILE"),
        options=(
            option("--changed", required=True, metavar="TEXT", help="what is new, in a sentence"),
            CONFIRM, AS_MEMBER, URGENT, AS_JSON,
        ),
    ),
    Command(
        "withdraw",
        "say that the group does not stand by a report of its own any more: it stays readable, and counts nowhere",
        f'commonwire withdraw ./union {REPORT} --reason "We mixed up two depots."',
        withdraw,
        words=("IRI",),
        options=(
            option("--reason", required=True, metavar="TEXT", help="why, in a sentence; it is shown to everybody"),
            AS_MEMBER, URGENT, AS_JSON,
        ),
    ),
)  # fmt: skip
