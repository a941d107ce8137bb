"""Which addresses may be dialled: only globally routable ones, and the networks the node names.

The guard sits at the two places that every connection passes: the resolver, which refuses a name if *any* of
its addresses is not admitted (a mixture is an attack, or a mistake that looks like one), and the factory of sockets,
which sees the very address that is about to be dialled, also where an IP literal skips the resolver.
A name is resolved once and what was checked is what is dialled, so an answer that changes in between
(DNS rebinding) changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

Network = IPv4Network | IPv6Network

# What `is_global` says yes to in one Python version or another and nobody should be sent to.
_NEVER_IPV4 = tuple(
    IPv4Network(network)
    for network in ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3")
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NEVER_IPV6 = tuple(IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_NAT64 = IPv6Network("64:ff9b::/96")


class NotAdmitted(OSError):
    """An address that the guard does not let anybody dial. An OSError, so that aiohttp carries it to the caller."""


class LeadsInward(NotAdmitted):
    """A name with such an address. Unlike an address it may have another one tomorrow."""


class AddressGuard:
    """Says which addresses may be dialled. `allow` names networks that may be although they are not global."""

    def __init__(self, allow: Iterable[str | Network] = ()) -> None:
        self._allow = tuple(ipaddress.ip_network(network) for network in allow)

    def admits(self, address: str) -> bool:
        """Whether `address` (an IP literal, with a zone or without) may be dialled; what is no address may not."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        if any(parsed in network for network in self._allow):
            return True
        return _is_public_ipv4(parsed) if isinstance(parsed, IPv4Address) else self._admits_ipv6(parsed)

    def _admits_ipv6(self, address: IPv6Address) -> bool:
        # A translator delivers to the IPv4 address inside.
        if address in _NAT64:
            return self.admits(str(IPv4Address(int(address) & 0xFFFF_FFFF)))
        return address in _GLOBAL_UNICAST and address.is_global and not any(address in net for net in _NEVER_IPV6)

    def socket(self, addr_info: tuple[Any, ...]) -> socket.socket:
        """The factory of sockets for aiohttp's connector. Raises NotAdmitted instead of dialling."""
        family, kind, protocol, _, address = addr_info
        if not self.admits(address[0]):
            raise NotAdmitted(f"{address[0]} is not a public address")
        return socket.socket(family=family, type=kind, proto=protocol)


def is_address(host: str) -> bool:
    """Whether a host is an address and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_public_ipv4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in _NEVER_IPV4)


class GuardedResolver(AbstractResolver):
    """Resolves through `inner`, and refuses a name if the guard does not admit every one of its addresses."""

    def __init__(self, guard: AddressGuard, inner: AbstractResolver) -> None:
        self._guard = guard
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of `host`. Raises LeadsInward, or OSError if it has none."""
        try:
            found = await self._inner.resolve(host, port, family)
        except UnicodeError as error:  # the system's resolver raises it for names that cannot be
            raise OSError(f"{host} is no name") from error
        if not found:
            raise OSError(f"{host} has no address")
        for result in found:
            if not self._guard.admits(result["host"]):
                raise LeadsInward(f"{host} is {result['host']}, which is not a public address")
        return found

    async def close(self) -> None:
        await self._inner.close()
