"""What a viewer does with uploads: send one in, describe it, and give it to a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

from sqlalchemy import Row

from node import errors, media
from node.context import Node, Transaction
from node.errors import Conflict, Invalid, Missing, NodeError
from node.media import Picture
from node.statements import store as statements
from node.statements.rules import PICTURES_AT_MOST
from node.translating import N_
from node.uploads import rules, store

NOT_TO_ITS_END = N_("this film could not be worked on to its end; send it once more")


async def bring(node: Node, viewer: int, raw: bytes, *, description: str, focus: tuple[float, float] | None) -> int:
    """Clean and keep a picture that an app has sent; its number. Raises Invalid, Conflict.

    The description may come later, but before the text that shows the picture.
    """
    await node.database.read(_check_room, viewer)
    picture = await media.take_undescribed(node, raw)
    values = store.columns(picture) | {"description": description, "focus": list(focus) if focus else None}
    return await node.database.write(_enter, viewer, values)


async def bring_film(
    node: Node,
    viewer: int,
    raw: IO[bytes],
    *,
    description: str,
    focus: tuple[float, float] | None,
    thumbnail: bytes | None,
) -> int:
    """Begin to work on a film or a sound that an app has sent, and close `raw` when that is done; its number.

    What came of it stands in its row (`is_ready`). Raises Conflict.
    """
    values = {"file": store.NO_FILE, "width": 0, "height": 0, "blurhash": "", "description": description}
    number = int(await node.database.write(_enter, viewer, values | {"focus": list(focus) if focus else None}))
    node.films.begin(number, _work(node, number, raw, thumbnail))
    return number


async def _work(node: Node, number: int, raw: IO[bytes], thumbnail: bytes | None) -> None:
    try:
        film = await media.take_film(node, raw, thumbnail=thumbnail)
    except NodeError as error:
        await node.database.write(_fail, number, errors.kept(error))
    except BaseException:  # a mistake of ours, or the node stops
        await node.database.write(_fail, number, errors.kept(Invalid(NOT_TO_ITS_END)))
        raise
    else:
        await node.database.write(_finish, number, film)
    finally:
        raw.close()


def _fail(tx: Transaction, number: int, failure: dict[str, Any]) -> None:
    store.change(tx, number, failure=failure)


def _finish(tx: Transaction, number: int, film: Picture) -> None:
    if not store.change(tx, number, **store.columns(film)) and not statements.shows(tx, film.name):
        tx.after_commit(lambda: media.drop(tx.node, [film.name]))  # she has taken it back meanwhile


def check_room_for_a_film(tx: Transaction, viewer: int) -> None:
    """Raise Conflict if so many films wait for a text of hers that one more would be too many."""
    _check_room(tx, viewer)
    if store.count_waiting(tx, viewer, films=True) >= rules.FILMS_AT_MOST:
        raise Conflict("{limit} films and sounds wait for a text already; post them first", limit=rules.FILMS_AT_MOST)


def is_ready(tx: Transaction, row: Row[Any]) -> bool:
    """Whether the file of an upload is there; False while it is worked on. Raises NodeError if nothing came of it."""
    if row.failure is not None:
        raise Invalid(str(errors.revived(row.failure)), field="file")
    if row.file == store.NO_FILE and row.at < tx.now - store.WORKED_ON_FOR:
        raise Invalid(NOT_TO_ITS_END, field="file")
    return bool(row.file != store.NO_FILE)


def _check_room(tx: Transaction, viewer: int) -> None:
    if store.count_waiting(tx, viewer) >= rules.UPLOADS_AT_MOST:
        raise Conflict("{limit} pictures wait for a text already; post them first", limit=rules.UPLOADS_AT_MOST)


def _enter(tx: Transaction, viewer: int, values: dict[str, Any]) -> int:
    return store.add(tx, viewer, **values)


def describe(
    tx: Transaction, viewer: int, number: int, *, description: str | None, focus: tuple[float, float] | None
) -> Row[Any]:
    """Say what an upload shows; the row. Raises Missing, Conflict once a text has taken it."""
    row = _found(tx, viewer, number)
    if row.taken_by is not None:
        raise Conflict("a text has taken this picture: edit the text")
    values: dict[str, Any] = {} if description is None else {"description": description}
    values |= {"focus": list(focus)} if focus else {}
    if values:
        store.change(tx, number, **values)
    return _found(tx, viewer, number)


def forget(tx: Transaction, viewer: int, number: int) -> None:
    """Delete an upload that no text has taken. Raises Missing, Conflict."""
    row = _found(tx, viewer, number)
    if row.taken_by is not None:
        raise Conflict("a text has taken this picture: edit the text")
    _drop(tx, [row])


def pictures(tx: Transaction, viewer: int, numbers: Sequence[int]) -> tuple[Picture, ...]:
    """The pictures of a text, in its order. Raises Invalid for one that is not hers or not described."""
    if len(numbers) > PICTURES_AT_MOST:
        raise Invalid("a text has at most {limit} pictures", field="media_ids", limit=PICTURES_AT_MOST)
    found = []
    for number in numbers:
        row = store.find(tx, viewer, number)
        if row is None:
            raise Invalid("there is no picture {given}; send it in once more", field="media_ids", given=number)
        if not is_ready(tx, row):
            raise Invalid("this film is still being worked on; try again in a moment", field="media_ids")
        if not row.description:
            raise Invalid(
                "a picture has no description: those who do not see it would not know what is there",
                field="media_ids",
            )
        found.append(store.picture(row))
    return tuple(found)


def prune(tx: Transaction) -> int:
    """Forget uploads whose time is over, and the files of those that nothing shows; how many there were."""
    rows = store.old(tx)
    _drop(tx, rows)
    return len(rows)


def _drop(tx: Transaction, rows: Sequence[Row[Any]]) -> None:
    store.remove(tx, [row.id for row in rows])
    gone = [row.file for row in rows if row.file != store.NO_FILE and not statements.shows(tx, row.file)]
    tx.after_commit(lambda: media.drop(tx.node, gone))


def _found(tx: Transaction, viewer: int, number: int) -> Row[Any]:
    row = store.find(tx, viewer, number)
    if row is None:
        raise Missing("Record not found")
    return row
