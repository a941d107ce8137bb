"""Tables and queries of uploads and sendings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
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
    or_,
    select,
    update,
)

from node.context import Transaction
from node.database import Json, Moment, insert, metadata
from node.media import Picture

KEPT_FOR = timedelta(days=1)
WORKED_ON_FOR = timedelta(minutes=30)  # then whoever worked on it has ended
TOGETHER = 1000
NO_FILE = ""  # of a film that is being worked on

uploads = Table(
    "uploads",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # None: who sent it has gone; the row stays for its file's sake, until that goes too.
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="SET NULL")),
    Column("file", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("description", Text, nullable=False),
    Column("focus", Json),
    Column("blurhash", Text, nullable=False),
    Column("preview", Json),  # of a smaller one: file, width, height
    Column("played", Json),  # of a film or a sound: seconds, frame rate, bit rate
    Column("failure", Json),  # why a film could not be kept (errors.kept)
    Column("at", Moment, nullable=False),
    Column("taken_by", Text),  # the address of the text
    Index("uploads_by_viewer", "viewer", "at"),
    Index("uploads_by_file", "file"),
)

sendings = Table(
    "sendings",
    metadata,
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    Column("iri", Text, nullable=False),  # of the publication that came of it
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("viewer", "key"),
)


def columns(picture: Picture) -> dict[str, Any]:
    """A picture as it is kept here, without what its sender says of it."""
    preview = [picture.preview, picture.preview_width, picture.preview_height] if picture.preview else None
    played = [picture.seconds, picture.images_a_second, picture.bits_a_second]
    return {
        "file": picture.name,
        "width": picture.width,
        "height": picture.height,
        "blurhash": picture.blurhash,
        "preview": preview,
        "played": played if picture.kind != "Image" else None,
    }


def picture(row: Row[Any]) -> Picture:
    """The picture, film or sound that was kept."""
    preview, width, height = row.preview or ("", 0, 0)
    return Picture(
        row.file,
        row.width,
        row.height,
        row.description,
        row.blurhash,
        tuple(row.focus) if row.focus else None,
        preview,
        width,
        height,
        *(row.played or ()),
    )


def add(tx: Transaction, viewer: int, **values: Any) -> int:
    """Enter an upload; its number."""
    number = tx.new_id()
    tx.execute(insert(tx, uploads).values(id=number, viewer=viewer, at=tx.now, **values))
    return number


def find(tx: Transaction, viewer: int, number: int) -> Row[Any] | None:
    """An upload of a viewer."""
    query = select(uploads).where(uploads.c.id == number, uploads.c.viewer == viewer)
    return tx.execute(query).one_or_none()


def count_waiting(tx: Transaction, viewer: int, *, films: bool = False) -> int:
    """How many uploads of a viewer no text has taken; with `films` only films and sounds."""
    waiting = [uploads.c.viewer == viewer, uploads.c.taken_by.is_(None), uploads.c.failure.is_(None)]
    if films:
        waiting.append(or_(uploads.c.file == NO_FILE, uploads.c.played.is_not(None)))
    return int(tx.execute(select(func.count()).select_from(uploads).where(*waiting)).scalar_one())


def change(tx: Transaction, number: int, **values: Any) -> bool:
    """Write another description or focus, or what came of a film; whether it is there."""
    return bool(tx.execute(update(uploads).where(uploads.c.id == number).values(**values)).rowcount)


def take(tx: Transaction, numbers: Sequence[int], *, by: str) -> None:
    """A text has taken these."""
    tx.execute(update(uploads).where(uploads.c.id.in_(numbers)).values(taken_by=by))


def remove(tx: Transaction, numbers: Sequence[int]) -> None:
    """Forget uploads; their files are another matter."""
    tx.execute(delete(uploads).where(uploads.c.id.in_(numbers)))


def old(tx: Transaction) -> list[Row[Any]]:
    """Uploads whose time is over, taken or not."""
    query = select(uploads.c.id, uploads.c.file).where(uploads.c.at < tx.now - KEPT_FOR)
    return list(tx.execute(query.order_by(uploads.c.id).limit(TOGETHER)))


def keeps(tx: Transaction, name: str) -> bool:
    """Whether a picture of ours is an upload that a text may still take."""
    return tx.execute(select(uploads.c.id).where(uploads.c.file == name).limit(1)).first() is not None


def sent(tx: Transaction, viewer: int, key: str) -> str | None:
    """What came of a sending with this key: the address of the publication."""
    query = select(sendings.c.iri).where(sendings.c.viewer == viewer, sendings.c.key == key)
    found: str | None = tx.execute(query).scalar()
    return found


def note_sent(tx: Transaction, viewer: int, key: str, iri: str) -> None:
    """Remember what came of a sending."""
    values = {"viewer": viewer, "key": key, "iri": iri, "at": tx.now}
    tx.execute(insert(tx, sendings).values(**values).on_conflict_do_nothing())


def prune_sendings(tx: Transaction) -> int:
    """Forget what nobody will ask for again; how many there were."""
    gone = tx.execute(delete(sendings).where(sendings.c.at < tx.now - KEPT_FOR))
    return min(int(gone.rowcount), TOGETHER - 1)  # all at once, so that nobody asks for more
