"""Accounts of others and of groups: what they are, what they have said, whom they know; and finding them by name."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from sqlalchemy import Row, select

from node import accounts as accounts_by
from node import actors
from node.actors import actors as actors_table
from node.context import NODE, Transaction
from node.errors import Missing
from node.members.viewers import Viewer
from node.peering.rules import Follow
from node.peering.store import follows
from node.recognitions import visibility
from node.recognitions.visibility import Asker
from node.timelines import actions as wanted_by
from node.timelines import store as timelines
from node.timelines.store import Shown
from node.web.mastodon import door, finding, pages, parameters, resolving, windows
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import accounts, own_accounts
from node.web.mastodon.pages import Page
from node.window import Window, within

AT_ONCE = 40
FOLLOWERS_AT_MOST = 80
NAME_CHARACTERS = 300


def _is_own(viewer: Viewer | None, number: int) -> bool:
    """Whether a number is that of a reader's own private account: nobody else ever meets it."""
    return viewer is not None and viewer.actor is None and viewer.id == number


async def shown(request: web.Request) -> web.Response:
    """One account."""
    viewer, number = await door.optional_viewer(request), finding.number_in(request)
    return pages.answer(request, await pages.remembered(request, _shown, viewer, number), viewer)


def _shown(tx: Transaction, viewer: Viewer | None, number: int) -> Page:
    if viewer is not None and _is_own(viewer, number):
        return pages.page(json.dumps(own_accounts.private(tx, viewer), ensure_ascii=False).encode())
    row = finding.account(tx, number)
    return pages.page(accounts.of_rows(tx, [row])[row.iri])


async def several(request: web.Request) -> web.Response:
    """Those of several that are there."""
    viewer, given = await door.optional_viewer(request), parameters.of_query(request)
    numbers = tuple(number for one in given.many("id") if (number := windows.number_of(one)) is not None)[:AT_ONCE]
    return pages.answer(request, await pages.remembered(request, _several, viewer, numbers), viewer)


def _several(tx: Transaction, _viewer: Viewer | None, numbers: tuple[int, ...]) -> Page:
    rows = [row for row in accounts_by.all_numbered(tx, numbers) if finding.is_account(tx, row)]
    return pages.page(accounts.listed(tx, rows))


async def looked_up(request: web.Request) -> web.Response:
    """The account that is called so, if it is known here; nobody else is asked."""
    viewer, given = await door.optional_viewer(request), parameters.of_query(request)
    name = (given.text("acct") or "").strip()[:NAME_CHARACTERS]
    return pages.answer(request, await pages.remembered(request, _looked_up, viewer, name), viewer)


def _looked_up(tx: Transaction, viewer: Viewer | None, name: str) -> Page:
    row = called(tx, name)
    if row is None:
        raise Missing(finding.NO_ACCOUNT)
    return pages.page(accounts.of_rows(tx, [row])[row.iri])


def called(tx: Transaction, name: str) -> Row[Any] | None:
    """The account that is written `name`, `@name` (both of this node) or `name@host`."""
    user, _, host = name.removeprefix("@").removeprefix("acct:").partition("@")
    own = tx.node.config.host
    row = accounts_by.called(tx, user, host.lower() or own)
    return row if row is not None and finding.is_account(tx, row) else None


async def said(request: web.Request) -> web.Response:
    """What an account has said and passed on, or what it has pinned."""
    viewer, number = await door.optional_viewer(request), finding.number_in(request)
    given = parameters.of_query(request)
    window = windows.asked(given)
    if given.flag("pinned"):
        return pages.answer(request, await pages.remembered(request, _pinned, viewer, number), viewer)
    asked = Shown(
        answers=not given.flag("exclude_replies"),
        boosts=not given.flag("exclude_reblogs"),
        only_media=given.flag("only_media"),
        tag=(given.text("tagged") or "").lstrip("#") or None,
    )
    found = await pages.remembered(request, _said, viewer, number, window, asked)
    return pages.answer(request, found, viewer, window=window)


def _said(tx: Transaction, viewer: Viewer | None, number: int, window: Window, asked: Shown) -> Page:
    if _is_own(viewer, number):
        return pages.page(b"[]")
    row = finding.account(tx, number)
    if not finding.is_heard_by(tx, row, viewer):
        return pages.page(b"[]")
    # On the page of an account stands what it has said, also for whoever has muted it; not what it passes on of others.
    unwanted = timelines.Unwanted(passed_on=wanted_by.unwanted(tx, viewer).said)
    return pages.of_items(tx, timelines.account(tx, row.iri, window, shown=asked, unwanted=unwanted), viewer, window)


