"""A question: a poll, as its author counts it. FEP-9967; Mastodon "ActivityPub", Question.

It is a statement with options. The counts are what the author's server says; nobody else can check them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from schemas import fields, reading
from schemas.context import QUESTION_CONTEXT
from schemas.fields import Kind, wire, wire_value
from schemas.kinds import COUNT, LABEL, MOMENT, TYPE_NAME, many, names, nested
from schemas.reading import Malformed
from schemas.statement import Statement

TYPES: Final = ("Question",)


def _read_votes(value: Any) -> int:
    if not isinstance(value, dict):
        raise Malformed("", "must be a collection")
    return reading.count(value.get("totalItems"), "totalItems")


_VOTES: Kind[int] = Kind(
    "collection with totalItems",
    _read_votes,
    lambda found: {"type": "Collection", "totalItems": reading.count(found)},
    {"type": "object", "properties": {"totalItems": dict(COUNT.schema)}, "required": ["totalItems"]},
)


@wire_value()
class Option:
    """One answer, and how many chose it."""

    type: str = wire(TYPE_NAME, "type", default="Note", doc="Note.")
    name: str = wire(LABEL, "name", doc="The answer, plain text.")
    votes: int | None = wire(_VOTES, "replies", default=None, lenient=True, doc="How many chose it.")


_OPTIONS = many(nested(Option), skip_unreadable=True)


@wire_value(context=QUESTION_CONTEXT)
class Question(Statement):
    """A statement that asks. Its options stand in `oneOf` or in `anyOf`."""

    type: str = wire(names(*TYPES), "type", default="Question", required=True, doc="Question.")
    one_of: tuple[Option, ...] = wire(
        _OPTIONS, "oneOf", default=(), lenient=True, doc="The options, of which one can be chosen."
    )
    any_of: tuple[Option, ...] = wire(
        _OPTIONS, "anyOf", default=(), lenient=True, doc="The options, of which several can be chosen."
    )
    end_time: datetime | None = wire(MOMENT, "endTime", default=None, lenient=True, doc="When it ends.")
    closed: datetime | None = wire(
        MOMENT, "closed", default=None, lenient=True, doc="When it ended; some say so of one that goes on."
    )
    voters: int | None = wire(COUNT, "votersCount", default=None, lenient=True, doc="How many people answered.")

    @property
    def options(self) -> tuple[Option, ...]:
        """The options, whichever way they can be chosen."""
        return self.one_of or self.any_of

    @property
    def ends(self) -> datetime | None:
        """When it ends or ended; FEP-9967 has `closed` read as `endTime`."""
        return self.end_time or self.closed


def parse(document: object) -> Question:
    """The question in `document`. Raises Malformed."""
    return fields.parse(Question, document)


def serialise(question: Question) -> dict[str, Any]:
    """The JSON object of `question`."""
    return fields.serialise(question)
