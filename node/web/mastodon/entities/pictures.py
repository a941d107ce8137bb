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
    """One MediaAttachment."""
    kind = KINDS.get(one.get("kind") or ("Image" if local else "File"), "unknown")
    shown, original = _address(tx, one, kind, local=local), one["url"]
    if shown is None:
        kind, shown = "unknown", original
    poster = _poster(tx, one)
    return _entity(number) | {
        "type": kind,
        "url": shown,
        "preview_url": (poster or shown) if kind == "image" else poster,
        "remote_url": None if local else original,
        "meta": _meta(one),
        "description": one.get("name"),
        "blurhash": one.get("blurhash"),
    }


def unfinished(number: str, description: str | None) -> dict[str, Any]:
    """The MediaAttachment of a film of ours that is still being worked on: apps wait for its `url`."""
    return _entity(number) | {"description": description}


def _entity(number: str) -> dict[str, Any]:
    empty = dict.fromkeys(("url", "preview_url", "remote_url", "preview_remote_url", "text_url"))
    return {"id": number, "type": "unknown", **empty, "meta": {}, "description": None, "blurhash": None}


def _address(tx: Transaction, one: Mapping[str, Any], kind: str, *, local: bool) -> str | None:
    if local:
        return tx.node.address(one["url"]) if one["url"].startswith("/") else str(one["url"])
    if kind in ("video", "audio"):
        return media_cache.address(tx, one["url"], Size.FILM) or str(one["url"])
    return media_cache.address(tx, one["url"]) if kind == "image" else str(one["url"])


def _poster(tx: Transaction, one: Mapping[str, Any]) -> str | None:
    """A smaller picture of ours, or the one that others have put before a film or a sound."""
    found = one.get("preview")
    if isinstance(found, str) and found.startswith("/"):
        return tx.node.address(found)
    return media_cache.address(tx, one["poster"]) if one.get("poster") else None


def _meta(one: Mapping[str, Any]) -> dict[str, Any]:
    width, height = one.get("width"), one.get("height")
    found: dict[str, Any] = {}
    if width and height:
        size = _size(width, height)
        found |= {"original": size, "small": size}
    if (small := one.get("small")) is not None:
        found["small"] = _size(small["width"], small["height"])
    if one.get("seconds"):
        found |= _of_a_film(one, found.get("original", {}))
    focus = one.get("focus")
    if isinstance(focus, list | tuple) and len(focus) == 2 and all(_is_part(part) for part in focus):
        found["focus"] = {"x": focus[0], "y": focus[1]}
    return found | dict(one.get("meta") or {})


def _of_a_film(one: Mapping[str, Any], size: Mapping[str, Any]) -> dict[str, Any]:
    """How long it is and how it is played: in `original`, and beside it, where Mastodon has it too."""
    seconds, rate = one["seconds"], one.get("images_a_second")
    minutes, rest = divmod(round(seconds, 2), 60)
    length = f"{int(minutes // 60)}:{int(minutes % 60):02}:{rest:05.2f}"
    original = {**{name: size[name] for name in ("width", "height") if name in size}, "duration": seconds}
    if rate:
        original["frame_rate"] = f"{round(rate * 1000)}/1000"
    if one.get("bits_a_second"):
        original["bitrate"] = one["bits_a_second"]
    return {**size, "length": length, "duration": seconds, **({"fps": round(rate)} if rate else {})} | {
        "original": original
    }


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
