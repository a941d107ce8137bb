"""What a member can do with a draft: begin, save, comment, settle, drop it; propose it and call it back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Row

import schemas
from federation.errors import Unreachable
from node import former_groups, media
from node.context import Node, Transaction
from node.drafts import differences, rules, store, tongues
from node.drafts import previews as seen
from node.drafts.differences import Piece
from node.drafts.previews import Preview
from node.drafts.rules import Outcome, Place, Standing
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.jobs import Job, Promise, promise
from node.members import actions as members
from node.members.store import Member
from node.statements import composing, joining, languages, mentioning
from node.statements import store as publications
from node.statements.joining import Joined
from node.statements.rules import Draft, State


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of what somebody has saved: as which version, and what it says now.

    When it was set aside, `joined` holds both wordings, and the fields in which somebody has to choose.
    """

    outcome: Outcome
    version: int
    joined: Joined | None = None


def begin(tx: Transaction, draft: Draft, *, actor: str, member: Member, kind: str | None = None) -> int:
    """Keep a first version of a draft for the group `actor`; the draft's number.

    Raises Invalid, with the field, and Forbidden.
    """
    members.require(tx, member, "write", actor=actor)
    kind = kind or rules.kind_of(draft)
    if kind not in tx.node.rooms.proposing:
        kinds = ", ".join(sorted(tx.node.rooms.proposing))
        raise Invalid("there is no kind of draft “{kind}”; the kinds are {kinds}", kind=kind, kinds=kinds, field="kind")
    _check(tx, draft)
    number = store.add(tx, actor=actor, kind=kind)
    store.add_version(tx, number, asdict(draft), writer=member.id, based_on=None, place=Place.LINE)
    return number


def save(
    tx: Transaction, number: int, draft: Draft, *, based_on: int, member: Member, settles: int | None = None
) -> Saved:
    """Keep a newer version of a draft, written by somebody who had the version `based_on` before her.

    If others have saved meanwhile, both are joined; where they changed the same words, hers is kept and set aside.
    `settles` is a version that was set aside and that this one replaces. Raises Missing, Forbidden, Invalid, and
    Conflict while the group decides on it.
    """
    row = writable(tx, number, member)
    _check(tx, draft)
    base, head = content(tx, row, based_on), content(tx, row, row.head)
    if settles is not None:
        store.settle(tx, number, settles)
    if draft == head:
        return Saved(Outcome.SAME, row.head)
    if based_on == row.head:
        return Saved(Outcome.KEPT, _keep(tx, number, draft, member, based_on, Place.LINE))
    joined = joining.join(base, head, draft, names=(row.head, _next(tx, number)))
    if joined.quarrels:
        return Saved(Outcome.ASIDE, _keep(tx, number, draft, member, based_on, Place.ASIDE), joined)
    if joined.draft == head:
        return Saved(Outcome.SAME, row.head)
    _check(tx, joined.draft)
    return Saved(Outcome.JOINED, _keep(tx, number, joined.draft, member, row.head, Place.LINE), joined)


def joined_with_head(tx: Transaction, number: int, version: int, *, member: Member) -> Joined:
    """A version that was set aside and the head in one, for whoever settles it. Raises Missing, Conflict."""
    row = readable(tx, number, member)
    aside = _version(tx, row, version)
    if aside.place != Place.ASIDE.value or aside.based_on is None:
        raise Conflict("version {version} is not set aside", version=version)
    base, head = content(tx, row, aside.based_on), content(tx, row, row.head)
    return joining.join(base, head, composing.revive(aside.content), names=(row.head, version))


def leave_out(tx: Transaction, number: int, version: int, *, member: Member) -> None:
    """Settle a version that was set aside by leaving it out; it can be read until the group has decided."""
    row = writable(tx, number, member)
    _version(tx, row, version)
    store.settle(tx, number, version)


def comment(tx: Transaction, number: int, words: str, *, member: Member, version: int | None = None) -> int:
    """Say something about a draft; the comment's number. Raises Missing, Forbidden, Invalid, Conflict."""
    row = readable(tx, number, member)
    members.require(tx, member, "write", actor=row.actor)
    if _standing(row) not in (Standing.OPEN, Standing.PROPOSED):
        raise Conflict("the group has adopted draft {number}; there is nothing to comment on any more", number=number)
    row = _reopened(tx, row, member) if _standing(row) is Standing.OPEN else row
    said = rules.check_comment(words)
    about = row.head if version is None else _version(tx, row, version).number
    return store.add_comment(tx, number, said, version=about, writer=member.id)


