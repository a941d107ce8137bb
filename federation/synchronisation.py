"""Follower synchronisation (FEP-8fcf): two servers find out that they disagree on who follows whom.

With what is for the followers of an actor goes a digest of those of them that live on the receiving server. Who comes
to another digest fetches the list, which is for that server alone, and puts its own books in order.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from federation.errors import Refused
from federation.origin import same_origin

HEADER = "Collection-Synchronization"
HEADER_CHARACTERS = 8192
_PARAMETER = re.compile(r'\s*([A-Za-z]+)="([^"\\]*)"\s*(?:,|\Z)')
_NOBODY = bytes(32)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server says of an actor's followers on ours: their digest, and where they are listed."""

    collection: str
    url: str
    digest: str


def digest(followers: Iterable[str]) -> str:
    """The digest of some followers' ids, in any order: the XOR of their SHA-256. FEP-8fcf "digest"."""
    whole = _NOBODY
    for iri in followers:
        one = hashlib.sha256(iri.encode()).digest()
        whole = bytes(a ^ b for a, b in zip(whole, one, strict=True))
    return whole.hex()


def header(offer: Offer) -> str:
    """`offer` as the value of the header."""
    return f'collectionId="{offer.collection}", url="{offer.url}", digest="{offer.digest}"'


def parse(value: str) -> Offer | None:
    """What the header says; None if that cannot be read, because nothing depends on it."""
    found: dict[str, str] = {}
    position = 0
    while position < len(value) <= HEADER_CHARACTERS:
        match = _PARAMETER.match(value, position)
        if match is None or match[1] in found:
            return None
        found[match[1]] = match[2]
        position = match.end()
    if not {"collectionId", "url", "digest"} <= set(found):
        return None
    return Offer(found["collectionId"], found["url"], found["digest"].lower())


def check(offer: Offer, *, actor: str, followers: str | None) -> None:
    """Raise Refused unless `actor`, whose followers collection is `followers`, may say this. Raises Malformed."""
    if followers is None or offer.collection != followers:
        raise Refused(f"{offer.collection} is not the followers collection of {actor}")
    if not same_origin(offer.url, actor):
        raise Refused(f"{actor} has its followers listed at another origin")
