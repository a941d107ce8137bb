"""A long answer, written to a file as it comes: it is never held in memory whole."""

from __future__ import annotations

import asyncio
from typing import IO

import aiohttp

from federation.errors import Refused

CHUNK_BYTES = 1024 * 1024


async def pour(response: aiohttp.ClientResponse, into: IO[bytes], *, limit_bytes: int) -> bytes:
    """Write the body to `into`; nothing is left to be read then.

    Raises Refused if it is longer than `limit_bytes`, or packed: nobody packs what films are made of.
    """
    if response.headers.getall("Content-Encoding", []):
        raise Refused("the answer is packed")
    length = response.content_length or 0
    if length <= limit_bytes:
        length = 0
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            length += len(chunk)
            if length > limit_bytes:
                break
            await asyncio.to_thread(into.write, chunk)
    if length > limit_bytes:
        raise Refused(f"the answer is longer than {limit_bytes} bytes")
    return b""
