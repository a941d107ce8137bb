"""Who may quote a text, as apps read it (Mastodon 4.5, after FEP-044f), and what that comes to for who looks.

A reader quotes nothing, whatever the author says: her app does not offer it. Of an author who says nothing nobody knows
whether a quotation would be shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from node.context import Transaction
from node.members.viewers import Viewer
from node.statements.quoting import audience, followers_of, follows
from schemas import reading
from schemas.context import PUBLIC
from schemas.statement import Statement


@dataclass(frozen=True, slots=True)
class Approval:
    """Whose quotations the author allows at once (`automatic`), and about whose she wants to be asked (`manual`)."""

    author: str
    automatic: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return PUBLIC in self.automatic


def asked(row: Row[Any], said: Statement) -> Approval:
    """What a text says about being quoted."""
    manual: tuple[str, ...] = ()
    if PUBLIC not in said.interaction_policy_can_quote and b"manualApproval" in row.document:
        policy = reading.loads(row.document).get("interactionPolicy")
        can_quote = policy.get("canQuote") if isinstance(policy, dict) else None
        manual = audience(can_quote, "manualApproval") if isinstance(can_quote, dict) else ()
    return Approval(row.author, tuple(said.interaction_policy_can_quote), manual)


def body(tx: Transaction, approval: Approval, viewer: Viewer | None) -> bytes:
    """The QuoteApproval."""
    if approval.is_open:
        return _encoded(("public",), (), "denied" if viewer is None or viewer.actor is None else "automatic")
    theirs = followers_of(tx, approval.author)
    automatic, manual = (_named(some, approval.author, theirs) for some in (approval.automatic, approval.manual))
    return _encoded(automatic, manual, _of(tx, approval, viewer, theirs))


def _named(some: tuple[str, ...], author: str, theirs: set[str]) -> tuple[str, ...]:
    """As Mastodon names who may; what it has no name for is said to be there. The author goes without saying."""
    known = {PUBLIC: "public"} | dict.fromkeys(theirs, "followers")
    return tuple(dict.fromkeys(known.get(one, "unsupported_policy") for one in some if one != author))


def _of(tx: Transaction, approval: Approval, viewer: Viewer | None, theirs: set[str]) -> str:
    by = None if viewer is None else viewer.actor
    if by is None:
        return "denied"
    if by == approval.author:
        return "automatic"
    if not approval.automatic and not approval.manual:
        return "unknown"
    hers = {PUBLIC, by} | (theirs if follows(tx, by, approval.author) else set())
    if hers & set(approval.automatic):
        return "automatic"
    return "manual" if hers & set(approval.manual) else "denied"


@lru_cache(maxsize=64)
def _encoded(automatic: tuple[str, ...], manual: tuple[str, ...], current: str) -> bytes:
    value = {"automatic": list(automatic), "manual": list(manual), "current_user": current}
    return json.dumps(value, separators=(",", ":")).encode()
