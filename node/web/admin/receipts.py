"""The delivery report of a text at the desk: what became of it at each server, and sending it once more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from node.context import NODE, Transaction
from node.errors import Missing
from node.members import actions as members
from node.peering import arrivals
from node.peering.arrivals import Sent, State
from node.translating import N_
from node.web.admin import published
from node.web.admin.door import told_on_a_page
from node.web.admin.standing import Standing, back, gathered, received, standing, told_after, values_for
from node.web.pages import entries, rendering
from node.web.pages.text_page import number_of

ROWS = 200
"""Servers that are shown of each activity: those first that have not received it."""
NOTICES = {"retry": N_("It is sent once more.")}
STATES = {
    State.RECEIVED: N_("received"),
    State.REFUSED: N_("refused"),
    State.UNREACHABLE: N_("unreachable"),
    State.WAITING: N_("waits"),
    State.DROPPED: N_("given up"),
    State.WITHHELD: N_("not sent, by our own policy"),
}


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """Who has received a text of the group, who refused it and why, who cannot be reached and how long it is tried."""
    here = await standing(request)
    return await _show(request, here, notice=told_after(here, NOTICES))


@told_on_a_page
async def retry(request: web.Request) -> web.StreamResponse:
    """Send it once more to one server, or to all that have not received it."""
    here, form = await received(request)
    number = number_of(request.match_info["id"])
    try:
        await request.app[NODE].database.write(_retry, here, number, form.get("host") or None)
    except Missing as error:
        return await _show(request, here, status=error.status, failure=error)
    raise back(f"{published.PAGE}/{request.match_info['id']}/receipts", here, done="retry")


def _retry(tx: Transaction, here: Standing, number: int, host: str | None) -> None:
    members.require(tx, here.member, "publish", actor=here.actor)
    arrivals.retry(tx, published.own(tx, here, number).iri, group=here.actor, host=host)


async def _show(request: web.Request, here: Standing, *, status: int = 200, **more: Any) -> web.Response:
    values = await gathered(request, _gather, here, number_of(request.match_info["id"]))
    address = f"{published.PAGE}/{request.match_info['id']}"
    return rendering.private(request, "desk_receipts.html", status=status, **(values | {"address": address} | more))


def _gather(tx: Transaction, here: Standing, number: int) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    row = published.own(tx, here, number)
    sent = [_first(one) for one in arrivals.report(tx, row.iri, group=here.actor)]
    return values_for(tx, here) | {
        "entry": entries.of(tx, [row])[0],
        "sent": sent,
        "rows": ROWS,
        "states": STATES,
        "may_act": here.may("publish"),
        "missing": any(arrivals.may_be_retried(one) for each in sent for one in each.arrivals),
        "may_be_retried": arrivals.may_be_retried,
    }


def _first(sent: Sent) -> Sent:
    """The same with those first that have not received it."""
    return replace(sent, arrivals=tuple(sorted(sent.arrivals, key=lambda one: one.state is State.RECEIVED)))
