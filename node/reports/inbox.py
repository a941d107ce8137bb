"""What a peer can do with reports: publish and change them, and announce a collection of imported ones."""

from __future__ import annotations

from federation.errors import Malformed
from federation.handling import HandlerTable
from node.context import Transaction
from node.intake import IMPORT_DIGEST, Handler, Incoming
from node.reports import hearing
from node.statements import hearing as statements
from node.statements.inbox import vouched
from schemas.struggle_report import StruggleReport

HANDLERS: HandlerTable[Handler] = HandlerTable()


@HANDLERS.on("Create", "StruggleReport")
def created(tx: Transaction, incoming: Incoming) -> None:
    """An actor has reported on a struggle."""
    hearing.hear(tx, _report(incoming), incoming.object_document)


@HANDLERS.on("Update", "StruggleReport")
def updated(tx: Transaction, incoming: Incoming) -> None:
    """An actor has corrected or developed its report."""
    moment = min(incoming.activity.published or tx.now, tx.now)
    hearing.change(tx, _report(incoming), incoming.object_document, moment=moment)


@HANDLERS.on("Create", IMPORT_DIGEST)
def announced(tx: Transaction, incoming: Incoming) -> None:
    """An actor announces a collection of imported reports: keep the digest, and fetch the reports of those we hear."""
    hearing.hear_digest(tx, vouched(incoming), incoming.object_document)


@HANDLERS.on("Update", IMPORT_DIGEST)
def digest_changed(tx: Transaction, incoming: Incoming) -> None:
    """An actor has changed the words of a digest."""
    moment = min(incoming.activity.published or tx.now, tx.now)
    statements.change(tx, vouched(incoming), incoming.object_document, kind="Statement", moment=moment)


def _report(incoming: Incoming) -> StruggleReport:
    report = vouched(incoming)
    if not isinstance(report, StruggleReport):
        raise Malformed("object", "is not a report")
    return report
