"""Sortable ids that say nothing but when.

An id of ours is 64 bits: 42 of milliseconds since 1970, 21 of chance, the sign bit free, so that it sorts by time in
both databases and in the apps of readers. In an address it is written in 13 letters of Crockford's base 32.
"""

import secrets
from datetime import datetime

from federation.errors import Malformed

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
CHANCE_BITS = 21
FOREIGN_BYTES = 1000  # PostgreSQL indexes no more than 2,704 bytes, and some indexes hold two ids


def mint(moment: datetime, *, after: int = 0) -> int:
    """A new id for `moment`, larger than `after`; two of one millisecond differ by chance alone."""
    minted = (int(moment.timestamp() * 1000) << CHANCE_BITS) | secrets.randbits(CHANCE_BITS)
    # As much chance as ever: thousands of answers that are dated back must not use up the room behind what they answer.
    return minted if minted > after else beyond(after)


def ahead(minted: int, *, of: int | None, after: int = 0) -> int:
    """`minted`, or another id of its second between `after` and `of` if that second is the second of `of` too.

    Dates on the wire have whole seconds, so what came first need not have the smaller id. What has an earlier second
    by its date keeps its place: a date that somebody else has invented moves nothing but herself.
    """
    if of is None or minted < of or _seconds(minted) != _seconds(of):
        return minted
    least = max(after, _seconds(minted) * 1000 << CHANCE_BITS)
    if of - least < 2:
        return minted
    return least + 1 + secrets.randbelow(of - least - 1)


def _seconds(number: int) -> int:
    return (number >> CHANCE_BITS) // 1000


def beyond(taken: int) -> int:
    """Another id, larger than `taken` by chance, and by two milliseconds at most."""
    return taken + 1 + secrets.randbits(CHANCE_BITS)


def check_length(*foreign: str | None) -> None:
    """Raise Malformed if one of these ids, which others have made, is too long to be found again in every database."""
    for one in foreign:
        if one is not None and len(one) > FOREIGN_BYTES // 4 and len(one.encode()) > FOREIGN_BYTES:
            raise Malformed("id", f"is longer than {FOREIGN_BYTES} bytes")


def spell(number: int) -> str:
    """The 13 letters of an id, in the order of the numbers."""
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))
