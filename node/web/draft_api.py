"""Drafts for programs of members: begin, read, save, compare, comment, preview, propose, call back, drop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node import actors
from node.context import NODE, Transaction
from node.decisions import with_proposed
from node.drafts import actions, proposing, store
from node.drafts.rules import Outcome, Standing
from node.errors import Forbidden, Invalid, Missing
from node.members import actions as members
from node.reports import writing
from node.statements.joining import Joined
from node.statements.rules import Draft, Form
from node.web import bodies
from node.web.api import answer, member_of, published, warnings
from schemas.reading import loads

TEXTS = ("text", "title", "language", "summary", "reply_to", "quote", "minority_of")
MAPS = ("report", "event", "position", "appeal", "answer", "conditions")
FLAGS = ("sensitive",)
OF_THE_DRAFT = (*TEXTS, *MAPS, *FLAGS, "tags", "form", "translations")
OF_A_TRANSLATION = ("language", "text", "title", "summary")
KEYS = (*OF_THE_DRAFT, "kind", "group", "based_on", "settles", "version", "urgent", "confirm", "comment")
FORMS = {"note": Form.NOTE, "article": Form.ARTICLE}


async def listed(request: web.Request) -> web.Response:
    """The drafts of the group `?group=`, the one changed last first."""
    member, handle = await member_of(request), request.query.get("group")

    def gather(tx: Transaction) -> list[dict[str, Any]]:
        actor = _group(tx, handle)
        members.require(tx, member, "read", actor=actor)
        return [_line(tx, row) for row in store.of_group(tx, actor)]

    return answer({"drafts": await request.app[NODE].database.read(gather)})


async def begin(request: web.Request) -> web.Response:
    """Keep a first version: 201 with the number of the draft."""
    member, given = await member_of(request), await _read(request, *OF_THE_DRAFT, "kind", "group")
    draft = _draft(given, Draft(text=""))

    def act(tx: Transaction) -> int:
        kind = given.get("kind")
        return actions.begin(tx, draft, actor=_group(tx, given.get("group")), member=member, kind=kind)

    number = await request.app[NODE].database.write(act)
    return answer({"number": number, "version": 1} | warnings(draft), status=201)


async def shown(request: web.Request) -> web.Response:
    """One draft: what it says, where it stands, its versions and comments."""
    member, number = await member_of(request), _number(request)

    def gather(tx: Transaction) -> dict[str, Any]:
        row = actions.readable(tx, number, member)
        return (
            _line(tx, row)
            | {"draft": _as_json(actions.newest(tx, row)), "aside": store.aside(tx, number)}
            | warnings(actions.newest(tx, row))
            | {"versions": [_version(one) for one in store.versions_of(tx, number)]}
            | {"comments": [_comment(one) for one in store.comments_on(tx, number)]}
        )

    return answer(await request.app[NODE].database.read(gather))


async def version(request: web.Request) -> web.Response:
    """One version as it was saved."""
    member, number, wanted = await member_of(request), _number(request), _number(request, "version")

    def gather(tx: Transaction) -> dict[str, Any]:
        row = actions.readable(tx, number, member)
        draft = actions.content(tx, row, wanted)
        found = store.version(tx, number, wanted)
        return (_version(found) if found is not None else {}) | {"draft": _as_json(draft)}

    return answer(await request.app[NODE].database.read(gather))


async def save(request: web.Request) -> web.Response:
    """Keep a newer version, written from `based_on`. 409 with both wordings where somebody has to choose."""
    member, number = await member_of(request), _number(request)
    given = await _read(request, *OF_THE_DRAFT, "based_on", "settles")
    based_on, settles = _count(given, "based_on"), _count(given, "settles", needed=False)

    def act(tx: Transaction) -> actions.Saved:
        row = actions.readable(tx, number, member)
        draft = _draft(given, actions.content(tx, row, based_on or 0))
        return actions.save(tx, number, draft, based_on=based_on or 0, member=member, settles=settles)

    saved = await request.app[NODE].database.write(act)
    said: dict[str, Any] = {"outcome": saved.outcome.value, "version": saved.version}
    if saved.outcome is not Outcome.ASIDE:
        return answer(said)
    return answer(said | {"error": "others have changed the same words: choose"} | _joined(saved.joined), status=409)


async def drop(request: web.Request) -> web.Response:
    """Delete a draft."""
    member, number = await member_of(request), _number(request)
    await request.app[NODE].database.write(actions.drop, number, member=member)
    return answer({"number": number, "state": "dropped"})


async def difference(request: web.Request) -> web.Response:
    """What has changed from the version `?from=` to `?to=`, field by field."""
    member, number = await member_of(request), _number(request)
    before, after = (_numeral(request.query.get(name, "")) for name in ("from", "to"))
    found = await request.app[NODE].database.read(actions.difference, number, before, after, member=member)
    changed = [
        {"field": one.field, "language": one.language}
        | {"pieces": [{"change": piece.change.value, "text": piece.text} for piece in one.pieces]}
        for one in found
    ]
    return answer({"from": before, "to": after, "changed": changed})


async def previews(request: web.Request) -> web.Response:
    """What other servers will show, for each language."""
    (member, number), node = (await member_of(request), _number(request)), request.app[NODE]
    found = await node.database.read(actions.previews, number, member=member)
    later = await node.database.read(actions.asked_later, number, member=member)
    names = ("server", "title", "warning", "html", "whole", "language")
    shown = [
        {"language": language}
        | {
            "servers": [
                {name: getattr(one, name) for name in names} | {"remarks": list(one.remarks)} for one in servers
            ]
        }
        for language, servers in found
    ]
    return answer({"previews": shown, "looked_up_later": later})


async def comment(request: web.Request) -> web.Response:
    """Say something about a draft: 201 with the number of the comment."""
    member, number = await member_of(request), _number(request)
    given = await _read(request, "comment", "version")
    words, about = _text(given, "comment") or "", _count(given, "version", needed=False)
    said = await request.app[NODE].database.write(actions.comment, number, words, member=member, version=about)
    return answer({"number": said}, status=201)


async def take_back_comment(request: web.Request) -> web.Response:
    """Delete a comment of one's own."""
    member, number, said = await member_of(request), _number(request), _number(request, "comment")
    await request.app[NODE].database.write(actions.take_back_comment, number, said, member=member)
    return answer({"number": said, "state": "deleted"})


