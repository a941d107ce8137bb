"""How long others may take to answer, fairly measured: time in which nobody here listened is not counted against them.

A machine that is starved or suspended for some seconds finds two things when it goes on: that the time is up, and that
the answer has long been there. Whoever takes the first for silence sends again what has arrived.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

STOOD_STILL_SECONDS = 0.1  # a timer that rings so much too late rings in a process that did not run


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Raise TimeoutError unless the body ends within `seconds`.

    If this process stood still when they were over, the body has as long once more, but not longer than `seconds`.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds

    async with asyncio.timeout(None) as limit:

        def over() -> None:
            late = min(loop.time() - end, seconds)
            limit.reschedule(loop.time() + late if late > STOOD_STILL_SECONDS else end)

        timer = loop.call_at(end, over)
        try:
            yield
        finally:
            timer.cancel()
