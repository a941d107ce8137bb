"""Films of others come through this node when somebody starts them, and never take the room of all pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from node.media_cache import FILM_SHARE, Size
from node.picture_store import DIRECTORY, PictureStore
from tests.media.conftest import PictureServer, endless, look, picture
from tests.media.films import SECRET, film, said, tune
from tests.nodes.served import ServedNode

pytestmark = pytest.mark.one_database


async def test_a_film_is_fetched_when_it_is_started_and_served_in_parts(
    node: ServedNode, pictures: PictureServer
) -> None:
    raw = film()
    url = pictures.put("/strike.mov", raw)
    first, second = await asyncio.gather(look(node, url, Size.FILM), look(node, url, Size.FILM))
    assert (first.status, first.headers["Content-Type"]) == (200, "video/mp4")
    assert first.body == second.body and pictures.asked["/strike.mov"] == 1
    assert SECRET in said(raw) and SECRET not in said(first.body) and SECRET.encode() not in first.body
    assert (
        first.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in first.headers["Content-Security-Policy"]
    )
    assert all("Cookie" not in one and "Referer" not in one for one in pictures.headers)

    sound = await look(node, pictures.put("/song.mp3", tune("mp3", "libmp3lame", rate=44_100)), Size.FILM)
    assert (sound.status, sound.headers["Content-Type"]) == (200, "audio/mpeg")


async def test_what_is_no_film_or_too_long_is_answered_with_404_and_leaves_nothing(
    serve: Callable[..., Any], pictures: PictureServer
) -> None:
    node = await serve(0, settings={"limits.media_cache_bytes": 100_000 * FILM_SHARE})
    loud = tune("wav", "pcm_s16le")
    assert len(loud) > 100_000
    bad = {
        "/playlist.m3u8": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        "/page.mp4": b"<!doctype html><script>alert(1)</script>",
        "/half.mp4": film("mov")[:900],
        "/gate.jpg": picture(),
        "/loud.wav": loud,
        "/endless.mp4": endless(film("mp4")),
    }
    for path, what in bad.items():
        found = await look(node, pictures.put(path, what), Size.FILM)
        assert found.status == 404, path
    assert [one.name for one in (node.directory / DIRECTORY).glob("*")] == []
    assert (await look(node, pictures.put("/film.mp4", film("mp4")))).status == 404, "a film is no picture"


def test_films_together_have_half_of_the_quota(tmp_path: Path) -> None:
    store, now = PictureStore(tmp_path, 1000), datetime(2026, 11, 23, tzinfo=UTC)
    for number in range(4):
        store.keep(f"{number:064}", "jpg", bytes(100), now=now)
    for number in range(4, 9):
        partial = tmp_path / DIRECTORY / f"{number}.partial"
        partial.write_bytes(bytes(200))
        store.keep_film(f"{number:064}", "mp4", partial, now=now + timedelta(days=number))
    names = sorted(one.name for one in (tmp_path / DIRECTORY).glob("*"))
    assert len([name for name in names if name.endswith(".jpg")]) == 4, "not one picture had to go"
    assert [name[63] for name in names if name.endswith(".mp4")] == ["7", "8"]
