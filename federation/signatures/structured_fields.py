"""The part of Structured Fields (RFC 9651) that signatures use: dictionaries of strings, integers and bytes.

Narrower than the RFC on purpose. What no signature needs (tokens, booleans, decimals, dates, escapes in strings, signs
and leading zeros in integers) is Malformed, and so is a key or a parameter given twice, where the RFC lets the last one
win. So everything that is read has exactly one written form, and `str` of it is that form: what was signed and what we
judge cannot drift apart.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from federation.errors import Malformed

CHARACTERS = 8192

_KEY = re.compile(r"([a-z*][a-z0-9_.*-]*)")
_STRING = re.compile(r'"([\x20\x21\x23-\x5b\x5d-\x7e]*)"')
_INTEGER = re.compile(r"(0|[1-9][0-9]{0,14})")
_BYTES = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_EQUALS, _OPEN, _CLOSE, _SEMICOLON = (re.compile(mark) for mark in ("=", r"\( *", r" *\)", "; *"))
_SPACES, _COMMA = re.compile(" +"), re.compile(r"[ \t]*,[ \t]*")

Bare = str | int | bytes


@dataclass(frozen=True, slots=True)
class Item:
    value: Bare
    parameters: Mapping[str, Bare]

    def __str__(self) -> str:
        return _written(self.value) + _written_parameters(self.parameters)


@dataclass(frozen=True, slots=True)
class InnerList:
    items: tuple[Item, ...]
    parameters: Mapping[str, Bare]

    def __str__(self) -> str:
        return f"({' '.join(map(str, self.items))})" + _written_parameters(self.parameters)


def dictionary(text: str, path: str) -> dict[str, Item | InnerList]:
    """Read a field whose value is a dictionary (RFC 9651 §3.2), at most 8,192 characters; Malformed names `path`."""
    if len(text) > CHARACTERS:
        raise Malformed(path, f"is longer than {CHARACTERS} characters")
    rest = _Rest(text.strip(" "), path)
    found: dict[str, Item | InnerList] = {}
    while True:
        key = rest.need(_KEY, "a key")
        rest.need(_EQUALS, "=")
        if key in found:
            raise Malformed(path, f"gives {key} twice")
        found[key] = _inner_list(rest) if rest.take(_OPEN) is not None else _item(rest)
        if rest.is_empty():
            return found
        rest.need(_COMMA, "a comma")


class _Rest:
    """What is still to be read of one field."""

    def __init__(self, text: str, path: str) -> None:
        self.path = path
        self._text = text
        self._position = 0

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """What `pattern` matches here (its group, if it has one), passed over; None if it matches nothing."""
        match = pattern.match(self._text, self._position)
        if match is None:
            return None
        self._position = match.end()
        return match[match.lastindex or 0]

    def need(self, pattern: re.Pattern[str], name: str) -> str:
        taken = self.take(pattern)
        if taken is None:
            raise Malformed(self.path, f"has no {name} at character {self._position} (RFC 9651)")
        return taken

    def is_empty(self) -> bool:
        return self._position == len(self._text)


def _inner_list(rest: _Rest) -> InnerList:
    items: list[Item] = []
    while rest.take(_CLOSE) is None:
        if items:
            rest.need(_SPACES, "space or )")
        items.append(_item(rest))
    return InnerList(tuple(items), _parameters(rest))


def _item(rest: _Rest) -> Item:
    return Item(_bare(rest), _parameters(rest))


def _parameters(rest: _Rest) -> dict[str, Bare]:
    found: dict[str, Bare] = {}
    while rest.take(_SEMICOLON) is not None:
        key = rest.need(_KEY, "name of a parameter")
        rest.need(_EQUALS, "=")
        if key in found:
            raise Malformed(rest.path, f"gives the parameter {key} twice")
        found[key] = _bare(rest)
    return found


def _bare(rest: _Rest) -> Bare:
    if (string := rest.take(_STRING)) is not None:
        return string
    if (integer := rest.take(_INTEGER)) is not None:
        return int(integer)
    encoded = rest.need(_BYTES, "string, integer or byte sequence")
    try:
        return base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Malformed(rest.path, "has bytes that are not base64") from error


def _written(value: Bare) -> str:
    if isinstance(value, bytes):
        return f":{base64.b64encode(value).decode('ascii')}:"
    return str(value) if isinstance(value, int) else f'"{value}"'


def _written_parameters(parameters: Mapping[str, Bare]) -> str:
    return "".join(f";{name}={_written(value)}" for name, value in parameters.items())
