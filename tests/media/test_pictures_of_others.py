"""Pictures of others come through this node: once, drawn anew, under a quota, and not for long after they are deleted."""

from __future__ import annotations

import asyncio
import io
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from node import media_cache, pruning
from node.media_cache import Size
from node.picture_store import DIRECTORY
from tests.media.conftest import SECRET, PictureServer, look, picture, silent
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode

sqlite = pytest.mark.one_database


def files(node: ServedNode) -> list[Path]:
    return sorted((node.directory / DIRECTORY).glob("*"))


@sqlite
@pytest.mark.parametrize(
    ("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/png")]
)
async def test_a_picture_is_fetched_once_and_drawn_anew(
    node: ServedNode, pictures: PictureServer, kind: str, media_type: str
) -> None:
    url = pictures.put("/p", picture(kind))
    got = [await look(node, url), *await asyncio.gather(*(look(node, url) for _ in range(5)))]
    for one in got:
        assert (one.status, one.headers["Content-Type"]) == (200, media_type), "whatever its server calls it"
        assert SECRET not in one.body
        assert one.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in one.headers["Content-Security-Policy"]
        assert "immutable" in one.headers["Cache-Control"]
    assert pictures.asked == {"/p": 1}
    with Image.open(io.BytesIO(got[0].body)) as shown:
        assert shown.size == (640, 480)
    (file,) = files(node)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@sqlite
async def test_its_server_learns_nothing_about_who_looks(node: ServedNode, pictures: PictureServer) -> None:
    address = await node.read(media_cache.address, pictures.put("/p", picture()))
    assert address is not None
    who = {
        "User-Agent": "Distinctive-Reader",
        "Cookie": "a=4711",
        "Referer": "http://a.example/4712",
        "X-Forwarded-For": "203.0.113.7",
    }
    async with node.http.get(address, headers=who) as response:
        assert response.status == 200
    said = repr(pictures.headers)
    for trace in ("Distinctive", "4711", "4712", "203.0.113", "Referer", "Forwarded", "Signature"):
        assert trace not in said
    assert "Commonwire" in said


@sqlite
async def test_many_who_look_at_once_cause_one_fetch(node: ServedNode, pictures: PictureServer) -> None:
    url = pictures.put("/p", picture("PNG", (300, 300)))
    got = await asyncio.gather(*(look(node, url) for _ in range(30)))
    assert {one.status for one in got} == {200}
    assert pictures.asked == {"/p": 1}


@sqlite
async def test_a_portrait_is_small(node: ServedNode, pictures: PictureServer) -> None:
    url = pictures.put("/p", picture("JPEG", (3000, 1500)))
    for size, expected in ((Size.SMALL, (256, 128)), (Size.PICTURE, (1280, 640))):
        with Image.open(io.BytesIO((await look(node, url, size)).body)) as shown:
            assert shown.size == expected


@sqlite
async def test_what_was_refused_is_not_asked_for_again_that_day(node: ServedNode, pictures: PictureServer) -> None:
    url = pictures.put("/p", b"<html>not a picture</html>")
    assert [(await look(node, url)).status for _ in range(4)] == [404] * 4
    assert pictures.asked == {"/p": 1}
    pictures.put("/p", picture())
    node.clock.advance(timedelta(days=1, minutes=1))
    assert (await look(node, url)).status == 200


@sqlite
async def test_a_silent_server_is_asked_again_after_a_while(node: ServedNode, pictures: PictureServer) -> None:
    node.node.client._timeout = timedelta(seconds=0.3)
    url = pictures.put("/p", silent)
    assert [(await look(node, url)).status for _ in range(3)] == [404] * 3
    assert pictures.asked == {"/p": 1}
    pictures.put("/p", picture())
    node.clock.advance(timedelta(minutes=11))
    assert (await look(node, url)).status == 200


@sqlite
async def test_those_not_looked_at_for_longest_make_room(serve: object, pictures: PictureServer) -> None:
    raw = [picture("PNG", (200, 200)) for _ in range(6)]
    node = await serve(0, settings={"limits.media_cache_bytes": 400_000})  # type: ignore[operator]
    urls = [pictures.put(f"/{number}", one) for number, one in enumerate(raw)]
    for number, url in enumerate(urls):
        node.clock.advance(timedelta(days=1))
        assert (await look(node, url)).status == 200
        await look(node, urls[0])  # somebody looks at the first one every day
        assert sum(file.stat().st_size for file in files(node)) <= 400_000, number
    held = {file.stem for file in files(node)}
    assert media_cache.Wanted(urls[0], Size.PICTURE).key in held
    assert media_cache.Wanted(urls[5], Size.PICTURE).key in held
    assert media_cache.Wanted(urls[1], Size.PICTURE).key not in held
    assert (await look(node, urls[1])).status == 200, "it can be fetched again"


@sqlite
async def test_what_nobody_looks_at_goes_after_a_month(node: ServedNode, pictures: PictureServer) -> None:
    seen, unseen = (pictures.put(path, picture()) for path in ("/seen", "/unseen"))
    for url in (seen, unseen):
        await look(node, url)
    node.clock.advance(timedelta(days=20))
    await look(node, seen)
    node.clock.advance(timedelta(days=11))
    await pruning.prune(node.node)
    assert [file.stem for file in files(node)] == [media_cache.Wanted(seen, Size.PICTURE).key]


async def test_a_deleted_post_and_a_deleted_account_take_their_pictures_with_them(
    node: ServedNode, hostile_peer: Peer, pictures: PictureServer
) -> None:
    portrait = pictures.put("/portrait", picture())
    actor = hostile_peer.actor("ana", icon={"type": "Image", "url": portrait})
    first, second, third = (pictures.put(f"/{number}", picture()) for number in range(3))
    notes = [
        hostile_peer.note(actor, cc=[node.group], attachment=[{"type": "Image", "mediaType": "image/jpeg", "url": one}])
        for one in (first, second)
    ]
    for note in notes:
        assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", actor, note)) == 202
    await node.quiet()
    for url in (portrait, first, second):
        assert (await look(node, url)).status == 200
    inbox = f"{node.origin}/inbox"
    changed = notes[1] | {"attachment": [{"type": "Image", "url": third}], "updated": "2099-01-01T00:00:00Z"}
    assert await hostile_peer.send(inbox, hostile_peer.activity("Update", actor, changed)) == 202
    await node.quiet()
    held = {file.stem for file in files(node)}
    assert media_cache.Wanted(second, Size.PICTURE).key not in held, "the picture that was replaced"
    assert len(held) == 2
    assert await hostile_peer.send(inbox, hostile_peer.activity("Delete", actor, notes[0]["id"])) == 202
    await node.quiet()
    assert [file.stem for file in files(node)] == [media_cache.Wanted(portrait, Size.PICTURE).key]
    assert await hostile_peer.send(inbox, hostile_peer.activity("Delete", actor, actor)) == 202
    await node.quiet()
    assert files(node) == []


async def test_pictures_of_a_suspended_host_are_not_shown(node: ServedNode, pictures: PictureServer) -> None:
    from node.peering import governing
    from node.peering.rules import Severity

    url = pictures.put("/p", picture())
    await node.write(governing.enact, pictures.origin.partition("://")[2], Severity.REJECT, "spam")
    assert (await look(node, url)).status == 403
    assert not pictures.asked
