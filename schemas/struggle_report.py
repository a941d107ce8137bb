"""A struggle report: what a group says is happening in a struggle.

It is a statement with more fields, a Note or Article for everybody else. A report asserts facts about a struggle,
which has an IRI of its own, so that several groups may report one without it being counted twice. It counts people
and never names them. What is not known is left out; it is never zero.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from schemas import codes, fields, reading
from schemas.context import REPORT_CONTEXT
from schemas.fields import wire, wire_value
from schemas.kinds import (
    DAY,
    IRI,
    LABEL,
    LINK,
    PARTIAL_DATE,
    TEXT,
    code,
    many,
    names,
    nested,
)
from schemas.measure import Measure
from schemas.partial_date import PartialDate
from schemas.party import Party
from schemas.place import Place
from schemas.reading import Malformed
from schemas.statement import WRITTEN_TYPES, Statement

TYPES: Final = WRITTEN_TYPES


@wire_value()
class Demand:
    """What is asked for, and what became of it: a line of the ledger."""

    text: str = wire(LABEL, "name", doc="In the words of those who raise it.")
    kind: str | None = wire(code(codes.DEMAND_KINDS), "demandKind", default=None, doc="What it is about.")
    status: str = wire(code(codes.DEMAND_STATUSES), "demandStatus", default="raised", doc="What became of it.")
    raised: PartialDate | None = wire(PARTIAL_DATE, "raised", default=None, doc="When it was raised.")
    decided: PartialDate | None = wire(PARTIAL_DATE, "decided", default=None, doc="When it was won, lost or dropped.")


@wire_value()
class Response:
    """What the other side or the state did, and whose word that is."""

    by: str = wire(code(codes.RESPONDERS), "responseBy", doc="Who did it.")
    kind: str = wire(code(codes.RESPONSES), "responseKind", doc="What was done.")
    text: str | None = wire(TEXT, "name", default=None, doc="In words.")
    on: PartialDate | None = wire(PARTIAL_DATE, "on", default=None, doc="When.")
    basis: str | None = wire(code(codes.BASES), "basis", default=None, doc="What the group vouches for.")
    alleged_by: str | None = wire(TEXT, "allegedBy", default=None, doc="Who says so, where it is alleged.")


@wire_value()
class Claim:
    """Something said about a named party, marked with whose word it is."""

    text: str = wire(LABEL, "claim", doc="What is said.")
    about: str = wire(LABEL, "about", doc="The name of the party.")
    basis: str = wire(code(codes.BASES), "basis", doc="What the group vouches for.")
    alleged_by: str | None = wire(TEXT, "allegedBy", default=None, doc="Who says so, where it is alleged.")

    def __post_init__(self) -> None:
        if self.basis == "alleged" and not self.alleged_by:
            raise Malformed("allegedBy", "is missing: say who alleges it")


@wire_value()
class Sector:
    """A branch of the economy in a public classification."""

    scheme: str = wire(code(codes.SECTOR_SCHEMES), "scheme", default="isic4", required=True, doc="Which one.")
    code: str = wire(LABEL, "code", doc="The code there: a section letter, or two to six digits.")
    label: str | None = wire(TEXT, "label", default=None, doc="In words.")


@wire_value()
class Occupation:
    """What people do, in ISCO-08."""

    code: str = wire(LABEL, "code", doc="One to four digits of ISCO-08.")
    label: str | None = wire(TEXT, "label", default=None, doc="In words.")


@wire_value()
class Source:
    """Where the facts are from."""

    name: str | None = wire(TEXT, "name", default=None, doc="Who published it.")
    url: str | None = wire(LINK, "url", default=None, lenient=True, doc="Where it is.")
    kind: str | None = wire(code(codes.SOURCE_KINDS), "sourceKind", default=None, doc="What it is.")
    retrieved: date | None = wire(DAY, "retrieved", default=None, doc="The day on which it was read.")
    archived_digest: str | None = wire(
        TEXT, "archivedDigest", default=None, lenient=True, doc="SHA-256 of what was read, in hexadecimal."
    )


@wire_value()
class Withheld:
    """What the group knows and does not say."""

    part: str = wire(code(codes.WITHHELD_PARTS), "part", doc="What is withheld.")
    reason: str = wire(code(codes.WITHHOLDING_REASONS), "reason", doc="Why.")


_PARTIES = many(nested(Party))
_DATE_PRECISION = code(codes.DATE_PRECISIONS)


@wire_value(context=REPORT_CONTEXT)
class StruggleReport(Statement):
    """A statement that reports an action in a struggle. `struggle` and `actionKind` together make it one."""

    type: str = wire(names(*TYPES), "type", default="Note", required=True, doc="Note or Article.")
    struggle: str = wire(IRI, "struggle", doc="What is reported on: the collection of all reports on it.")
    action_kind: str = wire(code(codes.ACTION_KINDS), "actionKind", doc="What was done.")
    field: str | None = wire(code(codes.FIELDS), "field", default=None, doc="The field of the struggle.")
    who: tuple[str, ...] = wire(many(code(codes.WHO)), "who", default=(), doc="Who struggles.")
    started_by: str | None = wire(code(codes.STARTED_BY), "startedBy", default=None, doc="Which side began the action.")
    addressees: tuple[Party, ...] = wire(_PARTIES, "addressee", default=(), doc="Whom it is directed at.")
    organisations: tuple[Party, ...] = wire(_PARTIES, "organisation", default=(), doc="Who organises it.")
    location: Place | None = wire(nested(Place, first_of_list=True), "location", default=None, doc="Where.")
    began: PartialDate | None = wire(PARTIAL_DATE, "began", default=None, doc="When the action began, or will.")
    began_precision: str | None = wire(_DATE_PRECISION, "beganPrecision", default=None, doc="How exactly that is told.")
    ended: PartialDate | None = wire(PARTIAL_DATE, "ended", default=None, doc="When it ended, if it has.")
    ended_precision: str | None = wire(_DATE_PRECISION, "endedPrecision", default=None, doc="How exactly that is told.")
    status: str | None = wire(code(codes.STATUSES), "status", default=None, doc="How it stands.")
    as_of: PartialDate | None = wire(PARTIAL_DATE, "asOf", default=None, doc="The day up to which the report is true.")
    measures: tuple[Measure, ...] = wire(many(nested(Measure)), "measures", default=(), doc="What was counted.")
    demands: tuple[Demand, ...] = wire(many(nested(Demand)), "demands", default=(), doc="What is asked for.")
    outcome: str | None = wire(
        code(codes.OUTCOMES), "outcome", default=None, doc="How it ended, as this group sees it; others may differ."
    )
    responses: tuple[Response, ...] = wire(
        many(nested(Response)), "responses", default=(), doc="What the other side and the state did."
    )
    claims: tuple[Claim, ...] = wire(many(nested(Claim)), "claims", default=(), doc="What is said of named parties.")
    sector: Sector | None = wire(nested(Sector), "sector", default=None, doc="The branch of the economy.")
    occupations: tuple[Occupation, ...] = wire(
        many(nested(Occupation)), "occupations", default=(), doc="What those who struggle do, in ISCO-08."
    )
    sources: tuple[Source, ...] = wire(many(nested(Source)), "sources", default=(), doc="Where the facts are from.")
    basis: str | None = wire(code(codes.BASES), "basis", default=None, doc="What the group itself vouches for.")
    alleged_by: str | None = wire(TEXT, "allegedBy", default=None, doc="Who says so, where it is alleged.")
    confidence: str | None = wire(code(codes.CONFIDENCES), "confidence", default=None, doc="How sure the group is.")
    withheld: tuple[Withheld, ...] = wire(
        many(nested(Withheld)), "withheld", default=(), doc="What is known and not said, and why."
    )
    report_status: str | None = wire(
        code(codes.REPORT_STATUSES), "reportStatus", default=None, doc="Whether the group stands by the report."
    )
    report_status_reason: str | None = wire(
        TEXT, "reportStatusReason", default=None, doc="Why it does not any more, in words."
    )
    disputes: tuple[str, ...] = wire(
        many(IRI, skip_unreadable=True), "disputes", default=(), lenient=True,
        doc="Reports of other groups that this one contradicts.",
    )  # fmt: skip

    def __post_init__(self) -> None:
        if self.began and self.ended and self.ended.latest < self.began.earliest:
            raise Malformed("ended", "{ended} is before it began, {began}", ended=self.ended, began=self.began)


_MARKS: Final = frozenset({"struggle", "actionKind"})
_FACTS: Final = (
    frozenset(term.key for term in fields.describe(StruggleReport))
    - frozenset(term.key for term in fields.describe(Statement))
    - _MARKS
)


def reports(document: dict[str, Any]) -> bool:
    """Whether `document` is a report: a Note or Article with a readable `struggle` and `actionKind`."""
    if document.get("struggle") is None or document.get("actionKind") is None:
        return False
    try:
        reading.iri(document["struggle"])
        reading.label(document["actionKind"])
    except Malformed:
        return False
    return reading.type_of(document) in TYPES


def parse(document: object) -> StruggleReport:
    """The report in `document`. Raises Malformed, with the first field at fault."""
    return fields.parse(StruggleReport, document)


def read(document: dict[str, Any]) -> StruggleReport:
    """What another says, with the facts that break a rule left out: its words stay readable, whatever its figures are.

    Raises Malformed where it is no statement either. `flaws` says what was left out, and why.
    """
    return _readable(document)[0]


def flaws(document: dict[str, Any]) -> tuple[Malformed, ...]:
    """The rules that the facts of a report break, in the order of its fields: unreadable ones, and codes unknown here.

    Raises Malformed where `document` is no statement.
    """
    report, unreadable = _readable(document)
    return unreadable + fields.refusals(report, _FACTS | _MARKS)


def _readable(document: dict[str, Any]) -> tuple[StruggleReport, tuple[Malformed, ...]]:
    found: list[Malformed] = []
    while True:
        try:
            return parse(document), tuple(found)
        except Malformed as error:
            key = fields.first_key(error.path)
            if key not in _FACTS:
                raise
            found.append(error)
            document = {name: value for name, value in document.items() if name != key}  # one field less each time


def serialise(report: StruggleReport) -> dict[str, Any]:
    """The JSON object of `report`. Raises Malformed for a code that is not one of ours."""
    return fields.serialise(report)
