"""What an upload may be: pure."""

from __future__ import annotations

from node.errors import Invalid
from node.media import DESCRIPTION_CHARACTERS

UPLOADS_AT_MOST = 100  # of one viewer that no text has taken
FILMS_AT_MOST = 10  # of these
KEY_CHARACTERS = 200


def check_description(text: str | None) -> str:
    """A description in one line; empty as long as there is none. Raises Invalid."""
    line = " ".join((text or "").split())
    if len(line) > DESCRIPTION_CHARACTERS:
        raise Invalid("a description has at most {limit} characters", field="description", limit=DESCRIPTION_CHARACTERS)
    return line


def focus(text: str | None) -> tuple[float, float] | None:
    """The point that stays in sight when a picture is cut, each from -1.0 to 1.0. Raises Invalid."""
    if not text:
        return None
    parts = text.split(",")
    try:
        across, up = (float(part) for part in parts)
    except ValueError:
        raise Invalid("{given!r} is no focus such as 0.0,-0.5", field="focus", given=text[:40]) from None
    if not (-1 <= across <= 1 and -1 <= up <= 1):
        raise Invalid("{given!r} is no focus such as 0.0,-0.5", field="focus", given=text[:40])
    return across, up
