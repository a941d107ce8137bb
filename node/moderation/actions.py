"""What a delegate can do about what others say: by one verb each, the same at the desk, on the command line and by API.

`do(tx, "admit", {"iri": ...}, actor=group, member=member)` proposes the act; the rule of the group decides.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Row

import schemas
from federation.errors import Malformed, Refused
from node import decisions, intake
from node.context import Effect, Transaction
from node.decisions import Act, Described, State
from node.errors import Conflict, Forbidden, Missing
from node.intake import Ignored
from node.members.store import Member
from node.moderation import filtering, pacing, removing, rules, silencing, store
from node.moderation.rules import Did
from node.peering import log
from node.peering.log import Deed
from node.prepared import savepoint
from node.statements import hearing, markup
from node.statements.rules import Interest
from node.translating import N_
from schemas.reading import loads
from schemas.statement import Statement

Subject = Callable[[Transaction, Mapping[str, Any], str], str]
"""Checks what was given, in the name of a group, and says what is decided on. Raises Invalid, Missing, Conflict."""


def do(
    tx: Transaction, verb: str, given: Mapping[str, Any], *, actor: str, member: Member, urgent: bool = False
) -> State:
    """Propose one of `VERBS`; where that stands. Raises Missing, Invalid (with the field), Conflict, Forbidden."""
    if verb not in VERBS:
        raise Missing("there is no act “{verb}”; there are {known}", verb=verb, known=", ".join(VERBS))
    kind, subject = VERBS[verb]
    return decisions.propose(tx, kind, subject(tx, given, actor), actor=actor, member=member, urgent=urgent)


def _held(tx: Transaction, given: Mapping[str, Any], actor: str) -> str:
    row = store.find(tx, str(given.get("iri") or ""))
    if row is None or row.document is None:
        raise Missing("nothing with this address waits: {iri}", iri=str(given.get("iri") or "")[:300])
    if row.group != actor:
        raise Forbidden("it concerns another group of this node, which decides on it: {iri}", iri=row.iri)
    return str(row.iri)


def admitted(tx: Transaction, iri: str) -> None:
    """Effect: hear anew what has waited. What cannot be kept any more is let go."""
    row = store.find(tx, iri)
    if row is None or row.document is None:
        return
    store.release(tx, iri)
    document = loads(row.document)
    value = schemas.parse(document)
    did = Did.ADMITTED
    try:
        with savepoint(tx):
            tx.node.rooms.hearings[intake.name_of(value)](tx, value, document, Interest.ADMITTED)
    except (Ignored, Refused, Malformed):  # its server is not heard any more, or what it is about is gone
        did = Did.EXPIRED
    store.count(tx, row.group, row.rule, did)
    if did is Did.ADMITTED:
        log.note(tx, Deed.MESSAGE_ADMITTED, row.author, group=row.group)


def refused(tx: Transaction, iri: str) -> None:
    """Effect: forget what has waited."""
    row = store.find(tx, iri)
    if row is not None and row.document is not None:
        store.refuse(tx, iri)
        store.count(tx, row.group, row.rule, Did.REFUSED)
        log.note(tx, Deed.MESSAGE_REFUSED, row.author, group=row.group)


def words_of(row: Row[Any]) -> tuple[str, str]:
    """Title and clean HTML of what is held, for delegates."""
    value = schemas.parse(loads(row.document))
    if not isinstance(value, Statement):
        return row.iri, ""
    shown = hearing.shown(value)
    return shown.title or markup.shorten(markup.plain(shown.html), 100) or row.iri, shown.html


def _describe(tx: Transaction, iri: str) -> Described:
    row = store.find(tx, iri)
    if row is None or row.document is None:
        return Described(iri)
    title, html = words_of(row)
    return Described(f"{row.host}: {title}", html=html)


def _settings(tx: Transaction, given: Mapping[str, Any], actor: str) -> str:
    held = store.settings_of(tx, actor)
    wanted = rules.read_settings(given, held)
    if wanted == held:
        raise Conflict("nothing would change")
    return json.dumps([actor, {name: getattr(wanted, name) for name in given}])


def set_(tx: Transaction, subject: str) -> None:
    """Effect: change what a group has chosen about strangers."""
    group, changes = json.loads(subject)
    store.choose(tx, group, rules.read_settings(changes, store.settings_of(tx, group)))


def _describe_settings(tx: Transaction, subject: str) -> Described:
    _, changes = json.loads(subject)
    return Described(", ".join(f"{name}: {value}" for name, value in changes.items()))


VERBS: Mapping[str, tuple[str, Subject]] = {
    "admit": ("admit_held", _held),
    "refuse": ("refuse_held", _held),
    "set": ("set_moderation", _settings),
    **filtering.VERBS,
    **pacing.VERBS,
    **removing.VERBS,
    **silencing.VERBS,
}
ACTS: dict[str, Act] = {
    "admit_held": Act("peer", "limit_peer", N_("show what was held back"), _describe),
    "refuse_held": Act("peer", "limit_peer", N_("refuse what was held back"), _describe),
    "set_moderation": Act("peer", "limit_peer", N_("change the rules about strangers"), _describe_settings),
    **filtering.ACTS,
    **pacing.ACTS,
    **removing.ACTS,
    **silencing.ACTS,
}
EFFECTS: dict[str, Effect] = {
    "admit_held": admitted,
    "refuse_held": refused,
    "set_moderation": set_,
    **filtering.EFFECTS,
    **pacing.EFFECTS,
    **removing.EFFECTS,
    **silencing.EFFECTS,
}
