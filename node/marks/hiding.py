"""What a viewer's marks take from time lines, searches and notifications: conditions for their queries.

As Mastodon does it: the words of whom she has muted or hidden, and of hidden hosts, are in no time line, no search and,
unless a mute leaves them, no notification; in her home time line neither are answers to these, nor what those pass on.
Texts are still there by their address. Who stands in an exclusive list leaves the home time line. Filters take nothing
away: apps are told of them (`matching`). Where a viewer has no such mark, nothing is asked of the rows.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, select

from node.actors import actors
from node.context import Transaction
from node.marks import followings, lists, store
from node.marks.accounts import hidden_actors, hidden_hosts, in_force, mutes
from node.marks.lists import lists as lists_table
from node.objects import objects
from node.prepared import Prepared

_KINDS = {
    "mutes": mutes,
    "hidden": hidden_actors,
    "hosts": hidden_hosts,
    "lists": lists_table,
    "follows": followings.private_follows,
}
_WHICH = Prepared(
    select(*(exists().where(one.c.viewer == bindparam("viewer")).label(name) for name, one in _KINDS.items()))
)


def hidden(tx: Transaction, viewer: int, author: Any, *, notified: bool = False) -> list[ColumnElement[bool]]:
    """That the column `author` names nobody whom a viewer does not want to see.

    `notified`: it is about notifications, which a mute may leave.
    """
    return _hidden(tx, viewer, author, _which(tx, viewer), notified=notified)


def home(
    tx: Transaction, viewer: int, *, author: Any, in_reply_to: Any = None, booster: Any = None
) -> list[ColumnElement[bool]]:
    """What `hidden` asks, and more, of the rows of a home time line; `booster`: of those that were passed on."""
    which = _which(tx, viewer)
    conditions = _hidden(tx, viewer, author, which)
    if booster is not None:
        conditions += _hidden(tx, viewer, booster, which)
        if "follows" in which:
            conditions.append(booster.not_in(followings.without_boosts(viewer)))
    if in_reply_to is not None and which & {"mutes", "hidden", "hosts"}:
        parent = objects.alias("parent_of_hidden")
        unwanted = [~one for one in _hidden(tx, viewer, parent.c.author, which)]
        for one in unwanted:
            conditions.append(~select(parent.c.iri).where(parent.c.iri == in_reply_to, one).exists())
    if "lists" in which:
        leaving = author if booster is None else booster  # what others pass on of them stays
        conditions.append(leaving.not_in(lists.exclusive(viewer)))
    return conditions


def quiet(viewer: int, thread: Any) -> ColumnElement[bool]:
    """That the column `thread` (of `objects`, the root or the object itself) names no thread that is to be quiet."""
    condition: ColumnElement[bool] = thread.not_in(store.quiet_threads(viewer))
    return condition


def _which(tx: Transaction, viewer: int) -> set[str]:
    row = tx.execute(_WHICH, {"viewer": viewer}).first()
    return {name for name in _KINDS if getattr(row, name)}


def _hidden(
    tx: Transaction, viewer: int, author: Any, which: set[str], *, notified: bool = False
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if "mutes" in which:
        muted = select(mutes.c.actor).where(mutes.c.viewer == viewer, in_force(tx.now))
        conditions.append(author.not_in(muted.where(mutes.c.notifications.is_(True)) if notified else muted))
    if "hidden" in which:
        conditions.append(author.not_in(select(hidden_actors.c.actor).where(hidden_actors.c.viewer == viewer)))
    if "hosts" in which:
        hosts = select(hidden_hosts.c.host).where(hidden_hosts.c.viewer == viewer)
        them = actors.alias()
        theirs = select(them.c.iri).where(them.c.iri == author, them.c.local.is_(False), them.c.host.in_(hosts))
        conditions.append(~theirs.exists())
    return conditions
