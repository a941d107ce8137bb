"""Collections and their pages; the collections that an import and a struggle are. Activity Streams 2.0, section 5.

Items are raw: they are whatever the collection's owner put there, and nobody has vouched for them yet.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from schemas import codes, fields
from schemas.context import COLLECTION_CONTEXT
from schemas.fields import wire, wire_value
from schemas.kinds import (
    COUNT,
    DAY,
    IRI,
    LABEL,
    LINK,
    MOMENT,
    PLAIN,
    RAW,
    RAW_ITEMS,
    REFERENCE,
    TEXT,
    code,
    names,
    nested,
)
from schemas.reading import type_of

COLLECTION_TYPES: Final = ("OrderedCollection", "Collection")
PAGE_TYPES: Final = ("OrderedCollectionPage", "CollectionPage")


@wire_value()
class _Listing:
    total_items: int | None = wire(COUNT, "totalItems", default=None, lenient=True, doc="How many in all.")
    first: str | dict[str, Any] | None = wire(
        RAW, "first", default=None, lenient=True, doc="The first page; some embed it, as Mastodon does for replies."
    )
    last: str | None = wire(REFERENCE, "last", default=None, lenient=True, doc="The last page.")
    items: tuple[str | dict[str, Any], ...] | None = wire(
        RAW_ITEMS, "orderedItems", default=None, aliases=("items",), always=True,
        doc="IRIs or objects; they stand under `items` if unordered.",
    )  # fmt: skip


@wire_value(context=COLLECTION_CONTEXT)
class Collection(_Listing):
    """All of something, whole or in pages."""

    id: str = wire(IRI, "id", doc="The collection.")
    type: str = wire(
        names(*COLLECTION_TYPES), "type", default="OrderedCollection", required=True, doc="Ordered: newest first."
    )
    name: str | None = wire(PLAIN, "name", default=None, lenient=True, aliases=("nameMap",), doc="What it is called.")
    attributed_to: str | None = wire(REFERENCE, "attributedTo", default=None, lenient=True, doc="Whose it is.")
    published: datetime | None = wire(MOMENT, "published", default=None, lenient=True, doc="Since when it exists.")
    updated: datetime | None = wire(MOMENT, "updated", default=None, lenient=True, doc="When it last changed.")


@wire_value(context=COLLECTION_CONTEXT)
class CollectionPage(_Listing):
    """One page. One that is embedded in its collection may have no id."""

    id: str | None = wire(IRI, "id", default=None, doc="The page.")
    type: str = wire(
        names(*PAGE_TYPES), "type", default="OrderedCollectionPage", required=True, doc="Ordered: newest first."
    )
    part_of: str | None = wire(REFERENCE, "partOf", default=None, lenient=True, doc="The collection.")
    next: str | None = wire(REFERENCE, "next", default=None, doc="The page after this one.")
    prev: str | None = wire(REFERENCE, "prev", default=None, lenient=True, doc="The page before this one.")


@wire_value()
class Publisher:
    """Who published what was imported."""

    name: str = wire(LABEL, "name", doc="Its name.")
    url: str | None = wire(LINK, "url", default=None, lenient=True, doc="Its page.")


@wire_value(context=COLLECTION_CONTEXT)
class ImportCollection(Collection):
    """The reports taken from one publication. The group vouches for the transcription, not for the facts."""

    attributed_to: str = wire(REFERENCE, "attributedTo", doc="The group that imported them.")
    publisher: Publisher = wire(nested(Publisher), "publisher", doc="Who published the facts.")
    licence: str | None = wire(TEXT, "licence", default=None, doc="Under which licence: its SPDX identifier, or words.")
    retrieved: date | None = wire(DAY, "retrieved", default=None, doc="The day on which it was taken.")
    basis: str = wire(code(codes.BASES), "basis", default="imported", required=True, doc="imported.")


@wire_value(context=COLLECTION_CONTEXT)
class Struggle(Collection):
    """What reports are about: the collection of all reports on it, apart from any thread."""

    name: str = wire(PLAIN, "name", aliases=("nameMap",), doc="What the struggle is called.")
    field: str = wire(code(codes.FIELDS), "field", doc="The field of the struggle.")


AnyCollection = Collection | CollectionPage


def parse(document: object) -> AnyCollection:
    """The collection or page in `document`, as the narrowest of the classes above. Raises Malformed."""
    return fields.parse(_class_of(document), document)


def _class_of(document: object) -> type[Collection] | type[CollectionPage]:
    if not isinstance(document, dict):
        return Collection
    if type_of(document) in PAGE_TYPES:
        return CollectionPage
    if document.get("basis") == "imported" and document.get("publisher") is not None:
        return ImportCollection
    return Struggle if document.get("field") is not None and document.get("name") is not None else Collection


def serialise(collection: AnyCollection) -> dict[str, Any]:
    """The JSON object of `collection`; the items of an unordered one stand under `items`."""
    written = fields.serialise(collection)
    if "orderedItems" in written and not collection.type.startswith("Ordered"):
        written["items"] = written.pop("orderedItems")
    return written
