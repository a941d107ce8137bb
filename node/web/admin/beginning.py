"""What the forms for one kind of text have in common: keep it as a draft, or put it to the group at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from aiohttp import web

from federation.errors import Gone, Malformed, Refused, Unreachable
from node.context import NODE, Transaction
from node.decisions import with_proposed
from node.drafts import actions as drafts
from node.drafts import proposing
from node.errors import Invalid, NodeError, apart
from node.members import actions as members
from node.statements import passing_on
from node.statements.rules import Draft, Interest, State
from node.web.admin.afterwards import after
from node.web.admin.door import DESK
from node.web.admin.standing import Standing, back
from node.web.pages import queries
from node.web.pages.text_page import number_of

PROPOSE = "propose"


async def begin(
    request: web.Request,
    here: Standing,
    form: Mapping[str, str],
    draft: Draft,
    *,
    kind: str,
    check: Callable[[], Any],
    page: str,
) -> web.StreamResponse:
    """Keep the draft of `kind`, and put it to the group if the form says so; then `page`, or the draft.

    `check` raises Invalid for what cannot be kept either. Raises what the room raises, with the field; nothing was
    kept then.
    """
    node = request.app[NODE]

    def enter(tx: Transaction) -> tuple[int, State | None]:
        check()
        number = drafts.begin(tx, draft, actor=here.actor, member=here.member, kind=kind)
        if form.get("act") != PROPOSE:
            return number, None
        return number, proposing.propose(tx, number, version=1, member=here.member, urgent=here.urgent)[1]

    (number, state), made = await node.database.write(with_proposed, enter)
    if state is None:
        raise back(f"{DESK}/drafts/{number}", here, done="begun")
    done = {State.RELEASED: "published", State.WAITING: "waiting"}.get(state, "proposed")
    return await after(request, page, here, made, done=done)


async def brought(request: web.Request, here: Standing, address: str, *, field: str) -> str:
    """The address of a text, which is fetched if it is not held; our own page about it will do. Raises Invalid."""
    node = request.app[NODE]
    await node.database.read(members.require, here.member, "write", actor=here.actor)
    iri = await node.database.read(held_address, address.strip())
    if not iri:
        raise Invalid("say on which text: its address", field=field)
    try:
        await passing_on.bring(node, iri, Interest.SOUGHT)
    except (Refused, Malformed, Gone, Unreachable) as error:
        raise Invalid("the text could not be fetched: {reason}", field=field, reason=str(error)) from None
    return iri


def held_address(tx: Transaction, address: str) -> str:
    """The address of a text, where she gave that of our own page about it."""
    prefix = tx.node.address("/heard/")
    if not address.startswith(prefix):
        return address
    held = queries.by_sort_id(tx, number_of(address.removeprefix(prefix).partition("?")[0].partition("#")[0]))
    return str(held.iri) if held is not None else address


def at_field(error: NodeError, fields: Collection[str]) -> dict[str, Any]:
    """The error at its field of the form, of several each at its own; what no field is about, above the form."""
    found: dict[str, Any] = {}
    for one in apart(error) if isinstance(error, Invalid) else (error,):
        field = getattr(one, "field", None)
        found.setdefault(field if field is not None and field in fields else "form", one)
    return found


def written(form: Mapping[str, str], name: str) -> str:
    """What stands in a field of the form, without the spaces around it."""
    return form.get(name, "").replace("\r\n", "\n").strip()
