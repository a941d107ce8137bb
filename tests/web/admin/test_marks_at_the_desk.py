"""A member takes her marks with her, and has them forgotten; nobody else's."""

from __future__ import annotations

import csv
import io
import json

from tests.nodes.served import PASSWORD, ServedNode
from tests.web.admin.desk_browsers import enter
from tests.web.admin.test_members_at_the_desk import browser
from tests.web.mastodon.logins import let_in
from tests.web.mastodon.test_marks_of_viewers import status_id


async def test_marks_are_taken_along_and_forgotten(node: ServedNode) -> None:
    await node.write(enter, node.group, {"reader": "reader"})
    text = await node.publish("We meet at nine.")
    await node.quiet()
    number = await status_id(node, text)
    for name in ("steward", "reader"):
        app = await let_in(node, name)
        await app.post(f"/api/v1/statuses/{number}/bookmark")
        await app.post("/api/v1/lists", title=f"=List of {name}")
    async for desk in browser(node):
        assert (await desk.see("/desk/me/marks.json"))[0] == 303, "to the login"
        await desk.log_in("reader")
        page = (await desk.see("/desk/me"))[1]
        assert "2 marks" in page and "/desk/me/marks.csv" in page
        (whole,) = json.loads((await desk.see("/desk/me/marks.json"))[1])["accounts"]
        assert whole["bookmarks"] == [{"about": text}] and whole["lists"][0]["about"] == "=List of reader"
        async with desk.session.get("/desk/me/marks.csv") as answer:
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert answer.headers["Cache-Control"] == "no-store"
            rows = list(csv.DictReader(io.StringIO(await answer.text())))
        assert [(row["kind"], row["about"]) for row in rows] == [("bookmarks", text), ("lists", "'=List of reader")]
        status, _, page = await desk.send("/desk/me/forget", group="", password="wrong")
        assert status == 422 and "2 marks" in page
        status, where, _ = await desk.send("/desk/me/forget", group="", password=PASSWORD)
        assert status == 303
        page = (await desk.see(where))[1]
        assert "is forgotten" in page and "There are none." in page
        held = await node.contents()
        assert len(held["marks"]) == len(held["lists"]) == 1, "the other's are hers"
