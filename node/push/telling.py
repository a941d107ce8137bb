"""What a device is told of a notification, and whether it is told at all, at the moment it is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row

from federation.errors import Malformed
from federation.web_push import Message
from node import actors, media, media_cache, names, objects, translating
from node.apps import actions as apps
from node.context import Transaction
from node.decisions import showing
from node.errors import Forbidden, Missing
from node.marks import filtering
from node.media_cache import Size
from node.members.viewers import Viewer
from node.notices.actions import language
from node.notifications import listing
from node.notifications.rules import Kind
from node.push import keys, rules
from node.push.rules import Policy
from node.statements import markup
from node.statements import store as statements
from node.statements.quoting import follows
from node.translating import N_, filled
from schemas import actor as actor_documents

BODY_CHARACTERS = 140
ICON_CHARACTERS = 600
LENGTH = 1900  # of every message, in bytes: services for telephones take 4 kB, and pass it on in a longer spelling
SHOWN_AS = MappingProxyType({Kind.VOTE: "status"})  # as in the list

TITLES = MappingProxyType(
    {
        Kind.MENTION: N_("{name} names or answers the group"),
        Kind.REBLOG: N_("{name} has boosted a text of the group"),
        Kind.FAVOURITE: N_("{name} likes a text of the group"),
        Kind.FOLLOW: N_("{name} follows the group"),
        Kind.FOLLOW_REQUEST: N_("{name} asks to follow the group"),
        Kind.QUOTE: N_("{name} quotes a text of the group"),
        Kind.UPDATE: N_("{name} has changed a text that the group boosted"),
        Kind.QUOTED_UPDATE: N_("{name} has changed a text that the group quotes"),
    }
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a notification says in a few words."""

    title: str
    body: str


def message(tx: Transaction, subscription: Row[Any], number: int) -> Message | None:
    """The message about one notification for one device; None if it is told nothing of it (any more)."""
    looking = apps.viewer(tx, subscription.token)
    if looking is None or looking.viewer.actor is None:
        return None
    viewer, group = looking.viewer, looking.viewer.actor
    found = listing.shown(tx, viewer, number)
    if not found or tx.now - found[0].at > rules.LASTS or not _is_wanted(tx, subscription, found[0]):
        return None
    row = found[0]
    token = keys.unlock(tx.node, subscription.locked_token, subscription.token)
    spoken = language(tx, viewer.member.id) or translating.asked_for(actors.local(tx, group).language)
    with translating.speaking(spoken):
        told = _told(tx, row, viewer)
    if told is None or token is None:
        return None
    kind = Kind(row.kind)
    values = {
        "access_token": token,
        "preferred_locale": spoken,
        "notification_id": row.id,
        "notification_type": SHOWN_AS.get(kind, kind.value),
        "icon": _icon(tx, row.actor),
        "title": told.title,
        "body": told.body,
    }
    return Message(
        _packed(values, instead=tx.node.address(media.PORTRAIT)),
        lasts=max(row.at + rules.LASTS - tx.now, timedelta()),
        urgency=rules.urgency(kind),
        topic=keys.topic(tx.node, subscription.id, row.id),
    )


def _is_wanted(tx: Transaction, subscription: Row[Any], row: Row[Any]) -> bool:
    if not rules.asks_for(subscription.alerts, Kind(row.kind)):
        return False
    match Policy(subscription.policy):
        case Policy.NONE:
            return False
        case Policy.FOLLOWED:
            return row.actor == row.of or follows(tx, row.of, row.actor)
        case Policy.FOLLOWER:
            return row.actor == row.of or follows(tx, row.actor, row.of)
        case _:
            return True


def _told(tx: Transaction, row: Row[Any], viewer: Viewer) -> Told | None:
    """What is said of it, in the language that is spoken; None where there is nothing to say."""
    kind = Kind(row.kind)
    if kind is Kind.VOTE:
        return _of_vote(tx, row, viewer)
    actor = actors.find(tx, row.actor)
    if actor is None:
        return None
    title = filled(TITLES[kind], name=names.visible(actor.name) or actors.handle_of(actor))
    if kind in (Kind.FOLLOW, Kind.FOLLOW_REQUEST):
        return Told(title, actors.handle_of(actor))
    held = objects.find(tx, row.iri)
    if held is None or held.deleted is not None or not held.public:
        return None
    if kind in (Kind.MENTION, Kind.QUOTE) and not rules.is_news(held.published, row.at):
        return None
    body = _words(tx, row.iri, viewer, ours=held.author == viewer.actor)
    return None if body is None else Told(title, body)


def _of_vote(tx: Transaction, row: Row[Any], viewer: Viewer) -> Told | None:
    """That there is a vote, and until when: what it is about stands on no locked screen."""
    try:
        found = showing.show(tx, int(row.iri), viewer.member)
    except (Missing, Forbidden):
        return None
    body = ""
    if found.until is not None:
        body = filled(N_("Ballots are taken until {moment}."), moment=f"{found.until:%Y-%m-%d %H:%M} UTC")
    return Told(filled(N_("Vote on decision {number}"), number=found.number), body)


def _words(tx: Transaction, iri: str, viewer: Viewer, *, ours: bool) -> str | None:
    """The beginning of a text, or its warning alone; None if a filter of hers hides it, nothing if one warns of it."""
    matching = [] if ours else filtering.matching_filters(tx, viewer.id, [iri]).get(iri, [])
    here = [one.filter.row for one in matching if "notifications" in one.filter.row.contexts]
    if any(row.action == "hide" for row in here):
        return None
    text = None if here else statements.shown(tx, [iri]).get(iri)
    if text is None:
        return ""
    said = text.summary or " ".join(one for one in (text.title, markup.plain(text.html)) if one)
    return markup.shorten(said, BODY_CHARACTERS)


def _icon(tx: Transaction, actor: str) -> str:
    """The portrait of whoever did it, through this node; one that we have drawn if there is none."""
    url = _portrait(tx, actor)
    found = media_cache.address(tx, url, Size.SMALL) if url else None
    return found if found and len(found) <= ICON_CHARACTERS else tx.node.address(media.PORTRAIT)


def _portrait(tx: Transaction, iri: str) -> str | None:
    row = actors.find(tx, iri)
    if row is None:
        return None
    if row.local:
        kept = actors.local(tx, iri).icon
        return tx.node.address(f"/{media.DIRECTORY}/{kept['name']}") if kept else None
    if row.document is None:
        return None
    try:
        icon = actor_documents.parse(actors.document(row)).icon
    except Malformed:  # a newer program may be stricter than the one that kept it
        return None
    return icon.url if icon else None


def _packed(values: dict[str, Any], *, instead: str) -> bytes:
    """As JSON of one length; spaces at its end are read past by everybody. `instead`: a portrait that is short."""
    for shorter in ({}, {"icon": instead}, {"icon": instead, "body": ""}):
        made = json.dumps(values | shorter, ensure_ascii=False, separators=(",", ":")).encode()
        if len(made) <= LENGTH:
            break
    return made.ljust(LENGTH)
