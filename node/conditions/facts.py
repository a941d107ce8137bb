"""What of a report of conditions is counted: from its value to the rows that figures are made from. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from node.reports.imports import sectors
from schemas.conditions_report import ConditionsReport


@dataclass(frozen=True, slots=True)
class Facts:
    """The rows of a report: its own, and one for each condition."""

    row: dict[str, Any]
    conditions: list[dict[str, Any]]


def facts(report: ConditionsReport, *, sort_id: int, said: int, left_out: str | None = None) -> Facts:
    """What is counted of `report` and filtered by; `said` is the year in which it was said, where it names none."""
    place = report.location
    row: dict[str, Any] = {
        "iri": report.id,
        "author": report.attributed_to,
        "struggle": report.struggle,
        "field": report.field,
        "country": place.country if place else None,
        "section": sectors.section(report.sector) if report.sector else None,
        "year": report.as_of.year if report.as_of else said,
        "gathered": report.gathered,
        "respondents": report.respondents,
        "basis": report.basis,
        "left_out": left_out,
    }
    conditions = [
        {
            "report": report.id,
            "place": place_in_list,
            "topic": one.topic,
            "low": (one.interval or (None, None))[0],
            "high": (one.interval or (None, None))[1],
            "measured": one.interval is not None,
            "measured_in": one.currency or one.unit or "",
            "is_money": one.currency is not None,
            "period": one.period or "",
        }
        for place_in_list, one in enumerate(report.conditions)
    ]
    written = json.dumps([row, conditions], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    row |= {"sort_id": sort_id, "digest": hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()}
    return Facts(row, conditions)
