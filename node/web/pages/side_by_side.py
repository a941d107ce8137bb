"""The positions of groups on a text, beside each other by the tendency that each names as its own; never a count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

import schemas
from federation.errors import Malformed
from node.context import Transaction
from node.positions import composing, listing, store
from node.statements import hearing, versions
from node.web.pages import entries, languages
from node.web.pages.entries import Author, Entry
from schemas.position import Position
from schemas.reading import loads

WHOLE_CHARACTERS = 1200
EARLIER_AT_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What a position was before: its stance, its text, and since when it stood."""

    stance: str
    since: datetime
    html: Markup
    lang: str
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A position of a group. `outdated`: the text was changed after the group had it before it.

    `whole`: it is short enough to stand there.
    """

    entry: Entry
    outdated: bool
    earlier: Sequence[Earlier]

    @property
    def whole(self) -> bool:
        return len(self.entry.html) <= WHOLE_CHARACTERS and not self.entry.sensitive


@dataclass(frozen=True, slots=True, kw_only=True)
class Tendency:
    """The positions of the groups of one tendency, in the order of their names; None names none."""

    name: str | None
    taken: Sequence[Taken]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """That a position of a group was removed from below the text, and for which reason."""

    author: Author
    reason: str
    at: datetime


def below(tx: Transaction, text: Row[Any]) -> dict[str, Any]:
    """What the page of a text shows of the positions on it."""
    rows = listing.shown_on(tx, text.iri)
    gone = store.removed_from(tx, text.iri)
    people = entries.authors(tx, [row.author for row in gone])
    return {
        "tendencies": by_tendency([taken(tx, text, row, entry) for row, entry in _with_entries(tx, rows)]),
        "removals": [Removal(author=people[row.author], reason=row.reason, at=row.at) for row in gone],
    }


def _with_entries(tx: Transaction, rows: Sequence[Row[Any]]) -> list[tuple[Row[Any], Entry]]:
    found = {entry.iri: entry for entry in entries.of(tx, rows)}
    return [(row, found[row.iri]) for row in rows if row.iri in found]


def taken(tx: Transaction, text: Row[Any] | None, row: Row[Any], entry: Entry) -> Taken:
    """A position as the page of its text, and its own page, show it."""
    known = store.find(tx, row.iri)
    of_version = known.of_version if known is not None else None
    outdated = text is not None and of_version is not None and composing.version_of(text) > of_version
    return Taken(entry=entry, outdated=outdated, earlier=earlier(tx, row.iri))


def earlier(tx: Transaction, iri: str) -> list[Earlier]:
    """What a position was before, the latest first."""
    kept = [row for row in versions.of(tx, iri) if row.document is not None]
    return [found for row in reversed(kept[-EARLIER_AT_MOST:]) if (found := _earlier(row)) is not None]


def _earlier(row: Row[Any]) -> Earlier | None:
    try:
        value = schemas.parse(loads(row.document))
    except Malformed:  # a newer program may be stricter than the one that kept it
        return None
    if not isinstance(value, Position):
        return None
    html = hearing.shown(value).html
    return Earlier(
        stance=value.stance,
        since=row.since,
        html=Markup(entries.directed(entries.lowered(html))),
        lang=languages.tag(value.language),
        direction=languages.direction(value.language),
    )


def by_tendency(found: Sequence[Taken]) -> list[Tendency]:
    """The same tendency in whatever spelling once; who names none stands last."""
    columns: dict[str, list[Taken]] = {}
    for one in found:
        columns.setdefault((one.entry.author.tendency or "").strip().casefold(), []).append(one)
    ordered = sorted(columns.items(), key=lambda item: (not item[0], item[0]))
    return [
        Tendency(
            name=(column[0].entry.author.tendency or "").strip() or None,
            taken=sorted(column, key=lambda one: (one.entry.author.name.casefold(), one.entry.author.iri)),
        )
        for _, column in ordered
    ]
