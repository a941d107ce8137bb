"""A statement: what a group says, whole. ActivityPub objects; Mastodon "ActivityPub"; FEP-b2b8; FEP-044f.

We write Note and Article. The other types that people elsewhere use to say something are read the same way, and keep
their type.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from schemas import fields, reading
from schemas.attached import PICTURE, Attachment, Picture, Tag
from schemas.context import OBJECT_CONTEXT
from schemas.decision import Decision
from schemas.fields import Kind, wire, wire_value
from schemas.kinds import (
    AUDIENCE,
    BOOLEAN,
    DAY,
    FIRST_REFERENCE,
    HTML,
    IRI,
    LINK,
    MOMENT,
    PLAIN,
    REFERENCE,
    TEXT,
    TEXT_MAP,
    many,
    names,
    nested,
)
from schemas.reading import Malformed
from schemas.redaction import Redaction

TYPES: Final = ("Note", "Article", "Page", "Image", "Video", "Audio")
WRITTEN_TYPES: Final = ("Note", "Article")
QUOTE_RELATIONS: Final = ("https://misskey-hub.net/ns#_misskey_quote", "https://w3id.org/fep/044f#quote")


@wire_value()
class SourceText:
    """What was written before it became HTML. ActivityPub, section 3.3."""

    content: str = wire(TEXT, "content", doc="The text as written.")
    media_type: str | None = wire(TEXT, "mediaType", default=None, doc="text/markdown when it is ours.")


@wire_value()
class Signatory:
    """A group that signs a text of another. It counts when the stamp at its own server says so."""

    signatory: str = wire(REFERENCE, "signatory", doc="The group.")
    authorization: str = wire(REFERENCE, "signatureAuthorization", doc="Its stamp, a SignatureAuthorization.")


def _read_author(value: Any) -> str:
    found = reading.one_or_many(value)
    if len(found) == 2 and all(isinstance(one, dict) for one in found):
        # A film on PeerTube names its channel, a Group, beside the Person who published it and who sends it.
        people = [one for one in found if one.get("type") == "Person"]
        channels = [one for one in found if one.get("type") == "Group"]
        found = people if len(people) == len(channels) == 1 else found
    if len(found) != 1:
        raise Malformed("", "must be exactly one actor")
    return reading.reference(found[0])


def _read_can_quote(value: Any) -> tuple[str, ...]:
    for key in ("canQuote", "automaticApproval"):
        if not isinstance(value, dict):
            raise Malformed("", "must be an object")
        value = value.get(key)
    return AUDIENCE.read(value)


def _write_can_quote(found: tuple[str, ...]) -> dict[str, Any]:
    return {"canQuote": {"automaticApproval": AUDIENCE.write(found)}}


_AUTHOR: Kind[str] = Kind("IRI", _read_author, reading.iri, IRI.schema)
_CAN_QUOTE: Kind[tuple[str, ...]] = Kind(
    "interaction policy",
    _read_can_quote,
    _write_can_quote,
    {
        "type": "object",
        "properties": {"canQuote": {"type": "object", "properties": {"automaticApproval": dict(AUDIENCE.schema)}}},
    },
)


@wire_value(context=OBJECT_CONTEXT)
class Statement:
    """One text by one group, in one language (`content`), perhaps titled."""

    id: str = wire(IRI, "id", doc="Where the statement can be fetched.")
    type: str = wire(names(*TYPES), "type", default="Note", required=True, doc="Note or Article; others are read.")
    attributed_to: str = wire(_AUTHOR, "attributedTo", doc="The group whose statement it is: exactly one actor.")
    name: str | None = wire(PLAIN, "name", default=None, aliases=("nameMap",), doc="Title, plain text.")
    name_map: Mapping[str, str] = wire(TEXT_MAP, "nameMap", default={}, lenient=True, doc="The title by language.")
    content: str | None = wire(HTML, "content", default=None, aliases=("contentMap",), doc="The whole text: HTML.")
    content_map: Mapping[str, str] = wire(
        TEXT_MAP, "contentMap", default={}, lenient=True, doc="The text by language, the original first."
    )
    media_type: str | None = wire(
        TEXT, "mediaType", default=None, lenient=True, doc="Of the content: HTML unless it says otherwise."
    )
    summary: str | None = wire(
        HTML, "summary", default=None, aliases=("summaryMap",),
        doc="Of a Note a content warning; of an Article plain sentences that read well as one.",
    )  # fmt: skip
    summary_map: Mapping[str, str] = wire(
        TEXT_MAP, "summaryMap", default={}, lenient=True, doc="The summary by language."
    )
    sensitive: bool = wire(BOOLEAN, "sensitive", default=False, lenient=True, doc="Whether to ask before showing it.")
    published: datetime | None = wire(MOMENT, "published", default=None, doc="The moment of publication.")
    updated: datetime | None = wire(MOMENT, "updated", default=None, doc="The moment of the last change.")
    adopted_at: date | None = wire(DAY, "adoptedAt", default=None, doc="The day on which the group adopted the text.")
    decision: Decision | None = wire(
        nested(Decision), "decision", default=None, lenient=True, doc="How the group came to say it."
    )
    minority_reports: tuple[str, ...] = wire(
        AUDIENCE, "minorityReports", default=(), lenient=True,
        doc="What those say who were not of this mind: texts of the same group that name this one.",
    )  # fmt: skip
    minority_report_of: str | None = wire(
        FIRST_REFERENCE, "minorityReportOf", default=None, lenient=True,
        doc="The text that a minority of the group answers with this one.",
    )  # fmt: skip
    answers_correction_of: str | None = wire(
        FIRST_REFERENCE, "answersCorrectionOf", default=None, lenient=True,
        doc="The text of the same group about which a correction was asked for, and which this answers: inReplyTo.",
    )  # fmt: skip
    signatories: tuple[Signatory, ...] = wire(
        many(nested(Signatory), skip_unreadable=True), "signatories", default=(), lenient=True,
        doc="Other groups that sign the text, each with its stamp.",
    )  # fmt: skip
    redactions: tuple[Redaction, ...] = wire(
        many(nested(Redaction), skip_unreadable=True), "redactions", default=(), lenient=True,
        doc="What was blanked in it, the first one first.",
    )  # fmt: skip
    in_reply_to: str | None = wire(
        FIRST_REFERENCE, "inReplyTo", default=None, doc="What it answers; of several the first."
    )
    context: str | None = wire(
        FIRST_REFERENCE, "context", default=None, lenient=True, doc="The thread: a collection (FEP-7888)."
    )
    conversation: str | None = wire(
        TEXT, "conversation", default=None, lenient=True, doc="The thread as Mastodon names it; any text."
    )
    to: tuple[str, ...] = wire(AUDIENCE, "to", default=(), doc="Whom it is for.")
    cc: tuple[str, ...] = wire(AUDIENCE, "cc", default=(), doc="Who else gets it.")
    url: str | None = wire(LINK, "url", default=None, lenient=True, doc="Its page for people.")
    tags: tuple[Tag, ...] = wire(
        many(nested(Tag), skip_unreadable=True), "tag", default=(), lenient=True, doc="Hashtags, mentions, emojis."
    )
    attachments: tuple[Attachment, ...] = wire(
        many(nested(Attachment), skip_unreadable=True), "attachment", default=(), lenient=True, doc="Pictures, files."
    )
    picture: Picture | None = wire(
        PICTURE, "image", default=None, lenient=True, aliases=("icon",),
        doc="A picture that stands for it: the poster of an event, the title picture of an article.",
    )  # fmt: skip
    quote: str | None = wire(
        FIRST_REFERENCE, "quote", default=None, lenient=True, doc="The object it quotes (FEP-044f)."
    )
    quote_url: str | None = wire(
        FIRST_REFERENCE, "quoteUrl", default=None, lenient=True, doc="The same for Pleroma and others."
    )
    quote_uri: str | None = wire(FIRST_REFERENCE, "quoteUri", default=None, lenient=True, doc="The same for Fedibird.")
    misskey_quote: str | None = wire(
        FIRST_REFERENCE, "_misskey_quote", default=None, lenient=True, doc="The same for Misskey."
    )
    quote_authorization: str | None = wire(
        REFERENCE, "quoteAuthorization", default=None, lenient=True,
        doc="The stamp by which the author of what is quoted allows it (FEP-044f).",
    )  # fmt: skip
    interaction_policy_can_quote: tuple[str, ...] = wire(
        _CAN_QUOTE, "interactionPolicy", default=(), lenient=True,
        doc="Who may quote it without asking; everybody, when we write it (FEP-044f).",
    )  # fmt: skip
    replies: str | None = wire(REFERENCE, "replies", default=None, lenient=True, doc="The collection of its replies.")
    likes: str | None = wire(REFERENCE, "likes", default=None, lenient=True, doc="Its likes: counts only.")
    shares: str | None = wire(REFERENCE, "shares", default=None, lenient=True, doc="Its boosts: counts only.")
    source: SourceText | None = wire(
        nested(SourceText), "source", default=None, lenient=True, doc="The text before it became HTML."
    )
    imports: str | None = wire(
        REFERENCE, "imports", default=None, doc="The import collection that this digest announces."
    )
    salt: str | None = wire(
        TEXT, "salt", default=None, doc="Random; keeps the digest of a redacted object from being guessed back."
    )

    @property
    def quoted(self) -> str | None:
        """What it quotes: `quote` or one of its older names, or a Link that says so (FEP-e232)."""
        links = (tag.href for tag in self.tags if tag.type == "Link" and tag.rel in QUOTE_RELATIONS)
        return next(filter(None, [self.quote, self.quote_url, self.quote_uri, self.misskey_quote, *links]), None)

    @property
    def language(self) -> str | None:
        """The language of `content`: that of the map's entry with the same text, else the first of the map."""
        for language, text in self.content_map.items():
            if text == self.content:
                return language
        return next(iter(self.content_map or self.name_map or self.summary_map), None)


def parse(document: object) -> Statement:
    """The statement in `document`. Raises Malformed."""
    return fields.parse(Statement, document)


def serialise(statement: Statement) -> dict[str, Any]:
    """The JSON object of `statement`."""
    return fields.serialise(statement)
