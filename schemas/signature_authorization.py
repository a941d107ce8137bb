"""The stamp by which a group signs a text of another: the pattern of FEP-044f, "Approval stamps"."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from schemas import fields
from schemas.context import SIGNATURE_CONTEXT
from schemas.fields import wire, wire_value
from schemas.kinds import IRI, MOMENT, REFERENCE, TEXT, names

TYPES: Final = ("SignatureAuthorization",)


@wire_value(context=SIGNATURE_CONTEXT)
class SignatureAuthorization:
    """Whoever is `attributed_to` signs the text `interacting_object`, as it then read; deleting it takes that back."""

    id: str = wire(IRI, "id", doc="Where the stamp can be fetched.")
    type: str = wire(names(*TYPES), "type", default="SignatureAuthorization", required=True, doc="What it is.")
    attributed_to: str = wire(REFERENCE, "attributedTo", doc="The group that signs.")
    interacting_object: str = wire(REFERENCE, "interactingObject", doc="The text it signs.")
    signed_digest: str = wire(TEXT, "signedDigest", doc="SHA-256 of the `content` it signs (UTF-8), in hexadecimal.")
    published: datetime | None = wire(MOMENT, "published", default=None, lenient=True, doc="When it signed.")


def parse(document: object) -> SignatureAuthorization:
    """The stamp in `document`. Raises Malformed."""
    return fields.parse(SignatureAuthorization, document)


def serialise(stamp: SignatureAuthorization) -> dict[str, Any]:
    """The JSON object of `stamp`."""
    return fields.serialise(stamp)
