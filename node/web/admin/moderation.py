"""Moderation at the desk: what waits, the group's filters and settings, whom it does not hear, and what rules did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import Row

from node import actors
from node.context import NODE, Transaction
from node.decisions import State, with_proposed
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.members import actions as members
from node.moderation import actions, filtering, rules, store
from node.translating import N_
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, by, received, standing, told_after, values_for
from node.web.pages import entries, rendering

PAGE = f"{DESK}/moderation"
SETTINGS = {
    "first_contact": N_("Hold back the first message from a server that is not known here"),
    "without_picture": N_("Hold back messages from accounts without a picture"),
    "new_account_days": N_("Hold back messages from accounts that are younger than so many days (0: none)"),
    "mentions_an_hour": N_(
        "So many mentions by strangers in an hour are told one by one; more are collapsed (0: never)"
    ),
    "activities_an_hour": N_("So many activities of one server are taken in an hour (0: as many as it sends)"),
}
FLAGS = ("first_contact", "without_picture")
NOTICES = {
    "done": N_("It is done."),
    "proposed": N_("It is proposed to the group, and nothing has changed yet."),
}
DID = {
    "held": N_("held back"),
    "refused": N_("refused"),
    "admitted": N_("admitted"),
    "removed": N_("removed"),
    "expired": N_("expired"),
    "collapsed": N_("collapsed"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """What waits, as the desk shows it."""

    row: Row[Any]
    title: str
    html: Markup
    who: str
    rule: str


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """What waits and what the group's rules are. `?iri=` or `?account=` fills in the forms. Raises Forbidden."""
    here = await standing(request)
    given = {name: request.query.get(name, "")[:2000] for name in ("iri", "account")}
    return await _show(request, here, given=given)


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Propose one of the acts of moderation."""
    here, form = await received(request)
    verb = request.match_info["act"]
    given = {name: value for name, value in form.items() if name != "urgent"}
    if verb == "set":
        given = dict.fromkeys(FLAGS, "no") | given
    try:
        state, made = await request.app[NODE].database.write(
            with_proposed, lambda tx: actions.do(tx, verb, given, **by(here))
        )
    except (Invalid, Conflict, Missing) as error:
        return await _show(request, here, given=given, failure=error, status=error.status)
    return await after(request, PAGE, here, made, done="done" if state is State.ADOPTED else "proposed")


async def _show(
    request: web.Request, here: Standing, *, given: Mapping[str, str], status: int = 200, **more: Any
) -> web.Response:
    values: dict[str, Any] = await request.app[NODE].database.read(_gather, here)
    return rendering.private(
        request,
        "desk_moderation.html",
        status=status,
        rule_names=rules.RULES,
        did_names=DID,
        setting_names=SETTINGS,
        flags=FLAGS,
        categories=rules.CATEGORIES,
        days=rules.KEPT_FOR.days,
        given=dict.fromkeys(("iri", "account", "pattern"), "") | dict(given),
        **(values | more),
    )


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "peer", actor=here.actor)
    if here.group is None:
        raise Forbidden("you hold no mandate; a steward of the group can give you one")
    rows, silenced = store.waiting(tx, here.actor), store.silenced_of(tx, here.actor)
    known = actors.find_all(tx, [*(row.author for row in rows), *(row.actor for row in silenced)])
    named = {iri: actors.handle_of(row) for iri, row in known.items()}
    patterns = {f"filter {row.id}": row.pattern for row in store.filters_of(tx, here.actor)}
    return values_for(tx, here) | {
        "waiting": [_held(row, named, patterns) for row in rows],
        "filters": store.filters_of(tx, here.actor),
        "patterns": patterns,
        "kinds": filtering.known_kinds(tx),
        "chosen_settings": asdict(store.settings_of(tx, here.actor)),
        "silenced": silenced,
        "named": named,
        "lately": store.lately(tx, here.actor, since=tx.now - rules.COUNTED_FOR),
        "notice": told_after(here, NOTICES),
    }


def _held(row: Row[Any], named: dict[str, str], patterns: dict[str, str]) -> Held:
    title, html = actions.words_of(row)
    clean = Markup(entries.directed(entries.lowered(html)))
    return Held(row, title, clean, named.get(row.author, row.author), patterns.get(row.rule, row.rule))
