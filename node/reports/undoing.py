"""Undoing an import, in one act: ours when the group has decided so, another's when its author deletes the collection.

At once, in one transaction, nobody sees its reports any more, they stand in no figure, and its file can be imported
again. The bytes of each go in steps, because an import may hold a hundred thousand; a tombstone stays in place of each.
Followers are sent two deletions: of the digest, which everybody understands, and of the collection, by which other
nodes drop all that they have fetched of it.
"""

from __future__ import annotations

import json
from typing import Any

import schemas
from node import activities, actors, decisions, objects, signing
from node.context import Effect, Node, Transaction
from node.decisions import Act, Described
from node.decisions import State as DecisionState
from node.errors import Conflict, Invalid, Missing
from node.jobs import Job, Priority, Promise, promise
from node.members.store import Member
from node.reports import transcriptions
from node.reports.rules import ImportState, Provenance
from node.statements import correcting, reaching
from node.statements import hearing as statements
from node.translating import N_
from schemas import codes
from schemas.context import PUBLIC
from schemas.tombstone import Tombstone

TOGETHER = 50  # a few milliseconds each, and nobody else can write meanwhile
KIND = "drop_import"


def undo(tx: Transaction, import_iri: str, *, reason: str, member: Member, urgent: bool = False) -> DecisionState:
    """Propose to undo an import of ours, for a reason of `codes.DELETION_REASONS`; where that stands.

    It is decided by the rule for deleting. Raises Invalid, Missing, Conflict, Forbidden.
    """
    if reason not in codes.DELETION_REASONS:
        raise Invalid(
            "{reason!r} is no category; say one of {known}",
            field="reason",
            reason=reason,
            known=", ".join(codes.DELETION_REASONS),
        )
    row = transcriptions.find_import(tx, import_iri)
    if row is None or not row.local:
        raise Missing("{iri} is not an import of this node", iri=import_iri)
    if row.state != ImportState.PUBLISHED.value:
        raise Conflict("{iri} is {state}, and can be undone only while it is public", iri=import_iri, state=row.state)
    subject = json.dumps([import_iri, reason])
    return decisions.propose(tx, "undo_import", subject, actor=row.actor, member=member, urgent=urgent)


def undone(tx: Transaction, subject: str) -> None:
    """Effect: hide an import of ours, tell whoever has fetched it, and promise to drop its reports."""
    iri, reason = json.loads(subject)
    row, held = transcriptions.find_import(tx, iri), objects.find(tx, iri)
    if row is None or held is None or row.state != ImportState.PUBLISHED.value:
        return
    digest = objects.find(tx, row.digest_iri)
    inboxes = reaching.everybody(tx, digest) if digest is not None else reaching.followers_and(tx, row.actor, ())
    stone = _stone(tx, held, reason)
    objects.bury(tx, iri, reason=reason, tombstone=objects.encode(stone))
    _hide(tx, iri, reason=reason)
    if digest is not None:
        correcting.deleted(tx, json.dumps([digest.iri, reason]))
    followers = actors.followers_of(row.actor)
    act = activities.make(tx, "Delete", actor=row.actor, object=stone, to=[PUBLIC], cc=[followers])
    activities.send(tx, act, inboxes, priority=Priority.BULK)


def _stone(tx: Transaction, held: Any, reason: str) -> dict[str, Any]:
    stone = Tombstone(
        id=held.iri,
        former_type="Collection",
        attributed_to=held.author,
        published=held.published.replace(microsecond=0),
        deleted=tx.now.replace(microsecond=0),
        reason=reason,
        digest=objects.digest(held.document),
    )
    return signing.prove(tx, schemas.serialise(stone), actors.local(tx, held.author))


def forget(tx: Transaction, iri: str, author: str) -> None:
    """Another has deleted something of its own: if it is an import that is held here, drop all that there is of it."""
    row = transcriptions.find_import(tx, iri)
    if row is not None and not row.local and row.actor == author and row.state != ImportState.UNDONE.value:
        _hide(tx, iri, reason=statements.BY_AUTHOR)


def _hide(tx: Transaction, iri: str, *, reason: str) -> None:
    objects.hide_part_of(tx, iri)
    transcriptions.undo_import(tx, iri)
    _promise_drop(tx, iri, reason=reason, after=0)


async def drop(node: Node, payload: dict[str, Any]) -> None:
    """Job: drop the bytes of some of an import's reports, and promise to go on."""
    await node.database.write(_drop_some, payload["iri"], payload["reason"])


def _drop_some(tx: Transaction, iri: str, reason: str) -> None:
    rows = objects.left_part_of(tx, iri, limit=TOGETHER)
    for row in rows:
        if row.local:
            correcting.unsay(tx, row, reason)
        else:
            statements.bury(tx, row.iri, reason=reason)
        objects.show(tx, row.iri, public=True)  # the tombstone
    if len(rows) == TOGETHER:
        _promise_drop(tx, iri, reason=reason, after=rows[-1].sort_id)


def _promise_drop(tx: Transaction, iri: str, *, reason: str, after: int) -> None:
    one = Promise(KIND, {"iri": iri, "reason": reason}, key=f"{KIND} {iri} {after}")
    promise(tx, one, priority=Priority.BULK)


def _describe(tx: Transaction, subject: str) -> Described:
    iri, _ = json.loads(subject)
    row = transcriptions.find_import(tx, iri)
    return Described(Provenance.from_json(row.provenance).title if row is not None else iri, address=iri)


ACTS: dict[str, Act] = {
    "undo_import": Act("publish", "delete", N_("undo an import of reports"), _describe),
}
EFFECTS: dict[str, Effect] = {"undo_import": undone}
JOBS: dict[str, Job] = {KIND: drop}
DELETIONS = (forget,)
