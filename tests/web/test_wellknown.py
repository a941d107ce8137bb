"""Being found: WebFinger in every spelling, host-meta, NodeInfo, security.txt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import jsonschema
import pytest

from federation import discovery
from schemas.actor import parse
from schemas.reading import loads
from tests.nodes.served import ServedNode

pytestmark = pytest.mark.one_database  # the answers are made of settings and one row


async def fetch(node: ServedNode, path: str) -> tuple[int, str, dict[str, Any]]:
    async with node.http.get(node.origin + path) as response:
        body = await response.read()
        assert response.status != 200 or response.headers["Access-Control-Allow-Origin"] == "*", path
        return response.status, response.headers["Content-Type"], loads(body)


async def webfinger(node: ServedNode, resource: str) -> tuple[int, dict[str, Any]]:
    status, _, document = await fetch(node, f"/.well-known/webfinger?resource={quote(resource, safe='')}")
    return status, document


async def test_a_group_is_found_in_every_spelling(node: ServedNode) -> None:
    host = node.node.config.host
    spellings = [
        f"acct:union@{host}", f"union@{host}", f"@union@{host}", f"acct:@union@{host}", f"acct:UNION@{host}",
        f"acct:union@{host.upper()}", node.group, f"ACCT:union@{host}",
    ]  # fmt: skip
    for resource in spellings:
        status, document = await webfinger(node, resource)
        assert status == 200, resource
        assert document["subject"] == f"acct:union@{host}"
        assert node.group in document["aliases"]
        own = [link for link in document["links"] if link["rel"] == "self"]
        assert own == [{"rel": "self", "type": "application/activity+json", "href": node.group}]
    page = [link for link in document["links"] if link["rel"] == "http://webfinger.net/rel/profile-page"]
    assert page[0]["href"] == node.group


async def test_a_query_may_be_escaped_or_not_and_carry_more(node: ServedNode) -> None:
    host = node.node.config.host
    for query in (
        f"resource=acct:union@{host}", f"resource=acct%3Aunion%40{quote(host, safe='')}",
        f"rel=self&resource=acct:union@{host}&rel=x", f"resource=acct:union@{host}&resource=acct:other@{host}",
    ):  # fmt: skip
        status, content_type, document = await fetch(node, f"/.well-known/webfinger?{query}")
        assert (status, document["subject"]) == (200, f"acct:union@{host}"), query
        assert content_type.startswith("application/jrd+json")


async def test_the_instance_actor_is_found(node: ServedNode) -> None:
    host = node.node.config.host
    for resource in (node.origin, f"{node.origin}/", f"{node.origin}/actor", f"acct:127.0.0.1@{host}"):
        status, document = await webfinger(node, resource)
        assert status == 200, resource
        assert [link["href"] for link in document["links"] if link["rel"] == "self"] == [f"{node.origin}/actor"]


WRONG = [
    "acct:union@victim.example", "acct:none@HOST", "acct:@HOST", "acct:HOST", "acct:", "@", "@@", "union", "acct:union",
    "acct:union@union@HOST", "acct:union@HOST@victim.example", "acct:union@HOST.", "acct:.instance@HOST",
    "acct:steward@HOST", "https://victim.example/groups/union", "ORIGIN/groups/none", "ORIGIN/groups/union/",
    "ORIGIN/groups/union?x", "ORIGIN/../groups/union", "mailto:union@HOST", "acct:un%69on@HOST", "acct:union\u200b@HOST",
    "acct:\u0443nion@HOST", "acct:union@HOST\n", "acct:union@HOST\x00", "x" * 5000, "acct:*@HOST", "acct:un*@HOST",
    "acct:%@HOST", "'; DROP TABLE actors; --", "http://[::1", "http://\ud83d", "acct:union@127.0.0.1:1",
]  # fmt: skip


async def test_nobody_else_is_found(node: ServedNode) -> None:
    for wrong in WRONG:
        resource = wrong.replace("HOST", node.node.config.host).replace("ORIGIN", node.origin)
        status, document = await webfinger(node, resource.encode("utf-8", "replace").decode())
        assert status in (400, 404), (wrong, status)
        assert set(document) == {"error"}


async def test_a_question_without_a_resource_is_malformed(node: ServedNode) -> None:
    for query in ("", "?", "?resource=", "?resource", "?rel=self", "?RESOURCE=acct:union@x"):
        status, _, document = await fetch(node, f"/.well-known/webfinger{query}")
        assert status == 400, query
        assert "resource" in document["error"]


async def test_our_own_handle_stands_the_check_that_others_make(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    assert await discovery.find(second.node.client, first.handle) == first.group
    actor = parse((await first.activity(first.group))[1])
    assert str(await discovery.verify_handle(second.node.client, actor)) == first.handle.removeprefix("@")


async def test_a_question_may_name_the_links_it_wants(node: ServedNode) -> None:
    """RFC 7033 section 4.3."""
    resource = f"resource=acct:union@{node.node.config.host}"
    for query, expected in (
        ("rel=self", {"self"}),
        ("rel=http%3A%2F%2Fwebfinger.net%2Frel%2Fprofile-page", {"http://webfinger.net/rel/profile-page"}),
        ("rel=self&rel=http://webfinger.net/rel/profile-page", {"self", "http://webfinger.net/rel/profile-page"}),
        ("rel=avatar", set()),
    ):
        _, _, document = await fetch(node, f"/.well-known/webfinger?{resource}&{query}")
        assert {link["rel"] for link in document["links"]} == expected
        assert document["subject"] == f"acct:union@{node.node.config.host}"


async def test_host_meta_names_webfinger(node: ServedNode) -> None:
    async with node.http.get(f"{node.origin}/.well-known/host-meta") as response:
        assert response.status == 200
        assert response.content_type == "application/xrd+xml"
        tree = ElementTree.fromstring(await response.text())
    links = tree.findall("{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link")
    assert [link.get("template") for link in links if link.get("rel") == "lrdd"] == [
        f"{node.origin}/.well-known/webfinger?resource={{uri}}"
    ]
    status, content_type, document = await fetch(node, "/.well-known/host-meta.json")
    assert (status, content_type) == (200, "application/json; charset=utf-8")
    (link,) = document["links"]
    assert link["rel"] == "lrdd"
    assert link["template"] == f"{node.origin}/.well-known/webfinger?resource={{uri}}"


def nodeinfo_schema(version: str) -> dict[str, Any]:
    """Written after http://nodeinfo.diaspora.software/protocol: what 2.0 and 2.1 demand and forbid."""
    software = {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "version"],
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z0-9-]+$"},
            "version": {"type": "string"},
            **({"repository": {"type": "string"}, "homepage": {"type": "string"}} if version == "2.1" else {}),
        },
    }
    names = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    whole = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "software", "protocols", "services", "openRegistrations", "usage", "metadata"],
        "properties": {
            "version": {"const": version},
            "software": software,
            "protocols": names | {"minItems": 1, "contains": {"const": "activitypub"}},
            "services": {
                "type": "object",
                "additionalProperties": False,
                "required": ["inbound", "outbound"],
                "properties": {"inbound": names, "outbound": names},
            },
            "openRegistrations": {"type": "boolean"},
            "usage": {
                "type": "object",
                "additionalProperties": False,
                "required": ["users"],
                "properties": {
                    "users": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"total": whole, "activeHalfyear": whole, "activeMonth": whole},
                    },
                    "localPosts": whole,
                    "localComments": whole,
                },
            },
            "metadata": {"type": "object"},
        },
    }


