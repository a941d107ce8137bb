"""What of a report is counted: from its value to the rows that figures are computed from. Pure.

Two nodes that hold the same revision of a report make the same facts of it, and the same digest: the digest is of what
is counted, not of the bytes.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from typing import Any, Final, overload

from node import names
from node.identifiers import FOREIGN_BYTES
from node.reports import counting
from node.reports.imports import sectors
from schemas import codes
from schemas.partial_date import PartialDate
from schemas.struggle_report import StruggleReport

DIMENSIONS = ("who", "demand", "addressee", "family", "organisation", "occupation", "disputes")
"""What a report may say more than one of."""
WORD_CHARACTERS: Final = 200
LABEL_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True)
class Facts:
    """The rows of a report: its own, one for each figure, one for each of several values.

    `counted` and `more` are what figures are added up from (node.reports.counting).
    """

    row: dict[str, Any]
    measures: list[dict[str, Any]]
    terms: list[dict[str, Any]]
    counted: dict[str, Any]
    more: list[dict[str, Any]]


def facts(
    report: StruggleReport,
    *,
    sort_id: int,
    import_iri: str | None = None,
    import_key: str | None = None,
    left_out: str | None = None,
) -> Facts:
    """What is counted of `report` and filtered by. `left_out`: why nothing of it is counted (`node.reports.flaws`)."""
    place = report.location
    row: dict[str, Any] = {
        "iri": report.id,
        "sort_id": sort_id,
        "struggle": report.struggle,
        "author": report.attributed_to,
        "import_iri": import_iri,
        "import_key": import_key,
        "action_kind": _short(report.action_kind),
        "field": _short(report.field),
        "country": place.country if place else None,
        "region": _short(place.region) if place else None,
        "locality": _short(place.locality) if place else None,
        "began": _written(report.began),
        "ended": _written(report.ended),
        "sector": _short(report.sector.code) if report.sector else None,
        "section": sectors.section(report.sector) if report.sector else None,
        "started_by": _short(report.started_by),
        "status": _short(report.status),
        "outcome": _short(report.outcome),
        "as_of": _written(report.as_of),
        "basis": _short(report.basis),
        "confidence": _short(report.confidence),
        "withdrawn": report.report_status == "withdrawn",
        "left_out": left_out,
    }
    measures, terms = _measures(report), _terms(report)
    row["digest"] = _digest(row, measures, terms)
    return Facts(row, measures, terms, *counting.counted(report, row, measures, terms))


@overload
def _short(word: str) -> str: ...
@overload
def _short(word: str | None) -> str | None: ...
def _short(word: str | None) -> str | None:
    """A word that an index of every database can hold: another may send a code as long as a book."""
    return word and word[:WORD_CHARACTERS]


def _written(when: PartialDate | None) -> str | None:
    return str(when) if when else None


def _measures(report: StruggleReport) -> list[dict[str, Any]]:
    found = []
    for place, one in enumerate(report.measures):
        low, high = one.interval or (None, None)
        found.append(
            {
                "report": report.id,
                "place": place,
                "measure": _short(one.measure),
                "unit": _short(one.unit) or codes.MEASURE_UNITS.get(one.measure, ""),
                "low": _plain(low),
                "high": _plain(high),
                "basis": _short(one.basis),
                "computed": bool(one.computed),
                "absent": one.absent,
            }
        )
    return found


def _plain(number: float | None) -> float | None:
    """Whole where it is whole: JSON may bring 27 as 27.0, and the digest must be the same."""
    return int(number) if number is not None and number == int(number) else number


def _terms(report: StruggleReport) -> list[dict[str, Any]]:
    pairs = [("who", code, code) for code in report.who]
    pairs += [("demand", one.kind, one.kind) for one in report.demands if one.kind]
    for party in report.addressees:
        pairs.append(("addressee", key(party.name), party.name))
        head = party.chain[-1].name if party.chain else party.name
        pairs.append(("family", key(head), head))
    pairs += [("organisation", key(party.name), party.name) for party in report.organisations]
    pairs += [("occupation", one.code, one.label or one.code) for one in report.occupations]
    pairs += [("disputes", iri, iri) for iri in report.disputes if len(iri.encode()) <= FOREIGN_BYTES]
    unique = {
        (dimension, value if dimension == "disputes" else value[:WORD_CHARACTERS]): label
        for dimension, value, label in pairs
        if value
    }
    return [
        {
            "report": report.id,
            "dimension": dimension,
            "value": value,
            "label": names.legible(label)[:LABEL_CHARACTERS] or value,
        }
        for (dimension, value), label in unique.items()
    ]


def key(name: str) -> str:
    """A name as it is compared: letter case, accents, spaces and signs do not matter."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one))
    return " ".join("".join(one if one.isalnum() else " " for one in bare).split())


def _digest(row: dict[str, Any], measures: list[dict[str, Any]], terms: list[dict[str, Any]]) -> str:
    fixed = {name: value for name, value in row.items() if name not in ("sort_id", "import_iri", "import_key")}
    counted = [fixed, measures, terms]
    written = json.dumps(counted, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()
