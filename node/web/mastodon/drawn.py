"""The pictures of accounts that have none: drawn here, because apps cannot leave the place empty. PNG, which all read.

A portrait is lines of a text on paper, a header is paper. They are the same for everybody and for ever.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from functools import cache

from aiohttp import web

from node.web.media import HEADERS

PAPER, INK = (0xEF, 0xEB, 0xE2), (0x5B, 0x55, 0x4C)
SIDE = 256
HEADER_SIZE = (900, 300)
LINES = ((72, 64, 192), (112, 64, 168), (152, 64, 192), (192, 64, 128))  # where one stands, from and to
THICKNESS = 16


async def portrait(request: web.Request) -> web.Response:
    """Of an account without a portrait."""
    return _served(await asyncio.to_thread(_portrait))


async def header(request: web.Request) -> web.Response:
    """Of an account without a header."""
    return _served(await asyncio.to_thread(_header))


def _served(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="image/png", headers=HEADERS)


@cache
def _portrait() -> bytes:
    rows = [bytearray(SIDE) for _ in range(SIDE)]
    for top, start, end in LINES:
        for row in rows[top - THICKNESS // 2 : top + THICKNESS // 2]:
            row[start:end] = b"\x01" * (end - start)
    return _png(SIDE, SIDE, [bytes(row) for row in rows])


@cache
def _header() -> bytes:
    width, height = HEADER_SIZE
    return _png(width, height, [bytes(width)] * height)


def _png(width: int, height: int, rows: list[bytes]) -> bytes:
    """A picture of two colours: of each pixel, whether it is ink. PNG, third edition, section 11.2."""
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\x00" + row for row in rows), 9)
    parts = ((b"IHDR", head), (b"PLTE", bytes([*PAPER, *INK])), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
