"""An appeal for solidarity: what a group asks of others, until when, and how they can do it.

It is a statement with a few more fields, a Note or Article for everybody else. It may be for a struggle, so that it
stands beside the reports on that; groups answer it with an `AppealAnswer`.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from schemas import codes, fields, reading
from schemas.amount import Amount
from schemas.context import REPORT_CONTEXT
from schemas.fields import wire, wire_value
from schemas.kinds import DAY, IRI, TEXT, code, many, names, nested
from schemas.reading import Malformed
from schemas.statement import WRITTEN_TYPES, Statement

TYPES: Final = WRITTEN_TYPES
_KINDS: Final = many(code(codes.APPEAL_KINDS))


@wire_value(context=REPORT_CONTEXT)
class Appeal(Statement):
    """A statement that asks for solidarity. `appealKind` makes it one."""

    type: str = wire(names(*TYPES), "type", default="Note", required=True, doc="Note or Article.")
    kinds: tuple[str, ...] = wire(_KINDS, "appealKind", doc="What is asked for.")
    struggle: str | None = wire(
        IRI, "struggle", default=None, lenient=True, doc="For which struggle, where it is for one."
    )
    until: date | None = wire(DAY, "until", default=None, lenient=True, doc="The last day on which it is of use.")
    goal: Amount | None = wire(nested(Amount), "goal", default=None, lenient=True, doc="How much is needed.")
    how: str | None = wire(
        TEXT, "how", default=None, lenient=True, doc="How to do it: where to send, whom to write to."
    )
    status: str = wire(
        code(codes.APPEAL_STATUSES),
        "appealStatus",
        default="open",
        lenient=True,
        doc="Whether the group still asks for it.",
    )

    def __post_init__(self) -> None:
        if not self.kinds:
            raise Malformed("appealKind", "is empty: say what is asked for")


def appeals(document: dict[str, Any]) -> bool:
    """Whether `document` is an appeal: a Note or Article that has a readable `appealKind`."""
    if document.get("appealKind") is None or reading.type_of(document) not in TYPES:
        return False
    try:
        return bool(_KINDS.read(document["appealKind"]))
    except Malformed:
        return False


def parse(document: object) -> Appeal:
    """The appeal in `document`. Raises Malformed."""
    return fields.parse(Appeal, document)


def serialise(appeal: Appeal) -> dict[str, Any]:
    """The JSON object of `appeal`. Raises Malformed for a code that is not one of ours."""
    return fields.serialise(appeal)
