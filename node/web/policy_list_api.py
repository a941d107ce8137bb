"""What programs of members can do with lists of policies: what one would change, put it to the group, ours."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import actors
from node.context import NODE, Transaction
from node.decisions import with_proposed
from node.members import actions as members
from node.peering.rules import Severity
from node.peering.terms import read_word
from node.policy_lists import actions, shown, subscribing
from node.policy_lists.actions import Export
from node.policy_lists.formats import Form
from node.web import seeing
from node.web.api import answer, member_of, proposed
from node.web.deciding import read_object
from node.web.negotiation import bytes_response


async def act(request: web.Request) -> web.Response:
    """Preview a `list` (its text), or propose to apply it. 200 with the difference, and the decision."""
    member, given = await member_of(request), await read_object(request, shown.TAKES)
    meant, node = shown.meant(given), request.app[NODE]
    by: dict[str, Any] = {"member": member}

    def look(tx: Transaction) -> actions.Foreseen:
        return actions.foresee(tx, given.get("list", "").encode(), meant, actor=_group(tx, given), **by)

    def do(tx: Transaction) -> actions.Foreseen:
        found = look(tx)
        more = {"urgent": given.get("urgent", False), "anyway": given.get("anyway", False)}
        actions.propose(tx, found, actor=_group(tx, given), **by, **more)
        return found

    if request.match_info["act"] == "preview":
        return answer(shown.as_json(await node.database.read(look)))
    found, made = await node.database.write(with_proposed, do)
    return answer(shown.as_json(found) | {"decision": proposed(made)})


async def export(request: web.Request) -> web.Response:
    """Our policies as a list: `?form=blocks` (Mastodon's CSV, the default), `allows`, or `plain` with a `severity`."""
    member, query = await member_of(request), request.query
    form = read_word(query.get("form") or Form.BLOCKS.value, "form", Form)
    severity = read_word(query.get("severity") or Severity.REJECT.value, "severity", Severity)

    def find(tx: Transaction) -> Export:
        members.require(tx, member, "peer", actor=_group(tx, query))
        return actions.export(tx, form, severity=severity, disagreement=query.get("disagreement") == "yes")

    found = await request.app[NODE].database.read(find)
    return as_file(found, form)


async def subscriptions(request: web.Request) -> web.Response:
    """The lists of others that are subscribed to, and what waits to be looked at."""
    member, query = await member_of(request), request.query

    def find(tx: Transaction) -> list[dict[str, Any]]:
        members.require(tx, member, "peer", actor=_group(tx, query))
        return subscribing.overview(tx)

    return answer({"subscriptions": await request.app[NODE].database.read(find)})


async def subscribe(request: web.Request) -> web.Response:
    """Propose to begin or end a subscription, an exception from it, or to adopt what it has changed."""
    member, given = await member_of(request), await read_object(request, subscribing.TAKES)
    verb = request.match_info["act"]

    def do(tx: Transaction) -> dict[str, Any]:
        urgent = given.get("urgent", False)
        return subscribing.do(tx, verb, given, actor=_group(tx, given), member=member, urgent=urgent)

    found, made = await request.app[NODE].database.write(with_proposed, do)
    return answer(found | {"decision": proposed(made)})


async def published(request: web.Request) -> web.Response:
    """Our policies as a list, for those to whom the group shows its log: others find nothing here."""
    who, form = await seeing.asker(request, "log"), Form(request.match_info["form"])

    def find(tx: Transaction) -> str:
        seeing.check(tx, "log", actors.group(tx, request.match_info["handle"]).iri, who)
        return actions.export(tx, form).text

    text = await request.app[NODE].database.read(find)
    response = bytes_response(request, text.encode(), content_type="text/csv; charset=utf-8", max_age=3600)
    if who.actor is not None:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def as_file(found: Export, form: Form) -> web.Response:
    """A list as a file to be kept."""
    kind = "txt" if form is Form.PLAIN else "csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{form.value}.{kind}"',
        "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    return web.Response(
        text=found.text,
        content_type="text/plain" if form is Form.PLAIN else "text/csv",
        charset="utf-8",
        headers=headers,
    )


def _group(tx: Transaction, given: Any) -> str:
    group = actors.group(tx, given["group"]) if given.get("group") else actors.main_group(tx)
    return str(group.iri)
