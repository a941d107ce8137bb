"""Pages of this node that are nobody's text, and of whom a correction of one is asked.

A struggle is of all who report on it, a figure of all who are counted, a list of the node: its main group is asked. A
merge and an import are a group's own: that group is. A list is asked about with the question that it answers, because
that is part of its address.
"""

from __future__ import annotations

import re

from node import actors, objects
from node.context import Transaction
from node.merges import store as merges
from node.reports import store as reports
from node.reports import transcriptions
from node.reports.rules import ImportState

CHARACTERS = 2000
LISTS = re.compile(
    r"/(?:|wire|figures|appeals|conditions|tags/[^/?#]+|countries/[A-Z]{2}|sectors/[A-Z]|families/[^/?#]+)(?:\?[^#]*)?"
)
_WRITABLE = re.compile(r"""[^\x00-\x20<>"'`\\^{|}\x7f-\x9f]+""")


def asked_of(tx: Transaction, address: str) -> str | None:
    """The group that is asked for a correction of the page at `address`; None if there is no such page here."""
    if len(address) > CHARACTERS or _WRITABLE.fullmatch(address) is None:
        return None
    origin = tx.node.config.origin
    if address.startswith(f"{origin}/") and LISTS.fullmatch(address.removeprefix(origin)) is not None:
        return str(actors.main_group(tx).iri)
    if any(group.iri == address for group in actors.groups(tx)):
        return address
    if (merge := merges.find(tx, address)) is not None:
        held = objects.find(tx, address)
        return str(merge.author) if held is not None and held.local else None
    if (found := transcriptions.find_import(tx, address)) is not None:
        return str(found.actor) if found.local and found.state == ImportState.PUBLISHED.value else None
    known = reports.find_struggle(tx, address) is not None and reports.count_reports_on(tx, address) > 0
    return str(actors.main_group(tx).iri) if known else None


def name_of(tx: Transaction, address: str) -> str | None:
    """What the page is called, if it has a name of its own."""
    row = reports.find_struggle(tx, address)
    return None if row is None else str(row.name)
