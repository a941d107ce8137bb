"""Fetching what others have said before they were followed, and watching it: backfill."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from sqlalchemy import Row

from node import actors
from node.backfill import actions, store
from node.backfill.rules import Phase, State
from node.cli.commands import AS_JSON, IN_GROUP, Command, group_of, opened, option, show, words
from node.cli.progress import Progress
from node.context import Node, Transaction
from node.errors import Missing
from node.peering import store as peering
from node.peering.rules import Follow
from node.reports import hearing as reports
from node.reports import transcriptions

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 20.0
NOT_RUNNING = "nothing moves: it goes on when the node runs; see: commonwire serve --help"


async def backfill(options: argparse.Namespace) -> int:
    """Fetch the past of those we follow, or show how far it has come."""
    words(options)
    async with opened(options) as node:
        if options.status:
            rows = await node.database.read(_all)
            return _show(options, rows)
        begun, imports = await node.database.write(_begin, options)
        still = await watch(node, begun) if begun else True
        rows = await node.database.read(_all)
        chosen = [row for row in rows if row["id"] in begun]
    remarks = [f"imports that broke off and go on: {imports}"] if imports else []
    if not begun:
        return _show(options, rows, *(remarks or ["there is nothing to go on with"]))
    return _show(options, chosen, *remarks, *([] if still else [NOT_RUNNING]))


def _begin(tx: Transaction, options: argparse.Namespace) -> tuple[list[str], int]:
    """Begin, or go on with, what was asked for: whose past it is, and how many imports were taken up again."""
    followed = [row for row in peering.following(tx, group_of(tx, options).iri) if row.state == Follow.ACCEPTED.value]
    if options.actor:
        chosen = [row for row in followed if options.actor in _names(row)]
        if not chosen:
            raise Missing(f"{options.actor} is not followed, or has not accepted it; see: commonwire following")
        imports = sum(reports.resume(tx, row.iri) for row in chosen)
    else:
        readable = [row for row in followed if actions.is_readable(tx, row.iri)]
        chosen = [row for row in readable if _is_open(store.find(tx, row.iri), options.limit)]
        imports = sum(reports.resume(tx, row.iri) for row in readable)
    for row in chosen:
        actions.begin(tx, row.iri, most=options.limit)
    return [row.iri for row in chosen], imports


def _names(row: Row[Any]) -> tuple[str, ...]:
    return (row.iri, actors.handle_of(row), f"@{row.handle}@{row.host}")


def _is_open(row: Row[Any] | None, limit: int | None) -> bool:
    """Whether there is more to read, as far as that is known here."""
    if row is None or row.state != State.DONE.value:
        return True
    return row.rest is not None and limit is not None and limit > row.found


async def watch(node: Node, of: list[str]) -> bool:
    """Show how the past of some actors is fetched, until it has ended; False if nothing has moved for a while."""
    loop = asyncio.get_running_loop()
    moved_at, before = loop.time(), None
    with Progress("fetching the past", 1) as bar:
        while True:
            rows = await node.database.read(_those, of)
            bar.expect(sum(_expected(row) for row in rows))
            bar.reach(sum(row.found for row in rows))
            if not any(row.state == State.RUNNING.value and row.phase != Phase.THREADS.value for row in rows):
                return True
            now = [(row.actor, row.step, row.reason) for row in rows]
            if now != before:
                moved_at, before = loop.time(), now
            elif loop.time() - moved_at > PATIENCE_SECONDS:
                return any(row.reason for row in rows)
            await asyncio.sleep(POLL_SECONDS)


async def attend(node: Node, actor: str) -> str:
    """Wait, for somebody at a terminal, until a follow is accepted and the past is here; what came of it."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_SECONDS
    while await node.database.read(store.find, actor) is None:
        if loop.time() > until:
            return "the follow is not accepted yet; what was said before comes when it is: commonwire backfill --status"
        await asyncio.sleep(POLL_SECONDS)
    still = await watch(node, [actor])
    lines = [_line(row) for row in await node.database.read(_all) if row["id"] == actor]
    return "\n".join([*lines, *([] if still else [NOT_RUNNING])])


def _those(tx: Transaction, of: list[str]) -> list[Row[Any]]:
    return [row for iri in of if (row := store.find(tx, iri)) is not None]


def _expected(row: Row[Any]) -> int:
    """How many entries are read in the end, as far as the other side says."""
    if row.state != State.RUNNING.value or row.phase == Phase.THREADS.value:
        return int(row.found)
    return int(min(row.most, max(row.total or row.most, row.found)))


def _all(tx: Transaction) -> list[dict[str, Any]]:
    rows = store.all_of(tx)
    known = actors.find_all(tx, [row.actor for row in rows])
    return [
        {
            "id": row.actor,
            "handle": actors.handle_of(known[row.actor]) if row.actor in known else row.actor,
            "state": row.state,
            "phase": row.phase,
            "read": row.found,
            "total": row.total,
            "kept": row.kept,
            "asked_for": row.asked,
            "refused": row.refused,
            "limit": row.most,
            "imports_broken_off": len(transcriptions.broken_imports(tx, row.actor)),
            "reason": row.reason,
            "began": row.began.isoformat(),
            "changed": row.changed.isoformat(),
        }
        for row in rows
    ]


def _show(options: argparse.Namespace, rows: list[dict[str, Any]], *remarks: str) -> int:
    lines = [*map(_line, rows), *remarks]
    return show(options, rows, "\n".join(lines) or "nothing of the past of anybody was fetched yet")


def _line(row: dict[str, Any]) -> str:
    total = f" of {row['total']:,}" if row["total"] is not None else ""
    parts = [f"{row['handle']}  {_state(row)}: {row['read']:,}{total} entries read, {row['kept']:,} kept"]
    if row["asked_for"]:
        parts.append(f"{row['asked_for']:,} asked for one by one")
    if row["refused"]:
        parts.append(f"{row['refused']:,} not to be believed")
    if row["imports_broken_off"]:
        parts.append(f"{row['imports_broken_off']:,} imports broke off")
    text = ", ".join(parts) + (f"\n  {row['reason']}" if row["reason"] else "")
    if row["state"] == State.STOPPED.value or row["imports_broken_off"]:
        text += f"\n  to go on: commonwire backfill --actor {row['id']}"
    return text


def _state(row: dict[str, Any]) -> str:
    if row["state"] != State.RUNNING.value:
        return str(row["state"])
    return {"featured": "beginning", "outbox": "under way", "threads": "looking for answers"}[row["phase"]]


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1,000,000")
    return int(text)


COMMANDS = (
    Command(
        "backfill",
        "fetch what those we follow have said before; it goes on where it stopped",
        "commonwire backfill ./union --actor @tenants@tenants.example --limit 5000",
        backfill,
        options=(
            option("--actor", metavar="@NAME@HOST", help="only of this one (default: all whose past is not here yet)"),
            option("--limit", type=_count, metavar="N", help="how many entries at most, instead of the setting"),
            option("--status", action="store_true", help="only show how far it has come, and why it stopped"),
            IN_GROUP,
            AS_JSON,
        ),
    ),
)
