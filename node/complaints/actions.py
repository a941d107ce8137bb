"""What happens with complaints: they come in, and a delegate closes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from node import actors, decisions, objects
from node.complaints import rules, sending, store
from node.complaints.rules import Outcome
from node.context import Effect, Transaction
from node.decisions import Act, Described, State
from node.errors import Conflict, Missing
from node.intake import Ignored
from node.members import actions as members
from node.members.store import Member
from node.statements import markup
from node.translating import N_


def be_told(tx: Transaction, *, by: str, about: Sequence[str], words: str) -> None:
    """Keep a complaint about something of ours. Raises Ignored if it is about nothing of ours, or one too many."""
    known = _ours(tx, list(dict.fromkeys(about))[: rules.ABOUT_AT_MOST])
    if not known:
        raise Ignored("it complains of nothing public that is ours")
    words = markup.shorten(" ".join(words.split()), rules.WORDS_CHARACTERS)
    mine = list(known)
    if store.count_once_more(tx, actor=by, about=mine, words=words):
        return
    why_not = rules.why_not(
        of_actor=store.of_today(tx, actor=by),
        of_host=store.of_today(tx, host=actors.host_of(by)),
        open_now=store.count_open(tx),
    )
    if why_not is not None:
        raise Ignored(why_not)
    store.add(tx, group=known[mine[0]], actor=by, about=mine, words=words)


def _ours(tx: Transaction, iris: Sequence[str]) -> dict[str, str]:
    """Those of `iris` that are public and ours, each with the group it is about."""
    groups = {group.iri for group in actors.groups(tx)}
    held = objects.find_all(tx, iris)
    found = {}
    for iri in iris:
        row = held.get(iri)
        if iri in groups:
            found[iri] = iri
        elif row is not None and row.local and row.public and row.deleted is None:
            found[iri] = row.author
    return found


def close(
    tx: Transaction, number: int, outcome: Outcome | None = None, *, member: Member, urgent: bool = False
) -> State:
    """Propose that a complaint has been dealt with, and how; where that stands. Raises Missing, Forbidden, Conflict."""
    row = store.find(tx, number)
    if row is None:
        raise Missing("there is no complaint {number}", number=number)
    if row.closed is not None:
        raise Conflict("complaint {number} is closed already", number=number)
    subject = json.dumps([number, asdict(outcome or Outcome())])
    return decisions.propose(tx, "close_complaint", subject, actor=row.group, member=member, urgent=urgent)


def closed(tx: Transaction, subject: str) -> None:
    """Effect: a complaint has been dealt with."""
    store.close(tx, *_read(subject))


def _read(subject: str) -> tuple[int, dict[str, Any] | None]:
    read = json.loads(subject)  # those that were proposed before there were reasons are a number alone
    return (read, None) if isinstance(read, int) else (int(read[0]), read[1])


def find(tx: Transaction, number: int, *, member: Member) -> Row[Any]:
    """A complaint, for a member who may deal with it. Raises Missing, Forbidden."""
    row = store.find(tx, number)
    if row is None:
        raise Missing("there is no complaint {number}", number=number)
    members.require(tx, member, "peer", actor=row.group)
    return row


def _describe(tx: Transaction, subject: str) -> Described:
    number, outcome = _read(subject)
    row = store.find(tx, number)
    said = f"{number}: {row.words}" if row is not None and row.words else str(number)
    if outcome is None:
        return Described(said)
    reasons = f" ({outcome['words']})" if outcome["words"] else ""
    return Described(f"{said} → {outcome['done']}, {outcome['ground']}{reasons}")


ACTS: dict[str, Act] = {
    "close_complaint": Act("peer", "limit_peer", N_("close a complaint"), _describe),
    "send_complaint": Act("peer", "limit_peer", N_("send a complaint to another server"), sending.describe),
}
EFFECTS: dict[str, Effect] = {"close_complaint": closed, "send_complaint": sending.sent}
