"""How much one host is asked for, and when an errand ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from federation.client import Budget, Client, Signer
from federation.courtesy import BURST, Courtesy
from federation.errors import Refused, Unreachable, Unwelcome
from federation.paging import walk
from tests.federation.test_client import MakeClient, Serve, answer, echo_id, here
from tests.nodes.served import eventually


def plenty() -> Budget:
    return Budget(requests=1000, bytes=10_000_000)


class Crowd:
    """A server that notes how many ask at the same time, and when."""

    def __init__(self, seconds: float = 0.05) -> None:
        self.seconds, self.now, self.most = seconds, 0, 0
        self.moments: list[float] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.moments.append(asyncio.get_running_loop().time())
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.seconds)
        self.now -= 1
        return await echo_id(request)


async def fetch_all(client: Client, origin: str, count: int, **how: Any) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(client.document(f"{origin}/{number}", **how))


async def test_one_host_is_asked_for_two_things_at_a_time(client: Client, serve: Serve) -> None:
    crowd, other = Crowd(), Crowd()
    first, second = await serve(crowd.answer), await serve(other.answer)
    await asyncio.gather(fetch_all(client, first, 12), fetch_all(client, second, 12, budget=plenty()))
    assert crowd.most == 2
    assert other.most == 1, "errands leave a place for what somebody waits for"


async def test_a_node_that_fetches_one_at_a_time_runs_its_errands_too(make_client: MakeClient, serve: Serve) -> None:
    crowd = Crowd(0.01)
    origin = await serve(crowd.answer)
    async with make_client(courtesy=Courtesy(at_once=1, per_minute=6000)) as client:
        await asyncio.gather(fetch_all(client, origin, 3), fetch_all(client, origin, 3, budget=plenty()))
    assert crowd.most == 1 and len(crowd.moments) == 6


async def test_an_errand_asks_so_often_on_average_and_no_oftener(make_client: MakeClient, serve: Serve) -> None:
    crowd = Crowd(0)
    origin = await serve(crowd.answer)
    began = asyncio.get_running_loop().time()
    async with make_client(courtesy=Courtesy(per_minute=150), timeout=timedelta(seconds=3.5)) as client:
        await fetch_all(client, origin, BURST + 10, budget=plenty())  # waiting for a turn is not counted as time
    assert len(crowd.moments) == BURST + 10
    assert max(crowd.moments) - began >= 10 * 60 / 150 - 0.01


async def test_what_somebody_waits_for_goes_before_errands(make_client: MakeClient, serve: Serve) -> None:
    crowd = Crowd(0)
    origin = await serve(crowd.answer)
    async with make_client(courtesy=Courtesy(per_minute=12)) as client:  # an errand every five seconds
        errands = asyncio.create_task(fetch_all(client, origin, 2 * BURST, budget=plenty()))
        while len(crowd.moments) < BURST:
            await asyncio.sleep(0.01)
        await fetch_all(client, origin, 40)
        assert len(crowd.moments) < 40 + 2 * BURST, "forty keys, although the errands have used up the burst"
        errands.cancel()
        await asyncio.gather(errands, return_exceptions=True)


async def test_what_was_fetched_in_advance_is_made_up_for(make_client: MakeClient, serve: Serve) -> None:
    """Thousands of strangers from one host at our inbox do not make us ask that host thousands of times at once."""
    origin = await serve(Crowd(0).answer)
    async with make_client(courtesy=Courtesy(per_minute=1), timeout=timedelta(seconds=20)) as client:
        await fetch_all(client, origin, BURST + 5)
        with pytest.raises(Unreachable, match="as often as it should be") as caught:
            await client.document(f"{origin}/more")
    assert caught.value.retry_after is not None and caught.value.retry_after > timedelta(seconds=30)


async def test_a_second_knock_is_counted_too(make_client: MakeClient, serve: Serve, signer: Signer) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=401)

    origin = await serve(refuse)
    courtesy = Courtesy(per_minute=1)  # so that none comes back between the two, however long they take
    async with make_client(courtesy=courtesy) as client:
        with pytest.raises(Refused):
            await client.get(f"{origin}/a", signer=signer)
    assert courtesy._hosts[origin].credit == pytest.approx(BURST - 2, abs=0.5)


@pytest.mark.parametrize("status", [403, 429])
async def test_an_errand_ends_when_its_host_has_enough_of_it(
    client: Client, serve: Serve, signer: Signer, status: int
) -> None:
    asked: list[str] = []

    async def pages(request: web.Request) -> web.Response:
        asked.append(request.path)
        if len(asked) > 2:
            return web.Response(status=status, headers={"Retry-After": "120"})
        page = {"id": here(request), "type": "OrderedCollectionPage", "orderedItems": [asked[-1]]}
        return answer(page | {"next": f"{here(request)}x"})

    origin, budget, seen = await serve(pages), plenty(), []
    with pytest.raises(Unwelcome) as caught:
        async for page in walk(client, f"{origin}/p", budget=budget, signer=signer):
            seen.append(page.items[0])
    assert seen == ["/p", "/px"]
    assert caught.value.status == status
    assert caught.value.retry_after == (timedelta(minutes=2) if status == 429 else None)
    before = len(asked)
    with pytest.raises(Unwelcome):
        await client.document(f"{origin}/another", budget=budget)
    assert len(asked) == before, "the whole errand is over"


async def test_a_fetch_that_is_no_errand_may_try_again_later(client: Client, serve: Serve) -> None:
    async def busy(request: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "120"})

    with pytest.raises(Unreachable) as caught:
        await client.get(await serve(busy))
    assert caught.value.status == 429


async def test_a_fetch_that_is_given_up_leaves_its_place(make_client: MakeClient, serve: Serve) -> None:
    crowd = Crowd(30)
    origin = await serve(crowd.answer)
    async with make_client(timeout=timedelta(seconds=0.2)) as client:
        for how in ({}, {"budget": plenty()}):
            for _ in range(3):
                with pytest.raises(Unreachable):
                    await client.document(origin, **how)
            given_up = asyncio.create_task(fetch_all(client, origin, 3, **how))
            await asyncio.sleep(0.05)
            given_up.cancel()
            await asyncio.gather(given_up, return_exceptions=True)
        crowd.seconds = 0
        for how in ({}, {"budget": plenty()}):

            async def fetched(how: dict[str, Any] = how) -> bool:
                try:
                    await client.document(f"{origin}/now", **how)
                except Unreachable:
                    return False  # a starved machine may be too slow once, but not for ever
                return True

            await eventually(fetched)
