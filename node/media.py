"""Pictures of ours: cleaned before they touch the disk, kept under the digest of what is kept.

A picture is decoded and written anew, so that place, device and whatever else a camera adds is gone; what cannot be
decoded as one of four formats is refused. Files stand in DIR/media; a picture nobody refers to harms nobody.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from node import blurhash, redrawing
from node.context import Node
from node.errors import Invalid
from node.redrawing import MEDIA_TYPES

DIRECTORY = "media"
NAME = re.compile(r"[0-9a-f]{64}\.(jpg|png|webp)")
PIXELS_AT_MOST = 50_000_000
SIDE_AT_MOST = 2560
DESCRIPTION_CHARACTERS = 1500


@dataclass(frozen=True, slots=True)
class Picture:
    """A kept picture: the name of its file, its size in pixels, and what it shows, for those who do not see it."""

    name: str
    width: int
    height: int
    description: str

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.name.rpartition(".")[2]]

    def as_json(self) -> dict[str, Any]:
        """As it is kept with a draft."""
        return asdict(self)


def drop(node: Node, names: Iterable[str]) -> None:
    """Delete pictures that nothing refers to any more; one that is gone already is no error."""
    for name in names:
        if NAME.fullmatch(name):
            (node.config.directory / DIRECTORY / name).unlink(missing_ok=True)


async def take(node: Node, raw: bytes, description: str) -> Picture:
    """Clean and keep a picture. Raises Invalid if it has no description, is too large, or is no picture."""
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
    return await asyncio.to_thread(_keep, node.config.directory / DIRECTORY, raw, description)


async def take_undescribed(node: Node, raw: bytes) -> tuple[Picture, str]:
    """Clean and keep a picture whose description comes later, and its BlurHash. Raises Invalid as `take` does.

    It is drawn in a process of its own: an app sends several at once, before anybody has looked at one.
    """
    _check_size(node, raw)
    return await asyncio.to_thread(_keep_and_blur, node.config.directory / DIRECTORY, raw)


def _keep_and_blur(directory: Path, raw: bytes) -> tuple[Picture, str]:
    picture = _keep(directory, raw, "", apart=True)
    return picture, blurhash.of((directory / picture.name).read_bytes())


def _check_size(node: Node, raw: bytes) -> None:
    if len(raw) > node.config.picture_bytes:
        raise Invalid(
            "it has {given:,} bytes; {limit:,} are the limit",
            field="picture",
            given=len(raw),
            limit=node.config.picture_bytes,
        )


def _keep(directory: Path, raw: bytes, description: str, *, apart: bool = False) -> Picture:
    cleaned, ending, (width, height) = clean(raw, apart=apart)
    name = f"{hashlib.sha256(cleaned).hexdigest()}.{ending}"
    directory.mkdir(mode=0o700, exist_ok=True)
    if not (directory / name).exists():
        partial = directory / f"{name}.partial"
        partial.write_bytes(cleaned)
        partial.replace(directory / name)
    return Picture(name, width, height, description)


def clean(raw: bytes, *, apart: bool = False) -> tuple[bytes, str, tuple[int, int]]:
    """A picture decoded and written anew without its metadata: its bytes, the ending of its file, its size.

    `apart`: in a process of its own, which has a limit on memory and time.

    Raises Invalid for what is no JPEG, PNG, WebP or GIF, is damaged, or has too many pixels.
    """
    try:
        redraw = redrawing.redraw_apart if apart else redrawing.redraw
        drawn = redraw(raw, side=SIDE_AT_MOST, pixels=PIXELS_AT_MOST)
    except redrawing.NoPicture as reason:
        raise Invalid(str(reason), field="picture") from None
    return drawn.raw, drawn.ending, (drawn.width, drawn.height)
