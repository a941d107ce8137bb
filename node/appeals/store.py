"""Tables and queries of appeals, and of the answers to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Row,
    Table,
    Text,
    delete,
    select,
    update,
)

from node.appeals import rules
from node.context import Transaction
from node.database import insert, metadata
from node.objects import objects
from node.peering.standing import not_hidden
from schemas.amount import Amount
from schemas.appeal import Appeal
from schemas.appeal_answer import AppealAnswer

appeals = Table(
    "appeals",
    metadata,
    Column("iri", Text, ForeignKey("statements.iri", ondelete="CASCADE"), primary_key=True),
    Column("sort_id", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("struggle", Text),
    Column("until", Text),  # the last day that it names itself
    Column("open_until", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("goal", Double),
    Column("goal_currency", Text),
    Column("goal_unit", Text),
    Index("appeals_open", "status", "open_until"),
    Index("appeals_by_struggle", "struggle", "sort_id"),
    Index("appeals_by_author", "author", "sort_id"),
)

appeal_kinds = Table(
    "appeal_kinds",
    metadata,
    Column("appeal", Text, ForeignKey("appeals.iri", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
)

answers = Table(
    "appeal_answers",
    metadata,
    Column("iri", Text, ForeignKey("statements.iri", ondelete="CASCADE"), primary_key=True),
    Column("sort_id", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("appeal", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("pledge", Double),
    Column("pledge_currency", Text),
    Column("pledge_unit", Text),
    Index("appeal_answers_by_appeal", "appeal", "sort_id"),
)
TABLES = (appeals, appeal_kinds, answers)


def find(tx: Transaction, iri: str) -> Row[Any] | None:
    """One appeal."""
    return tx.execute(select(appeals).where(appeals.c.iri == iri)).one_or_none()


def find_answer(tx: Transaction, iri: str) -> Row[Any] | None:
    """One answer."""
    return tx.execute(select(answers).where(answers.c.iri == iri)).one_or_none()


def put(tx: Transaction, appeal: Appeal, *, sort_id: int, open_until: date) -> None:
    """Enter an appeal whose object is held, or say what its newer version says; its place stays."""
    values = {
        "author": appeal.attributed_to,
        "struggle": appeal.struggle,
        "until": appeal.until.isoformat() if appeal.until else None,
        "open_until": open_until.isoformat(),
        "status": appeal.status,
    } | _amount("goal", appeal.goal)
    if tx.execute(update(appeals).where(appeals.c.iri == appeal.id).values(**values)).rowcount == 0:
        tx.execute(appeals.insert().values(iri=appeal.id, sort_id=sort_id, **values))
    tx.execute(delete(appeal_kinds).where(appeal_kinds.c.appeal == appeal.id))
    tx.execute(insert(tx, appeal_kinds), [{"appeal": appeal.id, "kind": kind} for kind in dict.fromkeys(appeal.kinds)])


def put_answer(tx: Transaction, answer: AppealAnswer, *, sort_id: int) -> None:
    """Enter an answer whose object is held, or say what its newer version says; its appeal and its place stay."""
    values = {"kind": answer.kind} | _amount("pledge", answer.pledge)
    if tx.execute(update(answers).where(answers.c.iri == answer.id).values(**values)).rowcount == 0:
        fixed = {"iri": answer.id, "sort_id": sort_id, "author": answer.attributed_to, "appeal": answer.appeal}
        tx.execute(answers.insert().values(**fixed, **values))


def _amount(name: str, amount: Amount | None) -> dict[str, Any]:
    return {
        name: amount.value if amount else None,
        f"{name}_currency": amount.currency if amount else None,
        f"{name}_unit": amount.unit if amount else None,
    }


def amount_in(row: Row[Any], name: str) -> Amount | None:
    """The amount that a row holds under `name`."""
    value = getattr(row, name)
    if value is None:
        return None
    whole = int(value) if float(value).is_integer() else value
    return Amount(value=whole, currency=getattr(row, f"{name}_currency"), unit=getattr(row, f"{name}_unit"))


def kinds_of(tx: Transaction, iris: Sequence[str]) -> dict[str, list[str]]:
    """What each of `iris` asks for."""
    found: dict[str, list[str]] = {iri: [] for iri in iris}
    query = select(appeal_kinds).where(appeal_kinds.c.appeal.in_(iris))
    for row in tx.execute(query.order_by(appeal_kinds.c.appeal, appeal_kinds.c.kind)):
        found[row.appeal].append(row.kind)
    return found


def listed(
    tx: Transaction,
    *,
    struggles: Sequence[str] = (),
    kind: str | None = None,
    author: str | None = None,
    ended: bool = False,
    limit: int,
    before: int | None = None,
) -> list[Row[Any]]:
    """Appeals of this node's groups and of those it hears, the latest first: the open ones, or with `ended` all."""
    joined = appeals.join(objects, objects.c.iri == appeals.c.iri)
    shown = (objects.c.listed.is_(True), objects.c.public.is_(True), objects.c.deleted.is_(None))
    query = select(appeals).select_from(joined).where(*shown, *not_hidden(tx, appeals.c.author))
    query = query.order_by(appeals.c.sort_id.desc())
    if struggles:
        query = query.where(appeals.c.struggle.in_(struggles))
    if kind is not None:
        query = query.join(appeal_kinds, appeal_kinds.c.appeal == appeals.c.iri).where(appeal_kinds.c.kind == kind)
    if author is not None:
        query = query.where(appeals.c.author == author)
    if not ended:
        query = query.where(appeals.c.status.not_in(rules.ENDED), appeals.c.open_until >= tx.now.date().isoformat())
    if before is not None:
        query = query.where(appeals.c.sort_id < before)
    return list(tx.execute(query.limit(limit)))


def answers_to(tx: Transaction, appeal: str, *, limit: int) -> list[Row[Any]]:
    """The objects of the public answers to an appeal, the first one first."""
    query = (
        select(objects)
        .join(answers, answers.c.iri == objects.c.iri)
        .where(answers.c.appeal == appeal, objects.c.public.is_(True), objects.c.deleted.is_(None))
        .order_by(answers.c.sort_id)
        .limit(limit)
    )
    return list(tx.execute(query))


def answer_rows(tx: Transaction, iris: Sequence[str]) -> dict[str, Row[Any]]:
    """The answers among `iris`."""
    return {row.iri: row for row in tx.execute(select(answers).where(answers.c.iri.in_(iris)))}


def answered_by(tx: Transaction, author: str, *, limit: int) -> list[Row[Any]]:
    """A group's own answers, the latest first."""
    query = (
        select(answers)
        .join(objects, objects.c.iri == answers.c.iri)
        .where(answers.c.author == author, objects.c.deleted.is_(None))
    )
    return list(tx.execute(query.order_by(answers.c.sort_id.desc()).limit(limit)))


def who_answered(tx: Transaction, iris: Sequence[str]) -> list[Row[Any]]:
    """Which group has answered which of `iris`, each pair once."""
    query = (
        select(answers.c.appeal, answers.c.author)
        .join(objects, objects.c.iri == answers.c.iri)
        .where(answers.c.appeal.in_(iris), objects.c.public.is_(True), objects.c.deleted.is_(None))
        .distinct()
        .order_by(answers.c.appeal, answers.c.author)
        .limit(5000)
    )
    return list(tx.execute(query))
