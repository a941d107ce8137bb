"""What programs of members can do: say who they are, and publish. JSON in and out, a token in `Authorization`.

`commonwire token DIR MEMBER --scopes "publish"` prints one. What is sent here goes through the group's decision like
everything else.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from node import actors
from node.context import NODE, Transaction
from node.decisions import Proposed, with_proposed
from node.errors import Invalid, Unauthenticated
from node.members import actions as members
from node.members import store as member_store
from node.members.store import Member
from node.statements import actions as statements
from node.statements import linting
from node.statements.rules import Draft, Form
from node.web import bodies
from schemas.reading import loads

TEXTS = ("text", "title", "language", "summary", "reply_to")
KEYS = (*TEXTS, "tags", "sensitive", "form", "group", "urgent")


async def me(request: web.Request) -> web.Response:
    """Whose token this is, what it may do, and her mandates."""
    member = await member_of(request)
    mandates = await request.app[NODE].database.read(_mandates, member)
    return answer({"member": member.name, "scopes": sorted(member.scopes or ()), "mandates": mandates})


async def publish(request: web.Request) -> web.Response:
    """Publish a statement. 201 with its id and where it stands; 401, 403, 422 with the field at fault."""
    member, node = await member_of(request), request.app[NODE]
    given = loads(await bodies.read(request))
    draft = _draft(given)
    # Whether she may is asked before anything is looked up elsewhere, and once more by what publishes.
    await node.database.read(lambda tx: members.require(tx, member, "publish", actor=_group(tx, given)))

    def propose(tx: Transaction) -> tuple[str, Any]:
        urgent = bool(given.get("urgent"))
        return statements.publish(tx, draft, actor=_group(tx, given), member=member, urgent=urgent)

    (iri, state), made = await node.database.write(with_proposed, propose)
    return published(iri, state, made, draft, delay=node.config.publication_delay)


def _group(tx: Transaction, given: dict[str, Any]) -> str:
    group = actors.group(tx, given["group"]) if given.get("group") else actors.main_group(tx)
    return str(group.iri)


def _draft(given: dict[str, Any]) -> Draft:
    for key, value in given.items():
        if key not in KEYS:
            raise Invalid("there is no such key; the keys are {known}", field=key, known=", ".join(KEYS))
        if (key in TEXTS or key in ("form", "group")) and value is not None and not isinstance(value, str):
            raise Invalid("{value!r} is not a text", field=key, value=value)
    if not isinstance(given.get("urgent") or False, bool):
        raise Invalid("write true or false", field="urgent")
    tags, sensitive = given.get("tags") or [], given.get("sensitive") or False
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Invalid("write a list of texts", field="tags")
    if not isinstance(sensitive, bool):
        raise Invalid("write true or false", field="sensitive")
    if given.get("form") not in (None, "note", "article"):
        raise Invalid("{given!r} is neither note nor article", field="form", given=given["form"])
    form = Form(given["form"].capitalize()) if given.get("form") else None
    texts = {key: given.get(key) or None for key in TEXTS} | {"text": given.get("text") or ""}
    return Draft(**texts, tags=tuple(tag.lstrip("#") for tag in tags), sensitive=sensitive, form=form)


async def member_of(request: web.Request) -> Member:
    """Whose token the request carries. Raises Unauthenticated."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    member = None
    if scheme.lower() == "bearer" and secret.strip():
        member = await request.app[NODE].database.read(members.token, secret.strip())
    if member is None:
        raise Unauthenticated("send a token that is known here: Authorization: Bearer TOKEN")
    return member


def _mandates(tx: Transaction, member: Member) -> list[dict[str, Any]]:
    rows = member_store.mandates_in_force(tx, member.id)
    return [{"group": row.actor, "role": row.role, "until": row.ends.isoformat() if row.ends else None} for row in rows]


def proposed(made: Proposed | None) -> dict[str, Any] | None:
    """What became of a proposal: adopted at once, or its number and until when it is open."""
    if made is None:
        return None
    until = made.until.isoformat() if made.until is not None else None
    return {"number": made.number, "state": made.state.value, "until": until, "receipt": made.receipt}


def warnings(draft: Draft) -> dict[str, Any]:
    """What in the words of a draft may lead to a person, for whoever shows it to its writer."""
    found = linting.findings(draft)
    return {"warnings": [{"kind": one.kind.value, "field": one.field, "words": one.words} for one in found]}


def published(iri: str, state: Any, made: Proposed | None, draft: Draft, *, delay: int) -> web.Response:
    """What became of a draft that was put to the group: 201."""
    said = {"id": iri, "state": state.value, "delay_seconds": delay, "decision": proposed(made)}
    return answer(said | warnings(draft), status=201)


def answer(value: dict[str, Any], *, status: int = 200) -> web.Response:
    """An answer to a program; nobody keeps a copy on the way."""
    body = json.dumps(value, ensure_ascii=False).encode()
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)
