"""Which signature to knock with: draft-cavage first, RFC 9421 where that is refused ("double-knock").

Nearly everybody takes draft-cavage and many take nothing else, so it comes first, as in Mastodon 4.7. Whoever refuses
it is asked once more with RFC 9421, and what was accepted is remembered for that host, for a while: the next request
begins with it, and if that is refused one day, the other is tried again.

What counts as refusing the signature: 401 always says so. 400 and 403 can mean anything (NodeBB answers 400 to a bad
signature, others 403 to whoever they have blocked), so they are taken for it only as long as nothing is known of
the host: one that took draft-cavage lately, or refused both, is believed and not asked twice. Bodies are not
read for hints. No other answer leads to a second knock: a 5xx is no opinion on a signature.

If both are refused, the first refusal is the one that is told; any other second answer counts as the answer.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import TypeVar

from federation.errors import Refused
from federation.keys import PrivateKey
from federation.origin import origin
from federation.signatures import cavage, rfc9421
from federation.signing_threads import SigningThreads

REMEMBER = timedelta(days=1)
REMEMBERED = 5_000

_UNAUTHORISED = 401
_PERHAPS = frozenset({400, 403})

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs a request: the IRI of the public key and its private half."""

    key_id: str
    key: PrivateKey


class Declined(Refused):
    """The other server answered with a refusal (4xx other than 404 and 410); `status` is its own.

    Not for what we refuse ourselves, an address or a length: no signature helps there.
    """


class Scheme(Enum):
    """How a request is signed."""

    CAVAGE = "draft-cavage-http-signatures-12"
    RFC9421 = "RFC 9421"


_OTHER = {Scheme.CAVAGE: Scheme.RFC9421, Scheme.RFC9421: Scheme.CAVAGE}
_SIGN = {Scheme.CAVAGE: cavage.sign, Scheme.RFC9421: rfc9421.sign}


class Knocker:
    """Signs requests so that the other host takes them, and remembers how. Hosts are origins; at most `capacity`."""

    def __init__(
        self, clock: Callable[[], datetime], *, capacity: int = REMEMBERED, threads: SigningThreads | None = None
    ) -> None:
        self._clock = clock
        self._capacity = capacity
        self._threads = threads
        self._took: OrderedDict[str, tuple[Scheme, datetime]] = OrderedDict()

    async def knock(
        self,
        method: str,
        url: str,
        signer: Signer,
        send: Callable[[dict[str, str]], Awaitable[Answer]],
        *,
        body: bytes | None = None,
        content_type: str | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        """`send` this request with the headers that sign it, twice if its signature was refused; what was answered.

        Raises what `send` raises; that is Declined where the other server refused.
        """

        async def attempt(scheme: Scheme) -> Answer:
            sign = partial(
                _SIGN[scheme],
                method,
                url,
                key_id=signer.key_id,
                key=signer.key,
                now=self._clock(),
                body=body,
                content_type=content_type,
                more=more,
            )
            headers = sign() if self._threads is None else await self._threads.headers(sign)
            answer = await send(headers)
            self._remember(host, scheme)
            return answer

        host = origin(url)
        known = self._known(host)
        try:
            return await attempt(known or Scheme.CAVAGE)
        except Declined as refusal:
            if not _is_about_the_signature(refusal.status, known):
                raise
            first = refusal
        try:
            return await attempt(_OTHER[known or Scheme.CAVAGE])
        except Declined as second:
            if second.status != _UNAUTHORISED and second.status not in _PERHAPS:
                raise
        if first.status in _PERHAPS:
            self._remember(host, Scheme.CAVAGE)
        raise first

    def _known(self, host: str) -> Scheme | None:
        scheme, since = self._took.get(host, (None, None))
        return scheme if since is not None and self._clock() - since < REMEMBER else None

    def _remember(self, host: str, scheme: Scheme) -> None:
        self._took[host] = (scheme, self._clock())
        self._took.move_to_end(host)
        while len(self._took) > self._capacity:
            self._took.popitem(last=False)


def _is_about_the_signature(status: int, known: Scheme | None) -> bool:
    return status == _UNAUTHORISED or (status in _PERHAPS and known is not Scheme.CAVAGE)
