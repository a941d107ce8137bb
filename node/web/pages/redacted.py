"""What a page shows of what was blanked in a text: which part, on which day, and the category of the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from node.translating import N_

NAMES = {
    "text": N_("the text"),
    "title": N_("the title"),
    "summary": N_("the summary"),
    "tags": N_("the tags"),
    "attachment": N_("a picture"),
    "arguments": N_("the arguments for and against"),
    "voters": N_("who voted what"),
    "revision": N_("an earlier version"),
}
FIELD = N_("a field of the report")


@dataclass(frozen=True, slots=True)
class Redacted:
    """A part that was blanked; `name` is translated when it is shown."""

    part: str
    name: str
    number: int | None
    reason: str
    by: str | None
    day: date


def redactions(extras: Mapping[str, Any] | None) -> list[Redacted]:
    """What was blanked in a text, from what is kept beside it."""
    return [
        Redacted(
            part=one["part"],
            name=NAMES.get(one["part"], FIELD),
            number=one["number"],
            reason=one["reason"],
            by=one["by"],
            day=datetime.fromisoformat(one["at"]).date(),
        )
        for one in (extras or {}).get("redactions", ())
    ]
