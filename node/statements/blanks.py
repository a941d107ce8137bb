"""What a part of a text is, and what is left of the text without it: pure.

A part is the text, the title, the summary, the tags, one of the pictures, the arguments or the voters of its decision,
one field of a report or an event, or an earlier version as a whole. Where the text or a title stood, a sentence says
what became of it, because other servers show words and nothing beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from node.errors import Conflict, Invalid
from node.statements import adoption, events, writing
from schemas import codes
from schemas.redaction import Redaction
from schemas.statement import Statement

TEXTS = ("text", "title", "summary", "tags")
OF_THE_DECISION = {"arguments": ("arguments_for", "arguments_against"), "voters": ("voters",)}
ATTACHMENT, REVISION = "attachment", "revision"
NUMBERED = (ATTACHMENT, REVISION)
PICTURE = re.compile(r"!\[((?:[^\[\]\\]|\\.|\[[^\]]*\])*)\](?:\([^)]*\)|\[[^\]]*\])?")
LISTED_AT_MOST = 50
_SPELLED = re.compile(r"([a-z_]{1,60}[0-9]{0,2})(?::([1-9][0-9]{0,5}))?")
# What goes with a part because it repeats it.
TOGETHER: Mapping[str, tuple[str, ...]] = {
    "place": ("place", "address", "latitude", "longitude"),
    "address": ("address", "latitude", "longitude"),
    "locality": ("locality", "latitude", "longitude"),
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "text": "[The group has blanked this text on {day}: {reason}.]",
        "host": "[Whoever runs this server has blanked this text on {day}, because a law demands it.]",
        "title": "[blanked]",
        "mistake": "a mistake",
        "superseded": "something newer stands in its place",
        "personal-data": "it named or showed somebody",
        "safety": "it put people in danger",
        "illegal": "a law or a court demands it",
        "revoked": "the group does not stand by it any more",
        "other": "for another reason",
    },
    "fr": {
        "text": "[Le groupe a effacé ce texte le {day} : {reason}.]",
        "host": "[L’hébergeur de ce serveur a effacé ce texte le {day}, parce qu’une loi l’exige.]",
        "title": "[effacé]",
        "mistake": "une erreur",
        "superseded": "quelque chose de plus récent le remplace",
        "personal-data": "il nommait ou montrait quelqu’un",
        "safety": "il mettait des personnes en danger",
        "illegal": "une loi ou un tribunal l’exige",
        "revoked": "le groupe ne le soutient plus",
        "other": "pour une autre raison",
    },
    "es": {
        "text": "[El grupo ha borrado este texto el {day}: {reason}.]",
        "host": "[Quien administra este servidor ha borrado este texto el {day}, porque una ley lo exige.]",
        "title": "[borrado]",
        "mistake": "un error",
        "superseded": "algo más reciente ocupa su lugar",
        "personal-data": "nombraba o mostraba a alguien",
        "safety": "ponía a personas en peligro",
        "illegal": "una ley o un tribunal lo exige",
        "revoked": "el grupo ya no lo sostiene",
        "other": "por otra razón",
    },
    "de": {
        "text": "[Die Gruppe hat diesen Text am {day} unkenntlich gemacht: {reason}.]",
        "host": "[Wer den Server betreibt, hat diesen Text am {day} unkenntlich gemacht: ein Gesetz verlangt es.]",
        "title": "[unkenntlich gemacht]",
        "mistake": "ein Irrtum",
        "superseded": "etwas Neueres steht an seiner Stelle",
        "personal-data": "er nannte oder zeigte jemanden",
        "safety": "er brachte Menschen in Gefahr",
        "illegal": "ein Gesetz oder ein Gericht verlangt es",
        "revoked": "die Gruppe steht nicht mehr dazu",
        "other": "aus einem anderen Grund",
    },
    "ar": {
        "text": "[حجبت المجموعة هذا النص في {day}: {reason}.]",
        "host": "[حجب القائم على هذا الخادم هذا النص في {day} لأن القانون يفرض ذلك.]",
        "title": "[محجوب]",
        "mistake": "خطأ",
        "superseded": "حلّ محله ما هو أحدث",
        "personal-data": "كان يسمّي شخصًا أو يُظهره",
        "safety": "كان يعرّض أشخاصًا للخطر",
        "illegal": "يفرضه قانون أو محكمة",
        "revoked": "لم تعد المجموعة تتبناه",
        "other": "لسبب آخر",
    },
}
assert all(set(codes.DELETION_REASONS) < set(words) for words in WORDS.values())


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text; pictures and earlier versions have a `number` from 1 on."""

    name: str
    number: int | None = None

    @property
    def spelled(self) -> str:
        """As it is written by people: `title`, `attachment:2`."""
        return self.name if self.number is None else f"{self.name}:{self.number}"


