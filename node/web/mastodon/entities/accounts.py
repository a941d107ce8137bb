"""Accounts as apps read them: groups of this node, actors of others, and a reader's own private account.

A group of ours is neither a bot nor what Mastodon calls a group (whoever writes to that is passed on to everybody): it
is an account like any other, and its fields say of what tendency and language it is. What an actor of another node
says of itself comes from its own document; of its figures this node tells what it knows itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from federation.errors import Malformed
from node import actors, media_cache, names, translating
from node.actors import local_actors
from node.context import Transaction
from node.media import DIRECTORY
from node.objects import objects
from node.peering import choices
from node.peering import store as peering
from node.prepared import Prepared, any_of, several
from node.statements import extras, languages, markup
from node.translating import N_
from node.web.mastodon.entities import moments, pictures, texts
from schemas import actor as actor_documents
from schemas.actor import Actor
from schemas.attached import Tag
from schemas.kinds import many, nested

LAST_FOR_REMOTE = timedelta(minutes=5)
LAST_FOR_OURS = timedelta(seconds=10)
BOTS = ("Application", "Service")
FIELDS_AT_MOST = 8
PATH_OF_PICTURES = "/" + DIRECTORY

_TAGS = many(nested(Tag), skip_unreadable=True)
_GROUP = Prepared(select(local_actors).where(local_actors.c.iri == bindparam("iri")))
LIGHT = tuple(column for column in actors.actors.c if column.name != "document")
_LIGHT = Prepared(select(*LIGHT).where(any_of(actors.actors.c.iri)))
_WHOLE = Prepared(select(actors.actors).where(any_of(actors.actors.c.iri)))
_SAID = Prepared(
    select(func.count().label("number"), func.max(objects.c.sort_id).label("last")).where(
        objects.c.author == bindparam("author"), objects.c.listed.is_(True)
    )
)


def rendered(tx: Transaction, iris: Iterable[str], viewer: object = None) -> dict[str, dict[str, Any]]:
    """The Accounts of those of `iris` that this node knows, by IRI. They are the same for every viewer."""
    return {iri: json.loads(found) for iri, found in pieces(tx, iris).items()}


def pieces(tx: Transaction, iris: Iterable[str]) -> dict[str, bytes]:
    """The same as JSON that is ready."""
    return of_rows(tx, list(several(tx, _LIGHT, iris)))


def listed(tx: Transaction, rows: Sequence[Row[Any]]) -> bytes:
    """A list of Accounts, in the order of their rows, as JSON that is ready."""
    found = of_rows(tx, rows)
    return b"[" + b",".join(found[row.iri] for row in rows) + b"]"


def of_rows(tx: Transaction, rows: Sequence[Row[Any]]) -> dict[str, bytes]:
    """The Accounts of rows of `actors`, by IRI, as JSON that is ready."""
    secret, shelf = media_cache.secret(tx), tx.node.ready_accounts
    groups = {row.iri: group for row in rows if row.local and (group := _group(tx, row.iri)) is not None}
    versions = {
        row.iri: (row.number, row.seen, row.gone, row.name, row.agreed_handle, secret, groups.get(row.iri))
        for row in rows
    }
    found = {iri: shelf.find(iri, version, now=tx.now) for iri, version in versions.items()}
    for row in several(tx, _WHOLE, [iri for iri, one in found.items() if one is None]):
        made = json.dumps(_account(tx, row, groups.get(row.iri)), ensure_ascii=False, separators=(",", ":")).encode()
        lasts = LAST_FOR_OURS if row.local else LAST_FOR_REMOTE
        shelf.put(row.iri, versions[row.iri], made, now=tx.now, lasts=lasts)
        found[row.iri] = made
    return {iri: one for iri, one in found.items() if one is not None}


def _group(tx: Transaction, iri: str) -> Row[Any] | None:
    row: Row[Any] | None = tx.execute(_GROUP, {"iri": iri}).first()
    return row


def _account(tx: Transaction, row: Row[Any], group: Row[Any] | None) -> dict[str, Any]:
    said: Any = tx.execute(_SAID, {"author": row.iri}).first()
    figures = {
        "statuses_count": said.number,
        "last_status_at": None if said.last is None else moments.day_of(said.last),
    }
    if group is not None:
        return _of_ours(tx, row, group) | figures
    return _of_another(tx, row, _document(row)) | figures


def _of_ours(tx: Transaction, row: Row[Any], group: Row[Any]) -> dict[str, Any]:
    node = tx.node
    name = group.handle if group.kind == actors.GROUP else str(node.config.host)
    portrait, header = _own_picture(tx, group.icon), _own_picture(tx, group.image)
    return {
        "id": str(row.number),
        "username": name,
        "acct": name,
        "url": row.iri if group.kind == actors.GROUP else node.address("/"),
        "uri": row.iri,
        "display_name": group.name,
        "note": texts.for_apps(markup.clean(group.summary)),
        **_pictures(pictures.portrait(tx, portrait), pictures.header(tx, header)),
        "avatar_description": (group.icon or {}).get("description", ""),
        "header_description": (group.image or {}).get("description", ""),
        "locked": group.kind == actors.GROUP and choices.asks(tx, group.iri),
        "bot": group.kind != actors.GROUP,
        "group": False,
        "discoverable": bool(group.discoverable),
        "indexable": bool(group.indexable),
        "noindex": not group.indexable,
        "hide_collections": True,
        "created_at": moments.moment(group.created),
        "followers_count": peering.count_followers(tx, row.iri),
        "following_count": peering.count_following(tx, row.iri),
        "fields": _fields_of_ours(tx, row, group),
        "emojis": [],
        "roles": [],
    }


def _own_picture(tx: Transaction, kept: Mapping[str, Any] | None) -> str | None:
    return None if kept is None else tx.node.address(f"{PATH_OF_PICTURES}/{kept['name']}")


def _pictures(portrait: str, header: str) -> dict[str, str]:
    return {"avatar": portrait, "avatar_static": portrait, "header": header, "header_static": header}


def _fields_of_ours(tx: Transaction, row: Row[Any], group: Row[Any]) -> list[dict[str, Any]]:
    """What the group says of itself, in its own language where the node speaks that."""
    language = translating.asked_for(group.language)
    page = texts.link(row.iri).removeprefix("<p>").removesuffix("</p>")
    said = [
        (N_("Tendency"), markup.escape(group.tendency)),
        (N_("Language"), markup.escape(languages.name_of(group.language))),
        (N_("Page"), page if group.kind == actors.GROUP else ""),
    ]
    with translating.speaking(language):
        return [
            {"name": translating.translated(name), "value": value, "verified_at": None} for name, value in said if value
        ]


def _document(row: Row[Any]) -> Actor | None:
    """What an actor says of itself, as far as it can be read."""
    if row.document is None:
        return None
    try:
        return actor_documents.parse(actors.document(row))
    except Malformed:  # a newer program may be stricter than the one that kept it
        return None


def _of_another(tx: Transaction, row: Row[Any], said: Actor | None) -> dict[str, Any]:
    icon, image = (said.icon, said.image) if said is not None else (None, None)
    return {
        "id": str(row.number),
        "username": name_of(row),
        "acct": acct_of(row),
        "url": row.url or row.iri,
        "uri": row.iri,
        "display_name": names.visible(row.name) or "",
        "note": texts.for_apps(markup.clean(said.summary)) if said is not None and said.summary else "",
        **_pictures(
            pictures.portrait(tx, icon.url if icon else None), pictures.header(tx, image.url if image else None)
        ),
        "avatar_description": (icon.name or "") if icon else "",
        "header_description": (image.name or "") if image else "",
        "locked": bool(said is not None and said.manually_approves_followers),
        "bot": row.type in BOTS,
        "group": row.type == "Group",
        "discoverable": bool(said is not None and said.discoverable),
        "indexable": bool(said is not None and said.indexable),
        "hide_collections": True,
        "created_at": moments.moment((said.published if said is not None else None) or row.seen),
        "followers_count": peering.count_followers(tx, row.iri),
        "following_count": peering.count_following(tx, row.iri),
        "fields": _fields(said),
        "emojis": pictures.emojis(tx, extras.emoji_of(_tags(row))),
    }


def name_of(row: Row[Any]) -> str:
    """What stands before the @; of an actor that gave no name the end of its address."""
    if row.agreed_handle:
        return str(row.agreed_handle).partition("@")[0]
    if row.handle:
        return names.handle(row.handle, row.host).removeprefix("@").rpartition("@")[0]
    return names.address(row.iri.rstrip("/").rpartition("/")[2]) or "nobody"


def acct_of(row: Row[Any]) -> str:
    """How apps write an actor: a name here, name@host elsewhere."""
    if row.local:
        return name_of(row)
    return actors.handle_of(row).removeprefix("@") if row.handle else f"{name_of(row)}@{row.host}"


def _tags(row: Row[Any]) -> tuple[Tag, ...]:
    return () if row.document is None else _TAGS.read(actors.document(row).get("tag") or [])


def _fields(said: Actor | None) -> list[dict[str, Any]]:
    if said is None:
        return []
    return [
        {
            "name": markup.shorten(markup.plain(one.name), 255),
            "value": texts.for_apps(markup.clean(one.value)),
            "verified_at": None,
        }
        for one in said.profile_fields[:FIELDS_AT_MOST]
    ]
