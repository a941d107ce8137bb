"""After a full run nothing of a person is at rest beyond PRIVACY.md and the record level, byte by byte; and nothing
leaves a node over any route before the group has decided, and once afterwards."""

from __future__ import annotations

import asyncio
import io
import logging
import tarfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web

from federation.media_types import ACTIVITY_JSON
from node import backup, log
from node.decisions import actions as deciding
from node.decisions import store as decided
from node.decisions.rules import HOUR, ONE_MEMBER, Choice, Method, Record, Rule, State
from node.drafts import actions as drafts
from node.drafts import proposing
from node.members import actions as members
from node.members import invitations, second_factor
from node.members.rules import INVITATION_LASTS, Grant
from node.members.store import Member
from node.statements import blanks, redacting
from node.statements.rules import Draft
from node.web import routes
from node.web.pages.text_page import number_of
from tests.decisions.test_nothing_is_left import files_of, holding
from tests.members.test_second_factor import shown
from tests.nodes.served import ServedNode, eventually
from tests.statements.test_corrections import correct
from tests.web.mastodon import logins

Two = tuple[ServedNode, ServedNode]
NAMES = ("zephyrine", "wilhelmina")
PASSWORD = "a password of quokkas"
WHO = {"X-Forwarded-For": "203.0.113.99", "User-Agent": "Browser-of-numbats", "Accept": "text/html"}
NEVER = (PASSWORD, "203.0.113.99", "Browser-of-numbats")
BLOCK = "dingoes would suffer"
GONE = {"first version": "aardvark", "comment": "bandicoot", "ballot": "capybara", "redacted version": "echidna"}


@dataclass
class Run:
    """A group that did everything: what its members held in their hands, which is to be found nowhere."""

    node: ServedNode
    people: list[Member] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    text: str = ""


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, on the most talkative level."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    log.configure("debug")
    root.handlers[:] = [logging.StreamHandler(stream)]
    yield stream
    root.handlers[:], root.level = before


@asynccontextmanager
async def browser(node: ServedNode) -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(node.origin, cookie_jar=jar, headers=WHO | {"Origin": node.origin}) as session:
        yield session


async def join(run: Run, name: str) -> None:
    """Come by invitation with a browser, set up a second factor, and log in with it."""
    number, secret = await run.node.write(
        invitations.make, Grant("editor"), actor=run.node.group, lasts=INVITATION_LASTS
    )
    await run.node.write(invitations.open_for_use, number)
    async with browser(run.node) as session:
        form = {"name": name, "password": PASSWORD, "again": PASSWORD}
        async with session.post(f"/join/{secret}", data=form) as answer:
            assert answer.status == 200, await answer.text()
        cookies = [one.value for one in session.cookie_jar]
        member = await run.node.read(members.named, name)
        await run.node.write(second_factor.begin, member.id)
        seed = (await run.node.read(second_factor.enrolment, member.id, name)).seed
        code = shown(seed, run.node.clock())
        paper = await run.node.write(second_factor.prove, member.id, code)
        async with session.get("/desk") as answer:
            assert answer.status == 200 and name in await answer.text()
        run.secrets += await let_an_app_in(run.node, session)
    run.people.append(member)
    run.secrets += [secret, seed, *(paper or []), *cookies]


