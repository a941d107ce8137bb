"""What stands beside a text: pictures and sounds, a poll, the time and place of an event, emoji.

Pictures, films and sounds of others come through this node (`media_cache`), the latter when a reader starts them; the
page links to where they are. Where the node keeps nothing of others, they are played from their own server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import Row

from federation.errors import Malformed
from federation.origin import origin
from node import media_cache
from node.context import Transaction
from node.media_cache import Size
from node.statements import extras as extras_of

# A tag as the sanitiser writes it: attributes stand in double quotes, in which there may be anything but one.
TAG = re.compile(r'<(?:[^"<>]|"[^"]*")*>')
SHORTCODE = re.compile(r":[A-Za-z0-9_+\-.@]{1,80}:")
IN_A_TEXT_AT_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """Something attached. `source` is where a page takes it from, None if it can only be linked; `url` where it is."""

    kind: str
    url: str
    source: str | None
    description: str | None
    media_type: str | None
    width: int | None
    height: int | None
    poster: str | None = None
    elsewhere: bool = False
    """Whether it is played from another server, which then learns who plays it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An answer of a poll; `share` is its part of all votes in percent, None if it is not known."""

    name: str
    votes: int | None
    share: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A poll as its author counts it."""

    options: Sequence[Option]
    many: bool
    ends: datetime | None
    voters: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """When and where an event takes place. Moments have the offset of the place."""

    begins: datetime | None
    ends: datetime | None
    before: datetime | None
    zone: str | None
    status: str | None
    venues: Sequence[Mapping[str, Any]]
    join: str | None
    capacity: int | None
    organizers: Sequence[str]


def media(tx: Transaction, row: Row[Any], shown: Row[Any]) -> list[Medium]:
    """What is attached to a statement, each with the address from which a page takes it."""
    return [_medium(tx, one, local=row.local) for one in shown.attachments or ()]


def _medium(tx: Transaction, one: Mapping[str, Any], *, local: bool) -> Medium:
    kind = one.get("kind") or ("Image" if local else "File")
    source = one["url"] if local else _source(tx, kind, one["url"])
    return Medium(
        kind=kind,
        url=one["url"],
        source=source,
        description=one.get("name"),
        media_type=one.get("media_type"),
        width=one.get("width"),
        height=one.get("height"),
        poster=_poster(tx, one),
        elsewhere=source is not None and not source.startswith("/") and origin_of(source) != tx.node.config.origin,
    )


def _poster(tx: Transaction, one: Mapping[str, Any]) -> str | None:
    found = one.get("preview")
    return found or (media_cache.address(tx, one["poster"]) if one.get("poster") else None)


def _source(tx: Transaction, kind: str, url: str) -> str | None:
    if kind == "Image":
        return media_cache.address(tx, url)
    if kind not in ("Video", "Audio") or origin_of(url) is None:
        return None
    return media_cache.address(tx, url, Size.FILM) or url


def origin_of(url: str) -> str | None:
    """The origin of an address, None if it has none."""
    try:
        return origin(url)
    except Malformed:
        return None


def poll(extras: Mapping[str, Any] | None) -> Poll | None:
    """The poll of a statement."""
    found = (extras or {}).get("poll")
    if found is None:
        return None
    total = sum(one["votes"] or 0 for one in found["options"])
    options = [
        Option(
            name=extras_of.option(one["name"]),
            votes=one["votes"],
            share=round(100 * one["votes"] / total) if total and one["votes"] is not None else None,
        )
        for one in found["options"]
    ]
    return Poll(options=options, many=found["many"], ends=_moment(found["ends"]), voters=found["voters"])


def happening(extras: Mapping[str, Any] | None) -> Happening | None:
    """The time and place of an event."""
    found = (extras or {}).get("event")
    if found is None:
        return None
    moments = {name: _moment(found[name]) for name in ("begins", "ends", "before")}
    return Happening(**(dict(found) | moments))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def emoji(tx: Transaction, extras: Mapping[str, Any] | None) -> dict[str, str]:
    """The picture of each emoji that a statement brings, by its name between colons."""
    found = {one["name"]: media_cache.address(tx, one["url"], Size.SMALL) for one in (extras or {}).get("emoji", ())}
    return {name: address for name, address in found.items() if address is not None}


def with_emoji(html: str, pictures: Mapping[str, str]) -> str:
    """Sanitised HTML with pictures in place of emoji names, wherever these stand in text and not inside a tag."""
    if not pictures or ":" not in html:
        return html
    left = IN_A_TEXT_AT_MOST

    def picture(found: re.Match[str]) -> str:
        nonlocal left
        address = pictures.get(found[0])
        if address is None or not left:
            return found[0]
        left -= 1
        return str(
            Markup('<img class="emoji" src="{}" alt="{}" title="{}" loading="lazy">').format(
                address, found[0], found[0]
            )
        )

    parts, position = [], 0
    for tag in TAG.finditer(html):
        parts += [SHORTCODE.sub(picture, html[position : tag.start()]), tag[0]]
        position = tag.end()
    return "".join([*parts, SHORTCODE.sub(picture, html[position:])])


def text_with_emoji(text: str, pictures: Mapping[str, str]) -> Markup:
    """Plain text, escaped, with pictures in place of emoji names."""
    return Markup(with_emoji(str(escape(text)), pictures))
