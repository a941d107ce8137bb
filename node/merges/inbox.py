"""What a peer can do with struggles: say that two are one. Taking that back is a Delete, as of every word."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from federation import origin
from federation.errors import Malformed, Refused
from federation.handling import HandlerTable
from federation.signatures import proofs
from node import activities, identifiers, objects
from node.context import Transaction
from node.intake import Handler, Ignored, Incoming
from node.merges import rules, store
from node.objects import Kept
from node.peering import store as peering
from node.statements import hearing, markup
from node.statements.hearing import Hearing
from node.statements.rules import Interest, is_public
from schemas.merge import Merge

KIND = "Merge"
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
HANDLERS: HandlerTable[Handler] = HandlerTable()


@HANDLERS.on("Create", KIND)
def merged(tx: Transaction, incoming: Incoming) -> None:
    """A group says that two struggles are one."""
    if not isinstance(incoming.value, Merge):
        raise Malformed("object", "is not a merge")
    origin.check_creation(incoming.actor, incoming.value.id, incoming.value.attributed_to)
    hear(tx, incoming.value, incoming.object_document)


def hear(tx: Transaction, merge: Merge, document: dict[str, Any], interest: Interest = Interest.TOLD) -> None:
    """Keep what its author says of two struggles. Raises Ignored if it is not ours to keep, Refused without a proof.

    `interest` makes no difference: whoever is not followed counts in nobody's figures.
    """
    hearing.check_askable(tx, merge.id)
    identifiers.check_length(merge.id, merge.subject, merge.object)
    if proofs.verification_method(document) is None:
        raise Refused(f"{merge.id} carries no proof of {merge.attributed_to}")
    if not is_public(merge.to, merge.cc):
        raise Ignored("it is not for everybody")
    if not peering.is_heard(tx, merge.attributed_to):
        raise Ignored(f"no group here follows {merge.attributed_to}")
    if objects.find(tx, merge.id) is not None:
        return
    if activities.was_deleted(tx, merge.id, actor=merge.attributed_to):
        activities.forget(tx, merge.id, author=merge.attributed_to)
        return
    if store.count_of(tx, merge.attributed_to) >= rules.OF_ONE_AT_MOST:
        raise Ignored(f"{merge.attributed_to} has merged {rules.OF_ONE_AT_MOST} struggles, which is enough")
    _keep(tx, merge, document)


def _keep(tx: Transaction, merge: Merge, document: dict[str, Any]) -> None:
    published = max(min(merge.published or tx.now, tx.now), EARLIEST)
    row = Kept(
        iri=merge.id,
        sort_id=identifiers.mint(published),
        kind=KIND,
        author=merge.attributed_to,
        local=False,
        document=objects.encode(document),
        published=published,
        listed=False,
    )
    objects.keep(tx, [row])
    reason = markup.shorten(markup.plain(markup.html_of(merge.content or "", None)), rules.REASON_CHARACTERS)
    store.add(
        tx,
        merge.id,
        one=merge.subject,
        other=merge.object,
        author=merge.attributed_to,
        reason=reason,
        language=next(iter(merge.content_map), None),
    )


HEARINGS: dict[str, Hearing] = {KIND: hear}
