"""Activities that somebody else has passed on to us: hints, and nothing more.

Mastodon passes on what answers its own people to their followers, signed in its own name, with the author's linked-data
signature inside (ActivityPub §7.1.2, "Forwarding from inbox"). We believe neither the one nor the other: what such an
activity is about is fetched from where it is from, if it is anything to us, and what is found there counts. So a
forwarder can make us look, and no more; and it is told the same, 202, whether we do or not, because a difference would
tell strangers whom a group follows.

That nobody makes us look at will: an object is looked for a few times a day, whoever forwards is heeded a number of
times a day, a host with which nobody here has to do is asked a number of times a day whoever forwards, and the fetches
wait in the lane of the host they go to.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from federation import origin
from federation.client import Budget
from federation.errors import Gone, Malformed, Refused
from federation.signatures import proofs
from node import activities, actors, intake, objects, signing
from node.context import Node, Transaction
from node.intake import Ignored
from node.jobs import Job, Priority, Promise, promise
from node.peering import store as peering
from node.statements import errands, hearing
from node.statements.errands import Allowance
from node.statements.rules import Interest
from schemas import activity as activity_documents
from schemas import reading
from schemas.activity import Activity

LOOK_AGAIN, LOOK_FOR_ACTOR = "look_again", "look_for_actor"
FORWARDED = frozenset({"Create", "Update", "Delete"})
OF_ONE_OBJECT = Allowance(requests=4, bytes=2**63 - 1)  # a Create, an Update, a Delete; and once more
OF_A_STRANGER = Allowance(requests=100, bytes=2**63 - 1)
AT_A_STRANGER = Allowance(requests=300, bytes=2**63 - 1)  # however many forwarders name it: names of hosts are cheap
OF_A_RELATED_HOST = Allowance(requests=3_000, bytes=2**63 - 1)
SURELY_GONE_AFTER = timedelta(hours=1)


def is_forwarded(activity: Activity, *, signer: str, own_origin: str) -> bool:
    """Whether an activity that its actor has not signed may be one that was passed on, and not simply a forgery.

    It is by another than `signer`, who is not of this node, about something of its own at its own origin.
    """
    if activity.actor == signer or activity.type not in FORWARDED or activity.object_id is None:
        return False
    try:
        homes = {origin.origin(iri) for iri in (activity.actor, activity.id, activity.object_id)}
    except Malformed:
        return False
    return len(homes) == 1 and origin.origin(own_origin) not in homes and activity.object_id != activity.actor


def is_of_interest(tx: Transaction, activity: Activity) -> bool:
    """Whether what is said there would change anything here, if it were true."""
    held = objects.find(tx, activity.object_id or "")
    if held is not None:
        return activity.type != "Create" and held.deleted is None and held.author == activity.actor
    if activity.type == "Delete" or activities.was_deleted(tx, activity.object_id or "", actor=activity.actor):
        return False
    return peering.is_heard(tx, activity.actor) or _answers_something_held(tx, activity.object)


def _answers_something_held(tx: Transaction, embedded: Any) -> bool:
    answered = embedded.get("inReplyTo") if isinstance(embedded, dict) else None
    parents = [objects.find(tx, iri) for iri in reading.usable(answered, reading.reference)[:1]]
    return any(row is not None and row.public and row.deleted is None for row in parents)


def take_hint(tx: Transaction, activity: Activity, *, forwarder: str) -> None:
    """Promise to look where it is from, unless that was done often enough today."""
    iri = activity.object_id
    if iri is None or not is_of_interest(tx, activity):
        return
    hearing.check_askable(tx, iri)
    host, asked = actors.host_of(forwarder), actors.host_of(iri)
    related = peering.related_hosts(tx, {host, asked})
    allowances = {
        f"forwarded by {host}": OF_A_RELATED_HOST if host in related else OF_A_STRANGER,
        f"hinted at {asked}": OF_A_RELATED_HOST if asked in related else AT_A_STRANGER,
        f"hint {iri}": OF_ONE_OBJECT,
    }
    if not all(errands.take(tx, subject, allowance) for subject, allowance in allowances.items()):
        return
    if objects.find(tx, iri) is None:
        hearing.promise_hearing(tx, iri, interest=Interest.TOLD)
    else:
        _promise_look(tx, LOOK_AGAIN, iri, was_missing=False)


def _promise_look(tx: Transaction, kind: str, iri: str, *, was_missing: bool) -> None:
    one = Promise(
        kind,
        {"iri": iri, "was_missing": was_missing},
        lane=f"fetch {origin.origin(iri)}",
        key=f"{kind} {was_missing} {iri}",
    )
    promise(tx, one, due=tx.now + SURELY_GONE_AFTER if was_missing else None, priority=Priority.BULK)


async def _look(
    node: Node, payload: dict[str, Any], *, kind: str, is_gone: Callable[[Transaction, str], None]
) -> dict[str, Any] | None:
    """What its own server says of something known here; None if it says that it is not there, which is acted on.

    410, or a Tombstone, counts at once; 404 when it is still so an hour later, because a server that is being mended
    answers that too, and whoever notices must not be able to empty what we hold of it. Raises what `document` raises.
    """
    iri, was_missing = payload["iri"], payload["was_missing"]
    budget = Budget(requests=hearing.REQUESTS_FOR_ONE, bytes=node.config.document_bytes)
    try:
        document = await node.client.document(iri, signer=await signing.instance_signer(node), budget=budget)
    except Gone as error:
        if error.status == 404 and not was_missing:
            await node.database.write(_promise_look, kind, iri, was_missing=True)
        else:
            await node.database.write(is_gone, iri)
        return None
    if reading.type_of(document) != "Tombstone":
        return document
    if document.get("id") != iri:
        raise Refused(f"{iri} leads to the tombstone of something else")
    await node.database.write(is_gone, iri)
    return None


async def look_again(node: Node, payload: dict[str, Any]) -> None:
    """Job: see what its server says of an object that is held here, and do as the author would have us do."""
    iri = payload["iri"]
    document = await _look(node, payload, kind=LOOK_AGAIN, is_gone=_delete_as_its_author)
    if document is not None:
        await _have_proof_key(node, iri, document)
        await node.database.write(_act_as_its_author, iri, "Update", document)


def _delete_as_its_author(tx: Transaction, iri: str) -> None:
    _act_as_its_author(tx, iri, "Delete", iri)


async def _have_proof_key(node: Node, iri: str, document: dict[str, Any]) -> None:
    held = await node.database.read(objects.find, iri)
    if held is not None and (method := proofs.verification_method(document)) is not None:
        await node.directory.ensure_proof_key(method, author=held.author)


def _act_as_its_author(tx: Transaction, iri: str, kind: str, object: str | dict[str, Any]) -> None:
    """Handle what the origin says as if the author had sent it. Raises Refused."""
    held = objects.find(tx, iri)
    if held is None or held.deleted is not None:
        return
    act = {"id": f"{iri}#{kind.lower()}", "type": kind, "actor": held.author, "object": object}
    try:
        intake.handle(tx, activity_documents.parse(act), act)
    except Ignored as reason:
        raise Refused(str(reason)) from None


def is_known(tx: Transaction, actor: str) -> bool:
    """Whether somebody of another server is known here, and has not left."""
    row = actors.find(tx, actor)
    return row is not None and not row.local and row.gone is None


def take_farewell(tx: Transaction, actor: str) -> None:
    """Promise to see whether somebody who is known here has left: it was said, and nobody can verify it any more.

    Her own server answers 410 by then, so there is no key, and her Delete is as good as anybody's word.
    """
    if not is_known(tx, actor) or not errands.take(tx, f"hint {actor}", OF_ONE_OBJECT):
        return
    hearing.check_askable(tx, actor)
    _promise_look(tx, LOOK_FOR_ACTOR, actor, was_missing=False)


async def look_for_actor(node: Node, payload: dict[str, Any]) -> None:
    """Job: ask her own server for an actor; if it says that she is gone, so are her words here."""
    await _look(node, payload, kind=LOOK_FOR_ACTOR, is_gone=hearing.remove_actor)


JOBS: dict[str, Job] = {LOOK_AGAIN: look_again, LOOK_FOR_ACTOR: look_for_actor}
