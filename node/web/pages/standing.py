"""What a reader must know of a report before she believes it: withdrawn, left out, a stranger's, or transcribed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from node.context import Transaction
from node.statistics import actions as statistics
from node.statistics.questions import Question
from node.translating import N_
from node.web.pages.entries import Entry
from schemas import codes

WITHDRAWN = N_("Withdrawn: the group does not stand by it any more.")
LEFT_OUT = N_("Left out of the figures: it breaks a rule of the vocabulary.")
STRANGERS = N_("Not counted in the figures: this node does not follow its author.")


def sources(tx: Transaction) -> frozenset[str]:
    """Whose reports this node counts, unless its reader chooses others: its own groups and those they follow."""
    return frozenset(statistics.sources(tx, Question()))


def of(found: Sequence[Entry], counted: Collection[str]) -> dict[str, list[str]]:
    """The notes on each report among `found` that has any, by its address, each a sentence to translate."""
    notes = {one.iri: _notes(one, counted) for one in found if one.report is not None}
    return {iri: said for iri, said in notes.items() if said}


def _notes(entry: Entry, counted: Collection[str]) -> list[str]:
    assert entry.report is not None
    found = [WITHDRAWN] if entry.report.withdrawn else []
    if entry.report.left_out:
        found.append(LEFT_OUT)
    if entry.author.iri not in counted:
        found.append(STRANGERS)
    if entry.report.import_iri:
        found.append(codes.BASES["imported"])
    return found
