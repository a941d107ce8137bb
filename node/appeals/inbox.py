"""What a peer can do with appeals: ask, change what it asks, answer. Delete is every word's: see `statements`."""

from __future__ import annotations

from federation.errors import Malformed
from federation.handling import HandlerTable
from node.appeals import hearing
from node.context import Transaction
from node.intake import Handler, Incoming
from node.statements.inbox import vouched
from schemas.appeal import Appeal
from schemas.appeal_answer import AppealAnswer

HANDLERS: HandlerTable[Handler] = HandlerTable()


@HANDLERS.on("Create", "Appeal")
def asked(tx: Transaction, incoming: Incoming) -> None:
    """A group asks for solidarity."""
    hearing.hear(tx, _appeal(incoming), incoming.object_document)


@HANDLERS.on("Update", "Appeal")
def asks_otherwise(tx: Transaction, incoming: Incoming) -> None:
    """A group has changed what it asks for, or says that it is there."""
    moment = min(incoming.activity.published or tx.now, tx.now)
    hearing.change(tx, _appeal(incoming), incoming.object_document, moment=moment)


@HANDLERS.on("Create", "AppealAnswer")
def answered(tx: Transaction, incoming: Incoming) -> None:
    """A group answers an appeal."""
    hearing.hear_answer(tx, _answer(incoming), incoming.object_document)


@HANDLERS.on("Update", "AppealAnswer")
def answers_otherwise(tx: Transaction, incoming: Incoming) -> None:
    """A group has changed its answer."""
    moment = min(incoming.activity.published or tx.now, tx.now)
    hearing.change_answer(tx, _answer(incoming), incoming.object_document, moment=moment)


def _appeal(incoming: Incoming) -> Appeal:
    appeal = vouched(incoming)
    if not isinstance(appeal, Appeal):
        raise Malformed("object", "is not an appeal")
    return appeal


def _answer(incoming: Incoming) -> AppealAnswer:
    answer = vouched(incoming)
    if not isinstance(answer, AppealAnswer):
        raise Malformed("object", "does not answer an appeal")
    return answer
