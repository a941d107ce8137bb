"""The one door to other servers.

Every request of federation goes through `Client`, so that its promises hold everywhere: only addresses that the guard
admits, only https unless the node says otherwise, at most three redirects and each of them judged like a first request,
a limit on bytes before and after unpacking, a limit on time for the whole exchange, no cookies, no proxies and no
credentials from the environment, a name that says who we are, a signature of the kind that the other server takes (see
federation.knocking), and no more fetches of one host than is polite (federation.courtesy). What fails is Refused, Gone,
Unwelcome or Unreachable (or Malformed, if the answer cannot be read), never an error of the library below.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import IO, Any, Self
from urllib.parse import urldefrag, urljoin

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from federation import refusals
from federation.addresses import AddressGuard, GuardedResolver, Network, is_address
from federation.answered import Answer, Fetched
from federation.courtesy import Budget, Courtesy, errand_ends
from federation.deadlines import within
from federation.errors import Gone, Malformed, Refused, Unreachable
from federation.inflating import ACCEPT_ENCODING, Inflater
from federation.knocking import Declined, Knocker, Signer
from federation.media_types import ACCEPT_ACTIVITY, ACTIVITY_JSON, is_activity
from federation.normaliser import Normaliser
from federation.origin import origin, same_origin
from federation.outcomes import names_may_change, outcomes
from federation.pouring import pour
from federation.purposes import Gate, Purpose
from federation.retrying import asked_for
from federation.signing_threads import SigningThreads
from schemas import reading

__all__ = ["REDIRECTS", "Answer", "Budget", "Client", "Fetched", "Gate", "Purpose", "Signer"]

REDIRECTS = 3
_GET_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_POST_REDIRECTS = frozenset({307, 308})
_LATER = frozenset({408, 425, 429})
_CHUNK_BYTES = 65536
Headers = Mapping[str, str]


class Client:
    """Signed and unsigned requests to other servers; `async with`, or start() and close().

    `allow_networks` may be dialled although they are not globally routable. `ca_file` adds certificate authorities to
    those of the system. `limit_bytes` is for one body, `timeout` for one exchange with all its redirects,
    `connect_timeout` for dialling one address. `resolver` (default: the system's) is asked for addresses, which are
    checked whatever it says. `courtesy` says how much one host is asked for. Before each request, also one that a
    redirect leads to, the `gate` is asked, if there is one: it raises Refused for an address that is left alone.
    """

    gate: Gate | None = None

    def __init__(
        self,
        *,
        user_agent: str,
        clock: Callable[[], datetime],
        allow_networks: Iterable[str | Network] = (),
        allow_http: bool = False,
        ca_file: str = "",
        limit_bytes: int = 1024 * 1024,
        timeout: timedelta = timedelta(seconds=10),
        connect_timeout: timedelta = timedelta(seconds=5),
        resolver: AbstractResolver | None = None,
        courtesy: Courtesy | None = None,
    ) -> None:
        self.allow_http = allow_http
        self._user_agent = user_agent
        self._clock = clock
        self._threads = SigningThreads()
        self._knocker = Knocker(clock, threads=self._threads)
        self._courtesy = courtesy or Courtesy()
        self._guard = AddressGuard(allow_networks)
        self._ca_file = ca_file
        self._limit_bytes = limit_bytes
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._inner_resolver = resolver
        self._resolver: GuardedResolver | None = None
        self.normaliser = Normaliser()
        self._open_session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        # Reading the system's certificates blocks for some milliseconds.
        context = await asyncio.to_thread(_tls, self._ca_file)
        self._resolver = GuardedResolver(self._guard, self._inner_resolver or aiohttp.DefaultResolver())
        connector = aiohttp.TCPConnector(
            ssl=context,
            resolver=self._resolver,
            socket_factory=self._guard.socket,
            limit=1000,  # whoever sends much counts for itself (node.worker)
            limit_per_host=10,
            keepalive_timeout=15,
        )
        self._open_session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": ACCEPT_ENCODING},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout.total_seconds()),
            auto_decompress=False,
            trust_env=False,
        )

    async def close(self) -> None:
        await self.normaliser.close()
        if self._open_session is not None and self._resolver is not None:
            self._threads.close()
            await self._open_session.close()
            await self._resolver.close()
            self._open_session = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def get(
        self,
        url: str,
        *,
        accept: str = ACCEPT_ACTIVITY,
        signer: Signer | None = None,
        limit_bytes: int | None = None,
        budget: Budget | None = None,
        purpose: Purpose = Purpose.PULL,
        into: IO[bytes] | None = None,
        patience: timedelta | None = None,
        etag: str = "",
    ) -> Fetched:
        """Fetch `url`, unless it is as it was when it had this `etag` (RFC 9110 section 13.1.2). A signed request
        follows redirects within its origin only, and may be made twice.

        What is long goes `into` a file, within a time of its own.

        Raises Gone for 404 and 410, Refused for every other refusal, an inadmissible address, too long a body or one
        redirect too many; Unreachable for 408, 425, 429, 5xx, silence and broken connections. With a `budget` it is
        part of an errand: it waits for its turn (which is not counted as time), and 403 and 429 raise Unwelcome.
        """
        seconds_left = (patience or self._timeout).total_seconds()
        wanted = {"Accept": accept} | ({"If-None-Match": etag} if etag else {})
        for _ in range(REDIRECTS + 1):
            await self._pass_gate(url, purpose)
            async with self._courtesy.turn(origin(url), errand=budget is not None, at_most=self._timeout):
                begun = asyncio.get_running_loop().time()
                async with self._deadline(url, max(seconds_left, 0.0)):
                    answer = await self._get_once(url, wanted, signer, limit_bytes or self._limit_bytes, budget, into)
                seconds_left -= asyncio.get_running_loop().time() - begun
            if isinstance(answer, Fetched):
                return answer
            url = _hop(url, answer, same_origin_only=signer is not None)
        raise Refused(f"{origin(url)} redirects more than {REDIRECTS} times")

    async def document(
        self,
        iri: str,
        *,
        signer: Signer | None = None,
        budget: Budget | None = None,
        limit_bytes: int | None = None,
        purpose: Purpose = Purpose.PULL,
    ) -> dict[str, Any]:
        """The ActivityStreams document that its own origin serves under `iri`, in short names (federation.normaliser).

        Its `id` is `iri`, or the address that `iri` redirects to (use the id of the document, not `iri`), and
        lies at the origin that served it. A document with another id of that origin is fetched once more by it;
        one with an id of another origin is Refused, and so is any other media type. FEP-fe34 "Authentication" 1.
        Raises what `get` raises, and Malformed.
        """
        fetched, document, named = await self._identified(iri, signer, budget, limit_bytes, purpose)
        if named in (iri, urldefrag(iri).url, fetched.url):
            return document
        _, again, renamed = await self._identified(named, signer, budget, limit_bytes, purpose)
        if renamed != named:
            raise Refused(f"{named} is served with the id {renamed}")
        return again

    async def post(self, inbox: str, body: bytes, *, signer: Signer, headers: Mapping[str, str] | None = None) -> None:
        """Deliver `body` (a serialised activity) to `inbox`, signed as of now, with `headers`; any 2xx is success.

        Raises what `get` raises, but Unreachable for a name that leads inward: one whose DNS is wrong for an hour must
        not lose what is on its way. Of redirects only 307 and 308 within the origin are followed.
        """
        url = inbox
        async with self._deadline(url, self._timeout.total_seconds()):
            for _ in range(REDIRECTS + 1):
                await self._pass_gate(url, Purpose.DELIVER)
                location = await self._post_once(url, body, signer, headers)
                if location is None:
                    return
                url = _hop(url, location, same_origin_only=True)
        raise Refused(f"{origin(url)} redirects more than {REDIRECTS} times")

    async def ask(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """One request, and its answer unjudged and without following it: for those who look after a server.

        Raises Refused for an inadmissible address or too long a body, Unreachable if nothing is answered, Malformed.
        """
        url = self._wire_url(url)
        async with self._deadline(url, self._timeout.total_seconds()):
            with outcomes(url):
                async with await self._open(method, url, dict(headers), body) as response:
                    return Answer(response.status, response.headers, await _read(response, self._limit_bytes, None))

    async def _pass_gate(self, url: str, purpose: Purpose) -> None:
        if self.gate is not None:
            await self.gate(url, purpose)

    async def _get_once(
        self, url: str, wanted: Headers, signer: Signer | None, limit_bytes: int, budget: Budget | None, into: Any
    ) -> Fetched | str:
        url = self._wire_url(url)
        asked = 0

        async def send(headers: dict[str, str]) -> Fetched | str:
            nonlocal asked
            if budget is not None:
                budget.spend_request()
            if (asked := asked + 1) > 1:
                self._courtesy.charge(origin(url))
            with outcomes(url):
                async with await self._open("GET", url, {**wanted, **headers}, None) as response:
                    if response.status in _GET_REDIRECTS:
                        return _location(response)
                    if response.status == 304 and "If-None-Match" in wanted:
                        return Fetched(url, response.status, "", b"")
                    self._judge(response, url)
                    if response.status != 200:
                        raise Refused(f"{origin(url)} answered {response.status}", status=response.status)
                    if into is None:
                        body = await _read(response, limit_bytes, budget)
                    else:
                        body = await pour(response, into, limit_bytes=limit_bytes)
                    tag = response.headers.get("ETag", "")
                    return Fetched(url, response.status, _content_type(response), body, tag)

        with errand_ends(budget):
            return await (send({}) if signer is None else self._knocker.knock("GET", url, signer, send))

    async def _post_once(self, url: str, body: bytes, signer: Signer, more: Mapping[str, str] | None) -> str | None:
        url = self._wire_url(url)

        async def send(headers: dict[str, str]) -> str | None:
            with outcomes(url), names_may_change(url):
                async with await self._open("POST", url, headers, body) as response:
                    if response.status in _POST_REDIRECTS:
                        return _location(response)
                    try:
                        self._judge(response, url)
                    except Refused as error:
                        error.words = await refusals.words_of(response)
                        raise
                    return None

        return await self._knocker.knock("POST", url, signer, send, body=body, content_type=ACTIVITY_JSON, more=more)

    async def _open(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> aiohttp.ClientResponse:
        session = self._open_session
        if session is None:
            raise RuntimeError("the client is not started")
        # `encoded`: what is signed is what is sent, byte for byte.
        where = URL(url, encoded=True)
        try:
            return await session.request(method, where, headers=headers, data=body, allow_redirects=False)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientConnectionResetError):
            # A kept connection that the other side had just closed. aiohttp repeats a GET by itself; our POSTs may be
            # repeated too, because a receiver knows an activity by its id.
            if method != "POST":
                raise
            return await session.request(method, where, headers=headers, data=body, allow_redirects=False)

    async def _identified(
        self, iri: str, signer: Signer | None, budget: Budget | None, limit_bytes: int | None, purpose: Purpose
    ) -> tuple[Fetched, dict[str, Any], str]:
        fetched = await self.get(iri, signer=signer, budget=budget, limit_bytes=limit_bytes, purpose=purpose)
        if not is_activity(fetched.content_type):
            raise Refused(f"{fetched.url} is not served as an ActivityStreams document")
        document = await self.normaliser.normal(reading.loads(fetched.body))
        named = document.get("id")
        if not isinstance(named, str):
            raise Malformed("id", "is missing")
        if not same_origin(named, fetched.url):
            raise Refused(f"{fetched.url} is served with an id of another origin")
        return fetched, document, named

    def check(self, url: str) -> None:
        """Raises Refused if `url` says by itself that no request can go there, Malformed if it is no address."""
        host = URL(self._wire_url(url), encoded=True).host or ""
        if is_address(host) and not self._guard.admits(host):
            raise Refused(f"{origin(url)} may not be contacted: {host} is not a public address")

    def _wire_url(self, iri: str) -> str:
        """`iri` as it is signed and sent: no fragment, percent-encoded if it is not ASCII. Malformed, Refused."""
        if not origin(iri).startswith("https://") and not self.allow_http:
            raise Refused(f"{origin(iri)} is not https")
        bare = urldefrag(iri).url
        try:
            return str(URL(bare, encoded=bare.isascii()))
        except ValueError as error:
            raise Malformed("iri", "is not an http(s) address") from error

    def _judge(self, response: aiohttp.ClientResponse, url: str) -> None:
        self.judge(response.status, response.headers, url)

    def judge(self, status: int, headers: Mapping[str, str], url: str) -> None:
        """Pass for 2xx; otherwise raise what the status means for us."""
        place = origin(url)
        if 200 <= status < 300:
            return
        if status in (404, 410):
            raise Gone(f"{place} says that {url[:200]} does not exist ({status})", status=status)
        if status >= 500 or status in _LATER:
            wait = asked_for(headers.get("Retry-After", ""), now=self._clock())
            raise Unreachable(f"{place} answered {status}", retry_after=wait, status=status)
        if status >= 400:
            raise Declined(f"{place} answered {status}", status=status)
        raise Refused(f"{place} answered {status}")

    @asynccontextmanager
    async def _deadline(self, url: str, seconds: float) -> AsyncIterator[None]:
        try:
            async with within(seconds):
                yield
        except TimeoutError as error:
            limit = self._timeout.total_seconds()
            raise Unreachable(f"{origin(url)} did not answer within {limit:g} seconds") from error


def _tls(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


def _location(response: aiohttp.ClientResponse) -> str:
    locations = response.headers.getall("Location", [])
    if len(locations) != 1:
        raise Refused(f"a redirect ({response.status}) without one place to go")
    return locations[0]


def _hop(url: str, location: str, *, same_origin_only: bool) -> str:
    """Where a redirect from `url` leads. Raises Refused if we do not go there, Malformed if there is no such place."""
    try:
        target = urljoin(url, location)
    except ValueError as error:
        raise Malformed("Location", "is not an address") from error
    if same_origin_only and not same_origin(url, target):
        raise Refused(f"{origin(url)} redirects a signed request to {origin(target)}")
    if origin(url).startswith("https://") and not origin(target).startswith("https://"):
        raise Refused(f"{origin(url)} redirects from https to http")
    return target


def _content_type(response: aiohttp.ClientResponse) -> str:
    types = set(response.headers.getall("Content-Type", []))
    if len(types) > 1:
        raise Refused("the answer has several content types")
    return types.pop() if types else ""


async def _read(response: aiohttp.ClientResponse, limit_bytes: int, budget: Budget | None) -> bytes:
    inflater = Inflater(",".join(response.headers.getall("Content-Encoding", [])), limit_bytes=limit_bytes)
    announced = response.content_length
    if announced is not None and announced > limit_bytes:
        raise Refused(f"the answer is longer than {limit_bytes} bytes")
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        if budget is not None:
            budget.spend_bytes(len(chunk))
        inflater.feed(chunk)
    return inflater.body()
