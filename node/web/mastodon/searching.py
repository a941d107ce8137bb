"""Search: accounts, texts and hashtags in one answer; and what stands at an address or is called so elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import func, select

from node import actors, objects
from node.context import NODE, Transaction
from node.errors import Invalid
from node.marks import followings
from node.members.viewers import Viewer
from node.search import actions as search
from node.search import rules
from node.statements.store import hashtags
from node.timelines import Item
from node.timelines import actions as wanted_by
from node.web.mastodon import door, finding, parameters, profiles, resolving, windows
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import accounts, said, statuses
from node.web.mastodon.parameters import Parameters

KINDS = ("accounts", "statuses", "hashtags")
AT_MOST = 40
OFFSET_AT_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for: words, of which kinds, and whose."""

    text: str
    kinds: tuple[str, ...]
    limit: int
    offset: int
    only_followed: bool = False
    by: int | None = None
    max_id: int | None = None


async def searched(request: web.Request) -> web.Response:
    """What was found, by kind. With `resolve`, what is not known here is looked for at its own server."""
    viewer, given = await door.optional_viewer(request), parameters.of_query(request)
    wanted = _read(given, viewer)
    at = None
    if resolving.is_address(wanted.text):
        at = await request.app[NODE].database.read(resolving.found_at, wanted.text)
    if viewer is not None and given.flag("resolve") and not wanted.offset:
        if resolving.is_address(wanted.text):
            at = at or await resolving.address(request, viewer, wanted.text)
        elif "accounts" in wanted.kinds:
            await resolving.account(request, viewer, wanted.text)
    found = await request.app[NODE].database.read(_found, viewer, wanted, at)
    return answer(request, found, public=viewer is None)


def _read(given: Parameters, viewer: Viewer | None) -> Wanted:
    kind = given.text("type") or ""
    if kind and kind not in KINDS:
        raise Invalid("{given!r} is none of {known}", field="type", given=kind[:40], known=", ".join(KINDS))
    return Wanted(
        text=(given.text("q") or "").strip()[: resolving.CHARACTERS],
        kinds=(kind,) if kind else KINDS,
        limit=given.number("limit", 20, at_least=1, at_most=AT_MOST),
        offset=given.number("offset", 0, at_most=OFFSET_AT_MOST) if kind else 0,
        only_followed=given.flag("following") and viewer is not None,
        by=windows.identifier(given, "account_id"),
        max_id=windows.identifier(given, "max_id"),
    )


def _found(tx: Transaction, viewer: Viewer | None, wanted: Wanted, at: str | None) -> bytes:
    parts = {"accounts": b"[]", "statuses": b"[]", "hashtags": b"[]"}
    if at is not None:
        parts |= _standing_at(tx, viewer, at, wanted.kinds)
    elif wanted.text:
        if "accounts" in wanted.kinds:
            parts["accounts"] = _accounts(tx, viewer, wanted)
        if "statuses" in wanted.kinds:
            parts["statuses"] = _statuses(tx, viewer, wanted)
        if "hashtags" in wanted.kinds:
            parts["hashtags"] = statuses.encoded(_hashtags(tx, viewer, wanted))
    return b"{" + b",".join(f'"{name}":'.encode() + part for name, part in parts.items()) + b"}"


def _standing_at(tx: Transaction, viewer: Viewer | None, iri: str, kinds: tuple[str, ...]) -> dict[str, bytes]:
    row = objects.find(tx, iri)
    if row is not None and "statuses" in kinds and finding.is_visible(tx, row, viewer):
        return {"statuses": statuses.listed(tx, [Item(iri)], viewer)}
    who = actors.find(tx, iri)
    if who is not None and "accounts" in kinds and finding.is_account(tx, who):
        return {"accounts": accounts.listed(tx, [who])}
    return {}


def _accounts(tx: Transaction, viewer: Viewer | None, wanted: Wanted) -> bytes:
    followed = wanted_by.followed_by(tx, viewer) if viewer is not None and wanted.only_followed else None
    rows = profiles.matching(tx, wanted.text, limit=wanted.limit, offset=wanted.offset, among=followed)
    return accounts.listed(tx, rows)


def _statuses(tx: Transaction, viewer: Viewer | None, wanted: Wanted) -> bytes:
    try:
        question = rules.read(wanted.text[: rules.CHARACTERS])
    except Invalid:  # no word in it: nothing has that
        return b"[]"
    author = None
    if wanted.by is not None:
        author = {"author": (finding.account(tx, wanted.by).iri,)}
    rows = search.find(tx, question, author, before=wanted.max_id, limit=wanted.limit + wanted.offset)
    unwanted = wanted_by.unwanted(tx, viewer).said
    if unwanted and rows:
        table = objects.objects
        query = select(table.c.iri).where(table.c.iri.in_([row.iri for row in rows]), *unwanted)
        left = set(tx.execute(query).scalars())
        rows = [row for row in rows if row.iri in left]
    items = [Item(row.iri, None, row.sort_id) for row in rows[wanted.offset : wanted.offset + wanted.limit]]
    return statuses.listed(tx, items, viewer)


def _hashtags(tx: Transaction, viewer: Viewer | None, wanted: Wanted) -> list[dict[str, Any]]:
    name = wanted.text.lstrip("#").casefold()
    if not name or " " in name:
        return []
    query = (
        select(hashtags.c.name, func.count().label("number"))
        .where(hashtags.c.name.startswith(name, autoescape=True))
        .group_by(hashtags.c.name)
        .order_by(func.count().desc(), hashtags.c.name)
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    hers = followings.tags(tx, viewer.id) if viewer is not None else []
    return [
        {"name": row.name, "url": said.tag_address(tx, row.name), "history": [], "following": row.name in hers}
        for row in tx.execute(query)
    ]
