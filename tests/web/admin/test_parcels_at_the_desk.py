"""What comes to the desk with a file: the group's profile with its pictures, and tables to be imported."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from node import objects
from node.decisions.rules import Method, Rule
from node.groups import actions as groups
from node.reports import uploads
from node.statements import markup
from tests.groups.test_profile import document
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode, eventually
from tests.statements.test_corrections import follower
from tests.statements.test_pictures import SECRET, photograph
from tests.web.admin.desk_browsers import CSRF, AtDesk, at_desk, enter, give_rule

TABLE = Path("node/demo/struggles.csv").resolve()
TEXT = "Drivers **and** cleaners.\n\n> All of us. #trams"


async def parcel(desk: AtDesk, path: str, form: dict[str, Any], **files: tuple[str, bytes]) -> tuple[int, str, str]:
    """A form with files, as a browser sends it: status, where to, and the page."""
    word = CSRF.search(await desk.get("/desk"))
    assert word is not None
    data = aiohttp.FormData({"csrf": word[1], "group": "union"} | form, default_to_multipart=True)
    for name, (named, body) in files.items():
        data.add_field(name, body, filename=named)
    async with desk.http.post(path, data=data, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text()


@pytest.mark.one_database
async def test_the_profile_is_changed_in_the_words_in_which_it_was_written(
    node: ServedNode, hostile_peer: Peer
) -> None:
    await follower(node, hostile_peer)
    asked = {"name": "Transport Workers", "tendency": "syndicalist", "summary": TEXT, "discoverable": "yes"}
    async with at_desk(node, "steward") as desk:
        picture = ("gate.jpg", photograph())
        status, where, page = await parcel(
            desk, "/desk/profile", asked | {"icon-description": "Our gate"}, icon=picture, image=("", b"")
        )
        assert (status, where) == (303, "/desk/profile?group=union&done=changed"), page
        await node.quiet()
        read = await document(node)
        assert read.summary is not None and "<strong>and</strong>" in read.summary and "<blockquote>" in read.summary
        assert (read.indexable, read.discoverable) == (False, True)
        assert read.icon is not None and read.icon.name == "Our gate" and read.image is None
        async with node.http.get(read.icon.url) as answer:
            assert SECRET not in await answer.read()
        (update,) = hostile_peer.sent_to("Update")
        assert update["object"]["summary"] == read.summary

        # What was written stands in the form again, and nothing is proposed that is not meant.
        page = await desk.get("/desk/profile")
        assert "Drivers **and** cleaners.\n\n&gt; All of us. #trams</textarea>" in page and "Our gate" in page
        status, _, page = await parcel(desk, "/desk/profile", asked)
        assert status == 409 and "says that already" in page
        status, _, page = await parcel(desk, "/desk/profile", asked | {"name": " ", "summary": "New."})
        assert status == 422 and 'id="wrong-name"' in page and "New.</textarea>" in page
        status, _, page = await parcel(desk, "/desk/profile", asked, image=("x.png", b"no picture"))
        assert status == 422 and 'id="wrong-image"' in page and TEXT.split("\n")[0] in page
        large = b"x" * (node.node.config.picture_bytes + 1)
        status, _, page = await parcel(desk, "/desk/profile", asked | {"summary": "Long."}, icon=("x.png", large))
        assert status == 422 and 'id="wrong-icon"' in page and "Long.</textarea>" in page, "nothing is lost"
        status, _, page = await parcel(desk, "/desk/profile", asked | {"no-icon": "yes", "summary": "New."})
        assert status == 303
        read = await document(node)
        assert read.icon is None and read.summary == "<p>New.</p>"

        # Two members have to agree; one who may not is told so, and who has logged out loses no word.
        await node.write(enter, node.group, {"rosa": "steward", "emma": "editor"})
        await give_rule(node, "edit_profile", Rule(Method.APPROVALS, approvals=2))
        status, _, page = await parcel(desk, "/desk/profile", asked | {"name": "Another"})
        assert status == 200 and "receipt" in page
        assert (await document(node)).name == "Transport Workers"
        word = {"csrf": "no word of hers", "summary": "Kept for her."}
        status, _, page = await parcel(desk, "/desk/profile", asked | word)
        assert status == 403 and "Kept for her." in page
    async with at_desk(node, "emma") as editor:
        assert "A steward can." in await editor.get("/desk/profile")
        assert (await parcel(editor, "/desk/profile", asked | {"name": "Mine"}))[0] == 403


async def test_a_text_without_its_source_is_shown_in_plain_words(node: ServedNode) -> None:
    """As of a profile from before the source was kept; and the source goes with the text."""
    steward = await node.steward()
    await node.write(groups.edit_profile, {"summary": TEXT}, actor=node.group, member=steward)

    def forget(tx):  # type: ignore[no-untyped-def]
        from node.actors import local_actors

        tx.execute(local_actors.update().values(summary_source=None))

    await node.write(forget)
    async with at_desk(node, "steward") as desk:
        page = await desk.get("/desk/profile")
        shown = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
        assert shown is not None and "Drivers and cleaners." in shown[1]
        plain = markup.plain((await document(node)).summary or "")
        same = {"name": "Transport Workers", "summary": plain, "tendency": "syndicalist"}
        kept = same | {"indexable": "yes", "discoverable": "yes"}
        assert (await parcel(desk, "/desk/profile", kept))[0] == 409, "nothing was changed, so nothing is proposed"


async def test_a_table_is_tried_then_imported(node: ServedNode, hostile_peer: Peer) -> None:
    await follower(node, hostile_peer)
    body = TABLE.read_bytes()
    async with at_desk(node, "steward") as desk:
        assert "Import a table" in await desk.get("/desk/import")
        wrong = [
            ({}, {}, "choose the file of the table"),
            ({"publisher": "Somebody"}, {"table": ("", b"")}, "choose the file of the table"),
        ]
        for form, files, words in wrong:
            status, _, page = await parcel(desk, "/desk/import", form, **files)
            assert status == 422 and words in page

        # A table that no mapping fits: what is wrong stands at the field, and another mapping can be tried.
        status, where, _ = await parcel(desk, "/desk/import", {"publisher": "B"}, table=("odd.csv", b"a,b\n1,2\n"))
        assert status == 303
        page = await desk.get(where, status=422)
        assert "no mapping fits these columns: a, b" in page and 'value="B"' in page
        status, where, _ = await parcel(desk, where.partition("?")[0], {"publisher": "B", "mapping": "fmcs"})
        assert status == 303 and 'id="wrong-mapping"' in await desk.get(where, status=422)
        assert (await desk.send(f"{where.partition('?')[0]}/drop"))[0] == 303
        await desk.get(where, status=404)

        asked = {"publisher": "Wikipedia", "licence": "CC-BY-SA-4.0", "title": "Struggles elsewhere"}
        status, where, page = await parcel(desk, "/desk/import", asked, table=("struggles.csv", body))
        assert status == 303, page
        await node.settled()
        before = await node.contents()
        page = await desk.get(where)
        assert await node.contents() == before, "to try it writes nothing"
        assert "Struggles elsewhere" in page and "CC-BY-SA-4.0" in page and "<code>commonwire</code>" in page
        found = re.search(r"<dt>Reports</dt><dd>(\d+)</dd>", page)
        assert found is not None and int(found[1]) > 5
        assert (await node.activity("/groups/union/outbox"))[1]["totalItems"] == 0
        status, onward, page = await desk.send(f"{where.partition('?')[0]}/propose")
        assert status == 303 and "done=published" in onward, page
        await node.quiet()
        (create,) = hostile_peer.sent_to("Create")
        assert f"transcribed {found[1]} reports" in create["object"]["content"]
        collection = (await node.activity(create["object"]["imports"]))[1]
        assert collection["totalItems"] == int(found[1]) and collection["name"] == "Struggles elsewhere"
        assert (await node.contents())["uploaded_tables"] == []

        status, where, _ = await parcel(desk, "/desk/import", asked, table=("struggles.csv", body))
        page = await desk.get(where)
        assert f"<dt>Imported before</dt><dd>{found[1]}</dd>" in page and "/propose" not in page


@pytest.mark.one_database
async def test_a_table_waits_for_the_group_and_not_for_ever(node: ServedNode) -> None:
    await node.write(enter, node.group, {"rosa": "editor", "emma": "writer"})
    await give_rule(node, "publish_import", Rule(Method.APPROVALS, approvals=2))
    form = {"publisher": "Wikipedia"}
    async with at_desk(node, "steward") as desk, at_desk(node, "emma") as writer:
        _, where, _ = await parcel(desk, "/desk/import", form, table=("struggles.csv", TABLE.read_bytes()))
        path = where.partition("?")[0]
        await writer.get(path, status=403)
        assert (await parcel(writer, "/desk/import", form, table=("t.csv", b"a\n1\n")))[0] == 403
        status, _, page = await desk.send(f"{path}/propose")
        assert status == 200 and "receipt" in page
        assert not await node.read(objects.listed, author=node.group), "nothing is public before the decision"
        for number in range(uploads.AT_MOST + 2):
            await parcel(desk, "/desk/import", form, table=(f"{number}.csv", b"a,b\n1,2\n"))
        kept = (await node.contents())["uploaded_tables"]
        assert len(kept) == uploads.AT_MOST
        large = b"x" * (uploads.TABLE_BYTES + 1)
        status, _, page = await parcel(desk, "/desk/import", form, table=("large.csv", large))
        assert status == 422 and "16,777,216 bytes" in page
    node.clock.advance(timedelta(days=1, minutes=1))
    assert await node.write(uploads.prune_uploads) == uploads.AT_MOST

    async def gone() -> bool:
        return not (await node.contents())["uploaded_tables"]

    assert await eventually(gone)
