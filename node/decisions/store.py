"""Tables and queries of rules, proposals, ballots, receipts, and of who may vote and has voted."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    delete,
    func,
    select,
    update,
)

from node.context import Transaction
from node.database import Json, Moment, insert, metadata
from node.decisions.rules import UNDER_WAY, Choice, Record, Rule, State, Tally
from node.members.store import members

rules = Table(
    "rules",
    metadata,
    Column("actor", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("under", Text, nullable=False),
    Column("rule", Json, nullable=False),
    Column("since", Moment, nullable=False),
    PrimaryKeyConstraint("actor", "under"),
)

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
    Column("fingerprint", Text),  # of kind and subject, which may be longer than an index takes
    Column("voters", Text),
    Column("urgent", Boolean, nullable=False, server_default="0"),
    Column("not_before", Moment),
    Column("until", Moment),
    Column("eligible", Integer),
    Column("words", Json),
    Column("failed", Json),
    Column("anew", Moment),  # when the vote began once more, because the node was put back from a copy
    Index("decisions_by_fingerprint", "fingerprint"),
    Index("decisions_by_state", "state", "actor"),
)

# A ballot has no voter and no time, and its key is chance, so that not even the order of the rows says who cast it.
ballots = Table(
    "ballots",
    metadata,
    Column("key", Text, primary_key=True),
    Column("decision", Integer, ForeignKey("decisions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("choice", Text, nullable=False),
    Column("words", Text),
    sqlite_with_rowid=False,
)

# The roll: written when a proposal opens. `choice` is written at the levels `named` and `open` alone.
electorate = Table(
    "electorate",
    metadata,
    Column("decision", Integer, ForeignKey("decisions.id", ondelete="CASCADE"), nullable=False),
    Column("member", Integer, ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
    Column("voted", Boolean, nullable=False, server_default="1"),
    Column("choice", Text),
    PrimaryKeyConstraint("decision", "member"),
    sqlite_with_rowid=False,
)

receipts = Table(
    "receipts",
    metadata,
    Column("receipt", Text, primary_key=True),
    Column("decision", Integer, ForeignKey("decisions.id", ondelete="CASCADE"), nullable=False, index=True),
    sqlite_with_rowid=False,
)

# Who may withdraw what is open; forgotten when it closes.
proposers = Table(
    "proposers",
    metadata,
    Column("decision", Integer, ForeignKey("decisions.id", ondelete="CASCADE"), primary_key=True),
    Column("member", Integer, ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("decision", Integer, ForeignKey("decisions.id", ondelete="CASCADE"), nullable=False),
    Column("member", Integer, ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
    Column("tally", Json, nullable=False),
    PrimaryKeyConstraint("decision", "member"),
    sqlite_with_rowid=False,
)

T = TypeVar("T")
OF_OPEN_VOTES = (ballots, electorate, receipts, proposers, confirmations)
"""What is written while a vote is open: rewritten in the files when it closes, and in no backup before that."""

_CHANCE = SystemRandom()


# ---- rules of groups


def rule_in_force(tx: Transaction, actor: str, under: str) -> dict[str, Any] | None:
    """The rule a group has given itself for a kind of act, as it is kept."""
    found: dict[str, Any] | None = tx.execute(
        select(rules.c.rule).where(rules.c.actor == actor, rules.c.under == under)
    ).scalar_one_or_none()
    return found


def rules_in_force(tx: Transaction, actor: str) -> list[Row[Any]]:
    """All rules a group has given itself."""
    return list(tx.execute(select(rules).where(rules.c.actor == actor).order_by(rules.c.under).limit(100)))


def set_rule(tx: Transaction, actor: str, under: str, rule: Rule) -> None:
    """Write the rule for what is proposed from now on."""
    values = {"rule": rule.as_json(), "since": tx.now}
    statement = insert(tx, rules).values(actor=actor, under=under, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["actor", "under"], set_=values))


# ---- proposals


def open(
    tx: Transaction,
    *,
    actor: str,
    kind: str,
    subject: str,
    rule: Rule,
    voters: str,
    urgent: bool,
) -> int:
    """Enter a proposal; its id."""
    values = {
        "actor": actor,
        "kind": kind,
        "subject": subject,
        "fingerprint": fingerprint(kind, subject),
        "rule": rule.as_json(),
        "state": State.OPEN.value,
        "opened": tx.now,
        "voters": voters,
        "urgent": urgent,
        "not_before": tx.now + timedelta(seconds=rule.at_least) if rule.at_least else None,
        "until": tx.now + timedelta(seconds=rule.at_most) if rule.at_most else None,
    }
    return int(tx.execute(decisions.insert().values(**values).returning(decisions.c.id)).scalar_one())


def fingerprint(kind: str, subject: str) -> str:
    """What is looked for instead of a kind and a subject."""
    return hashlib.sha256(f"{kind}\0{subject}".encode()).hexdigest()


def find(tx: Transaction, decision: int) -> Row[Any] | None:
    """One proposal or decision."""
    return tx.execute(select(decisions).where(decisions.c.id == decision)).one_or_none()


def newest_about(tx: Transaction, kind: str, subject: str) -> Row[Any] | None:
    """The last proposal or decision of a kind about a subject."""
    query = select(decisions).where(decisions.c.fingerprint == fingerprint(kind, subject))
    return tx.execute(query.order_by(decisions.c.id.desc()).limit(1)).one_or_none()


def open_on(tx: Transaction, actor: str, subject: str) -> Row[Any] | None:
    """What a group is deciding at this moment about a subject, whatever kind of decision it is."""
    return next((row for row in under_way(tx, [actor]) if row.subject == subject), None)


def open_about(tx: Transaction, actor: str, kind: str, subject: str) -> Row[Any] | None:
    """What a group is deciding at this moment about a subject."""
    query = select(decisions).where(
        decisions.c.fingerprint == fingerprint(kind, subject),
        decisions.c.actor == actor,
        decisions.c.state.in_(UNDER_WAY),
    )
    return tx.execute(query.order_by(decisions.c.id).limit(1)).one_or_none()


def of_kind(tx: Transaction, kind: str) -> list[Row[Any]]:
    """What is open or counted of one kind, in whatever group."""
    query = select(decisions).where(decisions.c.state.in_(UNDER_WAY), decisions.c.kind == kind)
    return list(tx.execute(query.order_by(decisions.c.id).limit(1000)))


def under_way(tx: Transaction, actors: Sequence[str]) -> list[Row[Any]]:
    """What is open or counted in some groups; what ends first stands first."""
    query = select(decisions).where(decisions.c.state.in_(UNDER_WAY), decisions.c.actor.in_(actors))
    return list(tx.execute(query.order_by(decisions.c.until.is_(None), decisions.c.until, decisions.c.id).limit(1000)))


def closed(tx: Transaction, actors: Sequence[str], *, limit: int, before: int | None = None) -> list[Row[Any]]:
    """What some groups have decided, the last first; `before` is the id of the last one seen."""
    query = select(decisions).where(decisions.c.state.not_in(UNDER_WAY), decisions.c.actor.in_(actors))
    if before is not None:
        query = query.where(decisions.c.id < before)
    return list(tx.execute(query.order_by(decisions.c.id.desc()).limit(limit)))


def set_state(tx: Transaction, decision: int, state: State) -> None:
    """Write where a proposal stands."""
    tx.execute(update(decisions).where(decisions.c.id == decision).values(state=state.value))


def forget_words(tx: Transaction, subject: str, kinds: Sequence[str]) -> None:
    """Drop what members wrote with their ballots on a subject."""
    about = decisions.c.fingerprint.in_([fingerprint(kind, subject) for kind in kinds])
    tx.execute(update(decisions).where(about).values(words=None))


def set_failed(tx: Transaction, decision: int, why: dict[str, Any]) -> None:
    """Write why what was decided could not be carried out."""
    tx.execute(update(decisions).where(decisions.c.id == decision).values(failed=why))


# ---- who may vote, and who has voted


def write_roll(tx: Transaction, decision: int, voters: Sequence[int]) -> None:
    """Write down who may vote, and how many they are."""
    tx.execute(update(decisions).where(decisions.c.id == decision).values(eligible=len(voters)))
    rows = [{"decision": decision, "member": member, "voted": False} for member in shuffled(voters)]
    if rows:
        tx.execute(electorate.insert(), rows)


def on_roll(tx: Transaction, decision: int, member: int) -> Row[Any] | None:
    """The line of the roll of one member."""
    query = select(electorate).where(electorate.c.decision == decision, electorate.c.member == member)
    return tx.execute(query).one_or_none()


def not_voted(tx: Transaction, decision: int) -> set[int]:
    """Those on the roll whose ballot is not in."""
    query = select(electorate.c.member).where(electorate.c.decision == decision, electorate.c.voted.is_(False))
    return set(tx.execute(query).scalars())


def strike_off(tx: Transaction, decision: int, voters: Collection[int]) -> None:
    """Take members who may vote no more from the roll."""
    where = (electorate.c.decision == decision, electorate.c.member.in_(voters), electorate.c.voted.is_(False))
    tx.execute(delete(electorate).where(*where))


def named_ballots(tx: Transaction, decision: int) -> list[Row[Any]]:
    """Who voted what (name, choice), where that is kept, by name."""
    query = (
        select(members.c.name, electorate.c.choice)
        .join(members, members.c.id == electorate.c.member)
        .where(electorate.c.decision == decision, electorate.c.choice.is_not(None))
    )
    return list(tx.execute(query.order_by(members.c.name).limit(10_000)))


def set_proposer(tx: Transaction, decision: int, member: int) -> None:
    """Write down who may withdraw a proposal."""
    tx.execute(proposers.insert().values(decision=decision, member=member))


def proposer(tx: Transaction, decision: int) -> int | None:
    """Who may withdraw a proposal."""
    found: int | None = tx.execute(
        select(proposers.c.member).where(proposers.c.decision == decision)
    ).scalar_one_or_none()
    return found


# ---- ballots


def enter_ballot(
    tx: Transaction, decision: int, member: int, choice: Choice, *, words: str | None, record: Record
) -> str:
    """Put in a ballot, and apart from it the mark that the member has voted; her receipt.

    All ballots, receipts and lines of the roll are written anew in an order of chance: else the place of a row in the
    file, or the number of the transaction that wrote it, would tell which ballot came with which mark.
    """
    receipt = secrets.token_hex(10)
    cast = [(row.choice, row.words) for row in all_ballots(tx, decision)]
    counted = list(receipts_of(tx, decision))
    roll = tx.execute(select(electorate).where(electorate.c.decision == decision)).all()
    for table in (ballots, receipts, electorate):
        tx.execute(delete(table).where(table.c.decision == decision))
    tx.execute(
        ballots.insert(),
        [
            {"key": secrets.token_hex(16), "decision": decision, "choice": said, "words": text}
            for said, text in shuffled([*cast, (choice.value, words)])
        ],
    )
    tx.execute(receipts.insert(), [{"receipt": one, "decision": decision} for one in shuffled([*counted, receipt])])
    lines = [dict(line._mapping) for line in roll]
    for line in lines:
        if line["member"] == member:
            line |= {"voted": True, "choice": None if record is Record.TALLY else choice.value}
    tx.execute(electorate.insert(), shuffled(lines))
    return receipt


def shuffled(values: Sequence[T]) -> list[T]:
    """In an order of chance."""
    return _CHANCE.sample(list(values), len(values))


def all_ballots(tx: Transaction, decision: int) -> list[Row[Any]]:
    """The ballots of an open proposal, in no order that means anything."""
    query = select(ballots.c.choice, ballots.c.words).where(ballots.c.decision == decision)
    return list(tx.execute(query.order_by(ballots.c.key)))


def receipts_of(tx: Transaction, decision: int) -> list[str]:
    """The receipts of all ballots that were counted, by themselves in order."""
    query = select(receipts.c.receipt).where(receipts.c.decision == decision).order_by(receipts.c.receipt)
    return list(tx.execute(query).scalars())


def tally(tx: Transaction, decision: int) -> Tally:
    """Count the ballots of an open proposal."""
    return Tally.of(list(tx.execute(select(ballots.c.choice).where(ballots.c.decision == decision)).scalars()))


def turnout(tx: Transaction, decision: int) -> int:
    """How many ballots are in."""
    query = select(func.count()).select_from(ballots).where(ballots.c.decision == decision)
    return int(tx.execute(query).scalar_one())


# ---- tellers


def confirm(tx: Transaction, decision: int, member: int, tally: Tally) -> None:
    """Write down what a teller has counted."""
    tx.execute(confirmations.insert().values(decision=decision, member=member, tally=tally.as_json()))


def confirmed(tx: Transaction, decision: int) -> list[Row[Any]]:
    """What tellers have counted so far."""
    query = select(confirmations).where(confirmations.c.decision == decision)
    return list(tx.execute(query.order_by(confirmations.c.member).limit(10)))


# ---- the end


def close(
    tx: Transaction,
    decision: int,
    state: State,
    *,
    result: Tally | None,
    eligible: int | None,
    words: list[dict[str, str]],
    closed: datetime,
) -> None:
    """Write down how it ended."""
    values = {"state": state.value, "closed": closed, "eligible": eligible, "words": words or None}
    tally = None if result is None else result.as_json()
    tx.execute(update(decisions).where(decisions.c.id == decision).values(tally=tally, **values))


def forget(tx: Transaction, decision: int, *, record: Record, receipts_too: bool) -> None:
    """Delete the ballots, who proposed and who counted; and of the roll what the level of the record does not keep."""
    for table in (ballots, proposers, confirmations, *((receipts,) if receipts_too else ())):
        tx.execute(delete(table).where(table.c.decision == decision))
    lines = delete(electorate).where(electorate.c.decision == decision)
    kept = electorate.c.choice.is_(None) if record is not Record.TALLY and not receipts_too else None
    tx.execute(lines if kept is None else lines.where(kept))
