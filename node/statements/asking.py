"""What is asked twice before something leaves: what may put somebody in danger once it is public. Pure.

Nothing is refused for good: whoever writes says `confirm` with the word that the question names. That word holds for
exactly what was asked: if something else is written later, it is asked again. Here is the question itself, and what is
asked of a planned action; what is asked of a report, its room knows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any

from node.errors import Invalid, Phrase
from node.statements import events
from node.statements.rules import Draft
from node.translating import N_

CONFIRM = "confirm"
SENTENCES: Mapping[str, str] = {
    "place": N_("The action is still to come, and its exact place is told: {about}. Not only friends will read it."),
    "figure": N_("A figure under five at a named site can lead to persons: {about}."),
}
LISTED_AT_MOST = 12
NOT_TAKING_PLACE = ("cancelled", "moved-online")


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


def made(found: Mapping[str, tuple[str, ...]]) -> tuple[Question, ...]:
    """A question for each code about which there is something to ask."""
    return tuple(Question(code, about) for code, about in found.items() if about)


def unanswered(questions: Iterable[Question], said: str) -> tuple[Question, ...]:
    """Those of `questions` whose word is not among what was `said`: words with spaces, commas or ; between them."""
    words = said.replace(",", " ").replace(";", " ").split()
    return tuple(one for one in questions if one.word not in words)


def said_in(draft: Draft) -> str:
    """What a draft confirms, whatever it is."""
    kinds = (draft.event, draft.report, draft.conditions)
    return " ".join(filter(None, (kind.get(CONFIRM, "") for kind in kinds)))


def confirmed(draft: Draft, words: Sequence[str]) -> Draft:
    """The draft that confirms `words` too, where it is of a kind that is asked anything."""
    more: dict[str, Any] = {}
    for name in ("event", "report", "conditions"):
        fields = getattr(draft, name)
        if fields and words:
            more[name] = {**fields, CONFIRM: " ".join(filter(None, [fields.get(CONFIRM, ""), *words]))}
    return replace(draft, **more)


def of_event(draft: Draft, *, now: datetime) -> tuple[Question, ...]:
    """What is asked about a planned action: its exact place, if it is still to come and takes place somewhere."""
    given = draft.event
    if not given or given.get("status") in NOT_TAKING_PLACE or events.fields(given)["start_time"] <= now:
        return ()
    point = ", ".join(filter(None, (given.get(name, "") for name in ("latitude", "longitude"))))
    told = (given.get("place", ""), given.get("address", ""), point)
    return made({"place": tuple(one for one in dict.fromkeys(told) if one)})


def check_event(draft: Draft, *, now: datetime) -> None:
    """Raise Unconfirmed if something about a planned action is asked, and nobody has confirmed it."""
    if questions := unanswered(of_event(draft, now=now), said_in(draft)):
        raise Unconfirmed(questions)
