"""What a server is asked for, and who is asked whether it may be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum


class Purpose(StrEnum):
    """What a server is asked for: a thing of its own, a key to verify with what it has said or asks, or to take
    something in."""

    PULL = "pull"
    VERIFY = "verify"
    DELIVER = "deliver"


Gate = Callable[[str, Purpose], Awaitable[None]]
