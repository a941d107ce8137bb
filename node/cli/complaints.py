"""Commands about complaints: complaint list, complaint close."""

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
from node.complaints import actions, store
from node.context import Transaction
from node.decisions import with_proposed
from node.members import actions as members


async def listed(options: argparse.Namespace) -> int:
    """List what others complain of."""
    words(options)

    def find(tx: Transaction) -> list[dict[str, Any]]:
        return [
            {
                "number": row.id,
                "at": row.at.isoformat(),
                "host": row.host,
                "about": row.about,
                "words": row.words,
                "times": row.times,
                "closed": row.closed.isoformat() if row.closed else None,
            }
            for row in store.of_group(tx, group_of(tx, options).iri, closed=options.all)
        ]

    async with opened(options) as node:
        rows = await node.database.read(find)
    return show(options, rows, "\n".join(map(_text, rows)) or "nobody complains")


def _text(row: dict[str, Any]) -> str:
    said = "".join(letter if letter.isprintable() else " " for letter in row["words"])
    times = f", {row['times']} times" if row["times"] > 1 else ""
    state = f", closed {row['closed'][:10]}" if row["closed"] else ""
    about = "".join(f"\n    {one}" for one in row["about"])
    return f"{row['number']}  {row['at'][:16]}  {row['host']}{times}{state}: {said or 'without a word'}{about}"


async def close(options: argparse.Namespace) -> int:
    """Close a complaint."""
    (text,) = words(options)
    if not text.isdecimal() or len(text) > 9:
        raise Usage(f"{text!r} is not the number of a complaint; see: commonwire complaint list")

    def act(tx: Transaction) -> None:
        actions.close(tx, int(text), member=members.named(tx, options.member), urgent=options.urgent)

    async with opened(options) as node:
        _, proposed = await node.database.write(with_proposed, act)
    return told(options, proposed, {"number": int(text), "state": "closed"}, f"complaint {text} is closed")


COMMANDS = (
    Command(
        "complaint list",
        "list what people on other servers complain of in what the group says",
        "commonwire complaint list ./union",
        listed,
        options=(option("--all", action="store_true", help="those that are closed too"), IN_GROUP, AS_JSON),
    ),
    Command(
        "complaint close",
        "close a complaint that has been dealt with; nobody is told",
        "commonwire complaint close ./union 3",
        close,
        words=("NUMBER",),
        options=(AS_MEMBER, URGENT, AS_JSON),
    ),
)
