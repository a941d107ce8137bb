"""Pictures, sounds, films and emoji as apps get them: through this node, wherever it can."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from node import media, media_cache
from node.context import Transaction
from node.media_cache import Size

KINDS = {"Image": "image", "Video": "video", "Audio": "audio"}


def attachments(tx: Transaction, place: int, kept: Sequence[Mapping[str, Any]], *, local: bool) -> list[dict[str, Any]]:
    """The MediaAttachments of something said at `place`."""
    return [attachment(tx, one, number=attachment_id(place, index), local=local) for index, one in enumerate(kept)]


def attachment_id(place: int, index: int) -> str:
    """By which id apps know a picture of what was said at `place`."""
    return f"{place}{index:02}"


def attachment(tx: Transaction, one: Mapping[str, Any], *, number: str, local: bool) -> dict[str, Any]:
    """One MediaAttachment. A film or a sound of another stays on its own server, and is only named."""
    kind = KINDS.get(one.get("kind") or ("Image" if local else "File"), "unknown")
    shown, original = _address(tx, one, kind, local=local), one["url"]
    if shown is None:
        kind, shown = "unknown", original
    return {
        "id": str(one.get("id") or number),
        "type": kind,
        "url": shown,
        "preview_url": _preview(tx, one, shown) if kind == "image" else _poster(tx, one),
        "remote_url": None if local else original,
        "preview_remote_url": None,
        "text_url": None,
        "meta": _meta(one),
        "description": one.get("name"),
        "blurhash": one.get("blurhash"),
    }


def _address(tx: Transaction, one: Mapping[str, Any], kind: str, *, local: bool) -> str | None:
    if local:
        return tx.node.address(one["url"]) if one["url"].startswith("/") else str(one["url"])
    return media_cache.address(tx, one["url"]) if kind == "image" else str(one["url"])


def _preview(tx: Transaction, one: Mapping[str, Any], shown: str) -> str:
    return _poster(tx, one) or shown


def _poster(tx: Transaction, one: Mapping[str, Any]) -> str | None:
    found = one.get("preview")
    return tx.node.address(found) if isinstance(found, str) and found.startswith("/") else None


def _meta(one: Mapping[str, Any]) -> dict[str, Any]:
    width, height = one.get("width"), one.get("height")
    found: dict[str, Any] = {}
    if width and height:
        size = _size(width, height)
        found |= {"original": size, "small": size}
    if (small := one.get("small")) is not None:
        found["small"] = _size(small["width"], small["height"])
    focus = one.get("focus")
    if isinstance(focus, list | tuple) and len(focus) == 2 and all(_is_part(part) for part in focus):
        found["focus"] = {"x": focus[0], "y": focus[1]}
    return found | dict(one.get("meta") or {})


def _size(width: int, height: int) -> dict[str, Any]:
    return {"width": width, "height": height, "size": f"{width}x{height}", "aspect": round(width / height, 6)}


def _is_part(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and -1 <= value <= 1


def emojis(tx: Transaction, found: Iterable[Mapping[str, str]]) -> list[dict[str, Any]]:
    """The CustomEmojis that a text or a name brings; `found` has their names between colons, and where they are."""
    shown = []
    for one in found:
        address = media_cache.address(tx, one["url"], Size.SMALL)
        if address is not None:
            code = one["name"].strip(":")
            shown.append({"shortcode": code, "url": address, "static_url": address, "visible_in_picker": False})
    return shown


def portrait(tx: Transaction, url: str | None) -> str:
    """A portrait through this node; where there is none, one that we have drawn."""
    return (media_cache.address(tx, url, Size.SMALL) if url else None) or tx.node.address(PORTRAIT)


def header(tx: Transaction, url: str | None) -> str:
    """The wide picture above an account; where there is none, one that we have drawn."""
    return (media_cache.address(tx, url) if url else None) or tx.node.address(HEADER)


PORTRAIT = media.PORTRAIT
HEADER = "/media/drawn/header.png"
