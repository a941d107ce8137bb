"""What an app asks of a server before anything else: what it is, what it allows, what it has. And what it has not.

Every limit is that of the settings or of the code that holds it. `COMPATIBLE` is the version of Mastodon whose calls
work here: apps turn things on by it, so it promises nothing that does not. What there is not is an empty list, or 404.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import func, select

from node import VERSION, actors, filming, media
from node.context import NODE, Node, Transaction
from node.members import admission
from node.push import keys
from node.statements import rules as statements
from node.web.mastodon import about, door
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import own_accounts, pictures
from node.web.nodeinfo import FIGURES
from node.web.pages import assets_served, source

COMPATIBLE = "4.5.0"
# 2 grouped notifications, 3 PKCE, 4 Web Push by its RFC and media that go at once, 5 filters that blur, 6 whom accounts
# feature (nobody here: to feature somebody is refused in words), 7 quotations.
API_VERSIONS = {"mastodon": 7}
PICTURE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
LINK_CHARACTERS = 23
DESCRIPTION_CHARACTERS = 500
WEEKS = 12


def version() -> str:
    """The version of Mastodon that apps may count on, and what this really is."""
    return f"{COMPATIBLE} (compatible; Commonwire {VERSION})"


async def v1(request: web.Request) -> web.Response:
    """GET /api/v1/instance."""
    node = request.app[NODE]
    usage = await request.app[FIGURES].usage(node)
    told = await node.database.remembered(_told)
    stats = {"user_count": usage.users, "status_count": usage.posts + usage.comments, "domain_count": told["hosts"]}
    found = {
        "uri": node.config.host,
        "title": told["title"],
        "short_description": told["description"],
        "description": told["description"],
        "email": told["contact"]["email"],
        "version": version(),
        "urls": {"streaming_api": _streaming(node)},
        "stats": stats,
        "thumbnail": told["thumbnail"],
        "languages": told["languages"],
        "registrations": admission.is_open(node),
        "approval_required": False,
        "invites_enabled": admission.by_invitation(node),
        "configuration": _configuration(node),
        "contact_account": told["contact"]["account"],
        "rules": told["rules"],
    }
    return answer(request, found, public=True)


async def v2(request: web.Request) -> web.Response:
    """GET /api/v2/instance."""
    node = request.app[NODE]
    usage = await request.app[FIGURES].usage(node)
    told = await node.database.remembered(_told)
    found = {
        "domain": node.config.host,
        "title": told["title"],
        "version": version(),
        "source_url": node.address(assets_served.address(source.NAME)),
        "description": told["description"],
        "usage": {"users": {"active_month": usage.active_month}},
        "thumbnail": {"url": told["thumbnail"], "blurhash": None, "versions": {}, "description": ""},
        "icon": [],
        "languages": told["languages"],
        "configuration": _configuration(node) | {"urls": _urls(node), "vapid": {"public_key": told["server_key"]}},
        "registrations": {
            "enabled": admission.is_open(node),
            "approval_required": False,
            "reason_required": False,
            "message": None,
            "min_age": None,
            "url": None,
        },
        "api_versions": API_VERSIONS,
        "contact": told["contact"],
        "rules": told["rules"],
    }
    return answer(request, found, public=True)


def _told(tx: Transaction) -> dict[str, Any]:
    """What the node says of itself; it is its main group's."""
    group, config = actors.main_group(tx), tx.node.config
    picture = (group.image or group.icon or {}).get("name")
    address = f"/media/{picture}" if picture else pictures.HEADER
    email = config.contact if "://" not in config.contact else ""
    return {
        "title": group.name,
        "description": group.summary,
        "thumbnail": tx.node.address(address),
        "languages": list(dict.fromkeys(one.language for one in actors.groups(tx))),
        "contact": {"email": email, "account": own_accounts.group(tx, group.iri)},
        "rules": about.rules_of(group),
        "hosts": _count_hosts(tx),
        "server_key": keys.public(tx.node),
    }


def _count_hosts(tx: Transaction) -> int:
    table = actors.actors
    known = select(func.count(table.c.host.distinct())).where(table.c.local.is_(False), table.c.gone.is_(None))
    return int(tx.execute(known).scalar_one())


def _configuration(node: Node) -> dict[str, Any]:
    config = node.config
    return {
        "accounts": {
            "max_featured_tags": 0,
            "max_pinned_statuses": 20,
            "max_profile_fields": 0,
            "profile_field_name_limit": 0,
            "profile_field_value_limit": 0,
        },
        "statuses": {
            "max_characters": config.statement_characters,
            "max_media_attachments": statements.PICTURES_AT_MOST,
            "characters_reserved_per_url": LINK_CHARACTERS,
        },
        "media_attachments": {
            "supported_mime_types": [*PICTURE_TYPES, *(filming.READ_TYPES if config.film_bytes else ())],
            "description_limit": media.DESCRIPTION_CHARACTERS,
            "image_size_limit": config.picture_bytes,
            "image_matrix_limit": media.PIXELS_AT_MOST,
            "video_size_limit": config.film_bytes,
            "video_frame_rate_limit": filming.IMAGES_A_SECOND_AT_MOST if config.film_bytes else 0,
            "video_matrix_limit": filming.PIXELS_AT_MOST if config.film_bytes else 0,
        },
        "polls": {"max_options": 0, "max_characters_per_option": 0, "min_expiration": 0, "max_expiration": 0},
        "translation": {"enabled": False},
        "limited_federation": False,
    }


def _urls(node: Node) -> dict[str, str | None]:
    return {
        "streaming": _streaming(node),
        "status": None,
        "about": node.address("/about"),
        "privacy_policy": node.address("/about"),
        "terms_of_service": None,
    }


def _streaming(node: Node) -> str:
    return "ws" + node.config.origin.removeprefix("http")


async def preferences(request: web.Request) -> web.Response:
    """GET /api/v1/preferences: everything leaves in public, and nothing is played or opened by itself."""
    viewer = await door.viewer(request)
    language = None
    if viewer.actor is not None:
        language = (await request.app[NODE].database.read(actors.local, viewer.actor)).language
    found = {
        "posting:default:visibility": "public",
        "posting:default:sensitive": False,
        "posting:default:language": language,
        "posting:default:quote_policy": "public",
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }
    return answer(request, found)


async def nothing(request: web.Request) -> web.Response:
    """A list of what this node does not have."""
    return answer(request, [])


async def healthy(request: web.Request) -> web.Response:
    """GET /api/v1/streaming/health."""
    return web.Response(text="OK", headers={"Cache-Control": "no-store"})
