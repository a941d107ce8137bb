"""What other servers read here: negotiation, caching, actors, objects, activities, outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from federation import keys
from federation.media_types import ACTIVITY_JSON
from federation.signatures import cavage, proofs
from node import objects
from node.context import Transaction
from schemas.reading import loads
from tests.nodes.peer import PUBLIC, Peer
from tests.nodes.served import ServedNode

AS_PROFILE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'

WANTS_JSON = [
    ACTIVITY_JSON,
    AS_PROFILE,
    "application/activity+json, application/ld+json",  # Mastodon
    f"{AS_PROFILE}, {ACTIVITY_JSON}",  # GoToSocial
    f"{ACTIVITY_JSON}; q=0.9, text/html; q=0.1",
    f"text/html; q=0.1, {ACTIVITY_JSON}; q=0.9",
    "Application/Activity+JSON",
    "application/json",
    f"{ACTIVITY_JSON}, */*; q=0.1",
]
WANTS_HTML = [
    None,
    "",
    "*/*",
    "text/html",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",  # Firefox
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",  # Safari
    f"text/html, {ACTIVITY_JSON}; q=0.5",
    f"{ACTIVITY_JSON}; q=0, text/html",
    f"{ACTIVITY_JSON}; q=rubbish, text/html",
    "image/png",
    ",,;;q=,",
]


@dataclass(frozen=True)
class Answered:
    """What the node answered, read to the end."""

    status: int
    content_type: str
    headers: Mapping[str, str]
    body: bytes


async def get(node: ServedNode, path: str, accept: str | None = ACTIVITY_JSON, **more: Any) -> Answered:
    """GET without following redirects."""
    url = path if "://" in path else node.origin + path
    headers = {"Accept": accept} if accept is not None else {}
    headers |= more.pop("headers", {})
    method = more.pop("method", "GET")
    skip = ["Accept"] if accept is None else []
    async with node.http.request(
        method, url, headers=headers, allow_redirects=False, skip_auto_headers=skip, **more
    ) as response:
        return Answered(response.status, response.content_type, response.headers, await response.read())


async def document(node: ServedNode, path: str) -> dict[str, Any]:
    response = await get(node, path)
    assert response.status == 200, (path, response.status)
    assert response.content_type == ACTIVITY_JSON
    return loads(response.body)


@pytest.mark.one_database
async def test_one_address_answers_servers_and_people(node: ServedNode) -> None:
    ours = await node.publish("The **depot** is closed.", title="No trams")
    for address in (ours, node.group):
        for accept in WANTS_JSON:
            response = await get(node, address, accept)
            assert (response.status, response.content_type) == (200, ACTIVITY_JSON), accept
            assert response.headers["Vary"] == "Accept"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        for accept in WANTS_HTML:
            response = await get(node, address, accept)
            assert (response.status, response.content_type) == (200, "text/html"), accept
            assert response.headers["Vary"] == "Accept, Accept-Language"


@pytest.mark.one_database
async def test_a_document_is_asked_for_again_cheaply(node: ServedNode) -> None:
    ours = await node.publish("x " * 2000)
    for address in (ours, node.group, f"{node.origin}/actor", f"{node.group}/outbox?page=true"):
        first = await get(node, address)
        etag = first.headers["ETag"]
        for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            again = await get(node, address, headers={"If-None-Match": condition})
            assert (again.status, again.body) == (304, b""), condition
            assert again.headers["ETag"] == etag
        for condition in ('"other"', "rubbish", '"', ",,,", "\xff"):
            assert (await get(node, address, headers={"If-None-Match": condition})).status == 200, condition


@pytest.mark.one_database
async def test_head_says_what_get_would(node: ServedNode) -> None:
    ours = await node.publish()
    for address in (ours, node.group, f"{node.origin}/actor", f"{node.group}/outbox", f"{node.origin}/nodeinfo/2.1"):
        head, whole = await get(node, address, method="HEAD"), await get(node, address)
        assert (head.status, head.body) == (200, b"")
        for name in ("ETag", "Content-Type", "Vary"):
            assert head.headers[name] == whole.headers[name]
    assert (await get(node, "/statements/0000000000000", method="HEAD")).status == 404


@pytest.mark.one_database
async def test_a_group_s_document_has_what_other_servers_demand(node: ServedNode) -> None:
    found = await document(node, node.group)
    assert found["id"] == node.group and found["type"] == "Organization"
    assert {"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"} <= {
        one for one in found["@context"] if isinstance(one, str)
    }
    assert found["preferredUsername"] == "union"
    assert found["webfinger"] == node.handle.removeprefix("@")
    for name in ("inbox", "outbox", "followers", "following", "featured"):
        assert found[name] == f"{node.group}/{name}"
    assert found["endpoints"] == {"sharedInbox": f"{node.origin}/inbox"}
    assert found["url"] == node.group
    assert found["publicKey"]["id"] == f"{node.group}#main-key"
    assert found["publicKey"]["owner"] == node.group
    assert keys.read_public(found["publicKey"]["publicKeyPem"]).key_size == 2048  # type: ignore[union-attr]
    method = found["assertionMethod"][0]
    assert (method["id"], method["type"], method["controller"]) == (f"{node.group}#ed25519-key", "Multikey", node.group)
    proofs.check(found, keys.from_multibase(method["publicKeyMultibase"]), now=datetime.now(UTC))
    assert found["proof"]["@context"] == found["@context"]
    assert "did" not in found["proof"]["verificationMethod"]
    assert (await document(node, node.group)) == found


@pytest.mark.one_database
async def test_the_instance_actor_is_readable_by_everybody(node: ServedNode) -> None:
    found = await document(node, "/actor")
    assert found["type"] == "Application"
    assert found["publicKey"]["owner"] == f"{node.origin}/actor"
    proofs.check(found, keys.from_multibase(found["assertionMethod"][0]["publicKeyMultibase"]))
    assert (await document(node, found["outbox"]))["totalItems"] == 0
    hrefs = [one["href"] for one in found["implements"]]
    assert "urn:uuid:e6d8b737-8e85-4ab6-82de-c21e7ae3160c#" in hrefs


@pytest.mark.one_database
async def test_a_signed_get_is_answered_like_an_unsigned_one(node: ServedNode, hostile_peer: Peer) -> None:
    """All servers fetch signed; what they fetch here is public, so that nothing can fail."""
    actor = hostile_peer.actor()
    for headers in (
        cavage.sign("GET", node.group, key_id=f"{actor}#main-key", key=hostile_peer.rsa, now=datetime.now(UTC)),
        {"Signature-Input": 'sig1=("@method");keyid="x"', "Signature": "sig1=:AAAA:"},
        {"Signature": "rubbish"},
    ):
        assert (await get(node, node.group, headers=headers)).status == 200
    assert hostile_peer.fetches == 0


async def test_a_statement_is_what_was_delivered_and_verifies_alone(node: ServedNode, hostile_peer: Peer) -> None:
    alice = hostile_peer.actor("alice")
    await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Follow", alice, node.group))
    await node.quiet()
    ours = await node.publish("We are **on strike** #strike", title="No trams", language="en")
    await node.quiet()
    create = hostile_peer.sent_to("Create")[0]
    served = await document(node, ours)
    assert create["object"] == served
    group = await document(node, node.group)
    key = keys.from_multibase(group["assertionMethod"][0]["publicKeyMultibase"])
    proofs.check(served, key, now=datetime.now(UTC))
    proofs.check(create, key, now=datetime.now(UTC))
    assert await document(node, create["id"]) == create
    assert served["type"] == "Note" and served["attributedTo"] == node.group
    assert served["contentMap"] == {"en": served["content"]}
    assert served["content"].startswith("<p><strong>No trams</strong></p>")
    assert "summary" not in served and "name" not in served
    assert served["interactionPolicy"]["canQuote"]["automaticApproval"] == [PUBLIC]
    assert served["to"] == [PUBLIC] and f"{node.group}/followers" in served["cc"]
    assert {"type": "Hashtag", "name": "#strike", "href": f"{node.origin}/tags/strike"} in served["tag"]
    for name in ("replies", "likes", "shares"):
        assert (await document(node, served[name]))["totalItems"] == 0


async def test_the_outbox_is_complete_and_in_order(node: ServedNode) -> None:
    published = [await node.publish(f"Statement {number}") for number in range(45)]
    front = await document(node, f"{node.group}/outbox")
    assert (front["type"], front["totalItems"]) == ("OrderedCollection", 45)
    assert "orderedItems" not in front
    found, address, pages = [], front["first"], 0
    while address:
        page = await document(node, address)
        assert page["type"] == "OrderedCollectionPage" and page["partOf"] == f"{node.group}/outbox"
        assert page["id"] == address
        found += page["orderedItems"]
        address, pages = page.get("next"), pages + 1
    assert pages == 3
    assert [one["object"]["id"] for one in found] == published[::-1]
    assert {one["type"] for one in found} == {"Create"}
    for one in found[::15]:
        assert await document(node, one["id"]) == one


@pytest.mark.one_database
async def test_a_place_that_does_not_exist_in_a_collection_is_malformed(node: ServedNode) -> None:
    ours = await node.publish()
    for address in (f"{node.group}/outbox", f"{ours}/replies", "/wire", "/tags/x", "/"):
        name = "after" if address.endswith("replies") else "before"
        for place in ("x", "-1", "1.5", "9" * 19, "9" * 20, "9223372036854775808", "1e9", "%00", "\u0661", " 1", ""):
            response = await get(node, f"{address}?{name}={place}")
            assert response.status in (200, 400, 404), (address, place, response.status)


def bury(tx: Transaction, iri: str) -> None:
    objects.bury(tx, iri)


async def test_what_was_deleted_answers_410_with_a_tombstone(node: ServedNode) -> None:
    ours = await node.publish("Regretted words.")
    create = (await document(node, f"{node.group}/outbox?page=true"))["orderedItems"][0]
    await node.write(bury, ours)
    status, found = await node.activity(ours)
    assert (status, found["type"], found["id"]) == (410, "Tombstone", ours)
    assert set(found) == {"@context", "id", "type"}
    status, page = await node.page(ours)
    assert status == 410
    assert "Regretted words" not in page
    assert (await node.activity(create["id"]))[0] in (404, 410)
    assert (await document(node, f"{node.group}/outbox"))["totalItems"] == 0
    assert (await document(node, f"{node.group}/outbox?page=true")).get("orderedItems", []) == []
    for name in ("replies", "likes", "shares"):
        assert (await get(node, f"{ours}/{name}")).status in (404, 410)


@pytest.mark.one_database
async def test_what_is_not_there_is_not_found_in_either_form(node: ServedNode) -> None:
    for path in (
        "/statements/0000000000000", "/reports/0000000000000", "/struggles/0000000000000", "/imports/0000000000000",
        "/activities/0000000000000", "/groups/none", "/groups/none/outbox", "/groups/none/followers", "/nodeinfo/1.0",
        "/imports/0000000000000?page=1", "/statements/0000000000000/replies", "/groups/.instance", "/users/union",
        "/.env", "/node.db", "/keys/group-union.rsa.pem", "/admin", "/api/v3/instance", "/wp-login.php",
    ):  # fmt: skip
        response = await get(node, path)
        assert (response.status, response.content_type) == (404, "application/json"), path
        assert set(loads(response.body)) == {"error"}
        response = await get(node, path, "text/html")
        assert response.status == 404, path


async def test_what_others_said_is_not_served_under_our_name(node: ServedNode, hostile_peer: Peer) -> None:
    """A copy is held and shown to people; as a document it is its author's to serve."""
    alice = hostile_peer.actor("alice")
    await node.follow(alice)
    note = hostile_peer.note(alice)
    await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", alice, note))
    await node.quiet()
    row = await node.read(objects.find, note["id"])
    from node.identifiers import spell

    for kind in ("statements", "reports", "heard", "activities"):
        response = await get(node, f"/{kind}/{spell(row.sort_id)}")
        assert response.content_type != ACTIVITY_JSON
        assert response.status in (200, 404)


METHODS = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"]


@pytest.mark.one_database
async def test_a_method_that_an_address_does_not_take_is_405(node: ServedNode) -> None:
    ours = await node.publish()
    for method in METHODS:
        for address in (
            ours,
            node.group,
            f"{node.group}/outbox",
            f"{node.origin}/actor",
            f"{node.origin}/nodeinfo/2.1",
        ):
            response = await get(node, address, method=method)
            assert response.status == 405, (method, address)
            assert "GET" in response.headers["Allow"]
    for address in (f"{node.group}/inbox", f"{node.origin}/inbox"):
        response = await get(node, address)
        assert (response.status, response.headers["Allow"]) == (405, "POST")
