"""What a member can do with a correction that is held back (`overtaken`): confirm it, or let it go.

To write it anew is to correct the text as always, and to let this one go.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from node.context import Transaction
from node.errors import Missing
from node.members import actions as members
from node.members.store import Member
from node.statements import composing, correcting, overtaken, store
from node.statements.rules import State


def found(tx: Transaction, subject: str) -> Row[Any]:
    """A correction that is held back. Raises Missing."""
    row = store.publication(tx, subject)
    if row is None or row.state != State.HELD.value:
        raise Missing("{iri} is no correction that is held back", iri=subject)
    return row


def confirm(tx: Transaction, subject: str, *, member: Member, urgent: bool = False) -> tuple[str, State]:
    """Propose a correction that was held back once more, on top of what stands there now: where both have changed the
    same, its words are to hold. The new correction's address, and where it stands.

    Raises Missing, Forbidden, Conflict, Invalid (with the field): it stays held back then.
    """
    held = found(tx, subject)
    iri = held.draft["corrects"]
    correcting.own(tx, iri)
    publication = store.publication(tx, iri)
    assert publication is not None, f"{iri} is one of ours that was corrected"
    kept, _, why_not = overtaken.brought_up(tx, publication, held.draft, regardless=True)
    if why_not is not None:
        raise why_not
    store.set_publication(tx, subject, State.CALLED_BACK)
    return correcting.correct(
        tx,
        iri,
        composing.revive(kept["draft"]),
        member=member,
        urgent=urgent,
        kind=held.kind,
        decision=held.draft[correcting.DECISION],
        errand=held.draft.get(correcting.ERRAND),
    )


def let_go(tx: Transaction, subject: str, *, member: Member) -> None:
    """A correction that is held back shall not leave. Raises Missing, Forbidden."""
    row = found(tx, subject)
    members.require(tx, member, "publish", actor=row.actor)
    store.set_publication(tx, subject, State.CALLED_BACK)
