"""The files of the media cache: DIR/media-cache, under a quota, those not looked at for longest gone first.

There is no table: a file is named by the digest of what it shows, and its modification time is the day on which it was
last looked at. A day and no more, because the minute would say when somebody read here.

Two processes may share the directory: whoever finds it too full counts anew before anything goes.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from node import filming, redrawing

DIRECTORY = "media-cache"
FILM_ENDINGS = tuple(filming.MEDIA_TYPES)
MEDIA_TYPES = redrawing.MEDIA_TYPES | filming.MEDIA_TYPES
UNSEEN_KEPT_FOR = timedelta(days=30)
ROOM_AFTERWARDS = 0.9  # of the quota, so that not every new picture has to look for an old one


class Held(NamedTuple):
    """How much is in the cache."""

    files: int
    bytes: int


class PictureStore:
    """Blocks on the disk: call it in a thread. `key` is the hexadecimal digest of what a picture was asked by."""

    def __init__(self, directory: Path, limit_bytes: int) -> None:
        self._directory = directory / DIRECTORY
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._bytes: int | None = None

    def find(self, key: str, *, now: datetime) -> Path | None:
        """The file of a picture, if it is there; it counts as looked at today."""
        for ending in MEDIA_TYPES:
            path = self._directory / f"{key}.{ending}"
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime != _day(now):
                    os.utime(path, (_day(now), _day(now)))
                return path
        return None

    def keep(self, key: str, ending: str, raw: bytes, *, now: datetime) -> Path:
        """Write a picture, readable by the node alone, and make room if the cache is full."""
        path = self._directory / f"{key}.{ending}"
        with self._lock:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            partial = path.with_suffix(".partial")
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(raw)
            self._put(partial, path, now)
        return path

    def keep_film(self, key: str, ending: str, partial: Path, *, now: datetime) -> Path:
        """Take a film over that was written beside, and make room: films together have half of it."""
        path = self._directory / f"{key}.{ending}"
        with self._lock:
            films = [one for one in self._files() if one[0].suffix.removeprefix(".") in FILM_ENDINGS]
            self._drop_oldest(films, self._limit_bytes // 2 - partial.stat().st_size)
            self._put(partial, path, now)
        return path

    def _put(self, partial: Path, path: Path, now: datetime) -> None:
        length = partial.stat().st_size
        os.utime(partial, (_day(now), _day(now)))
        partial.replace(path)
        self._bytes = None if self._bytes is None else self._bytes + length
        if self._bytes is None or self._bytes > self._limit_bytes:
            self._make_room(spare=path)

    def drop(self, keys: Iterable[str]) -> int:
        """Delete pictures whoever looks at them; how many there were."""
        found = 0
        for key in keys:
            for ending in MEDIA_TYPES:
                with contextlib.suppress(FileNotFoundError):
                    (self._directory / f"{key}.{ending}").unlink()
                    found += 1
        if found:
            self._bytes = None
        return found

    def stale(self, *, now: datetime) -> Held:
        """How much `prune` would delete for its age."""
        oldest = _day(now - UNSEEN_KEPT_FOR)
        found = [one for one in self._files() if one[1].st_mtime < oldest]
        return Held(len(found), _sum(found))

    def prune(self, *, now: datetime) -> Held:
        """Delete what nobody has looked at for 30 days, and what is over the quota; how much went."""
        with self._lock:
            before = self._files()
            oldest = _day(now - UNSEEN_KEPT_FOR)
            for path, found in before:
                if found.st_mtime < oldest:
                    path.unlink(missing_ok=True)
            self._make_room(spare=None)
            after = self._files()
        return Held(len(before) - len(after), _sum(before) - _sum(after))

    def held(self) -> Held:
        """How much there is."""
        files = self._files()
        return Held(len(files), _sum(files))

    def _make_room(self, *, spare: Path | None) -> None:
        files = self._files()
        held = _sum(files)
        if held > self._limit_bytes:
            self._drop_oldest(files, int(self._limit_bytes * ROOM_AFTERWARDS), spare=spare)
            held = _sum(self._files())
        self._bytes = held

    def _drop_oldest(self, files: list[tuple[Path, os.stat_result]], left: int, *, spare: Path | None = None) -> None:
        """Delete of `files` those not looked at for longest, until they take no more than `left` bytes."""
        held = _sum(files)
        for path, found in sorted(files, key=lambda one: one[1].st_mtime):
            if held <= left:
                return
            if path != spare:
                path.unlink(missing_ok=True)
                self._bytes = None
                held -= found.st_size

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        found = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self._directory) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    found.append((Path(entry.path), entry.stat()))
        return found


def _day(now: datetime) -> float:
    return now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _sum(files: list[tuple[Path, os.stat_result]]) -> int:
    return sum(found.st_size for _, found in files)
