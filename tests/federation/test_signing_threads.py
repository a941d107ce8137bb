"""Signing in threads: everybody gets her own signature, or her own error."""

from __future__ import annotations

import asyncio
import threading

import pytest

from federation.errors import Malformed, Refused
from federation.signing_threads import SigningThreads


async def test_what_is_to_be_signed_at_once_is_shared_out_and_everybody_gets_her_own() -> None:
    threads, used = SigningThreads(), set[str]()

    def sign(number: int) -> dict[str, str]:
        used.add(threading.current_thread().name)
        if number % 10 == 3:
            raise Malformed("iri", f"number {number}")
        if number % 10 == 7:
            raise Refused(f"number {number}")
        return {"Signature": str(number)}

    got = await asyncio.gather(
        *(threads.headers(lambda number=number: sign(number)) for number in range(50)), return_exceptions=True
    )
    for number, one in enumerate(got):
        if number % 10 in (3, 7):
            assert isinstance(one, Malformed | Refused) and f"number {number}" in str(one)
        else:
            assert one == {"Signature": str(number)}
    assert threading.current_thread().name not in used
    threads.close()


async def test_one_alone_is_signed_where_it_is() -> None:
    threads = SigningThreads()
    assert await threads.headers(lambda: {"by": threading.current_thread().name}) == {
        "by": threading.current_thread().name
    }
    with pytest.raises(Malformed):
        await threads.headers(_refuse)
    threads.close()


def _refuse() -> dict[str, str]:
    raise Malformed("iri", "is no address")


async def test_whoever_gives_up_harms_nobody() -> None:
    threads, gate = SigningThreads(), threading.Event()

    def slow() -> dict[str, str]:
        gate.wait(5)
        return {"Signature": "late"}

    impatient, patient = (asyncio.create_task(threads.headers(slow)) for _ in range(2))
    await asyncio.sleep(0.05)
    impatient.cancel()
    gate.set()
    assert await patient == {"Signature": "late"}
    assert isinstance((await asyncio.gather(impatient, return_exceptions=True))[0], asyncio.CancelledError)
    threads.close()
