"""What this node is: who runs it, what it runs, and what it keeps about people."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node import VERSION, actors, decisions
from node.context import Transaction
from node.members.rules import ROLES, SESSION_LASTS
from node.pruning import KEPT_FOR
from node.translating import translated
from node.web.pages import assets_served, source
from node.web.pages.masthead import masthead, show


async def about(request: web.Request) -> web.Response:
    """Who runs this node, what it runs, and what is kept about people."""
    return await show(request, "about.html", _about)


def _about(tx: Transaction) -> dict[str, Any]:
    config = tx.node.config
    return {
        "groups": [masthead(tx, group) for group in actors.groups(tx)],
        "version": VERSION,
        "contact": config.contact,
        "roles": ROLES,
        "rule": decisions.in_force(tx, actors.main_group(tx).iri, "publish_statement").said(translated),
        "session_days": SESSION_LASTS.days,
        "delay": config.publication_delay,
        "days": KEPT_FOR.days,
        "source": assets_served.address(source.NAME),
        "database": "SQLite" if tx.node.database.is_sqlite else "PostgreSQL",
    }
