from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from federation import paging
from federation.client import Budget, Client
from federation.errors import Refused
from schemas import collection as collections

Serve = Callable[[Any], Awaitable[str]]
Documents = Callable[[str], dict[str, Any]]


def plenty() -> Budget:
    return Budget(requests=50, bytes=1_000_000)


def json_answer(document: dict[str, Any]) -> web.Response:
    return web.Response(body=json.dumps(document).encode(), headers={"Content-Type": "application/activity+json"})


async def serve_pages(serve: Serve, make: Documents, asked: list[str] | None = None) -> str:
    async def speak(request: web.Request) -> web.Response:
        if asked is not None:
            asked.append(request.raw_path)
        return json_answer(make(f"http://{request.host}")[request.raw_path])

    return f"{await serve(speak)}/c"


def three_pages(here: str) -> dict[str, Any]:
    iri = f"{here}/c"
    pages: dict[str, Any] = {"/c": paging.collection(iri, total_items=5, first=f"{iri}?page=1", last=f"{iri}?page=3")}
    items = [f"{here}/notes/{number}" for number in range(5)]
    for number in (1, 2, 3):
        following = f"{iri}?page={number + 1}" if number < 3 else None
        these = items[2 * number - 2 : 2 * number]
        pages[f"/c?page={number}"] = paging.page(
            these, iri=f"{iri}?page={number}", part_of=iri, next_iri=following, total_items=5
        )
    return pages


async def walked(client: Client, iri: str, **more: Any) -> list[paging.Page]:
    return [page async for page in paging.walk(client, iri, **({"budget": plenty()} | more))]


def test_what_we_serve_is_a_collection_that_can_be_read() -> None:
    for document in three_pages("https://ours.example").values():
        collections.parse(document)
    counts_only = paging.collection("https://ours.example/followers", total_items=3)
    assert counts_only["totalItems"] == 3
    assert "orderedItems" not in counts_only and "first" not in counts_only


async def test_a_collection_is_walked_to_its_end(client: Client, serve: Serve) -> None:
    iri = await serve_pages(serve, three_pages)
    pages = await walked(client, iri)
    assert [page.page_iri for page in pages] == [f"{iri}?page={number}" for number in (1, 2, 3)]
    assert [item for page in pages for item in page.items] == [f"{iri[:-2]}/notes/{number}" for number in range(5)]
    assert pages[0].next_iri == f"{iri}?page=2"
    assert pages[2].next_iri is None


async def test_a_walk_is_taken_up_where_it_stopped(client: Client, serve: Serve) -> None:
    asked: list[str] = []
    iri = await serve_pages(serve, three_pages, asked)
    assert len(await walked(client, iri, start=f"{iri}?page=3")) == 1
    assert asked == ["/c?page=3"]


async def test_items_that_stand_in_the_collection_or_in_an_embedded_page_are_found(
    client: Client, serve: Serve
) -> None:
    def documents(here: str) -> dict[str, Any]:
        # Mastodon embeds the first page of replies, without ordering.
        first = {"type": "CollectionPage", "next": f"{here}/c?2", "partOf": f"{here}/c", "items": [f"{here}/1"]}
        second = {"id": f"{here}/c?2", "type": "CollectionPage", "items": {"id": f"{here}/2"}}
        whole = {"id": f"{here}/d", "type": "Collection", "items": [f"{here}/1", f"{here}/2"]}
        return {"/c": {"id": f"{here}/c", "type": "Collection", "first": first}, "/c?2": second, "/d": whole}

    iri = await serve_pages(serve, documents)
    embedded = await walked(client, iri)
    assert [page.page_iri for page in embedded] == [iri, f"{iri}?2"]
    assert [list(page.items) for page in embedded] == [[f"{iri[:-2]}/1"], [{"id": f"{iri[:-2]}/2"}]]
    whole = await walked(client, f"{iri[:-2]}/d")
    assert [len(page.items) for page in whole] == [2]


def page_at(here: str, path: str, **more: Any) -> dict[str, Any]:
    return {"id": f"{here}{path}", "type": "OrderedCollectionPage", "orderedItems": ["https://x.example/1"], **more}


def front_at(here: str, first: Any) -> dict[str, Any]:
    return {"id": f"{here}/c", "type": "OrderedCollection", "first": first}


