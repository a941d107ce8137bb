"""What a peer can complain of: Flag."""

from __future__ import annotations

from typing import Any

from federation.errors import Malformed
from federation.handling import HandlerTable
from node import activities
from node.complaints import actions
from node.context import Transaction
from node.intake import Handler, Incoming
from schemas import activity as activity_documents
from schemas.kinds import PLAIN
from schemas.reading import reference, usable

HANDLERS: HandlerTable[Handler] = HandlerTable()


@HANDLERS.on("Flag", "*")
def flagged(tx: Transaction, incoming: Incoming) -> None:
    """Somebody complains of something of ours. The log keeps that she did, and not what she said."""
    about = usable(list(activity_documents.objects(incoming.document)), reference)
    actions.be_told(tx, by=incoming.actor, about=about, words=_words(incoming.document))
    activities.silence(tx, incoming.activity.id, actor=incoming.actor)


def _words(document: dict[str, Any]) -> str:
    for name in ("content", "contentMap", "summary"):
        try:
            return PLAIN.read(document.get(name))
        except Malformed:
            continue
    return ""
