"""What a member has marked for herself, in her hands: all of it as JSON, or as a table."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from node.context import NODE
from node.marks import copying
from node.web.admin.door import told_on_a_page
from node.web.admin.standing import standing

MEDIA_TYPES = {"json": "application/json", "csv": "text/csv"}


@told_on_a_page
async def copy(request: web.Request) -> web.StreamResponse:
    """All her marks, through whichever account she made them, as a file."""
    here, form = await standing(request), request.match_info["form"]
    whole = await request.app[NODE].database.read(copying.everything, here.member.id)
    return web.Response(
        text=copying.as_csv(whole) if form == "csv" else _as_json(whole),
        content_type=MEDIA_TYPES[form],
        charset="utf-8",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="marks.{form}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _as_json(whole: list[dict[str, Any]]) -> str:
    return json.dumps({"accounts": whole}, ensure_ascii=False, indent=1)
