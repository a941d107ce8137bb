"""What a peer can do with positions: take and replace them. Delete is every word's: see the room `statements`."""

from __future__ import annotations

from federation.errors import Malformed
from federation.handling import HandlerTable
from node.context import Transaction
from node.intake import Handler, Incoming
from node.positions import hearing
from node.statements.inbox import vouched
from schemas.position import Position

HANDLERS: HandlerTable[Handler] = HandlerTable()


@HANDLERS.on("Create", "Position")
def taken(tx: Transaction, incoming: Incoming) -> None:
    """A group has taken a position."""
    hearing.hear(tx, _position(incoming), incoming.object_document)


@HANDLERS.on("Update", "Position")
def replaced(tx: Transaction, incoming: Incoming) -> None:
    """A group has changed its position."""
    moment = min(incoming.activity.published or tx.now, tx.now)
    hearing.change(tx, _position(incoming), incoming.object_document, moment=moment)


def _position(incoming: Incoming) -> Position:
    position = vouched(incoming)
    if not isinstance(position, Position):
        raise Malformed("object", "is not a position")
    return position
