"""A key in words that two people can compare over the telephone: pure.

The fingerprint of a key is the first 96 bits of SHA-256 over its SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7, DER),
spelled as six words of five letters, each a number of 16 bits, the most significant first: consonant (4 bits), vowel
(2), consonant (4), vowel (2), consonant (4), out of the letters below in their order. (The idea is that of proquints,
arXiv 0901.4016.) Both ends compute it from the key itself, so it is the same wherever that key is shown; it says
nothing about an address, and no server has to be asked for it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation import keys
from federation.errors import Malformed

CONSONANTS: Final = "bdfghjklmnprstvz"
VOWELS: Final = "aiou"
WORDS: Final = 6


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A key by its id: what it is for ("requests", "proofs"), and its words."""

    key_id: str
    purpose: str
    words: str

    def as_json(self) -> dict[str, str]:
        """For programs."""
        return {"id": self.key_id, "for": self.purpose, "words": self.words}


def of_key(key_id: str, public: str) -> Fingerprint | None:
    """The fingerprint of a key as `node.actors` keeps it: PEM or multibase; None for what is no key."""
    try:
        key = keys.from_multibase(public) if public.startswith("z") else keys.read_public(public)
    except Malformed:
        return None
    purpose = "proofs" if public.startswith("z") else "requests"
    spelled = spell(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return Fingerprint(key_id, purpose, spelled)


def spell(subject_public_key_info: bytes) -> str:
    """The words of a key: "lusab babad gutih ..."."""
    digest = hashlib.sha256(subject_public_key_info).digest()
    return " ".join(_word(int.from_bytes(digest[at : at + 2])) for at in range(0, 2 * WORDS, 2))


def _word(number: int) -> str:
    return (
        CONSONANTS[number >> 12]
        + VOWELS[number >> 10 & 3]
        + CONSONANTS[number >> 6 & 15]
        + VOWELS[number >> 4 & 3]
        + CONSONANTS[number & 15]
    )
