"""How a group came to say something: what the wire carries of it, and one line for those who read the text alone. Pure.

Other servers show a text and nothing beside it, so the line stands at its end, in the language of the text. Pages of
ours leave it out and show what the document carries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from node.decisions import Choice, Result
from node.decisions.rules import Method, Shows
from node.statements import events, markup
from schemas.decision import Decision, Voter
from schemas.statement import Statement

CLASS = "adoption"
LINE = re.compile(rf'\s*<p class="{CLASS}"[^>]*>(?:(?!</?p[ >]).){{0,1000}}</p>\s*$', re.DOTALL)
ARGUMENT_CHARACTERS = 1000
ARGUMENTS_AT_MOST = 20
VOTERS_AT_MOST = 1000

# day, then what was decided: whole, by figures, and the parts of the figures.
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "day": "{number} {month} {year}",
        "unanimous": "Adopted unanimously on {day}",
        "consent": "Adopted by consent on {day}",
        "adopted": "Adopted on {day}",
        "figures": "{for_} for, {against} against, {abstaining} abstaining",
        "quorum": "quorum {quorum}",
        "minority": "Minority report",
    },
    "fr": {
        "day": "{number} {month} {year}",
        "unanimous": "Adopté à l’unanimité le {day}",
        "consent": "Adopté par consentement le {day}",
        "adopted": "Adopté le {day}",
        "figures": "{for_} pour, {against} contre, {abstaining} abstentions",
        "quorum": "quorum {quorum}",
        "minority": "Rapport de minorité",
    },
    "es": {
        "day": "{number} de {month} de {year}",
        "unanimous": "Aprobado por unanimidad el {day}",
        "consent": "Aprobado por consentimiento el {day}",
        "adopted": "Aprobado el {day}",
        "figures": "{for_} a favor, {against} en contra, {abstaining} abstenciones",
        "quorum": "quórum {quorum}",
        "minority": "Informe de minoría",
    },
    "de": {
        "day": "{number}. {month} {year}",
        "unanimous": "Einstimmig beschlossen am {day}",
        "consent": "Im Konsent beschlossen am {day}",
        "adopted": "Beschlossen am {day}",
        "figures": "{for_} dafür, {against} dagegen, {abstaining} enthalten",
        "quorum": "Quorum {quorum}",
        "minority": "Minderheitsvotum",
    },
    "ar": {
        "day": "{number} {month} {year}",
        "unanimous": "اعتُمد بالإجماع في {day}",
        "consent": "اعتُمد بالتوافق في {day}",
        "adopted": "اعتُمد في {day}",
        "figures": "{for_} مع، {against} ضد، {abstaining} امتناع",
        "quorum": "النصاب {quorum}",
        "minority": "رأي الأقلية",
    },
}
ARABIC_MONTHS = "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"


def decision_of(kept: Mapping[str, Any] | None) -> Decision | None:
    """The decision as it travels, from what was kept when it was adopted; None where the group shows nothing."""
    if kept is None:
        return None
    voters = tuple(Voter(**one) for one in kept.get("voters") or ())
    texts = {name: tuple(kept.get(name) or ()) for name in ("arguments_for", "arguments_against")}
    return Decision(**{**kept, **texts, "voters": voters})


def shown_of(result: Result) -> dict[str, Any] | None:
    """What a group shows of a decision, kept with the text; None where that is nothing, or one member acted."""
    if result.shows is Shows.NOTHING or result.method is Method.ONE_MEMBER:
        return None
    tally = result.tally
    said: dict[str, Any] = {
        "method": result.method.value.replace("_", "-"),
        "unanimous": bool(tally.in_favour) and not (tally.against or tally.abstaining or tally.blocking),
        "arguments_for": [one.text for one in result.arguments if one.choice is Choice.FOR],
        "arguments_against": [one.text for one in result.arguments if one.choice is not Choice.FOR],
        "voters": [{"name": name, "choice": choice.value} for name, choice in result.names],
    }
    if result.shows is Shows.WORDS:
        return said
    return said | {
        "majority_of": result.rule.of.value if result.method in (Method.MAJORITY, Method.TWO_THIRDS) else None,
        "in_favour": tally.in_favour,
        "against": tally.against + tally.blocking,
        "abstaining": tally.abstaining,
        "eligible": result.eligible,
        "quorum": result.quorum or None,
    }


def line(decision: Decision | None, day: date, language: str) -> str:
    """The line at the end of a text, as a paragraph of HTML; empty where there is nothing to say."""
    if decision is None:
        return ""
    words = _words(language)
    opening = "unanimous" if decision.unanimous else "consent" if decision.method == "consent" else "adopted"
    said = [words[opening].format(day=day_in_words(day, language))]
    if decision.in_favour is not None:
        figures = {"against": decision.against or 0, "abstaining": decision.abstaining or 0}
        said.append(words["figures"].format(for_=decision.in_favour, **figures))
        if decision.quorum:
            said.append(words["quorum"].format(quorum=decision.quorum))
    comma = "، " if words is WORDS["ar"] else ", "
    text = f"{said[0]}: {comma.join(said[1:])}." if len(said) > 1 else f"{said[0]}."
    return f'\n<p class="{CLASS}"><em>{markup.escape(text)}</em></p>'


def minority_title(title: str | None, language: str) -> str:
    """What stands above a minority report wherever it is read."""
    word = _words(language)["minority"]
    return f"{word}: {title}" if title else word


def with_line(statement: Statement) -> Statement:
    """The statement with the line at the end of its text."""
    if statement.decision is None or statement.adopted_at is None or statement.content is None:
        return statement
    ending = line(statement.decision, statement.adopted_at, statement.language or "en")
    maps = {one: text + ending for one, text in statement.content_map.items()}
    return replace(statement, content=statement.content + ending, content_map=maps)


def without_line(html: str, statement: Statement) -> str:
    """A text of another without the line, where its document carries the decision itself."""
    return LINE.sub("", html) if statement.decision is not None else html


def extras_of(statement: Statement) -> dict[str, Any]:
    """What is kept for the pages, bounded."""
    found: dict[str, Any] = {}
    if statement.decision is not None:
        found["decision"] = _kept(statement.decision) | {
            "day": statement.adopted_at.isoformat() if statement.adopted_at else None
        }
    if statement.minority_reports:
        found["minority_reports"] = list(statement.minority_reports[:ARGUMENTS_AT_MOST])
    if statement.minority_report_of is not None:
        found["minority_report_of"] = statement.minority_report_of
    return found


def _kept(decision: Decision) -> dict[str, Any]:
    def short(texts: tuple[str, ...]) -> list[str]:
        return [markup.shorten(" ".join(one.split()), ARGUMENT_CHARACTERS) for one in texts[:ARGUMENTS_AT_MOST]]

    plain = ("method", "majority_of", "unanimous", "in_favour", "against", "abstaining", "eligible", "quorum")
    return {name: getattr(decision, name) for name in plain} | {
        "arguments_for": short(decision.arguments_for),
        "arguments_against": short(decision.arguments_against),
        "voters": [
            {"name": markup.shorten(one.name, 100), "choice": markup.shorten(one.choice, 40)}
            for one in decision.voters[:VOTERS_AT_MOST]
        ],
    }


def _words(language: str) -> Mapping[str, str]:
    return WORDS.get(language.partition("-")[0].lower(), WORDS["en"])


def day_in_words(day: date, language: str) -> str:
    """A day as it is written in a language."""
    tongue = language.partition("-")[0].lower()
    months = ARABIC_MONTHS if tongue == "ar" else events.MONTHS.get(tongue, events.MONTHS["en"])
    pattern = WORDS.get(tongue, WORDS["en"])["day"]
    return pattern.format(number=day.day, month=months.split()[day.month - 1], year=day.year)