def take_back_comment(tx: Transaction, number: int, comment: int, *, member: Member) -> None:
    """Delete a comment of one's own. Raises Missing, Forbidden."""
    readable(tx, number, member)
    found = store.comment(tx, number, comment)
    if found is None:
        raise Missing("there is no comment {comment} on draft {number}", comment=comment, number=number)
    if found.writer != member.id:
        raise Forbidden("comment {comment} is not yours", comment=comment)
    store.remove_comment(tx, comment)


def drop(tx: Transaction, number: int, *, member: Member) -> None:
    """Delete a draft with all its versions. Who did not write it alone needs a mandate to publish.

    Raises Missing, Forbidden, and Conflict while the group decides on it.
    """
    row = writable(tx, number, member)
    writers = {one.writer for one in store.versions_of(tx, number)}
    if writers != {member.id}:
        members.require(tx, member, "publish", actor=row.actor)
    pictures = store.pictures_of(tx, number)
    store.remove(tx, number)
    _leave_no_traces(tx, pictures)


def readable(tx: Transaction, number: int, member: Member) -> Row[Any]:
    """A draft that a member may read. Raises Missing for every other: that there is one is not told either."""
    row = store.find(tx, number)
    if row is not None:
        try:
            members.require(tx, member, "read", actor=row.actor)
        except Forbidden:
            row = None
    if row is None or _standing(row) is Standing.PUBLISHED:
        raise Missing("there is no draft {number}", number=number)
    return row


def writable(tx: Transaction, number: int, member: Member) -> Row[Any]:
    """A draft that a member may change now, opened again if it was called back. Raises Missing, Forbidden, Conflict."""
    return _reopened(tx, changeable(tx, number, member), member)


def changeable(tx: Transaction, number: int, member: Member) -> Row[Any]:
    """A draft that a member may change now; writes nothing. Raises Missing, Forbidden, Conflict."""
    row = readable(tx, number, member)
    members.require(tx, member, "write", actor=row.actor)
    match _standing(row):
        case Standing.PROPOSED:
            raise Conflict(
                "the group decides on draft {number} as it is; no word of it can be changed now", number=number
            )
        case Standing.WAITING:
            raise Conflict(
                "the group has adopted draft {number}; call it back first if it has to change", number=number
            )
        case _:
            return row


def content(tx: Transaction, row: Row[Any], number: int) -> Draft:
    """What a version of a draft says. Raises Missing."""
    return composing.revive(_version(tx, row, number).content)


def newest(tx: Transaction, row: Row[Any]) -> Draft:
    """What a draft says now, wherever it stands: its head, or the publication that was made of it."""
    found = store.version(tx, row.id, row.head)
    if found is not None:
        return composing.revive(found.content)
    made = publications.publication(tx, row.publication)
    return composing.revive(made.draft["draft"]) if made is not None and made.draft else Draft(text="")


def standing(row: Row[Any]) -> Standing:
    """Where a draft stands."""
    return _standing(row)


@dataclass(frozen=True, slots=True)
class Difference:
    """What has changed in one field, of the text in `language` if that is not the first."""

    field: str
    language: str | None
    pieces: tuple[Piece, ...]


def difference(tx: Transaction, number: int, before: int, after: int, *, member: Member) -> list[Difference]:
    """What has changed between two versions, field by field; fields that are the same are left out. Raises Missing."""
    row = readable(tx, number, member)
    return compared(content(tx, row, before), content(tx, row, after))


def compared(before: Draft, after: Draft) -> list[Difference]:
    """What has changed between two drafts, field by field."""
    found = _compared(before, after, after.language or before.language, "")
    old, new = ({one.language: one for one in draft.translations} for draft in (before, after))
    for language in dict.fromkeys([*old, *new]):
        nothing = Draft(text="", language=language)
        found += _compared(old.get(language, nothing), new.get(language, nothing), language, f"{language}.")
    return found


def _compared(before: Draft, after: Draft, language: str | None, prefix: str) -> list[Difference]:
    found = []
    for name, (old, new) in _fields(before, after).items():
        pieces = differences.between(old, new)
        if not differences.is_none(pieces):
            found.append(Difference(f"{prefix}{name}", language, pieces))
    return found


def _fields(before: Draft, after: Draft) -> dict[str, tuple[str, str]]:
    """Every field that either has, as text."""
    fields = {
        name: (_shown(getattr(before, name)), _shown(getattr(after, name))) for name in ("title", "text", "summary")
    }
    for name in ("language", "tags", "sensitive", "form", "reply_to", "quote", "minority_of", "pictures"):
        fields[name] = (_shown(getattr(before, name)), _shown(getattr(after, name)))
    for group in joining.FIELDS:
        old, new = getattr(before, group), getattr(after, group)
        fields |= {name: (old.get(name, ""), new.get(name, "")) for name in dict.fromkeys([*old, *new])}
    return fields


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return "\n".join(str(getattr(one, "description", one)) for one in value)
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value or "")


