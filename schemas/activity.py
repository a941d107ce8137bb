"""An activity: somebody does something to something. ActivityPub, sections 6 and 7."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from schemas import fields, reading
from schemas.context import ACTIVITY_CONTEXT
from schemas.fields import wire, wire_value
from schemas.kinds import AUDIENCE, FIRST_REFERENCE, IRI, MOMENT, RAW, REFERENCE, TYPE_NAME
from schemas.reading import Malformed

TYPES: Final = (
    "Accept", "Add", "Announce", "Arrive", "Block", "Create", "Delete", "Dislike", "EmojiReact", "Flag", "Follow",
    "Ignore", "Invite", "Join", "Leave", "Like", "Listen", "Move", "Offer", "QuoteRequest", "Read", "Reject",
    "Remove", "TentativeAccept", "TentativeReject", "Travel", "Undo", "Update", "View",
)  # fmt: skip
"""What `schemas.parse` reads as an Activity; `parse` here takes any type."""


@wire_value(context=ACTIVITY_CONTEXT)
class Activity:
    """Any activity. Its object stays as it came: who may speak for it is not decided here.

    Only a Flag may have several objects: `object` is the first of them, `objects(document)` gives all.
    """

    id: str = wire(IRI, "id", doc="Where the activity can be fetched; an activity without one is refused.")
    type: str = wire(TYPE_NAME, "type", doc="One activity type.")
    actor: str = wire(REFERENCE, "actor", doc="Who does it: one actor.")
    object: str | dict[str, Any] | None = wire(RAW, "object", default=None, doc="What it is done to.")
    target: str | None = wire(FIRST_REFERENCE, "target", default=None, lenient=True, doc="Where to, or onto what.")
    instrument: str | dict[str, Any] | None = wire(
        RAW, "instrument", default=None, lenient=True, doc="With what: the quoting post of a QuoteRequest."
    )
    result: str | None = wire(
        FIRST_REFERENCE, "result", default=None, lenient=True, doc="What came of it: the authorisation of a quote."
    )
    to: tuple[str, ...] = wire(AUDIENCE, "to", default=(), doc="Whom it is for.")
    cc: tuple[str, ...] = wire(AUDIENCE, "cc", default=(), doc="Who else gets it.")
    published: datetime | None = wire(MOMENT, "published", default=None, lenient=True, doc="When it was done.")

    @property
    def object_id(self) -> str | None:
        """The IRI of the object, if it has a usable one."""
        try:
            return None if self.object is None else reading.reference(self.object)
        except Malformed:
            return None

    @property
    def object_type(self) -> str | None:
        """The one type of an embedded object."""
        return reading.type_of(self.object) if isinstance(self.object, dict) else None


def parse(document: object) -> Activity:
    """The activity in `document`, of whatever type. Raises Malformed."""
    if isinstance(document, dict) and isinstance(document.get("object"), list):
        found = objects(document)
        if len(found) > 1 and reading.type_name(document.get("type"), "type") != "Flag":
            raise Malformed("object", "must be one object")
        document = {**document, "object": found[0] if found else None}
    return fields.parse(Activity, document)


def objects(document: Mapping[str, Any]) -> tuple[str | dict[str, Any], ...]:
    """All objects of the activity in `document`: what a Flag complains of."""
    found = reading.one_or_many(document.get("object"), "object")
    return tuple(RAW.read(item) for item in found)


def serialise(activity: Activity) -> dict[str, Any]:
    """The JSON object of `activity`; an embedded object is written as it is, its own @context included."""
    return fields.serialise(activity)
