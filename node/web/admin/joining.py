"""Links that open the door from outside: an invitation to become a member, and a new password.

Both are asked for by a browser that may show no session. Looking at a link does not use it up, so that a program that
fetches what it finds in a message spoils nothing.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import actors
from node.context import NODE, Transaction
from node.errors import Conflict, Invalid, Missing, NodeError
from node.members import ROLES, admission, invitations, resets, rules
from node.members import actions as members
from node.members.actions import Session
from node.web import bodies
from node.web.admin.door import LOGIN, WORD, check_own_site, check_word, entered, onward, session, told_on_a_page
from node.web.pages import rendering
from node.web.pages.masthead import masthead


@told_on_a_page
async def join_form(request: web.Request) -> web.StreamResponse:
    """What the invitation is for, and a form for a name and a password. Raises Missing when it is over."""
    return await _show_join(request, await session(request), {"name": ""}, {})


@told_on_a_page
async def join(request: web.Request) -> web.StreamResponse:
    """Become a member, or take one more mandate as the member whose browser this is."""
    check_own_site(request)
    known, form = await session(request), {name: str(value) for name, value in (await bodies.form(request)).items()}
    if known is not None:
        check_word(known, form.get(WORD, ""))
        group = await request.app[NODE].database.write(_accept, request.match_info["secret"], known)
        raise web.HTTPSeeOther(f"/desk?group={group}", headers={"Cache-Control": "no-store"})
    name = form.get("name", "").strip()
    try:
        begun = await invitations.join(request.app[NODE], request.match_info["secret"], name, form.get("password", ""))
    except (Invalid, Conflict) as error:
        field = error.field if isinstance(error, Invalid) else "name"
        return await _show_join(request, None, {"name": name[:100]}, {field or "name": error}, status=error.status)
    raise entered(request, begun)


def _accept(tx: Transaction, secret: str, known: Session) -> str:
    return str(actors.local(tx, invitations.accept(tx, secret, known.member)).handle)


async def _show_join(
    request: web.Request,
    known: Session | None,
    values: dict[str, str],
    errors: dict[str, NodeError],
    *,
    status: int = 200,
) -> web.Response:
    found = await request.app[NODE].database.read(_invitation, request.match_info["secret"])
    return rendering.private(
        request, "join.html", status=status, known=known, values=values, errors=errors,
        password_at_least=rules.PASSWORD_AT_LEAST, **found,
    )  # fmt: skip


def _invitation(tx: Transaction, secret: str) -> dict[str, Any]:
    row = invitations.find(tx, secret)
    group = actors.local(tx, row.actor)
    return {"invitation": row, "group": group, "meaning": ROLES[row.role], "masthead": masthead(tx, group)}


@told_on_a_page
async def reader_form(request: web.Request) -> web.StreamResponse:
    """A form for whoever wants an account to read with. Raises Missing where the node admits nobody unasked."""
    return _show_reader(request, "", {}, to=onward(request.query))


@told_on_a_page
async def become_reader(request: web.Request) -> web.StreamResponse:
    """Become a reader, and go on: to what an app asks, or to her own page."""
    check_own_site(request)
    form, node = {name: str(value) for name, value in (await bodies.form(request)).items()}, request.app[NODE]
    name, to = form.get("name", "").strip(), onward(form)
    try:
        number = await admission.admit(node, name, form.get("password", ""))
    except (Invalid, Conflict) as error:
        field = error.field if isinstance(error, Invalid) else "name"
        return _show_reader(request, name[:100], {field or "name": error}, to=to, status=error.status)
    raise entered(request, await node.database.write(members.begin_session, number), to=to)


def _show_reader(
    request: web.Request, name: str, errors: dict[str, NodeError], *, to: str, status: int = 200
) -> web.Response:
    if not admission.is_open(request.app[NODE]):
        raise Missing("there is nothing at this address")
    return rendering.private(
        request, "become_reader.html", status=status, name=name, errors=errors, to=to,
        password_at_least=rules.PASSWORD_AT_LEAST, masthead=None,
    )  # fmt: skip


@told_on_a_page
async def reset_form(request: web.Request) -> web.StreamResponse:
    """A form for a new password. Raises Missing when the link is over."""
    return await _show_reset(request, None)


@told_on_a_page
async def reset(request: web.Request) -> web.StreamResponse:
    """Set a new password; the link is used up. She logs in with it afterwards, and with her second factor."""
    check_own_site(request)
    password = str((await bodies.form(request)).get("password", ""))
    try:
        await resets.use(request.app[NODE], request.match_info["secret"], password)
    except Invalid as error:
        return await _show_reset(request, error)
    raise web.HTTPSeeOther(f"{LOGIN}?renewed=yes", headers={"Cache-Control": "no-store"})


async def _show_reset(request: web.Request, error: Invalid | None) -> web.Response:
    row = await request.app[NODE].database.read(resets.find, request.match_info["secret"])
    return rendering.private(
        request, "reset.html", status=error.status if error else 200, name=row.name, ends_factor=row.second_factor,
        errors={"password": error} if error else {}, password_at_least=rules.PASSWORD_AT_LEAST, masthead=None,
    )  # fmt: skip
