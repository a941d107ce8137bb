"""Fixtures for talking with Fedify: `fedify`, `older_fedify` and `strict_fedify` by how they sign; `alice` is there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.interop import fedify_peer
from tests.interop.fedify_peer import SERVERS, Addresses, Fedify, Person
from tests.nodes.served import ServedNode


@pytest.fixture(scope="session")
def fedify_addresses(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """A process with Fedify servers, for all tests; each test has its own actors there."""
    scratch = tmp_path_factory.mktemp("fedify")
    kept = getattr(request.config, "cache", None)  # pytest can be told to keep nothing
    with fedify_peer.running(kept.mkdir("fedify") if kept else scratch, scratch / "log") as addresses:
        yield addresses


@pytest.fixture(scope="session")
def npm_cache(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where packages of npm are kept from one run to the next."""
    kept = getattr(request.config, "cache", None)
    return kept.mkdir("clients") if kept else tmp_path_factory.mktemp("clients")


@pytest.fixture
async def fedify_servers(fedify_addresses: Addresses) -> AsyncIterator[dict[str, Fedify]]:
    """The servers, by how they sign and what they ask for."""
    async with aiohttp.ClientSession() as http:
        yield {
            name: Fedify(number, origin, fedify_addresses.door, http)
            for number, (name, origin) in enumerate(zip(SERVERS, fedify_addresses.servers, strict=True))
        }


@pytest.fixture
def fedify(fedify_servers: dict[str, Fedify]) -> Fedify:
    """A server that signs as Fedify does by itself: RFC 9421, and draft-cavage where that is refused."""
    return fedify_servers["rfc9421"]


@pytest.fixture
def older_fedify(fedify_servers: dict[str, Fedify]) -> Fedify:
    """A server that tries draft-cavage first."""
    return fedify_servers["draft-cavage-http-signatures-12"]


@pytest.fixture
def strict_fedify(fedify_servers: dict[str, Fedify]) -> Fedify:
    """A server that refuses every delivery that is not signed by RFC 9421."""
    return fedify_servers["rfc9421 alone"]


@pytest.fixture(params=SERVERS[2:])
def narrow_fedify(request: pytest.FixtureRequest, fedify_servers: dict[str, Fedify]) -> Fedify:
    """The servers that sign in one way and refuse the other, in turn."""
    return fedify_servers[request.param]


@pytest.fixture(params=SERVERS[:2])
def any_fedify(request: pytest.FixtureRequest, fedify_servers: dict[str, Fedify]) -> Fedify:
    """The servers that sign in one way and in the other, in turn."""
    return fedify_servers[request.param]


@pytest.fixture
async def alice(fedify: Fedify) -> Person:
    """Somebody on the Fedify server."""
    return await fedify.actor("alice")


@pytest.fixture
async def heard(node: ServedNode, alice: Person) -> Person:
    """Somebody on the Fedify server whom our group follows, and who has accepted that."""
    await fedify_peer.hear(node, alice)
    return alice


@pytest.fixture
async def follower(node: ServedNode, alice: Person) -> Person:
    """Somebody on the Fedify server who follows our group, and knows that it was accepted."""
    await fedify_peer.be_followed(node, alice)
    return alice
