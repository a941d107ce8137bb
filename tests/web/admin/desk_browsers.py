"""Members at the desk, each in a browser of her own: what tests of its pages need."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from node.context import Transaction
from node.decisions import store as decisions
from node.decisions.rules import Rule
from node.members import store as members
from node.members.store import Member
from tests.nodes.served import PASSWORD, ServedNode, password_hash

CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class AtDesk:
    """A browser in which a member is logged in."""

    name: str
    http: aiohttp.ClientSession

    async def get(self, path: str, *, status: int = 200, **headers: str) -> str:
        """A page."""
        async with self.http.get(path, headers=headers) as answer:
            assert answer.status == status, (answer.status, await answer.text())
            return await answer.text()

    async def send(self, path: str, *, origin: str = "/desk", **form: str) -> tuple[int, str, str]:
        """A form, with the word of her session; status, where to, and the page."""
        found = CSRF.search(await self.get(origin))
        assert found is not None
        data = {"csrf": found[1], "group": "union"} | form
        async with self.http.post(path, data=data, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location", ""), await answer.text()


def enter(tx: Transaction, group: str, roles: dict[str, str]) -> dict[str, Member]:
    """Members with one mandate each: name -> role."""
    found = {}
    for name, role in roles.items():
        number = members.add(tx, name, password_hash())
        members.add_mandate(tx, number, group, role, None)
        found[name] = Member(number, name)
    return found


async def give_rule(node: ServedNode, under: str, rule: Rule) -> None:
    """A rule that the group has, without asking it."""
    await node.write(lambda tx: decisions.set_rule(tx, node.group, under, rule))


@asynccontextmanager
async def at_desk(node: ServedNode, name: str) -> AsyncIterator[AtDesk]:
    """A browser in which a member has logged in."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(node.origin, cookie_jar=jar, headers={"Accept": "text/html"}) as session:
        data = {"name": name, "password": PASSWORD}
        async with session.post("/login", data=data, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
        yield AtDesk(name, session)
