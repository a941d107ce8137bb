"""Tables and queries of publications, statements, their tags and the reactions to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)

from federation import origin
from node import accounts, actors, happenings, identifiers, media_cache, objects
from node.context import Transaction
from node.database import Json, Moment, insert, metadata
from node.happenings import What
from node.peering import is_heard, standing
from node.prepared import Prepared
from node.statements.rules import State

publications = Table(
    "publications",
    metadata,
    Column("iri", Text, primary_key=True),
    Column("actor", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("draft", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed", Moment, nullable=False),
    Column("adopted", Moment),
    Column("due", Moment),
    Column("of", Text),  # the text that a minority report is about
    Index("publications_by_state", "state", "due"),
    Index("publications_by_text", "of"),
)

statements = Table(
    "statements",
    metadata,
    Column("iri", Text, ForeignKey("objects.iri"), primary_key=True),
    Column("title", Text),
    Column("html", Text, nullable=False),
    Column("summary", Text),
    Column("language", Text),
    Column("sensitive", Boolean, nullable=False),
    Column("url", Text),
    Column("attachments", Json, nullable=False),
    Column("extras", Json),
    Index("statements_by_language", "language"),
    Index("statements_by_page", "url"),
)

hashtags = Table(
    "hashtags",
    metadata,
    Column("name", Text, nullable=False),
    Column("iri", Text, ForeignKey("objects.iri"), nullable=False),
    PrimaryKeyConstraint("name", "iri"),
    Index("hashtags_by_iri", "iri"),
)

reactions = Table(
    "reactions",
    metadata,
    Column("iri", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("at", Moment, nullable=False),
    # The place of a boost in time lines: of ours, and of those by whom a group here followed when it came.
    Column("sort_id", BigInteger),
    Index("reactions_by_object", "object", "kind", "actor", unique=True),
)
_PLACED = reactions.c.sort_id.is_not(None)
Index("reactions_by_place", reactions.c.sort_id, sqlite_where=_PLACED, postgresql_where=_PLACED)
Index("reactions_by_actor", reactions.c.actor, reactions.c.sort_id, sqlite_where=_PLACED, postgresql_where=_PLACED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A statement as it is shown: clean HTML without the title, and what stands beside it.

    `extras` are the rarer things: {"poll": {...}, "event": {...}, "quote": iri, "emoji": [{"name", "url"}]}.
    """

    iri: str
    html: str
    title: str | None = None
    summary: str | None = None
    language: str | None = None
    sensitive: bool = False
    url: str | None = None
    attachments: list[dict[str, Any]] = field(default_factory=list)
    hashtags: tuple[str, ...] = ()
    extras: dict[str, Any] | None = None


UNSETTLED = (State.PROPOSED.value, State.WAITING.value, State.HELD.value)
"""Where a publication stands that may still leave."""
_COLUMNS = ("iri", "html", "title", "summary", "language", "sensitive", "url", "attachments", "extras")
_ADD = Prepared(lambda insert: insert(statements).on_conflict_do_nothing(index_elements=["iri"]), columns=_COLUMNS)


def add(tx: Transaction, shown: Sequence[Shown]) -> None:
    """Enter statements whose objects are held."""
    if not shown:
        return
    rows = [{name: getattr(one, name) for name in _COLUMNS} for one in shown]
    tx.execute(_ADD, rows)
    _tag(tx, shown)


def replace(tx: Transaction, shown: Shown) -> None:
    """Put a newer version in place of the one there is."""
    values = {name: getattr(shown, name) for name in _COLUMNS if name != "iri"}
    _forget_pictures(tx, statements.c.iri == shown.iri, unless={one["url"] for one in shown.attachments})
    tx.execute(update(statements).where(statements.c.iri == shown.iri).values(**values))
    tx.execute(delete(hashtags).where(hashtags.c.iri == shown.iri))
    _tag(tx, [shown])


def _tag(tx: Transaction, shown: Sequence[Shown]) -> None:
    tags = [{"name": tag.casefold(), "iri": one.iri} for one in shown for tag in one.hashtags]
    if tags:
        tx.execute(insert(tx, hashtags).on_conflict_do_nothing(), tags)


