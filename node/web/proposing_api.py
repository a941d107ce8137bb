"""What programs of members can put to their group beside statements and reports: appeals, answers, conditions, and
newer versions of what it has said. JSON in and out, a token in `Authorization`.

A text is sent as it stands in a file, its fields by the names of its front matter, and `text`. Whatever kind it is, it
is read, asked about and proposed in one way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from node import actors, objects, translating
from node.appeals import actions as appeals
from node.context import NODE, Transaction
from node.decisions import with_proposed
from node.drafts import rules as kinds
from node.errors import Invalid, Missing
from node.members import actions as members
from node.members.store import Member
from node.reports import asking, developing, writing
from node.reports import store as reports
from node.statements import confirming, correcting, overtaken
from node.statements import store as publications
from node.statements.overtaken import Held
from node.statements.rules import Draft
from node.web import bodies, refusals
from node.web.api import answer, member_of, proposed, published
from node.web.deciding import read_object
from schemas.reading import loads

MORE: Mapping[str, type] = {"id": str, "changed": str, "reason": str, "group": str, "urgent": bool}
"""Keys of a request beside those of its text."""
ENDING: dict[str, type] = {"id": str, "status": str, "urgent": bool}
SETTLING: dict[str, type] = {"id": str, "urgent": bool}
Act = Callable[[Transaction, Draft, Mapping[str, Any], Member], Any]


async def appeal(request: web.Request) -> web.Response:
    """Ask others for solidarity: {"appeal": kinds, "text": ..., ...}. 201 with its id and where it stands."""
    return await _put(request, _proposing("appeal"))


async def answer_appeal(request: web.Request) -> web.Response:
    """Answer an appeal: {"answers": its address, "answer": kind, "text": ...}. 201 with its id and where it stands."""
    return await _put(request, _proposing("appeal_answer"))


async def end_appeal(request: web.Request) -> web.Response:
    """Say that an appeal of the group is met or closed: {"id": its address, "status": "met"}. 200."""
    member, given = await member_of(request), await read_object(request, ENDING)
    iri, urgent = given.get("id", ""), given.get("urgent", False)

    def act(tx: Transaction) -> tuple[str, Any]:
        return appeals.end(tx, iri, status=given.get("status", ""), member=member, urgent=urgent)

    (iri, state), made = await request.app[NODE].database.write(with_proposed, act)
    return answer({"id": iri, "state": state.value, "decision": proposed(made)})


async def conditions(request: web.Request) -> web.Response:
    """Report conditions: {"condition_1": ..., "text": ...}. 201 with its id and where it stands."""
    return await _put(request, _proposing("conditions"))


async def revise(request: web.Request) -> web.Response:
    """Correct a text of the group ("id", and the whole text anew), develop a report ("changed": what is new), withdraw
    one ("reason"), or dispute another's ("id") with a report. 201 with its id and where it stands."""
    return await _put(request, _REVISING[request.match_info["act"]], needs_text=request.match_info["act"] != "withdraw")


async def held(request: web.Request) -> web.Response:
    """The corrections of the group (`?group=`) that were adopted and are held back, with the fields in their way."""
    member, query = await member_of(request), request.query

    def find(tx: Transaction) -> list[Held]:
        group = _group(tx, query)
        members.require(tx, member, "read", actor=group)
        texts = [row.draft["corrects"] for row in publications.held_back(tx, group)]
        return [one for iri in dict.fromkeys(texts) for one in overtaken.held_of(tx, iri)]

    found = await request.app[NODE].database.read(find)
    return answer({"corrections": [_held(one) for one in found]})


def _held(one: Held) -> dict[str, Any]:
    why = None if one.why_not is None else one.why_not.said(translating.translated)
    return {"id": one.subject, "corrects": one.corrects, "fields": list(one.fields), "why": why}


