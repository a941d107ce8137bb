"""The stamp by which an author allows one quotation of one of her texts. FEP-044f, "Approval stamps"."""

from __future__ import annotations

from typing import Any, Final

from schemas import fields
from schemas.context import QUOTE_CONTEXT
from schemas.fields import wire, wire_value
from schemas.kinds import IRI, REFERENCE, names

TYPES: Final = ("QuoteAuthorization",)


@wire_value(context=QUOTE_CONTEXT)
class QuoteAuthorization:
    """Whoever is `attributed_to` lets `interacting_object` quote `interaction_target`; deleting it takes that back."""

    id: str = wire(IRI, "id", doc="Where the stamp can be fetched.")
    type: str = wire(names(*TYPES), "type", default="QuoteAuthorization", required=True, doc="QuoteAuthorization.")
    attributed_to: str = wire(REFERENCE, "attributedTo", doc="The author of what is quoted.")
    interacting_object: str = wire(REFERENCE, "interactingObject", doc="The text that quotes.")
    interaction_target: str = wire(REFERENCE, "interactionTarget", doc="The text that is quoted.")


def parse(document: object) -> QuoteAuthorization:
    """The stamp in `document`. Raises Malformed."""
    return fields.parse(QuoteAuthorization, document)


def serialise(stamp: QuoteAuthorization) -> dict[str, Any]:
    """The JSON object of `stamp`."""
    return fields.serialise(stamp)
