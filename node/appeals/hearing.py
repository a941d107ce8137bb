"""Keeping what other groups ask for, and what they answer. Of an individual an answer is one like any other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from federation.errors import Refused
from node import identifiers, objects
from node.appeals import rules, store
from node.appeals.actions import ANSWER_KIND, KIND
from node.context import Transaction
from node.positions import rules as groups
from node.positions import store as positions
from node.statements import hearing as statements
from node.statements.hearing import Hearing
from node.statements.rules import Interest
from schemas.appeal import Appeal
from schemas.appeal_answer import AppealAnswer


def hear(tx: Transaction, appeal: Appeal, document: dict[str, Any], interest: Interest = Interest.TOLD) -> None:
    """Keep an appeal that its author vouches for. Raises Ignored if it is not ours to keep."""
    identifiers.check_length(appeal.struggle)
    if statements.hear(tx, appeal, document, kind=KIND, interest=interest):
        _enter(tx, appeal)


def change(tx: Transaction, appeal: Appeal, document: dict[str, Any], *, moment: datetime) -> None:
    """Replace an appeal by a newer version of the same author."""
    identifiers.check_length(appeal.struggle)
    if statements.change(tx, appeal, document, kind=KIND, moment=moment):
        _enter(tx, appeal)


def _enter(tx: Transaction, appeal: Appeal) -> None:
    held = objects.find(tx, appeal.id)
    if held is not None and held.kind == KIND:
        changed = min(held.updated or held.published, tx.now)
        store.put(tx, appeal, sort_id=held.sort_id, open_until=rules.open_until(appeal, changed=changed))


def hear_answer(
    tx: Transaction, answer: AppealAnswer, document: dict[str, Any], interest: Interest = Interest.TOLD
) -> None:
    """Keep what a group says to an appeal. Raises Ignored if it is not ours to keep."""
    identifiers.check_length(answer.appeal)
    is_group = positions.is_group(tx, answer.attributed_to, groups.GROUP_TYPES)
    kind = ANSWER_KIND if is_group else "Statement"
    if statements.hear(tx, answer, document, kind=kind, interest=interest):
        _enter_answer(tx, answer)


def change_answer(tx: Transaction, answer: AppealAnswer, document: dict[str, Any], *, moment: datetime) -> None:
    """Replace an answer by a newer version of the same group. Raises Refused if it would answer another appeal."""
    held, known = objects.find(tx, answer.id), store.find_answer(tx, answer.id)
    if held is None or held.deleted is not None:
        hear_answer(tx, answer, document)
        return
    if known is not None and known.appeal != answer.appeal:
        raise Refused(f"{answer.id} answers {known.appeal}, and does not come to answer {answer.appeal}")
    kind = ANSWER_KIND if held.kind == ANSWER_KIND else "Statement"
    if statements.change(tx, answer, document, kind=kind, moment=moment):
        _enter_answer(tx, answer)


def _enter_answer(tx: Transaction, answer: AppealAnswer) -> None:
    held = objects.find(tx, answer.id)
    if held is not None and held.kind == ANSWER_KIND:
        store.put_answer(tx, answer, sort_id=held.sort_id)


HEARINGS: dict[str, Hearing] = {KIND: hear, ANSWER_KIND: hear_answer}
