"""From a template to an answer: the one place where HTML leaves, and the headers it leaves with.

No page loads anything from elsewhere, is framed, or tells the next site where the reader came from; and none runs a
script but one form of the desk, which works without.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from node import identifiers, localised, translating
from node.context import NODE, Node
from node.web.negotiation import is_held
from node.web.pages import assets_served, beside, figure_forms, figure_words, languages, words

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
VARY = "Accept, Accept-Language"
COMPRESS_FROM_BYTES = 1400
WEB = ("http", "https")


@dataclass(frozen=True, slots=True)
class Finished:
    """A page as it leaves."""

    body: bytes
    status: int
    headers: Mapping[str, str]


def page(
    request: web.Request, template: str, /, *, status: int = 200, media_from: Sequence[str] = (), **values: Any
) -> web.Response:
    """A page for everybody: cached by asking again, compressed when that is worth it.

    `media_from` are the origins (`federation.origin`) from which its films and sounds may be played.
    With `noindex` among its values it asks search engines not to list it, in its head and in a header.
    """
    found = finish(request.app[NODE], request.path, template, status=status, media_from=media_from, **values)
    return answer(request, found)


def finish(
    node: Node,
    path: str,
    template: str,
    /,
    *,
    status: int = 200,
    media_from: Sequence[str] = (),
    **values: Any,
) -> Finished:
    """The page as `page` answers with it, the same for everybody who asks for `path`."""
    body = _render(node, path, template, values)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = HEADERS | {"ETag": etag, "Cache-Control": "public, no-cache", "Vary": VARY}
    if media_from:
        headers["Content-Security-Policy"] = f"{POLICY}; media-src {' '.join(media_from)}"
    if values.get("noindex"):
        headers["X-Robots-Tag"] = "noindex"
    return Finished(body, status, headers)


def answer(request: web.Request, found: Finished) -> web.Response:
    """The page, or 304 if whoever asks has it."""
    if found.status == 200 and "If-None-Match" in request.headers and is_held(request, found.headers["ETag"]):
        return web.Response(status=304, headers=found.headers)
    response = _response(found.body, found.status, found.headers)
    if len(found.body) > COMPRESS_FROM_BYTES:
        response.enable_compression(strategy=None)
    return response


def private(
    request: web.Request, template: str, /, *, status: int = 200, scripts: Sequence[str] = (), **values: Any
) -> web.Response:
    """A page for one member: kept by no cache, and never compressed together with a secret.

    `scripts` are files of ours (assets_served) that it may load, and that may ask this node and nobody else.
    """
    body = _render(request.app[NODE], request.path, template, values | {"noindex": True, "scripts": scripts})
    headers = HEADERS | {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    if scripts:
        headers["Content-Security-Policy"] = f"{POLICY}; script-src 'self'; connect-src 'self'"
    return _response(body, status, headers)


def piece(template: str, /, **values: Any) -> str:
    """A piece of HTML for somebody else's page."""
    return environment().get_template(template).render(values)


def say(words: str, /, **values: object) -> str:
    """Words that stand in no page, in plain text: the macro of that name in `feeds.html`."""
    found = getattr(environment().get_template("feeds.html").module, words)(**values)
    return str(found.unescape()).strip()


def segment(text: str) -> str:
    """A text as one segment of a path."""
    return quote(text, safe="")


def _response(body: bytes, status: int, headers: Mapping[str, str]) -> web.Response:
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8", headers=headers)


def _render(node: Node, path: str, template: str, values: dict[str, Any]) -> bytes:
    here: dict[str, Any] = {"origin": node.config.origin, "host": node.config.host, "path": path}
    spoken = translating.spoken()
    here |= {"noindex": False, "scripts": (), "spoken": spoken, "spoken_direction": languages.direction(spoken)}
    return environment().get_template(template).render(here | values).encode()


def prepare() -> None:
    """Read every template and file from the disk once, so that no request waits for it."""
    for name in environment().list_templates():
        environment().get_template(name)
    for name in assets_served.TYPES:
        assets_served.read(name)


@cache
def environment() -> Environment:
    """The templates, everything escaped but what was sanitised before it was kept."""
    made = Environment(
        loader=PackageLoader("node.web.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(translating.translated, translating.counted, newstyle=True)  # type: ignore[attr-defined]
    made.globals["asset"] = assets_served.address
    made.globals["direction"] = languages.direction
    made.globals["comma"] = lambda: localised.comma(translating.spoken())
    made.filters |= {
        "moment": _in_words(localised.moment),
        "moment_to_the_second": _in_words(localised.moment_to_the_second),
        "wall": _in_words(localised.wall),
        "day": _in_words(localised.day),
        "number": _in_words(localised.number),
        "duration": _in_words(localised.duration),
        "roughly": _in_words(localised.roughly),
        "listed": _in_words(localised.listed),
        "machine": machine,
        "spell": identifiers.spell,
        "segment": segment,
        "language": languages.name,
        "locale": languages.locale,
        "code": words.code,
        "meaning": words.meaning,
        "offset": offset,
        "with_emoji": beside.text_with_emoji,
        **figure_words.FILTERS_OF_PAGES,
        "pages_about": figure_forms.pages_about,
        "said": translating.said,
        "filled": translating.filled,
        "sentence": lambda text: text[:1].upper() + text[1:],
        "host": lambda address: urlsplit(address).netloc,
    }
    made.tests["web"] = is_web
    return made


def _in_words(form: Callable[[Any, str], str]) -> Callable[[Any], str]:
    """A filter that writes a value as the language does that is spoken."""
    return lambda value: form(value, translating.spoken())


def offset(value: datetime) -> str:
    """How far the clock of a place is from UTC: UTC+01:00."""
    return f"UTC{value.isoformat(timespec='minutes')[16:]}".removesuffix("+00:00")


def machine(value: datetime | date) -> str:
    """A moment or a day as the `datetime` attribute wants it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()


def is_web(address: object) -> bool:
    """Whether something may stand in `href` as an address of the web."""
    try:
        return isinstance(address, str) and urlsplit(address).scheme in WEB
    except ValueError:
        return False
