"""Tables and queries of drafts, their versions and the comments on them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Select,
    Table,
    Text,
    cast,
    delete,
    func,
    select,
    update,
)

from node.context import Transaction
from node.database import Json, Moment, metadata
from node.drafts.rules import Place
from node.members.store import members
from node.statements.rules import State
from node.statements.store import publications

drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("actor", Text, ForeignKey("local_actors.iri"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("head", Integer, nullable=False),
    Column("publication", Text, ForeignKey("publications.iri")),
    Column("began", Moment, nullable=False),
    Column("changed", Moment, nullable=False),
    Index("drafts_by_actor", "actor", "changed"),
    Index("drafts_by_publication", "publication", unique=True),
    sqlite_autoincrement=True,  # a form that is still open somewhere must not be saved into another draft
)

versions = Table(
    "draft_versions",
    metadata,
    Column("draft", Integer, ForeignKey("drafts.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("content", Json, nullable=False),
    Column("based_on", Integer),
    Column("place", Text, nullable=False),
    Column("writer", Integer, ForeignKey("members.id", ondelete="SET NULL")),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("draft", "number"),
)

comments = Table(
    "draft_comments",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("draft", Integer, ForeignKey("drafts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("words", Text, nullable=False),
    Column("writer", Integer, ForeignKey("members.id", ondelete="SET NULL")),
    Column("at", Moment, nullable=False),
)


def add(tx: Transaction, *, actor: str, kind: str) -> int:
    """Enter a draft without a version; its number."""
    values = {"actor": actor, "kind": kind, "head": 0, "began": tx.now, "changed": tx.now}
    return int(tx.execute(drafts.insert().values(**values).returning(drafts.c.id)).scalar_one())


def find(tx: Transaction, number: int) -> Row[Any] | None:
    """One draft, with the state of what was made of it."""
    return tx.execute(_with_state().where(drafts.c.id == number)).one_or_none()


def of_publication(tx: Transaction, iri: str) -> Row[Any] | None:
    """The draft that a publication was made of."""
    return tx.execute(_with_state().where(drafts.c.publication == iri)).one_or_none()


def of_group(tx: Transaction, actor: str, *, limit: int = 200) -> list[Row[Any]]:
    """A group's drafts that are not published, the one changed last first; with the content of the head."""
    head = (versions.c.draft == drafts.c.id) & (versions.c.number == drafts.c.head)
    query = (
        _with_state(versions.c.content, publications.c.draft.label("published_content"))
        .outerjoin(versions, head)
        .where(drafts.c.actor == actor)
        .where(publications.c.state.is_(None) | publications.c.state.not_in(_OVER))
        .order_by(drafts.c.changed.desc(), drafts.c.id.desc())
        .limit(limit)
    )
    return list(tx.execute(query))


def add_version(
    tx: Transaction,
    draft: int,
    content: dict[str, Any],
    *,
    writer: int,
    based_on: int | None,
    place: Place,
    number: int | None = None,
) -> int:
    """Keep what somebody has saved; its number, the next one unless it is given."""
    if number is None:
        newest = tx.execute(select(func.max(versions.c.number)).where(versions.c.draft == draft)).scalar_one()
        number = int(newest or 0) + 1
    values = {"content": content, "writer": writer, "based_on": based_on, "place": place.value, "at": tx.now}
    tx.execute(versions.insert().values(draft=draft, number=number, **values))
    changed = {"changed": tx.now} | ({"head": number} if place is Place.LINE else {})
    tx.execute(update(drafts).where(drafts.c.id == draft).values(**changed))
    return number


def versions_of(tx: Transaction, draft: int) -> list[Row[Any]]:
    """The versions of a draft with the names of their writers, the newest first; without what they say."""
    columns = [one for one in versions.c if one.name != "content"]
    query = (
        select(*columns, members.c.name)
        .outerjoin(members, members.c.id == versions.c.writer)
        .where(versions.c.draft == draft)
        .order_by(versions.c.number.desc())
        .limit(5000)
    )
    return list(tx.execute(query))


