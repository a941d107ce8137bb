"""Logging in and out, and knowing who is at the desk."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import wraps
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import hdrs, web

from node import translating
from node.context import NODE, Node
from node.errors import Forbidden, Invalid, NodeError
from node.members import actions as members
from node.members import admission, store
from node.members.actions import Login, Session
from node.notices import actions as notices
from node.web import bodies
from node.web.pages import problem, rendering

DESK, LOGIN, CODE, JOIN = "/desk", "/login", "/login/code", "/join"
AUTHORIZE = "/oauth/authorize?"
WORD, TO = "csrf", "to"
NAME_CHARACTERS = 100
OWN_SITES = ("same-origin", "none")


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def told_on_a_page(handler: Handler) -> Handler:
    """A handler of forms whose refusals are pages: who sends a form is a person."""

    @wraps(handler)
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except NodeError as error:
            return problem(request, error.status, translating.said_with_place(error))

    return answer


async def login_form(request: web.Request) -> web.Response:
    """The form; whoever is logged in goes on to the desk, or back to the app that sent her (`?to=`).

    With `?again=` it is shown all the same: an app wants somebody else to log in.
    """
    if "again" not in request.query and await session(request) is not None:
        raise web.HTTPSeeOther(onward(request.query))
    await _speak_for(onward(request.query))
    return _form(request, to=onward(request.query))


@told_on_a_page
async def login(request: web.Request) -> web.StreamResponse:
    """Begin a session. What is wrong is told in one sentence that does not say whether there is such a member."""
    check_own_site(request)
    form = await bodies.form(request)
    await _speak_for(onward(form))
    name, password = str(form.get("name", "")), str(form.get("password", ""))
    begun = await members.log_in(request.app[NODE], name.strip(), password) if name and password else None
    if begun is None:
        return _form(request, name=name[:NAME_CHARACTERS], failed=True, to=onward(form))
    raise entered(request, begun, to=onward(form))


async def code_form(request: web.Request) -> web.Response:
    """The form for the code of the second factor; who has not given her password first goes back to it."""
    if not await request.app[NODE].database.read(members.waits, _secret(request)):
        raise web.HTTPSeeOther(LOGIN)
    await _speak_for(onward(request.query))
    return rendering.private(request, "login_code.html", failed=False, to=onward(request.query), masthead=None)


@told_on_a_page
async def code(request: web.Request) -> web.StreamResponse:
    """Check the code that follows the password. What is wrong is told in one sentence."""
    check_own_site(request)
    form = await bodies.form(request)
    given, to = str(form.get("code", "")), onward(form)
    await _speak_for(to)
    try:
        begun = await members.confirm(request.app[NODE], _secret(request), given)
    except Invalid:
        begun = None
    if begun is None:
        return rendering.private(request, "login_code.html", status=422, failed=True, to=to, masthead=None)
    raise entered(request, begun, to=to)


def onward(given: Mapping[str, object]) -> str:
    """Where to go after the login: back to what an app asks, if one has sent her, else to the desk, never elsewhere."""
    to = str(given.get(TO) or "")
    return to if to.startswith(AUTHORIZE) and to.isascii() and to.isprintable() and "\\" not in to else DESK


async def speak_as_asked(language: str | None) -> None:
    """From here on the language is spoken that an app has asked for, if it is one that the node speaks."""
    if language and language[:2].lower() in translating.LANGUAGES:
        await translating.speak(translating.asked_for(language))


async def _speak_for(to: str) -> None:
    """As the app asks that has sent her here."""
    await speak_as_asked(parse_qs(urlsplit(to).query).get("lang", [None])[0])


def entered(request: web.Request, begun: Login, *, to: str = DESK) -> web.HTTPSeeOther:
    """The way to the desk with the cookie of a session that has begun, or first to the form for the code."""
    first = CODE if to == DESK else f"{CODE}?{urlencode({TO: to})}"
    response = web.HTTPSeeOther(first if begun.waits else to)
    _set_cookie(response, request.app[NODE], begun.secret, ends=begun.ends)
    response.headers["Cache-Control"] = "no-store"
    return response


@told_on_a_page
async def logout(request: web.Request) -> web.StreamResponse:
    """End the session."""
    known = await session(request)
    response = web.HTTPSeeOther("/")
    if known is not None:
        check_word(known, str((await bodies.form(request)).get(WORD, "")))
        await request.app[NODE].database.write(members.log_out, _secret(request))
    response.del_cookie(cookie_name(request.app[NODE]), path="/")
    response.headers["Cache-Control"] = "no-store"
    raise response


async def session(request: web.Request) -> Session | None:
    """Whose browser this is, if she is logged in."""
    secret, node = _secret(request), request.app[NODE]
    found = await node.database.read(members.session, secret) if secret else None
    if found is not None and found.seen < store.day_of(node.clock()):
        await node.database.write(store.note_seen, found.digest)
    return found


async def at_desk(request: web.Request) -> Session:
    """Whose browser this is; sends everybody else to the login form. From here on her language is spoken."""
    found = await session(request)
    if found is None:
        raise web.HTTPSeeOther(LOGIN)
    chosen = await request.app[NODE].database.read(notices.language, found.member.id)
    await translating.speak(chosen or translating.spoken())
    return found


def check_word(known: Session, word: str) -> None:
    """Raise Forbidden unless the form repeats the session's word: it was made by our own page."""
    if not hmac.compare_digest(known.csrf.encode(), word.encode(errors="replace")):
        raise Forbidden("this form is not of your session: go back, load the page again and send it once more")


def check_own_site(request: web.Request) -> None:
    """Raise Forbidden if a browser says that another site sends this form.

    The login form has no session and so no word; what must not be is that another site logs somebody in unseen.
    Browsers of our pages send no Referer, and so may say `Origin: null`.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get(hdrs.ORIGIN)
    ours = (None, "null", request.app[NODE].config.origin)
    if (site is not None and site not in OWN_SITES) or (site is None and origin not in ours):
        raise Forbidden("this form was sent by another site")


def cookie_name(node: Node) -> str:
    """The name of the one cookie. Browsers do not tell ports apart, so a node on a port of its own has its own name."""
    parts = urlsplit(node.config.origin)
    if parts.scheme == "https" and parts.port is None:
        return "__Host-desk"
    return f"desk-{parts.port}" if parts.port is not None else "desk"


def _secret(request: web.Request) -> str:
    return request.cookies.get(cookie_name(request.app[NODE]), "")


def _set_cookie(response: web.StreamResponse, node: Node, secret: str, *, ends: datetime) -> None:
    response.set_cookie(
        cookie_name(node),
        secret,
        max_age=int((ends - node.clock()).total_seconds()),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=node.config.origin.startswith("https:"),
    )


def _join_address(node: Node, to: str) -> str | None:
    """Where somebody becomes a reader, if anybody may."""
    if not admission.is_open(node):
        return None
    return JOIN if to == DESK else f"{JOIN}?{urlencode({TO: to})}"


def _form(request: web.Request, *, name: str = "", failed: bool = False, to: str = DESK) -> web.Response:
    status = 422 if failed else 200
    return rendering.private(
        request,
        "login.html",
        status=status,
        name=name,
        failed=failed,
        to=to if to != DESK else None,
        again="again" in request.query,
        join=_join_address(request.app[NODE], to),
        renewed="renewed" in request.query,
        masthead=None,
    )
