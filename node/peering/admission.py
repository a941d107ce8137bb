"""Who asks to follow a group of ours and waits, and how the group answers; and how others have answered us.

Words: a **request** is a Follow that waits (`follows.state` is `pending`, and the one who is followed is ours). The
group **admits** it (an Accept leaves), **declines** it (a Reject leaves, with the reason in words as its `content`), or
lets it wait. A group of another node is one that speaks for many: an Organization or a Group; or an Application or a
Service that says that it speaks our vocabulary (FEP-844e).

Who waits is the group's choice (`choices`); whatever it has chosen, nobody is followed back by herself. Both ends keep
the words of a Reject and show them. Who was let in before and is declined later follows no longer.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any, Final

import nh3
from sqlalchemy import Column, PrimaryKeyConstraint, Row, Table, Text, delete, func, select

from federation.errors import Malformed
from node import activities, actors, decisions, happenings, jobs, names
from node.actors import actors as known
from node.context import Transaction
from node.database import Moment, insert, metadata
from node.decisions import Described, State
from node.errors import Conflict, Invalid, Missing
from node.happenings import What
from node.jobs import Priority
from node.members.store import Member
from node.peering import choices, log, rules, standing, store
from node.peering.choices import Admits
from node.peering.log import Deed
from node.peering.rules import Follow
from node.peering.store import follows
from schemas import actor as actor_documents
from schemas.context import NS

GROUP_TYPES: Final = frozenset({"Organization", "Group"})
SPOKEN_FOR: Final = frozenset({"Application", "Service"})
REASON_CHARACTERS: Final = 2000
ADMITTED, DECLINED = "admitted", "declined"

follow_answers = Table(
    "follow_answers",
    metadata,
    Column("follower", Text, nullable=False),
    Column("followed", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("follower", "followed"),
)


def is_group(row: Row[Any] | None) -> bool:
    """Whether an actor speaks for many."""
    if row is None or row.type in GROUP_TYPES:
        return row is not None
    if row.type not in SPOKEN_FOR or row.document is None:
        return False
    try:
        return NS in actor_documents.parse(actors.document(row)).capabilities
    except Malformed:
        return False


def waits(tx: Transaction, *, follower: str, followed: str) -> bool:
    """Whether a new Follow waits until the group has answered it: by its choice, or because what comes is held."""
    admits = choices.of(tx, followed).admits
    if standing.standing(tx, actor=follower).is_held:
        return True
    return admits is Admits.NOBODY or (admits is Admits.PERSONS and is_group(actors.find(tx, follower)))


def let_wait(tx: Transaction, *, follower: str, followed: str, activity: str) -> None:
    """Enter a request; the group's delegates are told once, however often it is repeated."""
    held = store.find(tx, follower=follower, followed=followed)
    if held is not None and held.state == Follow.PENDING.value and held.activity == activity:
        return
    store.put(tx, follower=follower, followed=followed, activity=activity, state=Follow.PENDING)
    happenings.note(tx, What.ASKED, followed, actor=follower)


def let_in(tx: Transaction, *, follower: str, followed: str, activity: str) -> None:
    """Enter a follower and tell it so; a repeated Follow is answered again."""
    held = store.find(tx, follower=follower, followed=followed)
    if held is None or held.state != Follow.ACCEPTED.value:
        happenings.note(tx, What.FOLLOWED, followed, actor=follower)
    store.put(tx, follower=follower, followed=followed, activity=activity, state=Follow.ACCEPTED)
    answer(tx, "Accept", follower=follower, followed=followed, activity=activity)


def answer(tx: Transaction, kind: str, *, follower: str, followed: str, activity: str, **more: Any) -> None:
    """Send an Accept or a Reject of a Follow."""
    # Takahe loses an Accept whose embedded Follow has its actor as an object: ids only, and the Follow's own id.
    embedded = {"id": activity, "type": "Follow", "actor": follower, "object": followed}
    made = activities.make(tx, kind, actor=followed, object=embedded, to=[follower], **more)
    activities.send(tx, made, inboxes(tx, follower), priority=Priority.ANSWER)


