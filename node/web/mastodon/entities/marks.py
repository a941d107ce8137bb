"""What a viewer and her account have done with texts, laid over what is the same for everybody."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select

from node.context import Transaction
from node.marks import filtering, store
from node.marks.matching import Result
from node.members.viewers import Viewer
from node.prepared import Prepared, any_of, several
from node.statements.pins import pins
from node.statements.store import reactions
from node.web.mastodon.entities import moments

NOTHING = store.On()

_BOOSTED = Prepared(
    select(reactions.c.object).where(
        any_of(reactions.c.object), reactions.c.kind == "Announce", reactions.c.actor == bindparam("group")
    )
)
_PINNED = Prepared(select(pins.c.object).where(any_of(pins.c.object), pins.c.actor == bindparam("group")))


def of(tx: Transaction, rows: Sequence[Row[Any]], viewer: Viewer) -> dict[str, bytes]:
    """The members of the Statuses of these rows of `objects` that are the viewer's alone, without braces, by IRI."""
    iris = [row.iri for row in rows]
    boosted, pinned, noted = _boosted(tx, iris, viewer), _pinned(tx, iris, viewer), store.on(tx, viewer.id, iris)
    others = [row.iri for row in rows if row.author != viewer.actor]
    filtered = filtering.matching_filters(tx, viewer.id, others)
    numbers = {row.iri: row.sort_id for row in rows}
    found = {}
    for row in rows:
        on = noted.get(row.iri, NOTHING)
        values: dict[str, Any] = {
            "favourited": on.favourited,
            "reblogged": row.iri in boosted,
            "muted": on.muted,
            "bookmarked": on.bookmarked,
            "filtered": [_result(one, numbers[row.iri]) for one in filtered.get(row.iri, ())],
        }
        if row.author == viewer.actor:
            values["pinned"] = row.iri in pinned
        found[row.iri] = json.dumps(values, ensure_ascii=False, separators=(",", ":"))[1:-1].encode()
    return found


def _result(found: Result, place: int) -> dict[str, Any]:
    """A FilterResult: the filter without its words, those that were found, and the text if the filter names it."""
    row = found.filter.row
    told = {
        "id": str(row.id),
        "title": row.title,
        "context": row.contexts,
        "expires_at": moments.optional(row.ends),
        "filter_action": row.action,
    }
    return {
        "filter": told,
        "keyword_matches": list(found.keywords) or None,
        "status_matches": [str(place)] if found.named else None,
    }


def _boosted(tx: Transaction, iris: Sequence[str], viewer: Viewer) -> set[str]:
    """What the account of the viewer has boosted: that of a group; a reader boosts nothing."""
    if viewer.actor is None:
        return set()
    return {row.object for row in several(tx, _BOOSTED, iris, group=viewer.actor)}


def _pinned(tx: Transaction, iris: Sequence[str], viewer: Viewer) -> set[str]:
    if viewer.actor is None:
        return set()
    return {row.object for row in several(tx, _PINNED, iris, group=viewer.actor)}
