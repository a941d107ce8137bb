"""Corrections that were overtaken: after one was written, another has changed the same text.

What was kept of a correction holds what stood there when it was written (`BEFORE`). When it is to leave, it is joined
with what has become of the text since: what only one of the two has changed is taken, field by field, and of the text
sentence by sentence. Where both have changed the same, or what comes of both could not be published, it is **held
back**: nothing leaves, nothing is lost, and a member confirms it, writes it anew, or lets it go.

Of two days up to which a report is true the later one holds, and what somebody has confirmed stays confirmed: about
neither of them is there a quarrel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Row

from node.context import Transaction
from node.errors import Invalid
from node.statements import composing, merging, store
from node.statements.joining import FIELDS, Joined, join
from node.statements.rules import Draft, State

BEFORE = "before"
AS_OF, CONFIRM = "as_of", "confirm"


@dataclass(frozen=True, slots=True)
class Held:
    """A correction that is held back: of which text, since when it is adopted, and the fields in which somebody has to
    choose. `why_not` says what is wrong with what would come of it, where no field is in the way."""

    subject: str
    corrects: str
    kind: str
    draft: Draft
    fields: tuple[str, ...]
    why_not: Invalid | None


def brought_up(
    tx: Transaction, publication: Row[Any], kept: dict[str, Any], *, regardless: bool = False
) -> tuple[dict[str, Any], tuple[str, ...], Invalid | None]:
    """What was kept of a correction, with all that its text has become since it was written; the fields in which both
    have changed the same, and what is wrong with it as a whole.

    With `regardless` its own words stand in those fields. Writes nothing.
    """
    if BEFORE not in kept:
        return kept, (), None
    one = composing.revive(kept["draft"])
    base, public = (_alike(composing.revive(draft), one) for draft in (kept[BEFORE], publication.draft["draft"]))
    if public == base:
        return kept, (), None
    joined = _without_small_quarrels(join(base, one, public, names=(1, 2)), one, public)
    text = merging.merge(base.text, one.text, public.text)
    draft = replace(joined.draft, text=merging.text_of_one(text) if regardless else joined.draft.text)
    mentions = {**publication.draft["mentions"], **kept["mentions"]}
    newer = {**kept, "draft": asdict(draft), "mentions": mentions}
    if joined.quarrels and not regardless:
        return newer, joined.quarrels, None
    return newer, joined.quarrels, _why_not(tx, publication, newer)


def _alike(draft: Draft, like: Draft) -> Draft:
    """Without what a correction never changes: the type, and the other languages, which are texts of their own."""
    return replace(draft, form=like.form, translations=like.translations)


def _without_small_quarrels(joined: Joined, one: Draft, other: Draft) -> Joined:
    values: dict[str, Any] = {}
    for name in FIELDS:
        mine, theirs = getattr(one, name), getattr(other, name)
        both = {key: (mine[key], theirs[key]) for key in (AS_OF, CONFIRM) if mine.get(key) and theirs.get(key)}
        if both:
            settled = {key: max(pair) if key == AS_OF else _all_words(pair) for key, pair in both.items()}
            values[name] = {**getattr(joined.draft, name), **settled}
    left = tuple(name for name in joined.quarrels if name not in (AS_OF, CONFIRM))
    return Joined(replace(joined.draft, **values), left)


def _all_words(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(" ".join(texts).replace(",", " ").replace(";", " ").split()))


def _why_not(tx: Transaction, publication: Row[Any], kept: Mapping[str, Any]) -> Invalid | None:
    """What is wrong with what comes of two corrections, each of which was right."""
    making = tx.node.rooms.makings[publication.kind]
    try:
        making.check(tx, composing.revive(kept["draft"]))
        composing.check_writable(lambda: making.compose(tx, publication.iri, dict(kept)).statement)
    except Invalid as error:
        return error
    return None


def hold(tx: Transaction, subject: str) -> None:
    """Keep a correction that was adopted from leaving, until somebody has looked at it."""
    store.set_publication(tx, subject, State.HELD)


def held_of(tx: Transaction, iri: str) -> list[Held]:
    """The corrections of a text that are held back, with what is in their way now."""
    publication = store.publication(tx, iri)
    if publication is None:
        return []
    return [_held(tx, publication, row) for row in store.corrections_of(tx, iri) if row.state == State.HELD.value]


def _held(tx: Transaction, publication: Row[Any], row: Row[Any]) -> Held:
    _, fields, why_not = brought_up(tx, publication, row.draft)
    return Held(row.iri, publication.iri, row.kind, composing.revive(row.draft["draft"]), fields, why_not)
