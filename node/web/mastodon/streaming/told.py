"""What is told of some events, to each viewer who listens: one transaction, for all of them.

Viewers who meet the same account, and of whom none has noted anything of what the events are about that the other has
not (node.marks.differing), are **alike**: what one of them is told all of them are, so that it is looked for and made
once, however many there are. Lists and notifications are each viewer's own.

Whether something belongs to a stream is asked of the time line of that name, looked at just where the event stands: so
a stream tells of what the time line shows, and of nothing else. What is deleted is told on every stream; an app that
does not have it takes no notice.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, select

from node.context import Transaction
from node.errors import Missing
from node.happenings import What
from node.marks import followings
from node.marks.differing import ALIKE, Concerned, Fact, facts
from node.members.viewers import Viewer
from node.notifications import listing
from node.objects import objects
from node.statements.store import hashtags, reactions
from node.timelines import REPORTS
from node.timelines import actions as wishes
from node.timelines import store as timelines
from node.timelines.rules import Item, Scope
from node.web.mastodon.entities import notifications, quotations, statuses
from node.web.mastodon.streaming.hub import Message, Stream
from node.window import Window

EVENTS = {What.SAID: "update", What.BOOSTED: "update", What.CHANGED: "status.update"}
GONE = (What.GONE, What.UNBOOSTED)
Wants = Sequence[tuple[Viewer, frozenset[Stream]]]


def told(tx: Transaction, events: Sequence[Row[Any]], wants: Wants) -> list[Message]:
    """The messages for everybody who listens; those for one viewer in the order of the events."""
    if not wants:
        return []
    news = _news(tx, [row for row in events if row.what in EVENTS])
    made: list[tuple[int, Message]] = []
    for some in _alike(tx, news, wants):
        made += _told(tx, events, news, some)
    made += _notified(tx, events, wants)
    return [message for _, message in sorted(made, key=itemgetter(0))]


@dataclass(frozen=True, slots=True)
class _Alike:
    """Viewers who are told the same, so far as they ask for it: any one of them, and who of them asks for what."""

    one: Viewer
    asking: Mapping[Stream, frozenset[int]]


def _alike(tx: Transaction, news: Mapping[int, _New], wants: Wants) -> list[_Alike]:
    """Everybody, together with those to whom she is alike."""
    differing = _differing(tx, news)
    ones: dict[Hashable, Viewer] = {}
    asking: dict[Hashable, dict[Stream, set[int]]] = {}
    for viewer, streams in wants:
        own = viewer.id if any(one.name == "list" for one in streams) else None
        key = (viewer.actor, differing.get(viewer.id, ALIKE), own)
        ones.setdefault(key, viewer)
        theirs = asking.setdefault(key, defaultdict(set))
        for stream in streams:
            theirs[stream].add(viewer.id)
    return [_Alike(one, {stream: frozenset(who) for stream, who in asking[key].items()}) for key, one in ones.items()]


def _differing(tx: Transaction, news: Mapping[int, _New]) -> dict[int, frozenset[Fact]]:
    if not news:
        return {}
    items = [new.item for new in news.values()]
    texts, parent = {item.iri for item in items}, objects.alias("parent")
    answered = select(parent.c.author).where(
        parent.c.iri.in_(select(objects.c.in_reply_to).where(objects.c.iri.in_(texts)))
    )
    said = select(objects.c.author).where(objects.c.iri.in_(texts))
    accounts = {new.by for new in news.values()}.union(*(tx.execute(query).scalars() for query in (said, answered)))
    quoted = {one for _, one in quotations.states(tx, list(texts)).values()}
    tags = {name for new in news.values() for name in new.tags}
    return facts(tx, Concerned(texts=texts | quoted, accounts=accounts, tags=tags))


def _told(
    tx: Transaction, events: Sequence[Row[Any]], news: Mapping[int, _New], some: _Alike
) -> Iterator[tuple[int, Message]]:
    """Of texts and boosts, with the place of each in the events."""
    texts = [stream for stream in some.asking if stream.name not in ("user:notification", "direct")]
    followed = cache(lambda: wishes.followed_by(tx, some.one))
    tags = cache(lambda: followings.tags(tx, some.one.id))
    for place, row in enumerate(events):
        if row.what in GONE:
            yield from ((place, Message(some.asking[one], one, "delete", str(row.place))) for one in texts)
        elif row.id in news:
            new = news[row.id]
            likely = [
                one for one in texts if one.name != "user" or new.by in followed() or new.tags.intersection(tags())
            ]
            chosen = [one for one in likely if _may_carry(one, new) and _shows(tx, one, new.item, some.one)]
            for payload in _payloads(tx, new.item, some.one) if chosen else ():
                yield from ((place, Message(some.asking[one], one, EVENTS[row.what], payload)) for one in chosen)


@dataclass(frozen=True, slots=True)
class _New:
    """What an event is about, whose time lines it may be in, and the hashtags it carries."""

    item: Item
    by: str
    tags: frozenset[str]


def _may_carry(stream: Stream, new: _New) -> bool:
    """Whether it is worth to look: an app may ask for many hashtags, and a text carries few."""
    return not stream.name.startswith("hashtag") or stream.argument in new.tags


def _news(tx: Transaction, rows: Sequence[Row[Any]]) -> dict[int, _New]:
    """What the events are about, by their numbers; without what is gone again."""
    boosts = [row.iri for row in rows if row.what == What.BOOSTED]
    found = {}
    if boosts:
        query = select(reactions.c.iri, reactions.c.object).where(reactions.c.iri.in_(boosts))
        found = {row.iri: row.object for row in tx.execute(query)}
    about = {
        row.id: Item(found[row.iri], row.iri, row.place) if row.iri in found else Item(row.iri, None, row.place)
        for row in rows
        if row.what != What.BOOSTED or row.iri in found
    }
    iris = {item.iri for item in about.values()}
    there = select(objects.c.iri).where(
        objects.c.iri.in_(iris), objects.c.public.is_(True), objects.c.deleted.is_(None)
    )
    held = set(tx.execute(there).scalars()) if iris else set()
    tags: dict[str, set[str]] = defaultdict(set)
    for one in tx.execute(select(hashtags).where(hashtags.c.iri.in_(held))) if held else ():
        tags[one.iri].add(one.name)
    return {
        number: _New(about[number], row.author, frozenset(tags[about[number].iri]))
        for number, row in {row.id: row for row in rows}.items()
        if number in about and about[number].iri in held
    }


def _shows(tx: Transaction, stream: Stream, item: Item, viewer: Viewer) -> bool:
    """Whether the time line of this name shows this, there where it stands."""
    here = Window(limit=5, min_id=item.place - 1, max_id=item.place + 1)
    try:
        return item in _time_line(tx, stream, viewer, here)
    except Missing:  # a list of hers that she has deleted
        return False


def _time_line(tx: Transaction, stream: Stream, viewer: Viewer, window: Window) -> list[Item]:
    name, *words = stream.name.split(":")
    scope = Scope(local="local" in words, remote="remote" in words, only_media="media" in words)
    match name:
        case "user":
            return wishes.home(tx, viewer, window)
        case "list" if int(stream.argument) == REPORTS:
            return timelines.reports(tx, window, unwanted=wishes.unwanted(tx, viewer))
        case "list":
            members, answered = wishes.of_list(tx, viewer, int(stream.argument))
            unwanted = wishes.unwanted_in_list(tx, viewer)
            return timelines.by(tx, members, window, answered=answered, unwanted=unwanted)
        case "hashtag":
            unwanted = wishes.unwanted(tx, viewer)
            return timelines.tagged(tx, window, some=[stream.argument], scope=scope, unwanted=unwanted)
        case _:
            return timelines.public(tx, window, scope=scope, unwanted=wishes.unwanted(tx, viewer))


def _payloads(tx: Transaction, item: Item, viewer: Viewer) -> Iterator[str]:
    """The Status as JSON, unless it is gone."""
    return (piece.decode() for piece in statuses.pieces(tx, [item], viewer))


def _notified(tx: Transaction, events: Sequence[Row[Any]], wants: Wants) -> Iterator[tuple[int, Message]]:
    """Of notifications: who hears of which, and what a vote says to whom, is each member's own."""
    for place, row in enumerate(events):
        if row.what != What.NOTIFIED:
            continue
        for viewer, streams in wants:
            wanted = [stream for stream in streams if stream.name in ("user", "user:notification")]
            if not wanted or row.author != viewer.actor or not (found := listing.shown(tx, viewer, row.place)):
                continue
            for made in notifications.rendered(tx, found, viewer):
                payload = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
                who = frozenset([viewer.id])
                yield from ((place, Message(who, stream, "notification", payload)) for stream in wanted)
