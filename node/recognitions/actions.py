"""What a member can do: recognise another group, and take that back."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from sqlalchemy import Row

import schemas
from federation import addressing
from federation.addressing import Recipient
from node import activities, actors, decisions, objects, signing
from node.context import Effect, Transaction
from node.decisions import Act, Described, State
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.identifiers import spell
from node.jobs import Priority
from node.members.store import Member
from node.objects import Kept
from node.peering import admission, choices, log
from node.peering import store as peering
from node.peering.choices import Seen
from node.peering.log import Deed
from node.recognitions import rules, store
from node.statements import adoption, markup
from node.translating import N_
from schemas.context import PUBLIC
from schemas.reading import loads
from schemas.recognition import Recognition
from schemas.tombstone import Tombstone

KIND = "Recognition"
REVOKED = "revoked"


def recognise(
    tx: Transaction,
    about: str,
    *,
    words: str = "",
    reason: str,
    review_on: date | None = None,
    actor: str,
    member: Member,
    urgent: bool = False,
) -> State:
    """Propose that the group `actor` recognise the known group `about`; where that stands.

    Raises Invalid (with the field), Missing, Conflict, Forbidden; nothing has changed then.
    """
    rules.check(words, reason, review_on, today=tx.now.date())
    row = actors.find(tx, about)
    if row is None or row.gone is not None:
        raise Missing("{iri} is not known here; look it up first: commonwire peer add {iri}", iri=about)
    if about == actor:
        raise Invalid("a group does not recognise itself", field="who")
    if not admission.is_group(row):
        raise Invalid("{who} is no group; groups recognise groups", field="who", who=actors.handle_of(row))
    if (before := store.between(tx, actor, about)) is not None:
        if before.since is None:
            raise Conflict("the group is deciding on this already")
        raise Conflict("the group recognises it already: {iri}", iri=before.iri)
    iri = tx.node.address(f"/recognitions/{spell(tx.new_id())}")
    language = actors.local(tx, actor).language
    day = review_on.isoformat() if review_on is not None else None
    said = {"words": " ".join(words.split()), "reason": reason.strip(), "language": language, "review_on": day}
    store.propose(tx, iri, author=actor, about=about, **said)
    actors.mark_addressed(tx, [about])
    return decisions.propose(tx, "recognise_peer", iri, actor=actor, member=member, urgent=urgent)


def recognised(tx: Transaction, iri: str) -> None:
    """Effect: say so, to whom the group shows its recognitions, and to the one that is recognised."""
    row = store.find(tx, iri)
    if row is None or row.since is not None:
        return
    group, html = actors.local(tx, row.author), f"<p>{markup.escape(row.reason)}</p>"
    seen = choices.of(tx, group.iri).recognitions
    to, cc, inboxes = _audience(tx, group.iri, row.about, seen)
    value = Recognition(
        id=iri,
        attributed_to=group.iri,
        subject=group.iri,
        object=row.about,
        words=row.words or None,
        content=html,
        content_map={row.language: html},
        published=tx.now.replace(microsecond=0),
        review_on=date.fromisoformat(row.review_on) if row.review_on else None,
        decision=adoption.decision_of(adoption.shown_of(decisions.result(tx, "recognise_peer", iri))),
        to=to,
        cc=cc,
        url=iri,
        salt=secrets.token_urlsafe(16),
    )
    document = signing.prove(tx, schemas.serialise(value), group)
    _log(tx, Deed.RECOGNISED, row, "recognise_peer", reason=row.reason)
    store.say(tx, iri, document=objects.encode(document), open=seen is Seen.PUBLIC)
    objects.keep(tx, [_kept(tx, iri, group.iri, document)])
    create = activities.make(
        tx, "Create", actor=group.iri, object=document, to=list(to), cc=list(cc), published=value.published
    )
    activities.send(tx, create, inboxes)


def _audience(
    tx: Transaction, group: str, about: str, seen: Seen
) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """Whom a recognition is for, and the inboxes of those."""
    named = [about]
    if seen is Seen.RECOGNISED:
        named += [row.about for row in store.by(tx, group) if row.about != about]
    rows = actors.find_all(tx, named).values()
    there = [Recipient(row.inbox, row.shared_inbox) for row in rows if row.inbox and not row.local and not row.gone]
    recipients = peering.admitted(tx, there, sender=group)
    to, cc = [about], named[1:]
    if seen is Seen.PUBLIC:
        to, cc = [PUBLIC], [actors.followers_of(group), about]
        recipients += peering.recipients(tx, group)
    return tuple(to), tuple(cc), addressing.distinct_inboxes(recipients, own_origin=tx.node.config.origin)


def _kept(tx: Transaction, iri: str, author: str, document: dict[str, Any]) -> Kept:
    """It stands in no outbox, feed or time line: who may see it is asked where it is served (`visibility`)."""
    return Kept(
        iri=iri,
        sort_id=tx.new_id(),
        kind=KIND,
        author=author,
        local=True,
        document=objects.encode(document),
        published=tx.now,
        public=False,
        listed=False,
    )


def refused(tx: Transaction, iri: str) -> None:
    """Refusal: the group did not decide so."""
    row = store.find(tx, iri)
    if row is not None and row.since is None:
        store.drop(tx, iri, row.author)


def revoke(tx: Transaction, about: str, *, actor: str, member: Member, urgent: bool = False) -> State:
    """Propose to take back that the group `actor` recognises `about`. Raises Missing, Forbidden, Conflict."""
    row = store.between(tx, actor, about)
    if row is None or row.since is None:
        raise Missing("the group does not recognise {iri}", iri=about)
    return decisions.propose(tx, "revoke_recognition", row.iri, actor=actor, member=member, urgent=urgent)


def revoked(tx: Transaction, iri: str) -> None:
    """Effect: leave a tombstone, and tell everybody who was told."""
    row, held = store.find(tx, iri), objects.find(tx, iri)
    if row is None or row.since is None or held is None or held.deleted is not None:
        return
    group = actors.local(tx, row.author)
    stone = Tombstone(
        id=iri,
        former_type="Relationship",
        attributed_to=row.author,
        published=row.since.replace(microsecond=0),
        deleted=tx.now.replace(microsecond=0),
        reason=REVOKED,
        digest=objects.digest(held.document),
    )
    signed = signing.prove(tx, schemas.serialise(stone), group)
    was = schemas.parse(loads(held.document))
    assert isinstance(was, Recognition), f"{iri} was made here, and is no recognition"
    _, _, inboxes = _audience(tx, group.iri, row.about, Seen.PUBLIC if row.open else Seen.RECOGNISED)
    for sent in activities.sent_about(tx, iri, actor=group.iri, kinds=("Create",)):
        activities.withdraw(tx, sent.id)
    objects.bury(tx, iri, reason=REVOKED, tombstone=objects.encode(signed))
    delete = activities.make(tx, "Delete", actor=group.iri, object=signed, to=list(was.to), cc=list(was.cc))
    store.drop(tx, iri, row.author)
    _log(tx, Deed.RECOGNITION_REVOKED, row, "revoke_recognition")
    activities.send(tx, delete, inboxes, priority=Priority.BULK)


def _log(tx: Transaction, deed: Deed, row: Row[Any], kind: str, *, reason: str = "") -> None:
    number = decisions.result(tx, kind, row.iri).number
    log.note(tx, deed, row.about, group=row.author, reason=reason, decision=number)


def own(tx: Transaction, iri: str) -> Row[Any]:
    """A recognition of ours that stands. Raises Missing, Forbidden."""
    row = store.find(tx, iri)
    if row is None or row.since is None:
        raise Missing("there is nothing at this address")
    if not iri.startswith(f"{tx.node.config.origin}/"):
        raise Forbidden("{iri} is not ours: {author} has said it", iri=iri, author=row.author)
    return row


def _describe(tx: Transaction, iri: str) -> Described:
    row = store.find(tx, iri)
    if row is None:
        return Described(iri)
    known = actors.find(tx, row.about)
    name = row.about if known is None else actors.handle_of(known)
    title = f"{name}: {row.words}" if row.words else name
    return Described(title, html=f"<p>{markup.escape(row.reason)}</p>", address=row.about)


ACTS: dict[str, Act] = {
    "recognise_peer": Act("peer", "recognise_peer", N_("recognise another group"), _describe),
    "revoke_recognition": Act("peer", "recognise_peer", N_("take back the recognition of another group"), _describe),
}
EFFECTS: dict[str, Effect] = {"recognise_peer": recognised, "revoke_recognition": revoked}
REFUSALS: dict[str, Effect] = {"recognise_peer": refused}
