"""What in a free text may lead to a person: names, telephone numbers, addresses, e-mail. Pure, and never sure.

It warns and refuses nothing: only the writer knows whether a number is a strike fund's or somebody's own. It looks for
what is written as such things usually are, in any language for numbers and e-mail, and for names and addresses where
words announce them (Mr, señora, Straße, calle). What it does not find it has not cleared. Every kind of text is looked
through, wherever a group writes one: whoever writes is told, and so are those who decide on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from node.errors import Phrase
from node.statements.rules import Draft
from node.translating import N_


class Kind(StrEnum):
    """What something looks like."""

    EMAIL = "email"
    TELEPHONE = "telephone"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a text that may lead to a person: the field it stands in, and the words themselves."""

    kind: Kind
    field: str
    words: str


_SKIPPED = re.compile(r"https?://\S+|@[\w.+-]{1,64}@[\w.-]{1,253}\w|#\w+")
"""Links, handles of the fediverse and hashtags: they are public already."""
_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}(?:@|\s?[\[(](?:at|arroba)[\])]\s?)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.IGNORECASE
)
_TELEPHONE = re.compile(
    r"(?<![\w.,:/+-])(?:(?:\+|00)[1-9]\d{0,2}[\s./-]?(?:\(0\))?|\(0?\d{2,5}\)[\s./-]?|0\d)(?:[\s./-]?\d){5,12}(?![\w:/-]|[.,]\d)"
    r"|(?<![\w.,:/+-])\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}(?!\w)"
    r"|(?<![\w.,:/+-])\d{2}(?:[ .-]\d{2}){4}(?!\w)"
)
_CALLED = re.compile(
    r"\b(?:tel|tél|telefon|telephone|teléfono|phone|mobile|handy|móvil|whatsapp|signal|هاتف)\b[^\d\n]{0,12}(\+?\d[\d\s./()-]{4,18}\d)",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4}")
# Every run is bounded: a text is what somebody has written, and may be anything.
_WORD = r"[^\W\d_][\w’'-]{0,40}"
_CAPITAL = r"[^\W\d_a-zß-öø-ÿ][\w’'-]{0,40}"
_ADDRESS = re.compile(
    rf"\b(?:{_WORD}(?:straße|strasse|str\.|weg|gasse|platz|allee|ufer|damm)|{_WORD} (?:Straße|Strasse|Weg|Platz|Allee))"
    rf"\s\d{{1,4}}\s?[a-z]?\b"
    rf"|\b\d{{1,5}}(?:\s?(?:bis|ter))?,?\s(?:{_CAPITAL}\s){{1,3}}(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Drive|Boulevard|Blvd\.?|Square|Court|Terrace|Close)\b"
    rf"|\b\d{{1,4}}(?:\s?(?:bis|ter))?,?\s(?:rue|avenue|boulevard|impasse|allée|chemin|place)\s(?:d(?:e|u|es)\s|de\sla\s|de\sl’|d’)?{_CAPITAL}"
    rf"|\b(?:calle|avenida|av\.|plaza|paseo|rua|via|viale|piazza)\s(?:de\s(?:la\s|los\s|las\s)?|del\s|da\s|do\s)?{_CAPITAL}(?:\s{_CAPITAL})?,?\s(?:n[º°.]\s?)?\d{{1,5}}\b"
    r"|(?:شارع|حي)\s[^\W\d_]{1,40}(?:\s[^\W\d_]{1,40})?\s?،?\s?(?:رقم\s)?\d{1,4}",
)
_NAME = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Mx|Dr|Prof|Sr|Sra|Srta|Don|Doña|M(?=\.)|Mme|Mlle|Herr|Frau|Comrade|Genosse|Genossin|Kollege|Kollegin|Compañera|Compañero|Camarade|Brother|Sister)"
    rf"\.?\s(?:(?:Dr|Prof)\.?\s)?({_CAPITAL}(?:[\s-](?:(?:von|van|de|da|del|bin|al)\s)?{_CAPITAL}){{0,3}})"
    rf"|\b(?:named|called|heißt|namens|nommée?|appelée?|llamad[oa])\s({_CAPITAL}(?:\s{_CAPITAL}){{1,2}})"
    r"|(?:السيد|السيدة|الرفيق|الرفيقة|الأستاذ|الأستاذة)\s([^\W\d_]{1,40}(?:\s[^\W\d_]{1,40})?)"
)


WARNING = N_("This may lead to a person: {about}.")
LISTED_AT_MOST = 12
OWN_WORDS = (
    "struggle_title", "summary", "demands", "claims", "responses", "location", "place", "indigenous_name", "addressee",
    "organisation", "alleged_by", "report_status_reason",
)  # fmt: skip
"""What of a report's fields a writer fills with words of her own."""


def findings(draft: Draft) -> tuple[Finding, ...]:
    """What in the words of a draft of any kind, in all its languages, may lead to a person."""
    return lint(words_of(draft))


def words_of(draft: Draft) -> dict[str, str]:
    """What was written in a writer's own words, by field; a nested value as the JSON that it is written in."""
    texts = {"title": draft.title or "", "text": draft.text, "summary": draft.summary or ""}
    texts |= {name: draft.report[name] for name in ("title", *OWN_WORDS) if draft.report.get(name)}
    texts |= {name: value for name, value in draft.conditions.items() if name.startswith("condition")}
    texts |= {name: draft.appeal.get(name, "") for name in ("goal", "how")}
    texts |= {"pledge": draft.answer.get("pledge", "")}
    for number, picture in enumerate(draft.pictures, start=1):
        texts[f"pictures[{number}]"] = picture.description or ""
    for one in draft.translations:
        texts |= {f"{one.language}.{name}": words for name, words in words_of(one).items()}
    return {field: text for field, text in texts.items() if text.strip()}


def warning(found: Sequence[Finding]) -> Phrase | None:
    """The findings in one sentence; None where there are none."""
    if not found:
        return None
    words = list(dict.fromkeys(one.words for one in found))
    more = ["…"] if len(words) > LISTED_AT_MOST else []
    return Phrase(WARNING, about="; ".join([*words[:LISTED_AT_MOST], *more]))


def lint(texts: Mapping[str, str]) -> tuple[Finding, ...]:
    """What in `texts` (field -> free text) may lead to a person, each once, in the order in which it stands there."""
    found = [one for field, text in texts.items() for one in _in(field, text)]
    return tuple(dict.fromkeys(found))


def _in(field: str, text: str) -> Iterator[Finding]:
    bare = _SKIPPED.sub(lambda link: " " * len(link[0]), text)
    yield from (Finding(Kind.EMAIL, field, one[0].strip()) for one in _EMAIL.finditer(bare))
    bare = _EMAIL.sub(" ", bare)
    numbers = [*(one[0] for one in _TELEPHONE.finditer(bare)), *(one[1] for one in _CALLED.finditer(bare))]
    for number in dict.fromkeys(one.strip(" ./-(") for one in numbers):
        if not _DATE.fullmatch(number) and 6 <= sum(map(str.isdigit, number)) <= 15:
            yield Finding(Kind.TELEPHONE, field, number)
    yield from (Finding(Kind.ADDRESS, field, one[0].strip()) for one in _ADDRESS.finditer(bare))
    yield from (Finding(Kind.NAME, field, one[0].strip()) for one in _NAME.finditer(bare))
