"""The log of every activity, in and out; and `send`, by which a room lets one leave.

An activity that came in is a row before it is answered, and its state says what became of it. One that goes out is a
row with the exact bytes that every recipient gets; its deliveries are jobs (`node.delivery`), promised in the same
transaction. `document` is what came or left, `normal` the same in short names, of the few that came in other names.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)

from node import actors, hosts, objects, receipts, signing
from node.context import Transaction
from node.database import Moment, Packed, metadata
from node.identifiers import spell
from node.jobs import RESTING, Priority, Promise, promise
from node.prepared import Prepared
from schemas.context import ACTIVITY_CONTEXT

BETWEEN_DELETES = timedelta(milliseconds=50)
AT_ONCE = 20  # of those that are sent one apart from the next


class State(StrEnum):
    """What became of an activity."""

    PENDING = "pending"  # accepted, not looked at yet
    DONE = "done"
    IGNORED = "ignored"  # understood, and none of our business
    REFUSED = "refused"  # not theirs to say, or not sayable
    PARKED = "parked"  # our bug; an administrator should look
    SENT = "sent"
    WITHDRAWN = "withdrawn"  # sent by us and taken back: whoever has not got it does not get it any more


# Written out, not bound: an index of these rows alone costs the inbox nothing, and is used only for these very words.
_IN_OUTBOX = text("direction = 'out' AND type IN ('Create', 'Announce')")

activities = Table(
    "activities",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("iri", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("object", Text),
    Column("document", Packed, nullable=False),
    Column("normal", Packed),
    Column("at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("note", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    UniqueConstraint("actor", "iri"),
    Index("activities_by_iri", "iri"),
    Index("activities_by_object", "object", "type"),
    Index("activities_by_state", "state", "id"),
    Index("activities_in_outbox", "actor", "id", sqlite_where=_IN_OUTBOX, postgresql_where=_IN_OUTBOX),
)


BLANK = {"document": b"{}", "normal": None}
_FIND = Prepared(
    select(activities).where(activities.c.actor == bindparam("actor"), activities.c.iri == bindparam("iri"))
)
_OUTGOING = Prepared(select(activities).where(activities.c.iri == bindparam("iri"), activities.c.direction == "out"))
_WORDS = Prepared(select(activities.c.document, activities.c.normal).where(activities.c.id == bindparam("id")))
_DID = Prepared(
    select(activities.c.id)
    .where(
        activities.c.object == bindparam("object"),
        activities.c.type == bindparam("type"),
        activities.c.actor == bindparam("actor"),
    )
    .limit(1)
)
_SEND = Prepared(
    lambda insert: insert(activities),
    columns=("iri", "actor", "direction", "type", "object", "document", "at", "state"),
)
_LOG = Prepared(
    lambda insert: insert(activities).on_conflict_do_nothing(index_elements=["actor", "iri"]),
    columns=("iri", "actor", "direction", "type", "object", "document", "normal", "at", "state"),
)
Index(
    "activities_sent",
    activities.c.at,
    sqlite_where=activities.c.direction == "out",
    postgresql_where=activities.c.direction == "out",
)


def find(tx: Transaction, iri: str, *, actor: str) -> Row[Any] | None:
    """The activity `iri` of `actor`, in or out."""
    row: Row[Any] | None = tx.execute(_FIND, {"iri": iri, "actor": actor}).one_or_none()
    return row


def words(tx: Transaction, row_id: int) -> Row[Any]:
    """What an activity said: its document as it came, and in short names (`normal`) if it came in others."""
    row: Row[Any] = tx.execute(_WORDS, {"id": row_id}).first()
    return row


def outgoing(tx: Transaction, iri: str) -> Row[Any] | None:
    """An activity that this node has sent."""
    row: Row[Any] | None = tx.execute(_OUTGOING, {"iri": iri}).one_or_none()
    return row


def in_outbox(
    tx: Transaction, actor: str, *, after: int | None = None, before: int | None = None, limit: int
) -> list[Row[Any]]:
    """A `window` of what a group of ours has said and passed on in public, the newest first unless told otherwise.

    What was taken back or deleted is left out, and so is what stands in a collection of its own: the reports of an
    import.
    """
    query = _outbox_of(select(activities.c.id, activities.c.document), actor)
    return list(tx.execute(objects.window(query, activities.c.id, after=after, before=before, limit=limit)))


def count_in_outbox(tx: Transaction, actor: str) -> int:
    """How many activities `in_outbox` goes through in all."""
    return int(tx.execute(_outbox_of(select(func.count()), actor)).scalar_one())


def _outbox_of(query: Any, actor: str) -> Any:
    said = objects.objects
    ours = (activities.c.type == "Create") & said.c.public.is_(True) & said.c.part_of.is_(None)
    return (
        query.select_from(activities.outerjoin(said, said.c.iri == activities.c.object))
        .where(_IN_OUTBOX, activities.c.actor == actor, activities.c.state == State.SENT.value)
        .where(said.c.deleted.is_(None), or_(activities.c.type == "Announce", ours))
    )


def stands_in_outbox(tx: Transaction, row_id: int, *, actor: str) -> bool:
    """Whether one activity is among those of `in_outbox`."""
    query = _outbox_of(select(activities.c.id), actor).where(activities.c.id == row_id)
    return tx.execute(query).first() is not None


def forget(tx: Transaction, object: str, *, author: str) -> None:
    """Drop what activities said about an object that its author has deleted.

    Of others' only those that were dealt with: nobody can make us lose what somebody else is about to say.
    """
    theirs = or_(activities.c.actor == author, activities.c.state != State.PENDING.value)
    about = (activities.c.object == object) & (activities.c.direction == "in")
    tx.execute(update(activities).where(about, theirs).values(BLANK))


def forget_earlier(tx: Transaction, object: str, *, author: str) -> None:
    """Drop what an author's activities said about an object before the newest one: a part of it was blanked."""
    about = (activities.c.object == object) & (activities.c.actor == author) & (activities.c.direction == "in")
    newest = select(func.max(activities.c.id)).where(about).scalar_subquery()
    tx.execute(update(activities).where(about, activities.c.id < newest).values(BLANK))


