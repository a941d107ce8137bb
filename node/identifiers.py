"""Sortable ids that say nothing but when.

An id is 64 bits: 42 of milliseconds since 1970, 21 of chance, the sign bit free, so that it sorts by time in both
databases and in the apps of readers. In an address it is written in 13 letters of Crockford's base 32.
"""

import secrets
from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
CHANCE_BITS = 21


def mint(moment: datetime) -> int:
    """A new id for `moment`; two of one millisecond differ by chance alone."""
    return (int(moment.timestamp() * 1000) << CHANCE_BITS) | secrets.randbits(CHANCE_BITS)


def spell(number: int) -> str:
    """The 13 letters of an id, in the order of the numbers."""
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))
