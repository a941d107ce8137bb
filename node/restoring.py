"""Putting a node back from a copy (`node.backup`), on either kind of database.

Everything is checked before anything is kept: a torn or changed file puts nothing back. Votes that were open begin
anew, because their ballots are in no copy; their decisions say so to members.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import column, insert, select, table, text

from node import app, config, decisions, jobs
from node.backup import END, FORMAT, FULL, MANIFEST, ROWS
from node.context import Node, Transaction
from node.errors import Conflict, Invalid
from node.keyring import write_private
from node.migrations import migrate
from node.search import actions as search

ENTRY = re.compile(
    r"node\.toml|(keys|media)/[A-Za-z0-9_][A-Za-z0-9_.-]*|tables/[a-z_]+\.jsonl|MANIFEST\.json|END\.json"
)
TABLES = "tables"
MANIFEST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: of which node, as it was when, how many rows, how many votes begin anew."""

    origin: str
    made: str
    rows: int
    votes: int


async def restore(source: Path, partial: Path, *, database_url: str | None = None) -> Restored:
    """Fill the empty directory `partial` from the copy `source`; `database_url` is kept in place of the one it has.

    Raises Invalid if it is no whole copy of a node, Conflict if the database holds a node already.
    """
    manifest = await asyncio.to_thread(_unpack, source, partial)
    node = await asyncio.to_thread(_build, partial, database_url)
    try:
        await asyncio.to_thread(_make_tables, node, manifest["database"])
        rows = await node.database.write(_load, partial / TABLES)
        await asyncio.to_thread(migrate, node.database)
        votes = await node.database.write(_begin_anew)
    finally:
        await asyncio.to_thread(node.database.close)
    await asyncio.to_thread(shutil.rmtree, partial / TABLES)
    return Restored(manifest["origin"], manifest["made"], rows, votes)


def _build(directory: Path, database_url: str | None) -> Node:
    settings = directory / config.FILE_NAME
    if database_url is not None:
        settings.write_text(with_database(settings.read_text(), database_url))
    return app.build(config.load(directory))


def _make_tables(node: Node, version: str) -> None:
    if node.database.version() is not None:
        url = node.database.url.render_as_string()
        raise Conflict("the database {url} holds tables already; name an empty one", url=url)
    migrate(node.database, to=version)


def with_database(settings: str, url: str) -> str:
    """The text of node.toml with another address of the database; empty is SQLite in the node's directory."""
    lines = [line for line in settings.splitlines() if not re.match(r"\s*#?\s*database_url\s*=", line)]
    return "\n".join([f"database_url = {json.dumps(url)}", *lines, ""])


# ---- the file


def _unpack(source: Path, directory: Path) -> dict[str, Any]:
    """Every entry in its place, checked against the digests at the end; the manifest. Raises Invalid."""
    digests: dict[str, str] = {}
    small: dict[str, Any] = {}
    for folder in ("keys", "media", TABLES):
        (directory / folder).mkdir(mode=0o700)
    try:
        with tarfile.open(source, mode="r:") as tar:
            for entry in tar:
                content = tar.extractfile(entry) if entry.isfile() and ENTRY.fullmatch(entry.name) else None
                if content is None or entry.name in digests:
                    raise Invalid("there is something in the copy that does not belong there: {name}", name=entry.name)
                if entry.name in (MANIFEST, END):
                    small[entry.name] = json.loads(content.read(MANIFEST_BYTES))
                else:
                    digests[entry.name] = _put(content, directory / entry.name)
                if entry.name == MANIFEST:
                    _check(small[MANIFEST])
    except (tarfile.TarError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise Invalid("“{path}” is no copy of a node, or is damaged: {reason}", path=source, reason=error) from None
    listed = small.get(END, {}).get("entries", {})
    if MANIFEST not in small or listed != digests | {MANIFEST: listed.get(MANIFEST)}:
        raise Invalid("“{path}” is torn or was changed: what is in it is not what was put in", path=source)
    manifest: dict[str, Any] = small[MANIFEST]
    return manifest


def _check(manifest: Any) -> None:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Invalid("it is a copy of a kind that this program does not know; install a newer one")
    if manifest.get("what") != FULL:
        raise Invalid("it holds the public part alone: no members, no keys; a node cannot be put back from it")


def _put(content: IO[bytes], target: Path) -> str:
    digest = hashlib.sha256()
    write_private(target, b"")
    with target.open("wb") as file:
        while some := content.read(1024 * 1024):
            digest.update(some)
            file.write(some)
    return digest.hexdigest()


# ---- the database


def _load(tx: Transaction, folder: Path) -> int:
    rows = 0
    waiting = {path.stem: path for path in folder.glob("*.jsonl")}
    order = [one for one in _order(tx) if one in waiting]
    if set(order) != set(waiting):
        unknown = ", ".join(sorted(set(waiting) - set(order)))
        raise Invalid("there are tables in it that this program does not know: {names}", names=unknown)
    for name in order:
        for some in _some(waiting[name]):
            named: list[Any] = [column(key) for key in some[0]]
            tx.connection.execute(insert(table(name, *named)), some)
            rows += len(some)
        if tx.connection.dialect.name == "postgresql":
            _count_on(tx, name)
    return rows


def _order(tx: Transaction) -> list[str]:
    """The tables that are there, each after those it refers to."""
    from sqlalchemy import MetaData

    there = MetaData()
    there.reflect(tx.connection)
    return [one.name for one in there.sorted_tables]


def _some(path: Path) -> Iterator[Sequence[dict[str, Any]]]:
    some: list[dict[str, Any]] = []
    with path.open("rb") as file:
        for line in file:
            some.append({name: _raw(value) for name, value in json.loads(line).items()})
            if len(some) == ROWS:
                yield some
                some = []
    if some:
        yield some


def _raw(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


def _count_on(tx: Transaction, name: str) -> None:
    """Let PostgreSQL number new rows after those that were put back."""
    numbered = text(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = :name AND table_schema = current_schema() AND column_default LIKE 'nextval(%'"
    )
    for (key,) in tx.connection.execute(numbered, {"name": name}).all():
        number: Any = column(key)
        last = tx.connection.execute(select(number).select_from(table(name)).order_by(number.desc()).limit(1)).scalar()
        if last is not None:
            tx.connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, :key), :last)"),
                {"name": name, "key": key, "last": last},
            )


def _begin_anew(tx: Transaction) -> int:
    jobs.release_all(tx)
    search.promise_building(tx)
    return decisions.begin_anew(tx)
