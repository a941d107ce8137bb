"""From the ids that apps know to what they mean: texts and boosts by their places, accounts by their numbers."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Row, bindparam, select

from node import accounts, objects
from node.context import Transaction
from node.errors import Missing
from node.members.viewers import Viewer
from node.peering.standing import standing
from node.prepared import Prepared
from node.statements.store import reactions, shown
from node.timelines import Item
from node.timelines import actions as wishes
from node.web.mastodon import windows

NO_STATUS = "there is no such text here, or it is gone"
NO_ACCOUNT = "there is no such account here, or it is gone"

_BY_PLACE = Prepared(select(objects.objects).where(objects.objects.c.sort_id == bindparam("place")))
_BOOST = Prepared(select(reactions).where(reactions.c.sort_id == bindparam("place")))


def number_in(request: web.Request, name: str = "id") -> int:
    """The number in the address. Raises Missing for what can be none."""
    found = windows.number_of(request.match_info[name])
    if found is None:
        raise Missing(NO_STATUS)
    return found


def item(tx: Transaction, place: int, viewer: Viewer | None) -> Item:
    """The text or boost at a place. Raises Missing unless it is there, and the viewer may see it."""
    row = tx.execute(_BY_PLACE, {"place": place}).first()
    boost = None
    if row is None:
        boost = tx.execute(_BOOST, {"place": place}).first()
        row = objects.find(tx, boost.object) if boost is not None else None
    if row is None or not is_visible(tx, row, viewer):
        raise Missing(NO_STATUS)
    return Item(row.iri, boost.iri if boost is not None else None, place)


def text(tx: Transaction, place: int, viewer: Viewer | None) -> Row[Any]:
    """The row of the text at a place; of a boost that of what was passed on. Raises Missing."""
    found = objects.find(tx, item(tx, place, viewer).iri)
    if found is None:
        raise Missing(NO_STATUS)
    return found


def is_visible(tx: Transaction, row: Row[Any], viewer: Viewer | None) -> bool:
    """Whether the viewer, or everybody, may see a row of `objects`, and it is something said."""
    there = row.public and row.deleted is None and bool(shown(tx, [row.iri]))
    return there and (row.local or wishes.sees(tx, viewer)(row.author, row.kind))


def account(tx: Transaction, number: int) -> Row[Any]:
    """The account that has a number. Raises Missing for one that is not known, has left, or is on a suspended host."""
    row = accounts.numbered(tx, number)
    if row is None or not is_account(tx, row):
        raise Missing(NO_ACCOUNT)
    return row


def is_account(tx: Transaction, row: Row[Any]) -> bool:
    """Whether apps are shown an actor: it has not left, and is not on a suspended host."""
    if row.gone is not None:
        return False
    return row.local or not standing(tx, host=row.host, actor=row.iri).is_rejected


def is_heard_by(tx: Transaction, row: Row[Any], viewer: Viewer | None) -> bool:
    """Whether a viewer is shown what an account says; its profile she is shown, so that she can follow it."""
    return row.local or wishes.sees(tx, viewer)(row.iri, "")
