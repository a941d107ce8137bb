"""What stands on a page of somebody's past: whom to believe about it, and keeping it. Called for each entry, in the
transaction of its page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import schemas
from federation import origin
from federation.errors import Malformed, Refused
from federation.signatures import proofs
from node import activities, actors, intake, objects
from node.backfill.rules import Outcome
from node.context import Transaction
from node.intake import Ignored
from node.jobs import Priority, Promise, promise
from node.statements import errands, hearing
from node.statements import store as statements
from node.statements.errands import Allowance
from node.statements.rules import Interest
from schemas import activity as activity_documents
from schemas import actor as actor_documents
from schemas import reading
from schemas.activity import Activity
from schemas.merge import Merge
from schemas.statement import Statement

PASSED_ON_DAY = Allowance(requests=300, bytes=2**40)
"""How much of one host is fetched in a day because outboxes pass it on: it never asked for that."""


def take(tx: Transaction, item: Any, *, actor: str, holder: str, oldest: datetime | None) -> Outcome:
    """Keep one entry of a page at `holder`, or promise to fetch it; what became of it.

    Nothing is raised for what a stranger has written, and nothing is changed by an entry that is refused.
    """
    try:
        with tx.connection.begin_nested():
            return _take(tx, item, actor=actor, holder=holder, oldest=oldest)
    except Ignored:
        return Outcome.IGNORED
    except (Malformed, Refused):
        return Outcome.REFUSED


def _take(tx: Transaction, item: Any, *, actor: str, holder: str, oldest: datetime | None) -> Outcome:
    if isinstance(item, str):
        return _ask_for(tx, item, actor=actor)
    kind = reading.type_of(item)
    if kind == "Announce":
        return _passed_on(tx, activity_documents.parse(item), actor=actor, oldest=oldest)
    if kind == "Create":
        return _created(tx, activity_documents.parse(item), actor=actor, holder=holder, oldest=oldest)
    if kind in activity_documents.TYPES:
        return Outcome.IGNORED
    return _said(tx, item, actor=actor, holder=holder, oldest=oldest)


def _created(tx: Transaction, activity: Activity, *, actor: str, holder: str, oldest: datetime | None) -> Outcome:
    origin.check_activity(activity, actor)
    if isinstance(activity.object, dict):
        return _said(tx, activity.object, actor=actor, holder=holder, oldest=oldest)
    return _ask_for(tx, _named(activity), actor=actor)


def _said(tx: Transaction, document: dict[str, Any], *, actor: str, holder: str, oldest: datetime | None) -> Outcome:
    value = schemas.parse(document)
    if not isinstance(value, Statement | Merge):
        raise Refused(f"{document.get('id')} is not something said")
    origin.check_creation(actor, value.id, value.attributed_to)
    origin.check_embedded(holder, value.id, value.attributed_to)
    if oldest is not None and value.published is not None and value.published < oldest:
        return Outcome.TOO_OLD
    held = objects.find(tx, value.id)
    if held is not None or activities.was_deleted(tx, value.id, actor=actor):
        return Outcome.HELD
    intake.check_proof(tx, document, author=actor)
    tx.node.rooms.hearings[intake.name_of(value)](tx, value, document, Interest.PAST)
    return Outcome.KEPT


def _passed_on(tx: Transaction, activity: Activity, *, actor: str, oldest: datetime | None) -> Outcome:
    """What an Announce embeds is not believed, wherever it stands: the object is fetched from where it is from."""
    origin.check_activity(activity, actor)
    if oldest is not None and activity.published is not None and activity.published < oldest:
        return Outcome.TOO_OLD
    iri = _named(activity)
    held = objects.find(tx, iri)
    if held is not None and (held.deleted is not None or not held.public):
        return Outcome.HELD
    if activities.was_undone(tx, activity.id, actor=actor):
        return Outcome.IGNORED
    statements.react(tx, activity.id, kind="Announce", actor=actor, object=iri, at=activity.published or tx.now)
    if held is None:
        hearing.promise_hearing(tx, iri, interest=Interest.PASSED_ON)
        if not errands.take(tx, f"passed on from {actors.host_of(iri)}", PASSED_ON_DAY):
            raise Refused(f"{actors.host_of(iri)} has been asked for enough today")
        return Outcome.ASKED
    if not held.local:
        hearing.pass_on(tx, iri)
    return Outcome.HELD


def _named(activity: Activity) -> str:
    """The id of the object; of a Create inside (Lemmy's groups pass those on) that of what was created."""
    inner = activity.object
    if isinstance(inner, dict) and reading.type_of(inner) == "Create" and "object" in inner:
        return reading.reference(inner["object"], "object")
    return reading.reference(inner, "object")


def _ask_for(tx: Transaction, iri: str, *, actor: str) -> Outcome:
    """Promise to fetch what is only named; it can be the actor's own only at the actor's origin."""
    hearing.check_askable(tx, iri)
    if not origin.same_origin(iri, actor):
        raise Refused(f"{iri} is not at the origin of {actor}")
    if objects.find(tx, iri) is not None:
        return Outcome.HELD
    lane = f"fetch {origin.origin(iri)}"
    one = Promise("backfill_entry", {"iri": iri, "actor": actor}, lane=lane, key=f"backfill_entry {iri}")
    promise(tx, one, priority=Priority.BULK)
    return Outcome.ASKED


def said_by(item: Any) -> str | None:
    """The id of what an entry says or names; None if it passes on what others say, or is not readable."""
    try:
        kind = None if isinstance(item, str) else reading.type_of(item)
        if kind == "Create":
            return reading.reference(item.get("object"), "object")
        return None if kind in activity_documents.TYPES else reading.reference(item, "item")
    except Malformed:
        return None


def methods(items: Any, *, actor: str) -> list[str]:
    """The keys of `actor` that the proofs of entries name, each once: three at most, because one is usual."""
    named: dict[str, None] = {}
    for item in items:
        inner = item.get("object") if isinstance(item, dict) else None
        for document in (item, inner):
            if isinstance(document, dict) and (method := proofs.verification_method(document)) is not None:
                named[method] = None
    return [one for one in named if one.startswith(actor)][:3]


def address_of(tx: Transaction, actor: str, name: str) -> str | None:
    """The address of a collection of `actor` ("outbox", "featured"), as its document names it, at its own origin."""
    row = actors.find(tx, actor)
    if row is None or not row.document:
        return None
    found: str | None = getattr(actor_documents.parse(actors.document(row)), name)
    if found is not None and not origin.same_origin(found, actor):
        raise Refused(f"the {name} of {actor} is at another origin")
    return found
