"""Pictures of ours: cleaned before they touch the disk, kept under the digest of what is kept.

A picture is decoded and written anew, so that place, device and whatever else a camera adds is gone; what cannot be
decoded as one of four formats is refused. Files stand in DIR/media; a picture nobody refers to harms nobody.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from node import blurhash, redrawing
from node.context import Node
from node.errors import Invalid
from node.redrawing import MEDIA_TYPES, Redrawn

DIRECTORY = "media"
PORTRAIT = "/media/drawn/portrait.png"  # of whoever has none (web.mastodon.drawn)
NAME = re.compile(r"[0-9a-f]{64}(-[0-9a-f]{16})?\.(jpg|png|webp)")
PIXELS_AT_MOST = 50_000_000
SIDE_AT_MOST = 2560
PREVIEW_SIDE = 640
DESCRIPTION_CHARACTERS = 1500


@dataclass(frozen=True, slots=True)
class Picture:
    """A kept picture: the name of its file, its size in pixels, and what it shows, for those who do not see it."""

    name: str
    width: int
    height: int
    description: str
    blurhash: str = ""
    focus: tuple[float, float] | None = None
    """What stays in sight when it is cut: across and up, each from -1.0 to 1.0."""
    preview: str = ""
    """The file of a smaller one, if there is one; it goes with the picture."""
    preview_width: int = 0
    preview_height: int = 0

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.name.rpartition(".")[2]]

    def as_json(self) -> dict[str, Any]:
        """As it is kept with a draft."""
        return asdict(self)

    @classmethod
    def revived(cls, kept: Mapping[str, Any]) -> Picture:
        """As it was kept, also by an older version of this program."""
        focus = kept.get("focus")
        return cls(**{**kept, "focus": tuple(focus) if focus else None})


def drop(node: Node, names: Iterable[str]) -> None:
    """Delete pictures that nothing refers to any more, and their previews; one that is gone already is no error."""
    directory = node.config.directory / DIRECTORY
    for name in names:
        if NAME.fullmatch(name):
            (directory / name).unlink(missing_ok=True)
            for preview in directory.glob(f"{name.partition('.')[0]}-*"):
                preview.unlink(missing_ok=True)


async def take(node: Node, raw: bytes, description: str, *, preview: int = PREVIEW_SIDE) -> Picture:
    """Clean and keep a picture, and a smaller one of `preview` pixels (0: none) where it is larger.

    Raises Invalid if it has no description, is too large, or is no picture.
    """
    description = " ".join(description.split())
    if not description:
        raise Invalid("a picture needs a description, for those who do not see it", field="picture")
    if len(description) > DESCRIPTION_CHARACTERS:
        raise Invalid(
            "a description has at most {limit} characters",
            field="picture",
            limit=DESCRIPTION_CHARACTERS,
        )
    _check_size(node, raw)
    return await asyncio.to_thread(_keep, node.config.directory / DIRECTORY, raw, description, preview=preview)


async def take_undescribed(node: Node, raw: bytes) -> Picture:
    """Clean and keep a picture whose description comes later. Raises Invalid as `take` does.

    It is drawn in a process of its own: an app sends several at once, before anybody has looked at one.
    """
    _check_size(node, raw)
    return await asyncio.to_thread(_keep, node.config.directory / DIRECTORY, raw, "", apart=True)


def _check_size(node: Node, raw: bytes) -> None:
    if len(raw) > node.config.picture_bytes:
        raise Invalid(
            "it has {given:,} bytes; {limit:,} are the limit",
            field="picture",
            given=len(raw),
            limit=node.config.picture_bytes,
        )


def _keep(
    directory: Path, raw: bytes, description: str, *, apart: bool = False, preview: int = PREVIEW_SIDE
) -> Picture:
    drawn = clean(raw, apart=apart, preview=preview)
    digest = hashlib.sha256(drawn.raw).hexdigest()
    picture = Picture(_write(directory, f"{digest}.{drawn.ending}", drawn.raw), drawn.width, drawn.height, description)
    if drawn.samples:
        picture = replace(picture, blurhash=blurhash.of(drawn.samples))
    return picture if drawn.preview is None else _keep_preview(directory, picture, drawn.preview)


def _keep_preview(directory: Path, picture: Picture, drawn: Redrawn) -> Picture:
    """Beside what it stands for, and named after it: so it goes when that goes."""
    own = hashlib.sha256(drawn.raw).hexdigest()[:16]
    name = _write(directory, f"{picture.name.partition('.')[0]}-{own}.{drawn.ending}", drawn.raw)
    return replace(picture, preview=name, preview_width=drawn.width, preview_height=drawn.height)


def _write(directory: Path, name: str, content: bytes) -> str:
    directory.mkdir(mode=0o700, exist_ok=True)
    if not (directory / name).exists():
        partial = directory / f"{name}.partial"
        partial.write_bytes(content)
        partial.replace(directory / name)
    return name


def clean(raw: bytes, *, apart: bool = False, preview: int = 0) -> Redrawn:
    """A picture decoded and written anew without its metadata, with a smaller one if `preview` says how large.

    `apart`: in a process of its own, which has a limit on memory and time.

    Raises Invalid for what is no JPEG, PNG, WebP or GIF, is damaged, or has too many pixels.
    """
    redraw = redrawing.redraw_apart if apart else redrawing.redraw
    try:
        return redraw(raw, side=SIDE_AT_MOST, pixels=PIXELS_AT_MOST, preview=preview)
    except redrawing.NoPicture as reason:
        raise Invalid(str(reason), field="picture") from None
