"""What stands at the top and the foot of every page: the group, where it can be found, and the page of its node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import Row

from node import actors, former_groups, translating
from node.context import NODE, Transaction
from node.errors import Missing
from node.peering import store as peering
from node.statements import markup
from node.web.pages import entries, languages, rendering

P = ParamSpec("P")
Gather = Callable[Concatenate[Transaction, P], dict[str, Any]]
PLACE_DIGITS = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """One of our groups as its pages name it. `followers` and `following` are counts: who they are is theirs to say."""

    iri: str
    name: str
    handle: str
    path: str
    lang: str
    direction: str
    tendency: str | None
    about: Markup
    since: datetime
    indexable: bool
    icon: str | None
    followers: int
    following: int
    retired: datetime | None = None


async def show(
    request: web.Request, template: str, gather: Gather[P], /, *args: P.args, **kwargs: P.kwargs
) -> web.Response:
    """The page of `template` with what `gather(tx, ...)` found, all read in one transaction.

    `gather` may name the `masthead` (else it is that of the main group), the `status`, and whether search engines are
    asked to leave the page out (`noindex`; else as the group of the masthead has chosen, FEP-5feb).
    """
    database = request.app[NODE].database
    found = await database.remembered(
        _finished, translating.spoken(), template, request.path, gather, args, tuple(kwargs.items())
    )
    return rendering.answer(request, found)


def _finished(
    tx: Transaction,
    language: str,
    template: str,
    path: str,
    gather: Any,
    args: tuple[Any, ...],
    kwargs: tuple[tuple[str, Any], ...],
) -> rendering.Finished:
    with translating.speaking(language):
        return rendering.finish(tx.node, path, template, **_with_masthead(tx, gather, *args, **dict(kwargs)))


def _with_masthead(tx: Transaction, gather: Gather[P], /, *args: P.args, **kwargs: P.kwargs) -> dict[str, Any]:
    values = gather(tx, *args, **kwargs)
    if "masthead" not in values:
        values["masthead"] = masthead(tx, actors.main_group(tx))
    return {"noindex": not values["masthead"].indexable} | values


def masthead(tx: Transaction, group: Row[Any]) -> Masthead:
    """The masthead of one of the node's groups."""
    return Masthead(
        iri=group.iri,
        name=group.name,
        handle=f"@{group.handle}@{tx.node.config.host}",
        path=entries.path_of(tx.node, group.iri),
        lang=languages.tag(group.language),
        direction=languages.direction(group.language),
        tendency=group.tendency,
        about=Markup(entries.directed(markup.clean(group.summary))),
        since=group.created,
        indexable=group.indexable,
        icon=f"/media/{group.icon['name']}" if group.icon else None,
        followers=peering.count_followers(tx, group.iri),
        following=peering.count_following(tx, group.iri),
        retired=group.retired,
    )


def of_author(tx: Transaction, iri: str) -> Masthead | None:
    """The masthead of the group `iri`, if it is one of ours."""
    found = next((group for group in [*actors.groups(tx), *former_groups.retired(tx)] if group.iri == iri), None)
    return None if found is None else masthead(tx, found)


def place_in(request: web.Request, name: str) -> int | None:
    """The place in a list that an address names with `?name=`. Raises Missing for what is no place."""
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= PLACE_DIGITS and int(text) < 2**63):
        raise Missing("there is no such place in this list")
    return int(text)
