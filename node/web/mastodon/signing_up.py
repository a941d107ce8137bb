"""POST /api/v1/accounts: become a reader through an app. https://docs.joinmastodon.org/methods/accounts/#create

An e-mail address that the app sends is not looked at and not kept: there is nothing to confirm. With an invitation's
secret as `invite_code` she becomes what the invitation is for.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import translating
from node.apps import actions, store
from node.apps.actions import Given
from node.context import NODE, Transaction
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.members import actions as members
from node.members import admission, invitations, viewers
from node.members.store import digest
from node.notices import actions as notices
from node.web.mastodon import door, oauth, parameters
from node.web.mastodon.answers import answer
from node.web.mastodon.parameters import Parameters

FIELDS = {"name": "username", "password": "password", "agreement": "agreement", "invite_code": "invite_code"}


async def sign_up(request: web.Request) -> web.Response:
    """A token of the new account for the app that asks; what is wrong is told by field."""
    given, node = await parameters.of(request), request.app[NODE]
    held = await node.database.read(actions.app_of, door.digest_of(request))
    if held is None:
        raise Forbidden("an account is made with the token of an app alone, without one of an account")
    app, scopes = held
    try:
        if not given.flag("agreement"):
            raise Invalid("agree to the rules of this server first", field="agreement")
        made = await _made(request, given, app.id, tuple(sorted(scopes)))
        await _note_language(request, given, made)
    except (Invalid, Conflict, Missing) as error:
        return _wrong(request, error)
    return answer(request, oauth.token_value(made), headers=oauth.NO_STORE)


async def _note_language(request: web.Request, given: Parameters, made: Given) -> None:
    """The language of her app is that of her pages, if the node speaks it."""
    language, node = (given.text("locale") or "")[:2].lower(), request.app[NODE]
    found = await node.database.read(actions.viewer, digest(made.secret))
    if language in translating.LANGUAGES and found is not None:
        await node.database.write(notices.choose_language, language, member=found.viewer.member)


async def _made(request: web.Request, given: Parameters, app: int, scopes: tuple[str, ...]) -> Given:
    node, name, password = request.app[NODE], given.text("username") or "", given.text("password") or ""
    if invitation := given.text("invite_code"):
        begun = await invitations.join(node, invitation, name, password)
        return await node.database.write(_invited, begun.secret, app, scopes)
    member = await admission.admit(node, name, password)
    return await node.database.write(_admitted, member, app, scopes)


def _invited(tx: Transaction, session: str, app: int, scopes: tuple[str, ...]) -> Given:
    """The session that comes with an invitation is for a browser, and there is none."""
    found = members.session(tx, session)
    members.log_out(tx, session)
    if found is None:
        raise Missing("the new account has gone already")
    return _admitted(tx, found.member.id, app, scopes)


def _admitted(tx: Transaction, member: int, app: int, scopes: tuple[str, ...]) -> Given:
    choices = viewers.choices(tx, member)
    if not choices:
        raise Invalid("the mandate has not begun yet; log in when it has", field="invite_code")
    row = store.viewer(tx, viewers.enter(tx, member, choices[0]))
    assert row is not None, "it was entered in this transaction"
    return actions.give(tx, app, row, scopes)


def _wrong(request: web.Request, error: Invalid | Conflict | Missing) -> web.Response:
    """What is wrong, for people and by field for apps."""
    said = translating.said(error)
    match error:
        case Invalid():
            field, code = FIELDS.get(error.field or "", "base"), "ERR_INVALID"
        case Conflict():
            field, code = "username", "ERR_TAKEN"
        case _:
            field, code = "invite_code", "ERR_INVALID"
    if field == "agreement":
        code = "ERR_ACCEPTED"
    details: dict[str, Any] = {field: [{"error": code, "description": said}]}
    return answer(request, {"error": said, "error_description": said, "details": details}, status=422)
