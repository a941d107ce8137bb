"""Find an actor by its handle, prove a handle, and be found: WebFinger, host-meta, NodeInfo.

Words. A **handle** is `name@host`; a host may say by WebFinger that its handle leads to an actor elsewhere
("split domain"). So a handle is somebody's only if both agree: the WebFinger of the handle's host leads to the
actor, and the actor names the handle (`verify_handle`).

RFC 7033; RFC 6415; NodeInfo 2.0 and 2.1; FEP-f1d5 (NodeInfo), FEP-2c59 (`webfinger`), FEP-2677.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from federation.client import Budget, Client
from federation.errors import Malformed, Refused, Unreachable
from federation.media_types import ACTIVITY_JSON, JRD_JSON, is_activity, is_json
from federation.origin import origin
from schemas import reading
from schemas.actor import Actor

LIMIT_BYTES = 64 * 1024
SOFTWARE_CHARACTERS = 100
STAFF_AT_MOST = 50
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.~+-]{0,127}")
_HOST = re.compile(r"([^\s/?#@:\\\[\]]{1,253})(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Handle:
    """name@host; the host is lower case ASCII, with its port unless that is the usual one."""

    name: str
    host: str

    def __str__(self) -> str:
        return f"{self.name}@{self.host}"

    def same(self, other: Handle) -> bool:
        """Whether both mean one account: names are compared without case, as all servers do."""
        return self.host == other.host and self.name.lower() == other.name.lower()


def parse_handle(text: str) -> Handle | str:
    """Read "@name@host", "name@host", "acct:name@host" (each with a port, if need be) or the IRI of an actor.

    Raises Malformed for anything else.
    """
    text = text.strip()
    if "://" in text:
        origin(text)
        return text
    name, at, host = text.removeprefix("acct:").removeprefix("@").partition("@")
    if not at or not _NAME.fullmatch(name):
        raise Malformed("handle", f"is not of the form @name@host: {text[:100]!r}")
    return Handle(name, _host(host, text))


def _host(host: str, text: str) -> str:
    match = _HOST.fullmatch(host)
    try:
        if match is None:
            raise Malformed("handle", "has no host")
        return origin(f"https://{match[1].encode('idna').decode('ascii')}{match[2] or ''}").removeprefix("https://")
    except (UnicodeError, Malformed) as error:
        raise Malformed("handle", f"has no usable host: {text[:100]!r}") from error


async def find(client: Client, text: str, *, budget: Budget | None = None) -> str:
    """The IRI of the actor that `text` (see parse_handle) means.

    Raises Malformed, Refused if the host names no actor for it, Gone if it does not know it, Unreachable. The handle
    is not proven by this: ask `verify_handle` once the actor is there.
    """
    handle = parse_handle(text)
    if isinstance(handle, str):
        return handle
    return _actor_of(await _webfinger(client, handle, budget), handle)


async def verify_handle(client: Client, actor: Actor, *, budget: Budget | None = None) -> Handle:
    """The handle that both the actor and the handle's host agree on.

    The actor names it by `webfinger` (FEP-2c59), or by preferredUsername and the host of its id; that host may name
    another (`subject`), which has to lead back to the actor as well, by its id letter for letter. Raises Refused if
    they do not agree, and what `find` raises.
    """
    claimed = _claimed(actor)
    answer = await _webfinger(client, claimed, budget)
    subject = _subject(answer, claimed)
    if not subject.same(claimed):
        answer = await _webfinger(client, subject, budget)
        if not _subject(answer, subject).same(subject):
            raise Refused(f"{claimed} says it is {subject}, who says it is somebody else")
    if _actor_of(answer, subject) != actor.id:
        raise Refused(f"{subject} is not {actor.id}")
    return subject


def _claimed(actor: Actor) -> Handle:
    host = origin(actor.id).partition("://")[2]
    handle = parse_handle(actor.webfinger or f"{actor.preferred_username or ''}@{host}")
    if isinstance(handle, str):
        raise Malformed("webfinger", "is not of the form name@host")
    return handle


def _subject(answer: dict[str, Any], asked: Handle) -> Handle:
    subject = answer.get("subject")
    if not isinstance(subject, str) or not subject.startswith("acct:"):
        return asked
    handle = parse_handle(subject)
    return handle if isinstance(handle, Handle) else asked


def _actor_of(answer: dict[str, Any], handle: Handle) -> str:
    links = answer.get("links")
    for link in links if isinstance(links, list) else []:
        if not isinstance(link, dict) or link.get("rel") != "self":
            continue
        kind, href = link.get("type"), link.get("href")
        if isinstance(kind, str) and is_activity(kind) and isinstance(href, str):
            return reading.iri(href, "href")
    raise Refused(f"{handle} names no ActivityPub actor")


async def _webfinger(client: Client, handle: Handle, budget: Budget | None) -> dict[str, Any]:
    path = f"{handle.host}/.well-known/webfinger?resource={quote(f'acct:{handle}', safe=':@')}"
    try:
        return await _jrd(client, f"https://{path}", budget)
    except Unreachable:
        if not client.allow_http:
            raise
    return await _jrd(client, f"http://{path}", budget)


async def _jrd(client: Client, url: str, budget: Budget | None) -> dict[str, Any]:
    fetched = await client.get(url, accept=f"{JRD_JSON}, application/json", limit_bytes=LIMIT_BYTES, budget=budget)
    if not is_json(fetched.content_type):
        raise Refused(f"{origin(fetched.url)} does not answer {url.partition('?')[0]} with JSON")
    return reading.loads(fetched.body)


@dataclass(frozen=True, slots=True)
class Software:
    """What a server says that it is (NodeInfo): `accounts` are the actors that it names as its own staff."""

    name: str
    version: str
    accounts: tuple[str, ...] = ()


async def software(client: Client, place: str, *, budget: Budget | None = None) -> Software:
    """What the server at the origin `place` runs. NodeInfo 2.0 and 2.1; FEP-f1d5.

    Raises Malformed, Refused if it does not say, Gone, Unreachable.
    """
    index = await _jrd(client, f"{place}/.well-known/nodeinfo", budget)
    document = await _jrd(client, _nodeinfo_address(index, place), budget)
    described, metadata = document.get("software"), document.get("metadata")
    if not isinstance(described, dict) or not isinstance(described.get("name"), str):
        raise Malformed("software", "must be an object with a name")
    version = described.get("version")
    staff = metadata.get("staffAccounts") if isinstance(metadata, dict) else None
    accounts = [one for one in staff if isinstance(one, str)] if isinstance(staff, list) else []
    return Software(
        name=described["name"][:SOFTWARE_CHARACTERS],
        version=version[:SOFTWARE_CHARACTERS] if isinstance(version, str) else "",
        accounts=tuple(accounts[:STAFF_AT_MOST]),
    )


def _nodeinfo_address(index: dict[str, Any], place: str) -> str:
    """The document of the newest version that we read, at the same origin: nobody else speaks for a server."""
    links = index.get("links")
    named = (
        {one.get("rel"): one.get("href") for one in links if isinstance(one, dict)} if isinstance(links, list) else {}
    )
    for version in ("2.1", "2.0"):
        href = named.get(f"http://nodeinfo.diaspora.software/ns/schema/{version}")
        if isinstance(href, str) and origin(href) == place:
            return href
    raise Refused(f"{place} has no NodeInfo that we read")


# ---- being found


def webfinger(subject: str, *, aliases: Sequence[str], links: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """A JRD (RFC 7033 §4.4). `subject` is "acct:name@host"; see `self_link` and `page_link`."""
    return {"subject": subject, "aliases": list(aliases), "links": [dict(link) for link in links]}


def self_link(actor: str) -> dict[str, str]:
    """The link that leads to the actor; its type has to be exactly this for others to see it."""
    return {"rel": "self", "type": ACTIVITY_JSON, "href": actor}


def page_link(url: str) -> dict[str, str]:
    """The link to the actor's page for people."""
    return {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": url}


def host_meta(own_origin: str) -> str:
    """host-meta as XRD (RFC 6415 §2): where to ask for WebFinger."""
    template = quoteattr(f"{own_origin}/.well-known/webfinger?resource={{uri}}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" type="{JRD_JSON}" template={template}/>\n'
        "</XRD>\n"
    )


def host_meta_json(own_origin: str) -> dict[str, Any]:
    """host-meta as JRD (RFC 6415 appendix A)."""
    template = f"{own_origin}/.well-known/webfinger?resource={{uri}}"
    return {"links": [{"rel": "lrdd", "type": JRD_JSON, "template": template}]}


def nodeinfo_index(own_origin: str) -> dict[str, Any]:
    """/.well-known/nodeinfo: the documents are at /nodeinfo/2.0 and /nodeinfo/2.1."""
    return {
        "links": [
            {
                "rel": f"http://nodeinfo.diaspora.software/ns/schema/{version}",
                "href": f"{own_origin}/nodeinfo/{version}",
            }
            for version in ("2.0", "2.1")
        ]
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much a node is used. `users` are its actors, never its members; `posts` answer nobody, `comments` do."""

    users: int
    active_halfyear: int
    active_month: int
    posts: int
    comments: int


def nodeinfo(
    version: Literal["2.0", "2.1"],
    *,
    software_version: str,
    usage: Usage,
    metadata: Mapping[str, Any],
    repository: str,
    homepage: str,
    open_registrations: bool = False,
) -> dict[str, Any]:
    """The NodeInfo document. Version 2.0 has no place for `repository` and `homepage`."""
    software = {"name": "commonwire", "version": software_version}
    if version == "2.1":
        software |= {"repository": repository, "homepage": homepage}
    return {
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": open_registrations,
        "usage": {
            "users": {
                "total": usage.users,
                "activeHalfyear": usage.active_halfyear,
                "activeMonth": usage.active_month,
            },
            "localPosts": usage.posts,
            "localComments": usage.comments,
        },
        "metadata": dict(metadata),
    }
