"""Commands about what is still to be done: queue, queue retry."""

from __future__ import annotations

import argparse
from typing import Any

from node import jobs
from node.cli.commands import AS_JSON, Command, opened, option, show, words
from node.context import Transaction


async def queue(options: argparse.Namespace) -> int:
    """Show what waits and what failed, for each peer."""
    words(options)

    def find(tx: Transaction) -> list[dict[str, Any]]:
        return [
            {
                "peer": row.lane,
                "kind": row.kind,
                "waiting": row.waiting,
                "parked": row.parked,
                "next": row.next.isoformat(),
                "in_seconds": max(0, round((row.next - tx.now).total_seconds())),
                "attempts": row.attempts,
                "error": row.error,
            }
            for row in jobs.by_lane(tx)
        ]

    async with opened(options) as node:
        rows = await node.database.read(find)
    return show(options, rows, "\n".join(map(_line, rows)) or "nothing waits")


def _line(row: dict[str, Any]) -> str:
    parts = [f"{row['peer'] or 'here'}  {row['kind']}: {row['waiting']} waiting"]
    if row["waiting"]:
        parts.append(f"next in {row['in_seconds']} s" if row["in_seconds"] else "next now")
    if row["parked"]:
        parts.append(f"{row['parked']} given up")
    if row["attempts"]:
        parts.append(f"tried {row['attempts']} times")
    return ", ".join(parts) + (f"\n  {row['error']}" if row["error"] else "")


async def retry(options: argparse.Namespace) -> int:
    """Try again now what waits or was given up."""
    words(options)

    def again(tx: Transaction) -> int:
        return jobs.retry_now(tx, lane=options.peer)

    async with opened(options) as node:
        count = await node.database.write(again)
    return show(options, {"again": count}, f"to be tried again now: {count}")


COMMANDS = (
    Command(
        "queue show",
        "show what waits and what failed, and why, for each peer",
        "commonwire queue show ./union",
        queue,
        options=(AS_JSON,),
    ),
    Command(
        "queue retry",
        "try again now what waits or was given up",
        "commonwire queue retry ./union --peer tenants.example",
        retry,
        options=(option("--peer", metavar="HOST", help="only what is for this peer, as shown"), AS_JSON),
    ),
)