def drop(tx: Transaction, iri: str) -> None:
    """Forget what a statement said; its tombstone is kept by `objects`."""
    _forget_pictures(tx, statements.c.iri == iri)
    tx.execute(delete(hashtags).where(hashtags.c.iri == iri))
    tx.execute(delete(statements).where(statements.c.iri == iri))
    tx.execute(delete(reactions).where(reactions.c.object == iri))


def drop_all(tx: Transaction, iris: Sequence[str]) -> None:
    """Forget what many statements said."""
    for start in range(0, len(iris), 500):
        some = iris[start : start + 500]
        _forget_pictures(tx, statements.c.iri.in_(some))
        tx.execute(delete(hashtags).where(hashtags.c.iri.in_(some)))
        tx.execute(delete(statements).where(statements.c.iri.in_(some)))
        tx.execute(delete(reactions).where(reactions.c.object.in_(some)))


def drop_all_of(tx: Transaction, author: str) -> None:
    """Forget everything an author has said, and every reaction to it or by the author."""
    said = select(objects.objects.c.iri).where(objects.objects.c.author == author)
    _forget_pictures(tx, statements.c.iri.in_(said))
    tx.execute(delete(hashtags).where(hashtags.c.iri.in_(said)))
    tx.execute(delete(statements).where(statements.c.iri.in_(said)))
    tx.execute(delete(reactions).where(reactions.c.object.in_(said) | (reactions.c.actor == author)))


def _forget_pictures(tx: Transaction, which: ColumnElement[bool], *, unless: Collection[str] = ()) -> None:
    """Take what these statements show out of the media cache; `unless` are the pictures that are still shown."""
    rows = tx.execute(select(statements.c.attachments).where(which)).scalars()
    media_cache.forget(tx, [one["url"] for row in rows for one in row if one["url"] not in unless])


def shown(tx: Transaction, iris: Sequence[str]) -> dict[str, Row[Any]]:
    """The statements among `iris`, by IRI."""
    return {row.iri: row for row in tx.execute(select(statements).where(statements.c.iri.in_(iris)))}


def at_page(tx: Transaction, address: str) -> str | None:
    """What is held whose page for people is at `address`; its IRI. Only what its own server says of itself counts."""
    query = select(statements.c.iri).where(statements.c.url == address).order_by(statements.c.iri).limit(10)
    found = [iri for iri in tx.execute(query).scalars() if origin.same_origin(iri, address)]
    return found[0] if found else None


def tagged(tx: Transaction, tag: str, *, before: int | None, limit: int) -> list[Row[Any]]:
    """The public objects that carry a hashtag, newest first."""
    table = objects.objects
    query = (
        select(table)
        .join(hashtags, hashtags.c.iri == table.c.iri)
        .where(
            hashtags.c.name == tag.casefold(),
            table.c.public.is_(True),
            table.c.listed.is_(True),
            table.c.deleted.is_(None),
            *standing.not_hidden(tx, table.c.author),
        )
    )
    if before is not None:
        query = query.where(table.c.sort_id < before)
    return list(tx.execute(query.order_by(table.c.sort_id.desc()).limit(limit)))


def pictures_only_of(tx: Transaction, iri: str) -> list[str]:
    """The files of a statement's pictures that no other statement shows and no other draft has."""
    row = tx.execute(select(statements.c.attachments).where(statements.c.iri == iri)).one_or_none()
    urls = [one.get("url") or "" for one in row.attachments] if row is not None else []
    names = [url.removeprefix("/media/") for url in urls if url.startswith("/media/")]
    return [name for name in names if not shows(tx, name, beside=iri)]


