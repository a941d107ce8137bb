"""Codes in words for people, with what they mean: pure. A code that is not one of ours is shown as it came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from node.positions import rules as positions
from node.reports.imports.sectors import SECTIONS
from node.wording import SAID
from node.wording import code as code
from schemas import codes

LISTS: Mapping[str, Mapping[str, str]] = {
    "field": codes.FIELDS,
    "actionKind": codes.ACTION_KINDS,
    "who": codes.WHO,
    "startedBy": codes.STARTED_BY,
    "partyKind": codes.PARTY_KINDS,
    "measure": codes.MEASURES,
    "measures / basis": codes.MEASURE_BASES,
    "precise": codes.PRECISIONS,
    "absent": codes.ABSENCES,
    "chainRole": codes.CHAIN_ROLES,
    "demandKind": codes.DEMAND_KINDS,
    "status": codes.STATUSES,
    "reportStatus": codes.REPORT_STATUSES,
    "outcome": codes.OUTCOMES,
    "responseBy": codes.RESPONDERS,
    "responseKind": codes.RESPONSES,
    "beganPrecision": codes.DATE_PRECISIONS,
    "precision": codes.PLACE_PRECISIONS,
    "sourceKind": codes.SOURCE_KINDS,
    "confidence": codes.CONFIDENCES,
    "withheld / part": codes.WITHHELD_PARTS,
    "withheld / reason": codes.WITHHOLDING_REASONS,
    "topic": codes.CONDITION_TOPICS,
    "period": codes.PERIODS,
    "gathered": codes.GATHERINGS,
    "appealKind": codes.APPEAL_KINDS,
    "appealStatus": codes.APPEAL_STATUSES,
    "answerKind": codes.APPEAL_ANSWERS,
    "demandStatus": codes.DEMAND_STATUSES,
    "basis": codes.BASES,
    "scheme": codes.SECTOR_SCHEMES,
    "method": codes.DECISION_METHODS,
    "majorityOf": codes.MAJORITIES,
    "choice": codes.CHOICES,
    "stance": codes.STANCES,
    "removal": positions.REASONS,
    "eventStatus": codes.EVENT_STATUSES,
    "deletionReason": codes.DELETION_REASONS,
    "redactedBy": codes.REDACTORS,
}


def meaning(value: str, name: str) -> str:
    """The sentence that says what `value` means in the code list `name`; empty for a code that is not ours."""
    return LISTS[name].get(value, "")


def sentences() -> Iterator[str]:
    """Every word and sentence that `code` and `meaning` may answer with, and the sectors, for the catalogues."""
    for values in LISTS.values():
        for value, why in values.items():
            yield from (code(value), why)
    yield from SAID.values()
    yield from SECTIONS.values()
