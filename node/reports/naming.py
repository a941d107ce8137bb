"""What a struggle is called: as the report says that gave it its name, for as long as that report stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select

from node.context import Transaction
from node.objects import objects
from node.reports import building, store
from node.reports.store import reports, struggles
from node.statements.store import statements

TOGETHER = 500


def rename(tx: Transaction, iri: str, *, author: str, name: str) -> None:
    """Give a struggle another name, if it was named by `author` and by no title that still stands."""
    row = tx.execute(select(struggles).where(struggles.c.iri == iri)).one_or_none()
    title = statements.c.title
    titles = select(title).join(reports, reports.c.iri == statements.c.iri).where(reports.c.struggle == iri)
    if row is None or row.actor != author or tx.execute(titles.where(title == row.name).limit(1)).first() is not None:
        return
    store.set_struggle(tx, iri, name=name, key=_key_beside(row))


def give(tx: Transaction, names: Mapping[str, str]) -> None:
    """Name the struggles (address -> name) that have lost their name with the last report on them."""
    nameless = struggles.c.named_by == "", struggles.c.name == building.BLANKED
    for iri in tx.execute(select(struggles.c.iri).where(struggles.c.iri.in_(names), *nameless)).scalars().all():
        store.set_struggle(tx, iri, name=names[iri])


def settle(tx: Transaction) -> None:
    """Name anew the struggles whose name came from a report that was deleted, or is gone, in this transaction."""
    touched = sorted(tx.touched)
    held = select(objects.c.iri).where(objects.c.iri == struggles.c.named_by, objects.c.deleted.is_(None)).exists()
    for start in range(0, len(touched), TOGETHER):
        some = touched[start : start + TOGETHER]
        for row in tx.execute(select(struggles).where(struggles.c.named_by.in_(some), ~held)).all():
            _name_anew(tx, row)


def _name_anew(tx: Transaction, row: Row[Any]) -> None:
    """After the oldest public title that remains; where none has a title, after what was done."""
    query = (
        select(reports.c.iri, reports.c.action_kind, statements.c.title)
        .join(objects, objects.c.iri == reports.c.iri)
        .join(statements, statements.c.iri == reports.c.iri)
        .where(reports.c.struggle == row.iri, objects.c.public.is_(True), objects.c.deleted.is_(None))
        .order_by(statements.c.title.is_(None), reports.c.sort_id)
    )
    oldest = tx.execute(query.limit(1)).one_or_none()
    if oldest is None:  # nobody reports on it any more: whoever does so under its key names it
        store.set_struggle(tx, row.iri, name=building.BLANKED, key=_key_beside(row), named_by="")
        return
    name = oldest.title or building.meaning(oldest.action_kind)
    store.set_struggle(tx, row.iri, name=name, key=_key_beside(row), named_by=oldest.iri)


def _key_beside(row: Row[Any]) -> str | None:
    """The key by which a struggle is found, unless it spells the name that goes."""
    return None if (row.key or "").endswith(f":{row.name}") else row.key
