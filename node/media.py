"""Pictures, films and sounds of ours: cleaned, and kept under the digest of what is kept.

A picture is decoded and written anew before it touches the disk, so that place, device and whatever else a camera adds
is gone; what cannot be decoded as one of four formats is refused. A film or a sound is taken out of its file
(`node.filming`). Files stand in DIR/media; one that nobody refers to harms nobody.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from node import blurhash, filming, films, redrawing
from node.context import Node
from node.errors import Invalid
from node.films import Remuxed
from node.redrawing import Redrawn

DIRECTORY = "media"
PORTRAIT = "/media/drawn/portrait.png"  # of whoever has none (web.mastodon.drawn)
MEDIA_TYPES = redrawing.MEDIA_TYPES | filming.MEDIA_TYPES
NAME = re.compile(rf"[0-9a-f]{{64}}(-[0-9a-f]{{16}})?\.({'|'.join(MEDIA_TYPES)})")
PIXELS_AT_MOST = 50_000_000
SIDE_AT_MOST = 2560
PREVIEW_SIDE = 640
PARTIAL_SECONDS = 3600  # longer than anything is worked on
DESCRIPTION_CHARACTERS = 1500


@dataclass(frozen=True, slots=True)
class Picture:
    """A kept picture, film or sound: the name of its file, its size in pixels (of a sound 0), and what it shows, for
    those who do not see or hear it."""

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
    seconds: float = 0.0
    images_a_second: float = 0.0
    bits_a_second: int = 0

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.name.rpartition(".")[2]]

    @property
    def kind(self) -> str:
        """Image, Video or Audio, as it is called on the wire."""
        return self.media_type.partition("/")[0].capitalize()

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


def sweep(node: Node) -> None:
    """Delete what was half written when a process ended."""
    oldest = node.clock().timestamp() - PARTIAL_SECONDS
    for path in (node.config.directory / DIRECTORY).glob("*.partial"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()


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


async def take_film(node: Node, raw: IO[bytes], *, thumbnail: bytes | None = None) -> Picture:
    """Take a film or a sound out of its file and keep it; its description comes later. Raises Invalid, Busy.

    `thumbnail` is a picture to show before it, in place of one of its own images.
    """
    directory = node.config.directory / DIRECTORY
    partial = directory / f"{secrets.token_hex(16)}.partial"
    poster = None
    if thumbnail is not None:
        _check_size(node, thumbnail)
        poster = await asyncio.to_thread(_poster, thumbnail)
    made = await node.films.remuxed(raw, partial, limit_bytes=node.config.film_bytes)
    return await asyncio.to_thread(_keep_film, directory, partial, made, poster)


def _poster(raw: bytes) -> Redrawn:
    """A picture that somebody has chosen to stand before a film. Raises Invalid."""
    try:
        return redrawing.redraw_apart(raw, side=PREVIEW_SIDE, pixels=PIXELS_AT_MOST, preview=PREVIEW_SIDE)
    except redrawing.NoPicture as reason:
        raise Invalid(str(reason), field="thumbnail") from None


def _keep_film(directory: Path, partial: Path, made: Remuxed, poster: Redrawn | None) -> Picture:
    try:
        length = partial.stat().st_size
        name = f"{films.digest(partial)}.{made.ending}"
        partial.replace(directory / name)
    finally:
        partial.unlink(missing_ok=True)
    if poster is None and made.poster:
        poster = Redrawn(made.poster, "jpg", made.poster_width, made.poster_height, samples=made.samples)
    kept = Picture(
        name,
        made.width,
        made.height,
        "",
        blurhash=blurhash.of(poster.samples) if poster is not None else "",
        seconds=made.seconds,
        images_a_second=made.images_a_second,
        bits_a_second=round(length * 8 / made.seconds) if made.seconds else 0,
    )
    return kept if poster is None else _keep_preview(directory, kept, poster)


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
