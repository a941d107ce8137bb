"""Texts of a group that are not public yet, as apps of its members are shown them.

What the group has decided and can still call back is a Status. What it decides on, or what has been put off, is a
ScheduledStatus that has all the members of a Status too, because apps that have just posted expect one; its words say
that it waits, and where.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from typing import Any

from sqlalchemy import Row

from node import objects
from node.context import Transaction
from node.decisions import store as decisions
from node.statements import composing, plain
from node.statements.rules import State
from node.translating import translated
from node.web.mastodon.entities import accounts, pictures, texts
from node.web.mastodon.entities import plain as statuses
from node.web.mastodon.entities.moments import moment

LONG = timedelta(days=365)  # what waits for a decision without an end has a date too, because apps want one


def rendered(tx: Transaction, row: Row[Any]) -> dict[str, Any]:
    """A publication that is under way. Callers have made sure that the viewer is a member of its group."""
    account = accounts.rendered(tx, [row.actor])[row.actor]
    draft = composing.revive(row.draft["draft"])
    said = tx.node.rooms.makings[row.kind].compose(tx, row.iri, row.draft).statement
    parent = objects.find(tx, draft.reply_to) if draft.reply_to else None
    answered = accounts.rendered(tx, [parent.author]).get(parent.author) if parent is not None else None
    number = int(row.draft["sort_id"])
    media = pictures.attachments(tx, number, composing.attachments_of(draft), local=True)
    found = statuses.status(
        number=number,
        account=account,
        html=_notice(tx, row) + texts.for_apps(said.content or ""),
        at=row.proposed,
        url=row.iri,
        language=said.language,
        sensitive=draft.sensitive,
        spoiler_text=draft.summary or "",
        visibility="unlisted" if draft.quiet else "public",
        in_reply_to_id=str(parent.sort_id) if parent is not None else None,
        in_reply_to_account_id=answered["id"] if answered is not None else None,
        media_attachments=media,
    )
    return found if _is_on_its_way(row) else found | _scheduled(tx, row, media)


def _is_on_its_way(row: Row[Any]) -> bool:
    """Whether nothing but the time to call it back stands before it."""
    return bool(row.state == State.WAITING.value and not row.draft.get("not_before"))


def _notice(tx: Transaction, row: Row[Any]) -> str:
    if row.state != State.PROPOSED.value:
        return ""
    decision = decisions.open_on(tx, row.actor, row.iri)
    address = tx.node.address(f"/desk/decisions/{decision.id}" if decision is not None else "/desk")
    sentence = escape(translated("This waits for the group's decision; nobody but its members sees it:"))
    link = f'<a href="{escape(address)}" rel="nofollow noopener" target="_blank">{escape(address)}</a>'
    return f"<p><em>{sentence}</em> {link}</p>"


def _scheduled(tx: Transaction, row: Row[Any], media: list[dict[str, Any]]) -> dict[str, Any]:
    draft = composing.revive(row.draft["draft"])
    put_off = row.draft.get("not_before")
    decision = decisions.open_on(tx, row.actor, row.iri)
    until = decision.until if decision is not None else None
    parent = objects.find(tx, draft.reply_to) if draft.reply_to else None
    at = moment(datetime.fromisoformat(put_off) if put_off else until or row.due or row.proposed + LONG)
    return {
        "scheduled_at": at,
        "params": {
            "text": plain.from_markdown(draft.text),
            "poll": None,
            "media_ids": [one["id"] for one in media] or None,
            "sensitive": draft.sensitive,
            "spoiler_text": draft.summary,
            "visibility": "unlisted" if draft.quiet else "public",
            "in_reply_to_id": str(parent.sort_id) if parent is not None else None,
            "language": draft.language,
            "application_id": 0,
            "scheduled_at": at,
            "idempotency": None,
            "with_rate_limit": False,
        },
    }
