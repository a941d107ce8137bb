"""A server with pictures on it, not all of which are pictures."""

from __future__ import annotations

import asyncio
import gzip
import io
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from node import media_cache
from node.media_cache import Size
from tests.nodes.served import ServedNode, free_port

SECRET = b"52.5200N 13.4050E camera of Rosa"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **settings: Any) -> bytes:
    """A picture with a place and a name in its metadata."""
    drawn = Image.effect_noise(size, 60).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    written = io.BytesIO()
    drawn.save(written, format=kind, exif=exif, comment=SECRET, **settings)
    return written.getvalue()


@dataclass
class PictureServer:
    """What it serves by path: bytes, or a function that answers; and how often it was asked."""

    origin: str
    served: dict[str, bytes | Handler] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    headers: list[dict[str, str]] = field(default_factory=list)

    def put(self, path: str, what: bytes | Handler) -> str:
        """Serve something; its address."""
        self.served[path] = what
        return self.origin + path

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked[request.path] += 1
        self.headers.append(dict(request.headers))
        found = self.served.get(request.path)
        if found is None:
            return web.Response(status=404)
        return web.Response(body=found, content_type="text/html") if isinstance(found, bytes) else await found(request)


@pytest.fixture
async def pictures() -> AsyncIterator[PictureServer]:
    server = PictureServer(f"http://127.0.0.1:{free_port()}")
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(server.origin.rpartition(":")[2])).start()
    yield server
    await runner.cleanup()


@dataclass
class Got:
    """What this node answered."""

    status: int
    body: bytes
    headers: dict[str, str]


async def look(node: ServedNode, url: str, size: Size = Size.PICTURE) -> Got:
    """Look at a picture of others as a page of the node shows it."""
    address = await node.read(media_cache.address, url, size)
    assert address is not None
    async with node.http.get(address) as response:
        return Got(response.status, await response.read(), dict(response.headers))


def redirect(target: str) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": target})

    return answer


def endless(start: bytes = b"") -> Handler:
    """A body that never ends."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
        await response.prepare(request)
        await response.write(start)
        while True:
            await response.write(b"\0" * 65536)
            await asyncio.sleep(0)

    return answer


def packed(raw: bytes) -> Handler:
    """Bytes that are sent compressed."""
    small = gzip.compress(raw)

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=small, headers={"Content-Encoding": "gzip", "Content-Type": "image/png"})

    return answer


async def silent(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()
