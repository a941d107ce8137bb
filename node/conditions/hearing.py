"""Keeping what other groups report of conditions. One that breaks a rule is kept as it came, and counted nowhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from node import identifiers, objects
from node.conditions import rules, store
from node.conditions.actions import KIND
from node.conditions.facts import facts
from node.context import Transaction
from node.statements import hearing as statements
from node.statements.hearing import Hearing
from node.statements.rules import Interest
from schemas.conditions_report import ConditionsReport


def hear(
    tx: Transaction, report: ConditionsReport, document: dict[str, Any], interest: Interest = Interest.TOLD
) -> None:
    """Keep a report that its author vouches for. Raises Ignored if it is not ours to keep."""
    identifiers.check_length(report.struggle)
    if statements.hear(tx, report, document, kind=KIND, interest=interest):
        _enter(tx, report, document)


def change(tx: Transaction, report: ConditionsReport, document: dict[str, Any], *, moment: datetime) -> None:
    """Replace a report by a newer version of the same author."""
    identifiers.check_length(report.struggle)
    if statements.change(tx, report, document, kind=KIND, moment=moment):
        _enter(tx, report, document)


def _enter(tx: Transaction, report: ConditionsReport, document: dict[str, Any]) -> None:
    held = objects.find(tx, report.id)
    if held is not None and held.kind == KIND:
        left_out = rules.left_out(document)
        store.put(tx, facts(report, sort_id=held.sort_id, said=held.published.year, left_out=left_out))


HEARINGS: dict[str, Hearing] = {KIND: hear}