ASTRAY: list[tuple[str, Documents]] = [
    ("a page that is its own next", lambda h: {"/c": front_at(h, f"{h}/1"), "/1": page_at(h, "/1", next=f"{h}/1")}),
    ("a circle", lambda h: {"/c": front_at(h, f"{h}/1"), "/1": page_at(h, "/1", next=f"{h}/2"),
                            "/2": page_at(h, "/2", next=f"{h}/1")}),
    ("back to the collection", lambda h: {"/c": front_at(h, f"{h}/1"), "/1": page_at(h, "/1", next=f"{h}/c")}),
    ("a first page elsewhere", lambda h: {"/c": front_at(h, "https://elsewhere.example/1")}),
    ("a next page elsewhere", lambda h: {"/c": front_at(h, f"{h}/1"),
                                         "/1": page_at(h, "/1", next="https://elsewhere.example/2")}),
    ("an embedded page from elsewhere", lambda h: {"/c": front_at(h, page_at("https://elsewhere.example", "/1"))}),
    ("a collection embedded as a page", lambda h: {"/c": front_at(h, {"id": f"{h}/x", "type": "Collection"})}),
    ("a collection for a page", lambda h: {"/c": front_at(h, f"{h}/1"), "/1": front_at(h, f"{h}/2") | {"id": f"{h}/1"}}),
]  # fmt: skip


@pytest.mark.parametrize("documents", [make for _, make in ASTRAY], ids=[name for name, _ in ASTRAY])
async def test_a_walk_is_not_led_astray(documents: Documents, client: Client, serve: Serve) -> None:
    asked: list[str] = []
    iri = await serve_pages(serve, documents, asked)
    with pytest.raises(Refused):
        await walked(client, iri)
    assert len(asked) <= 4


async def test_a_page_that_calls_itself_a_collection_is_the_last(client: Client, serve: Serve) -> None:
    """WordPress does so when there is nothing on it, small servers always."""
    for items in ([], ["https://a.example/notes/1"]):
        last = {"type": "OrderedCollection", "orderedItems": items}
        iri = await serve_pages(
            serve, lambda h, last=last: {"/c": front_at(h, f"{h}/1"), "/1": {"id": f"{h}/1"} | last}, []
        )
        assert [list(page.items) for page in await walked(client, iri)] == [items]


async def test_a_page_that_redirects_elsewhere_is_refused(client: Client, serve: Serve) -> None:
    async def elsewhere(request: web.Request) -> web.Response:
        return json_answer(page_at(f"http://{request.host}", "/1"))

    other = await serve(elsewhere)

    async def speak(request: web.Request) -> web.Response:
        if request.path == "/1":
            return web.Response(status=302, headers={"Location": f"{other}/1"})
        return json_answer(front_at(f"http://{request.host}", f"http://{request.host}/1"))

    with pytest.raises(Refused, match="another origin"):
        await walked(client, f"{await serve(speak)}/c")


async def test_a_page_under_two_names_is_read_once(client: Client, serve: Serve) -> None:
    def documents(here: str) -> dict[str, Any]:
        again = page_at(here, "/1", next=f"{here}/alias")
        return {"/c": front_at(here, f"{here}/1"), "/1": again, "/alias": again}

    iri = await serve_pages(serve, documents)
    got = []
    with pytest.raises(Refused, match="circle"):
        async for page in paging.walk(client, iri, budget=plenty()):
            got.append(page)
    assert len(got) == 1


async def test_endless_pages_end_with_the_budget(client: Client, serve: Serve) -> None:
    class Endless(dict[str, Any]):
        def __init__(self, here: str) -> None:
            self.here = here

        def __getitem__(self, path: str) -> Any:
            if path == "/c":
                return front_at(self.here, f"{self.here}/0")
            return page_at(self.here, path, next=f"{self.here}/{int(path[1:]) + 1}")

    asked: list[str] = []
    iri = await serve_pages(serve, Endless, asked)
    got = []
    with pytest.raises(Refused, match="used up"):
        async for page in paging.walk(client, iri, budget=Budget(requests=10, bytes=1_000_000)):
            got.append(page)
    assert len(asked) == 10
    assert len(got) == 9


async def test_a_huge_page_ends_at_the_limit_of_the_client(client: Client, serve: Serve) -> None:
    def documents(here: str) -> dict[str, Any]:
        return {"/c": {"id": f"{here}/c", "type": "Collection", "items": ["https://x.example/1"] * 200_000}}

    with pytest.raises(Refused, match="longer"):
        await walked(client, await serve_pages(serve, documents))


async def test_a_walk_cannot_be_started_elsewhere(client: Client, serve: Serve) -> None:
    iri = await serve_pages(serve, three_pages)
    with pytest.raises(Refused):
        await walked(client, iri, start="https://elsewhere.example/c?page=2")