@dataclass(frozen=True, slots=True)
class Why:
    """Why a part is blanked, by whom (`codes.REDACTORS`), and on which day."""

    reason: str
    by: str
    day: date


def read(said: str) -> Part:
    """A part as somebody has written it. Raises Invalid."""
    found = _SPELLED.fullmatch(said.strip())
    if found is None or (found[1] in NUMBERED) is (found[2] is None):
        sentence = "“{said}” is no part of a text; say text, title, summary, tags, attachment:1, revision:1 ..."
        raise Invalid(sentence, field="part", said=said[:60])
    return Part(found[1], int(found[2]) if found[2] else None)


def without(kept: Mapping[str, Any], part: Part, why: Why, *, language: str) -> dict[str, Any]:
    """What was kept of a publication, without a part. Raises Invalid if there is no such part, Conflict if it is blank.

    That something was blanked before does not matter: it is blanked again, with what stands there now.
    """
    draft = _without_confirmation(kept["draft"])
    if part.name == ATTACHMENT:
        return {**kept, "draft": _without_picture(draft, part)}
    if part.name in OF_THE_DECISION:
        return {**kept, "draft": draft, "decided": _without_words(kept.get("decided") or {}, part)}
    words = WORDS.get(language.partition("-")[0].lower(), WORDS["en"])
    if part.name == "text":
        draft["text"] = _sentence(words, why, language) + "\n"
        # Its other languages were kept with it, and are texts of their own by now.
        return {**kept, "draft": draft | {"translations": ()}, "mentions": {}}
    if part.name not in TEXTS:
        return {**kept, "draft": _without_field(draft, part)}
    if not draft[part.name]:
        raise Conflict("there is no {part} in it", part=part.name)
    blank: Any = words["title"] if part.name == "title" else () if part.name == "tags" else None
    return {**kept, "draft": draft | {part.name: blank, "translations": ()}}


def _without_confirmation(draft: Mapping[str, Any]) -> dict[str, Any]:
    """A draft without the words that confirmed what was asked of it: they are made of what is blanked."""
    report = {name: value for name, value in (draft.get("report") or {}).items() if name != "confirm"}
    return {**draft, "report": report}


def _sentence(words: Mapping[str, str], why: Why, language: str) -> str:
    pattern = words["host" if why.by == "host" else "text"]
    said = pattern.format(day=adoption.day_in_words(why.day, language), reason=words[why.reason])
    return f"\\{said[:-1]}\\]"  # Markdown would take the brackets for the beginning of a link


def _without_picture(draft: dict[str, Any], part: Part) -> dict[str, Any]:
    number = part.number or 0
    if not 0 < number <= len(draft["pictures"]):
        sentence = "there is no picture {number}: it has {count}"
        raise Conflict(sentence, number=number, count=len(draft["pictures"]))
    pictures = list(draft["pictures"])
    gone = pictures.pop(number - 1)
    return draft | {"pictures": pictures, "text": undescribed(draft["text"], gone["description"])}


def undescribed(text: str, description: str) -> str:
    """A Markdown text without the pictures that have this description."""

    def keep(found: re.Match[str]) -> str:
        return "" if " ".join(found[1].split()) == description else found[0]

    left = PICTURE.sub(keep, text)
    if any(" ".join(one.description.split()) == description for one in writing.pictures_in(left)):
        left = left.replace(description, "")  # written in a way that the pattern does not know
    return left


