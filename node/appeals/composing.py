"""From what was kept of an appeal, or of an answer to one, to what leaves: its facts in words above its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row

from node import actors, localised, names, objects, wording
from node.appeals import rules
from node.appeals.rules import Answered, Asked
from node.context import Transaction
from node.reports import amounts, struggles
from node.reports import store as reports
from node.statements import composing, markup, store
from node.statements.composing import Composed
from node.statements.rules import Draft, Form
from node.translating import ENGLISH, LANGUAGES, N_, filled, speaking, translated
from schemas.appeal import Appeal
from schemas.appeal_answer import AppealAnswer

SOLIDARITY: Final = "solidarity"
STATES: Final[Mapping[str, str]] = {
    "open": N_("We ask for: {what}"),
    "met": N_("We asked for: {what}. It is there: thank you."),
    "closed": N_("We asked for: {what}. We do so no longer."),
}
SAID: Final[Mapping[str, str]] = {
    "given": N_("We have done or given what is asked here"),
    "promised": N_("We will do or give what is asked here"),
    "passed-on": N_("We have passed this appeal on"),
    "cannot": N_("We cannot do what is asked here"),
}


def compose(tx: Transaction, iri: str, kept: dict[str, Any]) -> Composed:
    """The appeal as it leaves; nothing is written. Raises Invalid."""
    draft = composing.revive(kept["draft"])
    asked = rules.asked(draft)
    struggle = struggles.addressed(tx, asked.struggle, actor=kept["actor"])
    language = draft.language or actors.local(tx, kept["actor"]).language
    return composing.compose_as(
        tx,
        iri,
        kept,
        Appeal,
        replace(draft, tags=tuple(dict.fromkeys([*draft.tags, *hashtags(asked.kinds)]))),
        opening=_asked_in_words(tx, asked, struggle, language),
        kinds=asked.kinds,
        struggle=struggle,
        until=asked.until,
        goal=asked.goal,
        how=asked.how,
        status=asked.status,
    )


def compose_answer(tx: Transaction, iri: str, kept: dict[str, Any]) -> Composed:
    """The answer as it leaves; nothing is written. Raises Invalid."""
    draft = as_reply(composing.revive(kept["draft"]))
    answered = rules.answered(draft)
    language = draft.language or actors.local(tx, kept["actor"]).language
    return composing.compose_as(
        tx,
        iri,
        kept,
        AppealAnswer,
        replace(draft, tags=tuple(dict.fromkeys([*draft.tags, SOLIDARITY]))),
        opening=_answered_in_words(tx, answered, language),
        appeal=answered.to,
        kind=answered.kind,
        pledge=answered.pledge,
    )


def as_reply(draft: Draft) -> Draft:
    """The draft of an answer to an appeal as that of the reply that it is for everybody else."""
    return replace(draft, reply_to=draft.answer.get("to") or None, form=Form.NOTE)


def hashtags(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The hashtags under which people elsewhere find an appeal."""
    return (SOLIDARITY, *(kind.replace("-", "") for kind in kinds if kind != "other"))


def tongue_of(language: str) -> str:
    """The language in which the facts of a text are told: its own where this node speaks it, else English."""
    tongue = language.partition("-")[0].lower()
    return tongue if tongue in LANGUAGES else ENGLISH


def facts(lines: list[str], language: str) -> str:
    """Lines of HTML above a text, the first one strong, marked as English where they are and the text is not."""
    spoken = "" if tongue_of(language) == language.partition("-")[0].lower() else f' lang="{ENGLISH}"'
    return f'<p class="facts"><strong{spoken}>{lines[0]}</strong>{"".join(f"<br>{one}" for one in lines[1:])}</p>\n'


def word(code: str) -> str:
    """A code in a line of text, in the language that is spoken."""
    return translated(wording.code(code))


def _asked_in_words(tx: Transaction, asked: Asked, struggle: str | None, language: str) -> str:
    tongue = tongue_of(language)
    with speaking(tongue):
        what = localised.comma(tongue).join(map(word, asked.kinds))
        lines = [filled(STATES[asked.status], what=markup.escape(what))]
        if struggle is not None:
            lines.append(filled(N_("For: {struggle}"), struggle=_struggle_link(tx, struggle)))
        if asked.goal is not None:
            amount = amounts.said(asked.goal, tongue)
            lines.append(filled(N_("Needed: {amount}"), amount=markup.escape(amount)))
        if asked.until is not None:
            lines.append(filled(N_("Until: {day}"), day=localised.day(asked.until, tongue)))
        if asked.how is not None:
            lines.append(filled(N_("How: {how}"), how=markup.escape(asked.how)))
    return facts(lines, language)


def _struggle_link(tx: Transaction, iri: str) -> str:
    row = reports.find_struggle(tx, iri)
    return _link(iri, row.name if row is not None else iri)


def _answered_in_words(tx: Transaction, answered: Answered, language: str) -> str:
    tongue = tongue_of(language)
    with speaking(tongue):
        lines = [f"{translated(SAID[answered.kind])}:</strong> {_appeal_link(tx, answered.to)}<strong>"]
        if answered.pledge is not None:
            lines.append(markup.escape(amounts.said(answered.pledge, tongue)))
    return facts(lines, language).replace("<strong></strong>", "", 1)


def _appeal_link(tx: Transaction, iri: str) -> str:
    shown = store.shown(tx, [iri]).get(iri)
    page = (shown.url if shown is not None else None) or iri
    return _link(page, (shown.title if shown is not None else None) or page) + _author_of(tx, objects.find(tx, iri))


def _link(address: str, words: str) -> str:
    return f'<a href="{markup.escape(address)}"><bdi>{markup.escape(words)}</bdi></a>'


def _author_of(tx: Transaction, row: Row[Any] | None) -> str:
    author = actors.find(tx, row.author) if row is not None else None
    name = names.visible(author.name or author.handle) if author is not None else None
    return f" (<bdi>{markup.escape(name)}</bdi>)" if name else ""