def inboxes(tx: Transaction, iri: str) -> list[str]:
    """The inbox of one actor, if anything is sent to its host. Raises Missing."""
    row = actors.find(tx, iri)
    if row is None or row.inbox is None:
        raise Missing("{iri} has no inbox that is known here", iri=iri)
    sends = standing.sends_to(tx, actor=iri) and standing.sends_to(tx, host=actors.host_of(row.inbox))
    return [row.inbox] if sends else []


# ---- the group answers


def admit(tx: Transaction, who: str, *, actor: str, member: Member, urgent: bool = False) -> State:
    """Propose to let `who` follow the group `actor`. Raises Missing if it does not ask, Forbidden."""
    _asking(tx, who, actor)
    return decisions.propose(tx, "admit_follower", json.dumps([who, actor]), actor=actor, member=member, urgent=urgent)


def decline(tx: Transaction, who: str, reason: str = "", *, actor: str, member: Member, urgent: bool = False) -> State:
    """Propose not to let `who` follow the group `actor`, or no longer; `reason` is sent to it and kept.

    Raises Missing if it neither asks nor follows, Invalid, Forbidden.
    """
    held = store.find(tx, follower=who, followed=actor)
    if held is None or held.state not in rules.LIVE:
        raise Missing("{who} neither asks to follow the group nor follows it", who=who)
    if len(reason) > REASON_CHARACTERS:
        raise Invalid("a reason has at most {most} characters", field="reason", most=REASON_CHARACTERS)
    subject = json.dumps([who, actor, " ".join(reason.split())])
    return decisions.propose(tx, "decline_follower", subject, actor=actor, member=member, urgent=urgent)


def _asking(tx: Transaction, who: str, group: str) -> Row[Any]:
    held = store.find(tx, follower=who, followed=group)
    if held is None or held.state not in rules.LIVE:
        raise Missing("{who} does not ask to follow the group", who=who)
    if held.state == Follow.ACCEPTED.value:
        raise Conflict("{who} follows the group already", who=who)
    return held


def admitted(tx: Transaction, subject: str) -> None:
    """Effect: somebody who waits may follow. Of another group the past is read, although nobody here follows it."""
    who, group = json.loads(subject)
    held = store.find(tx, follower=who, followed=group)
    if held is None or held.state != Follow.PENDING.value:
        return  # it has taken its Follow back, or was let in meanwhile
    happenings.note(tx, What.ANSWERED, group, actor=who)
    let_in(tx, follower=who, followed=group, activity=held.activity)
    keep_answer(tx, follower=who, followed=group, answer=ADMITTED)
    _log(tx, Deed.ADMITTED, who, group, decided=("admit_follower", subject))
    if is_group(actors.find(tx, who)):  # the room `backfill` does it
        jobs.promise(tx, jobs.Promise("begin_backfill", {"actor": who}, key=f"begin_backfill {who}"))


def declined(tx: Transaction, subject: str) -> None:
    """Effect: somebody who waits, or follows, may not, and is told why."""
    who, group, reason = json.loads(subject)
    held = store.find(tx, follower=who, followed=group)
    if held is None or held.state not in rules.LIVE:
        return
    happenings.note(tx, What.UNFOLLOWED, group, actor=who)
    store.set_state(tx, follower=who, followed=group, state=Follow.REJECTED)
    keep_answer(tx, follower=who, followed=group, answer=DECLINED, reason=reason)
    _log(tx, Deed.DECLINED, who, group, decided=("decline_follower", subject), reason=reason)
    answer(
        tx, "Reject", follower=who, followed=group, activity=held.activity, **({"content": reason} if reason else {})
    )


def _log(tx: Transaction, deed: Deed, who: str, group: str, *, decided: tuple[str, str], reason: str = "") -> None:
    number = decisions.result(tx, *decided).number
    log.note(tx, deed, who, group=group, reason=reason, decision=number)


