"""From a figure to the reports that it counts: the filters with which the wire shows them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from node.reports import filters
from node.reports.selecting import OF_TERMS
from node.statistics.questions import PERIODS, Question
from schemas.partial_date import PartialDate


def reports(question: Question, keys: Mapping[str, str | None]) -> str | None:
    """The query of the reports that stand in the row with these `keys`; without any, of those of the whole table.

    None where no filter asks for them: in a table of what some demand that others also demand.
    """
    asked = dict(question.filters) | {"type": ("report",), "counted": ("yes",)}
    if question.sources is not None:
        asked["source"] = question.sources
    for name, key in keys.items():
        if name in OF_TERMS and key not in question.filters.get(name, (key,)):
            return None
        if name in PERIODS and key is not None:
            asked |= _within(asked, *filters.span(key))
        else:
            asked[name] = (filters.UNSAID if key is None else key,)
    return filters.written(asked)


def _within(asked: filters.Filters, since: str, until: str) -> dict[str, tuple[str, ...]]:
    """The narrower of what was asked for and of a period."""
    sinces = [PartialDate.read(one) for one in (since, *asked.get("since", ()))]
    untils = [PartialDate.read(one) for one in (until, *asked.get("until", ()))]
    return {
        "since": (str(max(sinces, key=lambda one: one.earliest)),),
        "until": (str(min(untils, key=lambda one: one.latest)),),
    }
