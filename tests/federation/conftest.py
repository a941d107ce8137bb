"""Other servers, as small as they can be: on a real socket of the loopback, doing what a test makes them do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from blockbuster import blockbuster_ctx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import keys
from federation.client import Client, Signer
from federation.courtesy import Courtesy

LOOPBACK = "127.0.0.0/8"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RawHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(autouse=True)
def nothing_blocks_the_loop() -> Iterator[None]:
    with blockbuster_ctx():
        yield


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def rsa_key() -> RSAPrivateKey:
    return keys.make_rsa()


@pytest.fixture(scope="session")
def other_rsa_key() -> RSAPrivateKey:
    return keys.make_rsa()


@pytest.fixture(scope="session")
def ed25519_key() -> Ed25519PrivateKey:
    return keys.make_ed25519()


@pytest.fixture
def signer(rsa_key: RSAPrivateKey) -> Signer:
    return Signer("https://ours.example/actor#main-key", rsa_key)


@pytest.fixture
def make_client(now: datetime) -> Callable[..., Client]:
    def make(**settings: Any) -> Client:
        defaults: dict[str, Any] = {
            "user_agent": "Commonwire/0 (+https://ours.example)",
            "clock": lambda: now,
            "allow_networks": [LOOPBACK],
            "allow_http": True,
            "timeout": timedelta(seconds=60),
            "courtesy": Courtesy(per_minute=6000),
        }
        return Client(**(defaults | settings))

    return make


@pytest.fixture
async def client(make_client: Callable[..., Client]) -> AsyncIterator[Client]:
    """A client that may talk to the loopback, over plain http."""
    async with make_client() as started:
        yield started


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """`await serve(handler)` answers every request with `handler`, and gives the origin: http://127.0.0.1:port."""
    runners = []

    async def start(handler: Handler) -> str:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        runners.append(runner)
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def serve_raw() -> AsyncIterator[Callable[[RawHandler], Awaitable[str]]]:
    """Like `serve`, but the handler has the bare connection: reader and writer."""
    servers = []

    async def start(handler: RawHandler) -> str:
        async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await handler(reader, writer)
            except (ConnectionError, asyncio.CancelledError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(quietly, "127.0.0.1", 0)
        servers.append(server)
        host, port = server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    yield start
    for server in servers:
        server.close()
