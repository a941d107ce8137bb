"""What a report says above its text to those who read no fields: as of when, what, where, how many and whose figure.

In the language of the text where this node speaks it, else in English and marked so. Pages that show the fields leave
it out, by its class (`markup.without_facts`).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from node import localised, wording
from node.statements import markup
from node.translating import ENGLISH, LANGUAGES, N_, filled, speaking, translated
from schemas import codes
from schemas.measure import Measure
from schemas.partial_date import PartialDate
from schemas.place import Place
from schemas.struggle_report import StruggleReport

AS_OF = N_("As of {day}")
BEGAN = N_("began {day}")
ENDED = N_("ended {day}")
FIGURES_AT_MOST = 6


def in_words(report: StruggleReport, language: str, *, said: date) -> str:
    """The paragraph; `said` is the day of publication, up to which a report is true that names no other."""
    tongue = spoken(language)
    with speaking(tongue):
        lines = [_what(report, tongue), *(_figure(one, tongue) for one in report.measures[:FIGURES_AT_MOST])]
        if report.report_status == "withdrawn":
            lines.insert(0, translated(codes.REPORT_STATUSES["withdrawn"]))
    strange = "" if tongue == language.partition("-")[0].lower() else f' lang="{tongue}"'
    broken = "".join(f"<br>{markup.escape(one)}" for one in lines if one)
    when = markup.escape(as_of(report.as_of or said, language))
    return f'<p class="facts"><strong{strange}>{when}</strong>{broken}</p>\n'


def as_of(when: PartialDate | date, language: str) -> str:
    """“As of 3 November 2026”, in the language of a text where this node speaks it, else in English."""
    with speaking(spoken(language)):
        return filled(AS_OF, day=localised.day(str(when), spoken(language)))


def spoken(language: str) -> str:
    """The one of our languages in which a text of `language` says what we add to it."""
    tongue = language.partition("-")[0].lower()
    return tongue if tongue in LANGUAGES else ENGLISH


@lru_cache(maxsize=512)
def briefly(when: PartialDate | date, language: str) -> str:
    """As of when, alone: for what was transcribed, by the thousand."""
    tongue = spoken(language)
    strange = "" if tongue == language.partition("-")[0].lower() else f' lang="{tongue}"'
    return f'<p class="facts"><strong{strange}>{markup.escape(as_of(when, language))}</strong></p>\n'


def _what(report: StruggleReport, language: str) -> str:
    parts = [_code(report.action_kind), _where(report.location, language)]
    if report.began is not None:
        parts.append(filled(BEGAN, day=localised.day(str(report.began), language)))
    if report.ended is not None:
        parts.append(filled(ENDED, day=localised.day(str(report.ended), language)))
    elif report.status is not None:
        parts.append(_code(report.status))
    if report.outcome is not None:
        parts.append(_code(report.outcome))
    if report.basis is not None:
        parts.append(_code(report.basis))
    return " · ".join(filter(None, parts))


def _where(place: Place | None, language: str) -> str:
    if place is None:
        return ""
    country = localised.country(place.country, language) if place.country else None
    return ", ".join(filter(None, [place.locality, country])) or place.name or ""


def _figure(measure: Measure, language: str) -> str:
    """“workers involved: 100–150 (organisation)”; nothing where there is no figure."""
    if measure.interval is None:
        return ""
    low, high = (None if end is None else localised.number(end, language) for end in measure.interval)
    figure = low if low == high else f"{low or 0}–{high}" if high else f"{low}+"
    unit = f" {measure.unit}" if measure.unit else ""
    whose = f" ({_code(measure.basis)})" if measure.basis else ""
    return f"{_code(measure.measure)}: {figure}{unit}{whose}"


def _code(code: str) -> str:
    return translated(wording.code(code))
