"""What can be looked at on this machine: settings, files, database, queue, disk, memory, and whether the node runs."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import shutil
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, func, select, text
from sqlalchemy.exc import DBAPIError

from federation import keys
from node import activities, actors, config, decisions, hosts, media, picture_store, setup
from node.activities import State
from node.cli.checks import Finding, bad, days, ok, size, skipped, warning
from node.config import Config
from node.context import Node, Transaction
from node.database import SCHEMA_VERSION
from node.errors import Unfit
from node.jobs import jobs

OTHERS = 0o077
DISK_BAD_BYTES = 200_000_000
DISK_LOW_BYTES = 1_000_000_000
MEMORY_LOW_BYTES = 150_000_000
LATE_SECONDS = 600
TOLD_AT_MOST = 3
ENDING_SOON = timedelta(days=14)
DAMAGED = "stop the node, keep a copy of the file, and restore a backup"


def settings(found: Config) -> Iterator[Finding]:
    """Settings that can be meant, and usually are not."""
    yield ok("settings", f"{found.directory / config.FILE_NAME} is read; the node is {found.origin}")
    tried_out = is_loopback(urlsplit(found.origin).hostname or "")
    if not found.origin.startswith("https://") and not tried_out:
        yield bad(
            "settings", "origin has no TLS", "other servers talk to https:// alone; make a node with such an origin"
        )
    if tried_out:
        yield warning(
            "settings", "origin is an address of this machine alone", "fine for trying out; nobody else can reach it"
        )
    elif found.allow_http:
        yield warning(
            "settings", "federation.allow_http is true", "take it out of node.toml: it is for trying out alone"
        )
    if found.publication_delay == 0 and not tried_out:
        yield warning(
            "settings",
            "publication_delay is 0: nothing can be called back",
            "take it out of node.toml; the default is 120 seconds",
        )
    if found.metrics_address is not None and not is_loopback(found.metrics_address[0]):
        yield warning(
            "settings",
            f"metrics_listen is {found.metrics_listen}, which others may reach",
            "use 127.0.0.1:9464, or see to it that a firewall lets only the monitoring through",
        )


def files(found: Config) -> Iterator[Finding]:
    """Whether anybody but the node can read what is in its directory."""
    directory = found.directory
    open_to_others = [path for path in _private(directory) if stat.S_IMODE(path.stat().st_mode) & OTHERS]
    strange = [path for path in _private(directory) if path.stat().st_uid != directory.stat().st_uid]
    if open_to_others:
        named = ", ".join(str(path) for path in open_to_others[:TOLD_AT_MOST])
        yield bad("permissions", f"others can read {named}", f"chmod -R go= {directory}")
    if strange:
        named = ", ".join(str(path) for path in strange[:TOLD_AT_MOST])
        yield bad(
            "permissions",
            f"{named} belongs to another user than the directory",
            f"chown -R --reference={directory} {directory}",
        )
    if not open_to_others and not strange:
        yield ok("permissions", "only its owner can read the directory, the keys and the database")
    left = [name for name in (setup.RECOVERY_KEY, setup.RECOVERY_SHEET) if (directory / name).exists()]
    if left:
        yield warning(
            "recovery key",
            f"{' and '.join(left)} still there",
            "print the sheet, put it in two places that are not searched together, and delete both files here",
        )


def _private(directory: Path) -> list[Path]:
    names = (
        config.FILE_NAME,
        "node.db",
        "node.db-wal",
        "node.db-shm",
        "keys",
        media.DIRECTORY,
        picture_store.DIRECTORY,
    )
    named = [directory, *(directory / name for name in (*names, setup.RECOVERY_KEY, setup.RECOVERY_SHEET))]
    return [path for path in (*named, *sorted((directory / "keys").glob("*"))) if path.exists()]


def database(node: Node) -> Iterator[Finding]:
    """Whether the database can be opened, is of our version and in one piece."""
    where = f"SQLite, {node.config.directory / 'node.db'}" if node.database.is_sqlite else "PostgreSQL"
    try:
        version = node.database.version()
        if version != SCHEMA_VERSION:
            yield _of_another_version(node, version)
            return
        found = node.database._run_read(_integrity)
    except (Unfit, DBAPIError) as error:
        yield _unreadable(node, error)
        return
    yield ok("migrations", f"the database is at version {SCHEMA_VERSION}, the newest")
    if found:
        yield bad("database", f"{where}: {found}", DAMAGED)
    else:
        yield ok("database", f"{where}, {size(node.database._run_read(_bytes))}, can be read" + (
            " and is in one piece" if node.database.is_sqlite else ""
        ))  # fmt: skip


def _unreadable(node: Node, error: Unfit | DBAPIError) -> Finding:
    said = str(error) if isinstance(error, Unfit) else str(error.orig).partition("\n")[0]
    if "malformed" in said or "not a database" in said:
        return bad("database", said, DAMAGED)
    return bad(
        "database",
        said,
        "is its file there and yours?" if node.database.is_sqlite else "does it run, and may this user log in?",
    )


def _of_another_version(node: Node, version: str | None) -> Finding:
    if version is not None and version > SCHEMA_VERSION:
        return bad(
            "migrations",
            f"the database is at version {version}, this program knows only {SCHEMA_VERSION}",
            "run the program that wrote it last, or a newer one",
        )
    what = f"at version {version}, this program needs {SCHEMA_VERSION}" if version else "empty"
    return bad(
        "migrations", f"the database is {what}", f"make a backup, then: commonwire migrate {node.config.directory}"
    )


def _integrity(tx: Transaction) -> str:
    """What SQLite finds wrong with its file, or nothing."""
    if tx.connection.dialect.name == "postgresql":
        tx.execute(select(func.count()).select_from(actors.local_actors)).scalar_one()
        return ""
    said = [str(line) for line in tx.execute(text("PRAGMA quick_check(3)")).scalars()]
    return "" if said == ["ok"] else "; ".join(said)[:300]


def _bytes(tx: Transaction) -> int:
    if tx.connection.dialect.name == "postgresql":
        return int(tx.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    return int(
        tx.execute(text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")).scalar_one()
    )


def own_keys(node: Node, tx: Transaction) -> Finding:
    """Whether the keys on the disk are those that the node tells others."""
    for row in [actors.instance(tx), *actors.groups(tx)]:
        name = actors.key_name(row.kind, row.handle, row.key_number)
        try:
            rsa, ed25519 = node.keyring.rsa(name).public_key(), node.keyring.ed25519(name).public_key()
        except Unfit as error:
            return bad("keys", str(error), "without it the group cannot speak; nobody else has it")
        if keys.public_pem(rsa) != row.rsa_public or keys.to_multibase(ed25519) != row.ed25519_public:
            return bad(
                "keys",
                f"the key of {row.iri} is not the one that others were told",
                "restore keys/ from the same backup as the database",
            )
    return ok("keys", "the keys of every group can be read, and are those that others know")


def queue(tx: Transaction) -> Iterator[Finding]:
    """How long what is due has been waiting, and what was given up."""
    table = activities.activities
    free = jobs.c.parked.is_(False) & (jobs.c.due <= tx.now)
    due = tx.execute(select(func.min(jobs.c.due)).where(free)).scalar()
    pending = select(table.c.at).where(table.c.state == State.PENDING.value).order_by(table.c.id).limit(1)
    arrived = tx.execute(pending).scalar()
    oldest = max(((tx.now - since).total_seconds() for since in (due, arrived) if since is not None), default=0.0)
    waiting = tx.execute(select(func.count()).select_from(jobs).where(jobs.c.parked.is_(False))).scalar_one()
    if oldest > LATE_SECONDS:
        yield warning(
            "queue", f"something has been due for {days(oldest)}", "is `commonwire serve` running, and keeping up?"
        )
    else:
        yield ok("queue", f"{waiting:,} jobs wait; nothing is late")
    parked = tx.execute(select(func.count()).select_from(jobs).where(jobs.c.parked.is_(True))).scalar_one()
    mistakes = activities.count(tx, State.PARKED)
    if parked:
        yield warning(
            "queue", f"{parked:,} jobs were given up", "see why: commonwire queue show; once more: queue retry"
        )
    if mistakes:
        yield warning(
            "queue",
            f"{mistakes:,} activities could not be dealt with, by a mistake in the program",
            "report what the log says about them",
        )


def peers(tx: Transaction) -> Finding:
    """Whether those who are sent to take it."""
    failing = hosts.not_well(tx)
    gone = [row.host for row in failing if row.unreachable_since is not None]
    if gone:
        more = len(gone) - TOLD_AT_MOST
        named = ", ".join(gone[:TOLD_AT_MOST]) + (f" and {more:,} more" if more > 0 else "")
        return warning(
            "peers",
            f"no answer for a week from {named}",
            "nothing is sent to them until they are heard of again; see: commonwire queue show",
        )
    if failing:
        return ok("peers", f"hosts that do not answer at the moment: {len(failing):,}; what is for them waits")
    return ok("peers", "whoever is sent something takes it")


def rules(tx: Transaction) -> Iterator[Finding]:
    """Whether those who hold mandates now can meet the rules that the groups have given themselves."""
    groups = actors.groups(tx)
    for group in groups:
        for under, rule, why in decisions.locked(tx, group.iri):
            yield warning(
                "rules",
                f"{group.handle} cannot decide on {under}: “{rule.name}” takes {why['needed']} members with a mandate"
                f" to {why['permission']}, and {why['holders']} hold one",
                _mending(tx, group, under, rule),
            )
        ending = decisions.locked(tx, group.iri, at=tx.now + ENDING_SOON)
        if ending and not decisions.locked(tx, group.iri):
            yield warning(
                "rules",
                f"mandates in {group.handle} end within {ENDING_SOON.days} days; without them it cannot decide on"
                f" {', '.join(under for under, _, _ in ending)}",
                "renew them before they have ended: afterwards nobody could decide on that either",
            )
    if not any(decisions.locked(tx, group.iri, at=tx.now + ENDING_SOON) for group in groups):
        yield ok("rules", "those who hold mandates can meet every rule")


def _mending(tx: Transaction, group: Row[Any], under: str, rule: decisions.Rule) -> str:
    """What to do about a rule that is locked."""
    renew = "renew the mandates that have ended, or take on members"
    if decisions.can_be_met(tx, group.iri, under, rule):
        return f"{renew}; what is not urgent can be decided"
    return f"{renew}; if that cannot be decided any more: commonwire rule reset {under} --group {group.handle}"


def disk(found: Config) -> Finding:
    """How much room there is."""
    usage = shutil.disk_usage(found.directory)
    said = f"{size(usage.free)} free of {size(usage.total)} at {found.directory}"
    mend = "make room; `commonwire prune --dry-run` says what the node could let go of"
    if usage.free < DISK_BAD_BYTES:
        return bad("disk", said, mend)
    return warning("disk", said, mend) if usage.free < DISK_LOW_BYTES else ok("disk", said)


def memory() -> Finding:
    """How much memory is left, where the system tells."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines() if ":" in line)
        available = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return skipped("memory", "this system does not tell")
    said = f"{size(available)} available"
    if available < MEMORY_LOW_BYTES:
        return warning(
            "memory", said, "a node takes about 100 MB and some more for pictures; stop something, or add swap"
        )
    return ok("memory", said)


async def server(found: Config) -> Finding:
    """Whether the node is served on this machine, and what it says of itself."""
    host, port = found.listen_address
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    url = f"http://{f'[{reached}]' if ':' in reached else reached}:{port}/healthz"
    answer = await asyncio.to_thread(_health, url)
    if answer is None:
        return bad(
            "server",
            f"nothing answers at {found.listen}: the node does not run",
            f"commonwire serve {found.directory} (under systemd: systemctl start commonwire)",
        )
    match answer.get("status"):
        case "ok":
            return ok("server", f"it runs at {found.listen} and is well")
        case "failing":
            return bad("server", f"it runs, and says: {'; '.join(map(str, answer.get('failing', [])))}", "see its log")
    return bad("server", f"another program answers at {found.listen}", "stop it, or give the node another `listen`")


def _health(url: str) -> dict[str, Any] | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as response:
            body = response.read(65536)
    except urllib.error.HTTPError as error:
        body = error.read(65536)
    except OSError:
        return None
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def is_loopback(host: str) -> bool:
    """Whether an address leads to this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
