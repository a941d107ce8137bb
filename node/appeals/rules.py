"""What an appeal and an answer to one must be, and until when an appeal is open: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from node.errors import Invalid
from node.reports import amounts
from node.statements.rules import Draft, Form
from schemas import codes
from schemas.amount import Amount
from schemas.appeal import Appeal

OPEN_WITHOUT_A_DAY: Final = timedelta(days=90)
HOW_CHARACTERS: Final = 1000
ENDED: Final = ("met", "closed")
"""The states in which nothing is asked for any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an appeal asks for. `struggle` is as it was written: an address, or the name by which the group reports."""

    kinds: tuple[str, ...]
    struggle: str | None
    until: date | None
    goal: Amount | None
    how: str | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a group says to an appeal."""

    to: str
    kind: str
    pledge: Amount | None


def asked(draft: Draft) -> Asked:
    """What a draft asks for. Raises Invalid, naming the field."""
    given = draft.appeal
    kinds = tuple(dict.fromkeys(filter(None, (one.strip().lower() for one in given.get("kinds", "").split(",")))))
    if not kinds:
        raise Invalid("say what is asked for: {known}", field="appeal", known=", ".join(codes.APPEAL_KINDS))
    for kind in kinds:
        _check_code(kind, codes.APPEAL_KINDS, field="appeal")
    how = " ".join(given.get("how", "").split())
    if len(how) > HOW_CHARACTERS:
        raise Invalid("this has {given} characters; {limit} are the limit", field="how", given=len(how),
                      limit=HOW_CHARACTERS)  # fmt: skip
    status = given.get("status") or "open"
    _check_code(status, codes.APPEAL_STATUSES, field="appeal_status")
    _check_alone(draft, "appeal")
    return Asked(
        kinds=kinds,
        struggle=given.get("struggle") or None,
        until=_day(given["until"], field="until") if given.get("until") else None,
        goal=amounts.read(given["goal"], field="goal") if given.get("goal") else None,
        how=how or None,
        status=status,
    )


def answered(draft: Draft) -> Answered:
    """What a draft answers. Raises Invalid, naming the field."""
    given = draft.answer
    to, kind = given.get("to", ""), given.get("kind", "")
    if not to:
        raise Invalid("say which appeal: its address", field="answers")
    _check_code(kind, codes.APPEAL_ANSWERS, field="answer")
    pledge = amounts.read(given["pledge"], field="pledge") if given.get("pledge") else None
    if pledge is not None and kind not in ("given", "promised"):
        raise Invalid("a pledge is of what was given or promised", field="pledge")
    if draft.reply_to not in (None, to):
        raise Invalid("it answers the appeal, and nothing else", field="reply_to")
    if draft.form is Form.ARTICLE:
        raise Invalid(
            "an answer to an appeal is a Note: elsewhere its text would be hidden behind a title", field="form"
        )
    _check_alone(draft, "answer")
    return Answered(to=to, kind=kind, pledge=pledge)


def check_day(found: Asked, *, today: date) -> None:
    """Raise Invalid if an appeal that is to be published has passed already."""
    if found.until is not None and found.until < today:
        raise Invalid("{until} is past: nobody could answer any more", field="until", until=found.until)


def open_until(appeal: Appeal, *, changed: datetime) -> date:
    """The last day on which an appeal that its group does not end before is open."""
    return appeal.until or (changed + OPEN_WITHOUT_A_DAY).date()


def _check_code(given: str, known: Mapping[str, str], *, field: str) -> None:
    if given not in known:
        raise Invalid("“{given}” is none of these: {known}", field=field, given=given, known=", ".join(known))


def _check_alone(draft: Draft, kind: str) -> None:
    others = ("report", "event", "position", "appeal", "answer", "conditions")
    if any(getattr(draft, name) for name in others if name != kind):
        sentence = "a text is one of these: a report, an appeal, an answer to one, a position, conditions, an action"
        raise Invalid(sentence, field={"answer": "answers"}.get(kind, kind))
    if kind == "answer" and draft.translations:
        raise Invalid("an appeal is answered in one language", field="language")


def _day(written: str, *, field: str) -> date:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        raise Invalid("“{written}” is not a day such as 2026-12-20", field=field, written=written[:40]) from None
