"""Which notifications a viewer is shown: those of her group that she has not put away, of senders whom she hears."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from node.context import Transaction
from node.marks import hiding
from node.members.viewers import Viewer
from node.notifications import policies, store
from node.notifications.rules import Kind
from node.notifications.store import notifications
from node.objects import objects
from node.peering.standing import not_hidden
from node.window import Window, within

COUNTED_AT_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of the list is asked for; `filtered`: what waits as a request too."""

    kinds: Collection[Kind] = tuple(Kind)
    actor: str | None = None
    filtered: bool = False


def listed(tx: Transaction, viewer: Viewer, wanted: Wanted, window: Window) -> list[Row[Any]]:
    """A page of the list, the newest first. A reader's is empty."""
    if viewer.actor is None:
        return []
    query = select(notifications).where(*_conditions(tx, viewer, viewer.actor, wanted))
    return within(tx, query, notifications.c.id, window)


def unread(tx: Transaction, viewer: Viewer, wanted: Wanted, *, after: int, at_most: int) -> int:
    """How many there are behind `after`, counted up to a limit."""
    if viewer.actor is None:
        return 0
    newer = notifications.c.id > after
    some = select(notifications.c.id).where(*_conditions(tx, viewer, viewer.actor, wanted), newer)
    query = select(func.count()).select_from(some.limit(min(at_most, COUNTED_AT_MOST)).subquery())
    return int(tx.execute(query).scalar_one())


def find(tx: Transaction, viewer: Viewer, number: int) -> Row[Any] | None:
    """One of hers, whether it waits as a request or not."""
    if viewer.actor is None:
        return None
    found = store.numbered(tx, viewer.id, viewer.actor, [number])
    return found[0] if found else None


def shown(tx: Transaction, viewer: Viewer, number: int) -> list[Row[Any]]:
    """The one of this number, if it is in her list."""
    return listed(tx, viewer, Wanted(), Window(limit=1, min_id=number - 1, max_id=number + 1))


def _conditions(tx: Transaction, viewer: Viewer, group: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    table = notifications.c
    conditions = store.seen_by(viewer.id, group)
    conditions += hiding.hidden(tx, viewer.id, table.actor, notified=True)
    conditions += not_hidden(tx, table.actor)
    if set(wanted.kinds) != set(Kind):
        conditions.append(table.kind.in_([kind.value for kind in wanted.kinds]))
    if wanted.actor is not None:
        conditions.append(table.actor == wanted.actor)
    if not wanted.filtered:
        conditions += policies.listed(tx, viewer.id, group)
    quiet = select(objects.c.iri).where(~hiding.quiet(viewer.id, objects.c.thread))
    conditions.append(table.iri.not_in(quiet))
    return conditions
