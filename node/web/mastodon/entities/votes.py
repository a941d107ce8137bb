"""A vote that is open, as a Status that only those see who may look at it at the desk."""

from __future__ import annotations

from html import escape
from typing import Any

from sqlalchemy import Row

from node.context import Transaction
from node.decisions import showing
from node.errors import Forbidden, Missing
from node.members.viewers import Viewer
from node.translating import translated
from node.web.mastodon.entities import accounts, plain

PATH = "/desk/decisions"


def status(tx: Transaction, row: Row[Any], viewer: Viewer) -> dict[str, Any] | None:
    """What a notification of a vote says; None once she may not look at it, or there is no such decision."""
    try:
        found = showing.show(tx, int(row.iri), viewer.member)
    except (Missing, Forbidden):
        return None
    account = accounts.rendered(tx, [found.actor], viewer).get(found.actor)
    if account is None:
        return None
    url = tx.node.address(f"{PATH}/{found.number}")
    lines = [
        translated("Decision {number} is open: {title}").format(number=found.number, title=translated(found.title)),
        found.about.title,
    ]
    if found.until is not None:
        until = f"{found.until:%Y-%m-%d %H:%M} UTC"
        lines.append(translated("Ballots are taken until {moment}.").format(moment=until))
    told = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    link = f'<p><a href="{escape(url)}" rel="nofollow noopener" target="_blank">{escape(url)}</a></p>'
    return plain.status(number=row.id, account=account, html=told + link, at=row.at, url=url, language=None)
