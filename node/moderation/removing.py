"""Answers of others that are shown already: taking them down until a delegate looks again, and removing them.

Nothing is sent because of it: the words are the author's, and stay where she has put them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from node import actors, objects
from node.context import Effect, Transaction
from node.decisions import Act, Described
from node.errors import Conflict, Forbidden, Missing
from node.moderation import rules, screening, store
from node.moderation.rules import Did, Rule
from node.peering import log
from node.peering.log import Deed
from node.statements import describing, hearing
from node.translating import N_


def _shown(tx: Transaction, given: Mapping[str, Any], actor: str) -> Row[Any]:
    iri = str(given.get("iri") or "")
    row = objects.find(tx, iri) if "\x00" not in iri else None
    if row is None or row.deleted is not None or not row.public:
        raise Missing("there is no text at “{iri}” here", iri=iri[:300])
    if row.local:
        raise Forbidden("it is a group's own: it can be deleted, or a part of it blanked")
    if row.kind not in screening.TAKEN_DOWN:
        raise Conflict("a {kind} of another group is dealt with where it stands", kind=row.kind)
    if decides(tx, row) not in (None, actor):
        raise Forbidden("it stands below a text of another group of this node, which decides on it: {iri}", iri=iri)
    return row


def decides(tx: Transaction, row: Row[Any]) -> str | None:
    """Which group decides on a text of another: the one below whose words it stands; of all others any."""
    for iri in (row.in_reply_to, row.thread):
        above = objects.find(tx, iri) if iri is not None else None
        if above is not None and above.local:
            return str(above.author)
    return None


def _to_hold(tx: Transaction, given: Mapping[str, Any], actor: str) -> str:
    return json.dumps([_shown(tx, given, actor).iri, actor])


def _to_remove(tx: Transaction, given: Mapping[str, Any], actor: str) -> str:
    category = rules.read_category(given.get("category"))
    return json.dumps([_shown(tx, given, actor).iri, actor, category.value])


def held(tx: Transaction, subject: str) -> None:
    """Effect: it is shown no more, and waits for a delegate."""
    iri, group = json.loads(subject)
    row = objects.find(tx, iri)
    if row is None or row.deleted is not None or row.document is None:
        return
    host, document = actors.host_of(iri), row.document
    store.release(tx, iri)
    store.hold(
        tx, iri, group=group, author=row.author, host=host, kind=row.kind, rule=Rule.BY_HAND.value, document=document
    )
    screening.take_down(tx, iri)
    store.count(tx, group, Rule.BY_HAND.value, Did.HELD)
    log.note(tx, Deed.HELD_BACK, row.author, group=group)


def removed(tx: Transaction, subject: str) -> None:
    """Effect: its words are dropped, and it does not come again."""
    iri, group, category = json.loads(subject)
    row = objects.find(tx, iri)
    if row is None or row.deleted is not None:
        return
    hearing.bury(tx, iri, reason=f"removed: {category}")
    store.count(tx, group, Rule.BY_HAND.value, Did.REMOVED)
    log.note(tx, Deed.MESSAGE_REMOVED, row.author, group=group, category=category)


def _describe(tx: Transaction, subject: str) -> Described:
    return describing.of_object(tx, json.loads(subject)[0])


VERBS = {"hold": ("hold_reply", _to_hold), "remove": ("remove_reply", _to_remove)}
ACTS: dict[str, Act] = {
    "hold_reply": Act("peer", "limit_peer", N_("hold back what somebody has said"), _describe),
    "remove_reply": Act("peer", "limit_peer", N_("remove what somebody has said"), _describe),
}
EFFECTS: dict[str, Effect] = {"hold_reply": held, "remove_reply": removed}
