"""What travels: values and their JSON. Standard library only, no I/O, nothing fetched.

Words: a **document** is a JSON object as it came or as it will leave; a **value** is a frozen dataclass that holds what
we understand of it. `parse` makes the one from the other and writes nothing; the document itself is kept elsewhere, as
bytes. Each type is one module with its class, `parse(document)` and `serialise(value)`; the class declares each field
once (`schemas.fields`), and parsing, writing, JSON Schema and the vocabulary page derive from that.

Promises: any JSON shape gives a value, `Unknown` or `Malformed`, and no other exception. Parsing proves nothing: who
may speak for an id is decided in `federation.origin`, what HTML may be shown in the node.

A new object type is a module, an example in `examples/`, and its line in TYPES.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from schemas import (
    activity,
    actor,
    appeal,
    appeal_answer,
    collection,
    conditions_report,
    event,
    fields,
    merge,
    position,
    question,
    quote_authorization,
    reading,
    recognition,
    signature_authorization,
    statement,
    struggle_report,
    tombstone,
)
from schemas.activity import Activity
from schemas.actor import Actor
from schemas.appeal import Appeal
from schemas.appeal_answer import AppealAnswer
from schemas.collection import Collection, CollectionPage, ImportCollection, Struggle
from schemas.conditions_report import ConditionsReport
from schemas.event import Event
from schemas.merge import Merge
from schemas.position import Position
from schemas.question import Question
from schemas.quote_authorization import QuoteAuthorization
from schemas.reading import Malformed
from schemas.recognition import Recognition
from schemas.signature_authorization import SignatureAuthorization
from schemas.statement import Statement
from schemas.struggle_report import StruggleReport
from schemas.tombstone import Tombstone

TYPES: Final = (
    Activity, Actor, Statement, StruggleReport, Position, Appeal, AppealAnswer, ConditionsReport, Event, Question,
    QuoteAuthorization, SignatureAuthorization, Merge, Recognition, Collection, CollectionPage, ImportCollection,
    Struggle, Tombstone,
)  # fmt: skip
"""The list of what stands alone on the wire."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A document of a type that we do not read. It is kept, and has no effect."""

    type: str
    id: str | None
    document: dict[str, Any]


Value = (
    Activity
    | Actor
    | Statement
    | QuoteAuthorization
    | SignatureAuthorization
    | Merge
    | Recognition
    | Collection
    | CollectionPage
    | Tombstone
)

_PARSERS: Final[dict[str, Callable[[object], Value]]] = {
    **dict.fromkeys(activity.TYPES, activity.parse),
    **dict.fromkeys(actor.TYPES, actor.parse),
    **dict.fromkeys(statement.TYPES, statement.parse),
    **dict.fromkeys(event.TYPES, event.parse),
    **dict.fromkeys(question.TYPES, question.parse),
    **dict.fromkeys(quote_authorization.TYPES, quote_authorization.parse),
    **dict.fromkeys(signature_authorization.TYPES, signature_authorization.parse),
    **dict.fromkeys(tombstone.TYPES, tombstone.parse),
    **dict.fromkeys((*collection.COLLECTION_TYPES, *collection.PAGE_TYPES), collection.parse),
}
_EXTENDED: Final[tuple[tuple[Callable[[dict[str, Any]], bool], Callable[[dict[str, Any]], Value]], ...]] = (
    (struggle_report.reports, struggle_report.read),
    (position.takes, position.parse),
    (appeal.appeals, appeal.parse),
    (appeal_answer.answers, appeal_answer.parse),
    (conditions_report.reports, conditions_report.read),
    (merge.merges, merge.parse),
    (recognition.recognises, recognition.parse),
)
"""What is a Note, an Article or a Relationship for everybody else, by the properties that make it more; the first that
fits counts."""


def parse(document: object) -> Value | Unknown:
    """What `document` says, as the narrowest value we have. Raises Malformed, for a document without a type too.

    Of a report, facts that break a rule are left out (`struggle_report.read`).
    """
    if not isinstance(document, dict):
        raise Malformed("", "must be an object")
    name = reading.type_name(document.get("type"), "type")
    for makes, read in _EXTENDED:
        if makes(document):
            return read(document)
    if name in _PARSERS:
        return _PARSERS[name](document)
    identifier = document.get("id")
    return Unknown(name, None if identifier is None else reading.iri(identifier, "id"), document)


def serialise(value: Value) -> dict[str, Any]:
    """The JSON object of any value, with its @context. Raises Malformed for what must not leave us."""
    if isinstance(value, Collection | CollectionPage):
        return collection.serialise(value)
    return fields.serialise(value)


__all__ = [
    "TYPES", "Activity", "Actor", "Appeal", "AppealAnswer", "Collection", "CollectionPage", "ConditionsReport", "Event",
    "ImportCollection", "Malformed", "Merge", "Position", "Question", "QuoteAuthorization", "Recognition",
    "SignatureAuthorization", "Statement", "Struggle", "StruggleReport", "Tombstone", "Unknown", "Value", "parse",
    "serialise",
]  # fmt: skip
