"""A position: what a group thinks of a text of another. First version of the vocabulary.

It is an answer with two more fields, a Note for everybody else, and its content opens with the stance in words. A group
has one on each text: an `Update` replaces it, a `Delete` takes it back. Positions are shown beside each other and never
added up.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from schemas import codes, fields, reading
from schemas.context import POSITION_CONTEXT
from schemas.fields import wire, wire_value
from schemas.kinds import IRI, MOMENT, code, names
from schemas.reading import Malformed
from schemas.statement import Statement

TYPES: Final = ("Note",)


@wire_value(context=POSITION_CONTEXT)
class Position(Statement):
    """A statement that takes a position. `stance` and `positionOn` together make it one."""

    type: str = wire(names(*TYPES), "type", default="Note", required=True, doc="Note.")
    about: str = wire(IRI, "positionOn", doc="The text it is about: what `inReplyTo` names, too.")
    stance: str = wire(code(codes.STANCES), "stance", doc="What the group says to it; the content says why.")
    of_version: datetime | None = wire(
        MOMENT, "positionOnVersion", default=None, lenient=True,
        doc="Which version the group had before it: the text's `updated`, else its `published`.",
    )  # fmt: skip

    def __post_init__(self) -> None:
        if self.in_reply_to != self.about:
            raise Malformed("positionOn", "is not what inReplyTo names")


def takes(document: dict[str, Any]) -> bool:
    """Whether `document` is a position: a Note that has both `stance` and `positionOn`."""
    both = document.get("stance") is not None and document.get("positionOn") is not None
    return both and reading.type_of(document) in TYPES


def parse(document: object) -> Position:
    """The position in `document`. Raises Malformed."""
    return fields.parse(Position, document)


def serialise(position: Position) -> dict[str, Any]:
    """The JSON object of `position`. Raises Malformed for a stance that is not one of ours."""
    return fields.serialise(position)
