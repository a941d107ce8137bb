"""Every object this node holds: its own as they are served, others' as they were received.

One row an object, whatever its type: its bytes, who may be shown it, and where it stands in a thread or a collection;
so that answering a GET is one indexed read. What an object *means* is kept by its room, in a table of its own.

Invariants: the bytes of a deleted object are gone and its row stays as a tombstone, so that nothing brings it back;
an object is held by one author for ever; a local object that is not `public` is shown to nobody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Row,
    Table,
    Text,
    bindparam,
    delete,
    false,
    func,
    select,
    true,
    update,
)

from node import happenings, identifiers
from node.context import Transaction
from node.database import Moment, Packed, metadata
from node.happenings import What
from node.prepared import Prepared

objects = Table(
    "objects",
    metadata,
    Column("iri", Text, primary_key=True),
    Column("sort_id", BigInteger, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("local", Boolean, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("part_of", Text),
    Column("in_reply_to", Text),
    Column("thread", Text),
    Column("document", Packed),
    Column("published", Moment, nullable=False),
    Column("updated", Moment),
    Column("heard", Moment, nullable=False),
    Column("deleted", Moment),
    Column("deletion_reason", Text),
    Index("objects_by_feed", "local", "listed", "sort_id"),
    Index("objects_by_author", "author", "listed", "sort_id"),
    Index("objects_by_part_of", "part_of", "sort_id"),
    Index("objects_by_parent", "in_reply_to", "sort_id"),
    Index("objects_by_thread", "thread", "sort_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is needed to hold an object. `listed`: it stands in the outbox, feeds and time lines."""

    iri: str
    sort_id: int
    kind: str
    author: str
    local: bool
    document: bytes
    published: datetime
    public: bool = True
    listed: bool = True
    part_of: str | None = None
    in_reply_to: str | None = None
    thread: str | None = None
    updated: datetime | None = None


_COLUMNS = ("iri", "sort_id", "kind", "author", "local", "document", "published", "public", "listed", "part_of",
            "in_reply_to", "thread", "updated", "heard")  # fmt: skip

_FIND = Prepared(select(objects).where(objects.c.iri == bindparam("iri")))
_KEEP = Prepared(lambda insert: insert(objects).on_conflict_do_nothing(index_elements=["iri"]), columns=_COLUMNS)
_KEEP_FOREIGN = Prepared(lambda insert: insert(objects).on_conflict_do_nothing(), columns=_COLUMNS)
_FIRST_ANSWER = Prepared(select(func.min(objects.c.sort_id)).where(objects.c.in_reply_to == bindparam("iri")))
_MOVE_UP = Prepared(update(objects).where(objects.c.thread == bindparam("root")).values(thread=bindparam("above")))


def encode(document: dict[str, Any]) -> bytes:
    """A document as it is served: UTF-8, no spaces, the order of its members kept."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def digest(document: bytes) -> str:
    """The SHA-256 of the bytes, in hexadecimal; the ETag of the object."""
    return hashlib.sha256(document).hexdigest()


def keep(tx: Transaction, kept: Iterable[Kept]) -> None:
    """Hold new objects; one that is held already (or was deleted) is left as it is.

    The place of what others have said is moved a little if it is taken. Ours stands in the address: there the whole
    transaction is run again with another.
    """
    rows: list[dict[str, Any]] = [{name: getattr(one, name, tx.now) for name in _COLUMNS} for one in kept]
    if ours := [row for row in rows if row["local"]]:
        tx.execute(_KEEP, ours)
    left = [row for row in rows if not row["local"]]
    while left and tx.execute(_KEEP_FOREIGN, left).rowcount < len(left):
        # Others choose their dates: with 100,000 answers of one moment, chance alone finds no free place in time.
        held = find_all(tx, [row["iri"] for row in left])
        left = [row | {"sort_id": identifiers.beyond(row["sort_id"])} for row in left if row["iri"] not in held]
    tx.touched.update(row["iri"] for row in rows if row["public"])
    for row in rows:
        if row["public"] and row["listed"] and row["part_of"] is None:
            happenings.note(tx, What.SAID, row["iri"])
        if row["thread"] not in (None, row["iri"]):
            # Answers that came before this one have it for their root: they move up with it.
            tx.execute(_MOVE_UP, {"root": row["iri"], "above": row["thread"]})


def find(tx: Transaction, iri: str) -> Row[Any] | None:
    """The row of one object, tombstones included."""
    row: Row[Any] | None = tx.execute(_FIND, {"iri": iri}).one_or_none()
    return row


def find_all(tx: Transaction, iris: Sequence[str]) -> dict[str, Row[Any]]:
    """The rows of those of `iris` that are held."""
    found = tx.execute(select(objects).where(objects.c.iri.in_(iris)))
    return {row.iri: row for row in found}


def rewrite(tx: Transaction, iri: str, document: bytes) -> None:
    """Put the same words under another proof in place of those held; a tombstone's too."""
    tx.execute(update(objects).where(objects.c.iri == iri).values(document=document))


