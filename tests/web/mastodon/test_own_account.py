"""One's own account through an app: what a group says of itself changes by its rule, and a reader's does not."""

from __future__ import annotations

import aiohttp
import pytest

from node import actors
from node.decisions.rules import Method, Rule
from tests.nodes.served import ServedNode
from tests.statements.test_pictures import photograph
from tests.web.admin.desk_browsers import enter, give_rule
from tests.web.mastodon.conftest import AppLogin

pytestmark = pytest.mark.one_database
PATH = "/api/v1/accounts/update_credentials"


async def test_a_steward_changes_what_the_group_says_of_itself(node: ServedNode, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    form = aiohttp.FormData({"display_name": "Tram Workers", "note": "**Safe** trams.", "locked": "true"})
    form.add_field("avatar", photograph(), filename="a.jpg", content_type="image/jpeg")
    answer = await app.call("PATCH", PATH, data=form)
    assert answer.status == 200, answer.body
    account = answer.body
    assert account["display_name"] == "Tram Workers" and "<strong>Safe</strong>" in account["note"]
    assert account["source"]["note"] == "**Safe** trams." and account["locked"] is False
    assert account["avatar"] != app.account["avatar"]
    async with node.http.get(account["avatar"]) as response:
        assert response.status == 200 and response.content_type.startswith("image/")
    # What says the same is no act; what differs alone is one.
    again = await app.send("PATCH", PATH, {"display_name": "Tram Workers", "discoverable": False})
    assert again["discoverable"] is False and again["note"] == account["note"]
    gone = await app.send("DELETE", "/api/v1/profile/avatar")
    assert gone["avatar"] == app.account["avatar"]
    for wrong in ({"display_name": "x" * 500}, {"display_name": " "}, {"discoverable": "perhaps"}):
        refused = await app.send("PATCH", PATH, wrong, status=422)
        assert isinstance(refused["error"], str)
    form = aiohttp.FormData()
    form.add_field("avatar", b"no picture", filename="a.jpg", content_type="image/jpeg")
    assert (await app.call("PATCH", PATH, data=form)).status == 422
    assert (await app.call("PATCH", PATH, data=b"--x", headers={"Content-Type": "multipart/form-data"})).status == 422


async def test_who_has_to_ask_the_group_is_shown_the_account_as_it_is(node: ServedNode, app_login: AppLogin) -> None:
    await node.write(enter, node.group, {"ada": "steward", "bea": "reader", "eva": "editor"})
    await give_rule(node, "edit_profile", Rule(Method.APPROVALS, approvals=2))
    ada, bea, eva = await app_login(node, "ada"), await app_login(node, "bea"), await app_login(node, "eva")
    held = await ada.send("PATCH", PATH, {"display_name": "Tram Workers"}, status=202)
    assert held["display_name"] == "Transport Workers"
    assert (await node.read(actors.local, node.group)).name == "Transport Workers"
    for app in (bea, eva):
        refused = await app.send("PATCH", PATH, {"display_name": "Tram Workers"}, status=403)
        assert isinstance(refused["error"], str)
        await app.send("DELETE", "/api/v1/profile/header", status=403)
