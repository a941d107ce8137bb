"""What a member does about herself: password, second factor, where she is logged in, her programs, and leaving.

Whoever finds her browser open must not be able to take her account over: before a password or a second factor changes,
and before she leaves, the password is asked for once more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from node.apps import actions as apps
from node.context import NODE, Node, Transaction
from node.errors import Conflict, Invalid, Missing, NodeError
from node.marks import copying
from node.members import ROLES, mandates, rules, second_factor, store, viewers
from node.members import actions as members
from node.translating import N_
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, back, received, standing, told_after, values_for
from node.web.pages import rendering

PAGE = f"{DESK}/me"
NOTICES = {
    "password": N_("Your new password is set. You were logged out everywhere else."),
    "ended": N_("That session has ended."),
    "others": N_("You are logged out everywhere else."),
    "token": N_("That program is let in no more."),
    "off": N_("The second factor is turned off."),
    "forgotten": N_("All that you had marked for yourself is forgotten."),
}
LOWEST_PAPER = 3


@told_on_a_page
async def page(request: web.Request) -> web.StreamResponse:
    """Her mandates, sessions and programs, and how she logs in."""
    return await _show(request, await standing(request))


@told_on_a_page
async def act(request: web.Request) -> web.StreamResponse:
    """Do what the form says that is named in the address. 404 for any other."""
    here, form = await received(request)
    name = request.match_info["act"]
    if name not in ACTS:
        raise Missing("there is no such form")
    try:
        return await ACTS[name](request, here, form)
    except (Invalid, Conflict) as error:
        field = error.field if isinstance(error, Invalid) and error.field else "form"
        return await _show(request, here, wrong=name, errors={field: error}, status=error.status)


async def _password(request: web.Request, here: Standing, form: dict[str, str]) -> web.StreamResponse:
    old, new = form.get("password", ""), form.get("new", "")
    rules.check_password(new, field="new")
    await members.change_password(request.app[NODE], here.known, old, new)
    raise back(PAGE, here, done="password")


async def _begin(request: web.Request, here: Standing, form: dict[str, str]) -> web.StreamResponse:
    await members.check_password(request.app[NODE], here.member, form.get("password", ""))
    await request.app[NODE].database.write(second_factor.begin, here.member.id)
    raise back(f"{PAGE}", here, set_up="yes")


async def _prove(request: web.Request, here: Standing, form: dict[str, str]) -> web.StreamResponse:
    code = second_factor.spelled(second_factor.check_code(form.get("code", "")))
    codes = await request.app[NODE].database.write(second_factor.prove, here.member.id, code)
    if codes is None:
        raise Invalid("that is not what the app shows now; is the clock of your telephone right?", field="code")
    return await _show(request, here, codes=codes)


async def _paper(request: web.Request, here: Standing, form: dict[str, str]) -> web.StreamResponse:
    await members.check_password(request.app[NODE], here.member, form.get("password", ""))
    if not await request.app[NODE].database.read(second_factor.is_on, here.member.id):
        raise Conflict("there is no second factor to have codes for")
    return await _show(
        request, here, codes=await request.app[NODE].database.write(second_factor.renew_paper, here.member.id)
    )


async def _off(request: web.Request, here: Standing, form: dict[str, str]) -> web.StreamResponse:
    await members.check_password(request.app[NODE], here.member, form.get("password", ""))
    await request.app[NODE].database.write(second_factor.drop, here.member.id)
    raise back(PAGE, here, done="off")


async def _end(request: web.Request, here: Standing, form: dict[str, str]) -> web.StreamResponse:
    await request.app[NODE].database.write(members.end_session, here.member, form.get("number", ""))
    raise back(PAGE, here, done="ended")


async def _others(request: web.Request, here: Standing, form: dict[str, str]) -> web.StreamResponse:
    await request.app[NODE].database.write(store.end_sessions, here.member.id, keep=here.known.digest)
    raise back(PAGE, here, done="others")


async def _token(request: web.Request, here: Standing, form: dict[str, str]) -> web.StreamResponse:
    scopes = rules.check_scopes(form.get("scopes", ""))
    await members.check_password(request.app[NODE], here.member, form.get("password", ""))
    secret = await request.app[NODE].database.write(members.make_token, here.member.name, scopes)
    return await _show(request, here, token=secret)


async def _end_token(request: web.Request, here: Standing, form: dict[str, str]) -> web.StreamResponse:
    await request.app[NODE].database.write(members.end_token, here.member, form.get("number", ""))
    raise back(PAGE, here, done="token")


async def _forget(request: web.Request, here: Standing, form: dict[str, str]) -> web.StreamResponse:
    await members.check_password(request.app[NODE], here.member, form.get("password", ""))
    await request.app[NODE].database.write(copying.forget, here.member.id)
    raise back(PAGE, here, done="forgotten")


async def _leave(request: web.Request, here: Standing, form: dict[str, str]) -> web.StreamResponse:
    await members.check_password(request.app[NODE], here.member, form.get("password", ""))
    await request.app[NODE].database.write(mandates.leave, here.member.id)
    raise web.HTTPSeeOther("/", headers={"Cache-Control": "no-store"})


ACTS: dict[str, Callable[[web.Request, Standing, dict[str, str]], Awaitable[web.StreamResponse]]] = {
    "password": _password,
    "begin": _begin,
    "prove": _prove,
    "paper": _paper,
    "off": _off,
    "end": _end,
    "others": _others,
    "token": _token,
    "end-token": _end_token,
    "forget": _forget,
    "leave": _leave,
}


async def _show(
    request: web.Request,
    here: Standing,
    *,
    status: int = 200,
    wrong: str = "",
    errors: dict[str, NodeError] | None = None,
    codes: list[str] | None = None,
    token: str | None = None,
) -> web.Response:
    node = request.app[NODE]
    values = await node.database.read(_gather, here)
    if values["enrolment"] is not None:
        values["picture"] = await _picture(node, values["enrolment"].address)
    if status == 200 and codes is None and token is None:
        values["notice"] = told_after(here, NOTICES)
    return rendering.private(
        request,
        "desk_me.html",
        status=status,
        wrong_form=wrong,
        errors=errors or {},
        codes=codes,
        token=token,
        **values,
    )


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    member = here.member.id
    factor = second_factor.find(tx, member)
    unproven = factor is not None and factor.proven is None
    names = {one.iri: one.name for one in here.groups}
    return values_for(tx, here) | {
        "mandates": [
            {"row": row, "group": names.get(row.actor, row.actor)} for row in store.mandates_in_force(tx, member)
        ],
        "meanings": ROLES,
        "sessions": [
            {"number": members.number_of(row), "since": row.since.date(), "seen": row.seen.date(),
             "here": row.digest == here.known.digest}
            for row in store.sessions_of(tx, member)
        ],
        "tokens": [
            {"number": members.number_of(row), "since": row.since.date(), "scopes": " ".join(row.scopes)}
            for row in store.tokens_of(tx, member)
            if row.app is None
        ],
        "apps": apps.of_member(tx, member),
        "marks": copying.count(tx, member),
        "is_reader": None in viewers.choices(tx, member),
        "is_admitted": viewers.is_admitted(tx, member),
        "scopes": rules.SCOPES,
        "factor_since": factor.proven if factor is not None else None,
        "paper": second_factor.count_paper(tx, member),
        "few_paper": LOWEST_PAPER,
        "enrolment": second_factor.enrolment(tx, member, here.member.name) if unproven else None,
        "picture": None,
        "password_at_least": rules.PASSWORD_AT_LEAST,
    }  # fmt: skip


async def _picture(node: Node, address: str) -> str:
    """The address as a QR code: SVG that stands in the page, drawn here, so that no one else sees the seed."""
    return await node.hashing.run(_draw, address)


def _draw(address: str) -> str:
    import segno

    code = segno.make(address, error="m", micro=False)
    return str(code.svg_inline(scale=5, border=4, light="#ffffff", dark="#000000", omitsize=True, svgclass="qr"))
