"""Walking an index of what was said, piece by piece, from the newest on or from a place upwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, null, select
from sqlalchemy.sql.elements import KeyedColumnElement

from node.context import Transaction
from node.objects import objects
from node.statements.store import reactions
from node.window import Window

PIECE_AT_MOST = 1000
SCANNED_AT_MOST = 20_000
SCANNED_BEFORE_NARROWED = 1_000

_PARENT = objects.alias("parent")
_ROWS = (
    objects.c.iri,
    objects.c.author,
    objects.c.kind,
    objects.c.in_reply_to,
    objects.c.part_of,
    _PARENT.c.author.label("parent_author"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A query without its order, the column it is walked along, and what belongs to it of what it finds.

    `narrow`: conditions that leave nothing out which `wanted` would take. They are asked of the database when much was
    looked at in vain, and not before: with them it would sort all there is instead of reading what comes next.
    """

    query: Select[Any]
    key: ColumnElement[int]
    wanted: Callable[[Any], bool] = lambda row: True
    narrow: Sequence[ColumnElement[bool]] = ()

    def through(self, tx: Transaction, window: Window) -> Iterator[Row[Any]]:
        """What is wanted within the window, in the order of the walk, past its limit: whoever reads stops there."""
        rising = window.min_id is not None
        query = window.over(self.query, self.key)
        last, seen, size, narrowed = None, 0, 2 * window.limit, False
        while seen < SCANNED_AT_MOST:
            if self.narrow and not narrowed and seen >= SCANNED_BEFORE_NARROWED:
                query, narrowed, size = query.where(*self.narrow), True, 2 * window.limit
            from_there = query if last is None else query.where(self.key > last if rising else self.key < last)
            rows = tx.execute(from_there.limit(size)).all()
            yield from (row for row in rows if self.wanted(row))
            if len(rows) < size:
                return
            last, seen, size = rows[-1].place, seen + len(rows), min(4 * size, PIECE_AT_MOST)


def said(*conditions: ColumnElement[bool]) -> Select[Any]:
    """What was said, public and there: its place, the columns that time lines look at, and no boost."""
    return (
        select(objects.c.sort_id.label("place"), *_ROWS, _nothing("boost"), _nothing("booster"))
        .outerjoin(_PARENT, _PARENT.c.iri == objects.c.in_reply_to)
        .where(objects.c.public.is_(True), objects.c.deleted.is_(None), *conditions)
    )


def passed_on(*conditions: ColumnElement[bool]) -> Select[Any]:
    """What was boosted by those whose boosts have a place, public and there."""
    boost, booster = reactions.c.iri.label("boost"), reactions.c.actor.label("booster")
    return (
        select(reactions.c.sort_id.label("place"), *_ROWS, boost, booster)
        .select_from(reactions)
        .join(objects, objects.c.iri == reactions.c.object)
        .outerjoin(_PARENT, _PARENT.c.iri == objects.c.in_reply_to)
        .where(
            reactions.c.sort_id.is_not(None), objects.c.public.is_(True), objects.c.deleted.is_(None),
            objects.c.part_of.is_(None), *conditions,
        )
    )  # fmt: skip


def feed(*conditions: ColumnElement[bool], local: bool) -> Select[Any]:
    """What stands in feeds, of this node or of others."""
    return said(objects.c.local.is_(local), objects.c.listed.is_(True), *conditions)


def _nothing(name: str) -> KeyedColumnElement[Any]:
    return null().label(name)
