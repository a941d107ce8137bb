"""Which groups sign a text together, as a page shows them: those alone whose own stamp was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from node.context import Transaction
from node.signatories import rules, store
from node.signatories.rules import State
from node.web.pages import entries
from node.web.pages.entries import Author
from schemas.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signatory. `earlier`: it signed a wording that stands there no more."""

    author: Author
    stamp: str
    earlier: bool


def signatories(tx: Transaction, row: Row[Any], said: Statement | None) -> list[Signed]:
    """Who signs a text beside its author, the first one first."""
    rows = store.of(tx, row.iri, State.SIGNED)
    people = entries.authors(tx, [one.signatory for one in rows])
    digest = rules.digest(said) if said is not None else None
    return [
        Signed(author=people[one.signatory], stamp=one.stamp, earlier=one.digest != digest)
        for one in rows
        if one.signatory != row.author
    ]
