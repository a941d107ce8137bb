"""How a member is told, at the desk: her language, her feed of deadlines, and e-mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from node.context import NODE, Transaction
from node.errors import Busy, Conflict, Invalid, NodeError
from node.notices import actions, store
from node.translating import LANGUAGES, N_
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.standing import Standing, back, received, standing, told_after, values_for
from node.web.pages import rendering

PAGE = f"{DESK}/notices"
NOTICES = {
    "language": N_("The desk speaks your language from now on."),
    "ended": N_("The feed is ended; its address is answered no more."),
    "asked": N_("A code is on its way. It can be used for a day."),
    "confirmed": N_("You are told by e-mail from now on."),
    "forgotten": N_("Your address is forgotten."),
}
WRONG_CODE = N_("that is not the code that was sent")
FIELDS = ("language", "email", "code")


@told_on_a_page
async def notices(request: web.Request) -> web.StreamResponse:
    """What she has chosen."""
    return await _show(request, await standing(request))


@told_on_a_page
async def language(request: web.Request) -> web.StreamResponse:
    """Choose the language of the desk and of what is sent to her."""
    here, form = await received(request)
    chosen = form.get("language") or None
    refused = await _tried(request, lambda tx: actions.choose_language(tx, chosen, member=here.member))
    if refused is not None:
        return await _show(request, here, form=form, error=refused)
    raise back(PAGE, here, done="language")


@told_on_a_page
async def make_feed(request: web.Request) -> web.StreamResponse:
    """Make, or renew, the secret address of her feed; the answer shows it, this once."""
    here, _ = await received(request)
    secret = await request.app[NODE].database.write(lambda tx: actions.make_feed(tx, member=here.member))
    return await _show(request, here, secret=secret)


@told_on_a_page
async def end_feed(request: web.Request) -> web.StreamResponse:
    """End her feed."""
    here, _ = await received(request)
    await request.app[NODE].database.write(lambda tx: actions.end_feed(tx, member=here.member))
    raise back(PAGE, here, done="ended")


@told_on_a_page
async def email(request: web.Request) -> web.StreamResponse:
    """Have a code sent to an address."""
    here, form = await received(request)
    address = form.get("email", "")
    refused = await _tried(request, lambda tx: actions.ask_for_address(tx, address, member=here.member))
    if refused is not None:
        return await _show(request, here, form=form, error=refused)
    raise back(PAGE, here, done="asked")


@told_on_a_page
async def confirm(request: web.Request) -> web.StreamResponse:
    """Enter the code that was sent."""
    here, form = await received(request)
    found: list[bool] = []
    code = form.get("code", "")

    def check(tx: Transaction) -> None:
        found[:] = [actions.confirm_address(tx, code, member=here.member)]

    refused = await _tried(request, check)
    if refused is None and not found[0]:
        refused = Invalid(WRONG_CODE, field="code")
    if refused is not None:
        return await _show(request, here, form=form, error=refused)
    raise back(PAGE, here, done="confirmed")


@told_on_a_page
async def forget(request: web.Request) -> web.StreamResponse:
    """Forget her address."""
    here, _ = await received(request)
    await request.app[NODE].database.write(lambda tx: actions.forget_address(tx, member=here.member))
    raise back(PAGE, here, done="forgotten")


async def _tried(request: web.Request, act: Callable[[Transaction], Any]) -> NodeError | None:
    """Do something; what kept it from being done, if that is to be told at its field."""
    try:
        await request.app[NODE].database.write(act)
    except (Invalid, Conflict, Busy) as error:
        return error
    return None


async def _show(
    request: web.Request,
    here: Standing,
    *,
    form: Mapping[str, str] | None = None,
    error: NodeError | None = None,
    secret: str | None = None,
) -> web.Response:
    values = await request.app[NODE].database.read(_gather, here)
    field = error.field if isinstance(error, Invalid) else None
    if error is not None:
        values["failure"] = N_("Nothing has changed: something below has to be mended.") if field else error
    elif request.method == "GET":
        values["notice"] = told_after(here, NOTICES)
    feed = request.app[NODE].address(f"/deadlines/{secret}") if secret is not None else None
    return rendering.private(
        request,
        "desk_notices.html",
        status=200 if error is None else error.status,
        form=dict.fromkeys(FIELDS, "") | dict(form or {}),
        errors={field: error} if error is not None and field else {},
        feed=feed,
        **values,
    )


def _gather(tx: Transaction, here: Standing) -> dict[str, Any]:
    row = store.of(tx, here.member.id)
    return values_for(tx, here) | {
        "chosen_language": actions.language(tx, here.member.id),
        "languages": LANGUAGES,
        "has_feed": row is not None and row.feed is not None,
        "address": None if row is None else row.email,
        "asked": None if row is None else row.asked,
        "sends_mail": bool(tx.node.config.mail_host),
    }
