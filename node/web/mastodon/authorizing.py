"""The page on which a member lets an app in: which app, what it asks, and as which account.

Works without JavaScript. An app that is not known, or wants to be sent to an address it has not registered, is not
answered: the member is told. So is whoever comes with anything else that is wrong with what an app asks: anybody can
register an app, and an address of this node sends nobody on to another site who has not said so on the page (RFC 9700
section 4.11.2). What she decides there goes back to the app (RFC 6749 section 4.1.2.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from node import actors, translating
from node.apps import actions, rules
from node.apps.actions import Asked
from node.apps.rules import Denied
from node.context import NODE, Transaction
from node.errors import Invalid
from node.members import viewers
from node.members.actions import Session
from node.notices import actions as notices
from node.web import bodies
from node.web.admin.door import LOGIN, WORD, check_own_site, check_word, session, speak_as_asked, told_on_a_page
from node.web.pages import rendering

PATH = "/oauth/authorize"
PRIVATE = "private"
FIELDS = ("client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method")
TOLD_TO_THE_PERSON = ("invalid_client", "invalid_redirect_uri")
FIELD_CHARACTERS = 4000


@told_on_a_page
async def form(request: web.Request) -> web.StreamResponse:
    """What the app asks, and as whom it is to be let in; first the login, if nobody is logged in."""
    await speak_as_asked(request.query.get("lang"))
    given = _fields(request.query)
    wanted = await _asked(request, given)
    known = await session(request)
    if known is None or _again(request):
        again = {"again": "yes"} if known is not None else {}
        to = f"{PATH}?{urlencode(given | _language(request))}"
        raise web.HTTPSeeOther(f"{LOGIN}?{urlencode({'to': to} | again)}", headers={"Cache-Control": "no-store"})
    return await _show(request, known, given, wanted)


@told_on_a_page
async def decide(request: web.Request) -> web.StreamResponse:
    """She has let the app in, or not: it is sent back with a code, or with that."""
    check_own_site(request)
    sent = await bodies.form(request)
    given = _fields(sent)
    known = await session(request)
    if known is None:
        raise web.HTTPSeeOther(f"{PATH}?{urlencode(given)}", headers={"Cache-Control": "no-store"})
    check_word(known, str(sent.get(WORD, "")))
    try:
        wanted = await _asked(request, given)
        if sent.get("act") != "allow":
            raise Denied("access_denied", "the app was not let in")
    except Denied as error:
        return _denied(error, given)
    choice = str(sent.get("account", ""))
    if not choice:
        return await _show(request, known, given, wanted, error=Invalid("choose an account", field="account"))
    actor = None if choice == PRIVATE else choice
    code = await request.app[NODE].database.write(actions.let_in, known.member, actor, wanted)
    if wanted.redirect_uri == rules.OUT_OF_BAND:
        return rendering.private(request, "app_code.html", code=code, app=wanted.app, masthead=None)
    return _sent_back(given, code=code)


async def _asked(request: web.Request, given: Mapping[str, str]) -> Asked:
    return await request.app[NODE].database.read(
        actions.asked,
        given.get("client_id", ""),
        given.get("redirect_uri", ""),
        response_type=given.get("response_type", ""),
        scopes=given.get("scope"),
        challenge=given.get("code_challenge"),
        method=given.get("code_challenge_method"),
    )


def _fields(given: Mapping[str, Any]) -> dict[str, str]:
    """What the app asks, to be carried through the login and the form. Raises Invalid for what cannot be."""
    found = {name: str(given[name]) for name in FIELDS if given.get(name)}
    for name, value in found.items():
        if len(value) > FIELD_CHARACTERS or "\x00" in value or any("\ud800" <= one <= "\udfff" for one in value):
            raise Invalid("there is a character in it that cannot be kept", field=name)
    return found


def _again(request: web.Request) -> bool:
    return request.query.get("force_login", "").lower() in ("true", "1")


def _language(request: web.Request) -> dict[str, str]:
    return {"lang": request.query["lang"]} if request.query.get("lang") else {}


def _denied(error: Denied, given: Mapping[str, str]) -> web.Response:
    if error.code in TOLD_TO_THE_PERSON or given.get("redirect_uri") == rules.OUT_OF_BAND:
        raise error
    return _sent_back(given, error=error.code, error_description=str(error))


def _sent_back(given: Mapping[str, str], **told: str) -> web.Response:
    """To the app, with the state it gave. Not by HTTPSeeOther, which would spell its address anew."""
    state = {"state": given["state"]} if "state" in given else {}
    address = given["redirect_uri"]
    joint = "&" if urlsplit(address).query else "?"
    location = f"{address.removesuffix('?')}{joint}{urlencode(told | state)}"
    return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})


async def _show(
    request: web.Request, known: Session, given: dict[str, str], wanted: Asked, *, error: Invalid | None = None
) -> web.Response:
    node = request.app[NODE]
    chosen = await node.database.read(notices.language, known.member.id)
    await translating.speak(chosen or translating.spoken())
    await speak_as_asked(request.query.get("lang"))
    values = await node.database.read(_gather, known, given, wanted)
    response = rendering.private(
        request,
        "authorize.html",
        status=422 if error else 200,
        known=known,
        given=given,
        error=error,
        masthead=None,
        **values,
    )
    if wanted.redirect_uri != rules.OUT_OF_BAND:
        # The browser holds the way back to the app, too, against the policy of the page whose form leads there.
        target = rules.form_target(wanted.redirect_uri)
        policy = rendering.POLICY.replace("form-action 'self'", f"form-action 'self' {target}")
        response.headers["Content-Security-Policy"] = policy
    return response


def _gather(tx: Transaction, known: Session, given: dict[str, str], wanted: Asked) -> dict[str, Any]:
    choices = viewers.choices(tx, known.member.id)
    groups = [actors.local(tx, one) for one in choices if one is not None]
    return {
        "app": wanted.app,
        "other": f"{PATH}?{urlencode(given | {'force_login': 'true'})}",
        "target": _host(wanted.redirect_uri),
        "meanings": [rules.MEANINGS[one] for one in wanted.scopes],
        "groups": groups,
        "private": PRIVATE if None in choices else None,
    }


def _host(redirect_uri: str) -> str | None:
    """The site to which a browser is sent back; None for an app on the device itself."""
    parts = urlsplit(redirect_uri)
    return (
        parts.netloc if parts.scheme in ("https", "http") and parts.hostname not in ("localhost", "127.0.0.1") else None
    )