def said_by(tx: Transaction, author: str, *, after: int, limit: int) -> list[Row[Any]]:
    """What an author has said that has a document, public or not yet, in the order of its sort_id after `after`."""
    query = select(objects).where(
        objects.c.author == author, objects.c.document.is_not(None), objects.c.sort_id > after
    )
    return list(tx.execute(query.order_by(objects.c.sort_id).limit(limit)))


def public_of_ours(tx: Transaction, *, after: int, limit: int) -> list[Row[Any]]:
    """What this node has said to everybody, tombstones too, in the order of its sort_id after `after`."""
    query = select(objects).where(
        objects.c.local.is_(True),
        objects.c.public.is_(True),
        objects.c.document.is_not(None),
        objects.c.sort_id > after,
    )
    return list(tx.execute(query.order_by(objects.c.sort_id).limit(limit)))


def replace(tx: Transaction, iri: str, *, document: bytes, updated: datetime | None) -> None:
    """Put a newer version in place of the one held."""
    tx.touched.add(iri)
    happenings.note(tx, What.CHANGED, iri)
    tx.execute(
        update(objects)
        .where(objects.c.iri == iri, objects.c.deleted.is_(None))
        .values(document=document, updated=updated)
    )


def show(tx: Transaction, iri: str, *, public: bool) -> None:
    """Let everybody see an object from now on, or nobody."""
    tx.touched.add(iri)
    happenings.note(tx, What.SAID if public else What.GONE, iri)
    tx.execute(update(objects).where(objects.c.iri == iri).values(public=public))


def unlist(tx: Transaction, iri: str) -> None:
    """Let an object stand in no feed and no time line."""
    tx.execute(update(objects).where(objects.c.iri == iri).values(listed=False))


def bury(tx: Transaction, iri: str, *, reason: str = "deleted", tombstone: bytes | None = None) -> None:
    """Drop the bytes of an object and leave a tombstone; one of ours is served, as `tombstone`."""
    tx.touched.add(iri)
    happenings.note(tx, What.GONE, iri)
    values = _stone(tx, reason) | {"document": tombstone}
    tx.execute(update(objects).where(objects.c.iri == iri, objects.c.deleted.is_(None)).values(**values))


def let_go(tx: Transaction, iris: Sequence[str]) -> None:
    """Forget objects of others without a tombstone."""
    tx.touched.update(iris)
    tx.execute(delete(objects).where(objects.c.iri.in_(iris), objects.c.local.is_(False)))


def bury_all_of(tx: Transaction, author: str, *, reason: str = "deleted") -> None:
    """Drop the bytes of everything an author has said, and leave tombstones."""
    theirs = objects.c.author == author, objects.c.deleted.is_(None)
    tx.touched.update(tx.execute(select(objects.c.iri).where(*theirs)).scalars())
    tx.execute(update(objects).where(*theirs).values(**_stone(tx, reason)))


def touch_all_of(tx: Transaction, author: str) -> None:
    """Settle anew what follows from what an author has said, of her own accord: she agrees to something else now."""
    hers = objects.c.author == author, objects.c.deleted.is_(None), objects.c.part_of.is_(None)
    tx.touched.update(tx.execute(select(objects.c.iri).where(*hers)).scalars())


def _stone(tx: Transaction, reason: str) -> dict[str, Any]:
    return {"document": None, "deleted": tx.now, "deletion_reason": reason, "listed": False}


def publish_part_of(tx: Transaction, collection: str) -> int:
    """Make every object that stands in `collection` public; how many there were. It is settled as one (`touched`)."""
    tx.touched.add(collection)
    changed = tx.execute(update(objects).where(objects.c.part_of == collection).values(public=true()))
    return int(changed.rowcount)


def hide_part_of(tx: Transaction, collection: str) -> None:
    """Let nobody see what stands in `collection` any more."""
    tx.execute(update(objects).where(objects.c.part_of == collection).values(public=false()))


def left_part_of(tx: Transaction, collection: str, *, limit: int) -> list[Row[Any]]:
    """Some objects of a collection, public or not, whose bytes are still held."""
    query = select(objects).where(objects.c.part_of == collection, objects.c.deleted.is_(None))
    return list(tx.execute(query.order_by(objects.c.sort_id).limit(limit)))


