"""Being found: WebFinger, host-meta, NodeInfo, robots. RFC 7033, RFC 6415, NodeInfo 2.0 and 2.1, RFC 9309."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlsplit

from aiohttp import web
from sqlalchemy import Row

import schemas
from federation import discovery
from federation.errors import Malformed
from federation.media_types import JRD_JSON
from node import VERSION, actors, objects, profile
from node.context import NODE, Transaction
from node.errors import Missing
from node.web.negotiation import bytes_response
from schemas import fields
from schemas.context import ACTOR_CONTEXT, COLLECTION_CONTEXT, NS, REPORT_CONTEXT

ANYWHERE = {"Access-Control-Allow-Origin": "*"}


async def webfinger(request: web.Request) -> web.Response:
    """Whom a handle or an address means. 400 without a usable `resource`, 404 for what is not ours."""
    resource = request.query.get("resource", "")
    if not resource:
        raise Malformed("resource", "is missing; ask with ?resource=acct:name@host")
    document = await request.app[NODE].database.read(_webfinger, resource)
    response = bytes_response(request, document, content_type=JRD_JSON)
    response.headers.update(ANYWHERE)
    return response


def _webfinger(tx: Transaction, resource: str) -> dict[str, Any]:
    row = _named(tx, resource)
    if row is None:
        raise Missing("no actor of this node is called that")
    return profile.webfinger(tx, row)


def _named(tx: Transaction, resource: str) -> Row[Any] | None:
    ours = [actors.instance(tx), *actors.groups(tx)]
    if resource.lower().startswith(("https:", "http:")):
        if resource.rstrip("/") == tx.node.config.origin:
            return ours[0]
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
    return web.Response(text=text, content_type="application/xrd+xml", headers=ANYWHERE)


async def nodeinfo_index(request: web.Request) -> web.Response:
    """Where NodeInfo is."""
    document = discovery.nodeinfo_index(request.app[NODE].config.origin)
    document["links"].append(
        {"rel": "https://www.w3.org/ns/activitystreams#Application", "href": request.app[NODE].address("/actor")}
    )  # FEP-2677
    response = bytes_response(request, document, content_type="application/json")
    response.headers.update(ANYWHERE)
    return response


async def nodeinfo(request: web.Request) -> web.Response:
    """What this node is and how much is on it: groups and statements, never members."""
    version: Literal["2.0", "2.1"] = "2.1" if request.match_info["version"] == "2.1" else "2.0"
    document = await request.app[NODE].database.read(_nodeinfo, version)
    profile_iri = f"http://nodeinfo.diaspora.software/ns/schema/{version}#"
    response = bytes_response(request, document, content_type="application/json")
    response.headers["Content-Type"] = f'application/json; profile="{profile_iri}"; charset=utf-8'
    response.headers.update(ANYWHERE)
    return response


def _nodeinfo(tx: Transaction, version: Literal["2.0", "2.1"]) -> dict[str, Any]:
    groups = actors.groups(tx)
    return discovery.nodeinfo(
        version,
        software_version=VERSION,
        users=len(groups),
        posts=objects.count_listed(tx, local=True),
        metadata={"nodeName": groups[0].name if groups else "", "federation": {"enabled": True}},
    )


async def vocabulary(request: web.Request) -> web.Response:
    """Our terms for machines: the contexts that stand in our documents, and a JSON Schema for each type."""
    document = {
        "namespace": NS,
        "@context": [REPORT_CONTEXT, COLLECTION_CONTEXT, ACTOR_CONTEXT],
        "schemas": {one.__name__: fields.json_schema(one) for one in schemas.TYPES},
    }
    return bytes_response(request, document, content_type="application/json", max_age=86400)


async def robots(request: web.Request) -> web.Response:
    """Everything public may be read by machines; the desk is nobody's business."""
    text = "User-agent: *\nDisallow: /desk\nDisallow: /login\n"
    return web.Response(text=text, content_type="text/plain", headers={"Cache-Control": "public, max-age=86400"})
