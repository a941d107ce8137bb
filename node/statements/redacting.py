"""Blanking a part of what a group has said, wherever this node keeps it, and telling those who hold a copy.

The group decides so; or whoever runs the server does it from the command line because a law demands it, and the page
says that it was not the group. What stays is a tombstone: which part, the category of the reason, who, when, and the
digest of the text as it stood, which its salt, gone with the rest, keeps from being guessed back.

Everything else goes: from what is served, from earlier versions, from drafts and corrections that wait, from activities
of ours that were sent or are about to be, from pictures on the disk. Peers of ours do the same when the Update comes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from node import activities, actors, decisions, media, objects
from node.context import Effect, Transaction
from node.decisions import Act, Described, closing
from node.decisions import State as DecisionState
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.members.store import Member
from node.statements import blanks, composing, correcting, describing, languages, quotings, store, versions
from node.statements.blanks import ATTACHMENT, REVISION, Part, Why
from node.statements.overtaken import BEFORE
from node.translating import N_
from schemas import codes
from schemas.reading import loads

GROUP, HOST = "group", "host"
KINDS = (*correcting.KINDS, "Position")


def redact(
    tx: Transaction, iri: str, part: Part, *, reason: str, member: Member, urgent: bool = False
) -> DecisionState:
    """Propose to blank a part of a text of ours, for a reason of `codes.DELETION_REASONS`; where that stands.

    Raises Invalid (with the field), Missing, Forbidden, Conflict; nothing has changed then.
    """
    row = check(tx, iri, part, reason=reason)
    subject = json.dumps([iri, part.spelled, reason, _pin(row, part)])
    return decisions.propose(tx, "redact", subject, actor=row.author, member=member, urgent=urgent)


def check(tx: Transaction, iri: str, part: Part, *, reason: str, by: str = GROUP) -> Row[Any]:
    """The row of the text, if that part of it can be blanked now. Raises Invalid, Missing, Forbidden, Conflict."""
    if reason not in codes.DELETION_REASONS:
        known = ", ".join(codes.DELETION_REASONS)
        raise Invalid("“{reason}” is no category; say one of {known}", field="reason", reason=reason, known=known)
    row = own(tx, iri)
    if part.name == REVISION:
        _version(tx, iri, part)
        return row
    publication = _publication(tx, iri)
    kept = blanks.without(publication.draft, part, _why(tx, reason, by), language=_language(tx, publication))
    making = tx.node.rooms.makings[publication.kind]
    composing.check_writable(lambda: making.compose(tx, iri, kept).statement)
    return row


def own(tx: Transaction, iri: str) -> Row[Any]:
    """The row of anything of ours that was said and is public. Raises Missing, Forbidden, Conflict, Invalid."""
    row = objects.find(tx, iri)
    if row is None or (row.local and not row.public):
        raise Missing("this node has published nothing at “{iri}”", iri=iri)
    if not row.local:
        raise Forbidden("“{iri}” is not ours: {author} has said it", iri=iri, author=row.author)
    if row.deleted is not None:
        raise Conflict("“{iri}” was deleted on {day}: nothing of it is left", iri=iri, day=f"{row.deleted:%Y-%m-%d}")
    if row.kind not in KINDS:
        raise Invalid("“{iri}” is a {kind}, and no text that could be blanked", iri=iri, kind=row.kind)
    return row


def _publication(tx: Transaction, iri: str) -> Row[Any]:
    found = store.publication(tx, iri)
    if found is None or found.kind not in tx.node.rooms.makings or "draft" not in found.draft:
        raise Conflict("“{iri}” was made from a table: delete it, correct the table, and import it again", iri=iri)
    return found


def _version(tx: Transaction, iri: str, part: Part) -> Row[Any]:
    found = versions.find(tx, iri, part.number or 0)
    if found is None:
        raise Missing("there is no earlier version {number} of “{iri}”", number=part.number, iri=iri)
    if found.document is None:
        raise Conflict("version {number} is blank already", number=part.number)
    return found


def _why(tx: Transaction, reason: str, by: str) -> Why:
    return Why(reason, by, tx.now.date())


def _language(tx: Transaction, publication: Row[Any]) -> str:
    return str(publication.draft["draft"].get("language") or actors.local(tx, publication.actor).language)


def _pin(row: Row[Any], part: Part) -> str | None:
    """What a picture's number counts; it says nothing to whoever does not hold the text as it stood."""
    if part.name != ATTACHMENT:
        return None
    document = loads(row.document)
    return hashlib.sha256(json.dumps([document.get("salt"), document.get("attachment")]).encode()).hexdigest()


def redacted(tx: Transaction, subject: str) -> None:
    """Effect: the group has decided to blank a part. Raises Conflict if that is not there any more."""
    iri, spelled, reason, pin = json.loads(subject)
    row, part = objects.find(tx, iri), blanks.read(spelled)
    if row is None or row.deleted is not None:
        return
    if pin is not None and pin != _pin(row, part):
        raise Conflict("its pictures are others by now: propose it again, and look which one it is")
    blank(tx, iri, part, reason=reason, by=GROUP)


def blank(tx: Transaction, iri: str, part: Part, *, reason: str, by: str) -> None:
    """Blank a part at once, everywhere, and tell all who may hold a copy. Raises as `check` does."""
    row = check(tx, iri, part, reason=reason, by=by)
    pictures = _pictures(tx, row)
    if part.name == REVISION:
        _blank_version(tx, row, part, reason=reason, by=by)
    else:
        _blank_part(tx, row, part, reason=reason, by=by)
    left = _pictures(tx, row)
    gone = [name for name in pictures if name not in left and not store.shows(tx, name)]
    tx.after_commit(lambda: media.drop(tx.node, gone))
    closing.forget_traces(tx)