def _without_words(decided: Mapping[str, Any], part: Part) -> dict[str, Any]:
    keys = OF_THE_DECISION[part.name]
    if not any(decided.get(key) for key in keys):
        raise Conflict("there are no {part} in it", part=part.name)
    return {**decided, **{key: [] for key in keys}}


def _without_field(draft: dict[str, Any], part: Part) -> dict[str, Any]:
    """The draft of a report, an event or the like without one of their fields, and without those that say the same."""
    for holder in ("report", "event", "appeal", "answer", "conditions"):
        fields = dict(draft.get(holder) or {})
        if fields.get(part.name):
            gone = {*TOGETHER.get(part.name, ()), part.name}
            if part.name == "starts":
                break
            left = {name: value for name, value in fields.items() if name not in gone}
            return draft | {holder: left, "translations": ()}
    raise Conflict("there is no {part} in it that could be blanked", part=part.name)


def left_of(document: Mapping[str, Any], part: Part, *, gone: str | None = None) -> dict[str, Any] | None:
    """An earlier version without a part that was blanked later; None if nothing of it can stay.

    `gone` is the address of a blanked picture. Proof and salt go: they belong to what stood there.
    """
    left = {name: value for name, value in document.items() if name not in ("proof", "signature", "salt")}
    if part.name in OF_THE_DECISION:
        wire = {"arguments": ("argumentsFor", "argumentsAgainst"), "voters": ("voters",)}[part.name]
        decision = left.get("decision")
        if isinstance(decision, dict) and any(key in decision for key in wire):
            return left | {"decision": {key: value for key, value in decision.items() if key not in wire}}
        return dict(document)
    if part.name == ATTACHMENT:
        return _without_attachment(left, dict(document), gone)
    return None


def _without_attachment(left: dict[str, Any], whole: dict[str, Any], gone: str | None) -> dict[str, Any]:
    attached = left.get("attachment")
    listed = attached if isinstance(attached, list) else [attached] if attached else []
    going = [one for one in listed if isinstance(one, dict) and one.get("url") == gone]
    if not going:
        return whole
    source = left.get("source")
    if isinstance(source, dict) and isinstance(source.get("content"), str):
        text = source["content"]
        for one in going:
            text = undescribed(text, one.get("name") or "")
        left["source"] = source | {"content": text}
    return left | {"attachment": [one for one in listed if one not in going]}


def fields_in(draft: Mapping[str, Any], decided: Mapping[str, Any] | None) -> list[Part]:
    """The parts of a text that can be blanked, in the order in which they stand there."""
    found = [Part(name) for name in TEXTS if draft.get(name)]
    found += [Part(ATTACHMENT, number) for number in range(1, len(draft.get("pictures") or ()) + 1)]
    for holder in ("event", "report"):
        fields = draft.get(holder) or {}
        fixed = {"starts", events.PREVIOUSLY, "kind", "field", "title", "basis", "confirm"}
        found += [Part(name) for name, value in fields.items() if value and name not in fixed]
    return found + [Part(name) for name, keys in OF_THE_DECISION.items() if any((decided or {}).get(k) for k in keys)]


def redactions_of(kept: Mapping[str, Any]) -> tuple[Redaction, ...]:
    """What was blanked in a publication, as it travels."""
    return tuple(Redaction(**(one | {"at": datetime.fromisoformat(one["at"])})) for one in kept.get("redactions", ()))


def extras_of(statement: Statement) -> dict[str, Any]:
    """What was blanked in a text, as it is kept for the pages."""
    found = [
        {"part": one.part, "number": one.number, "reason": one.reason, "by": one.by, "at": one.at.isoformat()}
        for one in statement.redactions[:LISTED_AT_MOST]
    ]
    return {"redactions": found} if found else {}


def newly(statement: Statement, before: Statement | None) -> bool:
    """Whether a text says that more of it was blanked than what is held of it says."""
    known = {(one.part, one.number, one.at) for one in before.redactions} if before is not None else set()
    return any((one.part, one.number, one.at) not in known for one in statement.redactions)
