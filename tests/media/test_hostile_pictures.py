"""What comes for a picture may be anything: the node fetches from nowhere inside, keeps nothing, and goes on answering."""

from __future__ import annotations

import asyncio
import io
import resource
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from PIL import Image

from node.picture_store import DIRECTORY
from node.redrawing import NoPicture, redraw_apart
from tests.media.conftest import PictureServer, endless, look, packed, picture, redirect
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode, eventually, free_port

pytestmark = pytest.mark.one_database

MIB = 1024 * 1024


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """The beginning of a PNG that claims to be this large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def kept(node: ServedNode) -> list[str]:
    return [file.name for file in (node.directory / DIRECTORY).glob("*")]


@asynccontextmanager
async def inside() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Something that listens inside, at an address the node may not dial, and what it has heard."""
    heard: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1000))
        writer.close()

    port = free_port()
    server = await asyncio.start_server(take, "::1", port)
    async with server:
        yield f"http://[::1]:{port}/secret.png", heard


async def test_a_redirect_does_not_lead_inside(node: ServedNode, pictures: PictureServer) -> None:
    async with inside() as (address, heard):
        targets = [address, "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/p.png", "file:///etc/passwd",
                   "gopher://x/", f"//[::1]:{address.rpartition(':')[2]}", "http://0.0.0.0/", "http://[::ffff:10.0.0.1]/"]  # fmt: skip
        for number, target in enumerate(targets):
            url = pictures.put(f"/r{number}", redirect(target))
            assert (await look(node, url)).status == 404, target
        assert (await look(node, address)).status == 404, "and neither does an attachment that names it itself"
        assert heard == []
    assert kept(node) == []


async def test_redirects_end(node: ServedNode, pictures: PictureServer) -> None:
    url = pictures.put("/round", redirect("/round"))
    assert (await look(node, url)).status == 404
    assert pictures.asked["/round"] <= 4
    assert (await look(node, pictures.put("/once", redirect(pictures.put("/p", picture()))))).status == 200


NO_PICTURES = [
    b"",
    b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    b"<!doctype html><script>alert(1)</script>",
    b"GIF89a/*\x00",
    b"%PDF-1.7",
    b"\x89PNG\r\n\x1a\n",
    picture()[:-3000],
    png_of(4, 4, b"not compressed"),
    png_of(60_000, 60_000),
    png_of(2**31 - 1, 2**31 - 1),
    png_of(0, 0),
    b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 30,
    b"\x00\x00\x00\x1cftypavif" + b"\0" * 40,
    b"II*\x00" + b"\xff" * 100,
    b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file",
    b"\xff\xd8\xff" + b"\xff" * 5000,
    zlib.compress(b"\0" * 10_000_000),
]  # fmt: skip


async def test_what_is_no_picture_is_not_shown(node: ServedNode, pictures: PictureServer) -> None:
    answers = {}
    for number, raw in enumerate(NO_PICTURES):
        got = await look(node, pictures.put(f"/p{number}", raw))
        answers[number] = (got.status, got.headers["Content-Type"].startswith("application/json"), kept(node))
    assert all(answer == (404, True, []) for answer in answers.values()), answers


async def test_what_is_hidden_in_a_picture_is_not_passed_on(node: ServedNode, pictures: PictureServer) -> None:
    page = b"<script>alert(1)</script>"
    got = await look(node, pictures.put("/p", picture("PNG") + page + b"PK\x03\x04"))
    assert got.status == 200
    assert page not in got.body


async def test_bombs_cost_no_memory_of_the_node(node: ServedNode, pictures: PictureServer) -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, format="PNG")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path, what in (
        ("/pixels", bomb.getvalue()),
        ("/pixels-packed", packed(bomb.getvalue())),
        ("/zeros", packed(b"\0" * 300 * MIB)),
        ("/endless", endless(picture())),
        ("/declared", packed(png_of(50_000, 50_000, zlib.compress(b"\0" * 100 * MIB)))),
    ):
        assert (await look(node, pictures.put(path, what))).status == 404, path
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 400 * 1024, "300 MiB are of this very test"
    assert kept(node) == []
    assert (await node.page("/"))[0] == 200


async def test_a_slow_trickle_does_not_stop_the_others(node: ServedNode, pictures: PictureServer) -> None:
    node.node.client._timeout = timedelta(seconds=8)

    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"\xff")
            await asyncio.sleep(0.1)

    slow = [pictures.put(f"/slow{number}", trickle) for number in range(4)]
    waiting = [asyncio.create_task(look(node, url)) for url in slow]
    await asyncio.sleep(0.2)
    assert (await look(node, pictures.put("/p", picture()))).status == 200
    assert [one.status for one in await asyncio.gather(*waiting)] == [404] * 4


async def test_too_many_of_one_host_are_turned_away_and_others_have_room(
    node: ServedNode, pictures: PictureServer, hostile_peer: Peer
) -> None:
    go_on = asyncio.Event()

    async def held(_: web.Request) -> web.StreamResponse:
        await go_on.wait()
        return web.Response(status=404)

    urls = [pictures.put(f"/{number}", held) for number in range(50)]
    hostile_peer.served["/p.png"] = Answer(picture("PNG", (40, 40)), content_type="image/png")
    waiting = [asyncio.create_task(look(node, url)) for url in urls]
    await eventually(lambda: asyncio.sleep(0, bool(pictures.asked)))
    assert (await look(node, f"{hostile_peer.origin}/p.png")).status == 200, "another server's picture"
    await eventually(lambda: asyncio.sleep(0, sum(one.done() for one in waiting) == 10))
    go_on.set()
    statuses = [one.status for one in await asyncio.gather(*waiting)]
    assert statuses.count(429) == 10
    assert (await node.page("/"))[0] == 200


def test_the_process_that_draws_has_little_memory(new_database: object) -> None:
    large, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # to be turned, for which it takes a second copy
    Image.new("RGBA", (9_400, 9_400)).save(large, format="PNG", exif=exif)
    with pytest.raises(NoPicture, match="memory"):
        redraw_apart(large.getvalue(), side=100, pixels=10**9)
