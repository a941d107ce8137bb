"""Changing what a group has said, and taking it back.

A correction is a publication of its own: decided, then the same delay in which it can be called back, then an Update
to all who may hold a copy. Its address is that of the statement with a fragment. What stood there before is kept as a
version. Of two that were written side by side none undoes the other (`overtaken`). A deletion leaves at once, behind
everything else that waits to be sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

import schemas
from federation.addressing import Recipient
from node import activities, actors, decisions, media, objects, signing
from node.context import Effect, Transaction
from node.decisions import Act
from node.decisions import State as DecisionState
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.identifiers import spell
from node.jobs import Priority, withdraw
from node.members.store import Member
from node.statements import (
    composing,
    describing,
    events,
    mentioning,
    overtaken,
    pins,
    publishing,
    quotes,
    quotings,
    reaching,
    rules,
    store,
    versions,
)
from node.statements.overtaken import BEFORE
from node.statements.publishing import Issue
from node.statements.rules import Draft, Form, State
from node.statements.store import Shown
from node.translating import N_
from schemas import codes
from schemas.context import PUBLIC
from schemas.reading import loads
from schemas.statement import Statement
from schemas.tombstone import Tombstone

ERRAND, DECISION = "errand", "decision"
OF_A_CORRECTION = ("corrects", ERRAND, DECISION, BEFORE)
KINDS = ("Statement", "StruggleReport", "Event", "Appeal", "AppealAnswer", "ConditionsReport")
MARKS = {"report": "kind", "event": "starts", "appeal": "appeal", "answer": "answers", "conditions": "condition_1"}
"""What makes a draft one of a kind, and the field that says so."""


def own(tx: Transaction, iri: str) -> Row[Any]:
    """The row of a statement or report of ours that is public. Raises Missing, Forbidden, Conflict, Invalid."""
    row = objects.find(tx, iri)
    if row is None or (row.local and not row.public):
        if store.publication(tx, iri) is not None:
            raise Conflict("{iri} has not left; call it back with: commonwire recall {iri}", iri=iri)
        raise Missing("this node does not hold {iri}", iri=iri)
    if not row.local:
        raise Forbidden("{iri} is not ours: {author} has said it", iri=iri, author=row.author)
    if row.deleted is not None:
        raise Conflict(
            "{iri} was deleted on {day} ({category}), and stays so",
            iri=iri,
            day=row.deleted.date(),
            category=row.deletion_reason,
        )
    if row.kind == "Position":
        raise Invalid("{iri} is a position: it is replaced and revoked with commonwire position", iri=iri)
    if row.kind not in KINDS:
        raise Invalid("{iri} is a {kind}; this can be done with statements and reports alone", iri=iri, kind=row.kind)
    return row


def correct(
    tx: Transaction,
    iri: str,
    draft: Draft,
    *,
    member: Member,
    urgent: bool = False,
    kind: str = "correction",
    decision: str = "correct",
    errand: Mapping[str, Any] | None = None,
) -> tuple[str, State]:
    """Propose a newer version of a statement or report of ours: the correction's address, and where it stands.

    `draft` is the whole text as it shall be. What the statement answers and quotes, and its type, stay. Raises Invalid
    (with the field), Forbidden, Missing or Conflict; nothing has changed then.

    A room that does more with a newer version has a `kind` of publication and of `decision` of its own; its `errand`
    is kept until the version leaves.
    """
    row = own(tx, iri)
    publication = store.publication(tx, iri)
    if publication is None or publication.kind not in tx.node.rooms.makings:
        raise Conflict("{iri} was made from a table: correct the table, and import it again", iri=iri)
    kept = _kept(tx, row, publication, draft) | {DECISION: decision} | ({ERRAND: dict(errand)} if errand else {})
    _check_not_said(tx, row, publication, kept)
    making = tx.node.rooms.makings[publication.kind]
    making.check(tx, composing.revive(kept["draft"]))
    composing.check_writable(lambda: newer(row, making.compose(tx, iri, kept).statement, tx))
    subject = f"{iri}#correction-{spell(tx.new_id())}"
    return subject, publishing.submit(
        tx,
        subject,
        kind=kind,
        decision=decision,
        draft=kept,
        actor=row.author,
        member=member,
        urgent=urgent,
    )


def _kept(tx: Transaction, row: Row[Any], publication: Row[Any], draft: Draft) -> dict[str, Any]:
    before = composing.revive(publication.draft["draft"])
    for name in composing.FIXED:
        if getattr(draft, name) not in (None, getattr(before, name)):
            raise Invalid(
                "{value} stands there, and stays: publish anew", field=name, value=getattr(before, name) or "nothing"
            )
    for name, key in MARKS.items():
        if bool(getattr(draft, name)) != bool(getattr(before, name)):
            raise Invalid("{iri} does not become another kind of text: publish anew", field=key, iri=row.iri)
    form = None if before.event else Form(loads(row.document)["type"])
    if form is not None and draft.form not in (None, form):
        raise Invalid(
            "it is and stays a {value}: other servers never change the type of a text", field="form", value=form.value
        )
    fixed = {name: getattr(before, name) for name in composing.FIXED}
    fixed |= {"quiet": before.quiet, "quotable": draft.quotable or before.quotable}  # no form of the desk says either
    event = events.moved(draft.event, before.event) if draft.event else {}
    newer = replace(draft, form=form, event=event, **fixed)
    rules.check(newer, characters=tx.node.config.statement_characters)
    kept: dict[str, Any] = publication.draft
    named = mentioning.handles(newer)
    people = {name: person for name, person in kept["mentions"].items() if name in named}
    people |= {name: asdict(person) for name, person in mentioning.known(tx, named).items()}
    stood = {**kept["draft"], "translations": ()}
    return kept | {"draft": asdict(newer), "mentions": people, "corrects": row.iri, BEFORE: stood}


def _check_not_said(tx: Transaction, row: Row[Any], publication: Row[Any], kept: dict[str, Any]) -> None:
    """Raise Conflict if the newest version, or the one that waits, says this already."""
    form = {"form": kept["draft"]["form"]}
    waiting = [one for one in store.corrections_of(tx, row.iri) if one.state != State.HELD.value]
    newest = [publication, *waiting][-1]
    stands = asdict(composing.revive(newest.draft["draft"])) | form  # an older version of this program kept less
    if json.dumps(stands, sort_keys=True) == json.dumps(kept["draft"], sort_keys=True):
        waits = "waits to leave" if newest.iri != row.iri else "stands there"
        raise Conflict("exactly this {waits} already: {iri}; change the file first", waits=waits, iri=newest.iri)


def issue_correction(tx: Transaction, subject: str, kept: dict[str, Any]) -> None:
    """Put the newer version in place and send it, unless the statement was deleted meanwhile, or another correction
    that left in the meantime is in its way."""
    apply(tx, subject, kept)


def apply(tx: Transaction, subject: str, kept: dict[str, Any]) -> bool:
    """As `issue_correction`; whether the newer version stands there now."""
    iri = kept["corrects"]
    row, publication = objects.find(tx, iri), store.publication(tx, iri)
    if row is None or row.deleted is not None or publication is None:
        return False
    kept, fields, why_not = overtaken.brought_up(tx, publication, kept)
    if fields or why_not is not None:
        overtaken.hold(tx, subject)
        return False
    if _says_the_same(publication.draft, kept):
        store.set_draft(tx, iri, {name: value for name, value in kept.items() if name not in OF_A_CORRECTION})
        say_again(tx, iri)
        return True
    making = tx.node.rooms.makings[publication.kind]
    kept = making.merge(publication.draft, kept, subject)
    made = making.compose(tx, iri, kept)
    amend(tx, row, newer(row, made.statement, tx), made.shown, also_to=made.audience.recipients)
    making.replaced(tx, made)
    store.set_draft(tx, iri, {name: value for name, value in kept.items() if name not in OF_A_CORRECTION})
    store.set_draft(tx, subject, {name: value for name, value in kept.items() if name != BEFORE})
    return True


def _says_the_same(public: dict[str, Any], kept: dict[str, Any]) -> bool:
    """Whether nothing is changed but who may quote: that is no newer version of the words."""
    before, after = (composing.revive(one["draft"]) for one in (public, kept))
    changed = before.quotable != after.quotable
    return changed and replace(before, quotable=after.quotable, form=after.form) == after and ERRAND not in kept


def newer(row: Row[Any], statement: Statement, tx: Transaction) -> Statement:
    """The newer version as it is dated: it was published when it was, and changed after that."""
    last: Any = row.updated or row.published
    updated = max(tx.now.replace(microsecond=0), last.replace(microsecond=0) + timedelta(seconds=1))
    published = row.published.replace(microsecond=0)
    return replace(statement, published=published, updated=updated, in_reply_to=row.in_reply_to)


def statement_in(row: Row[Any]) -> Statement:
    """What an object of ours says, as a value."""
    value = schemas.parse(loads(row.document))
    assert isinstance(value, Statement), f"{row.iri} is one of ours, and no statement"
    return value


def amend(
    tx: Transaction,
    row: Row[Any],
    statement: Statement,
    shown: Shown | None = None,
    *,
    also_to: Sequence[Recipient] = (),
    same_words: bool = False,
) -> None:
    """Put `statement` in place of what `row` says, keep that as a version (unless it is the same in other clothes), and
    send an Update.

    Those who are named only now get the Create as well, as it would be sent today: their servers know nothing that
    could be updated.
    """
    group = actors.local(tx, row.author)
    before = reaching.everybody(tx, row)
    if not same_words:
        versions.keep(tx, row.iri, row.document, since=row.updated or row.published)
    document = signing.prove(tx, schemas.serialise(statement), group)
    objects.replace(tx, row.iri, document=objects.encode(document), updated=statement.updated)
    if shown is not None:
        store.replace(tx, shown)
    inboxes = reaching.everybody(tx, row, also_to=also_to)
    for sent in activities.sent_about(tx, row.iri, actor=group.iri, kinds=("Create", "Update")):
        if sent.type == "Update":
            activities.withdraw(tx, sent.id)
        else:
            activities.renew(tx, sent, document)
            activities.promise_deliveries(
                tx, sent.iri, [inbox for inbox in inboxes if inbox not in before], actor=group.iri
            )
    update = activities.make(
        tx,
        "Update",
        actor=group.iri,
        object=document,
        to=list(statement.to),
        cc=list(statement.cc),
        published=tx.now.replace(microsecond=0),
    )
    activities.send(tx, update, inboxes)


def say_again(tx: Transaction, iri: str) -> None:
    """Send a statement of ours with what is known of it now: a stamp for what it quotes, a minority report on it.

    Its words and their date stay.
    """
    row, publication = objects.find(tx, iri), store.publication(tx, iri)
    if row is None or row.deleted is not None or publication is None:
        return
    made = tx.node.rooms.makings[publication.kind].compose(tx, iri, publication.draft)
    before = statement_in(row)
    same = replace(
        made.statement,
        published=before.published,
        updated=before.updated,
        adopted_at=before.adopted_at,
        in_reply_to=before.in_reply_to,
        salt=before.salt,
    )
    amend(tx, row, same, made.shown, same_words=True)


def delete(tx: Transaction, iri: str, *, reason: str, member: Member, urgent: bool = False) -> DecisionState:
    """Propose to delete a statement or report of ours, for a reason of `codes.DELETION_REASONS`; where that stands.

    Raises Invalid, Missing, Forbidden, Conflict.
    """
    if reason not in codes.DELETION_REASONS:
        raise Invalid(
            "{reason!r} is no category; say one of {known}",
            field="reason",
            reason=reason,
            known=", ".join(codes.DELETION_REASONS),
        )
    row = own(tx, iri)
    return decisions.propose(tx, "delete", json.dumps([iri, reason]), actor=row.author, member=member, urgent=urgent)


def deleted(tx: Transaction, subject: str) -> None:
    """Effect: drop a statement, leave a tombstone with the category of the reason, and send the Delete."""
    iri, reason = json.loads(subject)
    row = objects.find(tx, iri)
    if row is None or row.deleted is not None:
        return
    inboxes = reaching.everybody(tx, row)
    audience = loads(row.document)
    stone = unsay(tx, row, reason)
    named = {key: [one for one in audience.get(key, ()) if isinstance(one, str)] for key in ("to", "cc")}
    act = activities.make(tx, "Delete", actor=row.author, object=stone, to=named["to"] or [PUBLIC], cc=named["cc"])
    activities.send(tx, act, inboxes, priority=Priority.BULK)


def unsay(tx: Transaction, row: Row[Any], reason: str) -> dict[str, Any]:
    """Drop what was said, and what is still to be sent of it; the tombstone that is served. Nobody is told."""
    stone = _bury(tx, row, reason)
    for waiting in store.corrections_of(tx, row.iri):
        withdraw(tx, f"release {waiting.iri}")
    store.forget_publication(tx, row.iri)
    for sent in activities.sent_about(tx, row.iri, actor=row.author, kinds=("Create", "Update")):
        activities.withdraw(tx, sent.id)
    _withdraw_request(tx, row.iri)
    return stone


def _withdraw_request(tx: Transaction, iri: str) -> None:
    """A QuoteRequest carries what was said, too."""
    asked = quotings.find(tx, iri)
    request = activities.outgoing(tx, asked.request) if asked is not None and asked.request is not None else None
    if request is not None:
        activities.withdraw(tx, request.id)


def _bury(tx: Transaction, row: Row[Any], reason: str) -> dict[str, Any]:
    """Drop what was said wherever it is kept here: text, versions, pictures, pin. The tombstone that is served."""
    document = loads(row.document)
    stone = Tombstone(
        id=row.iri,
        former_type=document.get("type"),
        attributed_to=row.author,
        published=row.published.replace(microsecond=0),
        deleted=tx.now.replace(microsecond=0),
        reason=reason,
        digest=objects.digest(row.document),
    )
    signed = signing.prove(tx, schemas.serialise(stone), actors.local(tx, row.author))
    earlier = composing.pictures_in(tx.node, versions.documents(tx, row.iri))
    only_here = (name for name in earlier if not store.shows(tx, name, beside=row.iri))
    pictures = [*store.pictures_only_of(tx, row.iri), *only_here]
    objects.bury(tx, row.iri, reason=reason, tombstone=objects.encode(signed))
    versions.drop_bytes(tx, row.iri)
    store.drop(tx, row.iri)
    pins.remove(tx, row.author, row.iri)
    quotes.forget(tx, row.iri)
    tx.after_commit(lambda: media.drop(tx.node, pictures))
    return signed


def adopted(tx: Transaction, subject: str) -> None:
    """Effect: the group has decided to correct something."""
    publishing.adopt(tx, subject, issue_correction, kind="correct")


ACTS: dict[str, Act] = {
    "correct": Act("publish", "correct", N_("correct what was published"), describing.publication),
    "delete": Act("publish", "delete", N_("delete what was published"), describing.first_of_pair),
}
REFUSALS: dict[str, Effect] = {"correct": publishing.refuse}
EFFECTS: dict[str, Effect] = {"correct": adopted, "delete": deleted}
ISSUES: dict[str, Issue] = {"correction": issue_correction}
