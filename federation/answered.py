"""What another server answered, as the client hands it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer with status 200, or 304 where an `etag` was given. `url` is where it came from, after redirects."""

    url: str
    status: int
    content_type: str
    body: bytes
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server really answered, whatever it was."""

    status: int
    headers: Mapping[str, str]
    body: bytes
