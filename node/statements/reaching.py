"""Whom an act about a statement of ours reaches: everybody who may hold a copy of it; and whom of us others name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row

from federation import addressing
from federation.addressing import Recipient
from node import actors, happenings, objects
from node.context import Transaction
from node.happenings import What
from node.peering import store as follows
from node.statements import store
from schemas.reading import loads
from schemas.statement import Statement

COPIES_AT_MOST = 1000


def followers_and(tx: Transaction, group: str, others: Iterable[Recipient]) -> list[str]:
    """The inboxes of a group's followers and of `others`, each once, suspended hosts left out."""
    recipients = [*follows.admitted(tx, others, sender=group), *follows.recipients(tx, group)]
    return addressing.distinct_inboxes(recipients, own_origin=tx.node.config.origin)


def everybody(tx: Transaction, row: Row[Any], *, also_to: Sequence[Recipient] = ()) -> list[str]:
    """The inboxes of all who hold a copy of the statement `row`, as far as can be known.

    Followers, those it was addressed to, the author of what it answers, those who have answered, liked or boosted it.
    """
    held = [*_addressed(row), *_in_touch(tx, row)]
    return followers_and(tx, row.author, [*also_to, *of(tx, held)])


def of(tx: Transaction, iris: Sequence[str]) -> list[Recipient]:
    """Where those of `iris` that are known, are on other servers and have not left take delivery."""
    found = []
    unique = list(dict.fromkeys(iris))
    for start in range(0, len(unique), 500):
        for row in actors.find_all(tx, unique[start : start + 500]).values():
            if not row.local and row.gone is None and row.inbox is not None:
                found.append(Recipient(row.inbox, row.shared_inbox))
    return found


def _addressed(row: Row[Any]) -> list[str]:
    document = loads(row.document) if row.document is not None else {}
    named = [*document.get("to", ()), *document.get("cc", ())]
    return [iri for iri in named if isinstance(iri, str)]


def _in_touch(tx: Transaction, row: Row[Any]) -> list[str]:
    answers = [one.author for one in objects.replies(tx, row.iri, limit=COPIES_AT_MOST)]
    above = objects.find(tx, row.in_reply_to) if row.in_reply_to is not None else None
    return [*answers, *store.reactors(tx, row.iri, limit=COPIES_AT_MOST), *([above.author] if above else [])]


def note_whom_it_names(tx: Transaction, statement: Statement, parent: Row[Any] | None) -> None:
    """Note which of our groups a new text of another names, or answers, so that they are told."""
    named = {tag.href for tag in statement.tags if tag.type == "Mention" and tag.href}
    if parent is not None and parent.local:
        named.add(parent.author)
    if any(iri.startswith(f"{tx.node.config.origin}/") for iri in named):
        for group in actors.groups(tx):
            if group.iri in named:
                happenings.note(tx, What.NAMED, statement.id, actor=group.iri)


def mentions_us(tx: Transaction, statement: Statement) -> bool:
    """Whether a text of another is addressed to a group of ours, or names one."""
    named: Iterable[str | None] = [*statement.to, *statement.cc, *(tag.href for tag in statement.tags)]
    ours = {group.iri for group in actors.groups(tx)}
    return any(iri in ours for iri in named)
