"""What a position must be, who may have one, and for what one may be removed: pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from node.errors import Invalid
from node.statements.rules import Draft, Form
from schemas import codes

GROUP_TYPES: Final = frozenset({"Organization", "Group", "Service"})
"""The types of actors that speak for many. A Service is what Mastodon makes of an account that no person stands for."""
KINDS: Final = frozenset({"Statement", "StruggleReport", "Event"})
"""What positions are taken on. To a position one answers, or takes another on the same text."""
WAITING_AT_MOST: Final = 500
WAITING_OF_ONE_SERVER: Final = 100
WAITING_KEPT_FOR: Final = timedelta(days=90)
VERSIONS_OF_OTHERS: Final = 50

REASONS: Final[Mapping[str, str]] = {
    "spam": "It was advertising, or sent everywhere without regard to the text.",
    "harassment": "It attacked people instead of answering the text.",
    "illegal": "A law or a court demands it.",
    "personal-data": "It named or showed somebody who must not be found through it.",
}
"""For what a position of another may be removed here. That it disagrees is none of them."""


class State(StrEnum):
    """Whether this node shows a position."""

    SHOWN = "shown"
    WAITING = "waiting"  # of a group that nobody here follows, until a delegate admits it
    REMOVED = "removed"  # of one of our own groups, by another of them: elsewhere the row goes with the words


def check(draft: Draft) -> tuple[str, str]:
    """What a draft is about, and its stance. Raises Invalid, naming the field."""
    about, stance = draft.position.get("on") or "", draft.position.get("stance") or ""
    if not about:
        raise Invalid("say on which text: its address", field="position_on")
    if stance not in codes.STANCES:
        known = ", ".join(codes.STANCES)
        raise Invalid("“{stance}” is no stance; say one of {known}", field="stance", stance=stance, known=known)
    if draft.reply_to not in (None, about):
        raise Invalid("a position answers the text that it is about, and nothing else", field="reply_to")
    if draft.form is Form.ARTICLE:
        raise Invalid("a position is a Note: elsewhere its text would be hidden behind a title", field="form")
    if draft.translations:
        raise Invalid("a position is taken in one language: the group has one on each text", field="language")
    if draft.report or draft.event:
        raise Invalid("a position is neither a report nor a planned action", field="stance")
    return about, stance


def check_reason(reason: str) -> None:
    """Raise Invalid unless a position of another may be removed for it."""
    if reason not in REASONS:
        known = ", ".join(REASONS)
        sentence = "“{reason}” is no reason to remove a position; there are only these: {known}"
        raise Invalid(sentence, field="reason", reason=reason, known=known)


def state_of(*, recognised: bool) -> State:
    """Whether a position that has just been heard is shown."""
    return State.SHOWN if recognised else State.WAITING
