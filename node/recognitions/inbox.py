"""What a peer can do: say what it recognises. Taking that back is a Delete, as of every word."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from federation import origin
from federation.errors import Malformed, Refused
from federation.handling import HandlerTable
from federation.signatures import proofs
from node import activities, actors, identifiers, names, objects
from node.context import Transaction
from node.intake import Handler, Ignored, Incoming
from node.peering import store as peering
from node.recognitions import rules, store
from node.statements import markup
from schemas.context import PUBLIC
from schemas.recognition import Recognition

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
HANDLERS: HandlerTable[Handler] = HandlerTable()


@HANDLERS.on("Create", "Recognition")
def recognised(tx: Transaction, incoming: Incoming) -> None:
    """A group says what another is to it."""
    if not isinstance(incoming.value, Recognition):
        raise Malformed("object", "is not a recognition")
    origin.check_creation(incoming.actor, incoming.value.id, incoming.value.attributed_to)
    hear(tx, incoming.value, incoming.object_document)


def hear(tx: Transaction, value: Recognition, document: dict[str, Any]) -> None:
    """Keep what its author says. Raises Ignored if it is not ours to keep, Refused without a proof."""
    origin.check_foreign(value.id, own_origin=tx.node.config.origin)
    identifiers.check_length(value.id, value.object)
    if proofs.verification_method(document) is None:
        raise Refused(f"{value.id} carries no proof of {value.attributed_to}")
    ours = {group.iri for group in actors.groups(tx)}
    if value.object not in ours and not peering.is_heard(tx, value.attributed_to):
        raise Ignored(f"it is about no group of this node, and nobody here follows {value.attributed_to}")
    if activities.was_deleted(tx, value.id, actor=value.attributed_to):
        activities.forget(tx, value.id, author=value.attributed_to)
        return
    if store.count_by(tx, value.attributed_to) >= rules.OF_ONE_AT_MOST:
        raise Ignored(f"{value.attributed_to} recognises {rules.OF_ONE_AT_MOST} groups, which is enough")
    said = markup.plain(markup.html_of(value.content or "", None))
    store.keep(
        tx,
        value.id,
        author=value.attributed_to,
        about=value.object,
        words=names.visible(value.words) or "",
        reason=markup.shorten(said, rules.REASON_CHARACTERS),
        language=next(iter(value.content_map), None),
        since=max(min(value.published or tx.now, tx.now), EARLIEST),
        review_on=value.review_on.isoformat() if value.review_on is not None else None,
        open=PUBLIC in (*value.to, *value.cc),
        document=objects.encode(document),
    )
