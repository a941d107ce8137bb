"""The feed of what waits for one member, at a secret address, as Atom and as a calendar (RFC 5545).

It says that there is something to decide and until when, and not what: whoever reads calendars for others reads it too.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from aiohttp import web

from node import VERSION, localised, translating
from node.context import NODE, Node
from node.decisions import Shown
from node.notices import actions
from node.translating import N_, filled, spoken
from node.web.feeds import atom
from node.web.feeds.feed import Feed, Item
from node.web.pages import assets_served

CALENDAR = "text/calendar"
LASTS = timedelta(minutes=15)
HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}
TITLE = N_("What waits for you at {host}")


async def deadlines(request: web.Request) -> web.Response:
    """What waits for the member whose secret stands in the address. Raises Missing."""
    node, secret, form = request.app[NODE], request.match_info["secret"], request.match_info["form"]
    language, waiting = await node.database.read(actions.of_feed, secret)
    await translating.load(language)
    with translating.speaking(language):
        if form == atom.ENDING:
            body, media_type = atom.serialise(_feed(node, secret, waiting)), atom.MEDIA_TYPE
        else:
            body, media_type = await asyncio.to_thread(_calendar, node, waiting), CALENDAR
    return web.Response(body=body, headers=HEADERS | {"Content-Type": f"{media_type}; charset=utf-8"})


def _feed(node: Node, secret: str, waiting: list[Shown]) -> Feed:
    home = node.address("/desk")
    items = tuple(_item(node, one) for one in waiting)
    return Feed(
        address=node.address(f"/deadlines/{secret}"),
        home=home,
        title=filled(TITLE, host=node.config.host),
        subtitle="",
        lang=spoken(),
        author=node.config.host,
        author_address=node.config.origin,
        icon=node.address(assets_served.address("mark.svg")),
        about=node.address("/about"),
        updated=max((one.updated for one in items), default=node.clock()),
        items=items,
        before=None,
        older=None,
        noindex=True,
    )


def _item(node: Node, one: Shown) -> Item:
    address = node.address(f"/desk/decisions/{one.number}")
    title = actions.said(one)
    if one.until is not None:
        title += " " + filled(N_("(until {moment})"), moment=localised.moment(one.until, spoken()))
    return Item(
        iri=f"{address}#{one.state.value}",
        address=address,
        title=title,
        lang=spoken(),
        author=node.config.host,
        author_address=node.config.origin,
        published=one.opened,
        updated=one.opened,
        html=None,
        summary=_unless(one),
        tags=(),
        enclosed=(),
    )


def _unless(one: Shown) -> str:
    until = localised.moment(one.until, spoken()) if one.until is not None else ""
    return filled(one.unless_done, until=until, quorum=localised.number(one.rule.quorum, spoken()))


def _calendar(node: Node, waiting: list[Shown]) -> bytes:
    """Those that end, each as the last quarter of an hour before it does. What has no end stands in no calendar."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", f"-//Commonwire//{VERSION}//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", filled(TITLE, host=node.config.host))
    for one in waiting:
        if one.until is None:
            continue
        address = node.address(f"/desk/decisions/{one.number}")
        event = Event()
        event.add("uid", f"decision-{one.number}@{node.config.host}")
        event.add("dtstamp", one.opened)
        event.add("dtstart", one.until - LASTS)
        event.add("dtend", one.until)
        event.add("summary", actions.said(one))
        event.add("description", f"{_unless(one)}\n{address}")
        event.add("url", address)
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
