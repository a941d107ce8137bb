"""Writing together in the browser: nothing that was written is lost, and nobody else sees a word of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from node import objects
from node.drafts import actions, store
from tests.nodes.served import PASSWORD, ServedNode

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
BASED_ON = re.compile(r'name="based_on" value="(\d+)"')


class Browser:
    """A member's browser."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(path) as answer:
            return answer.status, await answer.text()

    async def send(self, path: str, **form: str) -> tuple[int, str, str]:
        """POST a form of the desk; status, where to, and the page."""
        _, page = await self.get("/desk/drafts/new")
        word = CSRF.search(page)
        assert word is not None
        data = {"group": "union", "csrf": word[1]} | form
        async with self.session.post(path, data=data, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location", ""), await answer.text()

    async def begin(self, **form: str) -> str:
        status, location, page = await self.send("/desk/drafts/new", **form)
        assert status == 303, page
        return location.partition("?")[0]

    async def save(self, path: str, based_on: int, **form: str) -> tuple[int, str, str]:
        return await self.send(f"{path}/edit", based_on=str(based_on), **form)


@pytest.fixture
async def browser(node: ServedNode) -> AsyncIterator[Callable[..., Any]]:
    """Logs a member in: `await browser("rosa", "writer")`."""
    async with aiohttp.ClientSession() as closing:
        opened: list[aiohttp.ClientSession] = []

        async def log_in(name: str = "steward", role: str | None = None) -> Browser:
            if role is not None:
                await node.enter(name, role)
            session = aiohttp.ClientSession(
                node.origin, cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Accept": "text/html"}
            )
            opened.append(session)
            data = {"name": name, "password": PASSWORD}
            async with session.post("/login", data=data, allow_redirects=False) as answer:
                assert answer.status == 303
            return Browser(session)

        yield log_in
        for session in opened:
            await session.close()
        assert not closing.closed


async def test_a_text_is_written_by_two_discussed_and_published(node: ServedNode, browser: Any) -> None:
    steward, rosa = await browser(), await browser("rosa", "writer")
    path = await rosa.begin(title="Strike", text="We march at ten.\r\n\r\nAll of us.", language="en", tags="bus")
    status, page = await steward.get(path)
    assert status == 200 and "We march at ten." in page and "<bdi>rosa</bdi>" in page
    assert (await steward.get("/desk/drafts"))[1].count(">Strike</bdi>") == 1

    _, form = await steward.get(f"{path}/edit")
    assert BASED_ON.search(form)[1] == "1" and "All of us." in form  # type: ignore[index]
    status, location, _ = await steward.save(
        path, 1, title="Strike", text="We march at nine.\n\nAll of us.", language="en"
    )
    assert (status, location) == (303, f"{path}?group=union&done=kept")
    _, page = await rosa.get(f"{path}/difference?from=1&to=2")
    assert re.search(r"<del><span[^>]*>taken out: </span>ten<", page)
    assert re.search(r"<ins><span[^>]*>added: </span>nine<", page)
    assert "bus" in page  # the tag is gone
    assert (await rosa.get(f"{path}/versions/1"))[1].count("We march at ten.") == 1

    assert (await rosa.send(f"{path}/comment", comment="Nine is early.\nVery."))[0] == 303
    assert "Nine is early.\nVery." in (await steward.get(path))[1]
    assert 'value="2"' in (await steward.get(path))[1]
    assert "Propose" not in (await rosa.get(path))[1], "a writer proposes nothing"
    status, _, page = await rosa.send(f"{path}/propose", version="2")
    assert status == 403
    status, _, page = await steward.send(f"{path}/propose", version="1")
    assert status == 409 and "now it is version 2" in page
    status, location, _ = await steward.send(f"{path}/propose", version="2")
    assert (status, location) == (303, "/desk/drafts?group=union&done=published")
    (row,) = await node.read(objects.listed, author=node.group)
    assert "We march at nine." in (await node.page(row.iri))[1]
    contents = await node.contents()
    assert [contents[name] for name in ("drafts", "draft_versions", "draft_comments")] == [[], [], []]
    assert (await rosa.get(path))[0] == 404


@pytest.mark.one_database
async def test_two_who_save_the_same_words_see_both_and_lose_none(node: ServedNode, browser: Any) -> None:
    steward, rosa = await browser(), await browser("rosa", "writer")
    path = await rosa.begin(text="We march at ten. All of us.")
    assert (await steward.save(path, 1, text="We march at nine. All of us."))[0] == 303
    status, location, _ = await rosa.save(path, 1, text="We march at ten. All of us, singing.")
    assert (status, location.endswith("done=joined")) == (303, True)
    assert "We march at nine. All of us, singing." in (await rosa.get(path))[1]

    status, _, page = await rosa.save(path, 1, text="We march at noon. All of us.")
    assert status == 409
    assert "We march at nine." in page and "We march at noon." in page and "&gt;&gt;&gt;&gt;&gt;&gt;&gt; 4" in page
    assert 'name="settles" value="4"' in page and BASED_ON.search(page)[1] == "3"  # type: ignore[index]
    _, whole = await steward.get(path)
    assert "Version 4 is set aside" in whole and "We march at nine." in whole
    status, _, page = await steward.send(f"{path}/propose", version="3")
    assert status == 409 and "version 4 was set aside" in page
    _, form = await steward.get(f"{path}/edit?settle=4")
    assert "We march at noon." in form and "We march at nine." in form
    done = await steward.save(path, 3, text="We march at noon. All of us, singing.", settles="4")
    assert done[0] == 303
    _, whole = await steward.get(path)
    assert "set aside" not in whole and "We march at noon." in whole
    assert (await steward.save(path, 5, title="Out", text="We march at noon."))[0] == 303
    status, _, page = await rosa.save(path, 5, title="Strike & go", text="We march at noon.")
    assert status == 409 and "the version that was set aside says “Strike &amp; go”" in page
    assert (await rosa.send(f"{path}/leave-out", version="7"))[0] == 303
    marked = "<<<<<<< 1\na\n=======\nb\n>>>>>>> 2\n"
    assert (await steward.save(path, 6, text=marked))[0] == 303
    status, _, page = await steward.send(f"{path}/propose", version="8")
    assert status == 422 and "two wordings stand side by side" in page


@pytest.mark.one_database
async def test_what_is_wrong_is_said_at_its_field_and_the_text_is_kept(node: ServedNode, browser: Any) -> None:
    steward = await browser()
    for field, value, why in (
        ("language", "xx", "there is no language “xx”"),
        ("form", "Poem", "neither Note nor Article"),
        ("facts", "kind strike", "line 1: "),
        ("facts", "title: x", "have fields of their own"),
        ("kind", "poem", "there is no kind of draft “poem”"),
    ):
        status, _, page = await steward.send("/desk/drafts/new", text="We go & stay.", **{field: value})
        assert status == 422, field
        assert why in page and "We go &amp; stay." in page and 'role="alert"' in page
    assert await node.read(store.of_group, node.group) == []
    path = await steward.begin(text="We go.", facts="kind: strike\nbegan: 2026-11-03")
    _, page = await steward.get(path)
    assert "<code>began</code>" in page and "2026-11-03" in page
    status, _, page = await steward.save(path, 1, text="We stay.", language="xx")
    assert status == 422 and "We stay." in page
    assert (await steward.send(f"{path}/comment", comment=" "))[0] == 422
    assert (await steward.send(f"{path}/drop"))[0] == 422
    for wrong in ("/desk/drafts/9", f"{path}/versions/7", f"{path}/difference?from=1&to=x", "/desk/drafts/x"):
        assert (await steward.get(wrong))[0] == 404
    steward.session.cookie_jar.clear()
    async with steward.session.post(f"{path}/edit", data={"text": "Hours of work", "based_on": "1"}) as answer:
        assert answer.status == 403 and "Hours of work" in await answer.text()


@pytest.mark.one_database
async def test_nobody_else_sees_a_word_of_a_draft(node: ServedNode, browser: Any) -> None:
    steward = await browser()
    path = await steward.begin(title="Sekretwort", text="Sekretwort", language="en")
    for where in (
        "/",
        "/wire",
        "/groups/union",
        "/wire.atom",
        "/wire.json",
        "/sitemap.xml",
        "/groups/union/outbox",
        path,
    ):
        for accept in ("text/html", "application/activity+json"):
            async with node.http.get(node.origin + where, headers={"Accept": accept}) as answer:
                assert "Sekretwort" not in await answer.text()
    async with node.http.get(node.origin + path, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/login")
    _, page = await steward.get(f"{path}/preview")
    assert page.count("Sekretwort") >= 4 and "GoToSocial" in page


@pytest.mark.one_database
async def test_a_text_in_a_second_language_stands_in_its_own_direction(node: ServedNode, browser: Any) -> None:
    steward = await browser()
    path = await steward.begin(title="Strike", text="We march at ten.", language="en")
    _, form = await steward.get(f"{path}/edit?language=ar")
    assert 'lang="ar"' in form and 'dir="rtl"' in form and "We march at ten." in form
    saved = await steward.save(path, 1, translation="ar", title="إضراب", text="نخرج في العاشرة.")
    assert saved[0] == 303
    _, page = await steward.get(path)
    assert '<div lang="ar" dir="rtl">' in page and "نخرج في العاشرة." in page
    assert (await steward.save(path, 2, translation="ar", title="إضراب", text="نخرج في التاسعة."))[0] == 303
    _, page = await steward.get(f"{path}/difference?from=2&to=3")
    assert 'dir="rtl"' in page and "<del>" in page
    assert (await steward.save(path, 3, translation="ar", text=" "))[0] == 303
    assert "إضراب" not in (await steward.get(path))[1]
    status, _, page = await steward.save(path, 4, translation="qqq", text="x")
    assert status == 422 and "there is no language" in page


async def test_what_was_called_back_can_be_worked_on_again(serve: Any) -> None:
    node: ServedNode = await serve(0, settings={"publication_delay": 600})
    steward = await node.steward()

    from node.drafts import proposing
    from node.statements.rules import Draft

    number = await node.write(actions.begin, Draft(text="We go."), actor=node.group, member=steward)
    await node.write(actions.comment, number, "Really?", member=steward)
    iri, _ = await node.write(proposing.propose, number, version=1, member=steward)
    contents = await node.contents()
    assert (contents["draft_versions"], contents["draft_comments"]) == ([], [])
    assert await node.read(objects.find, iri) is None
    await node.write(proposing.call_back, number, member=steward)
    saved = await node.write(actions.save, number, Draft(text="We stay."), based_on=1, member=steward)
    assert saved.version == 2
    again, _ = await node.write(proposing.propose, number, version=2, member=steward)
    assert again != iri