def drop_part_of(tx: Transaction, collection: str) -> None:
    """Delete the objects of a collection that never became public; they leave no tombstone, because nobody saw them."""
    tx.execute(delete(objects).where(objects.c.part_of == collection, objects.c.public.is_(False)))


def count_listed(tx: Transaction, *, author: str | None = None, local: bool | None = None) -> int:
    """How many objects stand in a feed: of one author, of this node, or of others."""
    query = select(func.count()).select_from(objects).where(*_feed(author=author, local=local))
    return int(tx.execute(query).scalar_one())


def listed(
    tx: Transaction,
    *,
    author: str | None = None,
    local: bool | None = None,
    before: int | None = None,
    limit: int = 20,
) -> list[Row[Any]]:
    """A page of a feed, newest first; `before` is the sort_id to go on from."""
    query = select(objects).where(*_feed(author=author, local=local))
    if before is not None:
        query = query.where(objects.c.sort_id < before)
    return list(tx.execute(query.order_by(objects.c.sort_id.desc()).limit(limit)))


def parts(tx: Transaction, collection: str, *, after: int = 0, limit: int) -> list[Row[Any]]:
    """The public objects of a collection, oldest first, that come after sort_id `after`."""
    query = select(objects).where(
        objects.c.part_of == collection,
        objects.c.sort_id > after,
        objects.c.public.is_(True),
        objects.c.deleted.is_(None),
    )
    return list(tx.execute(query.order_by(objects.c.sort_id).limit(limit)))


def count_parts(tx: Transaction, collection: str) -> int:
    """How many public objects stand in a collection."""
    query = select(func.count()).where(
        objects.c.part_of == collection, objects.c.public.is_(True), objects.c.deleted.is_(None)
    )
    return int(tx.execute(query).scalar_one())


def window(query: Any, key: Any, *, after: int | None, before: int | None, limit: int) -> Any:
    """`query` cut to a window of `key`: what follows `after`, rising; otherwise what precedes `before`, falling."""
    if after is not None:
        query = query.where(key > after)
    if before is not None:
        query = query.where(key < before)
    rising = after is not None and before is None
    return query.order_by(key if rising else key.desc()).limit(limit)


def replies(
    tx: Transaction, iri: str, *, after: int | None = 0, before: int | None = None, limit: int = 100, shown: Any = ()
) -> list[Row[Any]]:
    """A `window` of the public answers to one object: the oldest first, unless told otherwise. `shown`: conditions."""
    query = select(objects).where(*_answers(iri), *shown)
    return list(tx.execute(window(query, objects.c.sort_id, after=after, before=before, limit=limit)))


def count_replies(tx: Transaction, iri: str, *, shown: Any = ()) -> int:
    """How many public answers to one object are held."""
    return int(tx.execute(select(func.count()).select_from(objects).where(*_answers(iri), *shown)).scalar_one())


def _answers(iri: str) -> list[Any]:
    return [objects.c.in_reply_to == iri, objects.c.public.is_(True), objects.c.deleted.is_(None)]


def members(
    tx: Transaction, root: str, *, after: int | None = 0, before: int | None = None, limit: int, shown: Any = ()
) -> list[Row[Any]]:
    """A `window` of the public objects of a thread, the first word among them. `shown`: conditions."""
    query = select(objects).where(*_said_in(root), *shown)
    return list(tx.execute(window(query, objects.c.sort_id, after=after, before=before, limit=limit)))


def count_members(tx: Transaction, root: str, *, shown: Any = ()) -> int:
    """How many public objects of a thread are held, the first word among them."""
    return int(tx.execute(select(func.count()).select_from(objects).where(*_said_in(root), *shown)).scalar_one())


def _said_in(root: str) -> list[Any]:
    return [objects.c.thread == root, objects.c.public.is_(True), objects.c.deleted.is_(None)]


def first_answer(tx: Transaction, iri: str) -> int | None:
    """The sort_id of the first that is held of what answers `iri`."""
    first: int | None = tx.execute(_FIRST_ANSWER, {"iri": iri}).scalar()
    return first


def thread(tx: Transaction, root: str, *, limit: int = 200) -> list[Row[Any]]:
    """The public objects below `root`, oldest first, the root itself not among them."""
    query = select(objects).where(*_said_in(root), objects.c.iri != root)
    return list(tx.execute(query.order_by(objects.c.sort_id).limit(limit)))


def _feed(*, author: str | None, local: bool | None) -> list[Any]:
    conditions: list[Any] = [objects.c.listed.is_(True), objects.c.public.is_(True), objects.c.deleted.is_(None)]
    if author is not None:
        conditions.append(objects.c.author == author)
    if local is not None:
        conditions.append(objects.c.local.is_(local))
    return conditions
