"""Whatever is sent to any other address of the API: an answer in Mastodon's shape, and never a mistake of ours."""

from __future__ import annotations

import json
import re
from typing import Any

from node.web.mastodon import routes
from node.web.mastodon.own_routes import OWN
from tests.nodes.served import ServedNode
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.test_hostile_marks import BODIES, KINDS, VALUES, send
from tests.web.mastodon.test_marks_of_viewers import account_id, status_id

NAMES = (
    "status", "in_reply_to_id", "quoted_status_id", "media_ids", "poll", "sensitive", "spoiler_text", "visibility",
    "language", "scheduled_at", "description", "focus", "file", "types", "exclude_types", "account_id", "grouped_types",
    "include_filtered", "id", "limit", "offset", "max_id", "min_id", "since_id", "q", "type", "resolve", "following",
    "for_not_following", "filter_not_followers", "client_name", "redirect_uris", "scopes", "website", "username",
    "email", "password", "agreement", "locale", "reason", "acct", "local", "remote", "only_media", "any", "all", "none",
    "display_name", "note", "fields_attributes", "source", "avatar", "choices", "pinned", "tagged", "url",
    "grant_type", "code", "client_id", "client_secret", "redirect_uri", "token", "code_verifier", "scope",
)  # fmt: skip
OTHER = (
    "/api/v1/streaming/{stream",
    "/oauth/authorize",
    "/media/",
)  # goes on, is a page, is a picture: tested elsewhere


async def test_nothing_that_is_asked_breaks_it(node: ServedNode, app_login: AppLogin) -> None:
    text = await node.publish("We meet at nine.")
    await node.quiet()
    app = await app_login(node, "steward")
    places = (await status_id(node, text), await account_id(node, node.group), "9223372036854775807", "x", "0")
    others = [one for one in (*routes.MASTODON, *routes.WITHOUT_A_TOKEN) if one not in OWN]
    for step, route in enumerate(one for one in others if not one.path.startswith(OTHER)):
        for turn, value in enumerate(VALUES):
            if turn % 4 == step % 4:
                body = json.dumps(dict.fromkeys(NAMES, value)).encode()
                await send(app, route.method, path_of(route.path, places[turn // 4 % 5]), body, "application/json")
        raw, kind = BODIES[step % len(BODIES)], KINDS[step % 2]
        query = "&".join(f"{name}={VALUES[(step + at) % 9]}" for at, name in enumerate(NAMES))
        await send(app, route.method, f"{path_of(route.path, places[step % 5])}?{query}", raw, kind)


def path_of(pattern: str, number: str) -> str:
    """An address with the same number wherever it has a name."""
    return re.sub(r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", number, pattern)


async def test_what_there_is_not_is_said_in_json(node: ServedNode, app_login: AppLogin) -> None:
    app = await app_login(node, "steward")
    for path in ("/api/v1/nonsense", "/api/v2/x/y", "/api/v1/admin/accounts", "/api/v1/statuses/1/translate"):
        for method in ("GET", "POST", "DELETE"):
            found: Any = await app.call(method, path)
            assert found.status in (404, 405) and isinstance(found.body["error"], str), (method, path, found)
