"""What this node is and how much is on it: NodeInfo 2.0 and 2.1 (FEP-f1d5), with the instance actor (FEP-2677).

The figures are true and about groups: a user is a group, active is one that has published. They are counted at most
once in ten minutes, because crawlers ask often and statements are many.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from aiohttp import web
from sqlalchemy import case, func, select

from federation import discovery
from federation.discovery import Usage
from node import VERSION, actors
from node.context import NODE, Node, Transaction
from node.members import admission
from node.objects import objects
from node.statements import markup
from node.web.negotiation import bytes_response
from node.web.pages import assets_served, source
from node.web.wellknown import ANYWHERE, contact_address

COUNTED_EVERY = timedelta(minutes=10)
HALFYEAR, MONTH = timedelta(days=180), timedelta(days=30)
DESCRIPTION_CHARACTERS = 500


class Figures:
    """The usage of the node as it was last counted."""

    def __init__(self) -> None:
        self._usage: Usage | None = None
        self._counted: datetime | None = None

    async def usage(self, node: Node) -> Usage:
        """The figures, counted anew if they are older than COUNTED_EVERY."""
        now = node.clock()
        if self._usage is None or self._counted is None or now - self._counted >= COUNTED_EVERY:
            self._usage, self._counted = await node.database.read(count), now
        return self._usage


FIGURES: web.AppKey[Figures] = web.AppKey("figures", Figures)


async def index(request: web.Request) -> web.Response:
    """Where NodeInfo is, and the application actor (FEP-2677)."""
    node = request.app[NODE]
    document = discovery.nodeinfo_index(node.config.origin)
    document["links"].append(
        {"rel": "https://www.w3.org/ns/activitystreams#Application", "href": node.address("/actor")}
    )
    response = bytes_response(request, document, content_type="application/json")
    response.headers.update(ANYWHERE)
    return response


async def nodeinfo(request: web.Request) -> web.Response:
    """What this node is and how much is on it: groups and statements, never members."""
    node = request.app[NODE]
    version: Literal["2.0", "2.1"] = "2.1" if request.match_info["version"] == "2.1" else "2.0"
    document = discovery.nodeinfo(
        version,
        software_version=VERSION,
        usage=await request.app[FIGURES].usage(node),
        metadata=await node.database.read(_metadata),
        repository=node.address(assets_served.address(source.NAME)),
        homepage=node.address("/about"),
        open_registrations=admission.is_open(node),
    )
    response = bytes_response(request, document, content_type="application/json")
    schema = f"http://nodeinfo.diaspora.software/ns/schema/{version}#"
    response.headers["Content-Type"] = f'application/json; profile="{schema}"; charset=utf-8'
    response.headers.update(ANYWHERE)
    return response


def count(tx: Transaction) -> Usage:
    """Count groups, those that have published lately, and what they have said; nothing that was imported."""
    answers = func.sum(case((objects.c.in_reply_to.is_not(None), 1), else_=0))
    query = (
        select(func.max(objects.c.published).label("latest"), func.count().label("said"), answers.label("answers"))
        .where(
            objects.c.local.is_(True),
            objects.c.listed.is_(True),
            objects.c.public.is_(True),
            objects.c.deleted.is_(None),
        )
        .group_by(objects.c.author)
    )
    rows = list(tx.execute(query))
    return Usage(
        users=len(actors.groups(tx)),
        active_halfyear=sum(tx.now - row.latest <= HALFYEAR for row in rows),
        active_month=sum(tx.now - row.latest <= MONTH for row in rows),
        posts=sum(row.said - row.answers for row in rows),
        comments=sum(row.answers for row in rows),
    )


def _metadata(tx: Transaction) -> dict[str, Any]:
    node, groups = tx.node, actors.groups(tx)
    name = groups[0].name if groups else node.config.host
    found: dict[str, Any] = {
        "nodeName": name,
        "nodeDescription": markup.shorten(markup.plain(groups[0].summary), DESCRIPTION_CHARACTERS) if groups else "",
        "langs": list(dict.fromkeys(group.language for group in groups)),
        "staffAccounts": [group.iri for group in groups],  # the groups answer for the node; members are never shown
        "repositoryUrl": node.address(assets_served.address(source.NAME)),
        "privacyPolicyUrl": node.address("/about"),
        "vocabularyUrl": node.address("/ns"),
        "upstream": {"name": "mastodon"},  # whose client API it is: megalodon gives up on a name that it does not know
        "federation": {"enabled": True, "authorizedFetch": node.config.authorized_fetch},
    }
    if contact := node.config.contact:
        email = None if "://" in contact else contact
        found |= {"inquiryUrl": contact_address(contact), "maintainer": {"name": name, "email": email}}
    return found
