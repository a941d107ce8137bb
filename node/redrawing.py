"""A picture decoded and written anew, so that nothing is left of its file but what it shows.

Place, device, comments and whatever hides behind the last pixel are gone, and what is no JPEG, PNG, WebP or GIF is
refused, whatever its sender calls it. Of a moving picture the first image stays.

`redraw` is for pictures that a member brings. Those of strangers go through `redraw_apart`: decoders are large programs
in C, so they run in a process that holds no key and no database, with a limit on its memory and time, and that gives
all its memory back. That process runs this very file, which for that reason imports nothing of ours.
"""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import warnings
from typing import Any, NamedTuple

READ_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
SAMPLE_SIDE = 32  # pixels of what a BlurHash is made from
APART_MEMORY_BYTES = 640 * 1024 * 1024  # of addresses, libraries included
APART_CPU_SECONDS = 10
APART_SECONDS = 60  # on a machine that has much else to do
REASON_CHARACTERS = 200
# What decoders stumble over: besides their own errors, values of a kind that they do not expect there.
UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, LookupError, ArithmeticError, TypeError, AttributeError,
              struct.error)  # fmt: skip


class NoPicture(ValueError):
    """It cannot be drawn; says why."""


class Redrawn(NamedTuple):
    """A picture as it was written anew: its bytes, the ending of its file, its size in pixels.

    If it was asked for, with a smaller one to show before it, None where it is small itself; and with `samples`: what
    it shows on SAMPLE_SIDE by SAMPLE_SIDE pixels, three bytes each, so that nobody has to decode it once more.
    """

    raw: bytes
    ending: str
    width: int
    height: int
    preview: Redrawn | None = None
    samples: bytes = b""


def redraw(raw: bytes, *, side: int, pixels: int, preview: int = 0) -> Redrawn:
    """`raw` decoded and written anew, at most `side` pixels wide and high; its preview at most `preview`, 0: none.

    Raises NoPicture for what is no JPEG, PNG, WebP or GIF, is damaged, or has more than `pixels` before it is decoded.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # imported by those who draw alone

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=READ_FORMATS) as opened:
                if opened.width * opened.height > pixels:
                    raise NoPicture(f"it has {opened.width * opened.height:,} pixels; that is too many")
                kind = opened.format
                opened.draft(None, (side, side))  # a large JPEG is never unpacked at its full size
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((side, side))
                drawn = _written(upright, kind)
                return _with_preview(drawn, upright, kind, preview) if preview else drawn
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NoPicture("it is no JPEG, PNG, WebP or GIF that can be read") from None
    except NoPicture:
        raise
    except UNREADABLE as error:
        raise NoPicture(f"it is damaged: {error}") from None
    except MemoryError:
        raise NoPicture("it takes too much memory") from None


def _written(picture: Any, kind: str | None) -> Redrawn:
    ending, settings = ("jpg", {"format": "JPEG", "quality": 85, "optimize": True})
    if kind == "WEBP":
        ending, settings = ("webp", {"format": "WEBP", "quality": 85})
    elif kind in ("PNG", "GIF"):
        ending, settings = ("png", {"format": "PNG", "optimize": True})
    picture = picture.convert("RGB" if ending == "jpg" else "RGBA")
    picture.info.clear()  # comments, profiles and places stand here, and some formats write them out again
    written = io.BytesIO()
    picture.save(written, **settings)
    return Redrawn(written.getvalue(), ending, *picture.size)


def _with_preview(drawn: Redrawn, upright: Any, kind: str | None, side: int) -> Redrawn:
    samples = upright.convert("RGB").resize((SAMPLE_SIDE, SAMPLE_SIDE)).tobytes()
    if max(drawn.width, drawn.height) <= side:
        return drawn._replace(samples=samples)
    small = upright.copy()
    small.thumbnail((side, side))
    return drawn._replace(preview=_written(small, kind), samples=samples)


def redraw_apart(raw: bytes, *, side: int, pixels: int, preview: int = 0) -> Redrawn:
    """As `redraw`, in a process of its own that is ended after some seconds; blocks, so call it in a thread."""
    command = [sys.executable, "-I", __file__, str(side), str(pixels), str(preview)]
    try:
        ran = subprocess.run(command, input=raw, capture_output=True, timeout=APART_SECONDS, env={}, check=False)
    except subprocess.TimeoutExpired:
        raise NoPicture(f"it could not be drawn within {APART_SECONDS} seconds") from None
    if ran.returncode != 0:
        reason = ran.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise NoPicture(reason[:REASON_CHARACTERS] or f"drawing it ended with {ran.returncode}")
    return _read(ran.stdout)


def _spelled(drawn: Redrawn) -> bytes:
    """As it comes out of the process: a line about the parts, then the bytes of all."""
    parts = [drawn] if drawn.preview is None else [drawn, drawn.preview]
    said = [f"{one.ending} {one.width} {one.height} {len(one.raw)}" for one in parts]
    return " ".join(said).encode() + b"\n" + b"".join(one.raw for one in parts) + drawn.samples


def _read(spelled: bytes) -> Redrawn:
    head, _, rest = spelled.partition(b"\n")
    words, parts = head.decode().split(), []
    for at in range(0, len(words), 4):
        ending, (width, height, length) = words[at], map(int, words[at + 1 : at + 4])
        parts.append(Redrawn(rest[:length], ending, width, height))
        rest = rest[length:]
    return parts[0]._replace(preview=parts[1] if len(parts) > 1 else None, samples=rest)


def _limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (APART_MEMORY_BYTES, APART_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (APART_CPU_SECONDS, APART_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes no file
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _draw_one() -> int:
    """The process apart: a picture on standard input, the new one on standard output after a line about it."""
    _limit()
    side, pixels, preview = map(int, sys.argv[1:4])
    try:
        drawn = redraw(sys.stdin.buffer.read(), side=side, pixels=pixels, preview=preview)
    except NoPicture as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    sys.stdout.buffer.write(_spelled(drawn))
    return 0


if __name__ == "__main__":
    raise SystemExit(_draw_one())
