"""What others see through the public address: the name, the certificate, WebFinger, the actors, the inbox, NodeInfo.

Whatever stands in front of a node can break each of them in its own way: it takes Accept away, changes Host, keeps HTML
where JSON was asked for, cuts bodies. What comes back says which, because the node's refusals do.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

from sqlalchemy import Row

from federation.addresses import AddressGuard
from federation.client import Answer
from federation.errors import Malformed, Refused, Unreachable
from federation.media_types import ACCEPT_ACTIVITY, ACTIVITY_JSON, is_activity
from federation.origin import origin
from federation.signatures import cavage, rfc9421
from node import signing
from node.cli.checks import Finding, bad, days, ok, size, skipped, warning
from node.context import Node
from schemas import reading

CLOCK_WARNING_SECONDS = 30
CLOCK_BAD_SECONDS = 300  # some servers take no signature that is five minutes off
CERTIFICATE_WARNING_SECONDS = 14 * 86_400
CERTIFICATE_BAD_SECONDS = 3 * 86_400
CONNECT_SECONDS = 10
OUR_OWN_KEY = "the keyId is one of this node"  # the last thing the inbox looks at before it would ask for a key


async def name(node: Node) -> Finding:
    """Whether the node's name leads to an address that others can reach."""
    host = urlsplit(node.config.origin).hostname or ""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return bad(
            "name",
            f"{host} has no address",
            f"enter one in the DNS: an A record (and AAAA) of {host} with the public address of this machine, and wait "
            "until it is known; the rest can be looked at then",
        )
    addresses = sorted({str(one[4][0]) for one in found})
    guard = AddressGuard(node.config.allow_networks)
    if inside := [one for one in addresses if not guard.admits(one)]:
        return bad(
            "name",
            f"{host} is {', '.join(inside)} here, which is no public address",
            "other servers do not dial such addresses. If only this machine sees it so (/etc/hosts, an own DNS), "
            "run this check on another one",
        )
    return ok("name", f"{host} is {', '.join(addresses)}")


async def certificate(node: Node) -> Finding:
    """Whether the certificate is valid, for this name, and for how long."""
    parts = urlsplit(node.config.origin)
    if parts.scheme != "https":
        return skipped("certificate", "the origin has no TLS")
    host, port = parts.hostname or "", parts.port or 443
    try:
        expires = await _expiry(host, port, node.config.ca_file)
    except ssl.SSLCertVerificationError as error:
        return _untrusted(host, error)
    except ssl.SSLError as error:
        return bad(
            "certificate", f"no TLS with {host}:{port}: {error.reason}", "does the web server in front do TLS there?"
        )
    except OSError as error:
        return bad(
            "certificate", f"{host}:{port} cannot be reached: {error.strerror or 'it does not answer'}", UNREACHABLE
        )
    left = expires - node.clock().timestamp()
    said = f"valid for {host}, ends in {days(left)}"
    if left < CERTIFICATE_WARNING_SECONDS:
        make = bad if left < CERTIFICATE_BAD_SECONDS else warning
        return make("certificate", said, "renew it, and find out why that did not happen by itself")
    return ok("certificate", said)


async def _expiry(host: str, port: int, ca_file: str) -> float:
    context = await asyncio.to_thread(ssl.create_default_context)
    if ca_file:
        await asyncio.to_thread(context.load_verify_locations, ca_file)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except TimeoutError:
        raise OSError(None, "it does not answer") from None
    shown = writer.get_extra_info("peercert")
    writer.transport.abort()
    return float(ssl.cert_time_to_seconds(shown["notAfter"]))


def _untrusted(host: str, error: ssl.SSLCertVerificationError) -> Finding:
    said = error.verify_message or "it is not trusted"
    if "expired" in said:
        return bad("certificate", f"the certificate of {host} has expired", "renew it, and find out why nobody did")
    if "match" in said:
        return bad(
            "certificate",
            f"the certificate is not for {host}: {said}",
            f"get one for {host} and give it to the web server",
        )
    return bad(
        "certificate",
        f"the certificate of {host} is not trusted: {said}",
        "get one from a public authority (Let's Encrypt), and let the web server send the whole chain",
    )


UNREACHABLE = (
    "does the web server in front run, and do the firewall and the router let 443 through? Some routers do not lead a "
    "machine back to its own public address: then run this check on another one"
)


