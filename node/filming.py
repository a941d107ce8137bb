"""A film or a sound taken out of its file and put into a new one, so that nothing is left but what is seen and heard.

The images and the sound are copied as they are (remuxed), never encoded anew: that takes seconds, where encoding would
keep a small server busy for many minutes. What is copied is one film and one sound in a fixed list of codecs, which
browsers play. Titles, places, chapters, cover art, attachments, subtitles, further tracks, and what cameras write
between the images (SEI of H.264, metadata of AV1) stay behind; what is in another codec is refused with words that say
what to send.

All of it happens in a process of its own that holds no key and no database, has a limit on its memory and time, and
once it has begun to read can open nothing any more, no file and no connection (RLIMIT_NOFILE); the demuxer is chosen by
the first bytes, from a list in which no playlist stands. That process runs this very file, which for that reason
imports nothing of ours, and is the only place where PyAV is loaded; `node.films` starts it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import IO, Any, NoReturn

MEDIA_TYPES = {
    "mp4": "video/mp4", "webm": "video/webm", "m4a": "audio/mp4", "mp3": "audio/mpeg", "ogg": "audio/ogg",
    "flac": "audio/flac", "wav": "audio/wav",
}  # fmt: skip
"""What comes out, by the ending of its file."""
READ_TYPES = (
    "video/mp4", "video/quicktime", "video/webm", "audio/mp4", "audio/x-m4a", "audio/aac", "audio/mpeg", "audio/mp3",
    "audio/ogg", "audio/flac", "audio/x-flac", "audio/wav", "audio/x-wav", "audio/webm",
)  # fmt: skip
PIXELS_AT_MOST = 3840 * 2160  # of an image
IMAGES_A_SECOND_AT_MOST = 120
POSTER_SIDE = 640
HEAD_BYTES = 64
SAMPLE_SIDE = 32  # as in redrawing

APART_MEMORY_BYTES = 1280 * 1024 * 1024  # of addresses: libraries, and the images that H.264 refers to
APART_CPU_SECONDS = 60

DECODERS = "h264,vp8,vp9,libdav1d,av1,aac,mp3float,mp3,opus,libopus,vorbis,flac,pcm_s16le,pcm_s24le,pcm_f32le,pcm_u8"
WITH_MP4 = (frozenset({"h264", "av1", "vp9"}), frozenset({"aac", "mp3", "opus", "flac"}))
WITH_WEBM = (frozenset({"vp8", "vp9", "av1"}), frozenset({"opus", "vorbis"}))
SOUNDS = {"aac": "m4a", "mp3": "mp3", "opus": "ogg", "vorbis": "ogg", "flac": "flac",
          "pcm_s16le": "wav", "pcm_s24le": "wav", "pcm_f32le": "wav", "pcm_u8": "wav"}  # fmt: skip
MUXERS = {"m4a": "mp4"}
# What cameras and encoders write between the images: supplemental information of H.264, metadata of AV1.
WITHOUT_NOTES = {"h264": "filter_units=remove_types=6", "av1": "filter_units=remove_types=5"}
EXTRADATA_BYTES = 16_384  # of what a codec needs to know beforehand; more is something else
POSTER_AFTER_SECONDS = 0.5  # many films begin in the dark
POSTER_IMAGES = 60
SOUND_PACKETS = 20  # that are decoded, to see whether it is one
UNTIMED_AT_MOST = 32


class NoFilm(ValueError):
    """It cannot be taken: `code` says why, and `values` what is at fault."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def demuxer(head: bytes) -> str | None:
    """By which demuxer a file with this beginning is read; None if it is no film or sound that is known here."""
    if head[4:8] in (b"ftyp", b"moov", b"wide", b"mdat", b"free", b"skip"):
        return None if head[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1") else "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    for start, name in ((b"OggS", "ogg"), (b"fLaC", "flac"), (b"ID3", "mp3")):
        if head.startswith(start):
            return name
    if len(head) > 1 and head[0] == 0xFF:
        if head[1] & 0xF6 == 0xF0:
            return "aac"
        return "mp3" if head[1] & 0xE6 == 0xE2 else None
    return None


# ---- the process apart


def _refuse_to_open(url: str, flags: int, options: Any) -> NoReturn:
    raise PermissionError(f"nothing else is opened ({url[:40]})")


def _limit(longest: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (APART_MEMORY_BYTES, APART_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (APART_CPU_SECONDS, APART_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _open_nothing_more() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


class _Copy:
    """One film or sound on its way from one file to another."""

    def __init__(self, source: Any, streams: list[Any], ending: str, written: IO[bytes], again: IO[bytes]) -> None:
        import av

        self.source, self.streams = source, streams
        options = {"fflags": "+bitexact", "movflags": "+faststart", "id3v2_version": "0"}
        used = {"fflags", "movflags"} if MUXERS.get(ending, ending) == "mp4" else {"fflags", "id3v2_version"}
        self.target = av.open(
            written,
            "w",
            format=MUXERS.get(ending, ending),
            options={name: options[name] for name in used if name != "id3v2_version" or ending == "mp3"},
            io_open=lambda url, flags, more: again,
        )
        self.outputs = {one.index: _added(self.target, one) for one in streams}
        self.filters = {one.index: self._filter(one) for one in streams}
        self.began: dict[int, float] = {}
        self.ended: dict[int, float] = {}
        self.counted: dict[int, int] = dict.fromkeys(self.outputs, 0)
        self.untimed: dict[int, list[Any]] = {index: [] for index in self.outputs}
        self.first: float | None = None  # when the first image is shown
        self.poster: Any = None
        self.looked_at = self.listened_to = 0
        self.heard = False
        for one in streams:
            if _codec(one) == "vorbis":
                self.outputs[one.index].codec_context.extradata = _without_comment(one.codec_context.extradata or b"")

    def _filter(self, stream: Any) -> Any:
        from av.bitstream import BitStreamFilterContext

        said = WITHOUT_NOTES.get(_codec(stream))
        return BitStreamFilterContext(said, stream, self.outputs[stream.index]) if said else None

    def run(self) -> None:
        for packet in self.source.demux(self.streams):
            if not packet.size:
                continue  # the end of a stream
            self._look(packet)
            if _codec(packet.stream) == "mp3" and not _is_mp3(bytes(packet)):
                continue  # tags stand between the frames, and at the end
            for one in self._timed(packet):
                self._measure(one)
                self._write(one)
        if any(self.untimed.values()):
            raise NoFilm("damaged")
        self.target.close()

    def _timed(self, packet: Any) -> list[Any]:
        """Packets that say when they are decoded: in Matroska the first of a film with B-frames do not."""
        waiting = self.untimed[packet.stream.index]
        if packet.dts is None:
            if len(waiting) >= UNTIMED_AT_MOST:
                raise NoFilm("damaged")
            waiting.append(packet)
            return []
        step, ready = packet.duration or 1, [*waiting, packet]
        for back, one in enumerate(reversed(waiting), start=1):
            one.dts = packet.dts - back * step
        waiting.clear()
        return ready

    def _write(self, packet: Any) -> None:
        index = packet.stream.index
        for one in [packet] if self.filters[index] is None else self.filters[index].filter(packet):
            one.stream = self.outputs[index]
            self.target.mux(one)

    def _measure(self, packet: Any) -> None:
        index, base = packet.stream.index, float(packet.time_base)
        at = float(packet.pts if packet.pts is not None else packet.dts) * base
        self.counted[index] += 1
        self.began[index] = min(at, self.began.get(index, at))
        self.ended[index] = max(at + float(packet.duration or 0) * base, self.ended.get(index, at))

    def _look(self, packet: Any) -> None:
        """Decode the beginning: for the poster, and to see whether it can be decoded at all."""
        if packet.stream.type == "video":
            if self.looked_at <= POSTER_IMAGES:
                for frame in packet.decode():
                    self._see(frame)
        elif not self.heard and self.listened_to < SOUND_PACKETS:
            self.listened_to += 1
            self.heard = any(True for _ in packet.decode())

    def _see(self, frame: Any) -> None:
        _check_pixels(frame.width, frame.height)
        if self.looked_at > POSTER_IMAGES:
            return
        if self.first is None:
            self.first = frame.time
        self.poster, self.looked_at = frame, self.looked_at + 1
        if None not in (frame.time, self.first) and frame.time - self.first >= POSTER_AFTER_SECONDS:
            self.looked_at = POSTER_IMAGES + 1

    def seconds(self, index: int) -> float:
        return max(0.0, self.ended[index] - self.began[index]) if index in self.began else 0.0


def _codec(stream: Any) -> str:
    context = stream.codec_context
    return str(context.codec.canonical_name) if context is not None and context.codec is not None else "?"


def _added(target: Any, stream: Any) -> Any:
    # Where decoder and encoder are different libraries (AV1), there is no encoder of that name to begin with.
    context = stream.codec_context
    return target.add_stream_from_template(stream, opaque=stream.type != "video" or context.name != _codec(stream))


def _check_pixels(width: int, height: int) -> None:
    if not 0 < width * height <= PIXELS_AT_MOST:
        raise NoFilm("pixels", width=width, height=height, limit=PIXELS_AT_MOST)


def _is_mp3(frame: bytes) -> bool:
    """Whether this is one whole frame of MPEG audio, layer III, and nothing else (ISO 11172-3, 2.4.2.3)."""
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2:
        return False
    newest = frame[1] & 0x18 == 0x18
    kilobits = (
        (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
        if newest
        else (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
    )[frame[2] >> 4]
    halved = {0x18: 1, 0x10: 2, 0x00: 4}.get(frame[1] & 0x18, 0)
    hertz = (44_100, 48_000, 32_000, 0)[frame[2] >> 2 & 3]
    if not kilobits or not halved or not hertz:
        return False
    length = (144 if newest else 72) * kilobits * 1000 // (hertz // halved) + (frame[2] >> 1 & 1)
    return len(frame) == length


def _chosen(source: Any) -> tuple[list[Any], str]:
    """The film and the sound that are taken, and the ending of their file. Raises NoFilm."""
    from av.stream import Disposition

    films = [one for one in source.streams.video if not one.disposition & Disposition.attached_pic]
    film = films[0] if films else None
    sound = source.streams.audio[0] if len(source.streams.audio) else None
    if film is None and sound is None:
        raise NoFilm("unknown")
    codecs = (_codec(film) if film is not None else "", _codec(sound) if sound is not None else "")
    ending = _ending(*codecs)
    found = [one for one in (film, sound) if one is not None]
    if any(len(one.codec_context.extradata or b"") > EXTRADATA_BYTES for one in found):
        raise NoFilm("damaged")
    return found, ending


def _ending(film: str, sound: str) -> str:
    if not film:
        if sound not in SOUNDS:
            raise NoFilm("codec", codec=sound)
        return SOUNDS[sound]
    for ending, (films, sounds) in (("webm", WITH_WEBM), ("mp4", WITH_MP4)):
        if film in films and (not sound or sound in sounds):
            return ending
    if film == "hevc":
        raise NoFilm("hevc")
    known = WITH_MP4[0] | WITH_WEBM[0]
    raise NoFilm("codec", codec=film if film not in known else sound)


def _without_comment(extradata: bytes) -> bytes:
    """The three headers of Vorbis with an empty comment, as Matroska keeps them (Xiph lacing)."""
    if not extradata or extradata[0] != 2:
        raise NoFilm("damaged")
    sizes, at = [], 1
    for _ in range(2):
        size = 0
        while extradata[at] == 255:
            size, at = size + 255, at + 1
        sizes.append(size + extradata[at])
        at += 1
    first, setup = extradata[at : at + sizes[0]], extradata[at + sum(sizes) :]
    comment = b"\x03vorbis" + bytes(8) + b"\x01"
    return b"\x02" + bytes([*[255] * (len(first) // 255), len(first) % 255, len(comment)]) + first + comment + setup


def _remux(raw: IO[bytes], written: IO[bytes], again: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    import av

    name = demuxer(raw.read(HEAD_BYTES))
    raw.seek(0)
    if name is None:
        raise NoFilm("unknown")
    limits = {"codec_whitelist": DECODERS, "format_whitelist": "", "protocol_whitelist": "", "max_streams": "64"}
    limits["format_whitelist"] = {"mov": "mov,mp4,m4a,3gp,3g2,mj2", "matroska": "matroska,webm"}.get(name, name)
    source = av.open(raw, format=name, io_open=_refuse_to_open, container_options=limits)
    streams, ending = _chosen(source)
    for one in streams:
        one.codec_context.thread_count = 1
        if one.type == "video":
            _check_pixels(one.codec_context.width, one.codec_context.height)
    copy = _Copy(source, streams, ending, written, again)
    copy.run()
    return _told(copy, streams, ending)


def _told(copy: _Copy, streams: list[Any], ending: str) -> tuple[dict[str, Any], bytes]:
    seconds = max(copy.seconds(one.index) for one in streams)
    if copy.source.duration:
        seconds = min(seconds, copy.source.duration / 1_000_000)
    told: dict[str, Any] = {"ending": ending, "seconds": round(seconds, 3), "images_a_second": 0.0}
    told |= {"width": 0, "height": 0, "poster_bytes": 0}
    film = next((one for one in streams if one.type == "video"), None)
    if film is None:
        if not copy.heard:
            raise NoFilm("damaged")
        return told, b""
    if copy.poster is None:
        raise NoFilm("damaged")
    own = copy.seconds(film.index)
    rate = copy.counted[film.index] / own if own else 0.0
    if rate > IMAGES_A_SECOND_AT_MOST * 1.02:
        raise NoFilm("rate", given=round(rate), limit=IMAGES_A_SECOND_AT_MOST)
    poster, width, height, samples = _drawn(copy.poster)
    turned = abs(copy.poster.rotation) % 180 == 90
    size = (copy.poster.height, copy.poster.width) if turned else (copy.poster.width, copy.poster.height)
    told |= {"width": size[0], "height": size[1], "images_a_second": round(rate, 3)}
    told |= {"poster_bytes": len(poster), "poster_width": width, "poster_height": height}
    return told, poster + samples


def _drawn(frame: Any) -> tuple[bytes, int, int, bytes]:
    """The poster upright, as a JPEG, its size, and what a BlurHash is made from."""
    import io

    image = frame.to_image()
    image.thumbnail((POSTER_SIDE, POSTER_SIDE))
    if frame.rotation:
        image = image.rotate(frame.rotation, expand=True)
    written = io.BytesIO()
    image.save(written, format="JPEG", quality=85)
    samples = image.convert("RGB").resize((SAMPLE_SIDE, SAMPLE_SIDE)).tobytes()
    return written.getvalue(), image.width, image.height, samples


def _work(written: IO[bytes], again: IO[bytes], longest: int) -> tuple[dict[str, Any], bytes]:
    _limit(longest)
    import io  # noqa: F401
    import logging  # noqa: F401

    import av.bitstream
    import av.sidedata.motionvectors
    import av.subtitles.stream
    from PIL import Image

    Image.preinit()  # whatever is imported later could not be read any more
    _open_nothing_more()
    try:
        return _remux(sys.stdin.buffer, written, again)
    except NoFilm as reason:
        return {"code": reason.code, **reason.values}, b""
    except MemoryError:
        return {"code": "damaged"}, b""
    except OSError as error:  # FFmpeg's are these too, with the number of what happened on the disk
        return {"code": "full" if error.errno in (28, 122) else "damaged"}, b""
    except (av.FFmpegError, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, RuntimeError):
        return {"code": "damaged"}, b""


def _main() -> int:
    """The process apart: a film on standard input, what is told of the new one on standard output."""
    numbers = [int(one) for one in sys.argv[1:4]]
    with os.fdopen(numbers[0], "r+b", buffering=0) as written, os.fdopen(numbers[1], "rb", buffering=0) as again:
        told, rest = _work(written, again, numbers[2])
        sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + rest)
        sys.stdout.buffer.flush()
        os._exit(0)  # what decoders do when they are taken down is of no interest any more


if __name__ == "__main__":
    raise SystemExit(_main())
