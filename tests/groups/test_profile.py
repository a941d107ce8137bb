"""How a group shows itself: what it may say, who is told, what is gone afterwards."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import schemas
from node import intake, media
from node.decisions import actions as decisions
from node.decisions import store as decision_store
from node.decisions.rules import Method, Rule
from node.errors import Conflict, Forbidden, Invalid
from node.groups import actions
from node.statements import store as statements
from schemas.actor import Actor
from schemas.context import PUBLIC
from tests.nodes.peer import Peer
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode
from tests.statements.test_corrections import follower
from tests.statements.test_pictures import SECRET, photograph


async def edit(node: ServedNode, **changes: Any) -> None:
    await node.write(actions.edit_profile, changes, actor=node.group, member=await node.steward())
    await node.quiet()


async def document(node: ServedNode) -> Actor:
    status, found = await node.activity(node.group)
    assert status == 200
    assert await node.read(intake.check_proof, found, author=node.group) is True
    value = schemas.parse(found)
    assert isinstance(value, Actor)
    return value


async def test_a_changed_profile_reaches_followers_and_those_we_follow(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    bob = hostile_peer.actor("bob", inbox=f"{hostile_peer.origin}/bob")
    await node.follow(f"@bob@{hostile_peer.host}")
    await edit(
        node, name="Transport  Workers\nNorth", summary="Drivers **and** cleaners. #trams", tendency="syndicalist",
        indexable=False, discoverable=False,
    )  # fmt: skip
    read = await document(node)
    assert (read.name, read.tendency) == ("Transport Workers North", "syndicalist")
    assert (read.indexable, read.discoverable) == (False, False)
    assert read.summary is not None and "<strong>and</strong>" in read.summary
    assert read.updated is not None
    updates = hostile_peer.sent_to("Update")
    assert len(updates) == 2 and updates[0] == updates[1]
    assert hostile_peer.asked["/bob"] == 2, f"{bob} got the Follow and the Update"
    assert updates[0]["object"] == (await node.activity(node.group))[1]
    assert updates[0]["to"] == [PUBLIC]
    status, page = await node.page("/")
    assert status == 200 and "Transport Workers North" in page and "syndicalist" in page
    assert "cleaners" in page


async def test_a_peer_shows_the_new_name(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    iri = await first.publish("It is still us.")
    await edit(first, name="The Renamed")
    await second.quiet()
    assert await second.holds(iri)
    assert "The Renamed" in (await second.page("/wire"))[1]


async def test_pictures_lose_what_the_camera_added_and_the_old_ones_go(node: ServedNode) -> None:
    sign = await media.take(node.node, photograph(), "Our sign")
    wide = await media.take(node.node, photograph("PNG", (300, 100)), "Our depot")
    await edit(node, icon=sign.as_json(), image=wide.as_json())
    read = await document(node)
    assert read.icon is not None and read.image is not None
    assert (read.icon.media_type, read.icon.name) == ("image/jpeg", "Our sign")
    for picture in (read.icon, read.image):
        async with node.http.get(picture.url) as response:
            assert response.status == 200
            assert SECRET not in await response.read()
    assert read.icon.url.removeprefix(node.origin) in (await node.page("/"))[1]
    assert f'<meta property="og:image" content="{read.icon.url}">' in (await node.page("/"))[1]
    newer = await media.take(node.node, photograph(size=(10, 10)), "Our new sign")
    await node.publish("Our depot.", pictures=(wide,))
    await edit(node, icon=newer.as_json(), image="")
    assert (await document(node)).image is None
    files = {path.name for path in (node.directory / media.DIRECTORY).iterdir()}
    assert files == {newer.name, wide.name}, "a picture that a statement shows stays"


async def test_pictures_of_a_change_that_is_not_adopted_go_with_it(node: ServedNode) -> None:
    steward = await node.steward()
    await node.enter("zoe", "steward")
    two = Rule(Method.APPROVALS, approvals=2)
    await node.write(decisions.change_rule, "edit_profile", two, actor=node.group, member=steward)
    sign = await media.take(node.node, photograph(), "Our sign", preview=0)
    await node.write(actions.edit_profile, {"icon": sign.as_json()}, actor=node.group, member=steward)
    assert await node.read(statements.shows, sign.name), "what waits for the decision is not deleted meanwhile"
    (proposal,) = await node.read(decision_store.of_kind, "edit_profile")
    await node.write(decisions.withdraw, proposal.id, member=steward)
    assert not await node.read(statements.shows, sign.name)
    assert not (node.directory / media.DIRECTORY / sign.name).exists()


async def test_what_a_profile_cannot_say_is_refused_and_changes_nothing(node: ServedNode) -> None:
    editor = await node.enter("editor1", "editor")
    before = await node.contents()
    bad: list[tuple[dict[str, Any], str | None]] = [
        ({}, None),
        ({"name": ""}, "name"),
        ({"name": " \n"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"tendency": "x" * 121}, "tendency"),
        ({"summary": "x" * 5001}, "summary"),
        ({"summary": "a\ud800b"}, "summary"),
    ]
    for changes, field in bad:
        with pytest.raises(Invalid) as caught:
            await edit(node, **changes)
        assert caught.value.field == field, changes
    with pytest.raises(Conflict, match="already"):
        await edit(node, name="Transport Workers", indexable=True)
    with pytest.raises(Forbidden):
        await node.write(actions.edit_profile, {"name": "Mine"}, actor=node.group, member=editor)
    assert await node.contents() == before


async def test_what_a_profile_says_does_nothing_on_the_pages_of_others(node: ServedNode) -> None:
    await edit(node, name="<b>&", summary="<script>alert(1)</script> [x](javascript:alert(1))")
    read = await document(node)
    assert read.summary is not None
    assert "<script" not in read.summary and "javascript:" not in (read.summary.partition("href")[2])
    assert "<script>alert" not in (await node.page("/"))[1]


async def test_the_command_shows_and_changes_the_profile(node: ServedNode, tmp_path: Path) -> None:
    (tmp_path / "about.md").write_text("Who we are.")
    picture = io.BytesIO()
    Image.new("RGB", (32, 32), (10, 20, 30)).save(picture, format="PNG")
    (tmp_path / "sign.png").write_bytes(picture.getvalue())
    said = await commonwire(
        "profile", node.directory, "--summary", tmp_path / "about.md", "--icon", tmp_path / "sign.png",
        "--indexable", "no", "--json",
    )  # fmt: skip
    assert said.status == 0, said.err
    shown = json.loads(said.out)
    assert shown.pop("decision")["state"] == "adopted"
    assert (shown["indexable"], shown["discoverable"], shown["summary"]) == (False, True, "<p>Who we are.</p>")
    assert shown["icon"].startswith(f"{node.origin}/media/")
    assert json.loads((await commonwire("profile", node.directory, "--json")).out) == shown
    for words, word in (
        (("--icon", tmp_path / "about.md"), "no JPEG"),
        (("--name", " "), "a group has a name"),
        (("--indexable", "no"), "already"),
        (("--icon", tmp_path / "nowhere.png"), "nowhere.png"),
    ):
        said = await commonwire("profile", node.directory, *words)
        assert said.status == 1 and word in said.err and "Traceback" not in said.err, said
    said = await commonwire("profile", node.directory, "--icon", "", "--json")
    assert json.loads(said.out)["icon"] is None
