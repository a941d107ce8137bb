"""What is a viewer's own has small numbers. And the two doors to the database, for the handlers of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Concatenate, ParamSpec, TypeVar

from aiohttp import web

from node import accounts
from node.context import NODE, Transaction
from node.errors import Missing
from node.web.mastodon import finding, windows

P = ParamSpec("P")
R = TypeVar("R")
SMALL = 2**31 - 1
NOTHING = "there is nothing of that number here"


def small(request: web.Request, name: str = "id") -> int:
    """The number of a list, a filter, a keyword. Raises Missing for what can be none."""
    found = windows.number_of(request.match_info[name])
    if found is None or found > SMALL:
        raise Missing(NOTHING)
    return found


def one_account(tx: Transaction, text: str) -> str:
    """The IRI of the account that is named by a number. Raises Missing."""
    number = windows.number_of(text)
    if number is None:
        raise Missing(finding.NO_ACCOUNT)
    return str(finding.account(tx, number).iri)


def accounts_of(tx: Transaction, numbers: Iterable[str]) -> list[str]:
    """The IRIs of the actors with these numbers; what is no number is nobody's."""
    wanted = [found for one in numbers if (found := windows.number_of(one)) is not None]
    return [row.iri for row in accounts.all_numbered(tx, wanted)]


async def written(
    request: web.Request, act: Callable[Concatenate[Transaction, P], R], *args: P.args, **more: P.kwargs
) -> R:
    """Do `act` in a transaction of its own."""
    return await request.app[NODE].database.write(act, *args, **more)


async def read(
    request: web.Request, ask: Callable[Concatenate[Transaction, P], R], *args: P.args, **more: P.kwargs
) -> R:
    """Ask the database."""
    return await request.app[NODE].database.read(ask, *args, **more)
