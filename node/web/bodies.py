"""Reading what somebody sends, whole and in time: a body that is half sent does not hold anything for long."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from node.errors import Invalid
from node.translating import N_

BODY_SECONDS = 20
NO_FORM = N_("this is no form")
# Of the library, for broken parts, for text that is not what it says it is, and for an encoding that nobody knows.
UNREADABLE = (HttpProcessingError, ValueError, LookupError)


async def read(request: web.Request) -> bytes:
    """The body. Raises TimeoutError (answered with 408) when it takes too long, HTTPRequestEntityTooLarge."""
    async with asyncio.timeout(BODY_SECONDS):
        return await request.read()


async def form(request: web.Request) -> Mapping[str, Any]:
    """The fields of a form. Raises as `read` does, and Invalid for what is none."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.post()
    except UNREADABLE:
        raise Invalid(NO_FORM) from None
