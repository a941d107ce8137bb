"""Links that open the door from outside, and the code after the password, in a browser without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from node.context import Transaction
from node.members import invitations, resets, second_factor
from node.members.rules import INVITATION_LASTS, Grant
from tests.members.test_second_factor import enrolled, shown
from tests.nodes.served import PASSWORD, ServedNode

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
pytestmark = pytest.mark.one_database


@pytest.fixture
async def reader(node: ServedNode) -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(node.origin, cookie_jar=jar, headers={"Accept": "text/html"}) as session:
        yield session


async def seen(session: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with session.get(path, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def send(session: aiohttp.ClientSession, path: str, **form: str) -> tuple[int, str, str]:
    async with session.post(path, data=form, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text()


async def invitation(node: ServedNode, *, decided: bool = True, role: str = "writer") -> str:
    def make(tx: Transaction) -> str:
        grant = Grant(role, remit="Speaks on <night shifts>.")
        number, secret = invitations.make(tx, grant, actor=node.group, lasts=INVITATION_LASTS)
        if decided:
            invitations.open_for_use(tx, number)
        return f"/join/{secret}"

    return await node.write(make)


async def test_an_invitation_says_what_it_is_for_and_is_used_once(
    node: ServedNode, reader: aiohttp.ClientSession
) -> None:
    path = await invitation(node)
    for _ in range(3):
        status, page = await seen(reader, path)
        assert status == 200, "looking does not use it up"
        for part in ("Transport Workers", "writes drafts", "Speaks on &lt;night shifts&gt;."):
            assert part in page
    for name, password, field, why in (
        ("Rosa", PASSWORD, "name", "cannot be a login name"),
        ("rosa", "short", "password", "at least 12 characters"),
        ("steward", PASSWORD, "name", "is called “steward” already"),
    ):
        status, _, page = await send(reader, path, name=name, password=password)
        assert status in (409, 422) and why in page
        assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', page)
        assert f'id="wrong-{field}"' in page and f'value="{name}"' in page
        assert password not in page
    status, location, _ = await send(reader, path, name="rosa", password=PASSWORD)
    assert (status, location) == (303, "/desk")
    assert "You are <strong>rosa</strong>" in (await seen(reader, "/desk"))[1]
    for status, page in (await seen(reader, path), (await send(node.http, node.origin + path))[::2]):
        assert status == 404 and "was used already" in page


async def test_an_invitation_waits_for_the_decision(node: ServedNode, reader: aiohttp.ClientSession) -> None:
    path = await invitation(node, decided=False)
    status, page = await seen(reader, path)
    assert status == 200 and "has not decided" in page and 'name="password"' not in page
    status, _, page = await send(reader, path, name="rosa", password=PASSWORD)
    assert status == 409 and "has not decided" in page
    assert (await seen(reader, "/join/nothing"))[0] == 404


async def test_a_member_accepts_one_more_mandate_in_her_own_session(
    node: ServedNode, reader: aiohttp.ClientSession
) -> None:
    path = await invitation(node, role="delegate")
    await send(reader, "/login", name="steward", password=PASSWORD)
    page = (await seen(reader, path))[1]
    word = CSRF.search(page)
    assert word is not None and 'name="password"' not in page
    assert (await send(reader, path, csrf="wrong"))[0] == 403
    assert (await send(reader, path, csrf=word[1]))[:2] == (303, "/desk?group=union")
    again = await invitation(node, role="delegate")
    status, _, page = await send(reader, again, csrf=word[1])
    assert status == 409 and "as delegate in this group already" in page


async def test_a_reset_link_sets_a_new_password(node: ServedNode, reader: aiohttp.ClientSession) -> None:
    steward = await node.steward()
    path = f"/reset/{await node.write(resets.make, steward.id)}"
    status, page = await seen(reader, path)
    assert status == 200 and "steward" in page and "second factor" not in page
    status, _, page = await send(reader, path, password="short")
    assert status == 422 and "at least 12 characters" in page
    status, location, _ = await send(reader, path, password="a new password of mine")
    assert (status, location) == (303, "/login?renewed=yes")
    assert "Your new password is set" in (await seen(reader, location))[1]
    assert (await send(reader, "/login", name="steward", password="a new password of mine"))[0] == 303
    assert (await seen(reader, path))[0] == 404


async def test_the_code_is_asked_for_after_the_password(node: ServedNode, reader: aiohttp.ClientSession) -> None:
    _, seed, _ = await enrolled(node)
    assert (await seen(reader, "/login/code"))[0] == 303
    status, location, _ = await send(reader, "/login", name="steward", password=PASSWORD)
    assert (status, location) == (303, "/login/code")
    assert (await seen(reader, "/desk"))[0] == 303, "nothing is open yet"
    assert (await seen(reader, "/login/code"))[0] == 200
    for wrong in ("", "000000x", "9" * 500):
        status, _, page = await send(reader, "/login/code", code=wrong)
        assert status == 422 and 'role="alert"' in page and 'aria-invalid="true"' in page
    assert (await send(reader, "/login/code", code=shown(seed, node.clock())))[:2] == (303, "/desk")
    assert "You are <strong>steward</strong>" in (await seen(reader, "/desk"))[1]
    status, _, page = await send(reader, "/login/code", code=shown(seed, node.clock()))
    assert status == 404 and "log in again" in page


async def test_another_site_can_send_none_of_these(node: ServedNode, reader: aiohttp.ClientSession) -> None:
    path, steward = await invitation(node), await node.steward()
    reset = f"/reset/{await node.write(resets.make, steward.id)}"
    for target in (path, reset, "/login/code"):
        async with reader.post(target, data={"password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
            assert answer.status == 403, target
    assert await node.read(second_factor.find, steward.id) is None
