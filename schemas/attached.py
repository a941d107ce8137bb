"""What hangs on an object: tags, attachments, pictures."""

from __future__ import annotations

from schemas.fields import wire, wire_value
from schemas.kinds import COUNT, DURATION, FOCUS, LABEL, LINK, TEXT, TYPE_NAME, names, nested


@wire_value()
class Picture:
    """An icon, a header or the image of an emoji."""

    type: str = wire(TYPE_NAME, "type", default="Image", doc="Image.")
    url: str = wire(LINK, "url", aliases=("href",), doc="Where the bytes are.")
    media_type: str | None = wire(TEXT, "mediaType", default=None, lenient=True, doc="Such as image/png.")
    name: str | None = wire(TEXT, "name", default=None, lenient=True, doc="What it shows, for those who do not see it.")


PICTURE = nested(Picture, first_of_list=True)


@wire_value()
class Tag:
    """A hashtag, a mention, a custom emoji or a link (FEP-e232)."""

    type: str = wire(TYPE_NAME, "type", doc="Hashtag, Mention, Emoji or Link.")
    name: str | None = wire(TEXT, "name", default=None, lenient=True, doc="#tag, @name@host or :emoji:.")
    href: str | None = wire(LINK, "href", default=None, lenient=True, doc="Page of the tag, or actor mentioned.")
    media_type: str | None = wire(TEXT, "mediaType", default=None, lenient=True, doc="Of what a Link leads to.")
    hreflang: str | None = wire(
        TEXT, "hreflang", default=None, lenient=True, doc="The language of what a Link leads to."
    )
    rel: str | None = wire(TEXT, "rel", default=None, lenient=True, doc="What a Link is for: a relation (FEP-e232).")
    icon: Picture | None = wire(PICTURE, "icon", default=None, lenient=True, doc="The image of an Emoji.")


@wire_value()
class Attachment:
    """A picture, a sound, a film, a file or a link."""

    type: str = wire(TYPE_NAME, "type", default="Document", doc="Document, Image, Video, Audio or Link.")
    url: str = wire(LINK, "url", aliases=("href",), doc="Where the bytes are.")
    media_type: str | None = wire(TEXT, "mediaType", default=None, lenient=True, doc="Such as image/jpeg.")
    name: str | None = wire(TEXT, "name", default=None, lenient=True, doc="What it shows, for those who do not see it.")
    width: int | None = wire(COUNT, "width", default=None, lenient=True, doc="In pixels.")
    height: int | None = wire(COUNT, "height", default=None, lenient=True, doc="In pixels.")
    blurhash: str | None = wire(TEXT, "blurhash", default=None, lenient=True, doc="A blur to show while it loads.")
    focal_point: tuple[float, float] | None = wire(
        FOCUS, "focalPoint", default=None, lenient=True, doc="What stays in sight when it is cut: across and up."
    )
    duration: float | None = wire(
        DURATION, "duration", default=None, lenient=True, doc="How long a film or a sound is, such as PT12.5S."
    )
    icon: Picture | None = wire(
        PICTURE, "icon", default=None, lenient=True, doc="A picture that stands before a film or a sound."
    )


@wire_value()
class ProfileField:
    """A line of an actor's profile: a schema.org PropertyValue."""

    type: str = wire(names("PropertyValue"), "type", default="PropertyValue", required=True, doc="PropertyValue.")
    name: str = wire(LABEL, "name", doc="Left.")
    value: str = wire(TEXT, "value", doc="Right: HTML.")
