"""A recognition: a group says in its own words what another group is to it. Activity Vocabulary, Relationship.

It is an act of the group, with the reason, the tally where the group shows it, and the day on which it wants to look at
it again. Deleting it takes it back. Recognitions stand beside each other and are never added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from schemas import fields, reading
from schemas.context import NS, RECOGNITION_CONTEXT
from schemas.decision import Decision
from schemas.fields import Kind, wire, wire_value
from schemas.kinds import AUDIENCE, DAY, HTML, IRI, LINK, MOMENT, REFERENCE, TEXT, TEXT_MAP, names, nested, short
from schemas.reading import Malformed

TYPES: Final = ("Relationship",)
RECOGNISES: Final = f"{NS}recognises"
_SPELLINGS: Final = frozenset({RECOGNISES, "cw:recognises"})


def _recognises(value: object) -> str:
    if not _says_so(value):
        raise Malformed("", f"must be {RECOGNISES}")
    return RECOGNISES


def _says_so(value: object) -> bool:
    said = value.get("id") if isinstance(value, dict) else value
    return isinstance(said, str) and said in _SPELLINGS


_RECOGNISES: Kind[str] = Kind("IRI", _recognises, _recognises, {"type": "string", "enum": [RECOGNISES]})


@wire_value(context=RECOGNITION_CONTEXT)
class Recognition:
    """Whoever is `attributed_to` recognises `object`, and is its `subject`."""

    id: str = wire(IRI, "id", doc="Where the recognition can be fetched by whoever may see it.")
    type: str = wire(names(*TYPES), "type", default="Relationship", required=True, doc="Relationship.")
    attributed_to: str = wire(REFERENCE, "attributedTo", doc="The group that recognises.")
    subject: str = wire(REFERENCE, "subject", doc="The same group.")
    relationship: str = wire(_RECOGNISES, "relationship", default=RECOGNISES, required=True, doc="recognises, in full.")
    object: str = wire(REFERENCE, "object", doc="The group that is recognised.")
    words: str | None = wire(
        short(100), "recognisedAs", default=None, lenient=True, doc="As what, in the group's own words: fraternal ..."
    )
    content: str | None = wire(HTML, "content", default=None, aliases=("contentMap",), doc="Why: HTML.")
    content_map: Mapping[str, str] = wire(TEXT_MAP, "contentMap", default={}, lenient=True, doc="The same by language.")
    published: datetime | None = wire(MOMENT, "published", default=None, lenient=True, doc="When the group said so.")
    review_on: date | None = wire(
        DAY, "reviewOn", default=None, lenient=True, doc="On which day the group wants to look at it again."
    )
    decision: Decision | None = wire(
        nested(Decision), "decision", default=None, lenient=True, doc="How the group came to it, as far as it shows."
    )
    to: tuple[str, ...] = wire(AUDIENCE, "to", default=(), doc="Whom it is for.")
    cc: tuple[str, ...] = wire(AUDIENCE, "cc", default=(), doc="Who else gets it.")
    url: str | None = wire(LINK, "url", default=None, lenient=True, doc="Its page for people.")
    salt: str | None = wire(TEXT, "salt", default=None, doc="Random; keeps its digest from being guessed back.")

    def __post_init__(self) -> None:
        if self.subject != self.attributed_to:
            raise Malformed("subject", "is not who says so: a group recognises for itself alone")
        if self.subject == self.object:
            raise Malformed("object", "is the subject: nobody recognises itself")


def recognises(document: dict[str, Any]) -> bool:
    """Whether `document` says that somebody recognises somebody."""
    return _says_so(document.get("relationship")) and reading.type_of(document) in TYPES


def parse(document: object) -> Recognition:
    """The recognition in `document`. Raises Malformed."""
    return fields.parse(Recognition, document)


def serialise(recognition: Recognition) -> dict[str, Any]:
    """The JSON object of `recognition`."""
    return fields.serialise(recognition)
