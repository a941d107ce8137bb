"""What a group says to an appeal: that it has given, will, has passed it on, or cannot.

It is an answer with a few more fields, a Note for everybody else. Answers stand beside each other; what they pledge is
never added up, because a promise and what was given for it would count twice.
"""

from __future__ import annotations

from typing import Any, Final

from schemas import codes, fields, reading
from schemas.amount import Amount
from schemas.context import REPORT_CONTEXT
from schemas.fields import wire, wire_value
from schemas.kinds import IRI, code, names, nested
from schemas.reading import Malformed
from schemas.statement import Statement

TYPES: Final = ("Note",)


@wire_value(context=REPORT_CONTEXT)
class AppealAnswer(Statement):
    """A statement that answers an appeal. `answers` and `answerKind` together make it one."""

    type: str = wire(names(*TYPES), "type", default="Note", required=True, doc="Note.")
    appeal: str = wire(IRI, "answers", doc="The appeal: what `inReplyTo` names, too.")
    kind: str = wire(code(codes.APPEAL_ANSWERS), "answerKind", doc="What the group says to it.")
    pledge: Amount | None = wire(
        nested(Amount), "pledge", default=None, lenient=True, doc="How much it has given, or will."
    )

    def __post_init__(self) -> None:
        if self.in_reply_to != self.appeal:
            raise Malformed("answers", "is not what inReplyTo names")


def answers(document: dict[str, Any]) -> bool:
    """Whether `document` answers an appeal: a Note that has both `answers` and `answerKind`."""
    both = document.get("answers") is not None and document.get("answerKind") is not None
    return both and reading.type_of(document) in TYPES


def parse(document: object) -> AppealAnswer:
    """The answer in `document`. Raises Malformed."""
    return fields.parse(AppealAnswer, document)


def serialise(answer: AppealAnswer) -> dict[str, Any]:
    """The JSON object of `answer`. Raises Malformed for a code that is not one of ours."""
    return fields.serialise(answer)
