"""A copy of a node in one file, while it runs: a tar that only its owner can read.

    MANIFEST.json        what it is: of which node, when, by which version of the program and of the database
    tables/NAME.jsonl    every table, a row in each line, as one consistent copy of any of the two databases
    node.toml  keys/  media/
    END.json             the SHA-256 of every entry before it; without it the file is torn

What a member must not be found by is left out: ballots and receipts of votes that are open, who may vote and who has
voted on them, who proposed them, and the sessions and links of anybody. `public` has nothing but what the node says to
everybody: the documents of its groups, their texts with the versions that can be read, and their pictures.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Row, Table, column, select, table
from sqlalchemy.types import TypeDecorator

from node import VERSION, actors, config, media, objects, profile
from node.context import Node, Transaction
from node.database import SCHEMA_VERSION, metadata
from node.decisions import copying
from node.errors import Conflict
from node.identifiers import spell
from node.statements import composing, versions

FORMAT = 1
FULL, PUBLIC = "full", "public"
MANIFEST, END = "MANIFEST.json", "END.json"
NOT_COPIED = ("sessions", "resets", "search_entries")
"""Tables that are empty in a copy: whoever is put back logs in anew, and the index is made of the texts."""
IN_MEMORY_BYTES = 4 * 1024 * 1024
ROWS = 500


@dataclass
class Archive:
    """A tar that is being written, with the digest of each entry."""

    tar: tarfile.TarFile
    directory: Path
    digests: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, content: bytes) -> None:
        """Write an entry."""
        self.add_file(name, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())

    def add_file(self, name: str, file: IO[bytes], size: int, digest: str) -> None:
        """Write an entry from a file."""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        self.tar.addfile(entry, file)
        self.digests[name] = digest


async def full(node: Node, target: Path) -> dict[str, int]:
    """Write everything into `target`; how many entries of each kind. Raises Conflict if there is such a file."""
    return await node.database.read(_write, target, FULL)


async def public(node: Node, target: Path) -> dict[str, int]:
    """Write what everybody may read into `target`. Raises Conflict if there is such a file."""
    return await node.database.read(_write, target, PUBLIC)


def _write(tx: Transaction, target: Path, what: str) -> dict[str, int]:
    with _new_archive(target) as archive:
        archive.add(MANIFEST, _json(_manifest(tx, what)))
        if what == FULL:
            _add_tables(tx, archive)
            _add_files(tx.node.config.directory, archive)
        else:
            _add_public(tx, archive)
        archive.add(END, _json({"entries": dict(archive.digests)}))
    return archive.counts


@contextmanager
def _new_archive(target: Path) -> Iterator[Archive]:
    """A file that is there whole or not at all, and is its owner's alone from the first byte."""
    if target.exists():
        raise Conflict("there is a file “{path}” already; name one that is not there yet", path=str(target))
    partial = target.with_name(f".{target.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                yield Archive(tar, target.parent)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)


def _manifest(tx: Transaction, what: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "what": what,
        "origin": tx.node.config.origin,
        "made": tx.now.replace(microsecond=0).isoformat(),
        "program": VERSION,
        "database": SCHEMA_VERSION,
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


# ---- the whole node


def _add_tables(tx: Transaction, archive: Archive) -> None:
    for one in metadata.sorted_tables:
        if one.name in NOT_COPIED:
            continue
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES, dir=str(archive.directory)) as file:
            digest, rows = hashlib.sha256(), 0
            for row in _rows(tx, one):
                line = _line(row)
                digest.update(line)
                file.write(line)
                rows += 1
            size = file.tell()
            file.seek(0)
            archive.add_file(f"tables/{one.name}.jsonl", file, size, digest.hexdigest())
        archive.counts[one.name] = rows


def _rows(tx: Transaction, one: Table) -> Iterator[Row[Any]]:
    raw = table(one.name, *(column(each.name, _raw(each.type)) for each in one.columns))
    query = select(*raw.columns).order_by(*(raw.c[key.name] for key in one.primary_key))
    if one in copying.OF_A_VOTE:
        query = query.where(copying.is_closed(raw.c.decision))
    yield from tx.connection.execute(query, execution_options={"yield_per": ROWS})


def _raw(kind: Any) -> Any:
    """How the database itself keeps a value."""
    return kind.impl if isinstance(kind, TypeDecorator) else kind


def _line(row: Row[Any]) -> bytes:
    values = {name: _plain(value) for name, value in row._mapping.items()}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    return {"base64": base64.b64encode(bytes(value)).decode()} if isinstance(value, bytes | memoryview) else value


def _add_files(directory: Path, archive: Archive) -> None:
    archive.add(config.FILE_NAME, (directory / config.FILE_NAME).read_bytes())
    for folder in ("keys", media.DIRECTORY):
        names = sorted(one.name for one in (directory / folder).glob("*") if one.is_file())
        kept = [name for name in names if not name.startswith(".") and not name.endswith(".partial")]
        archive.counts[folder] = 0
        for name in kept:
            archive.counts[folder] += _add_from_disk(archive, directory / folder / name, f"{folder}/{name}")


def _add_from_disk(archive: Archive, path: Path, name: str) -> int:
    try:
        with path.open("rb") as file:  # a film may be longer than what is to be held in memory
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            archive.add_file(name, file, size, digest)
    except FileNotFoundError:  # deleted while we were copying
        return 0
    return 1


# ---- what everybody may read


def _add_public(tx: Transaction, archive: Archive) -> None:
    groups = actors.groups(tx)
    for group in groups:
        archive.add(f"groups/{group.handle}.json", objects.encode(profile.document(tx, group)))
    pictures = [one["name"] for group in groups for one in (group.icon, group.image) if one]
    archive.counts |= {"groups": len(groups), "texts": 0, "versions": 0, media.DIRECTORY: 0}
    after = 0
    while found := objects.public_of_ours(tx, after=after, limit=ROWS):
        after = found[-1].sort_id
        for row in found:
            pictures += _add_text(tx, archive, row)
    for name in dict.fromkeys(pictures):
        path = tx.node.config.directory / media.DIRECTORY / name
        archive.counts[media.DIRECTORY] += _add_from_disk(archive, path, f"{media.DIRECTORY}/{name}")


def _add_text(tx: Transaction, archive: Archive, row: Row[Any]) -> list[str]:
    """A text or its tombstone, and its earlier versions; the files of the pictures they show."""
    name = f"texts/{spell(row.sort_id)}"
    earlier = [one for one in versions.of(tx, row.iri) if one.document is not None]
    archive.add(f"{name}.json", row.document)
    for one in earlier:
        archive.add(f"{name}.{one.number}.json", one.document)
    archive.counts["texts"] += 1
    archive.counts["versions"] += len(earlier)
    return composing.pictures_in(tx.node, [row.document, *(one.document for one in earlier)])
