"""What a reader must know of a report before she believes it: withdrawn, disputed, a stranger's, transcribed ..."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from node.context import Transaction
from node.reports import disputes
from node.statistics import actions as statistics
from node.statistics.questions import Question
from node.translating import N_
from node.web.pages.entries import Entry
from schemas import codes

WITHDRAWN = N_("Withdrawn: the group does not stand by it any more.")
DISPUTED = N_("Disputed: another group reports otherwise.")
LEFT_OUT = N_("Left out of the figures: it breaks a rule of the vocabulary.")
STRANGERS = N_("Not counted in the figures: this node does not follow its author.")


def sources(tx: Transaction) -> frozenset[str]:
    """Whose reports this node counts, unless its reader chooses others: its own groups and those they follow."""
    return frozenset(statistics.sources(tx, Question()))


def of(tx: Transaction, found: Sequence[Entry], counted: Collection[str]) -> dict[str, list[str]]:
    """The notes on each report among `found` that has any, by its address, each a sentence to translate."""
    told = [one for one in found if one.report is not None]
    disputed = disputes.disputed(tx, [one.iri for one in told], by=counted) if told else set()
    notes = {one.iri: _notes(one, counted, disputed=one.iri in disputed) for one in told}
    return {iri: said for iri, said in notes.items() if said}


def _notes(entry: Entry, counted: Collection[str], *, disputed: bool) -> list[str]:
    assert entry.report is not None
    wanted = {
        WITHDRAWN: entry.report.withdrawn,
        DISPUTED: disputed,
        LEFT_OUT: entry.report.left_out,
        STRANGERS: entry.author.iri not in counted,
        codes.BASES["imported"]: entry.report.import_iri,
    }
    return [note for note, applies in wanted.items() if applies]
