"""What another server says with a no: one short line, to be shown beside its status. Nothing is decided by it."""

from __future__ import annotations

import asyncio
import json
import re

import aiohttp

from federation.deadlines import within

WORDS_AT_MOST = 200
READ_BYTES = 4096
READ_SECONDS = 2.0  # who has said no need not be waited for
NAMES = ("error_description", "message", "detail", "error")
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")


def cleaned(words: str | None) -> str | None:
    """`words` in one short line, without anything that is not seen; None if nothing is left."""
    line = _UNSEEN.sub(" ", words or "").strip()
    return (line if len(line) <= WORDS_AT_MOST else f"{line[: WORDS_AT_MOST - 1]}…") or None


async def words_of(response: aiohttp.ClientResponse) -> str | None:
    """What the body of a refusal says, if it is plain text, or JSON with a word for it as others write it.

    Never raises: that it was refused is known, and words that cannot be read are none.
    """
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return None
    body = b""
    try:
        async with within(READ_SECONDS):
            while len(body) < READ_BYTES and (chunk := await response.content.read(READ_BYTES - len(body))):
                body += chunk
    except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError):  # TimeoutError is an OSError
        return None
    return _said(response.content_type, body.decode("utf-8", "replace"))


def _said(kind: str, text: str) -> str | None:
    if kind == "text/plain":
        return cleaned(text)
    if kind != "application/json" and not kind.endswith("+json"):
        return None  # a page for people's eyes
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    found = (said.get(name) for name in NAMES) if isinstance(said, dict) else ()
    return next((cleaned(one) for one in found if isinstance(one, str) and cleaned(one)), None)