def shows(tx: Transaction, name: str, *, beside: str = "") -> bool:
    """Whether a statement, a draft on its way out or a profile shows a picture of ours, other than `beside`."""
    iri = beside
    own = actors.local_actors
    profiles = select(own.c.iri).where(
        or_(
            cast(own.c.icon, Text).contains(name, autoescape=True),
            cast(own.c.image, Text).contains(name, autoescape=True),
        )
    )
    shown = select(statements.c.iri).where(
        statements.c.iri != iri, cast(statements.c.attachments, Text).contains(name, autoescape=True)
    )
    drafted = select(publications.c.iri).where(
        publications.c.iri != iri,
        publications.c.state.in_(UNSETTLED),
        cast(publications.c.draft, Text).contains(name, autoescape=True),
    )
    found = tx.execute(shown.union(drafted, profiles).limit(1)).first() is not None
    return found or any(keeps(tx, name) for keeps in tx.node.rooms.keepers)


def add_publication(
    tx: Transaction, iri: str, *, actor: str, kind: str, draft: dict[str, Any], of: str | None = None
) -> None:
    """Enter a publication that has been proposed; `of` is the text that a minority report is about."""
    values = {"iri": iri, "actor": actor, "kind": kind, "draft": draft, "state": State.PROPOSED.value, "of": of}
    tx.execute(publications.insert().values(proposed=tx.now, **values))


def publication(tx: Transaction, iri: str) -> Row[Any] | None:
    """One publication."""
    return tx.execute(select(publications).where(publications.c.iri == iri)).one_or_none()


def waiting(tx: Transaction, actor: str) -> list[Row[Any]]:
    """A group's publications that are decided and have not left."""
    query = (
        select(publications)
        .where(publications.c.actor == actor, publications.c.state == State.WAITING.value)
        .order_by(publications.c.due)
        .limit(100)
    )
    return list(tx.execute(query))


def held_back(tx: Transaction, actor: str) -> list[Row[Any]]:
    """A group's corrections that are held back, the oldest first."""
    table = publications.c
    query = select(publications).where(table.actor == actor, table.state == State.HELD.value)
    return list(tx.execute(query.order_by(table.adopted, table.iri).limit(100)))


def about(tx: Transaction, iri: str, *states: State) -> list[Row[Any]]:
    """The minority reports about a text that are in one of `states`, in the order in which they were proposed."""
    table = publications.c
    query = select(publications).where(table.of == iri, table.state.in_([one.value for one in states]))
    return list(tx.execute(query.order_by(table.proposed, table.iri).limit(100)))


def adopt(tx: Transaction, iri: str, *, due: datetime) -> None:
    """The group has decided on a publication; it leaves at `due`."""
    values = {"state": State.WAITING.value, "adopted": tx.now, "due": due}
    tx.execute(update(publications).where(publications.c.iri == iri).values(**values))


def set_due(tx: Transaction, iri: str, due: datetime) -> None:
    """Let a publication leave at another moment."""
    tx.execute(update(publications).where(publications.c.iri == iri).values(due=due))


def under_way(tx: Transaction, actor: str, *, limit: int) -> list[Row[Any]]:
    """A group's publications on which it decides, and those that are decided and have not left; the last first."""
    open_states = publications.c.state.in_([State.PROPOSED.value, State.WAITING.value])
    query = select(publications).where(publications.c.actor == actor, open_states)
    return list(tx.execute(query.order_by(publications.c.proposed.desc()).limit(limit)))


def set_draft(tx: Transaction, iri: str, draft: dict[str, Any]) -> None:
    """Write what a publication says from now on."""
    tx.execute(update(publications).where(publications.c.iri == iri).values(draft=draft))


def forget_publication(tx: Transaction, iri: str) -> None:
    """Drop what a publication and its corrections were written as; that they were published stays."""
    table = publications.c
    of_it = (table.iri == iri) | table.iri.startswith(f"{iri}#", autoescape=True)
    tx.execute(update(publications).where(of_it).values(draft={}, state=State.DELETED.value))


def forget_corrections(tx: Transaction, iri: str) -> None:
    """Drop what the corrections of a statement were written as that have left, or never will."""
    table = publications.c
    over = table.state.not_in(UNSETTLED)
    of_it = table.iri.startswith(f"{iri}#", autoescape=True)
    tx.execute(update(publications).where(of_it, over).values(draft={}))


