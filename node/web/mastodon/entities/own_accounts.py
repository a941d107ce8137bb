"""The account that a viewer meets as her own: CredentialAccount. https://docs.joinmastodon.org/entities/Account/"""

from __future__ import annotations

from typing import Any

from node import actors
from node.context import Node, Transaction
from node.members import store
from node.members.viewers import Viewer
from node.web.mastodon.entities.moments import day
from node.web.pages import assets_served

READER = {"id": "-99", "name": "", "permissions": "0", "color": "", "highlighted": False}
PICTURE = "mark.svg"


def own(tx: Transaction, viewer: Viewer) -> dict[str, Any]:
    """The group's account, or a reader's private one, as whoever is logged in to it sees it."""
    account = private(tx, viewer) if viewer.actor is None else group(tx, viewer.actor)
    source = {
        "privacy": "public" if viewer.actor else "private",
        "sensitive": False,
        "language": None if viewer.actor is None else actors.local(tx, viewer.actor).language,
        "note": "" if viewer.actor is None else actors.local(tx, viewer.actor).summary,
        "fields": [],
        "follow_requests_count": 0,
        "hide_collections": True,
        "discoverable": account["discoverable"],
        "indexable": account["indexable"],
        "attribution_domains": [],
        "quote_policy": "public",
    }
    return account | {"source": source, "role": READER}


def private(tx: Transaction, viewer: Viewer) -> dict[str, Any]:
    """A reader's account: no other server and no page ever sees it, so its address is that of the node itself."""
    row = store.by_name(tx, viewer.member.name)
    since = row.since if row is not None else tx.now
    return _shape(tx.node, str(viewer.id), viewer.member.name, viewer.member.name, tx.node.address("/")) | {
        "created_at": day(since),
        "locked": True,
        "discoverable": False,
        "indexable": False,
        "noindex": True,
        "hide_collections": True,
    }


def group(tx: Transaction, iri: str) -> dict[str, Any]:
    """The account of a group of this node."""
    row, known = actors.local(tx, iri), actors.find(tx, iri)
    number = str(known.number) if known is not None else ""
    return _shape(tx.node, number, row.handle, row.name, iri) | {
        "created_at": day(row.created),
        "note": row.summary,
        "discoverable": bool(row.discoverable),
        "indexable": bool(row.indexable),
        "noindex": not row.indexable,
    }


def _shape(node: Node, number: str, name: str, shown: str, address: str) -> dict[str, Any]:
    picture = node.address(assets_served.address(PICTURE))
    pictures = dict.fromkeys(("avatar", "avatar_static", "header", "header_static"), picture)
    counts = dict.fromkeys(("followers_count", "following_count", "statuses_count"), 0)
    named = {"id": number, "username": name, "acct": name, "display_name": shown, "url": address, "uri": address}
    return named | pictures | counts | {
        "locked": False, "bot": False, "group": False, "note": "", "last_status_at": None,
        "hide_collections": True, "emojis": [], "roles": [], "fields": [],
    }  # fmt: skip