def forget_all_of(tx: Transaction, actor: str) -> None:
    """Drop what an actor that has left ever said."""
    tx.execute(update(activities).where(activities.c.actor == actor).values(BLANK))


def blank(tx: Transaction, row_id: int) -> None:
    """Drop what one activity said; that it came stays."""
    tx.execute(update(activities).where(activities.c.id == row_id).values(BLANK))


def silence(tx: Transaction, iri: str, *, actor: str) -> None:
    """Drop what one activity of an actor said, which is kept elsewhere now; that it came stays."""
    about = (activities.c.actor == actor) & (activities.c.iri == iri) & (activities.c.direction == "in")
    tx.execute(update(activities).where(about).values(BLANK))


def was_undone(tx: Transaction, iri: str, *, actor: str) -> bool:
    """Whether `actor` has taken back its activity `iri`: the Undo may arrive before what it undoes."""
    return _did(tx, "Undo", iri, actor=actor)


def was_deleted(tx: Transaction, iri: str, *, actor: str) -> bool:
    """Whether `actor` has deleted its object `iri`: the Delete may arrive before the Create."""
    return _did(tx, "Delete", iri, actor=actor)


def _did(tx: Transaction, kind: str, iri: str, *, actor: str) -> bool:
    return tx.execute(_DID, {"object": iri, "type": kind, "actor": actor}).first() is not None


def count(tx: Transaction, state: State) -> int:
    """How many activities are in `state`."""
    return int(tx.execute(select(func.count()).where(activities.c.state == state.value)).scalar_one())


