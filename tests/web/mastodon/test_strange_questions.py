"""Whatever is asked of the addresses that are read, an app gets an answer in Mastodon's shape, and never a mistake."""

from __future__ import annotations

import asyncio
import re
from itertools import cycle

from node.web.mastodon import routes
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode
from tests.web.mastodon.conftest import AppLogin
from tests.web.mastodon.logins import App
from tests.web.mastodon.world import world

TOGETHER = 8
PLACE = re.compile(r"{[^}]*}")
STREAMS = "/api/v1/streaming"
STRANGE = ("0", "1", "-1", "9223372036854775807", "9223372036854775808", "99999999999999999999", "x", "%F0%9F%94%A5",
           "%2e%2e", "1e3", "٣", "a" * 300)  # fmt: skip
QUERIES = (
    "max_id=9223372036854775807&min_id=0", "min_id=9223372036854775807", "max_id=0", "since_id=99999999999999999999",
    "limit=0", "limit=-5", "limit=99999999999999999999", "limit=x", "limit=", "limit[]=1&limit[]=2", "id[]=1&id[]=x&id=7",
    "id[]=9223372036854775808&id[]=9999999999999999999", "id[a][b]=1", "q=%25", "q=%00", "q=%22&type=statuses",
    "q=a&account_id=9999999999999999999", "q=a&max_id=9999999999999999999&type=statuses", "q=a&offset=-1&type=accounts",
    "q=%ED%A0%80", "local=perhaps", "any[]=%25&all[]=_&none[]=", "acct=@@@", "acct=%00", "tagged=%23%25", "pinned=1",
    "types[]=x&exclude_types[]=y", "account_id=x", "a[b][c][d][e][f][g][h]=1", "url=x", "timeline[]=home", "only_media=1",
)  # fmt: skip


async def test_strange_questions_are_answered(node: ServedNode, hostile_peer: Peer, app_login: AppLogin) -> None:
    there = await world(node, hostile_peer)
    number = await there.number(await there.note("<p>x</p>"))
    app = await app_login(node, "steward")
    real = (await app.get(f"/api/v1/statuses/{number}"))["account"]["id"]
    paths = [one.path for one in routes.MASTODON if one.method == "GET" and not one.path.startswith(STREAMS)]
    asked: list[str] = []
    queries, values = cycle(QUERIES), cycle((number, real, *STRANGE))
    for path in paths:
        for _ in range(len(STRANGE) if "{" in path else 3):
            filled = PLACE.sub(lambda _: next(values), path)
            asked.append(f"{filled}?{next(queries)}")
    for query in QUERIES:
        asked += [f"/api/v1/{path}?{query}" for path in ("timelines/home", "timelines/public", "statuses", "accounts")]
        asked += [
            f"/api/v2/search?{query}",
            f"/api/v1/accounts/{real}/statuses?{query}",
            f"/api/v1/accounts/lookup?{query}",
        ]
    for start in range(0, len(asked), TOGETHER):
        await asyncio.gather(*(answered(app, one) for one in asked[start : start + TOGETHER]))


async def answered(app: App, path: str) -> None:
    """It is what was asked for, or a refusal that says why."""
    from yarl import URL

    answer = await app.call("GET", str(URL(app.node.origin + path, encoded=True)))
    assert answer.status < 500, (path, answer.status, answer.body)
    if answer.status >= 400:
        assert isinstance(answer.body, dict) and isinstance(answer.body["error"], str), (path, answer.body)
