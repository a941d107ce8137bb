"""What a member can do with her group's own positions: take one, replace it, revoke it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from node import actors, decisions, objects
from node.context import Effect, Transaction
from node.decisions import Act, Described
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.identifiers import spell
from node.members.store import Member
from node.positions import composing, rules, store
from node.positions.composing import compose
from node.positions.rules import State
from node.statements import actions as statements
from node.statements import composing as statement_composing
from node.statements import correcting, describing, markup, passing_on, publishing, quoting
from node.statements import store as publications
from node.statements.composing import Composed, Making
from node.statements.publishing import Issue, Previewing, Proposing
from node.statements.rules import Draft
from node.statements.rules import State as Publication
from node.translating import N_
from schemas import codes
from schemas.position import Position
from schemas.statement import Statement

KIND = "Position"
REVOKED = "revoked"


def take(
    tx: Transaction,
    draft: Draft,
    *,
    actor: str,
    member: Member,
    urgent: bool = False,
) -> tuple[str, Publication]:
    """Propose what the group `actor` thinks of the text that `draft.position` names: the IRI, and where it stands.

    Where the group has a position on that text already this one will replace it, at the same address; the IRI returned
    then is that of the publication. Raises Invalid (with the field), Forbidden, Missing or Conflict; nothing has
    changed then.
    """
    iri, _, kept = _prepared(tx, draft, actor=actor)
    more = {"kind": "position", "decision": "take_position"}
    return iri, publishing.submit(tx, iri, draft=kept, actor=actor, member=member, urgent=urgent, **more)


def preview(tx: Transaction, draft: Draft, *, actor: str) -> Statement:
    """What `draft` would be sent as, now. Writes nothing; raises Invalid, with the field, and Conflict."""
    _, address, kept = _prepared(tx, draft, actor=actor)
    return compose(tx, address, kept).statement


def _prepared(tx: Transaction, draft: Draft, *, actor: str) -> tuple[str, str, dict[str, Any]]:
    """The address of the publication, that of the position, and what is kept of it until it leaves."""
    about, _ = rules.check(draft)
    text = check_text(tx, about, actor=actor)
    statements.check(tx, composing.as_answer(draft), actor=actor)
    if (open_one := store.on_its_way(tx, author=actor, about=about)) is not None:
        raise Conflict("the group is taking a position on this text already: {iri}", iri=open_one.iri)
    before = store.live(tx, author=actor, about=about)
    number = tx.new_id()
    kept = statement_composing.keep(tx, draft, number, actor=actor) | {
        "of_version": composing.version_of(text).isoformat(),
        "replaces": before.iri if before is not None else None,
    }
    if before is None:
        iri = address = tx.node.address(f"/positions/{spell(number)}")
    else:
        iri, address = f"{before.iri}#position-{spell(number)}", before.iri
        _check_not_said(tx, address, draft)
    statement_composing.check_writable(lambda: compose(tx, address, kept).statement)
    return iri, address, kept


def check_text(tx: Transaction, iri: str, *, actor: str) -> Row[Any]:
    """The row of a text on which the group `actor` can take a position. Raises Missing, Conflict, Invalid, Refused."""
    row = passing_on.public(tx, iri)
    if row.kind not in rules.KINDS:
        sentence = "{iri} is a {kind}; positions are taken on statements, reports and events"
        raise Invalid(sentence, field="position_on", iri=iri, kind=row.kind)
    if row.author == actor:
        raise Invalid("a group takes no position on its own text: correct it instead", field="position_on")
    if not store.is_group(tx, row.author, rules.GROUP_TYPES):
        sentence = "{author} is no group; what one person says is answered, with reply_to"
        raise Invalid(sentence, field="position_on", author=row.author)
    return row


def _check_not_said(tx: Transaction, iri: str, draft: Draft) -> None:
    publication = publications.publication(tx, iri)
    if publication is not None and json.dumps(publication.draft["draft"], sort_keys=True) == json.dumps(
        asdict(draft), sort_keys=True
    ):
        raise Conflict("exactly this is the group's position already: {iri}", iri=iri)


def revoke(
    tx: Transaction, iri: str, *, member: Member, reason: str = REVOKED, urgent: bool = False
) -> decisions.State:
    """Propose to take back a position of ours; where that stands. Raises Invalid, Missing, Forbidden, Conflict."""
    if reason not in codes.DELETION_REASONS:
        known = ", ".join(codes.DELETION_REASONS)
        raise Invalid("“{reason}” is no category; say one of {known}", field="reason", reason=reason, known=known)
    row = own(tx, iri)
    held = store.find(tx, iri)
    if held is not None and (newer := store.on_its_way(tx, author=row.author, about=held.about)) is not None:
        raise Conflict("a newer position is on its way; it has to be called back first: {iri}", iri=newer.iri)
    subject = json.dumps([iri, reason])
    return decisions.propose(tx, "revoke_position", subject, actor=row.author, member=member, urgent=urgent)


def own(tx: Transaction, iri: str) -> Row[Any]:
    """The row of a position of ours that is public. Raises Missing, Forbidden, Conflict."""
    row = objects.find(tx, iri)
    if row is None or row.kind != KIND:
        if publications.publication(tx, iri) is not None:
            raise Conflict("it has not left; call it back with: commonwire recall {iri}", iri=iri)
        raise Missing("{iri} is no position that this node holds", iri=iri)
    if not row.local:
        raise Forbidden("{iri} is not ours: {author} has taken it", iri=iri, author=row.author)
    if row.deleted is not None:
        raise Conflict("{iri} was revoked on {day}", iri=iri, day=f"{row.deleted:%Y-%m-%d}")
    return row


def taken(tx: Transaction, subject: str) -> None:
    """Effect: the group has decided on a position."""
    publishing.adopt(tx, subject, issue, kind="take_position")


def issue(tx: Transaction, iri: str, kept: dict[str, Any]) -> None:
    """Send the position, or put it in place of the one there was; nothing leaves if its text was deleted meanwhile."""
    text = objects.find(tx, kept["draft"]["position"]["on"])
    before = objects.find(tx, kept["replaces"]) if kept["replaces"] else None
    if text is None or text.deleted is not None or (before is not None and before.deleted is not None):
        publications.set_publication(tx, iri, Publication.CALLED_BACK)
        return
    if before is not None:
        _replace(tx, before, kept)
    else:
        _issue_first(tx, compose(tx, iri, kept), kept)


def _issue_first(tx: Transaction, made: Composed, kept: dict[str, Any]) -> None:
    statement = quoting.issue(tx, made, kept, kind=KIND)
    position = _position(statement)
    store.enter(
        tx,
        position.id,
        sort_id=kept["sort_id"],
        about=position.about,
        author=position.attributed_to,
        stance=position.stance,
        of_version=position.of_version,
        state=State.SHOWN,
    )


def _replace(tx: Transaction, before: Row[Any], kept: dict[str, Any]) -> None:
    made = compose(tx, before.iri, kept)
    position = _position(correcting.newer(before, made.statement, tx))
    correcting.amend(tx, before, position, made.shown, also_to=made.audience.recipients)
    store.change(tx, before.iri, stance=position.stance, of_version=position.of_version)
    publications.set_draft(tx, before.iri, kept | {"replaces": None})


def _position(statement: Any) -> Position:
    assert isinstance(statement, Position), f"{statement.id} was made here, and is no position"
    return statement


def _describe(tx: Transaction, iri: str) -> Described:
    """A position that is proposed, with its stance in the language it is written in."""
    row = publications.publication(tx, iri)
    if row is None or "draft" not in row.draft:
        return Described(iri, address=iri)
    draft = statement_composing.revive(row.draft["draft"])
    language = draft.language or actors.local(tx, row.actor).language
    about, stance = draft.position["on"], draft.position["stance"]
    line = composing.stance_line(tx, about, stance, language=language)
    told = describing.publication(tx, iri)
    return Described(markup.plain(line), html=line + (told.html or ""), address=about)


ACTS: dict[str, Act] = {
    "take_position": Act("publish", "take_position", N_("take a position on somebody's text"), _describe),
    "revoke_position": Act("publish", "take_position", N_("revoke a position"), describing.first_of_pair),
}
EFFECTS: dict[str, Effect] = {"take_position": taken, "revoke_position": correcting.deleted}
REFUSALS: dict[str, Effect] = {"take_position": publishing.refuse}
PREVIEWING: dict[str, Previewing] = {"position": preview}
PROPOSING: dict[str, Proposing] = {"position": take}
ISSUES: dict[str, Issue] = {"position": issue}
MAKINGS: dict[str, Making] = {"position": Making(compose, lambda tx, made: None)}