async def leave_out(request: web.Request) -> web.Response:
    """Settle a version that was set aside by leaving it out."""
    member, number, wanted = await member_of(request), _number(request), _number(request, "version")
    await request.app[NODE].database.write(actions.leave_out, number, wanted, member=member)
    return answer({"version": wanted, "place": "settled"})


async def propose(request: web.Request) -> web.Response:
    """Put the `version` that the program has shown to the group."""
    (member, number), node = (await member_of(request), _number(request)), request.app[NODE]
    given = await _read(request, "version", "urgent", "confirm")
    seen, urgent, confirm = _count(given, "version") or 0, _flag(given, "urgent"), _text(given, "confirm") or ""

    def act(tx: Transaction) -> Any:
        draft = actions.newest(tx, actions.readable(tx, number, member))
        return *proposing.propose(tx, number, version=seen, member=member, urgent=urgent, confirm=confirm), draft

    (iri, state, draft), made = await node.database.write(with_proposed, act)
    return published(iri, state, made, draft, delay=node.config.publication_delay)


async def call_back(request: web.Request) -> web.Response:
    """Stop what was adopted and has not left."""
    member, number = await member_of(request), _number(request)
    await request.app[NODE].database.write(proposing.call_back, number, member=member)
    return answer({"number": number, "state": Standing.OPEN.value})


# ---- what is sent


async def _read(request: web.Request, *keys: str) -> dict[str, Any]:
    given: dict[str, Any] = loads(await bodies.read(request))
    for key in given:
        if key not in keys:
            raise Invalid("there is no such key; the keys are {keys}", keys=", ".join(keys), field=key)
    return given


def _draft(given: dict[str, Any], base: Draft) -> Draft:
    """The draft with what a program has sent; what it has not named stays."""
    values: dict[str, Any] = {name: _text(given, name) for name in TEXTS if name in given}
    if "text" in values:
        values["text"] = values["text"] or ""
    values |= {name: _map(given, name) for name in MAPS if name in given and name != "report"}
    if "report" in given:
        values["report"] = _report(given)
    if "sensitive" in given:
        values["sensitive"] = _flag(given, "sensitive")
    if "form" in given:
        form = _text(given, "form")
        if form is not None and form not in FORMS:
            raise Invalid("“{form}” is neither note nor article", form=form[:40], field="form")
        values["form"] = FORMS[form] if form is not None else None
    if "tags" in given:
        values["tags"] = tuple(dict.fromkeys(tag.lstrip("#") for tag in _texts(given, "tags")))
    if "translations" in given:
        values["translations"] = _translations(given, base)
    return replace(base, **values)


