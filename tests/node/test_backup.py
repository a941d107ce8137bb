"""A copy of a node in one file: what is in it, what is not, and that a node put back from it goes on."""

from __future__ import annotations

import asyncio
import io
import json
import stat
import tarfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from node import backup, media, restoring
from node.decisions import showing
from node.decisions import store as decided
from node.decisions.rules import HOUR, Choice, Method, Of, Rule
from node.drafts import actions as drafts
from node.errors import Conflict, Invalid
from node.search import actions as search
from node.search import rules
from node.statements.rules import Draft
from tests.nodes import served as nodes
from tests.nodes.databases import Databases
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode
from tests.statements.test_corrections import correct
from tests.statements.test_minority_reports import editors, propose, under, vote
from tests.statements.test_pictures import photograph


def entries(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]


async def filled(node: ServedNode) -> tuple[str, int]:
    """A node with a text that was corrected and has a picture, and a vote that is open."""
    shot = await media.take(node.node, photograph("PNG"), "The gate")
    iri = await node.publish("We meet at nine.", pictures=(shot,))
    await correct(node, iri, "We meet at ten.", pictures=(shot,))
    await under(node, Rule(Method.MAJORITY, of=Of.VOTING, quorum=3, at_most=24 * HOUR, arguments=True))
    people = await editors(node, 3)
    _, number = await propose(node, "The word is marzipan.", people[0])
    await vote(node, number, {people[1]: (Choice.AGAINST, "No liquorice.")})
    return iri, number


async def restored(file: Path, target: Path, url: str | None) -> restoring.Restored:
    await asyncio.to_thread(target.mkdir)
    return await restoring.restore(file, target, database_url=url)


