"""Time in which nobody listened is not counted against whoever was to answer."""

from __future__ import annotations

import asyncio
import time

import pytest

from federation.deadlines import within


def stand_still(seconds: float) -> None:
    """Keep the loop from everything, as a machine does that is starved."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


async def test_what_takes_too_long_is_broken_off() -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with within(0.1):
            await asyncio.sleep(60)
    assert 0.1 <= time.monotonic() - began < 20


@pytest.mark.parametrize("seconds", [0.0, -1.0])
async def test_no_time_at_all_is_over_at_once(seconds: float) -> None:
    with pytest.raises(TimeoutError):
        async with within(seconds):
            await asyncio.sleep(60)


async def test_an_answer_that_came_while_the_process_stood_still_counts() -> None:
    """As does one that was under way: whoever answers may have stood still with us."""
    loop = asyncio.get_running_loop()
    for rounds in (0, 20):  # of the loop, until it is there
        answer = loop.create_future()
        async with within(1):
            stand_still(2.1)
            for _ in range(rounds):
                await asyncio.sleep(0)
            loop.call_soon(answer.set_result, "yes")
            assert await answer == "yes"


async def test_having_stood_still_is_no_excuse_for_ever() -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with within(0.2):
            stand_still(0.45)
            await asyncio.sleep(60)
    assert time.monotonic() - began < 20


async def test_what_ends_in_time_and_what_is_cancelled_are_left_alone() -> None:
    async with within(0.01):
        pass
    await asyncio.sleep(0.05)

    async def long() -> None:
        async with within(5):
            await asyncio.sleep(60)

    task = asyncio.create_task(long())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
