"""What other sites show of a statement of ours when somebody links to it: oEmbed 1.0, type rich, JSON alone. oembed.com

The HTML is a quotation with its source: it loads nothing, runs nothing, and of a text behind a warning holds the
warning alone.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from federation.errors import Malformed
from node import objects, translating
from node.context import NODE, Transaction
from node.errors import Missing
from node.statements import markup
from node.web.negotiation import bytes_response
from node.web.pages import entries, rendering
from node.web.pages.entries import Entry

WIDTH = 600
CACHE_SECONDS = 3600
CHARACTER_WIDTH, LINE_HEIGHT, LINES_BESIDE = 9, 26, 4  # of a quotation as most sites set it, in pixels
LEAST_CHARACTERS = 40
NUMBER_DIGITS = 6


async def oembed(request: web.Request) -> web.Response:
    """The quotation of a statement or report of ours. 404 for every other address, 501 for XML (oEmbed 2.3.5)."""
    if (form := request.query.get("format", "json")) != "json":
        raise web.HTTPNotImplemented(
            reason="only format=json is served" if form == "xml" else "there is no such format"
        )
    url = request.query.get("url", "")
    if not url:
        raise Malformed("url", "is missing; ask with ?url= and the address of a statement")
    width, height = _pixels(request, "maxwidth"), _pixels(request, "maxheight")
    entry, provider = await request.app[NODE].database.read(_entry, url)
    language = translating.asked_for(entry.lang)  # that of the text: the page it goes into is asked for by anybody
    await translating.load(language)
    with translating.speaking(language):
        document = _document(request, entry, provider, min(width or WIDTH, WIDTH), height)
    response = bytes_response(request, document, content_type="application/json", max_age=CACHE_SECONDS)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _entry(tx: Transaction, url: str) -> tuple[Entry, str]:
    row = objects.find(tx, _bare(tx.node.config.origin, url))
    if row is None or not row.local or not row.public or row.deleted is not None:
        raise Missing("no statement of this node has that address")
    found = entries.of(tx, [row])
    if not found:
        raise Missing("no statement of this node has that address")
    return found[0], found[0].author.name


def _bare(origin: str, url: str) -> str:
    """The address without what trackers and browsers hang on it. Raises Missing if it is not one of ours."""
    try:
        parts = urlsplit(url)
        ours = f"{parts.scheme}://{parts.netloc}".lower() == origin
    except ValueError:
        ours = False
    if not ours or "\x00" in url:
        raise Missing("that address is not one of this node")
    return origin + parts.path


def _document(request: web.Request, entry: Entry, provider: str, width: int, height: int | None) -> dict[str, Any]:
    text = markup.shorten(entry.opening, characters) if (characters := _room(width, height)) else entry.opening
    html = rendering.piece("embed.html", entry=entry, text=text)
    document: dict[str, Any] = {
        "type": "rich",
        "version": "1.0",
        "title": entry.headline,
        "author_name": entry.author.name,
        "author_url": entry.author.address,
        "provider_name": provider,
        "provider_url": request.app[NODE].address("/"),
        "cache_age": CACHE_SECONDS,
        "html": html,
        "width": width,
        "height": height,
    }
    picture = entry.picture
    if picture is not None and (picture.width or 0) <= width and (height is None or (picture.height or 0) <= height):
        document |= {
            "thumbnail_url": request.app[NODE].address(picture.url),
            "thumbnail_width": picture.width,
            "thumbnail_height": picture.height,
        }
    return document


def _room(width: int, height: int | None) -> int | None:
    """How many characters find room in that many pixels, about; None if the height does not matter."""
    if height is None:
        return None
    lines = height // LINE_HEIGHT - LINES_BESIDE
    return max(LEAST_CHARACTERS, lines * (width // CHARACTER_WIDTH))


def _pixels(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS and int(text)):
        raise Malformed(name, "is not a number of pixels")
    return int(text)
