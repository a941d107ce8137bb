"""What FEDERATION.md says that we support of the Fediverse Enhancement Proposals on discovery, each as its text has it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from federation.signatures import rfc9421
from schemas.context import NS
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode

FEDERATION = Path(__file__).parents[2] / "FEDERATION.md"
RFC9421 = "https://datatracker.ietf.org/doc/html/rfc9421"


async def ask(node: ServedNode, path: str) -> dict[str, Any]:
    async with node.http.get(node.origin + path) as response:
        assert response.status == 200, path
        return dict(json.loads(await response.read()))


@pytest.mark.one_database
async def test_fep_2c59_the_actor_names_its_handle_and_the_handle_leads_to_its_id(node: ServedNode) -> None:
    for iri in (node.group, f"{node.origin}/actor"):
        _, actor = await node.activity(iri)
        assert isinstance(actor["webfinger"], str), "at most one"
        assert re.fullmatch(r"[^@:]+@[^@]+", actor["webfinger"]), "a plain address"
        jrd = await ask(node, f"/.well-known/webfinger?resource=acct:{actor['webfinger']}")
        assert jrd["subject"] == f"acct:{actor['webfinger']}"
        assert [link["href"] for link in jrd["links"] if link["rel"] == "self"] == [iri], "verbatim"
        terms = {key: value for part in actor["@context"] if isinstance(part, dict) for key, value in part.items()}
        assert terms["webfinger"] == "https://purl.archive.org/socialweb/webfinger#webfinger"


@pytest.mark.one_database
async def test_fep_844e_what_is_implemented_stands_at_the_generator_and_at_the_application(node: ServedNode) -> None:
    _, group = await node.activity(node.group)
    _, application = await node.activity(f"{node.origin}/actor")
    assert application["type"] == group["generator"]["type"] == "Application"
    assert application["implements"] == group["generator"]["implements"]
    for link in application["implements"]:
        assert link["href"].partition(":")[0] in ("https", "urn")
        assert link["name"]
    terms = {key: value for part in group["@context"] if isinstance(part, dict) for key, value in part.items()}
    assert terms["implements"]["@id"] == "https://w3id.org/fep/844e/implements"


@pytest.mark.one_database
async def test_fep_844e_what_is_advertised_is_true(node: ServedNode, hostile_peer: Peer) -> None:
    """RFC 9421 with RSA and with Ed25519, a proof that is checked, and the vocabulary."""
    _, application = await node.activity(f"{node.origin}/actor")
    advertised = {link["href"] for link in application["implements"]}
    assert advertised == {
        NS, RFC9421, f"{RFC9421}#name-eddsa-using-curve-edwards25", "https://w3id.org/fep/8b32",
    }  # fmt: skip
    alice, inbox = hostile_peer.actor("alice"), f"{node.group}/inbox"
    for key_id, key in (("main-key", hostile_peer.rsa), ("ed25519-key", hostile_peer.ed25519)):
        body = json.dumps(hostile_peer.activity("Like", alice, node.group)).encode()
        headers = rfc9421.sign(
            "POST", inbox, key_id=f"{alice}#{key_id}", key=key, now=node.clock(), body=body,
            content_type="application/activity+json",
        )  # fmt: skip
        assert await hostile_peer.post(inbox, body, headers) == 202, hostile_peer.last
    forged = hostile_peer.proved(hostile_peer.activity("Follow", alice, node.group), alice)
    forged["proof"]["proofValue"] = forged["proof"]["proofValue"][:-4] + "1111"
    assert await hostile_peer.send(inbox, forged) == 202
    assert await node.fate(forged) == "refused"
    _, vocabulary = await node.activity("/ns")
    assert vocabulary["namespace"] == NS


@pytest.mark.one_database
async def test_fep_d556_the_origin_leads_to_the_server_actor(node: ServedNode) -> None:
    for resource in (node.origin, f"{node.origin}/"):
        jrd = await ask(node, f"/.well-known/webfinger?resource={quote(resource, safe='')}")
        service = [link for link in jrd["links"] if link["rel"] == "https://www.w3.org/ns/activitystreams#Service"]
        assert service == [{
            "rel": "https://www.w3.org/ns/activitystreams#Service",
            "type": "application/activity+json",
            "href": f"{node.origin}/actor",
        }]  # fmt: skip
        assert jrd["subject"] == f"{node.origin}/actor", "recommended"
        _, actor = await node.activity(service[0]["href"])
        assert actor["id"] == service[0]["href"]


@pytest.mark.one_database
async def test_fep_2677_nodeinfo_leads_to_an_application_that_needs_no_signature(node: ServedNode) -> None:
    links = (await ask(node, "/.well-known/nodeinfo"))["links"]
    (application,) = [
        link["href"] for link in links if link["rel"] == "https://www.w3.org/ns/activitystreams#Application"
    ]
    status, actor = await node.activity(application)
    assert (status, actor["type"], actor["id"]) == (200, "Application", application)
    assert actor["inbox"] and actor["publicKey"]


async def usage(node: ServedNode) -> dict[str, Any]:
    return dict((await ask(node, "/nodeinfo/2.1"))["usage"])


async def test_fep_f1d5_usage_figures_are_true(node: ServedNode, hostile_peer: Peer) -> None:
    nothing = {"users": {"total": 1, "activeHalfyear": 0, "activeMonth": 0}, "localPosts": 0, "localComments": 0}
    assert await usage(node) == nothing
    said = await node.publish("We are out.")
    await node.publish("And tomorrow too.")
    await node.publish("To answer your question.", reply_to=said)
    alice = hostile_peer.actor("alice")
    note = hostile_peer.note(alice, "<p>Solidarity.</p>", inReplyTo=said)
    assert await hostile_peer.send(f"{node.origin}/inbox", hostile_peer.activity("Create", alice, note)) == 202
    await node.quiet()
    assert await usage(node) == nothing, "what crawlers ask for is counted at most once in ten minutes"
    for later, halfyear, month in (
        (timedelta(minutes=11), 1, 1),
        (timedelta(days=31), 1, 0),
        (timedelta(days=150), 0, 0),
    ):
        node.clock.advance(later)
        users = {"total": 1, "activeHalfyear": halfyear, "activeMonth": month}
        assert await usage(node) == {"users": users, "localPosts": 2, "localComments": 1}


async def test_fep_f1d5_what_was_imported_or_deleted_is_not_counted(node: ServedNode, import_table: Any) -> None:
    await import_table(node)
    await node.quiet()
    assert (await usage(node))["localPosts"] == 1, "the digest alone"


@pytest.mark.one_database
async def test_nodeinfo_says_who_runs_it_and_where_the_software_is_explained(serve: Any) -> None:
    node = await serve(0, settings={"contact": "admin@union.example"})
    document = await ask(node, "/nodeinfo/2.1")
    metadata = document["metadata"]
    assert metadata["nodeName"] == "Transport Workers"
    assert metadata["staffAccounts"] == [node.group]
    assert metadata["inquiryUrl"] == "mailto:admin@union.example"
    assert metadata["maintainer"] == {"name": "Transport Workers", "email": "admin@union.example"}
    for address in (document["software"]["homepage"], document["software"]["repository"], metadata["vocabularyUrl"]):
        async with node.http.get(address, headers={"Accept": "text/html"}) as response:
            assert response.status == 200, address


def test_fep_67ff_federation_md_has_the_structure_that_is_asked_for() -> None:
    text = FEDERATION.read_text(encoding="utf-8")
    assert text.startswith("# Federation\n")
    sections = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
    assert list(sections)[:2] == ["Supported federation protocols and standards", "Supported FEPs"]
    for protocol in ("ActivityPub", "WebFinger", "HTTP Signatures", "NodeInfo"):
        assert re.search(
            rf"^\* \[{protocol}\]\(https://", sections["Supported federation protocols and standards"], re.M
        )
    rows = [line for line in sections["Supported FEPs"].splitlines() if line.startswith("| [")]
    assert len(rows) > 10
    for row in rows:
        for slug, address in re.findall(r"\[([^]]+)\]\((https?[^)]+)\)", row.split("|")[1]):
            assert re.fullmatch(r"[0-9a-f]{4}", slug), row
            assert address == f"https://w3id.org/fep/{slug}"
