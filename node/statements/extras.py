"""What a statement says beside its text, as it is kept for the pages: a poll, an event, emoji, what it quotes.

Plain JSON values, bounded and without markup; what a stranger wrote there is text, and pages escape it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from node import names
from node.media import DESCRIPTION_CHARACTERS
from node.statements import adoption, blanks, languages, markup
from schemas.appeal import Appeal
from schemas.appeal_answer import AppealAnswer
from schemas.attached import Attachment, Tag
from schemas.conditions_report import ConditionsReport
from schemas.event import Event, Venue
from schemas.position import Position
from schemas.question import Question
from schemas.statement import Statement
from schemas.struggle_report import StruggleReport

WITH_FACTS = (Appeal, AppealAnswer, ConditionsReport, StruggleReport)
OPTIONS_AT_MOST = 50
OPTION_CHARACTERS = 300
UNNAMED = "…"
VENUES_AT_MOST = 8
LINE_CHARACTERS = 200
EMOJI_AT_MOST = 100
ORGANIZERS_AT_MOST = 20
ATTACHMENTS_AT_MOST = 16
PIXELS_AT_MOST = 20_000
SECONDS_AT_MOST = 7 * 86_400
SEEN_OR_HEARD = ("Image", "Video", "Audio")
BLURHASH = re.compile(r"[0-9A-Za-z#$%*+,\-.:;=?@\[\]^_{|}~]{6,100}")
EMOJI_NAME = re.compile(r":[A-Za-z0-9_+\-.@]{1,80}:")
ZONE_NAME = re.compile(r"[A-Za-z]+(/[A-Za-z0-9_+\-]+){0,2}")


def of(statement: Statement) -> dict[str, Any] | None:
    """The extras of a statement, ours or another's; None if it has none."""
    found: dict[str, Any] = {}
    if isinstance(statement, Question) and statement.options:
        found["poll"] = _poll(statement)
    if isinstance(statement, Event) and (statement.start_time or statement.previous_start_time or statement.venues):
        found["event"] = _event(statement)
    if statement.quoted is not None:
        found["quote"] = statement.quoted
    if emoji := emoji_of(statement.tags):
        found["emoji"] = emoji
    found |= adoption.extras_of(statement) | languages.extras_of(statement) | blanks.extras_of(statement)
    return found or None


def without_opening(html: str, statement: Statement) -> str:
    """A text without the lines above it that say its fields in words: pages of ours say these themselves."""
    if isinstance(statement, Position):
        return markup.without_stance(html)
    return markup.without_facts(html) if isinstance(statement, WITH_FACTS) else html


def attachments(statement: Statement) -> list[dict[str, Any]]:
    """What hangs on a statement of another, and the picture that stands for it if it hangs there not already."""
    found = [_attachment(one) for one in statement.attachments[:ATTACHMENTS_AT_MOST]]
    poster = statement.picture
    if poster is not None and all(one["url"] != poster.url for one in found):
        found.insert(
            0, _attachment(Attachment(type="Image", url=poster.url, media_type=poster.media_type, name=poster.name))
        )
    return found


def _attachment(one: Attachment) -> dict[str, Any]:
    return {
        "url": one.url,
        "kind": _kind(one),
        "media_type": markup.shorten(one.media_type or "", 100) or None,
        "name": markup.shorten(one.name or "", DESCRIPTION_CHARACTERS) or None,
        "width": one.width if one.width and one.width <= PIXELS_AT_MOST else None,
        "height": one.height if one.height and one.height <= PIXELS_AT_MOST else None,
        **({"blurhash": one.blurhash} if one.blurhash and BLURHASH.fullmatch(one.blurhash) else {}),
        **({"seconds": one.duration} if one.duration and one.duration <= SECONDS_AT_MOST else {}),
        **({"poster": one.icon.url} if one.icon is not None else {}),
        **({"focus": list(one.focal_point)} if one.focal_point and any(one.focal_point) else {}),
    }


def _kind(one: Attachment) -> str:
    """Image, Video or Audio by what the bytes are said to be, else by the type of the attachment; else File."""
    said = (one.media_type or "").partition("/")[0].capitalize()
    if said in SEEN_OR_HEARD:
        return said
    return one.type if one.type in SEEN_OR_HEARD and not one.media_type else "File"


def _poll(question: Question) -> dict[str, Any]:
    return {
        "options": [
            {"name": _line(one.name, OPTION_CHARACTERS), "votes": one.votes}
            for one in question.options[:OPTIONS_AT_MOST]
        ],
        "many": bool(question.any_of) and not question.one_of,
        "ends": question.ends.isoformat() if question.ends else None,
        "voters": question.voters,
    }


def option(name: str) -> str:
    """The name of an option of a poll as it is shown: nothing in it hides, or turns the line around."""
    return names.visible(name, characters=OPTION_CHARACTERS) or UNNAMED


def _event(event: Event) -> dict[str, Any]:
    zone = _zone(event.timezone)
    return {
        "begins": _wall(event.start_time, zone),
        "ends": _wall(event.shown_end, zone),
        "before": _wall(event.previous_start_time, zone),
        "zone": zone.key if zone else None,
        "status": event.status,
        "venues": [_venue(one) for one in event.venues[:VENUES_AT_MOST]],
        "join": event.participation_url if event.join_mode == "external" else None,
        "capacity": event.capacity,
        "organizers": list(event.organizers[:ORGANIZERS_AT_MOST]),
    }


def _venue(venue: Venue) -> dict[str, Any]:
    lines = venue.address.lines if venue.address else ()
    return {
        "name": _line(venue.name) if venue.name else None,
        "url": venue.url,
        "virtual": venue.virtual,
        "lines": [_line(one) for one in lines],
        "latitude": venue.latitude if venue.longitude is not None else None,
        "longitude": venue.longitude if venue.latitude is not None else None,
    }


def _wall(moment: datetime | None, zone: ZoneInfo | None) -> str | None:
    """A moment as the clock on the wall of the place shows it."""
    if moment is None:
        return None
    try:
        return (moment.astimezone(zone) if zone else moment).isoformat()
    except OverflowError:  # in the first hours of the year 1, or the last of 9999
        return moment.isoformat()


def _zone(name: str | None) -> ZoneInfo | None:
    """The time zone of an IANA name; None where the machine does not know it."""
    if name is None or not ZONE_NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return None


def emoji_of(tags: Iterable[Tag]) -> list[dict[str, str]]:
    """The emoji among tags, each name once: [{"name": ":name:", "url": address}]."""
    found: dict[str, str] = {}
    for tag in tags:
        if tag.type != "Emoji" or not tag.name or tag.icon is None or len(found) == EMOJI_AT_MOST:
            continue
        name = f":{tag.name.strip(':')}:"  # Misskey and Mastodon write the colons, others do not
        if EMOJI_NAME.fullmatch(name):
            found.setdefault(name, tag.icon.url)
    return [{"name": name, "url": url} for name, url in found.items()]


def _line(text: str, characters: int = LINE_CHARACTERS) -> str:
    return markup.shorten(" ".join(text.split()), characters)
