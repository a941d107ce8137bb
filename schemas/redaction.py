"""What stands where a group has blanked a part of what it said: which part, why, and the digest of what it was.

It stands inside the text it is about. It is no tombstone of the whole: the rest is there to be read.
"""

from __future__ import annotations

from datetime import datetime

from schemas import codes
from schemas.fields import wire, wire_value
from schemas.kinds import COUNT, MOMENT, TEXT, code, short


@wire_value()
class Redaction:
    """That a part was blanked. Whoever holds an earlier copy of the text drops its bytes."""

    part: str = wire(
        short(100), "part",
        doc="text, title, summary, tags, attachment, arguments, voters, revision, or the name of a field.",
    )  # fmt: skip
    number: int | None = wire(
        COUNT, "partNumber", default=None, lenient=True, doc="Which attachment or which revision; the first is 1."
    )
    reason: str = wire(code(codes.DELETION_REASONS), "deletionReason", doc="Why: a category, no story.")
    by: str | None = wire(code(codes.REDACTORS), "redactedBy", default=None, lenient=True, doc="Who has decided so.")
    digest: str | None = wire(
        TEXT, "formerDigest", default=None, lenient=True,
        doc="SHA-256 of the whole text as it stood before, its salt included, in hexadecimal.",
    )  # fmt: skip
    at: datetime = wire(MOMENT, "deleted", doc="When it was blanked.")
