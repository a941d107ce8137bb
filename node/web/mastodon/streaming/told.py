"""What is told of some events, to each viewer who listens: one transaction, for all of them.

Whether something belongs to a stream is asked of the time line of that name, looked at just where the event stands: so
a stream tells of what the time line shows, and of nothing else. What is deleted is told on every stream; an app that
does not have it takes no notice.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Row, select

from node.context import Transaction
from node.errors import Missing
from node.happenings import What
from node.marks import followings
from node.members.viewers import Viewer
from node.notifications import listing
from node.objects import objects
from node.statements.store import hashtags, reactions
from node.timelines import REPORTS
from node.timelines import actions as wishes
from node.timelines import store as timelines
from node.timelines.rules import Item, Scope
from node.web.mastodon.entities import notifications, statuses
from node.web.mastodon.streaming.hub import Message, Stream
from node.window import Window

EVENTS = {What.SAID: "update", What.BOOSTED: "update", What.CHANGED: "status.update"}
GONE = (What.GONE, What.UNBOOSTED)
Wants = Sequence[tuple[Viewer, frozenset[Stream]]]


def told(tx: Transaction, events: Sequence[Row[Any]], wants: Wants) -> list[Message]:
    """The messages for everybody who listens; those for one viewer in the order of the events."""
    news = _news(tx, [row for row in events if row.what in EVENTS]) if wants else {}
    return [message for viewer, streams in wants for message in _told(tx, events, news, viewer, streams)]


def _told(
    tx: Transaction,
    events: Sequence[Row[Any]],
    news: Mapping[int, _New],
    viewer: Viewer,
    streams: frozenset[Stream],
) -> Iterator[Message]:
    texts = [stream for stream in streams if stream.name not in ("user:notification", "direct")]
    followed = cache(lambda: wishes.followed_by(tx, viewer))
    tags = cache(lambda: followings.tags(tx, viewer.id))
    for row in events:
        if row.what in GONE:
            yield from (Message(viewer.id, stream, "delete", str(row.place)) for stream in texts)
        elif row.what == What.NOTIFIED and row.author == viewer.actor:
            yield from _notified(tx, row, viewer, streams)
        elif row.id in news:
            new = news[row.id]
            likely = [one for one in texts if one.name != "user" or new.by in followed() or tags()]
            chosen = [one for one in likely if _may_carry(one, new) and _shows(tx, one, new.item, viewer)]
            for payload in _payloads(tx, new.item, viewer) if chosen else ():
                yield from (Message(viewer.id, stream, EVENTS[row.what], payload) for stream in chosen)


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


def _notified(tx: Transaction, row: Row[Any], viewer: Viewer, streams: frozenset[Stream]) -> Iterator[Message]:
    wanted = [stream for stream in streams if stream.name in ("user", "user:notification")]
    if not wanted or not (found := listing.shown(tx, viewer, row.place)):
        return
    for made in notifications.rendered(tx, found, viewer):
        payload = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
        yield from (Message(viewer.id, stream, "notification", payload) for stream in wanted)
