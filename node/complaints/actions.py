"""What happens with complaints: they come in, and a delegate closes them."""

from __future__ import annotations

from collections.abc import Sequence

from node import actors, decisions, objects
from node.complaints import rules, store
from node.context import Effect, Transaction
from node.decisions import Act, Described, State
from node.errors import Conflict, Missing
from node.intake import Ignored
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


def close(tx: Transaction, number: int, *, member: Member, urgent: bool = False) -> State:
    """Propose that a complaint has been dealt with; where that stands. Raises Missing, Forbidden, Conflict."""
    row = store.find(tx, number)
    if row is None:
        raise Missing("there is no complaint {number}", number=number)
    if row.closed is not None:
        raise Conflict("complaint {number} is closed already", number=number)
    return decisions.propose(tx, "close_complaint", str(number), actor=row.group, member=member, urgent=urgent)


def closed(tx: Transaction, subject: str) -> None:
    """Effect: a complaint has been dealt with."""
    store.close(tx, int(subject))


def _describe(tx: Transaction, subject: str) -> Described:
    row = store.find(tx, int(subject))
    return Described(f"{subject}: {row.words}" if row is not None and row.words else subject)


ACTS: dict[str, Act] = {
    "close_complaint": Act("peer", "limit_peer", N_("close a complaint"), _describe),
}
EFFECTS: dict[str, Effect] = {"close_complaint": closed}
