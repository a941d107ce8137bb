"""A merge: a group says that two struggles are one. Activity Vocabulary, Relationship; owl:sameAs.

Whoever reports first mints the address of a struggle, and two who do not know of each other mint two. A merge says that
both are of the same struggle, with the reason; deleting it takes that back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from schemas import fields, reading
from schemas.context import MERGE_CONTEXT
from schemas.fields import Kind, wire, wire_value
from schemas.kinds import AUDIENCE, HTML, IRI, LINK, MOMENT, REFERENCE, TEXT, TEXT_MAP, names
from schemas.reading import Malformed

TYPES: Final = ("Relationship",)
SAME_AS: Final = "http://www.w3.org/2002/07/owl#sameAs"
_SPELLINGS: Final = frozenset({SAME_AS, "owl:sameAs"})


def _same_as(value: object) -> str:
    if not _says_same(value):
        raise Malformed("", f"must be {SAME_AS}")
    return SAME_AS


def _says_same(value: object) -> bool:
    said = value.get("id") if isinstance(value, dict) else value
    return isinstance(said, str) and said in _SPELLINGS


_SAME_AS: Kind[str] = Kind("IRI", _same_as, _same_as, {"type": "string", "enum": [SAME_AS]})


@wire_value(context=MERGE_CONTEXT)
class Merge:
    """Whoever is `attributed_to` says that `subject` and `object` are one struggle. Which of both stands first is all
    the same."""

    id: str = wire(IRI, "id", doc="Where the merge can be fetched.")
    type: str = wire(names(*TYPES), "type", default="Relationship", required=True, doc="Relationship.")
    attributed_to: str = wire(REFERENCE, "attributedTo", doc="The group that says so.")
    subject: str = wire(REFERENCE, "subject", doc="A struggle.")
    relationship: str = wire(_SAME_AS, "relationship", default=SAME_AS, required=True, doc="owl:sameAs, in full.")
    object: str = wire(REFERENCE, "object", doc="The address that another has given to the same struggle.")
    content: str | None = wire(HTML, "content", default=None, aliases=("contentMap",), doc="Why they are one: HTML.")
    content_map: Mapping[str, str] = wire(TEXT_MAP, "contentMap", default={}, lenient=True, doc="The same by language.")
    published: datetime | None = wire(MOMENT, "published", default=None, lenient=True, doc="When the group said so.")
    to: tuple[str, ...] = wire(AUDIENCE, "to", default=(), doc="Whom it is for: everybody.")
    cc: tuple[str, ...] = wire(AUDIENCE, "cc", default=(), doc="Who else gets it.")
    url: str | None = wire(LINK, "url", default=None, lenient=True, doc="Its page for people.")
    salt: str | None = wire(TEXT, "salt", default=None, doc="Random; keeps its digest from being guessed back.")

    def __post_init__(self) -> None:
        if self.subject == self.object:
            raise Malformed("object", "is the subject: nothing is merged with itself")


def merges(document: dict[str, Any]) -> bool:
    """Whether `document` says that two things are the same."""
    return _says_same(document.get("relationship")) and reading.type_of(document) in TYPES


def parse(document: object) -> Merge:
    """The merge in `document`. Raises Malformed."""
    return fields.parse(Merge, document)


def serialise(merge: Merge) -> dict[str, Any]:
    """The JSON object of `merge`."""
    return fields.serialise(merge)
