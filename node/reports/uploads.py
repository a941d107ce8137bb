"""Tables that members have brought to the desk: kept while it is tried how they would be imported, for a day at most.

A **trial** reads such a table as an import would, and writes nothing: how many reports of what, the first of them in
words, and every row that is refused. What a member has said about the table (`asked`) is kept beside it.
"""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, Row, Table, Text, delete, select, update

from node.context import Transaction
from node.database import Json, Moment, metadata
from node.errors import Invalid, Missing
from node.reports import imports
from node.reports.imports import BadMapping, Draft, Mapping, RefusedRow
from node.reports.rules import Provenance

KEPT_FOR = timedelta(days=1)
TABLE_BYTES = 16 * 1024 * 1024
MAPPING_BYTES = 256 * 1024
ROWS = 10_000  # at the desk somebody waits for the answer; the command line takes more
AT_MOST = 5  # tables of a group that are tried at a time
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods")

uploaded_tables = Table(
    "uploaded_tables",
    metadata,
    Column("id", Text, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("asked", Json, nullable=False),
    Column("at", Moment, nullable=False),
    Index("uploaded_tables_by_actor", "actor", "at"),
)


def keep(tx: Transaction, *, actor: str, name: str, content: bytes, asked: dict[str, str]) -> str:
    """Keep a table of a group; its id. The oldest goes where there are too many."""
    query = select(uploaded_tables.c.id).where(uploaded_tables.c.actor == actor)
    others = list(tx.execute(query.order_by(uploaded_tables.c.at.desc()).limit(100)).scalars())
    tx.execute(delete(uploaded_tables).where(uploaded_tables.c.id.in_(others[AT_MOST - 1 :])))
    number = secrets.token_urlsafe(16)
    values = {"id": number, "actor": actor, "name": name, "content": content, "asked": asked, "at": tx.now}
    tx.execute(uploaded_tables.insert().values(**values))
    return number


def find(tx: Transaction, number: str, *, actor: str) -> Row[Any]:
    """A table that the group has brought. Raises Missing."""
    condition = (uploaded_tables.c.id == number) & (uploaded_tables.c.actor == actor)
    row = tx.execute(select(uploaded_tables).where(condition)).one_or_none()
    if row is None:
        raise Missing("this table is not kept any more: it is deleted after a day, and when it was imported")
    return row


def ask(tx: Transaction, number: str, *, actor: str, asked: dict[str, str]) -> None:
    """Let something else be said about a table. Raises Missing."""
    find(tx, number, actor=actor)
    tx.execute(update(uploaded_tables).where(uploaded_tables.c.id == number).values(asked=asked))


def drop(tx: Transaction, number: str, *, actor: str) -> None:
    """Forget a table."""
    condition = (uploaded_tables.c.id == number) & (uploaded_tables.c.actor == actor)
    tx.execute(delete(uploaded_tables).where(condition))


def prune_uploads(tx: Transaction) -> int:
    """Delete the tables that were not imported within a day; how many there were."""
    return int(tx.execute(delete(uploaded_tables).where(uploaded_tables.c.at < tx.now - KEPT_FOR)).rowcount)


@dataclass(frozen=True, slots=True)
class Trial:
    """What an import of a table would make of it, before it was held against what is here already."""

    digest: str
    mapping: Mapping
    provenance: Provenance
    drafts: list[Draft]
    refused: list[RefusedRow]
    notes: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def struggles(self) -> int:
        """How many struggles its reports are about."""
        return len({draft.struggle_key for draft in self.drafts})

    @property
    def counted(self) -> list[tuple[str, int]]:
        """How many reports say which measure, the most frequent first."""
        found = Counter(one.measure for draft in self.drafts for one in draft.measures if one.absent is None)
        return found.most_common()


def tried(row: Row[Any], *, rows: int, today: date) -> Trial:
    """Read a table as an import would. Takes seconds, for a thread. Raises Invalid, with the field."""
    ending = Path(row.name).suffix.lower()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / f"table{ending if ending in ENDINGS else '.csv'}"
        path.write_bytes(row.content)
        outline = imports.outline(path, limit_rows=min(rows, ROWS))
        mapping = _mapping(row.asked, outline.columns, Path(directory))
        provenance = _provenance(row.asked, mapping, Path(row.name).stem, today=today)
        found = list(imports.read_all(imports.rows(path, limit_rows=min(rows, ROWS)), mapping))
    return Trial(
        hashlib.sha256(row.content).hexdigest(),
        mapping,
        provenance,
        [one for one in found if isinstance(one, Draft)],
        [one for one in found if isinstance(one, RefusedRow)],
        tuple(outline.notes),
        imports.unused(mapping, outline.columns),
    )


def _mapping(asked: dict[str, str], columns: tuple[str, ...], directory: Path) -> Mapping:
    name, own = asked.get("mapping", ""), asked.get("own_mapping", "")
    try:
        if own:
            path = directory / "mapping.toml"
            path.write_text(own, encoding="utf-8")
            return imports.fitted(imports.from_toml(path), columns)
        if name:
            return imports.fitted(imports.named(name), columns)
    except BadMapping as error:
        error.field = "mapping"
        raise
    found = imports.detect(columns)
    if found is None:
        sentence = "no mapping fits these columns: {columns}; choose one, or bring one of your own"
        raise Invalid(sentence, field="mapping", columns=", ".join(columns)[:300])
    return found


def _provenance(asked: dict[str, str], mapping: Mapping, stem: str, *, today: date) -> Provenance:
    publisher = asked.get("publisher") or mapping.publisher or ""
    if not publisher.strip():
        raise Invalid("say who published the table, so that readers can judge it", field="publisher")
    try:
        retrieved = date.fromisoformat(asked["retrieved"]) if asked.get("retrieved") else today
    except ValueError:
        raise Invalid("“{value}” is not a day such as {today}", field="retrieved", value=asked["retrieved"],
                      today=today) from None  # fmt: skip
    title = asked.get("title") or f"{stem.replace('-', ' ').replace('_', ' ')}: reports from {publisher}"
    return Provenance(
        title=title,
        publisher=publisher,
        publisher_url=asked.get("publisher_url") or mapping.publisher_url or None,
        licence=asked.get("licence") or mapping.licence or None,
        retrieved=retrieved,
    )
