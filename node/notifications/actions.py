"""Making notifications of what happened, at the end of the transaction in which it did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from node import happenings
from node.context import Transaction
from node.happenings import Happening, What
from node.moderation import store as moderation
from node.notifications import store, waves
from node.notifications.rules import Kind
from node.objects import objects
from node.statements.quotes import Consent, quotes
from node.statements.quotings import Consent as Agreed
from node.statements.quotings import quotings
from node.statements.store import reactions

NEWS = timedelta(days=1)  # who named the group before that is found in the past, and is no news
AT_ONCE = 300
_OF_REACTIONS = {What.LIKED: Kind.FAVOURITE, What.BOOSTED: Kind.REBLOG}
_TAKEN_BACK = {What.UNLIKED: Kind.FAVOURITE, What.UNBOOSTED: Kind.REBLOG}

Deed = tuple[str, Kind, str, str]
"""Whom it concerns, what it is, who did it, and to what."""


def settle(tx: Transaction) -> None:
    """At the end of a transaction: note what concerns our groups, and drop what was taken back."""
    if not tx.happened:
        return
    for one in tx.happened:
        _take_back(tx, one)
    for of, kind, actor, iri in [*_named(tx), *_reacted(tx), *_changed(tx), *_others(tx)]:
        if actor == of and kind is not Kind.VOTE:
            continue
        if moderation.any_rules(tx) and moderation.silence_of(tx, of, actor) is not None:
            continue
        wave = waves.collapses(tx, of=of, kind=kind, actor=actor)
        number = store.add(tx, of=of, kind=kind, actor=actor, iri=iri, wave=wave)
        if number is not None and not wave:
            happenings.note(tx, What.NOTIFIED, str(number), actor=of, place=number)


def _take_back(tx: Transaction, one: Happening) -> None:
    match one.what:
        case What.GONE:
            store.take_back(tx, iri=one.iri)
        case What.UNLIKED | What.UNBOOSTED:
            store.take_back(tx, iri=one.iri, kinds=[_TAKEN_BACK[one.what]], actor=one.actor)
        case What.UNFOLLOWED:
            store.take_back(tx, iri=one.iri, kinds=[Kind.FOLLOW, Kind.FOLLOW_REQUEST], actor=one.actor)
        case What.ANSWERED:
            store.take_back(tx, iri=one.iri, kinds=[Kind.FOLLOW_REQUEST], actor=one.actor)
        case What.DECIDED:
            store.take_back(tx, iri=one.iri, kinds=[Kind.VOTE])
        case What.LEFT:
            store.forget_actor(tx, one.iri)
        case _:
            pass


def _named(tx: Transaction) -> Iterator[Deed]:
    """Texts of others that name a group of ours, answer it, or quote it with its leave."""
    groups: dict[str, list[tuple[str, Kind]]] = defaultdict(list)
    for one in tx.happened:
        if one.what is What.NAMED and one.actor:
            groups[one.iri].append((one.actor, Kind.MENTION))
    for quoting, author in _quoted(tx):
        groups[quoting].append((author, Kind.QUOTE))
    if not groups:
        return
    table = objects.c
    columns = (table.iri, table.author, table.published, table.public, table.deleted)
    for row in tx.execute(select(*columns).where(table.iri.in_(list(groups)[:AT_ONCE]))):
        if row.public and row.deleted is None and row.published > tx.now - NEWS:
            for group, kind in groups[row.iri]:
                yield group, kind, row.author, row.iri


def _quoted(tx: Transaction) -> Iterator[tuple[str, str]]:
    """What was said now and quotes a text of ours: the text that quotes, and the group that is quoted."""
    said = [one.iri for one in tx.happened if one.what is What.SAID][:AT_ONCE]
    if said:
        query = (
            select(quotes.c.quoting, objects.c.author)
            .join(objects, objects.c.iri == quotes.c.quoted)
            .where(quotes.c.quoting.in_(said), quotes.c.state == Consent.ALLOWED.value, objects.c.local.is_(True))
        )
        for row in tx.execute(query):
            yield row.quoting, row.author


def _reacted(tx: Transaction) -> Iterator[Deed]:
    """Likes and boosts of what our groups say."""
    kinds = {one.iri: _OF_REACTIONS[one.what] for one in tx.happened if one.what in _OF_REACTIONS}
    if not kinds:
        return
    query = (
        select(reactions.c.iri, reactions.c.actor, reactions.c.object, objects.c.author)
        .join(objects, objects.c.iri == reactions.c.object)
        .where(reactions.c.iri.in_(list(kinds)[:AT_ONCE]), objects.c.local.is_(True), objects.c.public.is_(True))
    )
    for row in tx.execute(query):
        yield row.author, kinds[row.iri], row.actor, row.object


def _changed(tx: Transaction) -> Iterator[Deed]:
    """What a group of ours has boosted was changed by its author."""
    changed = [one.iri for one in tx.happened if one.what is What.CHANGED]
    if not changed:
        return
    query = (
        select(reactions.c.actor, objects.c.author, objects.c.iri)
        .join(objects, objects.c.iri == reactions.c.object)
        .where(
            reactions.c.object.in_(changed[:AT_ONCE]),
            reactions.c.kind == "Announce",
            reactions.c.actor.startswith(tx.node.config.origin + "/"),
            objects.c.local.is_(False),
        )
    )
    for row in tx.execute(query):
        yield row.actor, Kind.UPDATE, row.author, row.iri
    yield from _changed_below_ours(tx, changed)


def _changed_below_ours(tx: Transaction, changed: list[str]) -> Iterator[Deed]:
    """What a text of ours quotes was changed by its author: it is about our text, which may mean something else now."""
    quoted, ours = objects.alias("quoted"), objects.alias("ours")
    query = (
        select(quotings.c.iri, quoted.c.author, ours.c.author.label("group"))
        .join(quoted, quoted.c.iri == quotings.c.quoted)
        .join(ours, ours.c.iri == quotings.c.iri)
        .where(
            quotings.c.quoted.in_(changed[:AT_ONCE]),
            quotings.c.state == Agreed.GIVEN.value,
            ours.c.public.is_(True),
            ours.c.deleted.is_(None),
        )
    )
    for row in tx.execute(query):
        yield row.group, Kind.QUOTED_UPDATE, row.author, row.iri


def _others(tx: Transaction) -> Iterator[Deed]:
    decided = {one.iri for one in tx.happened if one.what is What.DECIDED}
    for one in tx.happened:
        if one.actor is None:
            continue
        if one.what is What.FOLLOWED:
            yield one.iri, Kind.FOLLOW, one.actor, one.iri
        elif one.what is What.ASKED:
            yield one.iri, Kind.FOLLOW_REQUEST, one.actor, one.iri
        elif (
            one.what is What.PROPOSED and one.iri not in decided
        ):  # the group's own: everybody who may vote is told, the proposer too
            yield one.actor, Kind.VOTE, one.actor, one.iri
