"""A code as it stands in a line of text, on pages and in what leaves the node, so that one translation does; and why a
report of another is left out of the figures.

Its codes enter the catalogues by `node.web.pages.words`.
"""

from __future__ import annotations

from collections.abc import Mapping

from node import localised
from node.translating import N_, spoken, translated
from schemas.partial_date import PartialDate
from schemas.reading import Malformed

# A code says itself in English with its dashes as spaces, but for these.
SAID: Mapping[str, str] = {
    "work-to-rule": "work-to-rule",
    "go-slow": "go-slow",
    "sick-out": "sick-out",
    "rent-strike": "rent strike",
    "work-stoppage": "work stoppage (strike or lockout)",
    "own-witness": "own witness",
    "own-estimate": "our own estimate",
    "workers-indirectly-involved": "workers kept from work because others had stopped",
    "hours-not-worked": "working hours not worked",
    "deaths": "people who died",
    "dismissals": "people dismissed",
    "people-held": "people locked up",
    "strike-fund": "strike fund",
    "police-intervention": "police intervention",
    "bargaining-unit": "workers whom the dispute covers",
    "workers-involved": "workers involved",
    "days-not-worked": "working days not worked",
    "hectares": "hectares of land",
    "displaced": "people displaced",
    "arrests": "people arrested",
    "injuries": "people injured",
    "partly-won": "won in part",
    "raised": "raised, not decided",
    "services": "public services",
    "peoples": "indigenous and colonised peoples",
    "support": "in support",
    "oppose": "opposed",
    "reservations": "in support, with reservations",
    "amend": "for an amendment",
    "none": "no position",
    "EventScheduled": "as planned",
    "EventTentative": "not certain yet",
    "EventMovedOnline": "moved to the net",
    "EventRescheduled": "moved to another time",
    "EventPostponed": "put off",
    "EventCancelled": "called off",
}


def code(value: str) -> str:
    """A code as it stands in a line of text."""
    return SAID.get(value, value.replace("-", " "))


# What ends a sentence that begins with the name of a field (schemas.reading.Malformed), wherever reports can be wrong.
FLAWS = frozenset(
    {
        N_("has a NUL character"),
        N_("has a day without a month"),
        N_("has a lone surrogate"),
        N_("has more than {limit} entries"),
        N_("has no http(s) IRI"),
        N_("has no http(s) address"),
        N_("is an empty object"),
        N_("is beyond 2**53"),
        N_("is empty"),
        N_("is empty: nothing in it could be read"),
        N_("is longer than {limit} characters"),
        N_("is missing"),
        N_("is missing, or stands beside a unit: say one of the two"),
        N_("is missing: give a number, a bound, or say why it is absent"),
        N_("is missing: give a number, a range or words"),
        N_("is missing: say who alleges it"),
        N_("is no date that exists"),
        N_("is no day that exists"),
        N_("is no moment that exists"),
        N_("must be YYYY, YYYY-MM or YYYY-MM-DD"),
        N_("must be a URI"),
        N_("must be a day such as 2026-01-31"),
        N_("must be a language tag such as en or pt-BR"),
        N_("must be a moment such as 2026-01-31T12:00:00Z"),
        N_("must be a number"),
        N_("must be a whole number"),
        N_("must be an IRI"),
        N_("must be an ISO 3166-1 alpha-2 code such as IN"),
        N_("must be an ISO 4217 code such as EUR"),
        N_("must be an absolute http(s) IRI"),
        N_("must be an object"),
        N_("must be an object of texts by language"),
        N_("must be at least {minimum}"),
        N_("must be at least {minimum} and at most {maximum}"),
        N_("must be finite"),
        N_("must be one of {codes}"),
        N_("must be one or many IRIs"),
        N_("must be one type name"),
        N_("must be text"),
        N_("must be true or false"),
        N_("must not be negative"),
        N_("needs a longitude, and the other way round"),
        N_("says that there is no figure, and there is one"),
        N_("stands beside a range: give one or the other"),
        N_("{ended} is before it began, {began}"),
        N_("{high} is below minValue, {low}"),
        N_("{population} is fewer than were asked, {respondents}"),
        N_("{value!r} is no code of {scheme}"),
        N_("{value!r} is no country of ISO 3166-1"),
        N_("{value!r} is no currency of ISO 4217"),
        N_("{value!r} is no region of it in ISO 3166-2"),
        N_("{value!r} is not one of {codes}"),
    }
)


def flaw(error: Malformed) -> str:
    """Why a value is refused, with its numbers and dates, in the language that is spoken."""
    values = {name: _value(value) for name, value in error.values.items()}
    return translated(error.sentence).format(**values) if values else translated(error.sentence)


def _value(value: object) -> object:
    if isinstance(value, PartialDate):
        return localised.period(str(value), spoken())
    return localised.number(value, spoken()) if isinstance(value, int | float) else value
