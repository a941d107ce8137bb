"""Pictures of ours: cleaned before they touch the disk, kept under the digest of what is kept.

A picture is decoded and written anew, so that place, device and whatever else a camera adds is gone; what cannot be
decoded as one of four formats is refused. Files stand in DIR/media; a picture nobody refers to harms nobody.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from node.context import Node
from node.errors import Invalid

DIRECTORY = "media"
NAME = re.compile(r"[0-9a-f]{64}\.(jpg|png|webp)")
MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
READ_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
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


async def take(node: Node, raw: bytes, description: str) -> Picture:
    """Clean and keep a picture. Raises Invalid if it has no description, is too large, or is no picture."""
    description = " ".join(description.split())
    if not description:
        raise Invalid("a picture needs a description, for those who do not see it", field="picture")
    if len(description) > DESCRIPTION_CHARACTERS:
        raise Invalid(f"a description has at most {DESCRIPTION_CHARACTERS} characters", field="picture")
    if len(raw) > node.config.picture_bytes:
        raise Invalid(f"it has {len(raw):,} bytes; {node.config.picture_bytes:,} are the limit", field="picture")
    return await asyncio.to_thread(_keep, node.config.directory / DIRECTORY, raw, description)


def _keep(directory: Path, raw: bytes, description: str) -> Picture:
    cleaned, ending, (width, height) = clean(raw)
    name = f"{hashlib.sha256(cleaned).hexdigest()}.{ending}"
    directory.mkdir(mode=0o700, exist_ok=True)
    if not (directory / name).exists():
        partial = directory / f"{name}.partial"
        partial.write_bytes(cleaned)
        partial.replace(directory / name)
    return Picture(name, width, height, description)


def clean(raw: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """A picture decoded and written anew without its metadata: its bytes, the ending of its file, its size.

    Raises Invalid for what is no JPEG, PNG, WebP or GIF, is damaged, or has too many pixels.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # imported by those who send pictures alone

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=READ_FORMATS) as opened:
                if opened.width * opened.height > PIXELS_AT_MOST:
                    raise Invalid(f"it has {opened.width * opened.height:,} pixels; that is too many", field="picture")
                kind = opened.format
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((SIDE_AT_MOST, SIDE_AT_MOST))
                return _written(upright, kind)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid("it is no JPEG, PNG, WebP or GIF that can be read", field="picture") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise Invalid(f"it is damaged: {error}", field="picture") from None


def _written(picture: Any, kind: str | None) -> tuple[bytes, str, tuple[int, int]]:
    ending, settings = ("jpg", {"format": "JPEG", "quality": 85, "optimize": True})
    if kind == "WEBP":
        ending, settings = ("webp", {"format": "WEBP", "quality": 85})
    elif kind in ("PNG", "GIF"):
        ending, settings = ("png", {"format": "PNG", "optimize": True})
    picture = picture.convert("RGB" if ending == "jpg" else "RGBA")
    picture.info.clear()  # comments, profiles and places stand here, and some formats write them out again
    written = io.BytesIO()
    picture.save(written, **settings)
    return written.getvalue(), ending, picture.size
