"""What a node says of itself to apps: its rules, what it is for, whom it knows, whom it shuts out, how much is said.

Rules and the long description are the main group's own words (its profile). Who sees whom the node knows and whom it
shuts out is what that group has chosen for its map of peers and its peering log: members, or everybody.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import Row, func, select

from node import actors, translating
from node.context import NODE, Transaction
from node.errors import Forbidden, Unauthenticated
from node.groups.rules import check_rules
from node.members.viewers import Viewer
from node.objects import objects
from node.peering import policies
from node.peering.rules import Severity
from node.recognitions import visibility
from node.recognitions.visibility import ANYBODY, MEMBER, Asker
from node.statements import composing, writing
from node.web.mastodon import door
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import texts
from node.web.mastodon.entities.moments import moment

WEEKS = 12
PEERS_AT_MOST = 10_000
BLOCKS_AT_MOST = 10_000
SEVERITIES = {Severity.REJECT.value: "suspend", Severity.LIMIT.value: "silence", Severity.HOLD.value: "silence"}
"""What Mastodon calls what a node does with a host."""


def rules_of(group: Row[Any]) -> list[dict[str, Any]]:
    """The rules of a node, as its main group wrote them, each with its place as its id."""
    found = check_rules(group.rules)
    return [{"id": str(at), "text": text, "hint": "", "translations": {}} for at, text in enumerate(found, start=1)]


async def rules(request: web.Request) -> web.Response:
    """GET /api/v1/instance/rules: the rules of the node, as its main group wrote them."""
    return answer(request, rules_of(await request.app[NODE].database.read(actors.main_group)), public=True)


async def extended_description(request: web.Request) -> web.Response:
    """GET /api/v1/instance/extended_description: what the main group says at length; else what its profile says."""
    return answer(request, await request.app[NODE].database.read(_described), public=True)


def _described(tx: Transaction) -> dict[str, Any]:
    group = actors.main_group(tx)
    html = writing.render(group.extended, tag_address=composing.tag_address(tx.node)).html if group.extended else ""
    content = texts.for_apps(html) if html else group.summary
    return {"updated_at": moment(group.changed or group.created), "content": content}


async def privacy_policy(request: web.Request) -> web.Response:
    """GET /api/v1/instance/privacy_policy: where it stands, because it is too long for a text in an app."""
    node = request.app[NODE]
    where = translating.translated("What this node keeps about people")
    content = f'<p><a href="{node.address("/about")}">{where}</a></p>'
    group = await node.database.read(actors.main_group)
    return answer(request, {"updated_at": moment(group.created), "content": content})


async def no_translations(request: web.Request) -> web.Response:
    """GET /api/v1/instance/translation_languages: none, because nothing is translated here."""
    return answer(request, {})


async def peers(request: web.Request) -> web.Response:
    """GET /api/v1/instance/peers: the hosts of those whom this node knows, for members; nothing for anybody else."""
    viewer = await door.optional_viewer(request)
    return answer(request, await request.app[NODE].database.read(peers_for, viewer))


def peers_for(tx: Transaction, viewer: Viewer | None) -> list[str]:
    """The hosts that a viewer is told of."""
    if not visibility.sees(tx, "map", actors.main_group(tx).iri, _asker(viewer)):
        return []
    table = actors.actors
    known = select(table.c.host).where(table.c.local.is_(False), table.c.gone.is_(None)).distinct()
    return list(tx.execute(known.order_by(table.c.host).limit(PEERS_AT_MOST)).scalars())


async def domain_blocks(request: web.Request) -> web.Response:
    """GET /api/v1/instance/domain_blocks: the hosts that this node shuts out, for members."""
    viewer = await door.optional_viewer(request)
    return answer(request, await request.app[NODE].database.read(shut_out_for, viewer))


def shut_out_for(tx: Transaction, viewer: Viewer | None) -> list[dict[str, str]]:
    """The DomainBlocks that a viewer is told of. Raises Unauthenticated, Forbidden."""
    if not visibility.sees(tx, "log", actors.main_group(tx).iri, _asker(viewer)):
        if viewer is None:
            raise Unauthenticated("this method requires an authenticated user")
        raise Forbidden("whom this node shuts out is told to members of its groups")
    return [
        {
            "domain": row.subject,
            "digest": hashlib.sha256(row.subject.encode()).hexdigest(),
            "severity": SEVERITIES[row.severity],
            "comment": row.reason,
        }
        for row in policies.listed(tx, limit=BLOCKS_AT_MOST)
        if not row.is_actor and row.severity in SEVERITIES
    ]


def _asker(viewer: Viewer | None) -> Asker:
    """Who asks by an app: a member of a group of this node, or anybody. Which peers are recognised no app can show."""
    return MEMBER if viewer is not None and viewer.actor is not None else ANYBODY


async def activity(request: web.Request) -> web.Response:
    """GET /api/v1/instance/activity: what was said in each of the last weeks. Who logs in when is not counted."""
    return answer(request, await request.app[NODE].database.remembered(_activity), public=True)


def _activity(tx: Transaction) -> list[dict[str, str]]:
    day = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = day - timedelta(days=day.weekday())
    weeks = [monday - timedelta(weeks=back) for back in range(WEEKS)]
    said = select(func.count()).where(objects.c.local.is_(True), objects.c.listed.is_(True))
    found = []
    for week in weeks:
        within = said.where(objects.c.published >= week, objects.c.published < week + timedelta(weeks=1))
        counted = int(tx.execute(within).scalar_one())
        line = {"week": str(int(week.timestamp())), "statuses": str(counted), "logins": "0", "registrations": "0"}
        found.append(line)
    return found
