"""The command that makes room: prune."""

from __future__ import annotations

import argparse
import shutil
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from node import unneeded
from node.cli.checks import size
from node.cli.commands import AS_JSON, Command, Usage, opened, option, show, words
from node.cli.progress import Progress
from node.context import Node, Transaction
from node.errors import Unfit

DAYS = 90
ROOM = 2.2  # how many times its own size SQLite needs beside a database to write it anew: a copy, and the log of it


async def prune(options: argparse.Namespace) -> int:
    """Let go of what others said and nobody here needs any more."""
    words(options)
    if options.older_than is not None and options.older_than < 1:
        raise Usage("--older-than is at least 1")
    async with opened(options) as node:
        days = options.older_than or node.config.unneeded_days or DAYS
        if options.vacuum and not options.dry_run:
            await _check_room(node)
        before = await node.database.read(_bytes)
        with Progress("looking through" if options.dry_run else "pruning", await unneeded.count(node)) as bar:
            swept = await unneeded.sweep(
                node, older_than=timedelta(days=days), dry=options.dry_run, advance=bar.advance
            )
        if options.vacuum and not options.dry_run:
            await node.database.compact()
        if node.database.is_sqlite and not options.dry_run:
            await node.database.empty_log()
        after = await node.database.read(_bytes)
    result = {
        "dry_run": options.dry_run,
        "older_than_days": days,
        "objects": swept.objects,
        "accounts": swept.actors,
        "activities": swept.activities,
        "pictures": swept.pictures.files,
        "bytes": swept.bytes,
        "database_bytes_before": before,
        "database_bytes_after": after,
    }
    return show(options, result, _told(result, vacuum=options.vacuum))


def _told(result: dict[str, Any], *, vacuum: bool) -> str:
    would = "would go" if result["dry_run"] else "gone"
    lines = [
        f"{would}, of what is older than {result['older_than_days']} days and nobody here needs:",
        f"  {result['objects']:,} posts of others",
        f"  {result['accounts']:,} accounts"
        + (" (and those whose only posts would go)" if result["dry_run"] and result["objects"] else ""),
        f"  {result['activities']:,} raw activities that have had their 30 days",
        f"  {result['pictures']:,} pictures that nobody has looked at",
        f"  {size(result['bytes'])} of documents and pictures in all",
    ]
    if result["dry_run"]:
        return "\n".join([*lines, "nothing was changed"])
    now = f"the database takes {size(result['database_bytes_after'])}"
    if vacuum:
        return "\n".join([*lines, f"{now}, before {size(result['database_bytes_before'])}"])
    return "\n".join([*lines, f"{now}; what became free in it is used again (--vacuum gives it back to the system)"])


async def _check_room(node: Node) -> None:
    """Raise Unfit unless there is room to write the database anew."""
    if not node.database.is_sqlite:
        return
    needed = round(await node.database.read(_bytes) * ROOM)
    free = shutil.disk_usage(node.config.directory).free
    if free < needed:
        raise Unfit(
            f"--vacuum needs {size(needed)} free in {node.config.directory}, there are {size(free)}; "
            "nothing was changed: run it without --vacuum, or make room first"
        )


def _bytes(tx: Transaction) -> int:
    if tx.connection.dialect.name == "postgresql":
        return int(tx.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    return int(tx.execute(text(query)).scalar_one())


COMMANDS = (
    Command(
        "prune",
        "let go of what others said and nobody here needs any more; what is followed, and every report, stays",
        "commonwire prune ./union --dry-run",
        prune,
        options=(
            option("--dry-run", action="store_true", help="count what would go, and change nothing"),
            option(
                "--older-than",
                type=int,
                metavar="DAYS",
                help=f"what came longer ago (default: limits.unneeded_days, else {DAYS})",
            ),
            option(
                "--vacuum", action="store_true", help="give the room back to the system; nobody can write meanwhile"
            ),
            AS_JSON,
        ),
    ),
)
