"""Complaints by the form: who sends one needs no account, and can see afterwards what became of it.

She gets the number of her complaint and a secret word. Kept of her is nothing else: of the word its digest, of the time
the hour. Nothing tells one sender from another, so the bounds are those of the thing complained of and of the form.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from node import actors, media_cache, objects
from node.complaints import rules, store
from node.complaints.rules import Source, Ticket
from node.context import Transaction
from node.errors import Busy, Conflict, Invalid, Missing
from node.identifiers import ALPHABET

WORD_CHARACTERS = 16
QUESTIONS = 64


@dataclass(frozen=True, slots=True)
class Subject:
    """What is complained of: its address, the `group` whose delegates read it, and its `row`, if it is a text."""

    iri: str
    group: str
    row: Row[Any] | None


def about(tx: Transaction, iri: str) -> Subject:
    """Something that this node shows to everybody: a group, or a text, ours or another's. Raises Missing."""
    if any(group.iri == iri for group in actors.groups(tx)):
        return Subject(iri, iri, None)
    row = objects.find(tx, iri) if "\x00" not in iri else None
    if row is None or not row.public or row.deleted is not None:
        raise Missing("there is nothing at “{iri}” here of which one could complain", iri=iri[:200])
    return Subject(iri, _concerned(tx, row), row)


def _concerned(tx: Transaction, row: Row[Any]) -> str:
    """Whose delegates: of the group that says it, or below whose words it stands, or of the main one."""
    if row.local:
        return str(row.author)
    above = objects.find_all(tx, [iri for iri in (row.in_reply_to, row.thread) if iri is not None])
    for iri in (row.in_reply_to, row.thread):
        if iri in above and above[iri].local:
            return str(above[iri].author)
    return str(actors.main_group(tx).iri)


def ticket(tx: Transaction) -> Ticket:
    """What the form carries from here, with a question where many have complained today."""
    chance = secrets.randbelow(QUESTIONS)
    return rules.ticket(media_cache.secret(tx), now=tx.now, chance=chance, asked=_asks(tx))


def _asks(tx: Transaction) -> bool:
    return store.of_form_today(tx) >= rules.ASKED_AFTER


def tell(tx: Transaction, iri: str, *, category: str, words: str, ticket: str, answer: str = "") -> tuple[int, str]:
    """Take a complaint of anybody; its number, and the word that shows what becomes of it.

    Raises Missing, Invalid (with the field), Busy.
    """
    subject, kind = about(tx, iri), rules.read_category(category)
    said = rules.check_words(words, needed=kind is rules.Category.OTHER)
    rules.check_ticket(ticket, answer, secret=media_cache.secret(tx), now=tx.now, asked=_asks(tx))
    told: dict[str, Any] = {"actor": "", "about": [subject.iri], "words": said}
    held = store.same(tx, **told)
    if held is not None:
        if held.times >= rules.TIMES_AT_MOST:
            raise Busy(rules.FULL_THING)
        store.count_once_more(tx, **told)
        return held.id, _word(tx, held.id)
    why_not = rules.why_no_form(
        of_thing=store.of_form_today(tx, subject.iri),
        of_form=store.of_form_today(tx),
        open_of_form=store.count_open(tx, source=Source.FORM),
    )
    if why_not is not None:
        raise Busy(why_not)
    hour = tx.now.replace(minute=0, second=0, microsecond=0)
    number = store.add(tx, group=subject.group, source=Source.FORM, category=kind.value, at=hour, **told)
    return number, _word(tx, number)


def _word(tx: Transaction, number: int) -> str:
    word = "".join(secrets.choice(ALPHABET) for _ in range(WORD_CHARACTERS))
    store.add_word(tx, number, word)
    return word


def seen(tx: Transaction, number: int, word: str) -> Row[Any]:
    """The complaint that a sender asks about. Raises Missing, whatever is wrong."""
    row = store.by_word(tx, number, word.strip().lower().replace("-", "").replace(" ", ""))
    if row is None:
        raise Missing("there is no complaint with this number and this word; it may have been deleted after 90 days")
    return row


def object_to(tx: Transaction, number: int, word: str, words: str) -> None:
    """Its sender objects to how a complaint was closed, once. Raises Missing, Conflict, Invalid."""
    row = seen(tx, number, word)
    if row.closed is None:
        raise Conflict("complaint {number} is open; there is nothing to object to yet", number=number)
    if row.objection is not None:
        raise Conflict("complaint {number} was looked at again already", number=number)
    said = rules.cleaned(words)
    if not said:
        raise Invalid("write why it should be looked at again", field="words")
    if len(said) > rules.REASONS_CHARACTERS:
        raise Invalid("write at most {characters} characters", field="words", characters=rules.REASONS_CHARACTERS)
    store.reopen(tx, number, said)