def _translations(given: dict[str, Any], base: Draft) -> tuple[Draft, ...]:
    found = given["translations"]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Invalid("write a list of objects", field="translations")
    before = {one.language: one for one in base.translations}
    made = []
    for one in found:
        for key in one:
            if key not in OF_A_TRANSLATION:
                raise Invalid(
                    "there is no such key; the keys are {keys}",
                    keys=", ".join(OF_A_TRANSLATION),
                    field=f"translations.{key}",
                )
        values = {name: _text(one, name) for name in OF_A_TRANSLATION if name in one}
        if "text" in values:
            values["text"] = values["text"] or ""
        made.append(replace(before.get(values.get("language")) or Draft(text=""), **values))  # type: ignore[arg-type]
    return tuple(made)


def _text(given: dict[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise Invalid("write a text", field=name)
    return value or None


def _texts(given: dict[str, Any], name: str) -> list[str]:
    value = given.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Invalid("write a list of texts", field=name)
    return value


def _map(given: dict[str, Any], name: str) -> dict[str, str]:
    value = given.get(name) or {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise Invalid("write an object of texts", field=name)
    return value


def _report(given: dict[str, Any]) -> dict[str, str]:
    """The fields of a report: texts, or nested values as they are sent to /api/reports."""
    value = given.get("report") or {}
    if not isinstance(value, dict):
        raise Invalid("write an object of texts", field="report")
    return writing.fields_of(value)


def _flag(given: dict[str, Any], name: str) -> bool:
    value = given.get(name) or False
    if not isinstance(value, bool):
        raise Invalid("write true or false", field=name)
    return value


def _count(given: dict[str, Any], name: str, *, needed: bool = True) -> int | None:
    value = given.get(name)
    if value is None and not needed:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**9:
        raise Invalid("write the number of a version", field=name)
    return value


def _number(request: web.Request, name: str = "number") -> int:
    return _numeral(request.match_info[name])


def _numeral(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Missing("there is nothing of that number")
    return int(text)


def _group(tx: Transaction, handle: object) -> str:
    if handle is not None and not isinstance(handle, str):
        raise Invalid("write the handle of a group", field="group")
    try:
        return str((actors.group(tx, handle) if handle else actors.main_group(tx)).iri)
    except Missing as error:
        raise Forbidden("you hold no mandate in a group “{handle}” of this node", handle=handle) from error


# ---- what is answered


def _line(tx: Transaction, row: Row[Any]) -> dict[str, Any]:
    draft = actions.newest(tx, row)
    return {
        "number": row.id,
        "group": row.actor,
        "kind": row.kind,
        "title": draft.title,
        "languages": [one.language for one in (draft, *draft.translations)],
        "state": actions.standing(row).value,
        "version": row.head,
        "publication": row.publication,
        "due": row.due.isoformat() if row.due is not None else None,
        "began": row.began.isoformat(),
        "changed": row.changed.isoformat(),
    }


def _version(row: Row[Any]) -> dict[str, Any]:
    values = {"number": row.number, "based_on": row.based_on, "place": row.place, "writer": row.name}
    return values | {"at": row.at.isoformat()}


def _comment(row: Row[Any]) -> dict[str, Any]:
    values = {"number": row.id, "version": row.version, "comment": row.words, "writer": row.name}
    return values | {"at": row.at.isoformat()}


def _as_json(draft: Draft) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(draft, name) for name in (*TEXTS, *FLAGS)}
    values |= {name: dict(getattr(draft, name)) for name in MAPS}
    values["tags"] = list(draft.tags)
    values["form"] = draft.form.value.lower() if draft.form is not None else None
    values["translations"] = [{name: getattr(one, name) for name in OF_A_TRANSLATION} for one in draft.translations]
    return values


def _joined(joined: Joined | None) -> dict[str, Any]:
    if joined is None:
        return {}
    return {"quarrels": list(joined.quarrels), "joined": _as_json(joined.draft)}
