"""Complaints from apps, which call them reports: about an account and some of its texts, read by our own delegates."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node import actors, objects
from node.complaints import sending, store
from node.context import Transaction
from node.decisions import with_proposed
from node.errors import Forbidden, Invalid
from node.members import actions as members
from node.members.viewers import Viewer
from node.web.mastodon import addressed, door, finding, parameters
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import accounts, moments
from node.web.mastodon.parameters import Parameters

TEXTS_AT_MOST = 19


async def report(request: web.Request) -> web.Response:
    """POST /api/v1/reports: the complaint is with the delegates. With `forward`, a delegate's own is put to the group
    to be sent on; anybody else's says to the delegates that she wants it."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    return answer(request, (await addressed.written(request, with_proposed, _take, viewer, given))[0])


def _take(tx: Transaction, viewer: Viewer, given: Parameters) -> dict[str, Any]:
    account = given.text("account_id") or ""
    if not account:
        raise Invalid("say about whom", field="account_id")
    iri = addressed.one_account(tx, account)
    texts = [str(finding.text(tx, _number(one), viewer).iri) for one in given.many("status_ids", at_most=TEXTS_AT_MOST)]
    rules = given.many("rule_ids", at_most=100)
    category = sending.read_category(given.text("category") or ("violation" if rules else "other"))
    number = sending.from_app(
        tx,
        iri,
        texts,
        group=viewer.actor or str(actors.main_group(tx).iri),
        words=given.text("comment") or "",
        category=category,
        forward=given.flag("forward"),
    )
    if given.flag("forward") and viewer.actor is not None:
        _send(tx, viewer, number)
    return _entity(tx, viewer, store.find(tx, number), rules)


def _send(tx: Transaction, viewer: Viewer, number: int) -> None:
    row = store.find(tx, number)
    try:
        members.require(tx, viewer.member, "peer", actor=viewer.actor or "")
    except Forbidden:
        return
    if row is not None and row.group == viewer.actor and sending.is_about_others(tx, row):
        sending.send(tx, number, member=viewer.member)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        raise Invalid("{given!r} is no id", field="status_ids", given=text[:40])
    return int(text)


def _entity(tx: Transaction, viewer: Viewer, row: Row[Any] | None, rules: list[str]) -> dict[str, Any]:
    assert row is not None, "it was entered in this transaction"
    account, *texts = row.about
    held = objects.find_all(tx, texts)
    return {
        "id": str(row.id),
        "action_taken": row.closed is not None,
        "action_taken_at": moments.optional(row.closed),
        "category": sending.named(row.category),
        "comment": row.words,
        "forwarded": row.sent is not None,
        "created_at": moments.moment(row.at),
        "status_ids": [str(held[iri].sort_id) for iri in texts if iri in held],
        "rule_ids": rules,
        "target_account": accounts.rendered(tx, [account], viewer)[account],
    }