@pytest.fixture
def valid() -> Callable[[dict[str, Any], str], None]:
    def check(document: dict[str, Any], version: str) -> None:
        jsonschema.Draft202012Validator(nodeinfo_schema(version)).validate(document)

    return check


async def test_nodeinfo_is_what_its_specification_says(
    node: ServedNode, valid: Callable[[dict[str, Any], str], None]
) -> None:
    await node.publish()
    status, _, index = await fetch(node, "/.well-known/nodeinfo")
    assert status == 200
    offered = {link["rel"].rpartition("/")[2]: link["href"] for link in index["links"]}
    for version in ("2.0", "2.1"):
        assert offered[version] == f"{node.origin}/nodeinfo/{version}"
        status, content_type, document = await fetch(node, f"/nodeinfo/{version}")
        assert status == 200
        assert content_type.startswith("application/json")
        assert f'profile="http://nodeinfo.diaspora.software/ns/schema/{version}#"' in content_type
        valid(document, version)
        assert document["usage"]["users"]["total"] == 1  # groups, and never members
        assert document["usage"]["localPosts"] == 1
    assert {"rel": "https://www.w3.org/ns/activitystreams#Application", "href": f"{node.origin}/actor"} in index[
        "links"
    ]


async def test_security_txt_says_whom_to_write_to_and_for_how_long(serve: Callable[..., Any]) -> None:
    """RFC 9116 section 2.5: Contact and Expires are required, Expires lies less than a year ahead."""
    for number, (contact, address) in enumerate(
        (("admin@union.example", "mailto:admin@union.example"), ("https://union.example/write", None))
    ):
        node = await serve(number, settings={"contact": contact})
        async with node.http.get(f"{node.origin}/.well-known/security.txt") as response:
            assert response.status == 200
            assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
            lines = (await response.text()).splitlines()
        fields = dict(line.split(": ", 1) for line in lines)
        assert len(fields) == len(lines)
        assert fields["Contact"] == (address or contact)
        assert fields["Canonical"] == f"{node.origin}/.well-known/security.txt"
        assert fields["Preferred-Languages"] == "en"
        ahead = datetime.fromisoformat(fields["Expires"]) - node.clock()
        assert timedelta(days=60) < ahead < timedelta(days=365)
        _, page = await node.page("/about")
        assert f'href="{address or contact}"' in page


async def test_without_a_contact_there_is_no_security_txt_and_it_says_why(node: ServedNode) -> None:
    async with node.http.get(f"{node.origin}/.well-known/security.txt") as response:
        assert response.status == 404
        assert "contact" in (await response.json())["error"]
