"""From what was kept of a report of conditions to what leaves: its facts in words above its text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from node import actors, localised, wording
from node.conditions import rules
from node.conditions.rules import Reported
from node.context import Transaction
from node.reports import struggles
from node.statements import composing, markup
from node.statements.composing import Composed
from node.translating import ENGLISH, LANGUAGES, N_, filled, speaking, translated
from schemas.conditions_report import Condition, ConditionsReport

TAG: Final = "conditions"
PER: Final = {
    "hour": N_("{amount} an hour"),
    "day": N_("{amount} a day"),
    "week": N_("{amount} a week"),
    "month": N_("{amount} a month"),
    "year": N_("{amount} a year"),
    "piece": N_("{amount} a piece"),
    "once": N_("{amount} once"),
}


def compose(tx: Transaction, iri: str, kept: dict[str, Any]) -> Composed:
    """The report as it leaves; nothing is written. Raises Invalid."""
    draft = composing.revive(kept["draft"])
    found = rules.reported(draft)
    language = draft.language or actors.local(tx, kept["actor"]).language
    fields = {name: getattr(found, name) for name in Reported.__dataclass_fields__}
    return composing.compose_as(
        tx,
        iri,
        kept,
        ConditionsReport,
        replace(draft, tags=tuple(dict.fromkeys([*draft.tags, *hashtags(found)]))),
        opening=_in_words(found, language),
        **fields | {"struggle": struggles.addressed(tx, found.struggle, actor=kept["actor"])},
    )


def hashtags(found: Reported) -> tuple[str, ...]:
    """The hashtags under which people elsewhere find a report."""
    return (TAG, *dict.fromkeys(one.topic for one in found.conditions if one.topic != "other"))


def figure(one: Condition, language: str) -> str | None:
    """The figure of a condition for readers, with its unit and period; None if there is none."""
    if one.interval is None:
        return None
    low, high = (None if end is None else localised.number(end, language) for end in one.interval)
    what = one.currency or one.unit
    said = f"{low or high} {what}" if low == high else f"{low or 0}–{high} {what}" if high else f"{low}+ {what}"
    return filled(PER[one.period], amount=said) if one.period in PER else said


def _in_words(found: Reported, language: str) -> str:
    tongue = language.partition("-")[0].lower()
    spoken = tongue if tongue in LANGUAGES else ENGLISH
    with speaking(spoken):
        opening = translated(N_("Conditions"))
        if found.as_of is not None:
            opening = filled(N_("Conditions, as of {day}"), day=localised.day(str(found.as_of), spoken))
        lines = [_condition(one, spoken) for one in found.conditions]
        if (how := _how(found, spoken)) is not None:
            lines.append(markup.escape(how))
    strange = "" if spoken == tongue else f' lang="{spoken}"'
    return f'<p class="facts"><strong{strange}>{markup.escape(opening)}</strong>{_broken(lines)}</p>\n'


def _broken(lines: list[str]) -> str:
    return "".join(f"<br>{one}" for one in lines)


def _condition(one: Condition, language: str) -> str:
    topic = translated(wording.code(one.topic))
    said = ". ".join(filter(None, [figure(one, language), one.text]))
    return markup.escape(f"{topic[:1].upper()}{topic[1:]}: {said}")


def _how(found: Reported, language: str) -> str | None:
    how = translated(wording.code(found.gathered)) if found.gathered else None
    if found.respondents is None or found.respondents < rules.SMALL:
        return how
    values = {"asked": localised.number(found.respondents, language)}
    if found.population is not None:
        values["all"] = localised.number(found.population, language)
    sentence = N_("from {asked} of {all} people") if found.population is not None else N_("from {asked} people")
    return ", ".join(filter(None, [how, filled(sentence, **values)]))
