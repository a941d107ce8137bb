"""What a viewer does with uploads: send one in, describe it, and give it to a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from node import media
from node.context import Node, Transaction
from node.errors import Conflict, Invalid, Missing
from node.media import Picture
from node.statements import store as statements
from node.statements.rules import PICTURES_AT_MOST
from node.uploads import rules, store


async def bring(node: Node, viewer: int, raw: bytes, *, description: str, focus: tuple[float, float] | None) -> int:
    """Clean and keep a picture that an app has sent; its number. Raises Invalid, Conflict.

    The description may come later, but before the text that shows the picture.
    """
    await node.database.read(_check_room, viewer)
    picture = await media.take_undescribed(node, raw)
    return await node.database.write(_enter, viewer, replace(picture, description=description, focus=focus))


def _check_room(tx: Transaction, viewer: int) -> None:
    if store.count_waiting(tx, viewer) >= rules.UPLOADS_AT_MOST:
        raise Conflict("{limit} pictures wait for a text already; post them first", limit=rules.UPLOADS_AT_MOST)


def _enter(tx: Transaction, viewer: int, picture: Picture) -> int:
    return store.add(tx, viewer, **store.columns(picture))


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
    gone = [row.file for row in rows if not statements.shows(tx, row.file)]
    tx.after_commit(lambda: media.drop(tx.node, gone))


def _found(tx: Transaction, viewer: int, number: int) -> Row[Any]:
    row = store.find(tx, viewer, number)
    if row is None:
        raise Missing("Record not found")
    return row
