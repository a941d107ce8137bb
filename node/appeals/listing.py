"""Appeals and the answers to them, for pages, programs and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from node import actors, names, objects
from node.appeals import rules, store
from node.context import Transaction
from node.peering import store as peering
from node.peering.standing import standing
from node.reports import amounts
from node.statements import markup
from node.statements import store as statements
from schemas.amount import Amount

ANSWERS_AT_MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An appeal. `groups`: how many of the groups that this node knows have answered it. `text` is plain."""

    id: str
    author: str
    handle: str
    title: str | None
    kinds: tuple[str, ...]
    struggle: str | None
    until: date | None
    goal: Amount | None
    open: bool
    status: str
    published: datetime
    groups: int
    text: str

    def as_json(self) -> dict[str, Any]:
        """As programs are told."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return values | {
            "kinds": list(self.kinds),
            "until": self.until.isoformat() if self.until else None,
            "goal": amounts.spelled(self.goal) if self.goal else None,
            "published": self.published.isoformat(),
        }


def of(tx: Transaction, rows: Sequence[Row[Any]]) -> list[Listed]:
    """Appeals with who asks, in their order; those whose words are gone are left out."""
    iris = [row.iri for row in rows]
    held, words, kinds = objects.find_all(tx, iris), statements.shown(tx, iris), store.kinds_of(tx, iris)
    answered = _groups(tx, iris)
    people = actors.find_all(tx, list({row.author for row in rows}))
    return [
        Listed(
            id=row.iri,
            author=row.author,
            handle=actors.handle_of(people[row.author]) if row.author in people else names.address(row.author),
            title=words[row.iri].title,
            kinds=tuple(kinds[row.iri]),
            struggle=row.struggle,
            until=date.fromisoformat(row.until) if row.until else None,
            goal=store.amount_in(row, "goal"),
            open=is_open(row, today=tx.now.date()),
            status=row.status,
            published=held[row.iri].published,
            groups=answered[row.iri],
            text=markup.plain(words[row.iri].html),
        )
        for row in rows
        if row.iri in words and row.iri in held
    ]


def is_open(row: Row[Any], *, today: date) -> bool:
    """Whether an appeal asks for something today."""
    return row.status not in rules.ENDED and row.open_until >= today.isoformat()


def _groups(tx: Transaction, iris: Sequence[str]) -> dict[str, int]:
    pairs = store.who_answered(tx, iris)
    known = {author: is_known(tx, author) for author in {row.author for row in pairs}}
    return {iri: sum(row.appeal == iri and known[row.author] for row in pairs) for iri in iris}


def answers_shown(tx: Transaction, appeal: str) -> list[Row[Any]]:
    """The objects of the answers of groups that this node knows, the first one first."""
    return [row for row in store.answers_to(tx, appeal, limit=ANSWERS_AT_MOST) if row.local or is_known(tx, row.author)]


def is_known(tx: Transaction, group: str) -> bool:
    """Whether a group is one of ours, or one that a group of ours follows and whose host is admitted."""
    if any(group == own.iri for own in actors.groups(tx)):
        return True
    return not standing(tx, actor=group).is_hidden and peering.is_heard(tx, group)
