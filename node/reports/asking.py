"""What is asked twice before a report leaves: what may put somebody in danger once it is public. Pure.

Three things are asked: whether the exact place of a coming action is to be told; a figure under five at a named site;
what in a free text may lead to a person. Nothing is refused for good: whoever writes says `confirm` with the word that
the question names. That word holds for exactly what was asked: if more is written later, it is asked again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce

from node.errors import Invalid, Phrase
from node.reports import linting, sites
from node.reports.imports import Draft
from node.statements import rules
from node.translating import N_
from schemas import codes
from schemas.measure import Measure

CONFIRM = "confirm"
SMALL = 5
"""Fewer people than this at a named site can be told apart by those who know the site."""
WIDE_METRES = 1_000
"""A point within so many metres is an exact place."""
SENTENCES: Mapping[str, str] = {
    "place": N_("The action is still to come, and its exact place is told: {about}. Not only friends will read it."),
    "figure": N_("A figure under five at a named site can lead to persons: {about}."),
    "persons": N_("This may lead to a person: {about}."),
}
LISTED_AT_MOST = 12


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is asked: which, about what, and the `word` that confirms exactly this."""

    code: str
    about: tuple[str, ...]

    @property
    def word(self) -> str:
        """`place-3f9c1b`: another one as soon as something else is asked."""
        digest = hashlib.sha256("\n".join(self.about).encode("utf-8", "replace")).hexdigest()
        return f"{self.code}-{digest[:6]}"

    @property
    def sentence(self) -> Phrase:
        """The question in words."""
        more = ["…"] if len(self.about) > LISTED_AT_MOST else []
        return Phrase(SENTENCES[self.code], about="; ".join([*self.about[:LISTED_AT_MOST], *more]))


class Unconfirmed(Invalid):
    """Something has to be confirmed before it leaves: the `questions`."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = tuple(questions)
        asked = reduce(
            lambda one, other: Phrase("{one} {other}", one=one, other=other), (one.sentence for one in self.questions)
        )
        super().__init__(
            "{asked} If it is to be published like that, confirm it: {words}",
            field=CONFIRM,
            asked=asked,
            words="; ".join(one.word for one in self.questions),
        )


def open_questions(written: rules.Draft, report: Draft, *, today: date) -> tuple[Question, ...]:
    """What is asked about a report and was not confirmed yet."""
    said = written.report.get(CONFIRM, "").replace(",", " ").replace(";", " ").split()
    return tuple(one for one in questions(written, report, today=today) if one.word not in said)


def questions(written: rules.Draft, report: Draft, *, today: date) -> tuple[Question, ...]:
    """All that is asked about a report."""
    found = {
        "place": _exact_place(report) if _is_coming(report, today) else (),
        "figure": _small_figures(report),
        "persons": tuple(one.words for one in linting.lint(free_texts(written, report))),
    }
    return tuple(Question(code, about) for code, about in found.items() if about)


def free_texts(written: rules.Draft, report: Draft) -> dict[str, str]:
    """What was written in a writer's own words, by field."""
    texts = {"title": report.title, "text": written.text, "summary": written.summary or ""}
    texts["struggle_title"] = report.struggle_title if report.struggle_title != report.title else ""
    texts["demands"] = _lines(one.text for one in report.demands)
    texts["claims"] = _lines(one.text for one in report.claims)
    texts["responses"] = _lines(one.text or "" for one in report.responses)
    texts["location"] = (report.location.name or "") if report.location else ""
    for number, one in enumerate(written.translations):
        texts[f"translations[{number}]"] = _lines([one.title or "", one.text, one.summary or ""])
    return {field: text for field, text in texts.items() if text.strip()}


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(texts)


def _is_coming(report: Draft, today: date) -> bool:
    return report.status == "announced" or (report.status in (None, "unknown") and report.began.earliest > today)


def _exact_place(report: Draft) -> tuple[str, ...]:
    place = report.location
    if place is None:
        return ()
    found = [sites.own_name(place)] if sites.own_name(place) else []
    if place.latitude is not None and (place.radius is None or place.radius < WIDE_METRES):
        found.append(f"{place.latitude}, {place.longitude}")
    if not found and place.precision == "exact":
        found.append(place.name or place.locality or "")
    return tuple(found)


def _small_figures(report: Draft) -> tuple[str, ...]:
    named = sites.names_a_site(report.addressees, report.location)
    if named is None:
        return ()
    return tuple(f"{_written(one)} ({one.measure}), {named}" for one in report.measures if is_small(one))


def is_small(one: Measure) -> bool:
    """Whether a figure says that they are so few people that each can be told; zero is nobody."""
    if one.interval is None or codes.MEASURE_UNITS.get(one.measure) != "person":
        return False
    most = one.interval[1]
    return most is not None and 0 < most < SMALL


def _written(one: Measure) -> str:
    return f"{one.value:g}" if one.value is not None else f"{one.low or 0:g}–{one.high:g}"