def adopted(tx: Transaction, iri: str) -> None:
    """What follows when the group has adopted a publication: what led to its text is deleted, and who wrote it."""
    row = store.of_publication(tx, iri)
    if row is None:
        return
    pictures = store.pictures_of(tx, row.id)
    if _standing(row) is Standing.PUBLISHED:
        store.remove(tx, row.id)
    else:
        store.forget_work(tx, row.id)
    _leave_no_traces(tx, pictures)


def _leave_no_traces(tx: Transaction, pictures: set[str]) -> None:
    gone = [name for name in pictures if not publications.shows(tx, name)]
    tx.after_commit(lambda: media.drop(tx.node, gone))
    promise(tx, Promise("forget_drafts", {}, key="forget_drafts"))


def prune_of_retired(tx: Transaction) -> int:
    """Delete the drafts of groups that were retired: nobody can read or drop them any more. How many there were."""
    numbers = [number for group in former_groups.retired(tx) for number in store.numbers_of(tx, group.iri)]
    for number in numbers:
        pictures = store.pictures_of(tx, number)
        store.remove(tx, number)
        _leave_no_traces(tx, pictures)
    return len(numbers)


async def forget_traces(node: Node, payload: dict[str, Any]) -> None:
    """Job: see to it that what was deleted of drafts is not left in the database's files."""
    if not await node.database.forget_deleted((store.versions.name, store.comments.name)):
        raise Unreachable("somebody is reading the database's log")


JOBS: dict[str, Job] = {"forget_drafts": forget_traces}


def _reopened(tx: Transaction, row: Row[Any], member: Member) -> Row[Any]:
    """A draft that can be worked on; one that was called back begins anew with the text that was to leave."""
    if row.publication is None:
        return row
    if store.version(tx, row.id, row.head) is None:
        # Under the number that it had: who has the form open has based what she writes on that.
        kept = asdict(newest(tx, row))
        store.add_version(tx, row.id, kept, writer=member.id, based_on=None, place=Place.LINE, number=row.head)
    store.set_publication(tx, row.id, None)
    found = store.find(tx, row.id)
    assert found is not None
    return found


def _check(tx: Transaction, draft: Draft) -> None:
    rules.check(draft, characters=tx.node.config.statement_characters, known=tongues.known())


def _version(tx: Transaction, row: Row[Any], number: int) -> Row[Any]:
    found = store.version(tx, row.id, number)
    if found is None:
        raise Missing("draft {draft} has no version {number}", draft=row.id, number=number)
    return found


def _keep(tx: Transaction, number: int, draft: Draft, member: Member, based_on: int, place: Place) -> int:
    return store.add_version(tx, number, asdict(draft), writer=member.id, based_on=based_on, place=place)


def _next(tx: Transaction, number: int) -> int:
    return int(max(one.number for one in store.versions_of(tx, number))) + 1


def _standing(row: Row[Any]) -> Standing:
    return rules.standing(State(row.state) if row.state is not None else None)


def previews(tx: Transaction, number: int, *, member: Member) -> list[tuple[str | None, list[Preview]]]:
    """What other servers would show of a draft as it stands: for each language, each of them.

    Raises Missing, and Invalid with the field for what could not be published as it is.
    """
    row = readable(tx, number, member)
    draft = newest(tx, row)
    show = tx.node.rooms.previewing.get(row.kind, tx.node.rooms.previewing["statement"])
    texts = [draft, *(translation(draft, one) for one in draft.translations)]
    made = []
    for text in texts:
        made.append(show(tx, text, actor=row.actor))
        show = tx.node.rooms.previewing["statement"]  # a translation of whatever it is is a statement
    together = {"languages": [(one.language or "und", one.id) for one in made]}
    documents = [schemas.serialise(languages.with_links(one, together)) for one in made]
    return [(text.language, seen.of(document)) for text, document in zip(texts, documents, strict=True)]


def asked_later(tx: Transaction, number: int, *, member: Member) -> list[str]:
    """The names in a draft that are looked up elsewhere once the group has decided, and not before. Raises Missing."""
    return mentioning.unknown(tx, newest(tx, readable(tx, number, member)))


def translation(draft: Draft, one: Draft) -> Draft:
    """One of the further texts of a draft, as it would be published: it answers and shows what the first one does."""
    return replace(
        one,
        tags=one.tags or draft.tags,
        sensitive=draft.sensitive,
        reply_to=draft.reply_to,
        quote=draft.quote,
        pictures=draft.pictures,
        form=draft.form,
    )
