"""The positions on a text and those that are a group's business, for programs and the command line; never a count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from node import actors, names, objects
from node.context import Transaction
from node.peering.standing import standing
from node.positions import composing, store
from node.positions.rules import State
from node.statements import markup
from node.statements import store as statements

ON_A_TEXT_AT_MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A position. `outdated`: the text was changed after the group had it before it. `text` is plain."""

    id: str
    on: str
    author: str
    name: str | None
    handle: str
    tendency: str | None
    stance: str
    state: str
    published: datetime
    updated: datetime | None
    outdated: bool
    text: str

    def as_json(self) -> dict[str, Any]:
        """As programs are told."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        moments = {name: values[name].isoformat() if values[name] else None for name in ("published", "updated")}
        return values | moments


def shown_on(tx: Transaction, about: str, *, limit: int = ON_A_TEXT_AT_MOST) -> list[Row[Any]]:
    """The objects of the live positions on a text that this node shows: none of a limited or suspended host."""
    return [row for row in store.on(tx, about, limit=limit) if is_admitted(tx, row)]


def is_admitted(tx: Transaction, row: Row[Any]) -> bool:
    """Whether the host of a position is neither limited nor suspended."""
    return row.local or not standing(tx, actor=row.author).is_hidden


def is_shown(tx: Transaction, row: Row[Any]) -> bool:
    """Whether this node shows a position at all: it was not removed, and its host is admitted."""
    known = store.find(tx, row.iri)
    return known is not None and known.state == State.SHOWN.value and is_admitted(tx, row)


def on(tx: Transaction, about: str) -> list[Listed]:
    """The positions that this node shows on a text, in the order of their groups' tendencies and names."""
    found = of(tx, list(store.of(tx, [row.iri for row in shown_on(tx, about)]).values()))
    return sorted(found, key=lambda one: (one.tendency is None, (one.tendency or "").casefold(), one.handle))


def of(tx: Transaction, rows: Sequence[Row[Any]]) -> list[Listed]:
    """Positions with who took them, in their order; those whose words are gone are left out."""
    held = objects.find_all(tx, [iri for row in rows for iri in (row.iri, row.about)])
    words = statements.shown(tx, [row.iri for row in rows])
    return [_listed(tx, row, held, words[row.iri]) for row in rows if row.iri in words]


def _listed(tx: Transaction, row: Row[Any], held: dict[str, Row[Any]], words: Row[Any]) -> Listed:
    author, one, text = actors.find(tx, row.author), held[row.iri], held.get(row.about)
    ours = next((group for group in actors.groups(tx) if group.iri == row.author), None)
    profile = {} if author is None or author.document is None else actors.document(author)
    return Listed(
        id=row.iri,
        on=row.about,
        author=row.author,
        name=names.visible(author.name) if author is not None else None,
        handle=actors.handle_of(author) if author is not None else names.address(row.author),
        tendency=names.tendency(ours.tendency if ours is not None else profile.get("tendency")),
        stance=row.stance,
        state=row.state,
        published=one.published,
        updated=one.updated,
        outdated=text is not None and row.of_version is not None and composing.version_of(text) > row.of_version,
        text=markup.plain(words.html),
    )
