"""What happens with requests for correction: anybody asks, and the group answers or closes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from node import decisions, objects
from node.context import Effect, Transaction
from node.corrections import pages, rules, store
from node.decisions import Act, Described
from node.decisions import State as DecisionState
from node.errors import Busy, Conflict, Invalid, Missing
from node.members import actions as members
from node.members.store import Member
from node.statements import actions as statements
from node.statements import store as publications
from node.statements.rules import Draft, State
from node.translating import N_

UNDER_WAY = (State.PROPOSED.value, State.WAITING.value)
TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What a correction is asked of: a text (its `row`), or a page that is nobody's; and the `group` that is asked,
    None for a text of another."""

    iri: str
    group: str | None
    row: Row[Any] | None


def asked_about(tx: Transaction, iri: str) -> Asked:
    """A public text that is held, ours or another's, or a page of this node. Raises Missing."""
    row = objects.find(tx, iri) if "\x00" not in iri else None
    if row is not None and row.public and row.deleted is None and publications.shown(tx, [iri]):
        return Asked(iri, row.author if row.local else None, row)
    if (group := pages.asked_of(tx, iri)) is not None:
        return Asked(iri, group, None)
    raise Missing("there is no text at “{iri}” here", iri=iri)


def ask(tx: Transaction, iri: str, words: str) -> None:
    """Somebody asks for a correction of a text of ours or of a page. Raises Missing, Invalid (with the field), Busy."""
    about, words = asked_about(tx, iri), rules.check_words(words)
    if about.group is None:
        raise Invalid("this text is not ours; ask its author", field="of")
    if store.count_once_more(tx, text=iri, words=words):
        return
    why_not = rules.why_not(
        of_text=store.count_of_today(tx, text=iri),
        open_of_text=store.count_open(tx, text=iri),
        of_node=store.count_of_today(tx),
        open_now=store.count_open(tx),
    )
    if why_not is not None:
        raise Busy(why_not)
    store.add(tx, group=about.group, text=iri, words=words)


def answer(
    tx: Transaction, number: int, *, asked: str, answer: str, member: Member, urgent: bool = False
) -> tuple[str, State]:
    """Propose what the group answers: the statement's IRI, and where it stands.

    `asked` is what was asked, in the group's words. Raises Missing, Forbidden, Conflict, Invalid (with the field).
    """
    row = open_request(tx, number, member)
    if asked_about(tx, row.text).row is None:
        draft, about = Draft(text=rules.answer_text(asked, answer, about=row.text)), None
    else:
        draft, about = Draft(text=rules.answer_text(asked, answer), reply_to=row.text), row.text
    iri, state = statements.publish(
        tx, draft, actor=row.group, member=member, urgent=urgent, answers_correction_of=about
    )
    store.set_answer(tx, number, answer=iri, text=row.text)
    return iri, state


def close(tx: Transaction, number: int, *, member: Member, urgent: bool = False) -> DecisionState:
    """Propose that a request needs no answer; where that stands. Raises Missing, Forbidden, Conflict."""
    row = open_request(tx, number, member)
    return decisions.propose(tx, "close_correction", str(number), actor=row.group, member=member, urgent=urgent)


def open_request(tx: Transaction, number: int, member: Member) -> Row[Any]:
    """A request that waits for an answer. Raises Missing, Forbidden, Conflict."""
    row = store.find(tx, number)
    if row is None:
        raise Missing("there is no request {number}", number=number)
    members.require(tx, member, "publish", actor=row.group)
    if row.closed:
        raise Conflict("request {number} is closed already", number=number)
    if is_being_answered(tx, row):
        raise Conflict("request {number} is being answered already", number=number)
    return row


def is_being_answered(tx: Transaction, row: Row[Any]) -> bool:
    """Whether an answer is proposed, or about to leave; one that was not adopted or called back counts no more."""
    publication = publications.publication(tx, row.answer) if row.answer is not None else None
    return publication is not None and publication.state in UNDER_WAY


def closed(tx: Transaction, subject: str) -> None:
    """Effect: a request needs no answer."""
    store.close(tx, int(subject))


def forget(tx: Transaction, iri: str, author: str) -> None:
    """Another has deleted something of its own: an answer to a correction, perhaps, or the text that was to be."""
    if not iri.startswith(f"{tx.node.config.origin}/"):
        store.forget_answer(tx, iri)


def settle(tx: Transaction) -> None:
    """At the end of a transaction: a public answer closes its request, and with a text go the requests about it."""
    ours = sorted(iri for iri in tx.touched if iri.startswith(f"{tx.node.config.origin}/"))
    if ours and store.any_held(tx):
        for start in range(0, len(ours), TOGETHER):
            store.settle(tx, ours[start : start + TOGETHER])


def _describe(tx: Transaction, subject: str) -> Described:
    row = store.find(tx, int(subject))
    return Described(f"{subject}: {row.words}" if row is not None and row.words else subject)


ACTS: dict[str, Act] = {
    "close_correction": Act("publish", "reply", N_("leave a request for a correction without an answer"), _describe),
}
EFFECTS: dict[str, Effect] = {"close_correction": closed}
