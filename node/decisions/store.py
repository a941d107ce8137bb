"""Tables and queries of proposals, ballots and who has voted."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, PrimaryKeyConstraint, Row, Table, Text, delete, select, update

from node.context import Transaction
from node.database import Json, Moment, metadata
from node.decisions.rules import Choice, Rule, State, Tally

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("actor", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("rule", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("tally", Json),
    Column("opened", Moment, nullable=False),
    Column("closed", Moment),
)

# A ballot has no voter and no time, and its key is chance, so that not even the order of the rows says who cast it.
ballots = Table(
    "ballots",
    metadata,
    Column("key", Text, primary_key=True),
    Column("decision", Integer, ForeignKey("decisions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("choice", Text, nullable=False),
    sqlite_with_rowid=False,
)

electorate = Table(
    "electorate",
    metadata,
    Column("decision", Integer, ForeignKey("decisions.id", ondelete="CASCADE"), nullable=False),
    Column("member", Integer, ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("decision", "member"),
    sqlite_with_rowid=False,
)


def open(tx: Transaction, *, actor: str, kind: str, subject: str, rule: Rule) -> int:
    """Enter a proposal; its id."""
    values = {"actor": actor, "kind": kind, "subject": subject, "rule": rule.as_json(), "opened": tx.now}
    statement = decisions.insert().values(state=State.OPEN.value, **values).returning(decisions.c.id)
    return int(tx.execute(statement).scalar_one())


def find(tx: Transaction, decision: int) -> Row[Any] | None:
    """One proposal or decision."""
    return tx.execute(select(decisions).where(decisions.c.id == decision)).one_or_none()


def has_voted(tx: Transaction, decision: int, member: int) -> bool:
    """Whether a member's ballot is in."""
    query = select(electorate).where(electorate.c.decision == decision, electorate.c.member == member)
    return tx.execute(query).first() is not None


def enter_ballot(tx: Transaction, decision: int, member: int, choice: Choice) -> None:
    """Put in a ballot, and apart from it the mark that the member has voted."""
    tx.execute(electorate.insert().values(decision=decision, member=member))
    tx.execute(ballots.insert().values(key=secrets.token_hex(16), decision=decision, choice=choice.value))


def tally(tx: Transaction, decision: int) -> Tally:
    """Count the ballots of an open proposal."""
    return Tally.of(list(tx.execute(select(ballots.c.choice).where(ballots.c.decision == decision)).scalars()))


def close(tx: Transaction, decision: int, state: State, result: Tally) -> None:
    """Write down the tally and delete the ballots and the list of who has voted."""
    tx.execute(
        update(decisions)
        .where(decisions.c.id == decision)
        .values(state=state.value, tally=result.as_json(), closed=tx.now)
    )
    tx.execute(delete(ballots).where(ballots.c.decision == decision))
    tx.execute(delete(electorate).where(electorate.c.decision == decision))
