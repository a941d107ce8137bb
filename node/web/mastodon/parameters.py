"""What an app sends, wherever it puts it: query, form, multipart form and JSON, merged; the body wins.

Names are understood as Rails does: `id[]`, `a[b]`, `a[][b]`, `a[0][b]`; a value that is one or many may come as either.
Numbers and flags come as text or as what they are. Files are read into memory, unless whoever asks for them has a
place for those that are long.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Protocol
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from federation.errors import Malformed
from node import films
from node.errors import Invalid
from node.web.bodies import BODY_SECONDS, NO_FORM, UNREADABLE
from schemas.reading import loads_with_ids

PAIRS_AT_MOST = 1000
DEPTH_AT_MOST = 5
FIELD_BYTES = 1_048_576
CHUNK_BYTES = 65_536
TOGETHER_BYTES = 1_048_576
FILE_SECONDS = BODY_SECONDS * 30
LONG_SECONDS = 3600  # a hundred megabytes on the line of a village
SILENT_SECONDS = 60
TRUE = frozenset({"true", "True", "TRUE", "1", "on", "t", "T", "yes"})
FALSE = frozenset({"false", "False", "FALSE", "0", "off", "f", "F", "no", ""})

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)(?:\[)?")
_IN_BRACKETS = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class File:
    """A file that was sent, whole: its bytes, or where they were put."""

    body: bytes
    media_type: str
    name: str
    long: IO[bytes] | None = None


class LongFiles(Protocol):
    """Where files go that are not to be held in memory."""

    limit_bytes: int

    def takes(self, head: bytes) -> bool:
        """Whether a file that begins so belongs there."""
        ...

    async def put(self) -> IO[bytes]:
        """A new file, to be written to and to be closed by whoever has asked."""
        ...


@dataclass(slots=True)
class Parameters:
    """What was sent: texts, lists and mappings of them by name, and files."""

    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values or name in self.files

    def text(self, name: str, default: str | None = None) -> str | None:
        """A text; the last of several. Raises Invalid for what is none, or cannot be kept."""
        value = self.values.get(name)
        if isinstance(value, list):
            value = value[-1] if value else None
        return default if value is None else _text(name, value)

    def number(self, name: str, default: int, *, at_least: int = 0, at_most: int) -> int:
        """A whole number, at most so large: a larger one is that. Raises Invalid for what is none."""
        found = self.optional_number(name)
        return default if found is None else min(max(found, at_least), at_most)

    def optional_number(self, name: str) -> int | None:
        """A whole number if there is one. Raises Invalid."""
        text = (self.text(name) or "").strip()
        if not text:
            return None
        if not re.fullmatch(r"-?[0-9]{1,19}", text):
            raise Invalid("{given!r} is not a whole number", field=name, given=text[:40])
        return int(text)

    def flag(self, name: str, default: bool = False) -> bool:
        """Yes or no. Raises Invalid."""
        found = self.optional_flag(name)
        return default if found is None else found

    def optional_flag(self, name: str) -> bool | None:
        """Yes, no, or not said. Raises Invalid."""
        text = self.text(name)
        if text is None or text in TRUE or text in FALSE:
            return None if text is None else text in TRUE
        raise Invalid("write true or false", field=name)

    def many(self, name: str, *, at_most: int = 1000) -> list[str]:
        """Texts: one, several, or numbered ones. Raises Invalid."""
        return [_text(name, one) for one in self._listed(name, at_most)]

    def mapping(self, name: str) -> dict[str, Any] | None:
        """Values by name: `a[b]`. Raises Invalid."""
        value = self.values.get(name)
        if value is None or isinstance(value, dict):
            return value
        raise Invalid("write an object", field=name)

    def mappings(self, name: str, *, at_most: int = 100) -> list[dict[str, Any]]:
        """Several mappings: `a[][b]` or `a[0][b]`. Raises Invalid."""
        found = self._listed(name, at_most)
        if not all(isinstance(one, dict) for one in found):
            raise Invalid("write a list of objects", field=name)
        return found

    def within(self, name: str) -> Parameters:
        """The values inside of a mapping, to be asked for as these are; none if there is none."""
        return Parameters(self.mapping(name) or {})

    def _listed(self, name: str, at_most: int) -> list[Any]:
        value = self.values.get(name)
        if value is None:
            return []
        if isinstance(value, dict):
            numbered = all(key.isascii() and key.isdecimal() and len(key) < 10 for key in value)
            value = [value[key] for key in sorted(value, key=int)] if numbered else [value]
        found = value if isinstance(value, list) else [value]
        if len(found) > at_most:
            raise Invalid("there are {count}; {limit} are the limit", field=name, count=len(found), limit=at_most)
        return [one for one in found if one is not None]


async def of(request: web.Request, *, file_bytes: int = 0, long: LongFiles | None = None) -> Parameters:
    """What a request brings. Raises Invalid, Busy, TimeoutError, HTTPRequestEntityTooLarge.

    Files may be so large together; without that there may be none. One that `long` takes may be as large as that says.
    """
    found = Parameters(nested(request.query.items()))
    if request.method in ("GET", "HEAD") or not request.can_read_body:
        return found
    async with asyncio.timeout(LONG_SECONDS if long else FILE_SECONDS if file_bytes else BODY_SECONDS):
        match request.content_type:
            case "application/json":
                found.values |= _from_json(await request.read())
            case "multipart/form-data":
                await _read_parts(request, found, file_bytes, long)
            case _:
                found.values |= nested(_from_form(await request.read()))
    return found


def of_query(request: web.Request) -> Parameters:
    """What stands in the address alone: enough for whatever is only read."""
    return Parameters(nested(request.query.items()))


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Pairs of names and values as the names say they belong together. Raises Invalid.

    A name without brackets that comes several times is a list of all its values.
    """
    made: dict[str, Any] = {}
    for count, (name, value) in enumerate(pairs):
        if count >= PAIRS_AT_MOST:
            raise Invalid("there are more than {limit} values", limit=PAIRS_AT_MOST)
        match = _NAME.fullmatch(name)
        if match is None:
            continue
        steps = _IN_BRACKETS.findall(match[2])
        if len(steps) > DEPTH_AT_MOST:
            raise Invalid("it is nested too deeply", field=match[1][:100])
        _put(made, match[1], steps, value)
    return made


