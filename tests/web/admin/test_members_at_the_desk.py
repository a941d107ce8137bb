"""Members, oneself and groups at the desk, walked through its forms in a browser without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import aiohttp
import pytest

from node import translating
from node.context import Transaction
from node.decisions import ONE_MEMBER, UNDER, Choice, Method, Rule, State, cast, change_rule
from node.decisions import ruling as rules
from node.decisions import store as decided
from node.members import actions as members
from node.members import mandates, offices, store
from node.members.rules import SESSION_LASTS
from tests.groups.test_roles import TWO, person, ruled
from tests.members.test_second_factor import shown
from tests.nodes.served import PASSWORD, ServedNode, stands_in

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
LINK = re.compile(r'<p class="once"><a href="[^"]*(/(?:join|reset)/[^"]+)"')
pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


class Browser:
    """A browser that is logged in."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def see(self, path: str, *, language: str = "en") -> tuple[int, str]:
        headers = {"Accept-Language": language}
        async with self.session.get(path, headers=headers, allow_redirects=False) as answer:
            return answer.status, unescape(await answer.text())

    async def send(self, path: str, *, group: str = "union", **form: str) -> tuple[int, str, str]:
        found = CSRF.search((await self.see("/desk/me"))[1])
        word = {"csrf": found[1]} if found else {}
        async with self.session.post(path, data={"group": group} | word | form, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location", ""), unescape(await answer.text())

    async def log_in(self, name: str = "steward", password: str = PASSWORD) -> None:
        data = {"name": name, "password": password}
        async with self.session.post("/login", data=data, allow_redirects=False) as answer:
            assert answer.status == 303


async def browser(node: ServedNode) -> AsyncIterator[Browser]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(node.origin, cookie_jar=jar, headers={"Accept": "text/html"}) as session:
        yield Browser(session)


@pytest.fixture
async def steward(node: ServedNode) -> AsyncIterator[Browser]:
    async for one in browser(node):
        await one.log_in()
        yield one


@pytest.fixture
async def another(node: ServedNode) -> AsyncIterator[Browser]:
    async for one in browser(node):
        yield one


async def test_from_the_invitation_to_the_desk(node: ServedNode, steward: Browser, another: Browser) -> None:
    form = {"role": "editor", "until": "2099-05-01", "remit": "Speaks on <trams>.", "days": "3"}
    status, _, page = await steward.send("/desk/members/invite", **form | {"until": "2030-05-01"})
    link = LINK.search(page)
    assert status == 200 and link is not None
    assert link[1] not in (await steward.see("/desk/members"))[1], "it is shown once"
    assert "Open invitations" in (await steward.see("/desk/members"))[1]
    async with another.session.post(link[1], data={"name": "rosa", "password": PASSWORD}) as answer:
        assert "You are <strong>rosa</strong>" in await answer.text()
    status, page = await another.see("/desk/members")
    assert status == 200
    for part in ("rosa", "editor", "Speaks on <trams>.", "2030"):
        assert part in page
    assert "Invite somebody" not in page, "she is no steward"
    assert (await another.send("/desk/members/invite", **form | {"until": ""}))[0] == 403
    status, _, page = await steward.send("/desk/members/invite", **form)
    assert status == 422 and "ten years" in page and re.search(r'name="until"[^>]*aria-invalid="true"', page)
    assert "Speaks on <trams>.</textarea>" in page and 'value="2099-05-01"' in page


async def test_one_steward_is_too_few_and_the_page_says_so(node: ServedNode, steward: Browser) -> None:
    assert "only one steward" in (await steward.see("/desk/members"))[1]
    assert "Find a second steward" in (await steward.see("/desk"))[1]
    await person(node, "emma", "steward")
    assert "only one steward" not in (await steward.see("/desk/members"))[1]
    assert "Find a second steward" not in (await steward.see("/desk"))[1]


async def test_mandates_that_end_within_a_month_are_named_on_the_overview(node: ServedNode, steward: Browser) -> None:
    rosa, karl = await person(node, "rosa", "editor"), await person(node, "karl", "editor")
    table = store.mandates

    def ends(tx: Transaction) -> None:
        for member, days in ((rosa, 20), (karl, 40)):
            tx.execute(table.update().where(table.c.member == member.id).values(ends=tx.now + timedelta(days=days)))

    await node.write(ends)
    page = unescape((await steward.see("/desk"))[1])
    assert "Renew the mandate of rosa as “editor”" in page and "It ends by itself." in page
    assert "mandate of karl" not in page
    await node.write(lambda tx: store.add_mandate(tx, rosa.id, node.group, "editor", None))
    assert "mandate of rosa" not in (await steward.see("/desk"))[1], "she holds it on"


async def test_what_a_steward_does_is_seen_by_all(node: ServedNode, steward: Browser, another: Browser) -> None:
    rosa = await person(node, "rosa", "reader")
    await another.log_in("rosa")
    status, _, page = await steward.send("/desk/members/reset", name="rosa")
    link = LINK.search(page)
    assert status == 200 and link is not None and "The link for rosa" in page
    assert (await another.see("/desk"))[0] == 303, "her sessions have ended"
    async with another.session.post(link[1], data={"password": "a new password of mine"}) as answer:
        assert answer.status == 200
    await another.log_in("rosa", "a new password of mine")
    await steward.send("/desk/members/mandate", name="rosa", role="writer")
    page = (await another.see("/desk/members"))[1]
    assert "made a link to a new password for rosa" in re.sub(r"</?bdi>", "", page)
    assert "change who holds which role" in page and "rosa: writer" in page
    assert "rosa: كتابة" in (await another.see("/desk/members", language="ar"))[1]
    held = {row.role: row.id for row in await node.read(mandates.of_member, rosa.id, node.group)}
    await steward.send("/desk/members/recall", number=str(held["writer"]))
    assert await node.read(store.roles, rosa.id, node.group) == ["reader"]
    await steward.send("/desk/members/invite", role="writer", days="7")
    (row,) = (await node.contents())["invitations"]
    assert (await steward.send("/desk/members/withdraw", number=str(row[0])))[0] == 303
    assert (await node.contents())["invitations"] == []
    assert (await steward.send("/desk/members/withdraw", number=str(row[0])))[0] == 404
    assert "took back an invitation" in (await another.see("/desk/members"))[1]
    await node.write(rules.store.set_rule, node.group, "change_rules", Rule(Method.APPROVALS, approvals=2))
    await node.write(rules.reset, node.group, "change_rules")
    page = (await another.see("/desk/members"))[1]
    assert "back to “one member may act”, to change the group's rules" in unescape(page)
    node.clock.advance(offices.KEPT_FOR + timedelta(days=1))
    await node.write(offices.prune)
    assert (await node.contents())["office_acts"] == []


async def test_nothing_wrong_changes_anything(node: ServedNode, steward: Browser) -> None:
    await person(node, "rosa", "reader")
    before = await node.contents(without=("sessions",))
    for act, form, why in (
        ("mandate", {"name": "nobody", "role": "writer"}, "no member “nobody”"),
        ("mandate", {"name": "rosa", "role": "king"}, "no role"),
        ("mandate", {"name": "rosa", "role": "writer", "until": "tomorrow"}, "is not a day"),
        ("mandate", {"name": "rosa", "role": "writer", "until": "2020-01-01"}, "ended already"),
        ("invite", {"role": "writer", "days": "x"}, "not a whole number"),
        ("invite", {"role": "writer", "days": "99"}, "30 days at most"),
        ("turns", {"role": "writer", "members": "rosa", "days": "7", "rounds": "1"}, "two members"),
        ("recall", {"number": "99999"}, "no such mandate"),
        ("recall", {"number": "-1"}, "not a whole number"),
        ("remove", {"name": "steward"}, "only steward"),
        ("reset", {"name": "nobody"}, "no member “nobody”"),
        ("conquer", {}, "no such form"),
    ):
        status, _, page = await steward.send(f"/desk/members/{act}", **form)
        assert status in (404, 409, 422) and why in page, (act, form, status)
    assert (await steward.send("/desk/members/remove", name="rosa", csrf="wrong"))[0] == 403
    assert await node.contents(without=("sessions",)) == before


async def test_where_two_decide_the_desk_says_what_waits(node: ServedNode, steward: Browser) -> None:
    emma = await person(node, "emma", "steward")
    await ruled(node, TWO)
    status, _, page = await steward.send("/desk/members/invite", role="writer", days="7")
    assert status == 200 and "opens when the group has adopted decision" in page
    assert "waits for the group's decision" in (await steward.see("/desk/members"))[1]
    status, _, page = await steward.send(
        "/desk/members/turns", role="delegate", members="emma steward", days="7", rounds="2"
    )
    assert status == 200 and "This is its receipt" in page
    number = re.search(r"/desk/decisions/(\d+)", page)
    assert number is not None and "proposed to the group" in page
    assert await node.read(store.roles, emma.id, node.group) == ["steward"]
    counted = await node.write(cast, int(number[1]), member=emma, choice=Choice.FOR)
    assert counted.state is State.ADOPTED
    row = await node.read(decided.find, int(number[1]))
    assert not stands_in("emma", repr(row)), "whom it is about is kept with members"


async def test_the_page_on_power_is_plain(node: ServedNode, steward: Browser, another: Browser) -> None:
    status, page = await steward.see("/desk/members/power")
    assert status == 200
    for part in ("Whoever holds the server", "worked out by subtraction", "This group has 1 steward", "SQLite"):
        assert part in page
    assert (await another.see("/desk/members/power"))[0] == 303


async def test_a_second_factor_is_set_up_and_turned_off_at_the_desk(
    node: ServedNode, steward: Browser, another: Browser
) -> None:
    status, _, page = await steward.send("/desk/me/begin", password="not the password")
    assert status == 422 and re.search(r'id="begin-password"[^>]*aria-invalid="true"', page)
    assert (await steward.send("/desk/me/begin", password=PASSWORD))[0] == 303
    page = (await steward.see("/desk/me"))[1]
    seed = re.search(r"secret=([A-Z2-7]+)", page)
    assert seed is not None and "<svg" in page and "style=" not in page
    assert (await steward.send("/desk/me/prove", code="000000"))[0] == 422
    status, _, page = await steward.send("/desk/me/prove", code=shown(seed[1], node.clock()))
    codes = re.findall(r"<li>([0-9a-z]{4}(?:-[0-9a-z]{4}){3})</li>", page)
    assert status == 200 and len(codes) == 10
    page = (await steward.see("/desk/me"))[1]
    assert seed[1] not in page and codes[0] not in page and "10 codes on paper are left" in page
    await another.log_in()
    assert (await another.see("/desk/me"))[0] == 303
    async with another.session.post("/login/code", data={"code": codes[0]}) as answer:
        assert answer.status == 200
    status, _, page = await steward.send("/desk/me/paper", password=PASSWORD)
    assert status == 200 and codes[1] not in page
    assert (await steward.send("/desk/me/off", password="wrong wrong wrong"))[0] == 422
    assert (await steward.send("/desk/me/off", password=PASSWORD))[0] == 303
    assert "Set up a second factor" in (await steward.see("/desk/me"))[1]
    assert (await steward.send("/desk/me/paper", password=PASSWORD))[0] == 409


async def test_sessions_are_listed_by_day_and_ended_one_by_one(
    node: ServedNode, steward: Browser, another: Browser
) -> None:
    await another.log_in()
    node.clock.advance(timedelta(days=2))
    page = (await steward.see("/desk/me"))[1]
    today = node.clock().date()
    assert "This browser" in page and "Another browser" in page
    assert f"began {today - timedelta(days=2)}, last used {today}" in page, "that of this request"
    assert f"last used {today - timedelta(days=2)}" in page
    numbers = re.findall(r'action="/desk/me/end">.*?name="number" value="([0-9a-f]+)"', page)
    assert len(numbers) == 1
    assert (await steward.send("/desk/me/end", number=numbers[0]))[0] == 303
    assert (await another.see("/desk"))[0] == 303
    assert (await steward.send("/desk/me/end", number=numbers[0]))[0] == 404
    await another.log_in()
    assert (await steward.send("/desk/me/others"))[0] == 303
    assert (await another.see("/desk"))[0] == 303 and (await steward.see("/desk"))[0] == 200
    node.clock.advance(SESSION_LASTS)
    assert (await steward.see("/desk"))[0] == 303


async def test_a_session_of_somebody_else_cannot_be_ended(node: ServedNode, steward: Browser, another: Browser) -> None:
    await person(node, "rosa", "reader")
    await another.log_in("rosa")
    (row,) = await node.read(store.sessions_of, (await node.steward()).id)
    assert (await another.send("/desk/me/end", number=members.number_of(row)))[0] == 404
    assert (await steward.see("/desk"))[0] == 200


async def test_programs_and_password_are_hers_to_change(node: ServedNode, steward: Browser) -> None:
    status, _, page = await steward.send("/desk/me/token", scopes="read write", password=PASSWORD)
    token = re.search(r'<p class="once">([\w-]+)</p>', page)
    assert status == 200 and token is not None
    assert (await node.read(members.token, token[1])).scopes == {"read", "write"}
    assert (await steward.send("/desk/me/token", scopes="rule", password=PASSWORD))[0] == 422
    page = (await steward.see("/desk/me"))[1]
    number = re.search(r'action="/desk/me/end-token">.*?name="number" value="([0-9a-f]+)"', page)
    assert number is not None and token[1] not in page
    assert (await steward.send("/desk/me/end-token", number=""))[0] == 404
    assert (await steward.send("/desk/me/end-token", number=number[1]))[0] == 303
    assert await node.read(members.token, token[1]) is None
    for form, field in (
        ({"password": "wrong wrong wrong", "new": "a new password of mine"}, "password"),
        ({"password": PASSWORD, "new": "short"}, "new"),
    ):
        status, _, page = await steward.send("/desk/me/password", **form)
        assert status == 422 and re.search(rf'id="password-{field}"[^>]*aria-invalid="true"', page), field
    assert (await steward.send("/desk/me/password", password=PASSWORD, new="a new password of mine"))[0] == 303
    assert (await steward.see("/desk"))[0] == 200


async def test_who_leaves_is_forgotten_and_the_last_steward_cannot(
    node: ServedNode, steward: Browser, another: Browser
) -> None:
    await person(node, "rosa", "reader")
    await another.log_in("rosa")
    assert (await another.send("/desk/me/leave", password="wrong wrong wrong"))[0] == 422
    assert (await another.send("/desk/me/leave", password=PASSWORD))[:2] == (303, "/")
    assert not stands_in("rosa", repr(await node.contents()))
    status, _, page = await steward.send("/desk/me/leave", password=PASSWORD)
    assert status == 409 and "only steward" in page


async def test_a_group_is_added_and_retired_at_the_desk(node: ServedNode, steward: Browser, another: Browser) -> None:
    await person(node, "rosa", "reader")
    form = {"name": "Strike Fund", "handle": "fund", "language": "de", "steward": "rosa"}
    for wrong, field in (
        ({"handle": "No!"}, "handle"), ({"steward": "nobody"}, "steward"), ({"language": "?"}, "language"),
        ({"name": ""}, "name"),
    ):  # fmt: skip
        status, _, page = await steward.send("/desk/groups/add", **form | wrong)
        assert status in (404, 422) and re.search(rf'id="{field}"[^>]*aria-invalid="true"', page), field
    status, _, page = await steward.send("/desk/groups/add", **form)
    assert status == 200 and "BEGIN PRIVATE KEY" in page and "is a group of this node" in page
    assert "BEGIN PRIVATE KEY" not in (await steward.see("/desk/groups"))[1]
    assert (await steward.see("/desk/members?group=fund"))[0] == 403, "a mandate in one is none in another"
    await another.log_in("rosa")
    await node.write(store.add_mandate, (await node.steward()).id, f"{node.origin}/groups/fund", "reader", None)
    status, _, page = await another.send("/desk/members/reset", group="fund", name="steward")
    assert status == 403 and "member of another group too" in page, "her link would open that group as well"
    page = (await another.see("/desk/members?group=fund"))[1]
    assert "You act in the name of <strong><bdi>Strike Fund</bdi></strong>" in page
    assert "Transport Workers" in (await another.see("/desk/members?group=union"))[1]
    assert (await another.send("/desk/groups/add", **form | {"handle": "paper"}))[0] == 403
    status, _, page = await another.send("/desk/groups/retire", group="fund", sure="yes")
    assert status == 422 and "type the handle" in page
    assert (await another.send("/desk/groups/retire", group="fund", sure="fund"))[0] == 303
    assert (await node.activity("/groups/fund"))[0] == 410
    status, _, page = await steward.send("/desk/groups/retire", sure="union")
    assert status == 409 and "main group" in page


async def test_the_desk_says_rules_and_what_was_decided_in_the_language_of_whoever_looks(
    node: ServedNode, steward: Browser
) -> None:
    await person(node, "rosa", "editor")
    await node.write(change_rule, "boost", TWO, actor=node.group, member=await node.steward())
    await translating.load("de")
    with translating.speaking("de"):
        rule, office = translating.said(ONE_MEMBER), translating.translated(UNDER["boost"])
    page = (await steward.see("/desk/members", language="de"))[1]
    assert f"„{rule}“" in page and f"{office}: " in page
    assert "one member may act" not in page and UNDER["boost"] not in page
    assert "one member may act" not in (await steward.see("/desk/positions", language="de"))[1]
