"""Time lines: home, public, of hashtags, of lists, and of reports of struggles."""

from __future__ import annotations

from aiohttp import web

from node.context import Transaction
from node.errors import Missing
from node.members.viewers import Viewer
from node.timelines import REPORTS
from node.timelines import actions as wanted_by
from node.timelines import store as timelines
from node.timelines.rules import Scope
from node.web.mastodon import addressed, door, pages, parameters, windows
from node.web.mastodon.pages import Page
from node.web.mastodon.parameters import Parameters
from node.window import Window

TAGS_AT_MOST = 4  # beside the one in the address, of each kind; as many as Mastodon takes
TAG_CHARACTERS = 100


async def home(request: web.Request) -> web.Response:
    """What the account follows, and for a group what it has said itself."""
    viewer, window = await door.viewer(request), windows.asked(parameters.of_query(request))
    return pages.answer(request, await pages.remembered(request, _home, viewer, window), viewer, window=window)


def _home(tx: Transaction, viewer: Viewer | None, window: Window) -> Page:
    if viewer is None:
        raise AssertionError("nobody has a home time line")
    return pages.of_items(tx, wanted_by.home(tx, viewer, window), viewer, window)


async def public(request: web.Request) -> web.Response:
    """What this node holds: its own, others', or both."""
    viewer, given = await door.optional_viewer(request), parameters.of_query(request)
    window, scope = windows.asked(given), _scope(given)
    return pages.answer(request, await pages.remembered(request, _public, viewer, window, scope), viewer, window=window)


def _public(tx: Transaction, viewer: Viewer | None, window: Window, scope: Scope) -> Page:
    unwanted = wanted_by.unwanted(tx, viewer)
    return pages.of_items(tx, timelines.public(tx, window, scope=scope, unwanted=unwanted), viewer, window)


def _scope(given: Parameters) -> Scope:
    return Scope(local=given.flag("local"), remote=given.flag("remote"), only_media=given.flag("only_media"))


async def tag(request: web.Request) -> web.Response:
    """What carries a hashtag, and perhaps some, all or none of others."""
    viewer, given = await door.optional_viewer(request), parameters.of_query(request)
    window, scope, name = windows.asked(given), _scope(given), request.match_info["hashtag"]
    if len(name) > TAG_CHARACTERS:
        raise Missing("there is no such tag")
    some, every, none = (
        [one.lstrip("#") for one in given.many(f"{kind}")][:TAGS_AT_MOST] for kind in ("any", "all", "none")
    )
    names = ((name.lstrip("#"), *some), tuple(every), tuple(none))
    found = await pages.remembered(request, _tagged, viewer, window, scope, names)
    return pages.answer(request, found, viewer, window=window)


def _names(given: Parameters, kind: str) -> tuple[str, ...]:
    return tuple(one.lstrip("#") for one in given.many(kind)[:TAGS_AT_MOST])


def _tagged(
    tx: Transaction, viewer: Viewer | None, window: Window, scope: Scope, names: tuple[tuple[str, ...], ...]
) -> Page:
    some, every, none = names
    unwanted = wanted_by.unwanted(tx, viewer)
    items = timelines.tagged(tx, window, some=some, every=every, none=none, scope=scope, unwanted=unwanted)
    return pages.of_items(tx, items, viewer, window)


async def link(request: web.Request) -> web.Response:
    """What links to a page that is much linked to. This node counts no links, so there is no such page."""
    viewer = await door.optional_viewer(request)
    return pages.answer(request, pages.page(b"[]"), viewer)


async def of_list(request: web.Request) -> web.Response:
    """What those of a list of hers have said, or the reports of struggles. Raises Missing."""
    viewer, window = await door.viewer(request), windows.asked(parameters.of_query(request))
    number = addressed.small(request)
    found = await pages.remembered(request, _of_list, viewer, window, number)
    return pages.answer(request, found, viewer, window=window)


def _of_list(tx: Transaction, viewer: Viewer | None, window: Window, number: int) -> Page:
    if viewer is None:
        raise AssertionError("nobody has a list")
    if number == REPORTS:
        items = timelines.reports(tx, window, unwanted=wanted_by.unwanted(tx, viewer))
    else:
        members, answered = wanted_by.of_list(tx, viewer, number)
        unwanted = wanted_by.unwanted_in_list(tx, viewer)
        items = timelines.by(tx, members, window, answered=answered, unwanted=unwanted)
    return pages.of_items(tx, items, viewer, window)
