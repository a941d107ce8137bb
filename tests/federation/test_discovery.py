from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Literal
from xml.etree import ElementTree

import pytest
from aiohttp import web

from federation import discovery
from federation.client import Client
from federation.discovery import Handle
from federation.errors import Gone, Malformed, Refused, Unreachable
from federation.media_types import is_json
from schemas import actor as actors

Serve = Callable[[Any], Awaitable[str]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@alice@peer.example", Handle("alice", "peer.example")),
        (" alice@Peer.Example ", Handle("alice", "peer.example")),
        ("acct:alice@peer.example", Handle("alice", "peer.example")),
        ("@Some.One_else-2@127.0.0.1:8001", Handle("Some.One_else-2", "127.0.0.1:8001")),
        ("@alice@peer.example:443", Handle("alice", "peer.example")),
        ("@alice@bücher.example:8443", Handle("alice", "xn--bcher-kva.example:8443")),
        ("https://peer.example/?author=1", "https://peer.example/?author=1"),
    ],
)
def test_handles_are_read_as_people_write_them(text: str, expected: Handle | str) -> None:
    assert discovery.parse_handle(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "@@", "alice", "@alice", "@alice@", "@@peer.example", "@a b@peer.example", "@alice@peer example",
        "@alice@peer.example/path", "@alice@peer.example?x", "@alice@peer.example#x", "@alice@evil@peer.example",
        "@alice@:80", "@alice@peer.example:x", "@alice@peer.example:99999", "@alice@[::1]", "@ali\u202ece@peer.example",
        "@аlice@peer.example", "@" + "a" * 500 + "@peer.example", "@alice@" + "a" * 300, "@alice@..", "ftp://x.example",
        "https://", "https://u:p@peer.example/", "@alice@peer.example\n", "@alice@peer\x00.example",
        "@../../etc/passwd@peer.example", "@alice&resource=x@peer.example",
    ],
)  # fmt: skip
def test_what_is_no_handle_is_malformed(text: str) -> None:
    if text == "@alice@peer.example\n":
        assert isinstance(discovery.parse_handle(text), Handle)
        return
    with pytest.raises(Malformed):
        discovery.parse_handle(text)