def make(
    tx: Transaction,
    kind: str,
    *,
    actor: str,
    object: str | dict[str, Any],
    to: list[str],
    cc: list[str] | None = None,
    published: datetime | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An activity of this node with an address of its own, not signed and not sent yet.

    `more` are further properties, such as `target`.
    """
    document = {
        "@context": ACTIVITY_CONTEXT,
        "id": tx.node.address(f"/activities/{spell(tx.new_id())}"),
        "type": kind,
        "actor": actor,
        "object": object,
        "to": to,
    }
    if cc:
        document["cc"] = cc
    if published is not None:
        document["published"] = published.strftime("%Y-%m-%dT%H:%M:%SZ")
    return document | more


def send(
    tx: Transaction,
    activity: dict[str, Any],
    inboxes: Iterable[str],
    *,
    priority: Priority = Priority.NORMAL,
) -> dict[str, Any]:
    """Sign `activity`, log it and promise one delivery to each inbox; what was logged.

    The inboxes are distinct (`federation.addressing`). Nothing leaves before the caller's transaction is committed. A
    Delete has time: it goes behind everything else, so many a second.
    """
    signed = signing.sign_activity(tx, activity, actors.local(tx, activity["actor"]))
    subject = signed["object"][0] if isinstance(signed["object"], list) else signed["object"]  # a Flag has several
    row = {
        "iri": signed["id"],
        "actor": signed["actor"],
        "direction": "out",
        "type": signed["type"],
        "object": subject if isinstance(subject, str) else subject.get("id"),
        "document": objects.encode(signed),
        "at": tx.now,
        "state": State.SENT.value,
    }
    tx.execute(_SEND, row)
    deletes = signed["type"] == "Delete"
    promise_deliveries(
        tx,
        signed["id"],
        inboxes,
        actor=signed["actor"],
        priority=Priority.BULK if deletes else priority,
        apart=BETWEEN_DELETES if deletes else timedelta(),
    )
    return signed


def promise_deliveries(
    tx: Transaction,
    iri: str,
    inboxes: Iterable[str],
    *,
    actor: str,
    priority: Priority = Priority.NORMAL,
    apart: timedelta = timedelta(),
) -> None:
    """Promise to bring the logged activity `iri` to each inbox, after the first few one `apart` from the next.

    Nothing is promised for hosts that are unreachable (`node.hosts`), and what is for one that is left alone rests.
    """
    lanes = {inbox: actors.host_of(inbox) for inbox in inboxes}
    receipts.expect(tx, iri, lanes.values())
    closed = hosts.closed(tx, set(lanes.values()))
    deliveries = [
        Promise(
            "deliver",
            {"activity": iri, "actor": actor, "inbox": inbox},
            lane=lane,
            key=f"deliver {iri} {inbox}",
            due=RESTING if lane in closed else tx.now + apart * max(0, number + 1 - AT_ONCE),
        )
        for number, (inbox, lane) in enumerate(_in_turn(lanes))
        if not closed.get(lane)
    ]
    promise(tx, *deliveries, priority=priority)


def sent_about(tx: Transaction, object: str, *, actor: str, kinds: Sequence[str]) -> list[Row[Any]]:
    """The activities of these types that `actor` of ours has sent about an object and not taken back, oldest first."""
    query = select(activities).where(
        activities.c.object == object,
        activities.c.type.in_(kinds),
        activities.c.actor == actor,
        activities.c.direction == "out",
        activities.c.state == State.SENT.value,
    )
    return list(tx.execute(query.order_by(activities.c.id).limit(1000)))


def sent_by(tx: Transaction, actor: str, *, after: int, limit: int) -> list[Row[Any]]:
    """What `actor` of ours has sent and not taken back, in the order of its row after `after`."""
    query = select(activities).where(
        activities.c.actor == actor,
        activities.c.direction == "out",
        activities.c.state == State.SENT.value,
        activities.c.id > after,
    )
    return list(tx.execute(query.order_by(activities.c.id).limit(limit)))


def withdraw(tx: Transaction, row_id: int) -> None:
    """Take back an activity of ours: what it said is dropped, and whoever waits for it waits in vain."""
    values = {"state": State.WITHDRAWN.value, "document": b"{}"}
    iri: str = tx.execute(
        update(activities).where(activities.c.id == row_id).values(**values).returning(activities.c.iri)
    ).scalar_one()
    tx.after_commit(lambda: tx.node.outbox.forget(iri))


def renew(tx: Transaction, row: Row[Any], object: dict[str, Any], *, under: str = "object") -> None:
    """Let an activity of ours carry a newer version of its object (or instrument), under the id and the date it has.

    A peer that was down, and one that reads the outbox years later, gets what is true now.
    """
    activity = json.loads(row.document) | {under: object}
    signed = signing.sign_activity(tx, activity, actors.local(tx, row.actor))
    tx.execute(update(activities).where(activities.c.id == row.id).values(document=objects.encode(signed)))
    tx.after_commit(lambda: tx.node.outbox.forget(row.iri))


def _in_turn(lanes: dict[str, str]) -> list[tuple[str, str]]:
    """Inboxes with their hosts: the first of every host, then the second of each, so that no host holds up another."""
    turns: Counter[str] = Counter()
    numbered = []
    for inbox, lane in lanes.items():
        numbered.append((turns[lane], inbox, lane))
        turns[lane] += 1
    return [(inbox, lane) for _, inbox, lane in sorted(numbered, key=lambda one: one[0])]


def audience(document: bytes) -> list[str]:
    """Whom an activity of ours names in `to` and `cc`."""
    read = json.loads(document)
    return [one for field in ("to", "cc") for one in read.get(field, ()) if isinstance(one, str)]


def sent_since(tx: Transaction, moment: datetime, *, limit: int) -> list[Row[Any]]:
    """What this node has sent since `moment`: the newest `limit`, the oldest of them first."""
    query = (
        select(activities)
        .where(activities.c.direction == "out", activities.c.at >= moment)
        .order_by(activities.c.at.desc(), activities.c.id.desc())
        .limit(limit)
    )
    return list(tx.execute(query))[::-1]


def log_incoming(tx: Transaction, rows: list[dict[str, Any]]) -> set[int]:
    """Write activities that have just arrived; the positions in `rows` of those that were here already."""
    repeated: set[int] = set()
    for position, row in enumerate(rows):
        if tx.execute(_LOG, row).rowcount == 0:
            repeated.add(position)
    return repeated
