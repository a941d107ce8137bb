"""The vote of a group in a poll of another server: an act by its rule, told to nobody but the author of the poll.

A group votes once, for one option or, where the poll allows it, several; nothing takes a vote back. Each option leaves
as a Note with its name alone (FEP-9967, "Voting"; Mastodon). Who counts is the author's server: it is asked for the
counts when the vote has had time to arrive.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Row, Table, Text, bindparam, select

import schemas
from federation import origin
from federation.client import Budget
from federation.errors import Malformed, Refused
from node import activities, decisions, intake, objects
from node.context import Effect, Node, Transaction
from node.database import Json, Moment, insert, metadata
from node.decisions import Act, Described
from node.decisions import State as DecisionState
from node.errors import Conflict, Invalid, Missing
from node.identifiers import spell
from node.jobs import Job, Priority, Promise, promise
from node.members.store import Member
from node.peering import store as peering
from node.prepared import Prepared, any_of, several
from node.statements import describing, extras, hearing, markup, passing_on, reaching, rules, store
from node.translating import N_, translated
from schemas.question import Question
from schemas.reading import loads

KIND = "vote_in_poll"
COUNTED_AFTER = timedelta(seconds=20)
"""How long after the vote has left its poll is fetched: author's servers count within seconds."""

poll_votes = Table(
    "poll_votes",
    metadata,
    Column("actor", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("poll", Text, nullable=False),
    Column("choices", Json, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("actor", "poll"),
)
_CAST = Prepared(
    select(poll_votes.c.poll, poll_votes.c.choices).where(
        any_of(poll_votes.c.poll), poll_votes.c.actor == bindparam("group")
    )
)


def cast(tx: Transaction, actor: str, iris: Sequence[str]) -> dict[str, list[int]]:
    """Which options, counted from 0, a group has chosen in each of these polls in which it has voted."""
    return {row.poll: row.choices for row in several(tx, _CAST, iris, group=actor)}


def vote(
    tx: Transaction, iri: str, choices: Sequence[int], *, actor: str, member: Member, urgent: bool = False
) -> DecisionState:
    """Propose that the group `actor` vote for the options `choices`, counted from 0, of a poll held here.

    Raises Missing, Conflict if it is over or the group has voted or is deciding on it, Invalid, Forbidden, Refused.
    """
    poll = _open(tx, iri, actor)
    names = [one.name for one in poll.options]
    chosen = sorted(set(choices))
    if not chosen or not all(0 <= one < min(len(names), extras.OPTIONS_AT_MOST) for one in chosen):
        raise Invalid("The chosen vote option does not exist")
    if len(chosen) > 1 and not is_multiple(poll):
        raise Invalid("this poll takes one answer")
    subject = json.dumps([actor, iri, [names[one] for one in chosen]])
    for row in decisions.of_kind(tx, KIND):
        if row.actor == actor and json.loads(row.subject)[1] == iri:
            raise Conflict("the group is deciding on this already: decision {number}", number=row.id)
    return decisions.propose(tx, KIND, subject, actor=actor, member=member, urgent=urgent)


def numbers(tx: Transaction, iri: str, answers: Sequence[str]) -> list[int]:
    """Which options of a poll somebody means, counted from 0: each by its words, or by its number counted from 1."""
    row = objects.find(tx, iri)
    poll = of_row(row) if row is not None else None
    offered = [" ".join(one.name.split()) for one in poll.options] if poll is not None else []
    found = []
    for answer in answers:
        line = " ".join(answer.split())
        if line in offered:
            found.append(offered.index(line))
        else:
            found.append(int(line) - 1 if line.isascii() and line.isdecimal() and len(line) < 4 else -1)
    return found


def voted(tx: Transaction, subject: str) -> None:
    """Effect: tell the author of the poll. Raises as `vote` does: it can be over by now, or say something else."""
    actor, iri, names = json.loads(subject)
    if cast(tx, actor, [iri]):
        return
    poll = _open(tx, iri, actor)
    offered = [one.name for one in poll.options]
    if not set(names) <= set(offered):
        raise Invalid("The chosen vote option does not exist")
    choices = [offered.index(name) for name in names]
    tx.execute(insert(tx, poll_votes).values(actor=actor, poll=iri, choices=choices, at=tx.now))
    author = poll.attributed_to
    inboxes = [one.inbox for one in peering.admitted(tx, reaching.of(tx, [author]), sender=actor)]
    for name in names:
        activities.send(tx, _create(tx, actor, author, iri, name), inboxes)
    lane = f"fetch {origin.origin(iri)}"
    counting = Promise("count_poll", {"iri": iri}, lane=lane, key=f"count_poll {iri}", due=tx.now + COUNTED_AFTER)
    promise(tx, counting, priority=Priority.BULK)


def _create(tx: Transaction, actor: str, author: str, iri: str, name: str) -> dict[str, Any]:
    note = {
        "id": f"{actor}#votes/{spell(tx.new_id())}",
        "type": "Note",
        "attributedTo": actor,
        "name": name,
        "inReplyTo": iri,
        "to": [author],
    }
    return activities.make(tx, "Create", actor=actor, object=note, to=[author])


def _open(tx: Transaction, iri: str, actor: str) -> Question:
    """A poll in which `actor` can vote. Raises Missing, Conflict, Invalid, Refused."""
    row = passing_on.public(tx, iri)
    poll = of_row(row)
    if poll is None:
        raise Missing("{iri} is no poll", iri=iri)
    if row.author == actor or row.local:
        raise Invalid("You cannot vote in your own polls")
    if cast(tx, actor, [iri]):
        raise Conflict("You have already voted on this poll")
    if poll.ends is not None and poll.ends <= tx.now:
        raise Conflict("The poll has already ended")
    return poll


def of_row(row: Row[Any]) -> Question | None:
    """The poll in a row of `objects`; None if there is none."""
    try:
        found = schemas.parse(loads(row.document)) if row.document is not None else None
    except Malformed:  # a newer program may be stricter than the one that kept it
        return None
    return found if isinstance(found, Question) and found.options else None


def is_multiple(poll: Question) -> bool:
    """Whether several options can be chosen."""
    return bool(poll.any_of) and not poll.one_of


async def count_poll(node: Node, payload: dict[str, Any]) -> None:
    """Job: ask the author's server how the poll stands now."""
    budget = Budget(requests=hearing.REQUESTS_FOR_ONE, bytes=node.config.document_bytes)
    said, document = await hearing.fetch(node, payload["iri"], budget=budget)
    await node.database.write(_count, said, document)


def _count(tx: Transaction, said: Any, document: dict[str, Any]) -> None:
    origin.check_creation(said.attributed_to, said.id, said.attributed_to)
    intake.check_proof(tx, document, author=said.attributed_to)
    held = objects.find(tx, said.id)
    if held is None or held.deleted is not None:
        return
    if not isinstance(said, Question):
        raise Refused(f"{said.id} is no poll any more")
    if not counted_anew(tx, said, document):
        hearing.change(tx, said, document, kind=type(said).__name__, moment=tx.now)


def counted_anew(tx: Transaction, said: Question, document: dict[str, Any]) -> bool:
    """Keep new counts of a poll that is held and says the same as before; False if it is not held or says something
    else. Mastodon sends an Update for every count: nobody has edited anything. Raises Refused if another wrote it."""
    held = objects.find(tx, said.id)
    before = of_row(held) if held is not None and held.deleted is None else None
    if held is None or before is None or _words(before) != _words(said) or not rules.is_public(said.to, said.cc):
        return False
    if said.updated is not None and said.updated != held.updated:
        return False
    origin.check_change(said.attributed_to, author=held.author)
    objects.replace(tx, said.id, document=objects.encode(document), updated=held.updated)
    store.replace(tx, hearing.shown(said))
    return True


def _words(poll: Question) -> tuple[object, ...]:
    options = tuple(one.name for one in poll.options)
    return poll.name, poll.content, poll.summary, is_multiple(poll), options


def _describe(tx: Transaction, subject: str) -> Described:
    _, iri, names = json.loads(subject)
    about = describing.of_object(tx, iri)
    chosen = "".join(f"<li>{markup.escape(extras.option(name))}</li>" for name in names)
    lead = markup.escape(translated("The answer that the group would give:"))
    html = f"{about.html or ''}<p>{lead}</p><ul>{chosen}</ul>"
    return Described(about.title, html=html, address=about.address)


ACTS: dict[str, Act] = {KIND: Act("publish", KIND, N_("vote in somebody's poll"), _describe)}
EFFECTS: dict[str, Effect] = {KIND: voted}
JOBS: dict[str, Job] = {"count_poll": count_poll}
