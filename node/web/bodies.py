"""Reading what somebody sends, whole and in time: a body that is half sent does not hold anything for long."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

BODY_SECONDS = 20


async def read(request: web.Request) -> bytes:
    """The body. Raises TimeoutError (answered with 408) when it takes too long, HTTPRequestEntityTooLarge."""
    async with asyncio.timeout(BODY_SECONDS):
        return await request.read()


async def form(request: web.Request) -> Mapping[str, Any]:
    """The fields of a form. Raises as `read` does."""
    async with asyncio.timeout(BODY_SECONDS):
        return await request.post()
