"""The canonical form of RFC 8785, in which proofs are made and checked.

`rfc8785` writes it; of a report two thirds of that time went into its @context, which stands there twice, the same in
all that a server sends. So a @context is written once and remembered, and texts, which are most of the rest, are
written by the writer in C that Python has.
"""

from __future__ import annotations

import json
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

import rfc8785

from federation.errors import Malformed

REMEMBERED = 256
LONGEST = 8_192  # characters; a stranger's @context may be as long as a document


def canonical(document: dict[str, Any]) -> bytes:
    """The bytes of `document`. Raises Malformed for what has no canonical form: integers beyond 2^53, NaN, lone
    surrogates, extreme nesting."""
    try:
        return _object(document)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise Malformed("document", "has no canonical form (RFC 8785)") from error


def _object(members: dict[str, Any]) -> bytes:
    """Sorted by the UTF-16 code units of their names (RFC 8785 §3.2.3)."""
    names = sorted(members, key=lambda name: name.encode("utf-16-be"))
    return b"{" + b",".join(_text(name) + b":" + _member(name, members[name]) for name in names) + b"}"


def _member(name: str, value: Any) -> bytes:
    if name == "@context":
        text = json.dumps(value)
        return _context(text) if len(text) <= LONGEST else rfc8785.dumps(value)
    return _value(value)


def _value(value: Any) -> bytes:
    """What is made of texts, as documents are for the most part, is written here; everything else by the library."""
    if type(value) is str:
        return _text(value)
    if type(value) is dict:
        return _object(value)
    if type(value) is list:
        return b"[" + b",".join(map(_value, value)) + b"]"
    return rfc8785.dumps(value)


def _text(text: str) -> bytes:
    # Python's own writer escapes what RFC 8785 §3.2.2.2 escapes, and nothing else; it is written in C.
    return encode_basestring(text).encode()


@lru_cache(maxsize=REMEMBERED)
def _context(text: str) -> bytes:
    return rfc8785.dumps(json.loads(text))
