"""Walking an index of what was said, piece by piece, from the newest on or from a place upwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, Select, Text, bindparam, null, select

from node.context import Transaction
from node.objects import objects
from node.prepared import Prepared
from node.statements.store import reactions
from node.window import LARGEST, Window

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


class Index:
    """A question that is asked along a key, in either direction: what has `given` values, between two places."""

    def __init__(self, query: Select[Any], key: ColumnElement[int]) -> None:
        between = query.where(key < bindparam("before"), key > bindparam("after"))
        most = bindparam("most", type_=Integer)
        self._queries = {False: between.order_by(key.desc()), True: between.order_by(key.asc())}
        self._prepared = {rising: Prepared(found.limit(most)) for rising, found in self._queries.items()}
        self._most = most

    def rows(
        self, tx: Transaction, conditions: Sequence[ColumnElement[bool]], *, rising: bool, **given: Any
    ) -> Sequence[Any]:
        """What meets the `conditions`; where there are none the question is ready."""
        if not conditions:
            return list(tx.execute(self._prepared[rising], given))
        return tx.execute(self._queries[rising].where(*conditions).limit(self._most), given).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """An index, what is given to it, what its rows have to meet, and what belongs to it of what it finds.

    `narrow`: conditions that leave nothing out which `wanted` would take. They are asked of the database when much was
    looked at in vain, and not before: with them it would sort all there is instead of reading what comes next.
    """

    index: Index
    given: Mapping[str, Any] = field(default_factory=dict)
    conditions: Sequence[ColumnElement[bool]] = ()
    wanted: Callable[[Any], bool] = lambda row: True
    narrow: Sequence[ColumnElement[bool]] = ()

    def through(self, tx: Transaction, window: Window) -> Iterator[Any]:
        """What is wanted within the window, in the order of the walk, past its limit: whoever reads stops there.

        Parts of imports are left out here, because the database would rather look through all that are none.
        """
        rising = window.min_id is not None
        before = LARGEST if window.max_id is None else window.max_id
        after = max(window.min_id or 0, window.since_id or 0)
        conditions, seen, size = self.conditions, 0, 2 * window.limit
        while seen < SCANNED_AT_MOST:
            if self.narrow and conditions is self.conditions and seen >= SCANNED_BEFORE_NARROWED:
                conditions, size = [*self.conditions, *self.narrow], 2 * window.limit
            given = {**self.given, "before": before, "after": after, "most": size}
            rows = self.index.rows(tx, conditions, rising=rising, **given)
            yield from (row for row in rows if row.part_of is None and self.wanted(row))
            if len(rows) < size:
                return
            before, after = (before, rows[-1].place) if rising else (rows[-1].place, after)
            seen, size = seen + len(rows), min(4 * size, PIECE_AT_MOST)


def said(*conditions: ColumnElement[bool]) -> Select[Any]:
    """What was said, public and there: its place, the columns that time lines look at, and no boost."""
    return (
        select(objects.c.sort_id.label("place"), *_ROWS, null().label("boost"), null().label("booster"))
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
            reactions.c.sort_id.is_not(None), objects.c.public.is_(True), objects.c.deleted.is_(None), *conditions
        )
    )  # fmt: skip


_LOCAL, _LISTED = bindparam("local", type_=Boolean), bindparam("listed", type_=Boolean)
_AUTHOR = bindparam("author", type_=Text)

FEED = Index(said(objects.c.local == _LOCAL, objects.c.listed.is_(True)), objects.c.sort_id)
"""What stands in feeds; given `local`, of this node or of others."""
BOOSTS = Index(passed_on(), reactions.c.sort_id)
"""What was passed on."""
LISTED = Index(said(objects.c.listed.is_(True)), objects.c.sort_id)
"""What stands in feeds, of whomever; for conditions that leave little."""
SAID_BY = Index(said(objects.c.author == _AUTHOR, objects.c.listed == _LISTED), objects.c.sort_id)
"""What `author` has said; given `listed`, in feeds or not."""
PASSED_ON_BY = Index(passed_on(reactions.c.actor == _AUTHOR), reactions.c.sort_id)
"""What `author` has passed on."""
