"""The table of signatures, ours and those of others, and its queries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Row, Table, Text, delete, func, select, update

from node.context import Transaction
from node.database import Moment, insert, metadata
from node.signatories.rules import UNANSWERED_FOR, State

signatures = Table(
    "signatures",
    metadata,
    Column("text", Text, nullable=False),
    Column("signatory", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("invite", Text),
    Column("stamp", Text),
    Column("digest", Text),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("text", "signatory"),
    Index("signatures_by_signatory", "signatory", "state"),
    Index("signatures_by_invite", "invite"),
    Index("signatures_by_stamp", "stamp"),
)


def find(tx: Transaction, text: str, signatory: str) -> Row[Any] | None:
    """The signature of one group under one text, wherever it stands."""
    query = select(signatures).where(signatures.c.text == text, signatures.c.signatory == signatory)
    return tx.execute(query).one_or_none()


def invited_by(tx: Transaction, invite: str) -> Row[Any] | None:
    """What an Invite was about."""
    return tx.execute(select(signatures).where(signatures.c.invite == invite)).first()


def stamped(tx: Transaction, stamp: str) -> Row[Any] | None:
    """What a stamp is about."""
    return tx.execute(select(signatures).where(signatures.c.stamp == stamp)).first()


def of(tx: Transaction, text: str, *states: State) -> list[Row[Any]]:
    """The signatures under a text that are in one of `states`, the oldest first."""
    table = signatures.c
    query = select(signatures).where(table.text == text, table.state.in_([one.value for one in states]))
    return list(tx.execute(query.order_by(table.at, table.signatory).limit(1000)))


def of_group(tx: Transaction, actor: str, *states: State) -> list[Row[Any]]:
    """What a group signs, or is asked to sign, the newest first."""
    table = signatures.c
    query = select(signatures).where(table.signatory == actor, table.state.in_([one.value for one in states]))
    return list(tx.execute(query.order_by(table.at.desc(), table.text).limit(1000)))


def under_texts_of(tx: Transaction, author: str) -> list[Row[Any]]:
    """Everybody whom a group has invited to sign a text of its own, the newest first."""
    query = select(signatures).where(signatures.c.author == author)
    return list(tx.execute(query.order_by(signatures.c.at.desc(), signatures.c.text).limit(1000)))


def count_asked(tx: Transaction, signatory: str, *, author: str | None = None) -> int:
    """How many invitations a group has not answered: all, or those of one author."""
    table = signatures.c
    query = select(func.count()).where(table.signatory == signatory, table.state == State.ASKED.value)
    if author is not None:
        query = query.where(table.author == author)
    return int(tx.execute(query).scalar_one())


def put(tx: Transaction, text: str, signatory: str, *, author: str, state: State, **more: str | None) -> None:
    """Write where a signature stands; of `invite`, `stamp` and `digest` what is not given stays."""
    values = {"author": author, "state": state.value, "at": tx.now, **more}
    statement = insert(tx, signatures).values(text=text, signatory=signatory, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["text", "signatory"], set_=values))


def set_state(tx: Transaction, row: Row[Any], state: State) -> None:
    """Write where a signature stands from now on."""
    query = update(signatures).where(signatures.c.text == row.text, signatures.c.signatory == row.signatory)
    tx.execute(query.values(state=state.value, at=tx.now))


def forget(tx: Transaction, text: str, signatory: str) -> None:
    """Drop what is known of a signature."""
    tx.execute(delete(signatures).where(signatures.c.text == text, signatures.c.signatory == signatory))


def forget_text(tx: Transaction, text: str, *, author: str) -> None:
    """Drop whatever is known of signatures under a text that its author has deleted."""
    tx.execute(delete(signatures).where(signatures.c.text == text, signatures.c.author == author))


def prune(tx: Transaction) -> int:
    """Drop invitations that nobody has answered for half a year; how many there were."""
    table = signatures.c
    old = (table.state.in_([State.ASKED.value, State.INVITED.value])) & (table.at < tx.now - UNANSWERED_FOR)
    keys = tx.execute(select(table.text, table.signatory).where(old).limit(1000)).all()
    for row in keys:
        forget(tx, row.text, row.signatory)
    return len(keys)
