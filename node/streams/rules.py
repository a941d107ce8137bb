"""What is told as it happens: pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from node.happenings import Happening, What

NEWS = timedelta(hours=1)  # what was said before is not told as new, however late it came
OF_TEXTS = (What.SAID, What.CHANGED, What.GONE)


def of_texts(happened: Iterable[Happening]) -> dict[str, What]:
    """What happened to each text in one transaction, in a word: one that is new and changed at once is new."""
    found: dict[str, What] = {}
    for one in happened:
        if one.what is What.GONE or (one.what in OF_TEXTS and found.get(one.iri, What.CHANGED) is What.CHANGED):
            found[one.iri] = one.what
    return found


def is_told(what: What, *, shown: bool, published: datetime, now: datetime) -> bool:
    """Whether apps are told, when the text is `shown` (public, listed, there) or not at the end of the transaction."""
    if what is What.GONE:
        return not shown
    return shown and (what is What.CHANGED or published > now - NEWS)
