"""Where a correction of a page is asked for that is nobody's text, and what was answered to those who have asked."""

from __future__ import annotations

from typing import Any

from node.context import Transaction
from node.corrections import store
from node.web.pages import entries


def about(tx: Transaction, address: str, query: str = "") -> dict[str, Any]:
    """What the page at `address` (or that path of this node), with the question in `query`, says of corrections."""
    whole = tx.node.address(address) if address.startswith("/") else address
    asked = f"{whole}?{query}" if query else whole
    return {"asked_about": asked, "corrections": entries.of(tx, store.answers_to(tx, asked))}
