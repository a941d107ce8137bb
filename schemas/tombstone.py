"""What stands where something was deleted. Activity Streams 2.0, `Tombstone`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from schemas import codes, fields
from schemas.context import TOMBSTONE_CONTEXT
from schemas.fields import wire, wire_value
from schemas.kinds import IRI, MOMENT, REFERENCE, TEXT, TYPE_NAME, code, names

TYPES: Final = ("Tombstone",)


@wire_value(context=TOMBSTONE_CONTEXT)
class Tombstone:
    """That something was here, what it was, and why it is gone; nothing of what it said."""

    id: str = wire(IRI, "id", doc="The address of what was deleted.")
    type: str = wire(names(*TYPES), "type", default="Tombstone", required=True, doc="Tombstone.")
    former_type: str | None = wire(TYPE_NAME, "formerType", default=None, lenient=True, doc="What it was.")
    attributed_to: str | None = wire(REFERENCE, "attributedTo", default=None, lenient=True, doc="Whose it was.")
    published: datetime | None = wire(MOMENT, "published", default=None, lenient=True, doc="When it was published.")
    deleted: datetime | None = wire(MOMENT, "deleted", default=None, lenient=True, doc="When it was deleted.")
    reason: str | None = wire(
        code(codes.DELETION_REASONS), "deletionReason", default=None, lenient=True, doc="Why: a category, no story."
    )
    digest: str | None = wire(
        TEXT, "formerDigest", default=None, lenient=True,
        doc="SHA-256 of its last bytes, in hexadecimal: whoever kept a copy can show that it is one.",
    )  # fmt: skip


def parse(document: object) -> Tombstone:
    """The tombstone in `document`. Raises Malformed."""
    return fields.parse(Tombstone, document)


def serialise(tombstone: Tombstone) -> dict[str, Any]:
    """The JSON object of `tombstone`."""
    return fields.serialise(tombstone)
