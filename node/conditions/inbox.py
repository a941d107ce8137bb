"""What a peer can do with reports of conditions: publish and change them. Delete is every word's: see `statements`."""

from __future__ import annotations

from federation.errors import Malformed
from federation.handling import HandlerTable
from node.conditions import hearing
from node.context import Transaction
from node.intake import Handler, Incoming
from node.statements.inbox import vouched
from schemas.conditions_report import ConditionsReport

HANDLERS: HandlerTable[Handler] = HandlerTable()


@HANDLERS.on("Create", "ConditionsReport")
def reported(tx: Transaction, incoming: Incoming) -> None:
    """A group reports conditions."""
    hearing.hear(tx, _report(incoming), incoming.object_document)


@HANDLERS.on("Update", "ConditionsReport")
def reports_otherwise(tx: Transaction, incoming: Incoming) -> None:
    """A group has changed what it reports."""
    moment = min(incoming.activity.published or tx.now, tx.now)
    hearing.change(tx, _report(incoming), incoming.object_document, moment=moment)


def _report(incoming: Incoming) -> ConditionsReport:
    report = vouched(incoming)
    if not isinstance(report, ConditionsReport):
        raise Malformed("object", "does not report conditions")
    return report
