"""Tables and queries of imports: collections of reports that were transcribed from a table, ours and others'."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, Row, Table, Text, delete, func, select, update

from node.context import Transaction
from node.database import Json, Moment, insert, metadata
from node.reports import counts
from node.reports.rules import ImportState, Provenance
from node.reports.store import reports

imports = Table(
    "imports",
    metadata,
    Column("iri", Text, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("local", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("provenance", Json, nullable=False),
    Column("mapping", Text),
    Column("file_digest", Text),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("next_page", Text),
    Column("digest_iri", Text),
    Column("since", Moment, nullable=False),
    Index("imports_by_file", "actor", "file_digest", "mapping"),
)


def add_import(
    tx: Transaction, iri: str, *, actor: str, local: bool, state: ImportState, provenance: Provenance, **more: Any
) -> None:
    """Enter an import of ours, or another node's whose digest was heard."""
    values = {"actor": actor, "local": local, "state": state.value, "provenance": provenance.as_json(), **more}
    statement = insert(tx, imports).values(iri=iri, since=tx.now, **values)
    tx.execute(statement.on_conflict_do_nothing(index_elements=["iri"]))


def find_import(tx: Transaction, iri: str) -> Row[Any] | None:
    """One import."""
    return tx.execute(select(imports).where(imports.c.iri == iri)).one_or_none()


def set_import(tx: Transaction, iri: str, **values: Any) -> None:
    """Change an import's row."""
    tx.execute(update(imports).where(imports.c.iri == iri).values(**values))


def drop_import(tx: Transaction, import_iri: str) -> None:
    """Delete an import and the rows of its reports."""
    tx.execute(delete(reports).where(reports.c.import_iri == import_iri))
    tx.execute(delete(imports).where(imports.c.iri == import_iri))


def reports_in(tx: Transaction, import_iri: str) -> list[str]:
    """The reports of an import, public or not."""
    return list(tx.execute(select(reports.c.iri).where(reports.c.import_iri == import_iri)).scalars())


def count_in_import(tx: Transaction, import_iri: str) -> int:
    """How many reports an import holds, public or not."""
    return int(tx.execute(select(func.count()).where(reports.c.import_iri == import_iri)).scalar_one())


def count_import(tx: Transaction, import_iri: str) -> None:
    """Let the reports of an import that has become public count."""
    standing = select(reports.c.iri).where(
        reports.c.import_iri == import_iri, reports.c.withdrawn.is_(False), reports.c.left_out.is_(None)
    )
    counts.publish_part_of(tx, standing)


def undo_import(tx: Transaction, import_iri: str) -> None:
    """Let an import be undone: its reports count no more, and its rows and its file can be imported again."""
    its = reports.c.import_iri == import_iri
    counts.hide_part_of(tx, select(reports.c.iri).where(its))
    tx.execute(update(reports).where(its).values(import_key=None))
    set_import(tx, import_iri, state=ImportState.UNDONE.value, file_digest=None, next_page=None)


def import_of_file(tx: Transaction, actor: str, *, file_digest: str, mapping: str) -> Row[Any] | None:
    """The import a group has made, or begun, of exactly this file with this mapping."""
    query = select(imports).where(
        imports.c.actor == actor, imports.c.file_digest == file_digest, imports.c.mapping == mapping
    )
    return tx.execute(query.order_by(imports.c.since)).first()


def unfinished_imports(tx: Transaction, actor: str, *, mapping: str) -> list[Row[Any]]:
    """A group's imports with one mapping that are not public (yet)."""
    states = [ImportState.OPEN.value, ImportState.PROPOSED.value]
    query = select(imports).where(
        imports.c.actor == actor, imports.c.mapping == mapping, imports.c.local.is_(True), imports.c.state.in_(states)
    )
    return list(tx.execute(query.order_by(imports.c.since).limit(1000)))


def broken_imports(tx: Transaction, actor: str) -> list[Row[Any]]:
    """The collections of another node's group that could not be fetched to their end."""
    query = select(imports).where(imports.c.actor == actor, imports.c.local.is_(False))
    broken = query.where(imports.c.state == ImportState.BROKEN.value)
    return list(tx.execute(broken.order_by(imports.c.since).limit(1000)))


def announced_by(tx: Transaction, digest_iri: str) -> Row[Any] | None:
    """The import of ours that a digest has made public, unless it was undone."""
    query = select(imports).where(imports.c.digest_iri == digest_iri, imports.c.state == ImportState.PUBLISHED.value)
    return tx.execute(query).one_or_none()


def all_imports(tx: Transaction) -> list[Row[Any]]:
    """The imports that are public here, ours and others', the newest first."""
    states = [ImportState.PUBLISHED.value, ImportState.FETCHING.value, ImportState.COMPLETE.value]
    query = select(imports).where(imports.c.state.in_(states)).order_by(imports.c.since.desc()).limit(100)
    return list(tx.execute(query))
