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
    select,
    update,
)

from node.context import Transaction
from node.database import Json, Moment, insert, metadata
from node.media import Picture

KEPT_FOR = timedelta(days=1)
TOGETHER = 1000

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
    """A picture as it is kept here."""
    preview = [picture.preview, picture.preview_width, picture.preview_height] if picture.preview else None
    return {
        "file": picture.name,
        "width": picture.width,
        "height": picture.height,
        "description": picture.description,
        "focus": list(picture.focus) if picture.focus else None,
        "blurhash": picture.blurhash,
        "preview": preview,
    }


def picture(row: Row[Any]) -> Picture:
    """The picture that was kept."""
    preview, width, height = row.preview or ("", 0, 0)
    focus = tuple(row.focus) if row.focus else None
    return Picture(row.file, row.width, row.height, row.description, row.blurhash, focus, preview, width, height)


def add(tx: Transaction, viewer: int, **values: Any) -> int:
    """Enter an upload; its number."""
    number = tx.new_id()
    tx.execute(insert(tx, uploads).values(id=number, viewer=viewer, at=tx.now, **values))
    return number


def find(tx: Transaction, viewer: int, number: int) -> Row[Any] | None:
    """An upload of a viewer."""
    query = select(uploads).where(uploads.c.id == number, uploads.c.viewer == viewer)
    return tx.execute(query).one_or_none()


def count_waiting(tx: Transaction, viewer: int) -> int:
    """How many uploads of a viewer no text has taken."""
    waiting = (uploads.c.viewer == viewer) & uploads.c.taken_by.is_(None)
    return int(tx.execute(select(func.count()).select_from(uploads).where(waiting)).scalar_one())


def change(tx: Transaction, number: int, **values: Any) -> None:
    """Write another description or focus."""
    tx.execute(update(uploads).where(uploads.c.id == number).values(**values))


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
