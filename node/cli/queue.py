"""Commands about what is still to be done: queue show, queue retry."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from node import hosts, jobs, lost_inboxes
from node.cli.commands import AS_JSON, Command, opened, option, show, words
from node.context import Transaction


async def queue(options: argparse.Namespace) -> int:
    """Show what waits and what failed, and which peers do not answer."""
    words(options)
    async with opened(options) as node:
        rows, failing = await node.database.read(_look)
    lines = [*map(_work_line, rows), *map(_host_line, failing)]
    return show(options, {"jobs": rows, "peers": failing}, "\n".join(lines) or "nothing waits")


def _look(tx: Transaction) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    failing = hosts.not_well(tx)
    probed = {row.host: row.next_try for row in failing}
    return [_work(tx, row, probed.get(row.lane)) for row in jobs.by_lane(tx)], [_peer(tx, row) for row in failing]


def _work(tx: Transaction, row: Any, probed: datetime | None) -> dict[str, Any]:
    due = probed or tx.now if row.next == jobs.RESTING else row.next
    return {
        "peer": row.lane,
        "kind": row.kind,
        "waiting": row.waiting,
        "parked": row.parked,
        "next": due.isoformat(),
        "in_seconds": max(0, round((due - tx.now).total_seconds())),
        "attempts": row.attempts,
        "error": row.error,
    }


def _peer(tx: Transaction, row: Any) -> dict[str, Any]:
    return {
        "peer": row.host,
        "state": _state(row),
        "since": (row.unreachable_since or row.failing_since).isoformat(),
        "failures": row.failures,
        "next_probe": row.next_try.isoformat() if row.next_try else None,
        "in_seconds": max(0, round((row.next_try - tx.now).total_seconds())) if row.next_try else None,
        "lost_inboxes": lost_inboxes.count(tx, row.host),
        "error": row.error,
    }


def _state(row: Any) -> str:
    if row.unreachable_since is not None:
        return "unreachable"
    return "left alone" if row.next_try is not None else "failing"


def _work_line(row: dict[str, Any]) -> str:
    parts = [f"{row['peer'] or 'here'}  {row['kind']}: {row['waiting']} waiting"]
    if row["waiting"]:
        parts.append(f"next in {row['in_seconds']} s" if row["in_seconds"] else "next now")
    if row["parked"]:
        parts.append(f"{row['parked']} given up")
    if row["attempts"]:
        parts.append(f"tried {row['attempts']} times")
    return ", ".join(parts) + (f"\n  {row['error']}" if row["error"] else "")


def _host_line(row: dict[str, Any]) -> str:
    parts = [f"{row['peer']}  {row['state']} since {row['since'][:16].replace('T', ' ')} UTC"]
    parts.append(f"{row['failures']} failures in a row")
    if row["state"] == "unreachable":
        parts.append("nothing is sent to it until it is heard of again")
    elif row["in_seconds"] is not None:
        parts.append(f"one delivery is tried in {row['in_seconds']} s")
    if row["lost_inboxes"]:
        parts.append(f"{row['lost_inboxes']} inboxes gone")
    return ", ".join(parts) + f"\n  {row['error']}"


async def retry(options: argparse.Namespace) -> int:
    """Try again now what failed or was given up, at one peer or at all."""
    words(options)
    host: str | None = options.peer

    def again(tx: Transaction) -> tuple[int, list[str]]:
        lost_inboxes.forget(tx, host)
        woken = hosts.retry(tx, host)
        return jobs.retry_now(tx, lane=host), woken

    async with opened(options) as node:
        count, woken = await node.database.write(again)
    lines = [f"to be tried again now: {count}", *(f"no longer left alone: {name}" for name in woken)]
    return show(options, {"again": count, "peers": woken}, "\n".join(lines))


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
        "try again now what failed or was given up; a peer that was unreachable gets what it missed",
        "commonwire queue retry ./union --peer tenants.example",
        retry,
        options=(option("--peer", metavar="HOST", help="only what is for this peer, as shown"), AS_JSON),
    ),
)
