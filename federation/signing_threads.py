"""Signing many requests on all cores: RSA lets go of the interpreter while it computes.

What is to be signed in one turn of the loop is shared out among a few threads, so that each hand-over is paid once for
several signatures. One alone is signed where it is: that is quicker than a hand-over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from federation.errors import Refused

Headers = dict[str, str]
Sign = Callable[[], Headers]
Waiting = tuple[Sign, asyncio.Future[Headers]]
Error = Refused | ValueError | TypeError
THREADS = 2


class SigningThreads:
    """Calls functions that sign, soon. `close` when nothing more is to be signed."""

    def __init__(self, *, threads: int = THREADS) -> None:
        self._threads = threads
        self._executor = ThreadPoolExecutor(threads, "sign")
        self._waiting: list[Waiting] = []

    async def headers(self, sign: Sign) -> Headers:
        """What `sign()` answers, or raises."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Headers] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._share_out, loop)
        self._waiting.append((sign, future))
        return await future

    def close(self) -> None:
        self._executor.shutdown(wait=False)

    def _share_out(self, loop: asyncio.AbstractEventLoop) -> None:
        waiting, self._waiting = self._waiting, []
        if len(waiting) == 1:
            _sign(waiting, _hand_over)
            return
        share = -(-len(waiting) // self._threads)
        for first in range(0, len(waiting), share):
            self._executor.submit(_sign, waiting[first : first + share], partial(_hand_over_to, loop))


def _sign(waiting: list[Waiting], hand_over: Callable[[list[Waiting], list[Headers | Error]], object]) -> None:
    outcomes: list[Headers | Error] = []
    try:
        for sign, _ in waiting:
            outcomes.append(_outcome(sign))
    finally:
        hand_over(waiting, outcomes)


def _hand_over_to(loop: asyncio.AbstractEventLoop, waiting: list[Waiting], outcomes: list[Headers | Error]) -> None:
    loop.call_soon_threadsafe(_hand_over, waiting, outcomes)


def _outcome(sign: Sign) -> Headers | Error:
    try:
        return sign()
    except (Refused, ValueError, TypeError) as error:  # Malformed is a ValueError, and so is what cannot be encoded
        raised = error
    return raised


def _hand_over(waiting: list[Waiting], outcomes: list[Headers | Error]) -> None:
    for (_, future), outcome in zip(waiting, outcomes, strict=False):
        if future.done():
            continue  # whoever waited has given up
        if isinstance(outcome, dict):
            future.set_result(outcome)
        else:
            future.set_exception(outcome)
    for _, future in waiting[len(outcomes) :]:
        future.cancel()  # a mistake of ours has broken off the work, and is told by its thread