async def clock(node: Node, places: list[str]) -> Finding:
    """How far our clock is from that of other servers, by the Date they answer with."""
    if not places:
        return skipped("clock", "the node follows nobody to compare with; name a server: --peer mastodon.example")
    differences = {}
    for place in places:
        try:
            answer = await node.client.ask(
                "GET", f"{place}/.well-known/nodeinfo", headers={"Accept": "application/json"}
            )
            theirs = parsedate_to_datetime(answer.headers.get("Date", "")).replace(tzinfo=UTC)
        except (Refused, Unreachable, Malformed, ValueError, TypeError):
            continue
        differences[place] = (node.clock() - theirs).total_seconds()
    if not differences:
        return skipped("clock", f"none of {', '.join(places)} says what time it is")
    ordered = sorted(differences.values())
    middle = ordered[len(ordered) // 2]
    said = f"{abs(middle):.0f} seconds {'ahead of' if middle > 0 else 'behind'} {', '.join(map(_host, differences))}"
    mend = "let the system keep its time (timedatectl set-ntp true); others refuse signatures with a wrong date"
    if abs(middle) > CLOCK_BAD_SECONDS:
        return bad("clock", said, mend)
    return warning("clock", said, mend) if abs(middle) > CLOCK_WARNING_SECONDS else ok("clock", said)


async def webfinger(node: Node, group: Row[Any]) -> Finding:
    """Whether the group is found by its handle."""
    account = f"{group.handle}@{node.config.host}"
    path = f"/.well-known/webfinger?resource={quote(f'acct:{account}', safe=':@')}"
    subject = f"WebFinger of @{account}"
    answer = await _ask(node, path, "application/jrd+json, application/json")
    if isinstance(answer, str):
        return bad(subject, answer, UNREACHABLE)
    if answer.status != 200:
        return bad(subject, f"{path} is answered with {answer.status}", _about_status(answer.status, "/.well-known/"))
    document = _read(answer)
    if document is None or "json" not in _type(answer):
        return bad(
            subject,
            f"{path} is answered with {_type(answer)}",
            "something else answers /.well-known/; pass it on to the node",
        )
    links = document.get("links")
    named = (
        [one.get("href") for one in links if isinstance(one, dict) and one.get("rel") == "self"]
        if isinstance(links, list)
        else []
    )
    if group.iri not in named:
        return bad(
            subject,
            f"it names {', '.join(map(str, named)) or 'nobody'}",
            f"another program answers there; it should name {group.iri}",
        )
    return ok(subject, f"leads to {group.iri}")


async def actor(node: Node, local: Row[Any]) -> Finding:
    """Whether servers get the actor as JSON with our key, also after somebody has looked at its page."""
    path, subject = local.iri.removeprefix(node.config.origin), f"actor {local.iri}"
    for accept in (ACCEPT_ACTIVITY, "text/html"):
        answer = await _ask(node, path, accept)
        if (finding := _unfit(subject, path, answer, as_json=accept == ACCEPT_ACTIVITY)) is not None:
            return finding
    answer = await _ask(node, path, ACCEPT_ACTIVITY)  # once more: a cache may have kept the page
    if isinstance(answer, str) or not is_activity(_type(answer)):
        return _unfit(subject, path, answer, as_json=True) or _not_json(subject, "")
    return _described(subject, local, answer)


def _unfit(subject: str, path: str, answer: Answer | str, *, as_json: bool) -> Finding | None:
    if isinstance(answer, str):
        return bad(subject, answer, UNREACHABLE)
    if answer.status != 200:
        return bad(subject, f"it is answered with {answer.status}", _about_status(answer.status, path))
    return _not_json(subject, _type(answer)) if as_json and not is_activity(_type(answer)) else None


def _described(subject: str, local: Row[Any], answer: Answer) -> Finding:
    document = _read(answer)
    if document is None:
        return bad(subject, "its document cannot be read", "does something in front change what the node answers?")
    if document.get("id") != local.iri:
        return bad(
            subject, f"its id is {document.get('id')}", f"another node answers there; its id should be {local.iri}"
        )
    key = document.get("publicKey")
    if not isinstance(key, dict) or key.get("publicKeyPem") != local.rsa_public:
        return bad(
            subject,
            "its key is not the one this node has",
            "an old copy is kept in front, or another node answers there",
        )
    if "accept" not in answer.headers.get("Vary", "").lower():
        return warning(
            subject, "`Vary: Accept` does not arrive", "a cache in front may mix JSON and HTML; let it pass on Vary"
        )
    return ok(subject, "servers get JSON, with the key this node has")


def _not_json(subject: str, media_type: str) -> Finding:
    return bad(
        subject,
        f"who asks for {ACTIVITY_JSON} gets {media_type or 'nothing'}",
        "something in front takes the Accept header away, or keeps the page and gives it to servers too: pass Accept "
        "on, and let its cache mind `Vary: Accept`, or keep nothing",
    )


async def inbox(node: Node) -> AsyncIterator[Finding]:
    """Whether what is POSTed arrives as it was sent: signed with a key of ours, which the inbox refuses last of all."""
    url = node.address("/inbox")
    signer = await signing.instance_signer(node)
    for scheme, sign in (("draft-cavage", cavage.sign), ("RFC 9421", rfc9421.sign)):
        body = json.dumps({"check": "x" * 2000}).encode()
        headers = sign(
            "POST", url, key_id=signer.key_id, key=signer.key, now=node.clock(), body=body, content_type=ACTIVITY_JSON
        )  # fmt: skip
        finding = _arrived(f"inbox, {scheme}", await _post(node, url, headers, body))
        yield finding
        if finding.level != "ok":
            return
    yield await _large(node, url)


def _arrived(subject: str, answer: Answer | str) -> Finding:
    if isinstance(answer, str):
        return bad(subject, answer, UNREACHABLE)
    said = str((_read(answer) or {}).get("error", ""))
    if answer.status == 401 and said.startswith(OUR_OWN_KEY):
        return ok(subject, "what is sent arrives as it was signed: method, host, date, digest, signature and body")
    mend = next((mend for word, mend in BROKEN if word in said), _about_status(answer.status, "/inbox"))
    return bad(subject, f"a signed POST is answered with {answer.status}{f': {said[:200]}' if said else ''}", mend)


BROKEN = (
    ("another host", "something in front changes Host: pass it on as it came (nginx: proxy_set_header Host $host;)"),
    ("digest is not that", "something in front changes the body: let it pass on what it gets"),
    ("readable Digest", "something in front takes the Digest header away: pass all headers on"),
    ("content-digest", "something in front takes the Content-Digest header away: pass all headers on"),
    ("not signed", "something in front takes the Signature header away: pass all headers on"),
    ("Date", "something in front takes the Date header away: pass all headers on"),
    ("too far from now", "the clock of this machine jumps, or a copy of the request was kept and sent later"),
    ("activity+json", "something in front takes the Content-Type header away or changes it: pass it on"),
)


async def _large(node: Node, url: str) -> Finding:
    """Whether the largest activity that the node takes comes through."""
    limit = node.config.inbox_bytes
    body = b'{"check": "' + b"x" * (limit - 100) + b'"}'
    answer = await _post(node, url, {"Content-Type": ACTIVITY_JSON}, body)
    if not isinstance(answer, str) and answer.status == 401:
        return ok("inbox, size", f"activities of {size(limit)} come through, and unsigned ones are refused")
    said = answer if isinstance(answer, str) else f"it is answered with {answer.status}"
    return warning(
        "inbox, size",
        f"an activity of {size(limit)} does not come through: {said}",
        "let the web server in front take bodies of limits.inbox_bytes (nginx: client_max_body_size 2m;)",
    )


async def nodeinfo(node: Node) -> Finding:
    """Whether others can see which program this is."""
    answer = await _ask(node, "/.well-known/nodeinfo", "application/json")
    if isinstance(answer, str):
        return bad("NodeInfo", answer, UNREACHABLE)
    links = (_read(answer) or {}).get("links")
    hrefs = [one.get("href") for one in links if isinstance(one, dict)] if isinstance(links, list) else []
    wanted = next((href for href in hrefs if isinstance(href, str) and "/nodeinfo/2" in href), None)
    if answer.status != 200 or wanted is None or not wanted.startswith(f"{node.config.origin}/"):
        mend = "something else answers /.well-known/; pass all of it on to the node"
        return bad("NodeInfo", f"/.well-known/nodeinfo is answered with {answer.status} and {_type(answer)}", mend)
    second = await _ask(node, wanted.removeprefix(node.config.origin), "application/json")
    software = (_read(second) or {}).get("software") if not isinstance(second, str) else None
    if not isinstance(software, dict) or software.get("name") != "commonwire":
        return bad("NodeInfo", f"{wanted} is not this node's", "pass all paths on to the node")
    return ok("NodeInfo", f"commonwire {software.get('version')}")


async def _ask(node: Node, path: str, accept: str) -> Answer | str:
    """What our public address answers, or why it does not."""
    return await _outcome(node, "GET", node.config.origin + path, {"Accept": accept}, None)


async def _post(node: Node, url: str, headers: dict[str, str], body: bytes) -> Answer | str:
    return await _outcome(node, "POST", url, headers, body)


async def _outcome(node: Node, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Answer | str:
    try:
        return await node.client.ask(method, url, headers=headers, body=body)
    except (Refused, Unreachable, Malformed) as error:
        return str(error)


def _about_status(status: int, path: str) -> str:
    if status in (502, 503, 504):
        return "the web server in front does not reach the node: compare its target with `listen` in node.toml"
    if 300 <= status < 400:
        return f"something in front redirects: {path} has to be answered where it is, by the node"
    if status == 404:
        return f"something in front answers {path} itself: pass all paths on to the node, unchanged"
    if status in (401, 403):
        return "something in front asks for a password or blocks programs: other servers have to be let through"
    if status == 429:
        return "something in front limits how often servers may ask; raise its limit"
    if status in (405, 413, 415):
        return "something in front takes no such request: let GET and POST pass as they come"
    return "see the log of the node, and of the web server in front of it"


def _read(answer: Answer) -> dict[str, Any] | None:
    try:
        return reading.loads(answer.body)
    except Malformed:
        return None


def _type(answer: Answer) -> str:
    return answer.headers.get("Content-Type", "")


def _host(place: str) -> str:
    return place.partition("://")[2]


def origins_of(rows: list[Row[Any]], *, at_most: int) -> Iterator[str]:
    """Where some actors are, each place once."""
    yield from list(dict.fromkeys(origin(row.iri) for row in rows))[:at_most]


def peer_origin(host: str, *, secure: bool) -> str:
    """The origin of a server named on the command line. Raises Malformed."""
    return origin(host if "://" in host else f"{'https' if secure else 'http'}://{host}")
