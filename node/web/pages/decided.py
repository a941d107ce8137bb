"""What a page shows of how a group came to say something: the decision, and the minority reports that came with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from node import objects
from node.context import Transaction
from node.statements import store as statements
from node.web.pages import entries
from node.web.pages.entries import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision as its group shows it; counts are None where it shows none."""

    day: date | None
    method: str
    unanimous: bool | None
    in_favour: int | None
    against: int | None
    abstaining: int | None
    eligible: int | None
    quorum: int | None
    arguments_for: Sequence[str]
    arguments_against: Sequence[str]
    voters: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Minority:
    """A minority report: as an entry where it is held and names the text, else its address."""

    address: str
    entry: Entry | None


def decision(extras: Mapping[str, Any] | None) -> Decided | None:
    """How it was decided, from what was kept beside the text."""
    found = (extras or {}).get("decision")
    if found is None:
        return None
    values = {name: found.get(name) for name in Decided.__dataclass_fields__}
    return Decided(**(values | {"day": date.fromisoformat(found["day"]) if found.get("day") else None}))


def minority_reports(tx: Transaction, row: Row[Any], extras: Mapping[str, Any] | None) -> list[Minority]:
    """The minority reports that a text names. One counts if it names the text as well and is by the same group."""
    found = []
    for iri in (extras or {}).get("minority_reports", ()):
        held = objects.find(tx, iri)
        if held is None:
            found.append(Minority(address=iri, entry=None))
        elif held.author == row.author and held.deleted is None and held.public and _names(tx, iri) == row.iri:
            found += [Minority(address=iri, entry=entry) for entry in entries.of(tx, [held])]
    return found


def is_minority_report(tx: Transaction, row: Row[Any], extras: Mapping[str, Any] | None) -> bool:
    """Whether a text and the one that it says to be a minority report of name each other."""
    main: str | None = (extras or {}).get("minority_report_of")
    held = objects.find(tx, main) if main is not None else None
    if main is None or held is None or held.author != row.author:
        return False
    shown = statements.shown(tx, [main]).get(main)
    return shown is not None and row.iri in (shown.extras or {}).get("minority_reports", ())


def _names(tx: Transaction, iri: str) -> str | None:
    shown = statements.shown(tx, [iri]).get(iri)
    return (shown.extras or {}).get("minority_report_of") if shown is not None else None


def one_of(tx: Transaction, iri: str) -> Entry | None:
    """Something said that is held here, as an entry; None if it is not, or not any more."""
    held = objects.find(tx, iri)
    return next(iter(entries.of(tx, [held])), None) if held is not None and held.deleted is None else None