class Wellknown:
    """A server that answers WebFinger from a table: resource -> document."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.content_type = "application/jrd+json"
        self.asked: list[str] = []

    async def speak(self, request: web.Request) -> web.Response:
        self.asked.append(request.raw_path)
        found = self.answers.get(request.query.get("resource", ""))
        if request.path != "/.well-known/webfinger" or found is None:
            return web.Response(status=404)
        return web.Response(body=json.dumps(found).encode(), headers={"Content-Type": self.content_type})


def jrd(subject: str, actor: str, kind: str = "application/activity+json") -> dict[str, Any]:
    return {
        "subject": subject,
        "links": [{"rel": "profile"}, 7, {"rel": "self", "type": "text/html", "href": "https://x.example/"},
                  {"rel": "alternate", "type": "application/activity+json", "href": "https://x.example/"},
                  {"rel": "self", "type": kind, "href": actor}],
    }  # fmt: skip


@pytest.fixture
def server() -> Wellknown:
    return Wellknown()


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("application/jrd+json; charset=utf-8", True),
        ("application/activity+json", True),
        ("text/json", False),
        ("image/x+json", False),
        ("application/xml", False),
        ("", False),
    ],
)
def test_webfinger_may_be_json_of_several_names(content_type: str, expected: bool) -> None:
    assert is_json(content_type) is expected


@pytest.mark.parametrize(
    "kind", ["application/activity+json", 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"']
)
async def test_a_handle_leads_to_its_actor(kind: str, client: Client, serve: Serve, server: Wellknown) -> None:
    host = (await serve(server.speak)).removeprefix("http://")
    server.answers[f"acct:alice@{host}"] = jrd(f"acct:alice@{host}", "https://peer.example/alice", kind)
    assert await discovery.find(client, f"@alice@{host}") == "https://peer.example/alice"
    assert server.asked == [f"/.well-known/webfinger?resource=acct:alice@{host}"]
    assert await discovery.find(client, "https://peer.example/alice") == "https://peer.example/alice"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({}, Refused),
        ({"links": []}, Refused),
        ({"links": "none"}, Refused),
        ({"links": [{"rel": "self", "href": "https://peer.example/a"}]}, Refused),
        ({"links": [{"rel": "self", "type": "application/json", "href": "https://peer.example/a"}]}, Refused),
        ({"links": [{"rel": "self", "type": "application/activity+json", "href": "javascript:x"}]}, Malformed),
        ({"links": [{"rel": "self", "type": "application/activity+json", "href": 7}]}, Refused),
        (["x"], Malformed),
        (None, Gone),
    ],
)
async def test_an_answer_that_names_no_actor_is_an_error(
    answer: Any, error: type[Exception], client: Client, serve: Serve, server: Wellknown
) -> None:
    host = (await serve(server.speak)).removeprefix("http://")
    server.answers[f"acct:alice@{host}"] = answer
    with pytest.raises(error):
        await discovery.find(client, f"@alice@{host}")


async def test_webfinger_that_is_no_json_is_refused(client: Client, serve: Serve, server: Wellknown) -> None:
    host = (await serve(server.speak)).removeprefix("http://")
    server.content_type = "text/html"
    server.answers[f"acct:alice@{host}"] = jrd(f"acct:alice@{host}", "https://peer.example/alice")
    with pytest.raises(Refused, match="JSON"):
        await discovery.find(client, f"@alice@{host}")


def actor(iri: str, **more: Any) -> actors.Actor:
    return actors.parse({"id": iri, "type": "Person", "inbox": f"{iri}/inbox", "preferredUsername": "alice", **more})


async def test_a_handle_is_proven_when_both_sides_agree(client: Client, serve: Serve, server: Wellknown) -> None:
    origin = await serve(server.speak)
    host = origin.removeprefix("http://")
    server.answers[f"acct:alice@{host}"] = jrd(f"acct:Alice@{host}", f"{origin}/alice")
    assert str(await discovery.verify_handle(client, actor(f"{origin}/alice"))) == f"Alice@{host}"


async def test_a_handle_on_another_domain_is_proven_when_that_domain_agrees(
    client: Client, serve: Serve, server: Wellknown
) -> None:
    front = Wellknown()
    origin, other = await serve(server.speak), await serve(front.speak)
    host, front_host = origin.removeprefix("http://"), other.removeprefix("http://")
    answer = jrd(f"acct:alice@{front_host}", f"{origin}/alice")
    server.answers[f"acct:alice@{host}"] = answer
    front.answers[f"acct:alice@{front_host}"] = answer
    expected = Handle("alice", front_host)
    assert await discovery.verify_handle(client, actor(f"{origin}/alice")) == expected
    named = actor(f"{origin}/alice", webfinger=f"alice@{front_host}")
    assert await discovery.verify_handle(client, named) == expected


@pytest.mark.parametrize("subject", [None, 7, "https://peer.example/alice"])
async def test_a_subject_that_is_no_handle_changes_nothing(
    subject: Any, client: Client, serve: Serve, server: Wellknown
) -> None:
    origin = await serve(server.speak)
    host = origin.removeprefix("http://")
    server.answers[f"acct:alice@{host}"] = jrd("", f"{origin}/alice") | {"subject": subject}
    assert await discovery.verify_handle(client, actor(f"{origin}/alice")) == Handle("alice", host)


async def test_a_handle_of_a_neighbour_is_refused(client: Client, serve: Serve, server: Wellknown) -> None:
    origin = await serve(server.speak)
    host = origin.removeprefix("http://")
    server.answers[f"acct:alice@{host}"] = jrd(f"acct:bob@{host}", f"{origin}/alice")
    server.answers[f"acct:bob@{host}"] = jrd(f"acct:bob@{host}", f"{origin}/bob")
    with pytest.raises(Refused):
        await discovery.verify_handle(client, actor(f"{origin}/alice"))


async def test_webfinger_is_asked_without_tls_only_where_that_is_allowed(
    make_client: Callable[..., Client], serve: Serve, server: Wellknown
) -> None:
    host = (await serve(server.speak)).removeprefix("http://")
    async with make_client(allow_http=False) as strict:
        with pytest.raises(Unreachable):
            await discovery.find(strict, f"@alice@{host}")
    assert server.asked == []


async def test_a_handle_that_belongs_elsewhere_is_refused(client: Client, serve: Serve, server: Wellknown) -> None:
    victim = Wellknown()
    origin, other = await serve(server.speak), await serve(victim.speak)
    host, victim_host = origin.removeprefix("http://"), other.removeprefix("http://")
    victim.answers[f"acct:alice@{victim_host}"] = jrd(f"acct:alice@{victim_host}", f"{other}/alice")
    server.answers[f"acct:alice@{host}"] = jrd(f"acct:alice@{victim_host}", f"{origin}/alice")
    with pytest.raises(Refused):
        await discovery.verify_handle(client, actor(f"{origin}/alice"))
    with pytest.raises(Refused):
        await discovery.verify_handle(client, actor(f"{origin}/alice", webfinger=f"alice@{victim_host}"))
    # Two hosts that point at each other for ever.
    server.answers[f"acct:alice@{host}"] = jrd(f"acct:alice@{victim_host}", f"{origin}/alice")
    victim.answers[f"acct:alice@{victim_host}"] = jrd(f"acct:alice@{host}", f"{origin}/alice")
    with pytest.raises(Refused):
        await discovery.verify_handle(client, actor(f"{origin}/alice"))
    assert len(server.asked) + len(victim.asked) < 10


@pytest.mark.parametrize("more", [{"preferredUsername": None}, {"webfinger": "https://x.example/"}, {"webfinger": "x"}])
async def test_an_actor_that_names_no_handle_has_none(more: dict[str, Any], client: Client) -> None:
    with pytest.raises(Malformed):
        await discovery.verify_handle(client, actor("https://peer.example/alice", **more))


def test_our_own_webfinger_leads_to_the_actor() -> None:
    document = discovery.webfinger(
        "acct:group@ours.example",
        aliases=["https://ours.example/"],
        links=[discovery.self_link("https://ours.example/groups/group"), discovery.page_link("https://ours.example/")],
    )
    assert document["subject"] == "acct:group@ours.example"
    assert document["links"][0] == {
        "rel": "self",
        "type": "application/activity+json",
        "href": "https://ours.example/groups/group",
    }


def test_host_meta_is_xml_with_the_template() -> None:
    root = ElementTree.fromstring(discovery.host_meta("https://ours.example"))
    link = root.find("{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link")
    assert link is not None
    assert link.attrib["template"] == "https://ours.example/.well-known/webfinger?resource={uri}"


def test_nodeinfo_is_served_in_both_versions() -> None:
    index = discovery.nodeinfo_index("https://ours.example")
    assert [link["href"][-3:] for link in index["links"]] == ["2.0", "2.1"]
    versions: tuple[Literal["2.0", "2.1"], ...] = ("2.0", "2.1")
    for version in versions:
        document = discovery.nodeinfo(
            version,
            software_version="1.0",
            usage=discovery.Usage(users=3, active_halfyear=2, active_month=1, posts=5, comments=4),
            metadata={"nodeName": "x"},
            repository="https://x.example/source",
            homepage="https://x.example",
        )
        assert document["version"] == version
        assert document["usage"] == {
            "users": {"total": 3, "activeHalfyear": 2, "activeMonth": 1}, "localPosts": 5, "localComments": 4,
        }  # fmt: skip
        assert ("repository" in document["software"]) is (version == "2.1")  # 2.0 forbids it
