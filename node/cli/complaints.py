"""Commands about complaints: complaint list, show, close."""

from __future__ import annotations

import argparse
from typing import Any

from node.cli.commands import (
    AS_JSON,
    AS_MEMBER,
    IN_GROUP,
    URGENT,
    Command,
    Usage,
    group_of,
    opened,
    option,
    show,
    told,
    words,
)
from node.complaints import actions, rules, sending, store
from node.context import Transaction
from node.decisions import with_proposed
from node.errors import Missing
from node.members import actions as members


async def listed(options: argparse.Namespace) -> int:
    """List what others complain of."""
    words(options)

    def find(tx: Transaction) -> list[dict[str, Any]]:
        return [store.as_json(row) for row in store.of_group(tx, group_of(tx, options).iri, closed=options.all)]

    async with opened(options) as node:
        rows = await node.database.read(find)
    return show(options, rows, "\n".join(map(_text, rows)) or "nobody complains")


def _text(row: dict[str, Any]) -> str:
    times = f", {row['times']} times" if row["times"] > 1 else ""
    state = f", closed {row['closed'][:10]}" if row["closed"] else ""
    about = "".join(f"\n    {one}" for one in row["about"])
    kind = f" ({row['category']})" if row["category"] else ""
    came = row["host"] or f"by {row['source']}"
    return f"{row['number']}  {row['at'][:16]}  {came}{kind}{times}{state}: {_plain(row['words'])}{about}"


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text) or "without a word"


async def shown(options: argparse.Namespace) -> int:
    """Show a complaint."""
    number = _number(options)

    def find(tx: Transaction) -> dict[str, Any]:
        row = store.find(tx, number)
        if row is None:
            raise Missing("there is no complaint {number}", number=number)
        return store.as_json(row)

    async with opened(options) as node:
        row = await node.database.read(find)
    lines = [_text(row)]
    if row["objection"]:
        lines.append(f"    its sender objects: {_plain(row['objection'])}")
    if row["outcome"]:
        lines.append(f"    {row['outcome']['done']}, {row['outcome']['ground']}: {_plain(row['outcome']['words'])}")
    return show(options, row, "\n".join(lines))


def _number(options: argparse.Namespace) -> int:
    (text,) = words(options)
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise Usage(f"{text!r} is not the number of a complaint; see: commonwire complaint list")
    return int(text)


async def close(options: argparse.Namespace) -> int:
    """Close a complaint."""
    number = _number(options)
    outcome = rules.read_outcome({"done": options.done, "ground": options.ground, "words": options.reasons})

    def act(tx: Transaction) -> None:
        actions.close(tx, number, outcome, member=members.named(tx, options.member), urgent=options.urgent)

    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, act)
    return told(options, proposed, {"number": number, "state": "closed"}, f"complaint {number} is closed")


async def send(options: argparse.Namespace) -> int:
    """Send a complaint on."""
    number = _number(options)

    def act(tx: Transaction) -> None:
        member = members.named(tx, options.member)
        sending.send(tx, number, options.reasons, member=member, urgent=options.urgent)

    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, act)
    return told(options, proposed, {"number": number, "state": "sent"}, f"complaint {number} is on its way")


REASONS = (
    option("--done", choices=tuple(rules.Done), default="nothing", help="what was done about it"),
    option("--ground", choices=tuple(rules.Ground), default="neither", help="on what ground"),
    option("--reasons", metavar="WORDS", default="", help="why, in words that whoever used the form will read"),
)
COMMANDS = (
    Command(
        "complaint list",
        "list what people complain of in what stands here",
        "commonwire complaint list ./union",
        listed,
        options=(option("--all", action="store_true", help="those that are closed too"), IN_GROUP, AS_JSON),
    ),
    Command(
        "complaint show",
        "show a complaint, and how it was closed",
        "commonwire complaint show ./union 3",
        shown,
        words=("NUMBER",),
        options=(AS_JSON,),
    ),
    Command(
        "complaint close",
        "close a complaint that has been dealt with, with a statement of reasons",
        'commonwire complaint close ./union 3 --done removed --ground rules --reasons "It named a person."',
        close,
        words=("NUMBER",),
        options=(*REASONS, AS_MEMBER, URGENT, AS_JSON),
    ),
    Command(
        "complaint send",
        "send a complaint on to the server of the account that it is about, without naming who complains",
        'commonwire complaint send ./union 3 --reasons "They name a person."',
        send,
        words=("NUMBER",),
        options=(
            option(
                "--reasons", metavar="WORDS", default="", help="in these words; without it in those of the complaint"
            ),
            AS_MEMBER,
            URGENT,
            AS_JSON,
        ),
    ),
)
