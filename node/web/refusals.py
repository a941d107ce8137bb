"""The one place where our errors become HTTP: a status and one line that says what happened.

A server gets JSON, a person a page. Nothing here shows a traceback, a path, a version or who asked. Only what is
expected is caught here by its name; what nobody expected goes on to `listening`, which logs it and answers with 500.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from federation.errors import Gone, Malformed, Refused, Unreachable
from node import translating
from node.context import NODE
from node.errors import Faults, Invalid, NodeError
from node.statements import asking
from node.web import pages, signs_of_life
from node.web.mastodon import refusals as for_apps
from node.web.negotiation import Handler
from node.web.pages import rendering

RETRY_AFTER_SECONDS = 60


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what the handler raised of ours and of the library, and note that the host which asks is alive."""
    try:
        if "\x00" in request.path:
            raise web.HTTPNotFound  # PostgreSQL has no such texts, so there can be nothing of that name
        node = request.app.get(NODE)
        if node is not None and node.hosts.any_left_alone:
            await signs_of_life.notice(node, request)
        response: web.StreamResponse = await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = answer(request, error.status, _plain(error), allow=error.headers.get("Allow"))
    except (Malformed, Refused, Unreachable, NodeError) as error:
        response = answer(request, status_of(error), in_words(error), error=error)
    except TimeoutError:
        response = answer(request, 408, translating.translated("the request took too long to arrive"))
    return response


async def without_server_name(request: web.Request, response: web.StreamResponse) -> None:
    """Signal: keep the name and version of the library out of every answer."""
    response.headers["Server"] = "Commonwire"


def status_of(error: Malformed | Refused | Unreachable | NodeError) -> int:
    """The status that says what kind of error it is."""
    match error:
        case Malformed():
            return 400
        case Gone():
            return 401  # the key of whoever sent this is gone, so nobody can say who it was
        case Refused() | NodeError():
            return error.status
        case _:
            # A stranger's key that could not be had is no failure of ours. Every sender tries again after this one.
            return 429


def in_words(error: Malformed | Refused | Unreachable | NodeError) -> str:
    """What is told of it: our own errors in the language of whoever asks, what servers do wrong in English."""
    return translating.said_with_place(error) if isinstance(error, NodeError) else str(error)


def answer(
    request: web.Request, status: int, sentence: str, *, allow: str | None = None, error: Exception | None = None
) -> web.Response:
    """What is not an answer to the question: a page for a person, `{"error": sentence}` for a program."""
    if for_apps.is_for_apps(request.path):
        response = for_apps.answer(status, sentence, error=error)
    elif request.method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", ""):
        response = pages.problem(request, status, sentence)
    else:
        response = web.json_response({"error": sentence[:500]} | _more(error), status=status)
        response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = rendering.VARY
    if allow:
        response.headers["Allow"] = allow
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _more(error: Exception | None) -> dict[str, Any]:
    """What a program needs to know beside the sentence: what is asked, or each thing that is wrong."""
    if isinstance(error, asking.Unconfirmed):
        return {"questions": [question(one) for one in error.questions]}
    return {"faults": [fault(one) for one in error.faults]} if isinstance(error, Faults) else {}


def question(one: asking.Question) -> dict[str, Any]:
    """What is asked, about what, and the word that confirms it."""
    return {"asked": one.sentence.said(translating.translated), "about": list(one.about), "confirm": one.word}


def fault(one: Invalid) -> dict[str, Any]:
    """What is wrong, and in which field."""
    return {"field": one.field, "error": one.said(translating.translated)}


def _plain(error: web.HTTPException) -> str:
    match error.status:
        case 404:
            return translating.translated("there is nothing at this address")
        case 405:
            return translating.translated("this address does not take that method")
        case 413:
            return translating.translated("that is too large")
        case _:
            return error.reason.lower() if error.reason else "that cannot be answered"
