"""A gate for work that is expensive on purpose: few at once, some waiting, the rest turned away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from node.errors import Busy

P = ParamSpec("P")
R = TypeVar("R")


class Gate:
    """Lets `at_once` calls run in threads while at most `waiting` others wait."""

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._room = at_once + waiting
        self._inside = 0

    async def run(self, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `fn` in a thread when its turn comes. Raises Busy when too many wait."""
        if self._inside >= self._room:
            raise Busy("too many ask for this at the same time; try again in a moment")
        self._inside += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(fn, *args, **kwargs)
        finally:
            self._inside -= 1
