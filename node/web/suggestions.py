"""What a form suggests while somebody writes: countries, currencies, sectors, who and what was reported on before.

Programs and the one script of the desk get JSON; a browser without scripts gets a page with a field to search in. All
of it is public anyway; nothing of who asks is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web

from node import localised, translating
from node.context import NODE
from node.errors import Missing
from node.reports import suggesting
from node.reports.facts import key
from node.reports.imports import countries, sectors
from node.translating import N_
from node.web.api import answer
from node.web.pages import rendering

AT_MOST = 20
CHARACTERS = 100
Pair = tuple[str, str]
TITLES = {
    "countries": N_("Countries"),
    "currencies": N_("Currencies"),
    "sectors": N_("Sectors"),
    "addressees": N_("Who was struggled with before"),
    "struggles": N_("Struggles that are known here"),
}


def _countries(language: str) -> Iterable[Pair]:
    return ((code, localised.country(code, language)) for code in countries.NAMES)


def _currencies(language: str) -> Iterable[Pair]:
    return ((code, localised.currency(code, language)) for code in localised.currencies())


def _sectors(language: str) -> Iterable[Pair]:
    return sectors.SECTIONS.items()


LISTS: dict[str, Callable[[str], Iterable[Pair]]] = {
    "countries": _countries, "currencies": _currencies, "sectors": _sectors,
}  # fmt: skip
HELD = {"addressees": suggesting.addressees, "struggles": suggesting.struggles_named}


async def suggest(request: web.Request) -> web.Response:
    """What begins with, or holds, the letters in `?q=`: `suggestions` of a `value` to write and its `label`."""
    what, asked = request.match_info["what"], request.query.get("q", "").strip()[:CHARACTERS]
    if what in LISTS:
        found = await asyncio.to_thread(_matching, LISTS[what], asked)
    elif what in HELD:
        found = await request.app[NODE].database.read(HELD[what], asked, AT_MOST) if key(asked) else []
    else:
        raise Missing("there is nothing at this address")
    if "text/html" in request.headers.get("Accept", ""):
        values: dict[str, Any] = {"what": what, "title": TITLES[what], "asked": asked, "found": found}
        return rendering.private(request, "suggest.html", masthead=None, **values)
    return answer({"suggestions": [{"value": value, "label": label} for value, label in found]})


def _matching(listed: Callable[[str], Iterable[Pair]], asked: str) -> list[Pair]:
    """The code itself first, then names that begin like it, then those that hold it; each by its name."""
    wanted = key(asked)
    found = []
    for value, label in listed(translating.spoken()):
        name = key(label)
        if wanted == value.casefold():
            rank = 0
        elif name.startswith(wanted):
            rank = 1
        elif f" {wanted}" in name:
            rank = 2
        elif wanted in name:
            rank = 3
        else:
            continue
        found.append((rank, name, value, label))
    return [(value, label) for _, _, value, label in sorted(found)[:AT_MOST]]
