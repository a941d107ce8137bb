"""Putting a draft to the group, and stopping it while that is still possible."""

from __future__ import annotations

from node.context import Transaction
from node.drafts import actions, rules, store
from node.drafts.rules import Standing
from node.errors import Conflict, Invalid
from node.members.store import Member
from node.statements import asking, publishing
from node.statements.rules import Draft, State

IN_SEVERAL_LANGUAGES = ("statement", "report")


def propose(
    tx: Transaction,
    number: int,
    *,
    version: int,
    member: Member,
    urgent: bool = False,
    confirm: str = "",
) -> tuple[str, State]:
    """Put the head of a draft, which must be the `version` that the member has seen, to the group.

    `confirm` are the words of what is asked twice; they stay in the draft. Returns the address that it will have and
    where it stands; from now on no word of it can be changed. Raises Missing, Forbidden, Invalid with the field
    (Unconfirmed where something is asked first), and Conflict if somebody has saved meanwhile or a version is aside.
    """
    row = actions.writable(tx, number, member)
    if row.head != version:
        raise Conflict(
            "draft {number} has been changed since: you have seen version {seen}, and now it is version {head}",
            number=number,
            seen=version,
            head=row.head,
        )
    if unsettled := store.aside(tx, number):
        raise Conflict(
            "version {version} was set aside, and nobody has settled it: take it in or leave it out first",
            version=unsettled[0],
        )
    draft = actions.newest(tx, row)
    if confirm:
        draft = asking.confirmed(draft, [confirm])
        actions.save(tx, number, draft, based_on=version, member=member)
    rules.check_settled(draft)
    _check_translations(tx, row.kind, row.actor, draft)
    put = tx.node.rooms.proposing[row.kind]
    iri, state = put(tx, draft, actor=row.actor, member=member, urgent=urgent)
    store.set_publication(tx, number, iri)
    if state is not State.PROPOSED:
        actions.adopted(tx, iri)  # decided at once, before anybody could know of which draft
    return iri, state


def call_back(tx: Transaction, number: int, *, member: Member) -> None:
    """Stop a draft that the group has adopted and that has not left. Raises Missing, Forbidden, Conflict."""
    row = actions.readable(tx, number, member)
    if actions.standing(row) is not Standing.WAITING:
        raise Conflict("draft {number} is not about to leave, so it cannot be called back", number=number)
    publishing.call_back(tx, row.publication, member=member)


def _check_translations(tx: Transaction, kind: str, actor: str, draft: Draft) -> None:
    """Raise Invalid, naming language and field, unless the texts in further languages can be published as well."""
    if draft.translations and kind not in IN_SEVERAL_LANGUAGES:
        raise Invalid("a draft of this kind has one language; take the others out", field="language")
    for one in draft.translations:
        try:
            tx.node.rooms.previewing["statement"](tx, actions.translation(draft, one), actor=actor)
        except Invalid as error:
            raise Invalid(
                "the text in “{language}”: {reason}",
                language=one.language,
                reason=error.why,
                field=f"{one.language}.{error.field or 'text'}",
            ) from None
