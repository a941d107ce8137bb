"""Documents for those alone who sign: ours, where it is set, and those of servers that demand it of us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from federation import verification
from federation.errors import Refused
from federation.keys import read_public
from federation.media_types import ACTIVITY_JSON
from federation.signatures import Request, cavage, rfc9421
from federation.verification import ActorKey
from node.peering import actions as peering
from node.peering.rules import Severity
from tests.conftest import follow_each
from tests.nodes.peer import Answer, Peer
from tests.nodes.served import ServedNode, eventually, free_port

pytestmark = pytest.mark.one_database  # settled by signatures, before anything is stored

SETTING = {"federation.authorized_fetch": True}


@pytest.fixture
async def strict(serve: Callable[..., Any]) -> ServedNode:
    """A node that gives its documents to those alone who sign."""
    one: ServedNode = await serve(0, settings=SETTING)
    return one


async def get(
    node: ServedNode, url: str, asker: Peer | None = None, *, sign: Any = cavage.sign, actor: str = "", **more: str
) -> tuple[int, dict[str, Any], Any]:
    """GET as a server does, signed if somebody asks: status, document, headers."""
    headers = {"Accept": ACTIVITY_JSON}
    if asker is not None:
        headers |= sign("GET", url, key_id=f"{actor}#main-key", key=asker.rsa, now=node.clock())
    async with node.http.get(url, headers=headers | more) as response:
        document = await response.json(content_type=None) if response.status != 304 else {}
        return response.status, document, response.headers


async def addresses(node: ServedNode) -> list[str]:
    """Of every kind of document a node has."""
    iri = await node.publish("Only for those who say who they are.")
    await node.quiet()
    collections = ("outbox", "outbox?page=true", "followers", "following", "featured")
    return [
        iri,
        *(f"{node.group}/{name}" for name in collections),
        *(f"{iri}/{name}" for name in ("replies", "likes", "shares")),
    ]


async def test_documents_go_to_whoever_signs_in_either_way(strict: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    for url in [*await addresses(strict), strict.group]:
        for sign in (cavage.sign, rfc9421.sign):
            status, document, headers = await get(strict, url, hostile_peer, sign=sign, actor=alice)
            assert (status, document.get("error")) == (200, None), url
            assert headers["Cache-Control"].startswith("private") and headers["Vary"] == "Accept, Signature"
    assert (await get(strict, strict.group, hostile_peer, actor=alice))[1]["name"] == "Transport Workers"


async def test_and_to_nobody_else(strict: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    for url in await addresses(strict):
        status, document, headers = await get(strict, url)
        assert status == 401 and "sign" in document["error"] and headers["Cache-Control"] == "no-store", url
        other = f"{alice}/other"
        assert (await get(strict, url, hostile_peer, actor=alice, Date="Mon, 01 Jan 2024 00:00:00 GMT"))[0] == 401
        assert (await get(strict, url, hostile_peer, actor=other))[0] == 401, "nobody has that key"
    signed_for_another = cavage.sign(
        "GET", strict.group, key_id=f"{alice}#main-key", key=hostile_peer.rsa, now=strict.clock()
    )
    assert (await get(strict, (await addresses(strict))[0], **signed_for_another))[0] == 401
    own = f"{strict.origin}/actor"
    assert (await get(strict, (await addresses(strict))[0], hostile_peer, actor=own))[0] == 401


async def test_a_copy_that_is_still_good_is_confirmed_to_nobody_else_either(
    strict: ServedNode, hostile_peer: Peer
) -> None:
    alice, iri = hostile_peer.actor("alice"), (await addresses(strict))[0]
    etag = (await get(strict, iri, hostile_peer, actor=alice))[2]["ETag"]
    assert (await get(strict, iri, hostile_peer, actor=alice, **{"If-None-Match": etag}))[0] == 304
    assert (await get(strict, iri, **{"If-None-Match": etag}))[0] == 401


async def test_what_is_needed_to_verify_us_and_to_write_to_us_is_for_all(strict: ServedNode) -> None:
    status, instance, _ = await get(strict, f"{strict.origin}/actor")
    assert status == 200 and instance["publicKey"]
    assert (await get(strict, f"{strict.origin}/actor/outbox"))[0] == 200
    status, group, headers = await get(strict, strict.group)
    assert status == 200 and headers["Vary"] == "Accept, Signature"
    assert group["publicKey"]["publicKeyPem"] and group["assertionMethod"] and group["inbox"] and group["proof"]
    assert not {"name", "summary", "followers", "tendency", "icon"} & set(group)
    for path in ("/.well-known/nodeinfo", "/nodeinfo/2.1", f"/.well-known/webfinger?resource=acct:{strict.handle[1:]}"):
        assert (await get(strict, strict.origin + path))[0] == 200


async def test_pages_stay_open(strict: ServedNode) -> None:
    iri = (await addresses(strict))[0]
    for url in (strict.group, iri, strict.origin):
        assert (await strict.page(url))[0] == 200


async def test_a_suspended_host_may_sign_as_it_likes(strict: ServedNode, hostile_peer: Peer) -> None:
    alice, urls = hostile_peer.actor("alice"), await addresses(strict)
    assert (await get(strict, urls[0], hostile_peer, actor=alice))[0] == 200
    member = await strict.steward()
    reason = {"actor": strict.group, "member": member}
    await strict.write(peering.set_policy, hostile_peer.host, Severity.REJECT, "spam", **reason)
    for url in [*urls, strict.group]:
        assert (await get(strict, url, hostile_peer, actor=alice))[0] == 403


async def test_without_the_setting_nothing_is_asked(node: ServedNode, hostile_peer: Peer) -> None:
    for url in [*await addresses(node), node.group]:
        status, document, headers = await get(node, url)
        assert status == 200 and "error" not in document and headers["Cache-Control"].startswith("public")
    asked = hostile_peer.fetches
    nobody = f"{hostile_peer.origin}/users/nobody"
    assert (await get(node, node.group, hostile_peer, actor=nobody))[0] == 200
    assert hostile_peer.fetches == asked, "a signature that nobody needs makes us fetch nothing"


async def test_bad_signatures_of_readers_cause_a_handful_of_fetches(strict: ServedNode, hostile_peer: Peer) -> None:
    iri = (await addresses(strict))[0]
    strict.clock.stop()  # one more is asked for every ten seconds
    for number in range(60):
        nobody = f"{hostile_peer.origin}/users/nobody{number}"
        assert (await get(strict, iri, hostile_peer, actor=nobody))[0] in (401, 429)
    assert hostile_peer.fetches < 12


async def test_two_nodes_that_both_demand_it_follow_and_hear_each_other(serve: Callable[..., Any]) -> None:
    first, second = await serve(0, settings=SETTING), await serve(1, settings=SETTING)
    await follow_each(second, first)
    await follow_each(first, second)
    iri = await first.publish("We both ask who is there.")

    async def heard() -> bool:
        return bool(await second.holds(iri))

    await eventually(heard)
    answer = await second.publish("And we know each other.", reply_to=iri)

    async def answered() -> bool:
        return bool(await first.holds(answer))

    await eventually(answered)
    assert (await get(first, iri))[0] == 401


# ---- servers that demand it of us


class Demanding:
    """A server that gives its documents to those alone who sign in one way, and verifies it as we would."""

    def __init__(self, inner: Peer, scheme: str) -> None:
        self.inner, self.scheme = inner, scheme
        self.askers: list[str] = []

    async def key(self, key_id: str, *, fresh: bool = False) -> ActorKey:
        async with aiohttp.ClientSession() as http, http.get(key_id, headers={"Accept": ACTIVITY_JSON}) as response:
            actor = await response.json(content_type=None)
        return ActorKey(key_id, actor["id"], read_public(actor["publicKey"]["publicKeyPem"]))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET" and not request.path.startswith("/.well-known"):
            used = "rfc9421" if "Signature-Input" in request.headers else "cavage"
            headers = {name.lower(): value for name, value in request.headers.items()}
            signed = Request("GET", request.raw_path, headers, b"")
            try:
                if used != self.scheme:
                    raise Refused("sign it the other way", status=401)
                here, now = self.inner.origin, datetime.now(UTC)
                verified = await verification.verify(signed, own_origin=here, keys=self, now=now)
            except Refused:
                return web.Response(status=401)
            self.askers.append(verified.actor)
        return await self.inner._answer(request)


@pytest.mark.parametrize("scheme", ["cavage", "rfc9421"])
@pytest.mark.parametrize("ours", [{}, SETTING])
async def test_a_server_that_demands_signatures_gets_them(
    serve: Callable[..., Any], key_sets: Any, hostile_peer: Peer, scheme: str, ours: dict[str, Any]
) -> None:
    """Whatever we demand ourselves: it can read who we are without a signature of its own."""
    node: ServedNode = await serve(0, settings=ours)
    port = free_port()
    hostile_peer.origin = f"http://127.0.0.1:{port}"
    demanding = Demanding(hostile_peer, scheme)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", demanding.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        alice = hostile_peer.actor("alice")
        await node.follow(alice)
        note = hostile_peer.note(alice, "<p>fetched</p>")
        hostile_peer.served[note["id"].removeprefix(hostile_peer.origin)] = Answer(note)
        assert (
            await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", alice, note["id"])) == 202
        )
        await node.quiet()
        assert await node.holds(note["id"])
        assert set(demanding.askers) == {f"{node.origin}/actor"}
    finally:
        await runner.cleanup()