def version(tx: Transaction, draft: int, number: int) -> Row[Any] | None:
    """One version, with the name of its writer."""
    query = (
        select(versions, members.c.name)
        .outerjoin(members, members.c.id == versions.c.writer)
        .where(versions.c.draft == draft, versions.c.number == number)
    )
    return tx.execute(query).one_or_none()


def aside(tx: Transaction, draft: int) -> list[int]:
    """The versions that nobody has settled."""
    query = select(versions.c.number).where(versions.c.draft == draft, versions.c.place == Place.ASIDE.value)
    return list(tx.execute(query.order_by(versions.c.number)).scalars())


def settle(tx: Transaction, draft: int, number: int) -> None:
    """Somebody has taken in, or left out, a version that was set aside."""
    which = (versions.c.draft == draft) & (versions.c.number == number) & (versions.c.place == Place.ASIDE.value)
    tx.execute(update(versions).where(which).values(place=Place.SETTLED.value))


def add_comment(tx: Transaction, draft: int, words: str, *, version: int, writer: int) -> int:
    """Enter a comment; its number."""
    values = {"draft": draft, "version": version, "words": words, "writer": writer, "at": tx.now}
    return int(tx.execute(comments.insert().values(**values).returning(comments.c.id)).scalar_one())


def comment(tx: Transaction, draft: int, number: int) -> Row[Any] | None:
    """One comment."""
    return tx.execute(select(comments).where(comments.c.draft == draft, comments.c.id == number)).one_or_none()


def comments_on(tx: Transaction, draft: int) -> list[Row[Any]]:
    """What is said about a draft, the first word first, with the names of those who said it."""
    query = (
        select(comments, members.c.name)
        .outerjoin(members, members.c.id == comments.c.writer)
        .where(comments.c.draft == draft)
        .order_by(comments.c.at, comments.c.id)
        .limit(5000)
    )
    return list(tx.execute(query))


def remove_comment(tx: Transaction, number: int) -> None:
    """Delete a comment."""
    tx.execute(delete(comments).where(comments.c.id == number))


def pictures_of(tx: Transaction, draft: int) -> set[str]:
    """The files of the pictures that any version of a draft shows."""
    contents = tx.execute(select(versions.c.content).where(versions.c.draft == draft)).scalars()
    return {picture["name"] for content in contents for picture in content.get("pictures", ())}


def keeps(tx: Transaction, picture: str) -> bool:
    """Whether a version of some draft shows a picture."""
    query = select(versions.c.draft).where(cast(versions.c.content, Text).contains(picture, autoescape=True))
    return tx.execute(query.limit(1)).first() is not None


def set_publication(tx: Transaction, draft: int, iri: str | None) -> None:
    """Write down what was made of a draft."""
    tx.execute(update(drafts).where(drafts.c.id == draft).values(publication=iri))


def forget_work(tx: Transaction, draft: int) -> None:
    """Delete what led to the text: versions, comments, and who wrote them."""
    tx.execute(delete(comments).where(comments.c.draft == draft))
    tx.execute(delete(versions).where(versions.c.draft == draft))


def remove(tx: Transaction, draft: int) -> None:
    """Delete a draft with all that belongs to it."""
    forget_work(tx, draft)
    tx.execute(delete(drafts).where(drafts.c.id == draft))


def numbers_of(tx: Transaction, actor: str) -> list[int]:
    """The numbers of a group's drafts, whatever became of them."""
    return list(
        tx.execute(select(drafts.c.id).where(drafts.c.actor == actor).order_by(drafts.c.id).limit(1000)).scalars()
    )


def prune_drafts(tx: Transaction) -> int:
    """Delete drafts that were published; how many there were."""
    over = select(publications.c.iri).where(publications.c.state.in_(_OVER))
    return int(tx.execute(delete(drafts).where(drafts.c.publication.in_(over))).rowcount)


_OVER = (State.RELEASED.value, State.DELETED.value)


def _with_state(*more: Any) -> Select[Any]:
    joined = drafts.outerjoin(publications, publications.c.iri == drafts.c.publication)
    return select(drafts, publications.c.state, publications.c.due, *more).select_from(joined)
