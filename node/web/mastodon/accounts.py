"""One's own account: which it is, and changing what it says of itself, which for a group is an act of the group."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import actors, media
from node.context import NODE, Transaction
from node.decisions import State
from node.groups import actions as groups
from node.members import actions as members
from node.members.viewers import Viewer
from node.web.mastodon import door, parameters
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import own_accounts
from node.web.mastodon.parameters import Parameters
from node.web.mastodon.posting import group_of

TEXTS = {"display_name": "name", "note": "summary"}
FLAGS = ("discoverable", "indexable")
PICTURES = {"avatar": "icon", "header": "image"}


async def verify_credentials(request: web.Request) -> web.Response:
    """Which account this is."""
    viewer = await door.viewer(request)
    return answer(request, await request.app[NODE].database.read(own_accounts.own, viewer))


async def update_credentials(request: web.Request) -> web.Response:
    """PATCH /api/v1/accounts/update_credentials: name, note, pictures, whether it can be found; by the group's rule.

    Only what differs is proposed. Fields are made by the node, and what there is no choice about (locked, bot) is
    not looked at. 202 with the account as it still is, where the group has yet to decide. 403 for a reader.
    """
    viewer, node = await door.viewer(request), request.app[NODE]
    group = group_of(viewer)
    # Whether she may is asked before anything is kept, and once more by what proposes.
    await node.database.read(members.require, viewer.member, "steward", actor=group)
    given = await parameters.of(request, file_bytes=2 * node.config.picture_bytes)
    row = await node.database.read(actors.local, group)
    changes: dict[str, Any] = {}
    for name, kept in PICTURES.items():
        if name in given.files:
            said = given.text(f"{name}_description") or (getattr(row, kept) or {}).get("description") or row.name
            changes[kept] = (await media.take(node, given.files[name].body, said, preview=0)).as_json()
    return await _change(request, viewer, changes | _said(given))


async def drop_picture(request: web.Request) -> web.Response:
    """DELETE /api/v1/profile/avatar and /api/v1/profile/header."""
    viewer = await door.viewer(request)
    await request.app[NODE].database.read(members.require, viewer.member, "steward", actor=group_of(viewer))
    return await _change(request, viewer, {PICTURES[request.match_info["which"]]: ""})


def _said(given: Parameters) -> dict[str, Any]:
    texts = {kept: given.text(name) for name, kept in TEXTS.items()}
    flags = {name: given.optional_flag(name) for name in FLAGS}
    return {name: value for name, value in (texts | flags).items() if value is not None}


async def _change(request: web.Request, viewer: Viewer, changes: dict[str, Any]) -> web.Response:
    account, held = await request.app[NODE].database.write(_propose, viewer, changes)
    return answer(request, account, status=202 if held else 200)


def _propose(tx: Transaction, viewer: Viewer, changes: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Propose what differs; the account as it is then, and whether the group has yet to decide."""
    group = group_of(viewer)
    row = actors.local(tx, group)
    now = {name: getattr(row, name) for name in ("name", *FLAGS, *PICTURES.values())}
    now |= {"summary": own_accounts.words_of(row)}
    differing = {name: value for name, value in changes.items() if (value or None) != (now[name] or None)}
    state = groups.edit_profile(tx, differing, actor=group, member=viewer.member) if differing else None
    return own_accounts.own(tx, viewer), state is State.OPEN
