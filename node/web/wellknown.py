"""Being found: WebFinger, host-meta, the vocabulary, and whom to write to. RFC 7033, RFC 6415, RFC 9116."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from sqlalchemy import Row

import schemas
from federation import discovery
from federation.errors import Malformed
from federation.media_types import ACTIVITY_JSON, JRD_JSON
from node import actors, profile
from node.context import NODE, Transaction
from node.errors import Missing
from node.web.negotiation import bytes_response
from node.web.pages import vocabulary_pages, words
from schemas import fields
from schemas.context import ACTOR_CONTEXT, COLLECTION_CONTEXT, NS, POSITION_CONTEXT, REPORT_CONTEXT

JSON_SCHEMA = "application/schema+json"
ANYWHERE = {"Access-Control-Allow-Origin": "*"}
SECURITY_TXT_LASTS = timedelta(days=90)


async def webfinger(request: web.Request) -> web.Response:
    """Whom a handle or an address means. 400 without a usable `resource`, 404 for what is not ours."""
    resource = request.query.get("resource", "")
    if not resource:
        raise Malformed("resource", "is missing; ask with ?resource=acct:name@host")
    document = await request.app[NODE].database.read(_webfinger, resource)
    if wanted := request.query.getall("rel", []):  # RFC 7033 section 4.3
        document["links"] = [link for link in document["links"] if link["rel"] in wanted]
    response = bytes_response(request, document, content_type=JRD_JSON)
    response.headers.update(ANYWHERE)
    return response


def _webfinger(tx: Transaction, resource: str) -> dict[str, Any]:
    if resource.rstrip("/").lower() == tx.node.config.origin:
        return profile.server_webfinger(tx)
    row = _named(tx, resource)
    if row is None:
        raise Missing("no actor of this node is called that")
    return profile.webfinger(tx, row)


def _named(tx: Transaction, resource: str) -> Row[Any] | None:
    ours = [actors.instance(tx), *actors.groups(tx)]
    if resource.lower().startswith(("https:", "http:")):
        return next((row for row in ours if row.iri == resource), None)
    account = resource[5:] if resource.lower().startswith("acct:") else resource
    name, _, host = account.removeprefix("@").rpartition("@")
    own = {tx.node.config.host.lower()} | _without_default_port(tx.node.config.origin)
    if host.lower() not in own:
        return None
    groups = (row for row in ours[1:] if row.handle == name.lower())
    return next(groups, ours[0] if name.lower() == profile.username(ours[0], tx.node).lower() else None)


def _without_default_port(origin: str) -> set[str]:
    parts = urlsplit(origin)
    default = {"https": 443, "http": 80}[parts.scheme]
    return {str(parts.hostname)} if parts.port in (None, default) else set()


async def host_meta(request: web.Request) -> web.Response:
    """Where to ask for WebFinger, for those who still ask."""
    text = discovery.host_meta(request.app[NODE].config.origin)
    headers = ANYWHERE | {"X-Content-Type-Options": "nosniff"}
    return web.Response(text=text, content_type="application/xrd+xml", headers=headers)


async def host_meta_json(request: web.Request) -> web.Response:
    """The same as JSON."""
    document = discovery.host_meta_json(request.app[NODE].config.origin)
    response = bytes_response(request, document, content_type="application/json")
    response.headers.update(ANYWHERE)
    return response


async def vocabulary(request: web.Request) -> web.Response:
    """Our terms for machines: the contexts that stand in our documents, and a JSON Schema for each type.

    With `?example=` that example, as it travels. Raises Missing.
    """
    if (example := request.query.get("example")) is not None:
        if example not in vocabulary_pages.examples():
            raise Missing("there is no such example")
        return _for_a_day(request, vocabulary_pages.examples()[example].encode(), ACTIVITY_JSON)
    document = {
        "namespace": NS,
        "@context": [REPORT_CONTEXT, POSITION_CONTEXT, COLLECTION_CONTEXT, ACTOR_CONTEXT],
        "schemas": {one.__name__: fields.json_schema(one) for one in schemas.TYPES},
    }
    return _for_a_day(request, document, "application/json")


async def schema(request: web.Request) -> web.Response:
    """The JSON Schema of one type, or of one value that stands inside others. Raises Missing."""
    name = request.match_info["name"]
    values = [*schemas.TYPES, *(one for cls in schemas.TYPES for one in fields.within(cls))]
    found = next((cls for cls in values if cls.__name__ == name), None)
    if found is None:
        raise Missing("there is no such type")
    return _for_a_day(request, fields.json_schema(found), JSON_SCHEMA)


async def code_lists(request: web.Request) -> web.Response:
    """Every code list: name -> code -> meaning."""
    return _for_a_day(request, {name: dict(codes) for name, codes in words.LISTS.items()}, "application/json")


def _for_a_day(request: web.Request, document: dict[str, Any] | bytes, content_type: str) -> web.Response:
    return bytes_response(request, document, content_type=content_type, max_age=86400)


async def security_txt(request: web.Request) -> web.Response:
    """Whom to tell about a weakness (RFC 9116). Raises Missing while the administrator has named nobody."""
    node = request.app[NODE]
    if not node.config.contact:
        raise Missing("who runs this node has not said whom to write to (the setting contact)")
    languages = await node.database.read(_languages)
    midnight = node.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {contact_address(node.config.contact)}",
        f"Expires: {(midnight + SECURITY_TXT_LASTS).strftime('%Y-%m-%dT%H:%M:%SZ')}",
        f"Preferred-Languages: {', '.join(languages)}",
        f"Canonical: {node.address('/.well-known/security.txt')}",
    )
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return web.Response(text="\n".join(lines) + "\n", content_type="text/plain", charset="utf-8", headers=headers)


def contact_address(contact: str) -> str:
    """The setting `contact` as an address: mailto: for an e-mail address, else what it is."""
    return contact if "://" in contact else f"mailto:{contact}"


def _languages(tx: Transaction) -> list[str]:
    """In which languages the groups of this node write, the main one's first, and English."""
    return list(dict.fromkeys([*(group.language for group in actors.groups(tx)), "en"]))