def _blank_version(tx: Transaction, row: Row[Any], part: Part, *, reason: str, by: str) -> None:
    version = _version(tx, row.iri, part)
    versions.blank(tx, row.iri, version.number, reason=reason)
    publication = store.publication(tx, row.iri)
    if publication is None or publication.kind not in tx.node.rooms.makings:
        return
    entry = _entry(tx, part, reason=reason, by=by, digest=version.digest)
    store.set_draft(tx, row.iri, _with(publication.draft, entry))
    correcting.say_again(tx, row.iri)


def _blank_part(tx: Transaction, row: Row[Any], part: Part, *, reason: str, by: str) -> None:
    publication, why = _publication(tx, row.iri), _why(tx, reason, by)
    tongue = _language(tx, publication)
    entry = _entry(tx, part, reason=reason, by=by, digest=objects.digest(row.document))
    kept = _with(blanks.without(publication.draft, part, why, language=tongue), entry)
    picture = _address_of(publication.draft, part, tx)
    for waiting in store.corrections_of(tx, row.iri):
        store.set_draft(tx, waiting.iri, _also_without(waiting.draft, publication.draft, part, why, tongue, entry))
    store.forget_corrections(tx, row.iri)
    for other in languages.others(row.iri, publication.draft):
        _without_copies(tx, other)
    store.set_draft(tx, row.iri, kept)
    making = tx.node.rooms.makings[publication.kind]
    made = making.compose(tx, row.iri, kept)
    newer = correcting.newer(row, made.statement, tx)
    correcting.amend(tx, row, newer, made.shown)
    making.replaced(tx, replace(made, statement=newer))
    _blank_versions(tx, row.iri, part, reason=reason, picture=picture)
    _renew_request(tx, row.iri)
    if part.name in blanks.OF_THE_DECISION:
        decisions.forget_words(tx, row.iri)


def _also_without(
    waiting: dict[str, Any], published: dict[str, Any], part: Part, why: Why, language: str, entry: dict[str, Any]
) -> dict[str, Any]:
    """A correction that is on its way, without what has just been blanked; one that lacks it stays as it is."""
    left = _lacking(waiting, published, part, why, language)
    if BEFORE in waiting:  # what stood there when it was written
        left = {**left, BEFORE: _lacking({"draft": waiting[BEFORE]}, published, part, why, language)["draft"]}
    return _with(left, entry)


def _lacking(kept: dict[str, Any], published: dict[str, Any], part: Part, why: Why, language: str) -> dict[str, Any]:
    if part.name == ATTACHMENT:
        name = published["draft"]["pictures"][(part.number or 1) - 1]["name"]
        names = [one["name"] for one in kept["draft"]["pictures"]]
        part = Part(ATTACHMENT, names.index(name) + 1 if name in names else 0)
    try:
        return blanks.without(kept, part, why, language=language)
    except Conflict:
        return kept


def _without_copies(tx: Transaction, iri: str) -> None:
    """The first of several languages was kept together with the others."""
    publication = store.publication(tx, iri)
    if publication is not None and publication.draft.get("draft", {}).get("translations"):
        draft = publication.draft["draft"] | {"translations": ()}
        store.set_draft(tx, iri, publication.draft | {"draft": draft})


def _with(kept: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    return {**kept, "redactions": [*kept.get("redactions", ()), entry]}


def _entry(tx: Transaction, part: Part, *, reason: str, by: str, digest: str) -> dict[str, Any]:
    at = tx.now.replace(microsecond=0).isoformat()
    return {"part": part.name, "number": part.number, "reason": reason, "by": by, "digest": digest, "at": at}


def _address_of(kept: dict[str, Any], part: Part, tx: Transaction) -> str | None:
    if part.name != ATTACHMENT:
        return None
    return tx.node.address(f"/media/{kept['draft']['pictures'][(part.number or 1) - 1]['name']}")


def _blank_versions(tx: Transaction, iri: str, part: Part, *, reason: str, picture: str | None) -> None:
    """What was kept of earlier versions, the one of a moment ago among them: without the part, or not at all."""
    for version in versions.of(tx, iri):
        if version.document is None:
            continue
        left = blanks.left_of(loads(version.document), part, gone=picture)
        if left is None:
            versions.blank(tx, iri, version.number, reason=reason)
        else:
            versions.rewrite(tx, iri, version.number, objects.encode(left))


def _renew_request(tx: Transaction, iri: str) -> None:
    """A QuoteRequest carries the whole text."""
    asked = quotings.find(tx, iri)
    request = activities.outgoing(tx, asked.request) if asked is not None and asked.request is not None else None
    row = objects.find(tx, iri)
    if request is not None and row is not None and "instrument" in loads(request.document):
        activities.renew(tx, request, loads(row.document), under="instrument")


def _pictures(tx: Transaction, row: Row[Any]) -> list[str]:
    """The files of the pictures that a text and its earlier versions show."""
    now = objects.find(tx, row.iri)
    documents = [one for one in (now.document if now else None, *versions.documents(tx, row.iri)) if one is not None]
    return composing.pictures_in(tx.node, documents)


def describe(tx: Transaction, subject: str) -> Described:
    """What is to be blanked, for members."""
    iri, spelled, reason, _ = json.loads(subject)
    told = describing.of_object(tx, iri)
    return replace(told, title=f"{spelled} ({reason}): {told.title}")


ACTS: dict[str, Act] = {"redact": Act("publish", "redact", N_("blank a part of what was published"), describe)}
EFFECTS: dict[str, Effect] = {"redact": redacted}