async def let_an_app_in(node: ServedNode, session: aiohttp.ClientSession) -> list[str]:
    """By a member who is logged in; the secrets that come with it."""
    app = await logins.register(node)
    async with session.get(logins.asking(app)) as answer:
        page = await answer.text()
    _, location, _ = await logins.allow(session, page, node.group)
    (code,) = parse_qs(urlsplit(location).query)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": logins.CALLBACK}
    form |= {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    async with session.post("/oauth/token", data=form) as answer:
        token: str = (await answer.json())["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    async with session.get("/api/v1/accounts/verify_credentials", headers=bearer) as answer:
        assert answer.status == 200, await answer.text()
    return [app["client_secret"], code, token]


async def decide(run: Run, kind: str, about: str, choices: list[tuple[Member, Choice, str]]) -> State:
    row = await run.node.read(decided.newest_about, kind, about)
    run.receipts += await run.node.read(decided.receipts_of, row.id)
    state = State.OPEN
    for member, choice, words in choices:
        if state is not State.OPEN:
            break
        counted = await run.node.write(deciding.cast, row.id, member=member, choice=choice, words=words)
        run.receipts.append(counted.receipt)
        state = counted.state
    await run.node.quiet()
    return state


async def write_and_decide(run: Run, rule: Rule) -> None:
    """Two write a draft and comment on it; the group decides on it, and blocks another."""
    node, (one, other) = run.node, run.people
    number = await node.write(drafts.begin, Draft(text=f"The {GONE['first version']}."), actor=node.group, member=one)
    await node.write(drafts.comment, number, f"No {GONE['comment']} please.", member=other)
    await node.write(drafts.save, number, Draft(text=f"The {GONE['redacted version']}."), based_on=1, member=other)
    await node.write(decided.set_rule, node.group, "publish_statement", rule)
    run.text, _ = await node.write(proposing.propose, number, version=2, member=one)
    steward = await node.steward()
    votes = [(other, Choice.FOR, f"So that the {GONE['ballot']} live."), (steward, Choice.ABSTAIN, "")]
    assert await decide(run, "publish_statement", run.text, votes) is State.ADOPTED
    second = await node.write(drafts.begin, Draft(text="Another."), actor=node.group, member=other)
    blocked, _ = await node.write(proposing.propose, second, version=1, member=other)
    votes = [(one, Choice.BLOCK, BLOCK), (steward, Choice.FOR, "")]
    assert await decide(run, "publish_statement", blocked, votes) is State.REJECTED
    await node.write(drafts.drop, second, member=other)


async def correct_and_redact(run: Run) -> None:
    await run.node.write(decided.set_rule, run.node.group, "correct", ONE_MEMBER)
    await correct(run.node, run.text, "The wombats.")
    steward = await run.node.steward()
    part = blanks.read("revision:1")
    await run.node.write(redacting.redact, run.text, part, reason="safety", member=steward)
    await run.node.quiet()


@pytest.mark.parametrize("record", list(Record))
async def test_nothing_of_a_person_is_left_beyond_the_record_level(
    two_nodes: Two, record: Record, logged: io.StringIO, tmp_path: Path
) -> None:
    node, peer = two_nodes
    run = Run(node)
    for name in NAMES:
        await join(run, name)
    await write_and_decide(run, Rule(Method.CONSENT, quorum=3, at_most=24 * HOUR, record=record))
    await peer.quiet()
    for whole in ((await node.page(run.text))[1], repr(await peer.contents())):
        assert any(name in whole for name in NAMES) is (record is Record.OPEN), (
            "names are public where the group votes so"
        )
    await correct_and_redact(run)
    await peer.quiet()
    await backup.full(node.node, tmp_path / "full.tar")
    await backup.public(node.node, tmp_path / "public.tar")
    held, copied = await node.contents(), await asyncio.to_thread(unpacked, tmp_path / "full.tar")
    public, elsewhere = await asyncio.to_thread(unpacked, tmp_path / "public.tar"), await peer.contents()

    rows = {name: repr(found) for name, found in held.items()}
    for what, word in GONE.items():
        assert not [name for name, found in rows.items() if word in found], what
        assert not [name for name, found in copied.items() if word in found], what
        assert word not in repr(elsewhere), what
    for secret in (*run.secrets, *NEVER):
        assert not [name for name, found in rows.items() if secret in found], secret
        assert not [name for name, found in copied.items() if secret in found], secret
    assert {name for name, found in rows.items() if BLOCK in found} == {"decisions"}, "why somebody blocked stays"
    with_names = {name for name, found in rows.items() if any(one in found for one in NAMES)}
    assert with_names == {"members"}
    assert {name for name, found in rows.items() if any(one in found for one in run.receipts)} == {"receipts"}
    await nobody_is_named_beside(run, record)
    for found in (public, {"peer": repr(elsewhere)}):
        whole = "".join(found.values())
        assert BLOCK not in whole and not any(one in whole for one in run.receipts)
        assert not any(name in whole for name in NAMES)
    await files_and_log(run, logged.getvalue(), [*GONE.values(), *run.secrets, *NEVER], record)


async def nobody_is_named_beside(run: Run, record: Record) -> None:
    """No row joins a member with what she wrote or how she voted, but at the levels at which members may know."""
    held = await run.node.contents()
    for name in ("ballots", "proposers", "confirmations", "draft_versions", "draft_comments"):
        assert held[name] == [], name
    lines = held["electorate"]
    assert bool(lines) is (record is not Record.TALLY), "who voted what is kept where the group wants it kept"
    assert all(len({one for one in line if one in run.receipts}) == 0 for line in lines)
    numbers = {member.id for member in run.people}
    assert not [row for row in held["publications"] if any(isinstance(one, int) and one in numbers for one in row)]


async def files_and_log(run: Run, said: str, words: list[str], record: Record) -> None:
    """The bytes of the database, of every other file of the node, and of the log."""
    files = await files_of(run.node)
    kept_until_vacuum = set() if run.node.node.database.is_sqlite else {GONE["redacted version"]}  # PRIVACY.md, "Files"
    sought = [word for word in words if word not in kept_until_vacuum]

    async def nothing() -> bool:
        if run.node.node.database.is_sqlite:
            await run.node.node.database.empty_log()
        return not await asyncio.to_thread(holding, run.node, await files_of(run.node), sought)

    await eventually(nothing)
    others = [one for one in run.node.directory.rglob("*") if one.is_file() and not one.name.startswith("node.db")]
    assert not await asyncio.to_thread(holding, run.node, others, [*words, *NAMES, *run.receipts])
    assert not [word for word in (*words, *NAMES, *run.receipts, BLOCK) if word in said]
    if record is Record.TALLY and run.node.node.database.is_sqlite:
        raw = await asyncio.to_thread(lambda: b"".join(one.read_bytes() for one in files if one.exists()))
        assert raw.count(NAMES[0].encode()) == 2, "in the row of the member and in the index of names"


def unpacked(file: Path) -> dict[str, str]:
    """The entries of a copy; what is kept compressed is made readable."""
    import base64
    import json
    import zlib

    def plain(value: Any) -> Any:
        return zlib.decompress(base64.b64decode(value["base64"])).decode() if isinstance(value, dict) else value

    found = {}
    with tarfile.open(file) as tar:
        for entry in tar:
            raw = tar.extractfile(entry)
            content = raw.read() if raw is not None else b""
            if entry.name.startswith("tables/"):
                lines = [json.loads(line) for line in content.splitlines()]
                found[entry.name] = repr([{name: plain(one) for name, one in line.items()} for line in lines])
            else:
                found[entry.name] = content.decode("latin-1")
    return found


# ---- over every route


def paths(values: dict[str, str]) -> list[str]:
    """Every address of the node that answers a GET, its places filled in."""
    app = web.Application()
    routes.add(app)
    found = []
    for route in app.router.routes():
        if route.method == "GET" and route.resource is not None:
            path = route.resource.canonical
            for name, value in values.items():
                path = path.replace(f"{{{name}}}", value)
            found.append(path)
    return sorted(set(found))


async def answers(node: ServedNode, places: list[dict[str, str]], more: list[str]) -> dict[str, str]:
    """What a stranger gets from every route, in every form."""
    found = {}
    asked = {path for place in places for path in paths(place)} | set(more)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(node.origin))
        for path in sorted(asked):
            assert "{" not in path, f"say in this test what stands in {path}"
            for accept in ("text/html", ACTIVITY_JSON, "application/json"):
                async with session.get(path, headers={"Accept": accept}, allow_redirects=True) as answer:
                    assert answer.status < 500, path
                    found[f"{path} as {accept}"] = f"{answer.headers} {await answer.text(errors='replace')}"
    return found


async def test_a_stranger_finds_nothing_over_any_route_before_the_decision_and_all_after_it(
    two_nodes: Two, tmp_path: Path
) -> None:
    node, peer = two_nodes
    word = "thylacine"
    await node.write(decided.set_rule, node.group, "publish_statement", Rule(Method.APPROVALS, approvals=2))
    editor = await node.write(members.add, "rosa", PASSWORD, actor=node.group, role="editor")
    draft = Draft(text=f"The {word} lives. #{word}", title=f"Of the {word}", tags=(word,))
    number = await node.write(drafts.begin, draft, actor=node.group, member=editor)
    await node.write(drafts.begin, draft, actor=node.group, member=editor)
    await node.write(drafts.comment, number, f"Comment on the {word}.", member=editor)
    iri, _ = await node.write(proposing.propose, number, version=1, member=editor)
    row = await node.read(decided.newest_about, "publish_statement", iri)
    place = iri.rpartition("/")[2]
    common = {"handle": "union", "tag": word, "name": "paper.css", "part": "1", "act": "invite", "version": "1",
              "under": "publish_statement", "secret": "x" * 20, "stream": "user", "comment": "1", "form": "atom", "number": str(row.id),
              "day": "2026-11", "code": "IE", "letter": "H", "key": word, "what": "countries", "hashtag": word,
              "word": "x" * 20}  # fmt: skip
    places = [{"id": place} | common, {"id": place} | common | {"form": "json", "version": "2.1", "number": "1"}]
    host = node.node.config.host
    more = [f"/.well-known/webfinger?resource=acct:union@{host}", f"/api/oembed?url={iri}", f"/wire?q={word}",
            "/groups/union/outbox?page=true", f"/heard/{place}", f"/groups/union?q={word}", f"/search?q={word}",
            f"/api/search?q={word}", f"/api/v2/search?q={word}&type=statuses", f"/api/v1/timelines/tag/{word}?local=true",
            f"/api/v1/statuses?id[]={number_of(place)}"]  # fmt: skip
    more += [f"/api/v1/statuses/{number_of(place)}{of}" for of in ("", "/context", "/source", "/history", "/card")]
    before = {path: said for path, said in (await answers(node, places, more)).items() if word in said}
    mentions_the_question = {path for path in before if before[path].count(word) <= path.count(word) + 12}
    leaked = {path for path in before if f"The {word}" in before[path] or f"Of the {word}" in before[path]}
    leaked |= {path for path in before if place in path and path not in mentions_the_question}
    assert not leaked
    assert all(f"Comment on the {word}" not in said for said in before.values())
    await backup.public(node.node, tmp_path / "public.tar")
    assert word not in "".join((await asyncio.to_thread(unpacked, tmp_path / "public.tar")).values())
    assert word not in repr(await peer.contents())

    await node.write(deciding.cast, row.id, member=await node.steward(), choice=Choice.FOR)
    await node.quiet()
    await peer.quiet()
    after = await answers(node, places, more)
    said = {path for path, answer in after.items() if f"The {word} lives" in answer}
    seen_by_apps = (f"/api/v1/statuses/{number_of(place)} ", "/api/v1/timelines/public", "/api/v2/search?q=")
    pages = (f"/statements/{place}", "/", "/groups/union.atom", "/groups/union/outbox?page=true", f"/tags/{word}")
    for path in (*pages, *seen_by_apps):
        assert any(one.startswith(path) for one in said), path
    assert after["/groups/union.atom as text/html"].count("<entry") == 1
    outbox = (await node.activity("/groups/union/outbox?page=true"))[1]["orderedItems"]
    assert [one["object"]["id"] for one in outbox] == [iri], "it is there once"
    assert not [path for path in said if path.startswith(("/desk", "/api/drafts", "/api/decisions"))]
    assert len([one for one in (await peer.contents())["objects"] if iri in one]) == 1
