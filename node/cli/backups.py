"""Commands about copies of the node: backup, restore."""

from __future__ import annotations

import argparse
from pathlib import Path

from node import backup, restoring
from node.cli.commands import AS_JSON, Command, Usage, opened, option, show, words
from node.cli.nodes import in_its_place
from node.errors import Conflict


async def back_up(options: argparse.Namespace) -> int:
    """Copy the node, or what it says to everybody, into one file."""
    (name,) = words(options)
    target = Path(name).absolute()
    async with opened(options) as node:
        counts = await (backup.public if options.public else backup.full)(node, target)
    size = target.stat().st_size
    result = {"file": str(target), "what": backup.PUBLIC if options.public else backup.FULL, "bytes": size}
    return show(options, result | {"entries": counts}, _told(target, size, options, counts))


def _told(target: Path, size: int, options: argparse.Namespace, counts: dict[str, int]) -> str:
    first = f"{target}: {size:,} bytes"
    if options.public:
        texts, earlier = counts["texts"], counts["versions"]
        return f"{first}, {texts:,} texts with {earlier:,} earlier versions, all of it public"
    return f"""{first}, readable by you alone
The private keys of the groups are in it, as they are: whoever has this file can speak in their name, and reads the
names of the members. Encrypt it before it leaves this machine. What is not in it: the ballots of votes that are open,
who may vote and who has voted on them (such votes begin anew where it is put back), and who is logged in.
To put it back: commonwire restore {target} DIR"""


async def restore(options: argparse.Namespace) -> int:
    """Put a node back from a copy; nothing is left behind if that cannot be done."""
    if len(options.words) != 2:
        raise Usage("say the file, and the directory that is to be the node")
    source, target = (Path(one).absolute() for one in options.words)
    if target.exists() and any(target.iterdir()):
        raise Conflict("{path} is not empty; name a directory that is not there yet", path=target)
    async with in_its_place(target) as partial:
        done = await restoring.restore(source, partial, database_url=options.database_url)
    result = {"directory": str(target), "origin": done.origin, "made": done.made, "rows": done.rows}
    return show(options, result | {"votes_begun_anew": done.votes}, _told_of(target, done))


def _told_of(target: Path, done: restoring.Restored) -> str:
    lines = [
        f"the node of {done.origin}, as it was at {done.made}, is put back in {target}: {done.rows:,} rows",
        "never run it while the one it is a copy of still runs: both would speak as the same group",
    ]
    if done.votes:
        lines.append(f"open votes that begin anew, as members are told at the desk: {done.votes}")
    return "\n".join([*lines, f"see whether all is well: commonwire check {target}"])


COMMANDS = (
    Command(
        "backup",
        "copy the node into one file while it runs, keys and all, without the ballots of open votes",
        "commonwire backup ./union union-2026-11-05.tar",
        back_up,
        words=("FILE",),
        options=(
            option("--public", action="store_true", help="only what everybody may read: texts, profiles, pictures"),
            AS_JSON,
        ),
    ),
    Command(
        "restore",
        "put a node back from a backup, on SQLite or PostgreSQL",
        "commonwire restore union-2026-11-05.tar ./union --database-url postgresql:///union",
        restore,
        words=("FILE", "DIR"),
        options=(
            option(
                "--database-url",
                metavar="URL",
                help="keep the data here instead of where they were; empty: SQLite in the directory",
            ),
            AS_JSON,
        ),
        has_directory=False,
    ),
)
