"""Whom a policy can be about, as somebody writes it: a domain or one actor. What is wrong with it is said at once."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from sqlalchemy import select

from federation.errors import Malformed
from federation.origin import origin
from node import actors
from node.context import Transaction
from node.errors import Invalid, Missing
from node.peering import rules

CHARACTERS = 1000
# Names under which strangers register theirs, below a country: co.uk, com.br, or.jp ... Every label of the highest
# level alone is one as well. There is no complete list without asking somebody for it every week.
_UNDER_COUNTRIES = frozenset({
    *("ac", "co", "com", "edu", "gen", "go", "gob", "gouv", "gov", "gv", "ltd", "me", "mil", "ne", "net", "nom", "or"),
    *("org", "plc", "sch", "nhs", "asso", "info", "web", "school", "firm", "ind", "id", "k12", "asn", "press"),
})  # fmt: skip
_HOST_AND_PORT = re.compile(r"(\[[^\]]+\]|[^:/?#\[\]]+)(:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Subject:
    """A domain in its one spelling (punycode, lower case, with the port if it is not the usual one), or the IRI of an
    actor that is known here."""

    name: str
    is_actor: bool = False


def read(tx: Transaction, text: str) -> Subject:
    """Whom `text` means: peer.example, *.peer.example, @name@peer.example, or the address of an actor.

    Raises Invalid for whatever else, for this node itself, and for names under which strangers register theirs; Missing
    for an actor that is not known here.
    """
    text = text.strip()
    if len(text) > CHARACTERS:
        raise Invalid("that is too long for a domain or an address", field="subject")
    if "://" in text or "@" in text:
        return _actor(tx, text)
    domain = read_domain(text)
    check_not_ours(tx, domain)
    return Subject(domain)


def read_domain(text: str) -> str:
    """A domain in its one spelling, from upper case, other scripts and a leading `*.` too. Raises Invalid."""
    text = text.strip().removeprefix("*.").rstrip(".")
    match = _HOST_AND_PORT.fullmatch(text)
    if match is None:
        raise Invalid(
            "“{text}” is no domain: write it without a scheme and without a path, such as peer.example",
            field="subject",
            text=text[:200],
        )
    try:
        name = match[1] if match[1].isascii() else match[1].encode("idna").decode("ascii")
        domain = origin(f"https://{name.lower()}{match[2] or ''}").removeprefix("https://")
    except (UnicodeError, Malformed):
        raise Invalid("“{text}” is no domain such as peer.example", field="subject", text=text[:200]) from None
    if is_public_suffix(domain):
        raise Invalid(
            "“{text}” is nobody's own: everybody can register names under it, and all of them would be meant",
            field="subject",
            text=text[:200],
        )
    return domain


def is_public_suffix(domain: str) -> bool:
    """Whether everybody can register names under this one: `org`, `co.uk`."""
    name = rules.names_of(domain)[-1] if not is_address(domain) else ""
    labels = domain.partition(":")[0].split(".")
    if not name or labels == ["localhost"]:
        return False
    return len(labels) == 1 or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _UNDER_COUNTRIES)


def is_address(domain: str) -> bool:
    """Whether that is the address of a machine instead of a name."""
    bare = domain if domain.endswith("]") else domain.rpartition(":")[0] or domain
    try:
        ipaddress.ip_address(bare.strip("[]"))
    except ValueError:
        return False
    return True


def check_not_ours(tx: Transaction, domain: str) -> None:
    """Raise Invalid if a domain covers this node itself."""
    own = tx.node.config.host
    if domain in rules.names_of(own):
        raise Invalid("{domain} is this node itself, or covers it: {own}", field="subject", domain=domain, own=own)


def _actor(tx: Transaction, text: str) -> Subject:
    if "://" not in text:
        handle = text.removeprefix("acct:").removeprefix("@").lower()
        iri = tx.execute(select(actors.actors.c.iri).where(actors.actors.c.agreed_handle == handle)).scalars().first()
        if iri is None:
            raise Missing("nobody who is known here goes by @{handle}", handle=handle)
        return _known(tx, iri)
    try:
        host = origin(text).partition("://")[2]
    except Malformed as error:
        raise Invalid("“{text}” is no address: {reason}", field="subject", text=text[:200], reason=error.why) from None
    if text.rstrip("/").partition("://")[2].lower() == host:
        raise Invalid("write the domain alone, without https:// and without a path: {host}", field="subject", host=host)
    return _known(tx, text)


def _known(tx: Transaction, iri: str) -> Subject:
    row = actors.find(tx, iri)
    if row is None:
        raise Missing(
            "{iri} is no actor that is known here; a domain is written without https:// and without a path", iri=iri
        )
    if row.local:
        raise Invalid("{iri} is one of this node's own", field="subject", iri=iri)
    return Subject(str(row.iri), is_actor=True)
