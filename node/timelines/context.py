"""The thread around a text: what it answers, from the top, and the answers below it, each below what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from node.context import Transaction
from node.members.viewers import Viewer
from node.objects import objects
from node.timelines import actions

DEPTH_AT_MOST = 50
TOGETHER = 400  # parents in one question


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a thread is shown."""

    ancestors: int
    descendants: int


def around(tx: Transaction, row: Row[Any], viewer: Viewer | None, limits: Limits) -> tuple[list[str], list[str]]:
    """What stands above a text and below it: IRIs. Whom the viewer does not want to see is left out."""
    visible = [
        objects.c.public.is_(True), objects.c.deleted.is_(None), *actions.seen(tx, viewer),
        *actions.unwanted(tx, viewer).said,
    ]  # fmt: skip
    return _above(tx, row, visible, limits.ancestors), _below(tx, row, visible, limits.descendants)


def _above(tx: Transaction, row: Row[Any], visible: Sequence[Any], at_most: int) -> list[str]:
    found: list[str] = []
    parent = row.in_reply_to
    while parent is not None and parent not in found and len(found) < at_most:
        query = select(objects.c.iri, objects.c.in_reply_to).where(objects.c.iri == parent, *visible)
        above = tx.execute(query).one_or_none()
        if above is None:
            break
        found.append(above.iri)
        parent = above.in_reply_to
    return found[::-1]


def _below(tx: Transaction, row: Row[Any], visible: Sequence[Any], at_most: int) -> list[str]:
    answers: dict[str, list[str]] = {}
    level, number = [row.iri], 0
    for _ in range(DEPTH_AT_MOST):
        query = select(objects.c.iri, objects.c.in_reply_to).where(objects.c.in_reply_to.in_(level), *visible)
        rows = tx.execute(query.order_by(objects.c.sort_id).limit(min(at_most - number, TOGETHER))).all()
        for answer in rows:
            answers.setdefault(answer.in_reply_to, []).append(answer.iri)
        level, number = [answer.iri for answer in rows], number + len(rows)
        if not level or number >= at_most:
            break
    return list(_in_order(row.iri, answers))


def _in_order(root: str, answers: dict[str, list[str]]) -> Iterator[str]:
    """Each answer, and below it those to it, before the next; a thread that bites its own tail ends there."""
    waiting = answers.pop(root, [])[::-1]
    seen = {root}
    while waiting:
        iri = waiting.pop()
        if iri not in seen:
            seen.add(iri)
            yield iri
            waiting += answers.pop(iri, [])[::-1]
