"""Internal addresses, however they are written and whatever a name server says: nobody gets there."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from federation.client import Client, Signer
from federation.errors import Malformed, Refused, Unreachable

Serve = Callable[[Any], Awaitable[str]]
MakeClient = Callable[..., Client]


class Names(AbstractResolver):
    """A name server: what `zone` says, one answer after the other and then the last again."""

    def __init__(self, zone: dict[str, list[list[str]]]) -> None:
        self.zone = zone
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked += 1
        answers = self.zone.get(host.rstrip("."), [[]])
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "0", "0.0.0.0",
        "localhost", "localhost.", "LOCALHOST", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[fe80::1]",
    ],
)  # fmt: skip
async def test_no_way_of_writing_an_internal_address_reaches_it(
    host: str, make_client: MakeClient, serve: Serve, signer: Signer
) -> None:
    reached = []

    async def note(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.Response()

    port = (await serve(note)).rpartition(":")[2]
    async with make_client(allow_networks=[]) as guarded:
        for attempt in (
            guarded.get(f"http://{host}:{port}/secret"),
            guarded.get(f"http://{host}:{port}/secret", signer=signer),
            guarded.post(f"http://{host}:{port}/inbox", b"{}", signer=signer),
            guarded.document(f"http://{host}:{port}/actor"),
        ):
            # Malformed where it is not even a host, Unreachable where the system's resolver does not know it.
            with pytest.raises((Refused, Malformed, Unreachable)):
                await attempt
    assert reached == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "localhost"])
async def test_an_internal_address_is_refused_for_good(host: str, make_client: MakeClient) -> None:
    async with make_client(allow_networks=[]) as guarded:
        with pytest.raises(Refused):
            await guarded.get(f"http://{host}/")


async def test_a_name_with_a_mixture_of_addresses_is_refused(make_client: MakeClient, serve: Serve) -> None:
    async def speak(request: web.Request) -> web.Response:
        return web.Response()

    port = (await serve(speak)).rpartition(":")[2]
    names = Names({"mixed.example": [["127.0.0.1", "10.0.0.1"]], "good.example": [["127.0.0.1"]]})
    async with make_client(resolver=names) as client:
        assert (await client.get(f"http://good.example:{port}/")).status == 200
        with pytest.raises(Refused, match=r"10\.0\.0\.1"):
            await client.get(f"http://mixed.example:{port}/")


async def test_a_delivery_to_a_name_that_leads_inward_for_a_while_is_not_lost(
    make_client: MakeClient, signer: Signer
) -> None:
    async with make_client(resolver=Names({"peer.example": [["10.0.0.1"]]})) as client:
        with pytest.raises(Unreachable, match=r"10\.0\.0\.1"):
            await client.post("http://peer.example/inbox", b"{}", signer=signer)
        with pytest.raises(Refused):
            await client.post("http://10.0.0.1/inbox", b"{}", signer=signer)


async def test_a_name_that_changes_its_mind_is_dialled_where_it_was_checked(
    make_client: MakeClient, serve: Serve
) -> None:
    async def speak(request: web.Request) -> web.Response:
        return web.Response(headers={"Connection": "close"})

    port = (await serve(speak)).rpartition(":")[2]
    names = Names({"rebinding.example": [["127.0.0.1"], ["10.0.0.1"]]})
    async with make_client(resolver=names) as client:
        assert (await client.get(f"http://rebinding.example:{port}/")).status == 200
        assert names.asked == 1
        # Within the ten seconds that aiohttp remembers an answer, it is the answer that was checked.
        assert (await client.get(f"http://rebinding.example:{port}/")).status == 200
        with pytest.raises(Refused):
            await client.get(f"http://rebinding.example:{int(port) + 1}/")


async def test_a_name_that_nobody_knows_is_unreachable(make_client: MakeClient) -> None:
    async with make_client(resolver=Names({})) as client:
        with pytest.raises(Unreachable):
            await client.get("http://unknown.example/")


async def test_plain_http_is_refused_unless_it_is_allowed(make_client: MakeClient, signer: Signer) -> None:
    async with make_client(allow_http=False) as strict:
        with pytest.raises(Refused, match="not https"):
            await strict.get("http://127.0.0.1/")
        with pytest.raises(Refused, match="not https"):
            await strict.post("http://127.0.0.1/", b"{}", signer=signer)