def _pinned(tx: Transaction, viewer: Viewer | None, number: int) -> Page:
    if _is_own(viewer, number):
        return pages.page(b"[]")
    row = finding.account(tx, number)
    found = timelines.pinned(tx, row.iri) if finding.is_heard_by(tx, row, viewer) else []
    return pages.of_items(tx, found, viewer)


async def followers(request: web.Request) -> web.Response:
    """Who follows a group: for its members alone. Everybody else gets an empty list, as of accounts elsewhere."""
    return await _related(request, by_followed=True)


async def following(request: web.Request) -> web.Response:
    """Whom a group follows: for its members alone."""
    return await _related(request, by_followed=False)


async def _related(request: web.Request, *, by_followed: bool) -> web.Response:
    viewer, number = await door.optional_viewer(request), finding.number_in(request)
    window = windows.asked(parameters.of_query(request), limit=AT_ONCE, at_most=FOLLOWERS_AT_MOST)
    found = await pages.remembered(request, _those_related, viewer, number, window, by_followed)
    return pages.answer(request, found, viewer, window=window)


def _those_related(tx: Transaction, viewer: Viewer | None, number: int, window: Window, by_followed: bool) -> Page:
    if _is_own(viewer, number):
        return pages.page(b"[]")
    row = finding.account(tx, number)
    if not _may_see(tx, viewer, row, by_followed=by_followed):
        return pages.page(b"[]")
    here, there = (follows.c.followed, follows.c.follower) if by_followed else (follows.c.follower, follows.c.followed)
    query = select(actors_table).join(follows, there == actors_table.c.iri).where(
        here == row.iri, follows.c.state == Follow.ACCEPTED.value, actors_table.c.gone.is_(None)
    )  # fmt: skip
    rows = within(tx, query, actors_table.c.number, window)
    shown = [one for one in rows if finding.is_account(tx, one)]
    return pages.page(accounts.listed(tx, shown), [one.number for one in rows], window)


def _may_see(tx: Transaction, viewer: Viewer | None, row: Row[Any], *, by_followed: bool) -> bool:
    """Who follows a group is for its members alone; whom it follows is for those whom it has chosen."""
    is_member = viewer is not None and viewer.actor == row.iri
    if by_followed or not row.local:
        return is_member
    return visibility.sees(tx, "following", row.iri, Asker(is_member=is_member))


async def nothing_featured(request: web.Request) -> web.Response:
    """Which hashtags and accounts an account features. Groups feature none, and those of others are not kept."""
    viewer, number = await door.optional_viewer(request), finding.number_in(request)
    if not _is_own(viewer, number):
        await request.app[NODE].database.read(finding.account, number)
    return answer(request, [], public=viewer is None)


async def searched(request: web.Request) -> web.Response:
    """The accounts whose name or handle begins so; with `resolve` one that is not known here yet is looked for."""
    viewer, given = await door.viewer(request), parameters.of_query(request)
    text, limit = (given.text("q") or "").strip(), given.number("limit", AT_ONCE, at_least=1, at_most=FOLLOWERS_AT_MOST)
    offset = given.number("offset", 0, at_most=200)
    if given.flag("resolve"):
        await resolving.account(request, viewer, text)
    only = given.flag("following")
    found = await request.app[NODE].database.read(_searched, viewer, text, limit, offset, only)
    return answer(request, found)


def _searched(tx: Transaction, viewer: Viewer, text: str, limit: int, offset: int, only_followed: bool) -> bytes:
    followed = wanted_by.followed_by(tx, viewer) if only_followed else None
    return accounts.listed(tx, matching(tx, text, limit=limit, offset=offset, among=followed))


def matching(
    tx: Transaction, text: str, *, limit: int, offset: int = 0, among: frozenset[str] | None = None
) -> list[Row[Any]]:
    """The accounts that `text` is the handle or the address of, then those whose names begin so; our own first."""
    first = [row for row in (called(tx, text), actors.find(tx, text)) if row is not None]
    named = accounts_by.beginning(tx, text, limit=limit + offset + len(first), among=among)
    rows = {row.iri: row for row in [*first, *named]}
    shown = [
        row
        for row in rows.values()
        if (among is None or row.iri in among) and row.type != "Application" and finding.is_account(tx, row)
    ]
    return shown[offset : offset + limit]