def corrections_of(tx: Transaction, iri: str) -> list[Row[Any]]:
    """The corrections of a statement that are decided or proposed and have not left, those held back among them."""
    table = publications.c
    query = select(publications).where(table.iri.startswith(f"{iri}#", autoescape=True), table.state.in_(UNSETTLED))
    return list(tx.execute(query.order_by(table.proposed, table.iri).limit(100)))


def set_publication(tx: Transaction, iri: str, state: State) -> None:
    """Write where a publication stands."""
    tx.execute(update(publications).where(publications.c.iri == iri).values(state=state.value))


def react(tx: Transaction, iri: str, *, kind: str, actor: str, object: str, at: datetime | None = None) -> None:
    """Enter a like or a boost; one for each actor and object. A boost by us, or whom we hear, has a place in time.

    One of the past, made `at` that time, is told to nobody as news.
    """
    values = {"iri": iri, "kind": kind, "actor": actor, "object": object, "at": tx.now}
    if kind == "Announce" and (is_heard(tx, actor) or accounts.is_ours(tx, actor)):
        values["sort_id"] = identifiers.mint(min(at or tx.now, tx.now))
    made = tx.execute(insert(tx, reactions).values(**values).on_conflict_do_nothing()).rowcount
    if made and at is None:
        happenings.note(tx, What.BOOSTED if kind == "Announce" else What.LIKED, iri, actor=actor)


def reaction(tx: Transaction, *, kind: str, actor: str, object: str) -> Row[Any] | None:
    """The like or boost of one actor for one object."""
    table = reactions.c
    query = select(reactions).where(table.object == object, table.kind == kind, table.actor == actor)
    return tx.execute(query).one_or_none()


def boosted_by(tx: Transaction, actor: str, *, limit: int) -> list[Row[Any]]:
    """The public objects that an actor has boosted, the last one first."""
    table = objects.objects
    query = (
        select(table)
        .join(reactions, reactions.c.object == table.c.iri)
        .where(
            reactions.c.actor == actor,
            reactions.c.kind == "Announce",
            table.c.public.is_(True),
            table.c.deleted.is_(None),
        )
        .order_by(reactions.c.at.desc(), table.c.sort_id.desc())
        .limit(limit)
    )
    return list(tx.execute(query))


def take_back_reaction(tx: Transaction, *, actor: str, iri: str) -> None:
    """Delete a like or boost that its actor takes back."""
    for row in tx.execute(select(reactions).where(reactions.c.actor == actor, reactions.c.iri == iri)):
        what = What.UNBOOSTED if row.kind == "Announce" else What.UNLIKED
        happenings.note(tx, what, row.object, actor=actor, place=row.sort_id)
    tx.execute(delete(reactions).where(reactions.c.actor == actor, reactions.c.iri == iri))


def reaction_counts(tx: Transaction, iri: str) -> dict[str, int]:
    """How often an object was liked ("Like") and boosted ("Announce")."""
    query = (
        select(reactions.c.kind, func.count().label("number"))
        .where(reactions.c.object == iri)
        .group_by(reactions.c.kind)
    )
    return {"Like": 0, "Announce": 0} | {row.kind: row.number for row in tx.execute(query)}


def reactors(tx: Transaction, iri: str, *, limit: int = 1000) -> list[str]:
    """Who has liked or boosted an object: actors' IRIs."""
    query = select(reactions.c.actor).where(reactions.c.object == iri).distinct().limit(limit)
    return list(tx.execute(query).scalars())


def boosters(tx: Transaction, iris: Sequence[str]) -> dict[str, list[str]]:
    """Who has boosted each of `iris`: actors' IRIs, the first ones first."""
    query = (
        select(reactions.c.object, reactions.c.actor)
        .where(reactions.c.object.in_(iris), reactions.c.kind == "Announce")
        .order_by(reactions.c.at)
        .limit(1000)
    )
    found: dict[str, list[str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.object, []).append(row.actor)
    return found
