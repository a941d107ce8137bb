"""A film is taken out of its file, and nothing else: whatever it says of who made it, where and with what is gone.

What is no film is refused with words, and the process that looks at it can reach nothing and nobody.
"""

from __future__ import annotations

import asyncio
import errno
import io
import struct
import subprocess
import sys
import tempfile
import zipfile
from contextlib import AsyncExitStack
from pathlib import Path

import av
import pytest
from PIL import Image

from node import filming, films
from node.errors import Busy
from node.filming import NoFilm
from node.films import Remuxed
from tests.media.films import SECRET, SIDE, film, opened, said, tune, tune_with_a_cover, turned

KNOWN = SECRET.encode()


def remux(raw: bytes, directory: Path) -> tuple[Remuxed, bytes]:
    made = directory / "made"
    made.touch()
    with tempfile.TemporaryFile(dir=directory) as file:
        file.write(raw)
        found = films.remux_apart(file, made, limit_bytes=10_000_000)
    return found, made.read_bytes()


@pytest.mark.parametrize(
    ("container", "codec", "sound", "ending"),
    [
        ("mov", "libx264", "aac", "mp4"),
        ("mp4", "libx264", None, "mp4"),
        ("matroska", "libx264", "aac", "mp4"),
        ("webm", "libvpx", "libopus", "webm"),
    ],
)
def test_a_film_keeps_what_is_seen_and_heard_alone(
    tmp_path: Path, container: str, codec: str, sound: str | None, ending: str
) -> None:
    raw = film(container, codec, sound)
    assert KNOWN in raw and SECRET in said(raw)
    found, made = remux(raw, tmp_path)
    assert KNOWN not in made and SECRET not in said(made)
    assert b"x264 - core" not in made, "what the encoder writes between the images is gone too"
    assert (found.ending, found.width, found.height, found.images_a_second) == (ending, SIDE, SIDE, 30.0)
    assert 0.9 < found.seconds < 1.2
    with opened(made) as source:
        assert [one.type for one in source.streams] == ["video", *(["audio"] if sound else [])]
        assert sum(1 for _ in source.decode(video=0)) == 30, "every image is there"
    if ending == "mp4":
        assert made.index(b"moov") < made.index(b"mdat"), "it plays before all of it is there"
    poster = Image.open(io.BytesIO(found.poster))
    assert poster.size == (SIDE, SIDE) == (found.poster_width, found.poster_height)
    assert len(found.samples) == 32 * 32 * 3


@pytest.mark.parametrize(
    ("container", "codec", "ending"),
    [
        ("ipod", "aac", "m4a"),
        ("adts", "aac", "m4a"),
        ("ogg", "libopus", "ogg"),
        ("ogg", "vorbis", "ogg"),
        ("flac", "flac", "flac"),
        ("wav", "pcm_s16le", "wav"),
    ],
)
def test_a_sound_keeps_what_is_heard_alone(tmp_path: Path, container: str, codec: str, ending: str) -> None:
    raw = tune(container, codec)
    assert KNOWN in raw or container == "adts", "ADTS has no room for it"
    found, made = remux(raw, tmp_path)
    assert KNOWN not in made and SECRET not in said(made)
    assert (found.ending, found.width, found.height, found.poster) == (ending, 0, 0, b"")
    with opened(made) as source:
        assert sum(one.samples for one in source.decode(audio=0)) > 1000


def test_cover_art_and_tags_behind_a_sound_go(tmp_path: Path) -> None:
    raw = tune_with_a_cover()
    assert raw.count(KNOWN) > 10
    found, made = remux(raw, tmp_path)
    assert found.ending == "mp3" and found.poster == b""
    assert KNOWN not in made and b"JFIF" not in made and b"APETAGEX" not in made
    with opened(made) as source:
        assert [one.type for one in source.streams] == ["audio"]


def test_what_vorbis_says_in_its_own_headers_goes_too(tmp_path: Path) -> None:
    inside = tune("ogg", "vorbis")
    target = io.BytesIO()
    with opened(inside) as source, av.open(target, "w", format="webm") as written:
        (heard,) = source.streams
        copied = written.add_stream_from_template(heard)
        seen = written.add_stream("libvpx", rate=30)
        seen.width = seen.height = SIDE
        seen.pix_fmt = "yuv420p"
        for _ in range(3):
            frame = av.VideoFrame.from_image(Image.new("RGB", (SIDE, SIDE)))
            written.mux(seen.encode(frame))
        written.mux(seen.encode())
        for packet in source.demux(heard):
            if packet.dts is not None:
                packet.stream = copied
                written.mux(packet)
    raw = target.getvalue()
    raw = raw.replace(b"Lavf", b"Rosa")  # who wrote it, in the headers of the codec
    assert raw.count(b"Rosa") >= 2
    found, made = remux(raw, tmp_path)
    assert found.ending == "webm" and b"Rosa" not in made
    with opened(made) as source:
        assert next(source.decode(audio=0)).samples


