from __future__ import annotations

import socket

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from federation.addresses import AddressGuard, GuardedResolver, NotAdmitted


@pytest.mark.parametrize(
    "address",
    ["93.184.215.14", "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:1.1.1.1", "64:ff9b::101:101"],
)
def test_public_addresses_may_be_dialled(address: str) -> None:
    assert AddressGuard().admits(address)


INTERNAL = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "100.64.0.1", "100.127.255.255", "169.254.169.254", "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.88.99.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::7f00:1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:100.64.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
    "2001:10::1", "2002:7f00:1::", "2002:a00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd00::1", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INTERNAL)
def test_internal_addresses_may_not_be_dialled(address: str) -> None:
    guard = AddressGuard()
    assert not guard.admits(address)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(NotAdmitted):
        guard.socket((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 80)))


@pytest.mark.parametrize("text", ["", "localhost", "2130706433", "0x7f.1", "127.1", "017700000001", "1.1.1.1.1", "::g"])
def test_what_is_no_address_may_not_be_dialled(text: str) -> None:
    assert not AddressGuard().admits(text)


def test_a_network_that_is_named_may_be_dialled_and_no_other() -> None:
    guard = AddressGuard(["127.0.0.0/8", "fd00::/8"])
    assert guard.admits("127.0.0.1")
    assert guard.admits("::ffff:127.0.0.1")
    assert guard.admits("fd00::1")
    assert not guard.admits("10.0.0.1")
    assert not guard.admits("::1")


class Answers(AbstractResolver):
    """A name server that says what it is told to say, one answer after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self.answers.pop(0)
        ]

    async def close(self) -> None: ...


async def test_a_name_with_one_internal_address_is_refused_whole() -> None:
    mixed = GuardedResolver(AddressGuard(), Answers(["1.1.1.1", "127.0.0.1"], ["1.1.1.1", "::1"], ["1.1.1.1"]))
    for _ in range(2):
        with pytest.raises(NotAdmitted):
            await mixed.resolve("mixed.example", 443)
    assert [found["host"] for found in await mixed.resolve("mixed.example", 443)] == ["1.1.1.1"]


async def test_a_name_that_the_system_cannot_even_ask_for_is_an_error() -> None:
    resolver = GuardedResolver(AddressGuard(), aiohttp.ThreadedResolver())
    with pytest.raises(OSError, match="is no name"):
        await resolver.resolve("a" * 64 + ".example")


async def test_a_name_without_an_address_is_an_error() -> None:
    with pytest.raises(OSError, match="no address"):
        await GuardedResolver(AddressGuard(), Answers([])).resolve("empty.example")
