"""Keeping the positions of other groups: a peer's are shown at once, a stranger's waits until a delegate admits it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from federation import origin
from federation.errors import Refused
from node import identifiers, objects
from node.context import Transaction
from node.intake import Ignored
from node.peering import store as peering
from node.positions import rules, store
from node.positions.rules import State
from node.statements import hearing as statements
from node.statements import versions
from node.statements.hearing import Hearing
from node.statements.rules import Interest
from schemas.position import Position

KIND = "Position"


def hear(tx: Transaction, position: Position, document: dict[str, Any], interest: Interest = Interest.TOLD) -> None:
    """Keep a position that its author vouches for. Raises Ignored if it is not ours to keep.

    Of an individual it is an answer like any other.
    """
    identifiers.check_length(position.about)
    if not store.is_group(tx, position.attributed_to, rules.GROUP_TYPES):
        statements.hear(tx, position, document, kind="Statement", interest=interest)
        return
    state = rules.state_of(recognised=is_recognised(tx, position.attributed_to))
    if state is State.WAITING:
        _check_room(tx, position.attributed_to)
    if statements.hear(tx, position, document, kind=KIND, interest=interest, public=state is State.SHOWN):
        enter(tx, position, state=state)


def _check_room(tx: Transaction, author: str) -> None:
    """Raise Ignored if too many positions wait; one server alone cannot fill the room that is there for all."""
    if store.count_waiting(tx) >= rules.WAITING_AT_MOST:
        raise Ignored("too many positions wait to be admitted")
    if store.count_waiting(tx, origin=origin.origin(author)) >= rules.WAITING_OF_ONE_SERVER:
        raise Ignored(f"too many positions of {origin.origin(author)} wait to be admitted")


def is_recognised(tx: Transaction, group: str) -> bool:
    """Whether the positions of a group are shown without being looked at: a group of this node follows it."""
    return peering.is_heard(tx, group)


def enter(tx: Transaction, position: Position, *, state: State) -> None:
    """Write the row of a position whose object has just been kept."""
    held = objects.find(tx, position.id)
    if held is None or held.kind != KIND:
        return
    store.enter(
        tx,
        position.id,
        sort_id=held.sort_id,
        about=position.about,
        author=position.attributed_to,
        stance=position.stance,
        of_version=position.of_version,
        state=state,
    )


def change(tx: Transaction, position: Position, document: dict[str, Any], *, moment: datetime) -> None:
    """Replace a position by a newer version of the same group; what it was stays readable.

    That of a group which is not recognised waits once more: what was admitted were other words.
    """
    held, known = objects.find(tx, position.id), store.find(tx, position.id)
    if held is None or held.deleted is not None:
        hear(tx, position, document)
        return
    if held.kind != KIND or known is None:
        statements.change(tx, position, document, kind="Statement", moment=moment)
        return
    if known.about != position.about:
        raise Refused(f"{position.id} is about {known.about}, and does not become one about {position.about}")
    if not statements.change(tx, position, document, kind=KIND, moment=moment):
        return
    blanked = statements.is_newly_redacted(position, held.document)
    if not blanked and known.state == State.SHOWN.value and versions.count(tx, held.iri) < rules.VERSIONS_OF_OTHERS:
        versions.keep(tx, held.iri, held.document, since=held.updated or held.published)
    state = rules.state_of(recognised=is_recognised(tx, held.author))
    store.change(tx, held.iri, stance=position.stance, of_version=position.of_version, state=state.value)
    objects.show(tx, held.iri, public=state is State.SHOWN)


HEARINGS: dict[str, Hearing] = {KIND: hear}