def test_a_film_that_was_held_upright_is_shown_upright(tmp_path: Path) -> None:
    raw = film("mp4", size=(SIDE, 2 * SIDE))
    found, made = remux(turned(raw), tmp_path)
    assert (found.width, found.height) == (2 * SIDE, SIDE)
    assert (found.poster_width, found.poster_height) == (2 * SIDE, SIDE)
    with opened(made) as source:
        assert abs(next(source.decode(video=0)).rotation) == 90, "and players are still told"


def zipped() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("film.mp4", film("mp4"))
    return raw.getvalue()


def enormous() -> bytes:
    """A film whose first image says that it is 16,383 pixels wide and high (RFC 6386, 9.1)."""
    raw = bytearray(film("webm", "libvpx", None))
    at = raw.index(b"\x9d\x01\x2a") + 3
    raw[at : at + 4] = struct.pack("<HH", 16_383, 16_383)
    return bytes(raw)


def overstated() -> bytes:
    """A small film that claims to be 32,000 pixels wide and high in its index (ISO 14496-12, 12.1.3)."""
    raw = bytearray(film("mp4", sound=None))
    at = raw.index(b"avc1", raw.index(b"stsd"))
    raw[at + 28 : at + 32] = struct.pack(">HH", 32_000, 32_000)
    return bytes(raw)


PLAYLISTS = {
    "hls": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXTINF:1,\nhttp://127.0.0.1:1/x.ts\n",
    "concat": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "dash": b'<?xml version="1.0"?><MPD><BaseURL>http://127.0.0.1:1/</BaseURL></MPD>',
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "nothing": b"",
    "avi": b"RIFF\x00\x01\x00\x00AVI LIST",
    "mpeg-ts": b"\x47\x40\x00\x10" + bytes(184),
}


@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_playlist_or_anything_else_is_no_film(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoFilm) as caught:
        remux(PLAYLISTS[name], tmp_path)
    assert caught.value.code == "unknown"


def test_hostile_films_are_refused_and_say_why(tmp_path: Path) -> None:
    whole = film("mp4")
    cases = {
        "cut off before its index": (film("mov")[:1500], "damaged"),
        "no images in it": (whole[: whole.index(b"mdat") + 4], "damaged"),
        "zip": (zipped(), "unknown"),
        "huge": (enormous(), "pixels damaged"),
        "noise in a known coat": (b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 40, "damaged"),
        "noise as Matroska": (b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 40, "damaged"),
        "noise as Ogg": (b"OggS" + bytes(range(256)) * 40, "damaged"),
        "an MP3 that is none": (b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"#EXTM3U\nfile:///etc/passwd\n" * 90, "damaged"),
        "a playlist as WAV": (b"RIFF\x00\x00\x00\x00WAVE#EXTM3U\nfile:///etc/passwd\n", "damaged"),
        "HEVC": (film("mp4", "libx265"), "hevc"),
        "MPEG-4 part 2": (film("mp4", "mpeg4"), "codec"),
        "ALAC": (tune("ipod", "alac"), "codec"),
    }
    for name, (raw, code) in cases.items():
        try:
            raise AssertionError(f"{name} came out as {remux(raw, tmp_path)[0]}")
        except NoFilm as reason:
            assert reason.code in code.split(), name
            assert str(films.refusal(reason)), name
    assert remux(overstated(), tmp_path)[0].width == SIDE, "what is written is what the images say themselves"


def test_a_film_that_points_elsewhere_reaches_nothing(tmp_path: Path) -> None:
    """QuickTime can keep its images in another file, or at an address (`dref`); this one points to a file beside it."""
    beside = tmp_path / "beside"
    beside.write_bytes(film("mp4"))
    raw = bytearray(film("mov", sound=None))
    at = raw.index(b"url \x00\x00\x00\x01")
    raw[at : at + 8] = b"url \x00\x00\x00\x00"
    found, made = remux(bytes(raw), tmp_path)
    assert found.ending == "mp4" and len(made) < len(raw) + 2000


def test_the_process_apart_can_open_nothing_once_it_reads() -> None:
    code = f"""
import socket, runpy
runpy.run_path({filming.__file__!r})["_open_nothing_more"]()
for act in (lambda: open("/etc/hostname"), socket.socket):
    try:
        act()
    except OSError as error:
        print(error.errno)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(errno.EMFILE)] * 2


async def test_a_file_that_comes_in_has_no_name_and_few_come_at_once(tmp_path: Path) -> None:
    place = films.Films(tmp_path / "media")
    async with AsyncExitStack() as stack:
        for _ in range(films.RECEIVED_AT_ONCE):
            file = await stack.enter_async_context(place.received(1000))
            stack.callback(file.close)
            await asyncio.to_thread(films.write, file, b"secret")
        with pytest.raises(Busy):
            async with place.received(1000):
                pass
        assert await asyncio.to_thread(lambda: list((tmp_path / "media").iterdir())) == []
    with pytest.raises(Busy, match="no room left"):
        async with place.received(2**60):
            pass
    async with place.received(1000) as file:
        file.close()