def keep_answer(tx: Transaction, *, follower: str, followed: str, answer: str, reason: str = "") -> None:
    """Keep how a request was answered, by us or by the one whom we asked, in place of an earlier answer."""
    values = {"answer": answer, "reason": reason[:REASON_CHARACTERS], "at": tx.now}
    statement = insert(tx, follow_answers).values(follower=follower, followed=followed, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["follower", "followed"], set_=values))


def plain(words: str) -> str:
    """What a stranger gives as a reason, in plain words and one line."""
    bare = html.unescape(nh3.clean(words[: 4 * REASON_CHARACTERS], tags=set()))
    return names.readable(bare)[:REASON_CHARACTERS]


# ---- what stands how


def requests(tx: Transaction, group: str, *, limit: int = 200) -> list[Row[Any]]:
    """Who asks to follow a group of ours and waits, the one who has waited longest first; with `since`."""
    query = (
        select(known, follows.c.since)
        .join(follows, follows.c.follower == known.c.iri)
        .where(follows.c.followed == group, follows.c.state == Follow.PENDING.value, known.c.gone.is_(None))
    )
    return list(tx.execute(query.order_by(follows.c.since, known.c.iri).limit(limit)))


def asked(tx: Transaction, group: str, *, limit: int = 200) -> list[Row[Any]]:
    """Whom a group of ours has asked to let it follow, whatever was answered, the latest first; with `since`."""
    query = select(known, follows.c.since).join(follows, follows.c.followed == known.c.iri)
    return list(tx.execute(query.where(follows.c.follower == group).order_by(follows.c.since.desc()).limit(limit)))


def count_requests(tx: Transaction, group: str) -> int:
    """How many ask to follow a group of ours and wait."""
    query = (
        select(func.count())
        .select_from(follows.join(known, follows.c.follower == known.c.iri))
        .where(follows.c.followed == group, follows.c.state == Follow.PENDING.value, known.c.gone.is_(None))
    )
    return int(tx.execute(query).scalar_one())


def answers_of(tx: Transaction, *, follower: str, followed: Sequence[str]) -> dict[str, Row[Any]]:
    """How those of `followed` have answered `follower`, by whom."""
    query = select(follow_answers).where(
        follow_answers.c.follower == follower, follow_answers.c.followed.in_(list(followed))
    )
    return {row.followed: row for row in tx.execute(query)}


def answer_to(tx: Transaction, *, follower: str, followed: str) -> Row[Any] | None:
    """How one request was answered."""
    return answers_of(tx, follower=follower, followed=[followed]).get(followed)


def is_admitted(tx: Transaction, actor: str) -> bool:
    """Whether `actor` is a group that a group of ours has admitted by a decision, and that follows it."""
    answered = follow_answers.c
    joined = follow_answers.join(
        follows, (follows.c.follower == answered.follower) & (follows.c.followed == answered.followed)
    )
    query = (
        select(answered.follower)
        .select_from(joined)
        .where(answered.follower == actor, answered.answer == ADMITTED, follows.c.state == Follow.ACCEPTED.value)
    )
    return tx.execute(query.limit(1)).first() is not None and is_group(actors.find(tx, actor))


def prune(tx: Transaction) -> int:
    """Forget answers about pairs of whom no follow is known any more; how many there were."""
    pair = (follows.c.follower == follow_answers.c.follower) & (follows.c.followed == follow_answers.c.followed)
    return int(tx.execute(delete(follow_answers).where(~select(follows.c.follower).where(pair).exists())).rowcount)


def described(tx: Transaction, subject: str) -> Described:
    """Who asks, with the reason if she is declined."""
    who, _, *reason = json.loads(subject)
    row = actors.find(tx, who)
    name = who if row is None else actors.handle_of(row)
    return Described(f"{name} ({reason[0]})" if reason and reason[0] else name, address=who)
