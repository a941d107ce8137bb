"""A viewer's lists. Beside her own stands one of every struggle report, which apps know no other door to."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node import translating
from node.context import Transaction
from node.errors import Invalid
from node.marks import actions, lists, rules
from node.members.viewers import Viewer
from node.timelines import REPORTS
from node.translating import N_
from node.web.mastodon import addressed, door, parameters, windows
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import accounts as accounts_shown
from node.web.mastodon.entities import relationships
from node.window import Window

TITLE_OF_REPORTS = N_("Struggle reports")
ACCOUNTS, ACCOUNTS_AT_MOST = 40, 80


async def all_of(request: web.Request) -> web.Response:
    """Her lists, and that of struggle reports at the end."""
    viewer = await door.viewer(request)
    rows = await addressed.read(request, lists.of, viewer.id)
    return answer(request, [*(relationships.listing(row) for row in rows), _of_reports()])


async def one(request: web.Request) -> web.Response:
    """One list."""
    viewer, number = await door.viewer(request), addressed.small(request)
    return answer(request, _of_reports() if number == REPORTS else await _shown(request, viewer, number))


async def make(request: web.Request) -> web.Response:
    """A new list."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    number = await addressed.written(
        request, actions.add_list, viewer, given.text("title") or "",
        replies_policy=given.text("replies_policy") or "list", exclusive=given.flag("exclusive"),
    )  # fmt: skip
    return answer(request, await _shown(request, viewer, number))


async def change(request: web.Request) -> web.Response:
    """Change a list."""
    viewer, given, number = await door.viewer(request), await parameters.of(request), _own(request)
    await addressed.written(
        request, actions.change_list, viewer, number, title=given.text("title"),
        replies_policy=given.text("replies_policy"), exclusive=given.optional_flag("exclusive"),
    )  # fmt: skip
    return answer(request, await _shown(request, viewer, number))


async def drop(request: web.Request) -> web.Response:
    """Delete a list."""
    viewer, number = await door.viewer(request), _own(request)

    def act(tx: Transaction) -> None:
        lists.drop(tx, lists.find(tx, viewer.id, number).id)

    await addressed.written(request, act)
    return answer(request, {})


async def accounts(request: web.Request) -> web.Response:
    """The accounts in a list; `limit=0` is all of them."""
    viewer, given, number = await door.viewer(request), parameters.of_query(request), addressed.small(request)
    window = windows.asked(given, limit=ACCOUNTS, at_most=ACCOUNTS_AT_MOST)
    if given.optional_number("limit") == 0:
        window = Window(limit=rules.LIST_ACCOUNTS_AT_MOST)

    def ask(tx: Transaction) -> tuple[list[Row[Any]], list[dict[str, Any]]]:
        if number != REPORTS:
            lists.find(tx, viewer.id, number)
        rows = lists.accounts_page(tx, number, window)
        shown = accounts_shown.rendered(tx, [row.actor for row in rows], viewer)
        return rows, [shown[row.actor] for row in rows if row.actor in shown]

    rows, found = await addressed.read(request, ask)
    first, last = (rows[0].id, rows[-1].id) if rows else (None, None)
    return answer(request, found, headers=windows.link(request, window, first, last, full=len(rows) == window.limit))


async def enter(request: web.Request) -> web.Response:
    """Enter accounts in a list. One that is not known here is 404, and none is entered."""
    viewer, number, numbers = await door.viewer(request), _own(request), await _numbers(request)

    def act(tx: Transaction) -> None:
        iris = [addressed.one_account(tx, one) for one in numbers]
        actions.enter_in_list(tx, viewer, number, iris)

    await addressed.written(request, act)
    return answer(request, {})


async def strike(request: web.Request) -> web.Response:
    """Take accounts from a list."""
    viewer, number, numbers = await door.viewer(request), _own(request), await _numbers(request)

    def act(tx: Transaction) -> None:
        lists.find(tx, viewer.id, number)
        lists.strike(tx, number, addressed.accounts_of(tx, numbers))

    await addressed.written(request, act)
    return answer(request, {})


async def _numbers(request: web.Request) -> list[str]:
    return (await parameters.of(request)).many("account_ids", at_most=rules.LIST_ACCOUNTS_AT_MOST)


def _own(request: web.Request) -> int:
    number = addressed.small(request)
    if number == REPORTS:
        raise Invalid("the list of struggle reports is the node's, and everybody has it")
    return number


async def _shown(request: web.Request, viewer: Viewer, number: int) -> dict[str, Any]:
    return relationships.listing(await addressed.read(request, lists.find, viewer.id, number))


def _of_reports() -> dict[str, Any]:
    title = translating.translated(TITLE_OF_REPORTS)
    return {"id": str(REPORTS), "title": title, "replies_policy": "none", "exclusive": False}
