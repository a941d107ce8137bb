"""A key in words: the same at both ends, another for another key."""

from __future__ import annotations

import re

from federation import keys
from node.peering import fingerprints


def test_the_words_are_the_first_bits_of_the_digest_in_the_letters_that_are_documented() -> None:
    # SHA-256 of nothing begins e3b0 c442 98fc 1c14 9afb f4c8.
    assert fingerprints.spell(b"") == "vavub sidaf nogus dubih norur zigam"


def test_both_kinds_of_keys_have_words_and_what_is_no_key_has_none() -> None:
    rsa, ed25519 = keys.make_rsa().public_key(), keys.make_ed25519().public_key()
    first = fingerprints.of_key("https://a.example#main-key", keys.public_pem(rsa))
    second = fingerprints.of_key("https://a.example#ed25519-key", keys.to_multibase(ed25519))
    assert first is not None and second is not None
    assert (first.purpose, second.purpose) == ("requests", "proofs")
    assert first.words != second.words
    for words in (first.words, second.words):
        assert re.fullmatch(r"([bdfghjklmnprstvz][aiou]){2}[bdfghjklmnprstvz]( \w{5}){5}", words)
    assert fingerprints.of_key("x", "zzzz") is None
    assert fingerprints.of_key("x", "-----BEGIN nothing-----") is None
