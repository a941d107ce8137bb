"""What is announced, as a calendar (RFC 5545): actions that reports tell of before they begin or while they go on,
and events. Of others only those stand in it who agree to be found, and nothing from behind a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from node import VERSION, actors
from node.context import Node, Transaction
from node.reports import listing
from node.translating import asked_for, speaking
from node.web.pages import entries, filtering, rendering
from node.web.pages.masthead import masthead
from schemas.partial_date import PartialDate
from schemas.reading import Malformed

MEDIA_TYPE = "text/calendar; charset=utf-8"
ENTRIES_AT_MOST = 300
GOES_ON_FOR = timedelta(days=1)
STATUSES = {
    "EventCancelled": "CANCELLED",
    "EventPostponed": "CANCELLED",
    "EventTentative": "TENTATIVE",
    "announced": "TENTATIVE",
}


@dataclass(frozen=True, slots=True)
class Announced:
    """One line of the calendar: from a moment to another, or whole days, the last one not among them."""

    iri: str
    address: str
    title: str
    text: str
    place: str
    begins: datetime | date
    ends: datetime | date | None
    status: str
    changed: datetime


def announced(tx: Transaction, given: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[str, list[Announced]]:
    """What the calendar is called, and what of all that meets the filters is still to come or goes on."""
    asked = filtering.widened(tx, dict(given))
    main = masthead(tx, actors.main_group(tx))
    with speaking(asked_for(main.lang)):
        rows = listing.announced(tx, asked, today=tx.now.date(), limit=ENTRIES_AT_MOST)
        found = [_action(tx.node, one) for one in _shown(tx, rows)]
        if not listing.asks_for_reports(asked):
            events = listing.matching(tx, {**asked, "type": ("event",)}, limit=ENTRIES_AT_MOST, in_feeds=True)
            found += [_event(tx.node, one) for one in _shown(tx, events)]
        title = rendering.say("wire_title", name=main.name)
    since = tx.now - GOES_ON_FOR
    return title, [one for one in found if one is not None and _is_ahead(one, since)]


def _shown(tx: Transaction, rows: Sequence[Row[Any]]) -> list[entries.Entry]:
    return [one for one in entries.of(tx, rows) if (one.local or one.author.indexable) and not one.sensitive]


def _is_ahead(one: Announced, since: datetime) -> bool:
    last = one.ends or one.begins
    return last >= since if isinstance(last, datetime) else last >= since.date()


def _action(node: Node, entry: entries.Entry) -> Announced | None:
    assert entry.report is not None
    try:
        began = PartialDate.read(entry.report.began)
        ended = PartialDate.read(entry.report.ended) if entry.report.ended else began
    except Malformed:
        return None
    facts = rendering.say(
        "report", kind=entry.report.action_kind, place=entry.place, began=entry.report.began, ended=entry.report.ended
    )
    return _line(
        node,
        entry,
        begins=began.earliest,
        ends=ended.latest + timedelta(days=1),
        place=entry.place,
        text=f"{facts}\n{entry.opening}",
        status=entry.report.status,
    )


def _event(node: Node, entry: entries.Entry) -> Announced | None:
    happening = entry.happening
    if happening is None or happening.begins is None:
        return None
    venues = (", ".join(filter(None, [one.get("name"), *one.get("lines", ())])) for one in happening.venues)
    return _line(
        node,
        entry,
        begins=happening.begins.astimezone(UTC),  # an offset without the name of its zone is lost on the way
        ends=happening.ends.astimezone(UTC) if happening.ends is not None else None,
        place=" · ".join(filter(None, venues)),
        text=entry.opening,
        status=happening.status,
    )


def _line(
    node: Node,
    entry: entries.Entry,
    *,
    begins: datetime | date,
    ends: datetime | date | None,
    place: str,
    text: str,
    status: str | None,
) -> Announced:
    original = entry.original if rendering.is_web(entry.original) else node.address(entry.path)
    return Announced(
        iri=entry.iri,
        address=entry.iri if entry.local else original,
        title=f"{entry.headline} · {entry.author.name}",
        text=text,
        place=place,
        begins=begins,
        ends=ends,
        status=STATUSES.get(status or "", "CONFIRMED"),
        changed=entry.updated or entry.published,
    )


def serialise(node: Node, found: tuple[str, list[Announced]]) -> bytes:
    """The calendar."""
    from icalendar import Calendar, Event

    title, lines = found
    calendar = Calendar()
    calendar.add("prodid", f"-//Commonwire//{VERSION}//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    for one in lines:
        event = Event()
        event.add("uid", one.iri)
        event.add("dtstamp", one.changed)
        event.add("last-modified", one.changed)
        event.add("dtstart", one.begins)
        if one.ends is not None and one.ends > one.begins:
            event.add("dtend", one.ends)
        event.add("summary", one.title)
        event.add("description", f"{one.text}\n{one.address}")
        if one.place:
            event.add("location", one.place)
        event.add("url", one.address)
        event.add("status", one.status)
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