async def settle(request: web.Request) -> web.Response:
    """Confirm a correction that is held back, or let it go: {"id": its address}. 200 with where it stands."""
    member, given = await member_of(request), await read_object(request, SETTLING)
    iri, write = given.get("id", ""), request.app[NODE].database.write
    if request.match_info["act"] == "drop":
        await write(lambda tx: confirming.let_go(tx, iri, member=member))
        return answer({"id": iri, "state": "called back", "decision": None})
    urgent = given.get("urgent", False)
    (newer, state), made = await write(
        with_proposed, lambda tx: confirming.confirm(tx, iri, member=member, urgent=urgent)
    )
    return answer({"id": newer, "state": state.value, "decision": proposed(made)})


# ---- one way for all kinds of texts


async def _put(request: web.Request, act: Act, *, needs_text: bool = True) -> web.Response:
    member, node = await member_of(request), request.app[NODE]
    given: dict[str, Any] = loads(await bodies.read(request))
    for key, kind in MORE.items():
        if given.get(key) is not None and type(given[key]) is not kind:
            raise Invalid("“{value}” is not of the right type", field=key, value=str(given[key])[:100])
    more = {key: given.pop(key) for key in MORE if key in given}
    draft = writing.draft_of(given) if needs_text or given else Draft(text="")
    try:
        (iri, state), made = await node.database.write(with_proposed, act, draft, more, member)
    except asking.Unconfirmed as error:
        said = {"error": translating.said_with_place(error)}
        return answer(said | {"questions": [refusals.question(one) for one in error.questions]}, status=error.status)
    return published(iri, state, made, draft, delay=node.config.publication_delay)


def _proposing(kind: str) -> Act:
    def propose(tx: Transaction, draft: Draft, more: Mapping[str, Any], member: Member) -> Any:
        if kinds.kind_of(draft) != kind:
            raise Invalid("this is not what is published here: its fields make it “{kind}”", field="text",
                          kind=kinds.kind_of(draft))  # fmt: skip
        urgent = more.get("urgent", False)
        return tx.node.rooms.proposing[kind](tx, draft, actor=_group(tx, more), member=member, urgent=urgent)

    return propose


def _correct(tx: Transaction, draft: Draft, more: Mapping[str, Any], member: Member) -> Any:
    return correcting.correct(tx, more.get("id", ""), draft, member=member, urgent=more.get("urgent", False))


def _develop(tx: Transaction, draft: Draft, more: Mapping[str, Any], member: Member) -> Any:
    whom = {"member": member, "urgent": more.get("urgent", False)}
    return developing.develop(tx, more.get("id", ""), draft, changed=more.get("changed", ""), **whom)


def _withdraw(tx: Transaction, _: Draft, more: Mapping[str, Any], member: Member) -> Any:
    whom = {"member": member, "urgent": more.get("urgent", False)}
    return developing.withdraw(tx, more.get("id", ""), reason=more.get("reason", ""), **whom)


def _dispute(tx: Transaction, draft: Draft, more: Mapping[str, Any], member: Member) -> Any:
    iri = more.get("id", "")
    disputed, held = reports.of(tx, [iri]).get(iri), objects.find(tx, iri)
    if disputed is None or held is None or not held.public or held.deleted is not None:
        raise Missing("there is no report at “{iri}” here", iri=iri)
    named = {"struggle": disputed.struggle, "disputes": iri}
    whole = Draft(
        text=draft.text, title=draft.title, language=draft.language, summary=draft.summary, tags=draft.tags,
        sensitive=draft.sensitive, form=draft.form, report={**named, **draft.report, "disputes": iri},
    )  # fmt: skip
    if faults := writing.faults(whole):
        raise faults[0]
    return tx.node.rooms.proposing["report"](
        tx, whole, actor=_group(tx, more), member=member, urgent=more.get("urgent", False)
    )


_REVISING: Mapping[str, Act] = {"correct": _correct, "develop": _develop, "withdraw": _withdraw, "dispute": _dispute}


def _group(tx: Transaction, given: Mapping[str, Any]) -> str:
    return str((actors.group(tx, given["group"]) if given.get("group") else actors.main_group(tx)).iri)
