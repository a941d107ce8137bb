"""Of which senders a viewer wants to hear less, and what of theirs waits as a request until she looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node.accounts import numbered
from node.context import NODE, Transaction
from node.errors import Invalid, Missing
from node.members.viewers import Viewer
from node.notifications import policies
from node.notifications.rules import ACCEPT, CHOICES, FILTER, SENDERS
from node.web.mastodon import door, parameters, windows
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import accounts
from node.web.mastodon.entities.moments import moment
from node.web.mastodon.parameters import Parameters

LIMIT, LIMIT_AT_MOST = 40, 80
COUNTED_AT_MOST = 100
FIRST_NAMES = {sender: sender.value.replace("for_", "filter_") for sender in SENDERS}
"""As Mastodon 4.3 had them, where each was yes or no (/api/v1)."""


async def policy(request: web.Request) -> web.Response:
    """GET /api/v2/notifications/policy (and /api/v1/...)"""
    viewer = await door.viewer(request)
    found = await request.app[NODE].database.read(_policy, viewer, request.path.startswith("/api/v1/"))
    return answer(request, found)


async def change(request: web.Request) -> web.Response:
    """PATCH /api/v2/notifications/policy; PUT and PATCH /api/v1/notifications/policy"""
    viewer, given = await door.viewer(request), await parameters.of(request)
    first = request.path.startswith("/api/v1/")
    return answer(request, await request.app[NODE].database.write(_change, viewer, given, first))


def _change(tx: Transaction, viewer: Viewer, given: Parameters, first: bool) -> dict[str, Any]:
    choices = {}
    for sender in SENDERS:
        if first and (yes := given.optional_flag(FIRST_NAMES[sender])) is not None:
            choices[sender] = FILTER if yes else ACCEPT
        elif not first and (text := given.text(sender.value)) is not None:
            if text not in CHOICES:
                raise Invalid(
                    "{given!r} is none of {known}", field=sender.value, given=text[:40], known=", ".join(CHOICES)
                )
            choices[sender] = text
    policies.put(tx, viewer.id, choices)
    return _policy(tx, viewer, first)


def _policy(tx: Transaction, viewer: Viewer, first: bool) -> dict[str, Any]:
    chosen = policies.of(tx, viewer.id)
    waits = policies.requests(tx, viewer.id, viewer.actor, limit=COUNTED_AT_MOST) if viewer.actor else []
    summary = {
        "pending_requests_count": len(waits),
        "pending_notifications_count": min(sum(row.number for row in waits), COUNTED_AT_MOST),
    }
    if first:
        return {FIRST_NAMES[sender]: choice != ACCEPT for sender, choice in chosen.items()} | {"summary": summary}
    return {sender.value: choice for sender, choice in chosen.items()} | {"summary": summary}


async def requests(request: web.Request) -> web.Response:
    """GET /api/v1/notifications/requests"""
    viewer, given = await door.viewer(request), await parameters.of(request)
    limit = given.number("limit", LIMIT, at_least=1, at_most=LIMIT_AT_MOST)
    return answer(request, await request.app[NODE].database.read(_requests, viewer, limit))


def _requests(tx: Transaction, viewer: Viewer, limit: int) -> list[dict[str, Any]]:
    if viewer.actor is None:
        return []
    return _entities(tx, policies.requests(tx, viewer.id, viewer.actor, limit=limit), viewer)


def _entities(tx: Transaction, rows: Sequence[Row[Any]], viewer: Viewer) -> list[dict[str, Any]]:
    who = accounts.rendered(tx, [row.actor for row in rows], viewer)
    return [
        {
            "id": who[row.actor]["id"],  # one sender, one request: so it has her number
            "created_at": moment(row.first),
            "updated_at": moment(row.last),
            "notifications_count": str(row.number),
            "account": who[row.actor],
            "last_status": None,
        }
        for row in rows
        if row.actor in who
    ]


async def one_request(request: web.Request) -> web.Response:
    """GET /api/v1/notifications/requests/:id"""
    viewer, number = await door.viewer(request), windows.number_of(request.match_info["id"])
    return answer(request, await request.app[NODE].database.read(_one_request, viewer, number))


def _one_request(tx: Transaction, viewer: Viewer, number: int | None) -> dict[str, Any]:
    row = None if number is None else numbered(tx, number)
    if row is None or viewer.actor is None:
        raise Missing("Record not found")
    found = _entities(tx, policies.requests(tx, viewer.id, viewer.actor, actor=row.iri, limit=1), viewer)
    if not found:
        raise Missing("Record not found")
    return found[0]


async def accept(request: web.Request) -> web.Response:
    """POST /api/v1/notifications/requests/:id/accept, or /accept with `id[]`"""
    return await _settle(request, policies.accept)


async def dismiss(request: web.Request) -> web.Response:
    """POST /api/v1/notifications/requests/:id/dismiss, or /dismiss with `id[]`"""
    return await _settle(request, policies.put_away)


async def _settle(request: web.Request, act: Callable[[Transaction, int, Sequence[str]], None]) -> web.Response:
    viewer = await door.viewer(request)
    named = request.match_info.get("id")
    texts = [named] if named is not None else (await parameters.of(request)).many("id")
    if not texts:
        raise Invalid("say which requests", field="id")
    numbers = [windows.number_of(text) for text in texts]
    await request.app[NODE].database.write(_settle_some, viewer, numbers, act)
    return answer(request, {})


def _settle_some(
    tx: Transaction,
    viewer: Viewer,
    numbers: Sequence[int | None],
    act: Callable[[Transaction, int, Sequence[str]], None],
) -> None:
    rows = [numbered(tx, number) if number is not None else None for number in numbers]
    if viewer.actor is None or None in rows:
        raise Missing("Record not found")
    act(tx, viewer.id, [row.iri for row in rows if row is not None])


async def merged(request: web.Request) -> web.Response:
    """GET /api/v1/notifications/requests/merged: what was accepted is in the list at once."""
    await door.viewer(request)
    return answer(request, {"merged": True})
