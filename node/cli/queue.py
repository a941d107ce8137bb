"""Commands about what is still to be done, and what became of it: queue show, queue report, queue retry."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from node import hosts, jobs, lost_inboxes, objects
from node.cli.commands import AS_JSON, Command, opened, option, show, words
from node.context import Transaction
from node.errors import Missing
from node.peering import arrivals
from node.peering.arrivals import Arrival, Sent


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
        if options.text is not None:
            found = arrivals.retry(tx, options.text, group=_author(tx, options.text), host=host)
            return len(found), found
        lost_inboxes.forget(tx, host)
        woken = hosts.retry(tx, host)
        return jobs.retry_now(tx, lane=host), woken

    async with opened(options) as node:
        count, woken = await node.database.write(again)
    each = "no longer left alone" if options.text is None else "once more to"
    lines = [f"to be tried again now: {count}", *(f"{each}: {name}" for name in woken)]
    return show(options, {"again": count, "peers": woken}, "\n".join(lines))


async def report(options: argparse.Namespace) -> int:
    """Show what became of a text at each server."""
    (iri,) = words(options)
    async with opened(options) as node:
        found = await node.database.read(lambda tx: arrivals.report(tx, iri, group=_author(tx, iri)))
    lines = [line for sent in found for line in _sent_lines(sent)]
    return show(options, [one.as_json() for one in found], "\n".join(lines) or "it was sent to nobody")


def _author(tx: Transaction, iri: str) -> str:
    row = objects.find(tx, iri)
    if row is None or not row.local:
        raise Missing("no group of this node has published {iri}", iri=iri)
    return str(row.author)


def _sent_lines(sent: Sent) -> list[str]:
    lines = [f"{sent.kind} of {_minute(sent.at)}"]
    return lines + [f"  {_arrival_line(one)}" for one in sent.arrivals] + ([] if sent.arrivals else ["  to nobody"])


def _arrival_line(one: Arrival) -> str:
    parts = [f"{one.host}  {one.state.value}" + (f" since {_minute(one.at)}" if one.at is not None else "")]
    parts += [f"{one.received} inboxes took it"] if one.received > 1 else []
    parts += [f"{one.refused} refused it"] if one.received and one.refused else []
    parts += [f"{one.waiting} waiting"] if one.waiting else []
    parts += [f"next {_minute(one.again)}"] if one.again is not None else []
    parts += [f"tried until {_minute(one.until)}"] if one.until is not None else []
    said = ": ".join(str(one) for one in (one.status, one.words) if one is not None)
    return ", ".join(parts) + (f"\n    {said}" if said else "")


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


COMMANDS = (
    Command(
        "queue show",
        "show what waits and what failed, and why, for each peer",
        "commonwire queue show ./union",
        queue,
        options=(AS_JSON,),
    ),
    Command(
        "queue report",
        "show for each server whether it has received a text, refused it and why, or cannot be reached",
        "commonwire queue report ./union https://union.example/statements/01ab23cd45ef6",
        report,
        words=("ADDRESS",),
        options=(AS_JSON,),
    ),
    Command(
        "queue retry",
        "try again now what failed or was given up; a peer that was unreachable gets what it missed",
        "commonwire queue retry ./union --peer tenants.example",
        retry,
        options=(
            option("--peer", metavar="HOST", help="only what is for this peer, as shown"),
            option("--text", metavar="ADDRESS", help="only this text, to whoever has not received it"),
            AS_JSON,
        ),
    ),
)
