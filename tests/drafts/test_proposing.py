"""A draft before the group: frozen while it decides, open again if it does not want it, and nothing left of the work."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from PIL import Image

from node import media
from node.decisions import Rule, cast
from node.decisions import store as decisions
from node.decisions.rules import Choice, Method
from node.drafts import actions, proposing, store
from node.errors import Conflict, Forbidden, Missing
from node.members.store import Member
from node.statements import store as publications
from node.statements.rules import Draft, State
from tests.nodes.served import ServedNode
from tests.web.test_programs import token

TWO = Rule(Method.APPROVALS, approvals=2)


def picture(shade: int) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, shade, shade)).save(made, "PNG")
    return made.getvalue()


async def editors(node: ServedNode) -> tuple[Member, Member]:
    await node.write(lambda tx: decisions.set_rule(tx, node.group, "publish_statement", TWO))
    return await node.enter("rosa", "editor"), await node.enter("ada", "editor")


async def decision_on(node: ServedNode, iri: str) -> int:
    row = await node.read(decisions.newest_about, "publish_statement", iri)
    return int(row.id)


async def test_while_the_group_decides_no_word_changes_and_then_all_leaves_together(node: ServedNode) -> None:
    rosa, ada = await editors(node)
    french = Draft(text="Nous sortons.", language="fr")
    draft = Draft(text="Zwischenwort out.", language="en", translations=(french,))
    number = await node.write(actions.begin, draft, actor=node.group, member=rosa)
    await node.write(actions.comment, number, "Kommentarwort", member=ada)
    iri, state = await node.write(proposing.propose, number, version=1, member=rosa)
    assert state is State.PROPOSED
    for refused in (
        node.write(actions.save, number, Draft(text="x"), based_on=1, member=ada),
        node.write(actions.drop, number, member=rosa),
        node.write(proposing.propose, number, version=1, member=ada),
    ):
        with pytest.raises(Conflict, match="the group decides on draft"):
            await refused
    await node.write(actions.comment, number, "Well said.", member=ada)
    made = [row["id"] for row in map(dict, ({"id": one[0]} for one in (await node.contents())["publications"]))]
    assert len(made) == 2
    for one in made:
        assert (await node.activity(one))[0] == 404
        assert (await node.page(one))[0] == 404
    assert (await node.activity("/groups/union/outbox"))[1]["totalItems"] == 0
    await node.write(cast, await decision_on(node, iri), member=ada, choice=Choice.FOR)
    for one in made:
        assert (await node.activity(one))[0] == 200
    assert (await node.activity("/groups/union/outbox"))[1]["totalItems"] == 2
    with pytest.raises(Missing):
        await node.read(actions.readable, number, rosa)
    contents = await node.contents()
    assert (contents["draft_versions"], contents["draft_comments"]) == ([], [])
    await node.write(store.prune_drafts)
    assert await node.read(store.find, number) is None


async def test_what_the_group_refuses_is_a_draft_again(node: ServedNode) -> None:
    rosa, ada = await editors(node)
    number = await node.write(
        actions.begin, Draft(text="We go.", translations=(Draft(text="On y va.", language="fr"),)), actor=node.group,
        member=rosa,
    )  # fmt: skip
    await node.write(actions.comment, number, "Shorter.", member=ada)
    iri, _ = await node.write(proposing.propose, number, version=1, member=rosa)
    from node.decisions import withdraw

    await node.write(withdraw, await decision_on(node, iri), member=rosa)
    states = {row.state for row in [await node.read(publications.publication, iri)]}
    assert states == {"refused"}
    saved = await node.write(actions.save, number, Draft(text="Go."), based_on=1, member=ada)
    assert saved.version == 2
    assert len(await node.read(store.comments_on, number)) == 1
    again, _ = await node.write(proposing.propose, number, version=2, member=ada)
    assert again != iri
    await node.write(cast, await decision_on(node, again), member=rosa, choice=Choice.FOR)
    assert "<p>Go.</p>" in (await node.activity(again))[1]["content"]
    assert (await node.activity(iri))[0] == 404


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_nothing_of_the_work_is_left_in_the_files(node: ServedNode) -> None:
    steward = await node.steward()
    words = {"first": "Erstfassungswort", "comment": "Kommentarwort", "last": "Endfassungswort"}
    number = await node.write(actions.begin, Draft(text=words["first"]), actor=node.group, member=steward)
    await node.write(actions.comment, number, words["comment"], member=steward)
    await node.write(actions.save, number, Draft(text=words["last"]), based_on=1, member=steward)
    await node.write(proposing.propose, number, version=2, member=steward)
    await node.quiet()
    bytes_there = b"".join(path.read_bytes() for path in node.directory.glob("node.db*"))
    assert words["last"].encode() in bytes_there
    assert words["first"].encode() not in bytes_there and words["comment"].encode() not in bytes_there


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_programs_write_drafts_together(node: ServedNode) -> None:
    rosa, _ = await editors(node)
    all_of_it, reading = await token(node, "read", "write", "publish"), await token(node, "read")

    async def ask(method: str, path: str, body: Any = None, headers: Any = all_of_it) -> tuple[int, dict[str, Any]]:
        async with node.http.request(method, f"{node.origin}{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    draft = {"text": "We go at ten. All.", "title": "Out", "language": "en", "tags": ["bus"]}
    status, made = await ask("POST", "/api/drafts", draft)
    assert (status, made["version"]) == (201, 1)
    path = f"/api/drafts/{made['number']}"
    assert (await ask("POST", "/api/drafts", draft, reading))[0] == 403
    translations = [{"language": "ar", "text": "نخرج."}]
    status, saved = await ask("PUT", path, {"based_on": 1, "text": "We go at nine. All.", "translations": translations})
    assert (status, saved) == (200, {"outcome": "kept", "version": 2})
    _, found = await ask("GET", path, headers=reading)
    assert found["draft"]["title"] == "Out" and found["languages"] == ["en", "ar"]
    assert [one["number"] for one in found["versions"]] == [2, 1] and found["state"] == "open"
    status, both = await ask("PUT", path, {"based_on": 1, "text": "We go at noon. All."})
    assert (status, both["outcome"], both["quarrels"]) == (409, "set aside", ["text"])
    assert "nine" in both["joined"]["text"] and "noon" in both["joined"]["text"]
    assert (await ask("GET", path))[1]["aside"] == [3]
    assert (await ask("POST", f"{path}/versions/3/leave-out"))[0] == 200
    _, changed = await ask("GET", f"{path}/difference?from=1&to=2")
    assert {"change": "added", "text": "nine"} in changed["changed"][0]["pieces"]
    _, shown = await ask("GET", f"{path}/previews")
    assert [one["language"] for one in shown["previews"]] == ["en", "ar"]
    status, said = await ask("POST", f"{path}/comments", {"comment": "Good."})
    assert status == 201
    assert (await ask("DELETE", f"{path}/comments/{said['number']}"))[0] == 200
    for method, where, body, code in (
        ("PUT", path, {"based_on": 1, "titel": "x"}, 422),
        ("PUT", path, {"based_on": "1"}, 422),
        ("PUT", path, {"based_on": 1, "tags": "x"}, 422),
        ("PUT", path, {"based_on": 1, "translations": [{"lang": "fr"}]}, 422),
        ("PUT", path, {"based_on": 9}, 404),
        ("POST", "/api/drafts", {"text": "x", "language": "xx"}, 422),
        ("POST", "/api/drafts", {"text": "x", "group": "nobody"}, 403),
        ("POST", "/api/drafts", [], 400),
        ("GET", "/api/drafts/99", None, 404),
        ("POST", f"{path}/propose", {"version": 1}, 409),
    ):
        status, answer = await ask(method, where, body)
        assert status == code, (where, body, answer)
        assert answer["error"]
    status, put = await ask("POST", f"{path}/propose", {"version": 2})
    assert (status, put["state"], put["decision"]["state"]) == (201, "proposed", "open")
    assert (await ask("GET", "/api/drafts"))[1]["drafts"][0]["state"] == "proposed"
    await node.write(cast, put["decision"]["number"], member=rosa, choice=Choice.FOR)
    assert (await ask("GET", path))[0] == 404
    assert (await ask("GET", "/api/drafts"))[1] == {"drafts": []}
    status, other = await ask("POST", "/api/drafts", {"text": "x"})
    assert (await ask("DELETE", f"/api/drafts/{other['number']}"))[0] == 200
    outsider = await node.enter("kim", "reader")
    with pytest.raises(Forbidden):
        await node.write(actions.begin, Draft(text="x"), actor=node.group, member=outsider)
    assert json.dumps(put["decision"]) and re.match(r"http", put["id"])


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_a_picture_is_there_as_long_as_a_version_shows_it(node: ServedNode) -> None:
    steward = await node.steward()
    pictures = [await media.take(node.node, picture(shade), "A bus") for shade in (10, 200)]
    files = [node.directory / "media" / one.name for one in pictures]
    first = Draft(text="Look.", pictures=(pictures[0],))
    number = await node.write(actions.begin, first, actor=node.group, member=steward)
    other = await node.write(actions.begin, first, actor=node.group, member=steward)
    await node.write(actions.save, number, Draft(text="Look.", pictures=(pictures[1],)), based_on=1, member=steward)
    assert all(one.exists() for one in files)
    iri, _ = await node.write(proposing.propose, number, version=2, member=steward)
    assert [one.exists() for one in files] == [True, True], "another draft shows the first one"
    await node.write(actions.drop, other, member=steward)
    assert [one.exists() for one in files] == [False, True]
    assert (await node.activity(iri))[1]["attachment"][0]["url"].endswith(pictures[1].name)


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_a_minority_report_is_written_as_a_draft_too(node: ServedNode) -> None:
    rosa, ada = await editors(node)
    number = await node.write(actions.begin, Draft(text="We go."), actor=node.group, member=rosa)
    iri, _ = await node.write(proposing.propose, number, version=1, member=rosa)
    draft = Draft(text="Some of us stay.", language="en", minority_of=iri)
    report = await node.write(actions.begin, draft, actor=node.group, member=ada)
    ((_, (mastodon, *_)),) = await node.read(actions.previews, report, member=ada)
    assert "Minority report" in mastodon.html
    await node.write(proposing.propose, report, version=1, member=ada)
    await node.write(cast, await decision_on(node, iri), member=ada, choice=Choice.FOR)
    assert (await node.activity("/groups/union/outbox"))[1]["totalItems"] == 2
