"""Films and sounds for tests, made here: a second long, 64 pixels wide, with secrets wherever there is room for any."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av
from PIL import Image

SECRET = "52.5200N 13.4050E Rosa"
SIDE = 64
IMAGES = 30
SAMPLE_FORMATS = {"libopus": "flt", "flac": "s16", "pcm_s16le": "s16"}


def film(
    container: str = "mov", codec: str = "libx264", sound: str | None = "aac", *, size: tuple[int, int] = (SIDE, SIDE)
) -> bytes:
    """A film of one second; its title, its place, its chapters and its tracks say SECRET."""
    written = io.BytesIO()
    options = {"movflags": "use_metadata_tags"} if container in ("mov", "mp4") else {}
    with av.open(written, "w", format=container, options=options) as target:
        _sign(target)
        second = Fraction(1, 1000)
        target.set_chapters([{"id": 1, "start": 0, "end": 500, "time_base": second, "metadata": {"title": SECRET}}])
        seen = target.add_stream(codec, rate=IMAGES)
        seen.width, seen.height = size
        seen.pix_fmt = "yuv420p"
        seen.metadata["handler_name"] = SECRET
        heard = target.add_stream(sound, rate=48_000) if sound else None
        for number in range(IMAGES):
            frame = av.VideoFrame.from_image(Image.new("RGB", size, (number * 8, 200, 30)))
            target.mux(seen.encode(frame))
        target.mux(seen.encode())
        if heard is not None:
            _sing(target, heard)
    return written.getvalue()


def tune(container: str, codec: str, *, rate: int = 48_000, **metadata: str) -> bytes:
    """A sound of about a second, whose title and comment say SECRET."""
    written = io.BytesIO()
    with av.open(written, "w", format=container) as target:
        _sign(target)
        options = {"strict": "-2"} if codec == "vorbis" else {}
        heard = target.add_stream(codec, rate=rate, layout="stereo", options=options)
        heard.metadata["title"] = SECRET
        _sing(target, heard)
    return written.getvalue()


def tune_with_a_cover() -> bytes:
    """An MP3 with cover art before it, and tags of two kinds behind it, which no player shows."""
    size = len(SECRET).to_bytes(1, "big")
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "JPEG", comment=SECRET.encode())
    body = b"\x00image/jpeg\x00\x03\x00" + picture.getvalue()
    frame = b"APIC" + len(body).to_bytes(4, "big") + b"\x00\x00" + body
    length = len(frame)
    spelled = bytes((length >> shift) & 0x7F for shift in (21, 14, 7, 0))
    before = b"ID3\x03\x00\x00" + spelled + frame
    behind = b"APETAGEX" + size + bytes(23) + SECRET.encode() * 9
    return before + tune("mp3", "libmp3lame", rate=44_100) + behind + b"TAG" + SECRET.encode().ljust(125, b"\0")


def turned(raw: bytes) -> bytes:
    """An MP4 whose images are said to be turned by a quarter, as a phone writes them (ISO 14496-12, 8.3.2)."""
    straight = b"".join(part.to_bytes(4, "big") for part in (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000))
    quarter = (0, 0x10000, 0, 0xFFFF0000, 0, 0, SIDE << 16, 0, 0x40000000)
    at = raw.index(straight, raw.index(b"tkhd"))
    return raw[:at] + b"".join(part.to_bytes(4, "big") for part in quarter) + raw[at + len(straight) :]


def opened(raw: bytes) -> Any:
    """A file as a player sees it."""
    return av.open(io.BytesIO(raw))


def said(raw: bytes) -> str:
    """Everything that a file says beside what is seen and heard."""
    with opened(raw) as source:
        told = [dict(source.metadata), source.chapters(), [dict(one.metadata) for one in source.streams]]
        return repr([*told, [one.type for one in source.streams]])


def _sign(target: Any) -> None:
    for name in ("title", "artist", "comment", "location", "com.apple.quicktime.location.ISO6709"):
        target.metadata[name] = SECRET


def _sing(target: Any, heard: Any) -> None:
    samples = heard.codec_context.frame_size or (64 if heard.codec_context.name == "vorbis" else 1024)
    for number in range(40):
        form = SAMPLE_FORMATS.get(heard.codec_context.name, "fltp")
        frame = av.AudioFrame(format=form, layout=heard.codec_context.layout.name, samples=samples)
        frame.sample_rate, frame.pts = heard.codec_context.sample_rate, number * samples
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        target.mux(heard.encode(frame))
    target.mux(heard.encode())
