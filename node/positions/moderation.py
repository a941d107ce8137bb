"""What a delegate can do with the positions of others: admit a stranger's, turn it away, remove one for a reason.

That a position disagrees is no reason: there are four (`rules.REASONS`), and each removal is written down below the
text for everybody to see, with the group and the category. A stranger's position that was never shown is turned away
without a word.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row

from node import decisions, objects
from node.context import Effect, Transaction
from node.decisions import Act, Described, State
from node.errors import Conflict, Forbidden, Missing
from node.members.store import Member
from node.positions import rules, store
from node.positions.rules import State as Shown
from node.statements import describing
from node.statements import hearing as statements
from node.translating import N_

DECLINED = "not admitted"


def admit(tx: Transaction, iri: str, *, actor: str, member: Member, urgent: bool = False) -> State:
    """Propose to show a position that waits; where that stands. Raises Missing, Conflict, Forbidden."""
    _waiting(tx, iri, actor)
    return decisions.propose(tx, "admit_position", iri, actor=actor, member=member, urgent=urgent)


def decline(tx: Transaction, iri: str, *, actor: str, member: Member, urgent: bool = False) -> State:
    """Propose to turn away a position that waits; where that stands. Raises Missing, Conflict, Forbidden."""
    _waiting(tx, iri, actor)
    return decisions.propose(tx, "decline_position", iri, actor=actor, member=member, urgent=urgent)


def remove(tx: Transaction, iri: str, *, reason: str, actor: str, member: Member, urgent: bool = False) -> State:
    """Propose to remove a position of another that is shown here, for one of `rules.REASONS`.

    Raises Invalid, Missing, Conflict, Forbidden.
    """
    rules.check_reason(reason)
    row = _found(tx, iri, actor)
    if row.state != Shown.SHOWN.value:
        raise Conflict("it is not shown here ({state}): {iri}", iri=iri, state=row.state)
    if row.author == actor:
        raise Forbidden("it is the group's own: to take it back: commonwire position revoke {iri}", iri=iri)
    subject = json.dumps([iri, reason, actor])
    return decisions.propose(tx, "remove_position", subject, actor=actor, member=member, urgent=urgent)


def waiting(tx: Transaction, group: str) -> list[Row[Any]]:
    """The positions that wait and that the group can admit, the oldest first."""
    return [row for row in store.waiting(tx) if decides(tx, row, group)]


def decides(tx: Transaction, row: Row[Any], group: str) -> bool:
    """Whether a group of ours decides on what stands below a text: its author, and on those of others any group."""
    text = objects.find(tx, row.about)
    return text is None or not text.local or text.author == group


def _waiting(tx: Transaction, iri: str, actor: str) -> Row[Any]:
    row = _found(tx, iri, actor)
    if row.state != Shown.WAITING.value:
        raise Conflict("it does not wait to be admitted ({state}): {iri}", iri=iri, state=row.state)
    return row


def _found(tx: Transaction, iri: str, actor: str) -> Row[Any]:
    row = store.find(tx, iri)
    if row is None:
        raise Missing("{iri} is no position that this node holds", iri=iri)
    if not decides(tx, row, actor):
        raise Forbidden("it is about a text of another group of this node, which decides on it: {iri}", iri=iri)
    return row


def admitted(tx: Transaction, iri: str) -> None:
    """Effect: show a position."""
    row = store.find(tx, iri)
    if row is not None and row.state == Shown.WAITING.value:
        store.change(tx, iri, state=Shown.SHOWN.value)
        objects.show(tx, iri, public=True)


def admit_all_of(tx: Transaction, author: str) -> int:
    """Show what waits of a group that is followed now; how many there were."""
    rows = store.waiting(tx, author=author, limit=1000)
    for row in rows:
        admitted(tx, row.iri)
    return len(rows)


def declined(tx: Transaction, iri: str) -> None:
    """Effect: drop a position that nobody has seen, so that it does not come again."""
    row = store.find(tx, iri)
    if row is not None and row.state == Shown.WAITING.value:
        statements.bury(tx, iri, reason=DECLINED)


def removed(tx: Transaction, subject: str) -> None:
    """Effect: drop a position of another, and write down for which reason."""
    iri, reason, group = json.loads(subject)
    row = store.find(tx, iri)
    if row is None or row.state != Shown.SHOWN.value:
        return
    store.log_removal(tx, about=row.about, author=row.author, reason=reason, by=group)
    held = objects.find(tx, iri)
    if held is not None and held.local:  # of another group here: it stays at its own address
        store.change(tx, iri, state=Shown.REMOVED.value)
    else:
        statements.bury(tx, iri, reason=reason)


def prune_waiting(tx: Transaction) -> int:
    """Let go of positions that nobody has admitted in time; how many there were. They may be sent again."""
    iris = store.waiting_too_long(tx)
    statements.let_go(tx, iris)
    return len(iris)


def _describe_removal(tx: Transaction, subject: str) -> Described:
    iri, reason, _ = json.loads(subject)
    told = describing.of_object(tx, iri)
    return Described(f"{reason}: {told.title}", html=told.html, address=iri)


ACTS: dict[str, Act] = {
    "admit_position": Act("peer", "limit_peer", N_("show a position of another group"), describing.of_object),
    "decline_position": Act("peer", "limit_peer", N_("turn away a position of another group"), describing.of_object),
    "remove_position": Act("peer", "limit_peer", N_("remove a position of another group"), _describe_removal),
}
EFFECTS: dict[str, Effect] = {
    "admit_position": admitted,
    "decline_position": declined,
    "remove_position": removed,
}
