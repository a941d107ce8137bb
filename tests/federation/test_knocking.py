"""Double-knock with servers that take one signature scheme only, on real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation.client import Budget, Client
from federation.errors import Gone, Refused, Unreachable
from federation.knocking import REMEMBER, Declined, Knocker, Scheme, Signer
from federation.signatures import Request
from federation.verification import ActorKey, verify

Serve = Callable[[Any], Awaitable[str]]
CAVAGE, RFC9421 = Scheme.CAVAGE, Scheme.RFC9421
BODY = b'{"type":"Follow"}'


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
async def client(make_client: Callable[..., Client], clock: Clock) -> AsyncIterator[Client]:
    async with make_client(clock=clock) as started:
        yield started


class Peer:
    """Answers what its table says to each scheme, and counts the knocks. What it accepts, it verifies first."""

    def __init__(self, key: RSAPrivateKey, clock: Clock) -> None:
        self.public_key = key.public_key()
        self.clock = clock
        self.origin = ""
        self.answers = {CAVAGE: 200, RFC9421: 200}
        self._knocks: list[Scheme] = []

    async def key(self, key_id: str, *, fresh: bool = False) -> ActorKey:
        return ActorKey(key_id, "https://ours.example/actor", self.public_key)

    async def serve(self, request: web.Request) -> web.Response:
        scheme = RFC9421 if "Signature-Input" in request.headers else CAVAGE
        self._knocks.append(scheme)
        status = self.answers[scheme]
        if status < 400:
            headers = {name.lower(): ", ".join(request.headers.getall(name)) for name in request.headers}
            received = Request(request.method, request.raw_path, headers, await request.read())
            await verify(received, own_origin=self.origin, keys=self, now=self.clock())
            assert request.method == "GET" or received.body == BODY
        return web.Response(status=status, headers={"Location": "/moved"} if status == 307 else {})

    def knocks(self) -> list[Scheme]:
        """Those since the last time it was asked."""
        heard, self._knocks = self._knocks, []
        return heard


@pytest.fixture
async def peer(serve: Serve, rsa_key: RSAPrivateKey, clock: Clock) -> Peer:
    made = Peer(rsa_key, clock)
    made.origin = await serve(made.serve)
    return made


async def send(method: str, client: Client, peer: Peer, signer: Signer) -> None:
    if method == "POST":
        await client.post(f"{peer.origin}/inbox?a=b%20c", BODY, signer=signer)
    else:
        await client.get(f"{peer.origin}/notes/1?a=b%20c", signer=signer)


METHODS = pytest.mark.parametrize("method", ["GET", "POST"])


@METHODS
async def test_draft_cavage_comes_first_and_is_enough_for_most(
    method: str, client: Client, peer: Peer, signer: Signer
) -> None:
    peer.answers[RFC9421] = 401
    for _ in range(2):
        await send(method, client, peer, signer)
    assert peer.knocks() == [CAVAGE, CAVAGE]


@METHODS
@pytest.mark.parametrize("refusal", [401, 400, 403])
async def test_who_takes_only_the_standard_is_asked_twice_once(
    method: str, refusal: int, client: Client, peer: Peer, signer: Signer
) -> None:
    peer.answers[CAVAGE] = refusal
    for _ in range(3):
        await send(method, client, peer, signer)
    assert peer.knocks() == [CAVAGE, RFC9421, RFC9421, RFC9421]


async def test_what_was_learnt_from_a_fetch_serves_a_delivery(client: Client, peer: Peer, signer: Signer) -> None:
    peer.answers[CAVAGE] = 401
    await send("GET", client, peer, signer)
    await send("POST", client, peer, signer)
    assert peer.knocks() == [CAVAGE, RFC9421, RFC9421]


async def test_it_is_remembered_for_each_host_apart(
    client: Client, serve: Serve, peer: Peer, rsa_key: RSAPrivateKey, clock: Clock, signer: Signer
) -> None:
    peer.answers[CAVAGE] = 401
    other = Peer(rsa_key, clock)
    other.origin = await serve(other.serve)
    await send("POST", client, peer, signer)
    await send("POST", client, other, signer)
    assert other.knocks() == [CAVAGE]


@pytest.mark.parametrize("refusal", [401, 400, 403])
async def test_who_refuses_what_it_took_before_is_tried_with_the_other(
    refusal: int, client: Client, peer: Peer, signer: Signer
) -> None:
    peer.answers = {CAVAGE: 401, RFC9421: 200}
    await send("POST", client, peer, signer)
    peer.answers = {CAVAGE: 200, RFC9421: refusal}
    peer.knocks()
    for _ in range(2):
        await send("POST", client, peer, signer)
    assert peer.knocks() == [RFC9421, CAVAGE, CAVAGE]
    peer.answers = {CAVAGE: 401, RFC9421: 200}
    await send("POST", client, peer, signer)
    assert peer.knocks() == [CAVAGE, RFC9421]


async def test_what_is_remembered_is_forgotten_after_a_while(
    client: Client, peer: Peer, clock: Clock, signer: Signer
) -> None:
    peer.answers[CAVAGE] = 401
    await send("POST", client, peer, signer)
    clock.now += REMEMBER - timedelta(seconds=1)
    await send("POST", client, peer, signer)
    clock.now += REMEMBER
    await send("POST", client, peer, signer)
    assert peer.knocks() == [CAVAGE, RFC9421, RFC9421, CAVAGE, RFC9421]


@METHODS
@pytest.mark.parametrize("refusal", [400, 403])
async def test_a_host_that_took_our_signature_is_believed_when_it_refuses(
    method: str, refusal: int, client: Client, peer: Peer, signer: Signer
) -> None:
    """400 and 403 are about what we sent then (or that we are blocked), not about how it was signed."""
    await send(method, client, peer, signer)
    peer.answers[CAVAGE] = refusal
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            await send(method, client, peer, signer)
        assert caught.value.status == refusal
    assert peer.knocks() == [CAVAGE, CAVAGE, CAVAGE]


@pytest.mark.parametrize("refusal", [400, 403])
async def test_a_host_that_refuses_both_is_asked_twice_once_in_a_while(
    refusal: int, client: Client, peer: Peer, clock: Clock, signer: Signer
) -> None:
    peer.answers = {CAVAGE: refusal, RFC9421: 401}
    for _ in range(3):
        with pytest.raises(Refused) as caught:
            await send("POST", client, peer, signer)
        assert caught.value.status == refusal
    assert peer.knocks() == [CAVAGE, RFC9421, CAVAGE, CAVAGE]
    clock.now += REMEMBER
    with pytest.raises(Refused):
        await send("POST", client, peer, signer)
    assert peer.knocks() == [CAVAGE, RFC9421]


async def test_401_is_worth_a_second_knock_every_time(client: Client, peer: Peer, signer: Signer) -> None:
    """It may be that our key could not be fetched just then: nothing is learnt from two refusals."""
    peer.answers = {CAVAGE: 401, RFC9421: 401}
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            await send("POST", client, peer, signer)
        assert caught.value.status == 401
    peer.answers = {CAVAGE: 403, RFC9421: 200}
    await send("POST", client, peer, signer)
    assert peer.knocks() == [CAVAGE, RFC9421] * 3


@METHODS
@pytest.mark.parametrize(
    ("status", "error"),
    [(404, Gone), (405, Refused), (410, Gone), (418, Refused), (429, Unreachable), (500, Unreachable)],
)
async def test_no_other_answer_is_about_the_signature(
    method: str, status: int, error: type[Exception], client: Client, peer: Peer, signer: Signer
) -> None:
    peer.answers[CAVAGE] = status
    with pytest.raises(error):
        await send(method, client, peer, signer)
    assert peer.knocks() == [CAVAGE]


@pytest.mark.parametrize(("status", "error"), [(410, Gone), (503, Unreachable), (429, Unreachable), (413, Refused)])
async def test_the_second_answer_counts_unless_it_refuses_the_signature_too(
    status: int, error: type[Exception], client: Client, peer: Peer, signer: Signer
) -> None:
    peer.answers = {CAVAGE: 401, RFC9421: status}
    with pytest.raises(error) as caught:
        await send("POST", client, peer, signer)
    assert str(status) in str(caught.value)


async def test_what_we_refuse_ourselves_is_not_asked_for_twice(client: Client, serve: Serve, signer: Signer) -> None:
    asked = []

    async def endless(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=b"x" * 1000)

    with pytest.raises(Refused, match="longer"):
        await client.get(await serve(endless), signer=signer, limit_bytes=10)
    assert asked == ["/"]


async def test_an_unsigned_fetch_knocks_once(client: Client, peer: Peer) -> None:
    peer.answers[CAVAGE] = 401
    with pytest.raises(Refused):
        await client.get(peer.origin)
    assert peer.knocks() == [CAVAGE]


async def test_both_knocks_come_out_of_the_budget(client: Client, peer: Peer, signer: Signer) -> None:
    peer.answers[CAVAGE] = 401
    with pytest.raises(Refused, match="used up"):
        await client.get(peer.origin, signer=signer, budget=Budget(requests=1, bytes=1000))
    assert peer.knocks() == [CAVAGE]
    await client.get(peer.origin, signer=signer, budget=Budget(requests=2, bytes=1000))


async def test_redirects_are_followed_and_counted_as_before(client: Client, peer: Peer, signer: Signer) -> None:
    peer.answers = {CAVAGE: 401, RFC9421: 307}
    with pytest.raises(Refused, match="more than 3 times"):
        await send("POST", client, peer, signer)
    assert peer.knocks() == [CAVAGE, *[RFC9421] * 4]


async def test_the_memory_is_bounded_and_keeps_the_latest(clock: Clock, signer: Signer) -> None:
    knocker = Knocker(clock, capacity=2)
    knocks: list[tuple[str, Scheme]] = []

    async def knock(host: str) -> None:
        async def standard_only(headers: dict[str, str]) -> None:
            scheme = RFC9421 if "Signature-Input" in headers else CAVAGE
            knocks.append((host, scheme))
            if scheme is CAVAGE:
                raise Declined("no", status=401)

        await knocker.knock("GET", f"https://{host}/", signer, standard_only)

    for host in ("a.example", "b.example", "a.example", "c.example", "a.example", "b.example"):
        await knock(host)
    twice = [host for host, scheme in knocks if scheme is CAVAGE]
    assert twice == ["a.example", "b.example", "c.example", "b.example"]
