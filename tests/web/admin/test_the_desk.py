"""What a member can do in her browser, and what nobody can do to her."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from node import objects
from node.context import Transaction
from node.members import actions as members
from tests.nodes.served import PASSWORD, ServedNode

CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@pytest.fixture
async def reader(node: ServedNode) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser that keeps cookies, and is not logged in."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(node.origin, cookie_jar=jar, headers={"Accept": "text/html"}) as session:
        yield session


@pytest.fixture
async def signed_in(reader: aiohttp.ClientSession) -> aiohttp.ClientSession:
    """A browser in which the steward is logged in."""
    async with reader.post("/login", data={"name": "steward", "password": PASSWORD}, allow_redirects=False) as answer:
        assert answer.status == 303
    return reader


async def word(session: aiohttp.ClientSession, path: str = "/desk") -> str:
    async with session.get(path) as answer:
        found = CSRF.search(await answer.text())
    assert found is not None
    return found[1]


async def send(session: aiohttp.ClientSession, path: str, **form: str) -> tuple[int, str, str]:
    """POST a form; status, where to, and the page."""
    async with session.post(path, data={"group": "union"} | form, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text()


@pytest.mark.one_database
async def test_logging_in_gives_one_cookie_that_only_this_browser_sends(reader: aiohttp.ClientSession) -> None:
    data = {"name": "steward", "password": PASSWORD}
    async with reader.post("/login", data=data, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/desk"
        (cookie,) = answer.headers.getall("Set-Cookie")
    for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in cookie
    async with reader.get("/desk") as desk:
        assert desk.status == 200
        assert desk.headers["Cache-Control"] == "no-store"
        page = await desk.text()
    assert "You are <strong>steward</strong>" in page
    assert "one member may act" in page
    async with reader.get("/login", allow_redirects=False) as again:
        assert again.headers["Location"] == "/desk"


@pytest.mark.one_database
async def test_behind_tls_the_cookie_is_bound_to_the_host(node: ServedNode, reader: aiohttp.ClientSession) -> None:
    node.node.config = replace(node.node.config, origin="https://union.example")
    data = {"name": "steward", "password": PASSWORD}
    async with reader.post("/login", data=data, allow_redirects=False) as answer:
        cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie


async def test_a_failed_login_does_not_say_whether_there_is_such_a_member(reader: aiohttp.ClientSession) -> None:
    answers = []
    for name in ("steward", "nobody"):
        status, _, page = await send(reader, "/login", name=name, password="not the password at all")
        answers.append((status, page.replace(f'value="{name}"', "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422
    assert 'role="alert"' in answers[0][1]
    assert "not the password" not in answers[0][1]


@pytest.mark.one_database
async def test_another_site_cannot_log_anybody_in(reader: aiohttp.ClientSession) -> None:
    data = {"name": "steward", "password": PASSWORD}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://x.example"}):
        async with reader.post("/login", data=data, headers=headers, allow_redirects=False) as answer:
            assert answer.status == 403
            assert "Set-Cookie" not in answer.headers
            assert "sent by another site" in await answer.text()


@pytest.mark.one_database
async def test_the_desk_is_closed_to_strangers(reader: aiohttp.ClientSession) -> None:
    async with reader.get("/desk", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert (await send(reader, "/desk/call-back", iri="x"))[:2] == (303, "/login")


async def test_a_member_publishes_from_the_desk(node: ServedNode, signed_in: aiohttp.ClientSession) -> None:
    form = {"title": "Out tonight", "text": "We **stop** work.\r\n\r\nAt ten.", "tags": "night, #depot"}
    status, location, _ = await send(signed_in, "/desk/publish", csrf=await word(signed_in), **form)
    assert (status, location) == (303, "/desk?group=union&done=published")
    (row,) = await node.read(objects.listed, author=node.group)
    _, page = await node.page(row.iri)
    assert "<strong>stop</strong>" in page
    assert "#depot" in page
    async with signed_in.get(location) as desk:
        assert "It is published." in await desk.text()


WRONG: list[tuple[str, str, str]] = [
    ("text", "  ", "there is no text"),
    ("language", "english please", "is not a language"),
    ("tags", "2025", "cannot be a tag"),
    ("reply_to", "https://elsewhere.example/1", "is not held by this node"),
    ("title", "x" * 301, "a title has 1 to 300 characters"),
    ("summary", "x" * 501, "a summary has at most 500 characters"),
    ("title", "a\x00b", "a character in it that cannot be kept"),
]


@pytest.mark.one_database
async def test_wrong_input_is_told_at_its_field_and_loses_nothing(
    node: ServedNode, signed_in: aiohttp.ClientSession
) -> None:
    csrf = await word(signed_in)
    for field, value, why in WRONG:
        form = {"title": "Kept <title>", "text": "Kept & whole.", "language": "en", field: value}
        status, _, page = await send(signed_in, "/desk/publish", csrf=csrf, **form)
        assert status == 422, field
        assert f'id="wrong-{field}"' in page
        assert why in page
        assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', page)
        if field != "text":
            assert "\nKept &amp; whole.</textarea>" in page
        if field != "title":
            assert 'value="Kept &lt;title&gt;"' in page
    assert await node.read(objects.listed, author=node.group) == []


@pytest.mark.one_database
async def test_a_form_without_the_word_of_the_session_does_nothing_and_keeps_the_text(
    node: ServedNode, signed_in: aiohttp.ClientSession
) -> None:
    for csrf in ("", "wrong", "é"):
        status, _, page = await send(signed_in, "/desk/publish", csrf=csrf, text="Kept whole.", language="en")
        assert status == 403
        assert "not of your session" in page
        assert "Kept whole." in page
        assert (await send(signed_in, "/desk/call-back", csrf=csrf, iri="x"))[0] == 403
        assert (await send(signed_in, "/logout", csrf=csrf))[0] == 403
    assert await node.read(objects.listed, author=node.group) == []
    assert await word(signed_in), "she is still logged in"


async def test_who_is_no_longer_logged_in_gets_her_text_back(node: ServedNode, reader: aiohttp.ClientSession) -> None:
    status, _, page = await send(reader, "/desk/publish", csrf="x", title="A <title>", text="An hour's work.")
    assert status == 403
    assert "An hour&#39;s work.</textarea>" in page
    assert "A &lt;title&gt;" in page
    assert await node.read(objects.listed, author=node.group) == []


async def test_what_waits_can_be_called_back_and_mended(node: ServedNode, signed_in: aiohttp.ClientSession) -> None:
    node.node.config = replace(node.node.config, publication_delay=120)
    csrf = await word(signed_in)
    form = {"title": "Too early", "text": "Not yet.", "language": "en", "summary": "Soon.", "sensitive": "yes"}
    _, location, _ = await send(signed_in, "/desk/publish", csrf=csrf, **form)
    async with signed_in.get(location) as desk:
        page = await desk.text()
    assert "on its way" in page
    assert "Too early" in page
    assert "leaves at" in page
    found = re.search(r'name="iri" value="([^"]+)"', page)
    assert found is not None
    status, location, _ = await send(signed_in, "/desk/call-back", csrf=csrf, iri=found[1])
    assert status == 303
    async with signed_in.get(location) as desk:
        page = await desk.text()
    assert "was called back" in page
    for kept in ('value="Too early"', "\nNot yet.\n</textarea>", 'value="Soon."', " checked>"):
        assert kept in page, kept
    status, _, page = await send(signed_in, "/desk/call-back", csrf=csrf, iri=found[1])
    assert status == 409
    assert "cannot be called back" in page
    assert (await node.page(found[1]))[0] == 404


@pytest.mark.one_database
async def test_a_mandate_that_does_not_permit_it_shows_no_form(node: ServedNode, reader: aiohttp.ClientSession) -> None:
    def enter(tx: Transaction) -> Any:
        return members.add(tx, "rosa", PASSWORD, actor=node.group, role="reader")

    await node.write(enter)
    assert (await send(reader, "/login", name="rosa", password=PASSWORD))[0] == 303
    async with reader.get("/desk") as desk:
        page = await desk.text()
    assert "does not let you publish" in page
    assert "<textarea" not in page
    status, _, page = await send(reader, "/desk/publish", csrf=await word(reader), text="All the same.", language="en")
    assert status == 403
    assert "no mandate to publish" in page
    assert await node.read(objects.listed, author=node.group) == []


async def test_what_is_written_at_the_desk_can_be_kept_as_a_draft(
    node: ServedNode, signed_in: aiohttp.ClientSession
) -> None:
    async with signed_in.get("/desk") as desk:
        page = await desk.text()
    assert 'action="/desk/drafts/new"' in page and 'formaction="/desk/publish"' in page
    form = {"title": "Out tonight", "text": "We stop.", "language": "en", "act": "keep"}
    status, location, _ = await send(signed_in, "/desk/drafts/new", csrf=await word(signed_in), **form)
    assert (status, location) == (303, "/desk/drafts/1?group=union&done=begun")
    assert await node.read(objects.listed, author=node.group) == []


@pytest.mark.one_database
async def test_an_answer_can_name_the_page_on_which_she_read_it(
    two_nodes: tuple[ServedNode, ServedNode], arrives: Any
) -> None:
    first, second = two_nodes
    iri = await first.publish("Who comes?")
    path = await arrives(second, iri)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(second.origin, cookie_jar=jar) as session:
        await send(session, "/login", name="steward", password=PASSWORD)
        form = {"group": "tenants", "text": "We do.", "language": "en", "reply_to": second.origin + path}
        assert (await send(session, "/desk/publish", csrf=await word(session), **form))[0] == 303
    (row,) = await second.read(objects.listed, author=second.group)
    assert row.in_reply_to == iri


async def test_logging_out_ends_the_session_for_whoever_has_the_cookie(
    node: ServedNode, signed_in: aiohttp.ClientSession
) -> None:
    stolen = {cookie.key: cookie.value for cookie in signed_in.cookie_jar}
    assert (await send(signed_in, "/logout", csrf=await word(signed_in)))[:2] == (303, "/")
    async with node.http.get(f"{node.origin}/desk", cookies=stolen, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/login"