def _put(into: dict[str, Any], key: str, steps: list[str], value: Any) -> None:
    if not steps:
        if key in into:
            held = into[key]
            into[key] = [*held, value] if isinstance(held, list) else [held, value]
        else:
            into[key] = value
    elif steps[0] == "":
        listed = into.get(key)
        if not isinstance(listed, list):
            listed = into[key] = [] if listed is None else [listed]
        if len(steps) == 1:
            listed.append(value)
            return
        # A field that the last one has already begins the next: choices[][title]=a&choices[][title]=b
        if not listed or not isinstance(listed[-1], dict) or (steps[1] and steps[1] in listed[-1]):
            listed.append({})
        _put(listed[-1], steps[1], steps[2:], value)
    else:
        inner = into.get(key)
        if not isinstance(inner, dict):
            inner = into[key] = {}
        _put(inner, steps[0], steps[1:], value)


def _from_json(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        found = loads_with_ids(body)
    except Malformed as error:
        raise Invalid("this is no JSON: {fault}", fault=str(error)) from None
    if not isinstance(found, Mapping):
        raise Invalid("write an object")
    return dict(found)


def _from_form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=PAIRS_AT_MOST)
    except ValueError:
        raise Invalid(NO_FORM) from None


async def _read_parts(request: web.Request, found: Parameters, file_bytes: int, long: LongFiles | None) -> None:
    pairs: list[tuple[str, str]] = []
    left = {True: file_bytes, False: FIELD_BYTES}
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None or len(pairs) >= PAIRS_AT_MOST:
                raise Invalid(NO_FORM)
            is_file = part.filename is not None
            head = await part.read_chunk(CHUNK_BYTES)
            put = await long.put() if long is not None and is_file and long.takes(head) else None
            if put is not None and long is not None:
                media_type = part.headers.get("Content-Type", "")
                found.files[part.name] = File(b"", media_type, part.filename or "", put)
                await _store_part(part, head, put, long.limit_bytes)
                continue
            body = await _read_part(part, head, left[is_file])
            left[is_file] -= len(body)
            if is_file:
                media_type = part.headers.get("Content-Type", "application/octet-stream")
                found.files[part.name] = File(body, media_type.partition(";")[0].strip().lower(), part.filename or "")
            else:
                pairs.append((part.name, body.decode()))
    except UNREADABLE:
        raise Invalid(NO_FORM) from None
    found.values |= nested(pairs)


async def _read_part(part: BodyPartReader, head: bytes, at_most: int) -> bytes:
    read = bytearray(head)
    while len(read) <= at_most and (chunk := await part.read_chunk(CHUNK_BYTES)):
        read += chunk
    if len(read) > at_most:
        raise web.HTTPRequestEntityTooLarge(max_size=at_most, actual_size=len(read))
    return bytes(read)


async def _store_part(part: BodyPartReader, head: bytes, put: IO[bytes], at_most: int) -> None:
    """Write a part to a file, a mebibyte at a time. Whoever sends nothing for a while is not waited for."""
    length, held = 0, bytearray(head)
    while True:
        async with asyncio.timeout(SILENT_SECONDS):
            chunk = await part.read_chunk(CHUNK_BYTES)
        held += chunk
        if len(held) >= TOGETHER_BYTES or not chunk:
            length += len(held)
            if length > at_most:
                raise web.HTTPRequestEntityTooLarge(max_size=at_most, actual_size=length)
            await asyncio.to_thread(films.write, put, bytes(held))
            held.clear()
        if not chunk:
            return


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise Invalid("write a text", field=name)
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Invalid("there is a character in it that cannot be kept", field=name)
    return value
