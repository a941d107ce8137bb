"""The queries of time lines, each within a window: items, the newest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam, cast, or_, select

from node.actors import actors
from node.context import Transaction
from node.objects import objects
from node.peering.rules import LIVE
from node.peering.standing import not_hidden, not_rejected, standing
from node.peering.store import follows
from node.prepared import Prepared
from node.reports.hearing import KIND as REPORT
from node.statements import featured, pins
from node.statements.store import hashtags, reactions, statements
from node.timelines.rules import Item, Scope, is_for, is_not_aside, merged
from node.timelines.walks import BOOSTS, FEED, LISTED, PASSED_ON_BY, SAID_BY, Walk
from node.window import Window

Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwanted:
    """What a viewer does not want to see: conditions on `objects`, and of boosts on `reactions` too."""

    said: Conditions = ()
    passed_on: Conditions = ()


EVERYTHING = Unwanted()

_FOLLOWED = Prepared(
    select(follows.c.followed).where(
        follows.c.follower == bindparam("group"), or_(*(follows.c.state == state for state in sorted(LIVE)))
    )
)


def followed_by(tx: Transaction, group: str) -> frozenset[str]:
    """Whom a group follows, or has asked to, and the group itself: whose words its home time line has."""
    return frozenset([group, *(row.followed for row in tx.execute(_FOLLOWED, {"group": group}))])


def by(
    tx: Transaction,
    authors: Collection[str],
    window: Window,
    *,
    answered: Collection[str],
    unwanted: Unwanted = EVERYTHING,
) -> list[Item]:
    """What these have said and passed on: a home time line, a list. Of their answers those to whom `answered` names."""
    them, theirs = frozenset(authors), frozenset(answered)

    def wanted(row: Any) -> bool:
        return is_for(row, them, theirs)

    mine, boosts = [objects.c.author.in_(them)], [reactions.c.actor.in_(them)]
    of_said = [*not_rejected(tx, objects.c.author), *unwanted.said]
    walks = [
        Walk(index=FEED, given={"local": local}, conditions=of_said, wanted=wanted, narrow=mine)
        for local in (True, False)
    ]
    rejected = [*not_rejected(tx, objects.c.author), *not_rejected(tx, reactions.c.actor)]
    limited = not_hidden(tx, objects.c.author)
    if limited:  # whom they follow they are shown, whoever else passes it on
        rejected.append(or_(objects.c.author.in_(them), and_(*limited)))
    of_boosts = [*rejected, *unwanted.passed_on]
    walks.append(Walk(index=BOOSTS, conditions=of_boosts, wanted=wanted, narrow=boosts))
    return _merged(tx, walks, window)


def public(
    tx: Transaction, window: Window, *, scope: Scope, kind: str | None = None, unwanted: Unwanted = EVERYTHING
) -> list[Item]:
    """What stands in feeds, of one kind or of any; no answers to others."""
    conditions = [*not_hidden(tx, objects.c.author), *_with_media(scope), *unwanted.said]
    if kind is not None:
        conditions.append(objects.c.kind == kind)
    walks = [
        Walk(index=FEED, given={"local": local}, conditions=conditions, wanted=is_not_aside)
        for local in _of_scope(scope)
    ]
    return _merged(tx, walks, window)


def reports(tx: Transaction, window: Window, *, unwanted: Unwanted = EVERYTHING) -> list[Item]:
    """The reports of struggles that stand in feeds; those of imports do not."""
    return public(tx, window, scope=Scope(), kind=REPORT, unwanted=unwanted)


def tagged(
    tx: Transaction,
    window: Window,
    *,
    some: Sequence[str],
    every: Sequence[str] = (),
    none: Sequence[str] = (),
    scope: Scope,
    unwanted: Unwanted = EVERYTHING,
) -> list[Item]:
    """What carries one of `some` hashtags, `every` one of those, and `none` of these."""
    conditions = [*not_hidden(tx, objects.c.author), *_with_media(scope), *unwanted.said, _carries(some)]
    conditions += [_carries([name]) for name in every]
    if none:
        conditions.append(~_carries(none))
    conditions.append(or_(*(objects.c.local.is_(local) for local in _of_scope(scope))))
    return _merged(tx, [Walk(index=LISTED, conditions=conditions)], window)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What of an account's time line is asked for."""

    answers: bool = True
    boosts: bool = True
    only_media: bool = False
    tag: str | None = None


def account(tx: Transaction, iri: str, window: Window, *, shown: Shown, unwanted: Unwanted = EVERYTHING) -> list[Item]:
    """What an account has said and passed on."""
    if _is_rejected(tx, iri):
        return []
    conditions = [*_with_media(Scope(only_media=shown.only_media)), *unwanted.said]
    if shown.tag is not None:
        conditions.append(_carries([shown.tag]))

    def wanted(row: Any) -> bool:
        return shown.answers or is_not_aside(row)

    walks = [
        Walk(index=SAID_BY, given={"author": iri, "listed": listed}, conditions=conditions, wanted=wanted)
        for listed in (True, False)
    ]
    if shown.boosts and not shown.only_media and shown.tag is None:
        of_boosts = [*not_hidden(tx, objects.c.author), *unwanted.passed_on]
        walks.append(Walk(index=PASSED_ON_BY, given={"author": iri}, conditions=of_boosts))
    return _merged(tx, walks, window)


def pinned(tx: Transaction, iri: str) -> list[Item]:
    """What an account has pinned, the last one first."""
    if _is_rejected(tx, iri):
        return []
    ours = [Item(row.iri, None, row.sort_id) for row in pins.of(tx, iri)]
    table = featured.featured
    query = (
        select(objects.c.iri, objects.c.sort_id)
        .join(table, table.c.object == objects.c.iri)
        .where(table.c.actor == iri, objects.c.author == iri, objects.c.public.is_(True), objects.c.deleted.is_(None))
        .order_by(table.c.at.desc(), objects.c.sort_id.desc())
        .limit(featured.AT_MOST)
    )
    return [*ours, *(Item(row.iri, None, row.sort_id) for row in tx.execute(query))]


def _merged(tx: Transaction, walks: Sequence[Walk], window: Window) -> list[Item]:
    return merged([walk.through(tx, window) for walk in walks], window)


def _of_scope(scope: Scope) -> list[bool]:
    if scope.local == scope.remote:
        return [True, False]
    return [scope.local]


def _with_media(scope: Scope) -> Conditions:
    if not scope.only_media:
        return ()
    shows = select(statements.c.iri).where(
        statements.c.iri == objects.c.iri, cast(statements.c.attachments, Text) != "[]"
    )
    return (shows.exists(),)


def _carries(names: Sequence[str]) -> ColumnElement[bool]:
    found = select(hashtags.c.iri).where(hashtags.c.name.in_([name.casefold() for name in names]))
    return objects.c.iri.in_(found)


def _is_rejected(tx: Transaction, iri: str) -> bool:
    host = tx.execute(select(actors.c.host).where(actors.c.iri == iri)).scalar()
    return host is not None and standing(tx, host=host, actor=iri).is_rejected
