"""Inviting, signing, declining, withdrawing: what a group decides, and what others have decided."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

import schemas
from federation import origin
from federation.errors import Refused
from node import activities, actors, decisions, objects, signing
from node.context import Effect, Transaction
from node.decisions import Act
from node.decisions import State as DecisionState
from node.errors import Conflict, Forbidden, Missing
from node.identifiers import spell
from node.intake import Ignored
from node.jobs import Priority
from node.members.store import Member
from node.peering import store as peering
from node.signatories import rules, store
from node.signatories.rules import State
from node.statements import correcting, describing, passing_on, reaching
from node.statements import store as statements
from node.translating import N_
from schemas.context import PUBLIC, SIGNATURE_CONTEXT
from schemas.reading import loads
from schemas.signature_authorization import SignatureAuthorization
from schemas.statement import Signatory, Statement

# ---- the author of a text


def invite(
    tx: Transaction, text: str, signatory: str, *, actor: str, member: Member, urgent: bool = False
) -> DecisionState:
    """Propose that the group `actor` invite another to sign a text of its own.

    Raises Missing, Forbidden, Invalid, Conflict.
    """
    row = correcting.own(tx, text)
    if row.author != actor:
        raise Forbidden("“{text}” is another group's", text=text)
    other, known = actors.find(tx, signatory), store.find(tx, text, signatory)
    if other is None and not _is_ours(tx, signatory):
        raise Missing("this node knows no group “{group}”; name it as @name@host", group=signatory)
    state = State(known.state) if known is not None else None
    rules.check_inviting(row.author, signatory, _kind_of(other), state, count=len(store.of(tx, text, *State)))
    return decisions.propose(
        tx, "invite_signatory", json.dumps([signatory, text]), actor=actor, member=member, urgent=urgent
    )


def invited(tx: Transaction, subject: str) -> None:
    """Effect: ask the group."""
    signatory, text = json.loads(subject)
    row, known = objects.find(tx, text), store.find(tx, text, signatory)
    if row is None or row.deleted is not None or (known is not None and known.state != State.WITHDRAWN.value):
        return
    if _is_ours(tx, signatory):
        store.put(tx, text, signatory, author=row.author, state=State.ASKED)
        return
    asked = activities.make(tx, "Invite", actor=row.author, object=text, to=[signatory], target=signatory)
    store.put(tx, text, signatory, author=row.author, state=State.INVITED, invite=asked["id"])
    _send(tx, asked, signatory)


def be_signed(tx: Transaction, invite: str, *, by: str, stamp: str | None) -> Row[Any]:
    """A group that was invited says that it signs: its stamp, which has to be looked at. Raises Refused."""
    row = _answered(tx, invite, by=by)
    if stamp is None or not origin.same_origin(stamp, by):
        raise Refused(f"{by} signs with no stamp of its own: {stamp}")
    if row.state not in (State.SIGNED.value, State.CLAIMED.value) or row.stamp != stamp:
        store.put(tx, row.text, by, author=row.author, state=State.CLAIMED, stamp=stamp)
    return row


def be_declined(tx: Transaction, invite: str, *, by: str) -> None:
    """A group that was invited does not want to sign. Raises Refused."""
    row = _answered(tx, invite, by=by)
    store.set_state(tx, row, State.DECLINED)
    if row.state == State.SIGNED.value:
        correcting.say_again(tx, row.text)


def be_withdrawn(tx: Transaction, stamp: str, by: str) -> None:
    """A group has deleted something of its own: perhaps its stamp, perhaps the text itself."""
    store.forget_text(tx, stamp, author=by)
    row = store.stamped(tx, stamp)
    if row is None or row.signatory != by or row.state == State.WITHDRAWN.value:
        return
    store.set_state(tx, row, State.WITHDRAWN)
    if row.state == State.SIGNED.value and _is_ours(tx, row.author):
        correcting.say_again(tx, row.text)


def _answered(tx: Transaction, invite: str, *, by: str) -> Row[Any]:
    row = store.invited_by(tx, invite)
    if row is None or not _is_ours(tx, row.author):
        raise Refused(f"{by} answers an Invite that nobody sent: {invite}")
    if row.signatory != by:
        raise Refused(f"{by} was not invited: {row.signatory} was")
    return row


def with_signatories(tx: Transaction, statement: Statement) -> Statement:
    """A statement of ours with those who sign it."""
    rows = store.of(tx, statement.id, State.SIGNED)
    return replace(
        statement, signatories=tuple(Signatory(signatory=row.signatory, authorization=row.stamp) for row in rows)
    )


# ---- the group that is invited


def be_invited(tx: Transaction, text: str, signatory: str, *, author: str, invite: str) -> None:
    """A text that is held here: its author asks a group of ours to sign it. Raises Ignored."""
    held = objects.find(tx, text)
    if held is None or held.deleted is not None or not held.public or held.author != author:
        raise Ignored(f"{text} is not held here, or not by {author}")
    if not statements.shown(tx, [text]):
        raise Ignored(f"{text} is a {held.kind}, and nothing that could be signed")
    known = store.find(tx, text, signatory)
    if known is not None and known.state != State.WITHDRAWN.value:
        raise Ignored(f"{signatory} was asked already: {known.state}")
    if (
        store.count_asked(tx, signatory) >= rules.OPEN_AT_MOST
        or store.count_asked(tx, signatory, author=author) >= rules.OPEN_BY_ONE
    ):
        raise Ignored(f"{signatory} has more invitations than it can answer")
    store.put(tx, text, signatory, author=author, state=State.ASKED, invite=invite)


def sign(tx: Transaction, text: str, *, actor: str, member: Member, urgent: bool = False) -> DecisionState:
    """Propose that the group `actor` sign a text it was invited to sign, as it reads now.

    Raises Missing, Conflict, Forbidden.
    """
    _asked(tx, text, actor)
    subject = json.dumps([actor, text, rules.digest(said(tx, text))])
    return decisions.propose(tx, "sign", subject, actor=actor, member=member, urgent=urgent)


def signed(tx: Transaction, subject: str) -> None:
    """Effect: give the stamp, tell the author, and announce the text. Raises Conflict if it reads otherwise by now."""
    actor, text, digest = json.loads(subject)
    row = _asked(tx, text, actor)
    if rules.digest(said(tx, text)) != digest:
        raise Conflict("the author has changed “{text}” since this was proposed; decide on it anew", text=text)
    stamp = tx.node.address(f"/signatures/{spell(tx.new_id())}")
    store.put(tx, text, actor, author=row.author, state=State.SIGNED, stamp=stamp, digest=digest)
    if _is_ours(tx, row.author):
        correcting.say_again(tx, text)
    else:
        _answer(tx, row, "Accept", result=stamp)
    passing_on.boosted(tx, json.dumps([actor, text]))


def decline(tx: Transaction, text: str, *, actor: str, member: Member, urgent: bool = False) -> DecisionState:
    """Propose that the group `actor` not sign; it will not be asked again. Raises Missing, Conflict, Forbidden."""
    _asked(tx, text, actor)
    return decisions.propose(
        tx, "decline_signing", json.dumps([actor, text]), actor=actor, member=member, urgent=urgent
    )


def declined(tx: Transaction, subject: str) -> None:
    """Effect: tell the author."""
    actor, text = json.loads(subject)
    row = store.find(tx, text, actor)
    if row is None or row.state != State.ASKED.value:
        return
    store.set_state(tx, row, State.DECLINED)
    if not _is_ours(tx, row.author):
        _answer(tx, row, "Reject")


def withdraw(tx: Transaction, text: str, *, actor: str, member: Member, urgent: bool = False) -> DecisionState:
    """Propose that the group `actor` take its signature back. Raises Missing, Forbidden."""
    row = store.find(tx, text, actor)
    if row is None or row.state != State.SIGNED.value:
        raise Missing("the group does not sign “{text}”", text=text)
    return decisions.propose(
        tx, "withdraw_signature", json.dumps([actor, text]), actor=actor, member=member, urgent=urgent
    )


def withdrawn(tx: Transaction, subject: str) -> None:
    """Effect: delete the stamp, tell the author and all who were told of it, and take the announcement back."""
    actor, text = json.loads(subject)
    row = store.find(tx, text, actor)
    if row is None or row.state != State.SIGNED.value:
        return
    store.set_state(tx, row, State.WITHDRAWN)
    if _is_ours(tx, row.author):
        correcting.say_again(tx, text)
    stone = {"type": "SignatureAuthorization", "id": row.stamp, "attributedTo": actor, "interactingObject": text}
    stone["signedDigest"] = row.digest
    delete = activities.make(
        tx, "Delete", actor=actor, object=stone, to=[row.author], cc=[PUBLIC, actors.followers_of(actor)]
    ) | {"@context": SIGNATURE_CONTEXT}
    activities.send(tx, delete, reaching.followers_and(tx, actor, reaching.of(tx, [row.author])))
    passing_on.unboosted(tx, json.dumps([actor, text]))


def stamp_document(tx: Transaction, iri: str) -> dict[str, Any]:
    """A stamp of ours as it is served. Raises Missing if there is none, or no longer."""
    row = store.stamped(tx, iri)
    if row is None or row.state != State.SIGNED.value or not _is_ours(tx, row.signatory):
        raise Missing("there is no such signature, or it was withdrawn")
    value = SignatureAuthorization(
        id=iri,
        attributed_to=row.signatory,
        interacting_object=row.text,
        signed_digest=row.digest,
        published=row.at.replace(microsecond=0),
    )
    return signing.prove(tx, schemas.serialise(value), actors.local(tx, row.signatory), created=row.at)


def said(tx: Transaction, text: str) -> Statement:
    """A text that is held here, as a value. Raises Missing."""
    row = objects.find(tx, text)
    value = schemas.parse(loads(row.document)) if row is not None and row.deleted is None else None
    if not isinstance(value, Statement):
        raise Missing("“{text}” is not held here any more", text=text)
    return value


def _asked(tx: Transaction, text: str, actor: str) -> Row[Any]:
    row = store.find(tx, text, actor)
    if row is None:
        raise Missing("nobody has asked the group to sign “{text}”", text=text)
    if row.state != State.ASKED.value:
        raise Conflict("the group has answered that already: {state}", state=row.state)
    return row


def _answer(tx: Transaction, row: Row[Any], kind: str, **more: Any) -> None:
    """Accept or Reject the Invite."""
    embedded = {
        "type": "Invite", "id": row.invite, "actor": row.author, "object": row.text, "target": row.signatory,
    }  # fmt: skip
    answer = activities.make(tx, kind, actor=row.signatory, object=embedded, to=[row.author], **more)
    _send(tx, answer, row.author)


def _send(tx: Transaction, activity: dict[str, Any], to: str) -> None:
    recipients = peering.admitted(tx, reaching.of(tx, [to]), sender=activity["actor"])
    activities.send(tx, activity, [one.inbox for one in recipients], priority=Priority.ANSWER)


def _is_ours(tx: Transaction, actor: str) -> bool:
    return any(group.iri == actor for group in actors.groups(tx))


def _kind_of(row: Row[Any] | None) -> str | None:
    return actors.document(row).get("type") if row is not None and row.document is not None else None


ACTS: dict[str, Act] = {
    "invite_signatory": Act("publish", "sign", N_("invite a group to sign a text"), describing.second_of_pair),
    "sign": Act("publish", "sign", N_("sign a text together with other groups"), describing.second_of_pair),
    "decline_signing": Act("publish", "sign", N_("decline to sign a text"), describing.second_of_pair),
    "withdraw_signature": Act("publish", "sign", N_("withdraw a signature"), describing.second_of_pair),
}
EFFECTS: dict[str, Effect] = {
    "invite_signatory": invited,
    "sign": signed,
    "decline_signing": declined,
    "withdraw_signature": withdrawn,
}