@pytest.fixture
def other_database(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """An empty database of the other kind than the one a node has."""

    def make(kind: str) -> str:
        if kind == "postgresql":
            return ""
        databases: Databases = request.getfixturevalue("postgresql")
        admin = sqlalchemy.create_engine(databases.address("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sqlalchemy.text("DROP DATABASE IF EXISTS put_back WITH (FORCE)"))
            connection.execute(sqlalchemy.text("CREATE DATABASE put_back TEMPLATE template0"))
        admin.dispose()
        return databases.address("put_back")

    return make


UNLIKE = ("ballots", "electorate", "receipts", "proposers", "jobs", "decisions", "search_entries")


async def test_a_node_is_put_back_on_the_other_kind_of_database_and_goes_on(
    node: ServedNode, tmp_path: Path, other_database: Callable[[str], str]
) -> None:
    iri, number = await filled(node)
    file = tmp_path / "copy.tar"
    await backup.full(node.node, file)
    before = await node.contents(without=UNLIKE)
    document = (await node.activity(iri))[1]
    kind = "sqlite" if node.node.database.is_sqlite else "postgresql"
    await node.stack.aclose()
    done = await restored(file, tmp_path / "back", await asyncio.to_thread(other_database, kind))
    assert (done.origin, done.votes) == (node.origin, 1)
    async with nodes.served(tmp_path / "back") as back:
        assert await back.contents(without=UNLIKE) == {
            name: rows for name, rows in before.items() if name not in ("sessions", "resets")
        } | {name: [] for name in ("sessions", "resets")}
        assert (await back.activity(iri))[1] == document
        assert (await back.page(iri))[0] == 200
        await back.quiet()
        assert [row.iri for row in await back.read(search.find, rules.read("gate"), limit=5)] == [iri], (
            "the index is made anew"
        )
        shown = await back.read(showing.show, number, await back.steward())
        assert (shown.voted, shown.anew is not None, shown.mine.may_vote) == (0, True, True)
        assert shown.until is not None and shown.until > back.clock() + timedelta(hours=23)
        steward = await back.steward()
        await vote(back, number, {steward: (Choice.FOR, "")})
        fresh = await back.publish("Numbered after what was there.")
        await back.quiet()
        assert fresh != iri and (await back.activity(iri))[0] == 200


async def test_ballots_of_open_votes_and_who_has_voted_are_in_no_copy(node: ServedNode, tmp_path: Path) -> None:
    _, number = await filled(node)
    receipts = await node.read(decided.receipts_of, number)
    await backup.full(node.node, tmp_path / "copy.tar")
    found = entries(tmp_path / "copy.tar")
    assert stat.S_IMODE((tmp_path / "copy.tar").stat().st_mode) == 0o600
    for name in ("ballots", "electorate", "receipts", "proposers", "confirmations"):
        assert found[f"tables/{name}.jsonl"] == b"", name
    whole = b"".join(found.values())
    assert b"liquorice" not in whole and all(one.encode() not in whole for one in receipts)
    assert "tables/sessions.jsonl" not in found and "keys/group-union.rsa.pem" in found
    assert b"marzipan" in whole, "what is proposed is"
    with pytest.raises(Conflict, match="already"):
        await backup.full(node.node, tmp_path / "copy.tar")


async def test_the_public_copy_holds_nothing_that_is_not_public(node: ServedNode, tmp_path: Path) -> None:
    iri, _ = await filled(node)
    await node.write(drafts.begin, Draft(text="Secret nougat."), actor=node.group, member=await node.steward())
    counts = await backup.public(node.node, tmp_path / "public.tar")
    found = entries(tmp_path / "public.tar")
    assert counts == {"groups": 1, "texts": 1, "versions": 1, "media": 1}
    place = iri.rpartition("/")[2]
    assert json.loads(found[f"texts/{place}.json"]) == (await node.activity(iri))[1]
    assert b"nine" in found[f"texts/{place}.1.json"]
    whole = b"".join(found.values())
    for secret in (b"marzipan", b"liquorice", b"nougat", b"editor0", b"steward", b"PRIVATE KEY", b"argon2"):
        assert secret not in whole, secret
    with pytest.raises(Invalid, match="the public part alone"):
        await restored(tmp_path / "public.tar", tmp_path / "back", None)


async def test_the_commands_say_what_is_in_the_file_and_what_becomes_of_open_votes(
    node: ServedNode, tmp_path: Path
) -> None:
    await filled(node)
    file, target = tmp_path / "copy.tar", tmp_path / "back"
    said = await commonwire("backup", node.directory, file)
    assert said.status == 0 and "private keys" in said.out and "who has voted" in said.out
    said = await commonwire("restore", file, target, "--database-url", "")
    assert said.status == 0 and "open votes that begin anew, as members are told at the desk: 1" in said.out
    assert (await commonwire("version", "--json")).status == 0
    again = await commonwire("restore", file, target, "--database-url", "")
    assert again.status == 1 and "is not empty" in again.err
    assert not list(tmp_path.glob(".*partial"))


async def test_a_torn_or_changed_copy_puts_nothing_back(node: ServedNode, tmp_path: Path) -> None:
    await node.publish("Words.")
    good = tmp_path / "good.tar"
    await backup.full(node.node, good)
    raw = good.read_bytes()

    def written(name: str, changes: Callable[[str, bytes], bytes | None], more: dict[str, bytes]) -> Path:
        with tarfile.open(tmp_path / name, "w") as tar:
            for entry, content in [*entries(good).items(), *more.items()]:
                new = changes(entry, content)
                if new is not None:
                    info = tarfile.TarInfo(entry)
                    info.size = len(new)
                    tar.addfile(info, io.BytesIO(new))
        return tmp_path / name

    (tmp_path / "torn.tar").write_bytes(raw[: len(raw) // 2])
    (tmp_path / "text.tar").write_bytes(b"no tar at all")
    same: Any = lambda entry, content: content  # noqa: E731
    bad = [
        tmp_path / "torn.tar",
        tmp_path / "text.tar",
        written("changed.tar", lambda entry, content: content + (b"\n" if entry == "node.toml" else b""), {}),
        written("less.tar", lambda entry, content: None if entry == "tables/members.jsonl" else content, {}),
        written("endless.tar", lambda entry, content: None if entry == "END.json" else content, {}),
        written("outside.tar", same, {"../../outside": b"x"}),
        written("absolute.tar", same, {"keys/../../outside": b"x"}),
    ]
    for number, file in enumerate(bad):
        with pytest.raises(Invalid):
            await restored(file, tmp_path / f"back{number}", "")
        assert not (tmp_path / f"back{number}" / "node.db").exists(), file
    assert not (tmp_path / "outside").exists()
