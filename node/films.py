"""Films and sounds on their way from whoever sends them to a file of ours: received, taken apart, named.

What comes in stands in a file without a name, which goes by itself when nobody holds it any more, also when the process
ends; only what `node.filming` has made of it gets a name. Few are received at a time, and one is worked on: each may
take seconds of a processor, and twice its length of the disk.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from node import filming
from node.errors import Busy, Invalid, NodeError
from node.filming import NoFilm
from node.gate import Gate
from node.translating import N_

RECEIVED_AT_ONCE = 4
WAITING_AT_MOST = 12
APART_SECONDS = 180
LONGER_BY = 1.1  # so much a new file may be longer than the old one, and
LONGER_BY_BYTES = 1024 * 1024
ROOM_BYTES = 256 * 1024 * 1024  # of the disk that stay free for everything else
READ_BYTES = 1024 * 1024
NO_ROOM = N_("there is no room left on the disk of this node; whoever looks after it has to make some")
FULL = (errno.ENOSPC, errno.EDQUOT)
REASONS = {
    "unknown": N_("this is no film or sound that is known here: send MP4, MOV, WebM, MP3, M4A, Ogg, FLAC or WAV"),
    "codec": N_("it is in {codec}, which many could not play: send H.264 with AAC in MP4, or VP9 with Opus in WebM"),
    "hevc": N_(
        "it is in HEVC, which many could not play: send H.264. On an iPhone: Settings, Camera, Formats, Most Compatible"
    ),
    "pixels": N_("its images have {width} by {height} pixels; {limit:,} in all are the limit"),
    "rate": N_("it has {given} images a second; {limit} are the limit"),
    "slow": N_("it could not be looked through within {limit} seconds"),
    "damaged": N_("it is damaged, or not whole"),
    "full": NO_ROOM,
}


@dataclass(frozen=True, slots=True)
class Remuxed:
    """What came out: the ending of its file, pixels as they are shown (0 for a sound), its time, and its poster."""

    ending: str
    width: int
    height: int
    seconds: float
    images_a_second: float
    poster: bytes = b""  # a JPEG
    poster_width: int = 0
    poster_height: int = 0
    samples: bytes = b""  # as of `redrawing.Redrawn`


class Films:
    """What of films is under way in this process: `received`, `remuxed`, and what somebody may wait for."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._receiving = 0
        self._working = Gate(at_once=1, waiting=WAITING_AT_MOST)
        self._tasks: dict[int, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def received(self, announced_bytes: int) -> AsyncIterator[IO[bytes]]:
        """A file without a name for a film that is said to be so long, while it comes in; whoever asked closes it.

        Raises Busy if too many come in, or for a full disk.
        """
        if self._receiving >= RECEIVED_AT_ONCE:
            raise Busy("too many films are being sent at the same time; try again in a minute")
        self._receiving += 1
        try:
            yield await asyncio.to_thread(self._nameless, announced_bytes)
        finally:
            self._receiving -= 1

    def _nameless(self, announced_bytes: int) -> IO[bytes]:
        self._directory.mkdir(mode=0o700, exist_ok=True)
        if shutil.disk_usage(self._directory).free < 2 * announced_bytes + ROOM_BYTES:
            raise Busy(NO_ROOM)
        return tempfile.TemporaryFile(dir=self._directory)

    async def remuxed(self, raw: IO[bytes], partial: Path, *, limit_bytes: int) -> Remuxed:
        """Write what `raw` shows to `partial`, when its turn comes. Raises Invalid, Busy; then `partial` is gone."""
        return await self._working.run(_remux, raw, partial, limit_bytes)

    def begin(self, number: int, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the background that has a number."""
        self._tasks[number] = task = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._tasks.pop(number, None))

    async def wait_for(self, number: int, *, at_most: float | None = None) -> None:
        """Return when what has this number is done, or after so many seconds."""
        if (task := self._tasks.get(number)) is not None:
            await asyncio.wait([task], timeout=at_most)

    async def close(self) -> None:
        """Break off what is under way."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def refusal(reason: NoFilm) -> NodeError:
    """Why a film is not taken, in words."""
    if reason.code == "full":
        return Busy(NO_ROOM)
    return Invalid(REASONS[reason.code], field="file", **reason.values)


def write(file: IO[bytes], chunk: bytes) -> None:
    """Write more of what comes in. Raises Busy if the disk is full."""
    try:
        file.write(chunk)
    except OSError as error:
        if error.errno in FULL:
            raise Busy(NO_ROOM) from None
        raise


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remux(raw: IO[bytes], partial: Path, limit_bytes: int) -> Remuxed:
    try:
        partial.touch(mode=0o600)
        return remux_apart(raw, partial, limit_bytes=limit_bytes)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, NoFilm):
            raise refusal(error) from None
        if isinstance(error, OSError) and error.errno in FULL:
            raise Busy(NO_ROOM) from None
        raise


def remux_apart(raw: IO[bytes], made: Path, *, limit_bytes: int) -> Remuxed:
    """Write what `raw` shows to the file `made`, in a process of its own; blocks, so call it in a thread.

    `raw` is an open file that can be read by its number. Raises NoFilm; then what stands in `made` is nothing.
    """
    raw.seek(0)
    longest = int(limit_bytes * LONGER_BY) + LONGER_BY_BYTES
    # Twice: to bring the index of an MP4 before its images, what was written is read again.
    with made.open("r+b", buffering=0) as written, made.open("rb", buffering=0) as again:
        numbers = (written.fileno(), again.fileno())
        command = [sys.executable, "-I", filming.__file__, *map(str, numbers), str(longest)]
        try:
            ran = subprocess.run(
                command, stdin=raw, capture_output=True, timeout=APART_SECONDS, env={}, pass_fds=numbers, check=False
            )
        except subprocess.TimeoutExpired:
            raise NoFilm("slow", limit=APART_SECONDS) from None
        with suppress(OSError):
            os.fsync(written.fileno())
    head, _, rest = ran.stdout.partition(b"\n")
    try:
        told = json.loads(head)
    except ValueError:
        raise NoFilm("damaged") from None  # ended by a limit, or by what it read
    if "code" in told:
        raise NoFilm(told.pop("code"), **told)
    length = told.pop("poster_bytes")
    return Remuxed(**told, poster=rest[:length], samples=rest[length:])
