"""The account that a viewer meets as her own: CredentialAccount. https://docs.joinmastodon.org/entities/Account/"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from node import actors
from node.context import Transaction
from node.members import store
from node.members.viewers import Viewer
from node.peering import admission
from node.statements import markup
from node.web.mastodon.entities import accounts, moments, pictures

READER = {"id": "-99", "name": "", "permissions": "0", "color": "", "highlighted": False}


def own(tx: Transaction, viewer: Viewer) -> dict[str, Any]:
    """The group's account, or a reader's private one, as whoever is logged in to it sees it."""
    account = private(tx, viewer) if viewer.actor is None else group(tx, viewer.actor)
    row = None if viewer.actor is None else actors.local(tx, viewer.actor)
    source = {
        "privacy": "public" if viewer.actor else "private",
        "sensitive": False,
        "language": None if row is None else row.language,
        "note": "" if row is None else words_of(row),
        "fields": account["fields"],
        "follow_requests_count": admission.count_requests(tx, viewer.actor) if viewer.actor else 0,
        "hide_collections": True,
        "discoverable": account["discoverable"],
        "indexable": account["indexable"],
        "attribution_domains": [],
        "quote_policy": "public",
    }
    return account | {"source": source, "role": READER}


def words_of(row: Row[Any]) -> str:
    """What a group says of itself, as it was written: Markdown."""
    return str(row.summary_source if row.summary_source is not None else markup.plain(row.summary))


def private(tx: Transaction, viewer: Viewer) -> dict[str, Any]:
    """A reader's account: no other server and no page ever sees it, so its address is that of the node itself."""
    row, front = store.by_name(tx, viewer.member.name), tx.node.address("/")
    name, portrait, header = viewer.member.name, pictures.portrait(tx, None), pictures.header(tx, None)
    named = {"id": str(viewer.id), "username": name, "acct": name, "display_name": name, "url": front, "uri": front}
    return named | {
        "avatar": portrait, "avatar_static": portrait, "avatar_description": "",
        "header": header, "header_static": header, "header_description": "",
        "created_at": moments.day(row.since if row is not None else tx.now),
        "note": "", "locked": True, "bot": False, "group": False, "discoverable": False, "indexable": False,
        "noindex": True, "hide_collections": True, "last_status_at": None, "emojis": [], "roles": [], "fields": [],
        **dict.fromkeys(("followers_count", "following_count", "statuses_count"), 0),
    }  # fmt: skip


def group(tx: Transaction, iri: str) -> dict[str, Any]:
    """The account of a group of this node."""
    return accounts.rendered(tx, [iri])[iri]
