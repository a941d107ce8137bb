"""What a policy says, and how somebody writes it: the same words on the command line, at the desk and for programs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from node.errors import Invalid
from node.peering.rules import Category, Door, Mode, Severity
from node.translating import N_

REASON_CHARACTERS = 2000
KINDS: Final = ("Statement", "Report", "Event", "Question", "Position")
WORDS: Final = {
    Severity.ACCEPT: N_("accept: it is admitted"),
    Severity.HOLD: N_("hold: what comes waits for a person"),
    Severity.LIMIT: N_("limit: only who follows it sees it"),
    Severity.REJECT: N_("reject: nothing is heard, fetched, shown or sent"),
    Category.SPAM: N_("spam"),
    Category.HARASSMENT: N_("harassment"),
    Category.ILLEGAL: N_("illegal content"),
    Category.MALWARE: N_("malware"),
    Category.OTHER_ABUSE: N_("other abuse"),
    Category.DISAGREEMENT: N_("political disagreement"),
    Category.OTHER: N_("another reason"),
    Door.READING: N_("who may read the public pages and documents"),
    Door.DELIVERING: N_("who may deliver to us"),
    Door.PULLING: N_("from whom we fetch"),
    Mode.OPEN: N_("everybody, whatever the policies say"),
    Mode.BLOCK_LIST: N_("everybody but those who are rejected"),
    Mode.ALLOW_LIST: N_("only those whom a policy admits"),
}
"""How each is said to a person."""
INSTEAD: Final = N_(
    "Political disagreement can be answered in public instead, with a position or a reply: then others can judge. It is"
    " no abuse, and shutting each other out is how silos begin. You may do it all the same."
)

T = TypeVar("T", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a policy says, beside whom it is about. `expires`: it ends then; `review_on`: those who look after peers are
    told then to look at it again; `kinds`: of objects it is for, None for whoever it is about as a whole."""

    severity: Severity
    reason: str = ""
    category: Category | None = None
    no_media: bool = False
    kinds: Collection[str] | None = None
    expires: datetime | None = None
    review_on: datetime | None = None
    subdomains: bool = True

    @property
    def is_disagreement(self) -> bool:
        """Whether it could be answered in public instead (`INSTEAD`)."""
        return self.category is Category.DISAGREEMENT and self.severity is not Severity.ACCEPT


def check(terms: Terms, *, now: datetime, says_why: bool = True) -> None:
    """Raise Invalid for terms that make no policy; a preview need not say why."""
    if says_why and terms.severity is not Severity.ACCEPT and not terms.reason:
        raise Invalid("say why: whoever comes after you will ask", field="reason")
    if len(terms.reason) > REASON_CHARACTERS:
        raise Invalid("a reason has at most {limit} characters", field="reason", limit=REASON_CHARACTERS)
    for field in ("expires", "review_on"):
        if (moment := getattr(terms, field)) is not None and moment <= now:
            raise Invalid("{moment} is over already", field=field, moment=moment.date().isoformat())
    if terms.kinds is not None and not terms.kinds:
        raise Invalid("a policy for no kind of text at all says nothing", field="kinds")


def read(given: Mapping[str, Any]) -> Terms:
    """Terms from text, as forms, options and JSON have them; what is empty is left out. Raises Invalid by field.

    `severity`, `reason`, `category`, `no_media`, `kinds` (a list, or words with commas), `expires` and `review_on`
    (2027-01-31, the whole day is meant), `subdomains` (yes, if nothing is said).
    """
    category = given.get("category")
    return Terms(
        severity=read_word(given.get("severity") or "", "severity", Severity),
        reason=str(given.get("reason") or "").strip(),
        category=read_word(category, "category", Category) if category else None,
        no_media=bool(given.get("no_media")),
        kinds=_kinds(given.get("kinds")),
        expires=_day(given.get("expires"), "expires"),
        review_on=_day(given.get("review_on"), "review_on"),
        subdomains=given.get("subdomains") is None or bool(given["subdomains"]),
    )


def read_word(text: Any, field: str, kind: type[T]) -> T:
    """One of the words of a kind. Raises Invalid, saying which there are."""
    try:
        return kind(str(text))
    except ValueError:
        words = ", ".join(kind)
        raise Invalid("“{value}” is none of {words}", field=field, value=str(text)[:100], words=words) from None


def _kinds(given: Any) -> tuple[str, ...] | None:
    if given in (None, "", [], ()):
        return None
    names = [name.strip() for name in given.split(",")] if isinstance(given, str) else list(given)
    for name in names:
        if name not in KINDS:
            raise Invalid("“{value}” is none of {words}", field="kinds", value=str(name)[:100], words=", ".join(KINDS))
    return tuple(dict.fromkeys(names))


def _day(given: Any, field: str) -> datetime | None:
    """The end of a day in UTC, or the moment that is given exactly."""
    if given in (None, ""):
        return None
    text = str(given)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("“{value}” is no day such as 2027-01-31", field=field, value=text[:100]) from None
    if len(text) == len("2027-01-31"):
        moment += timedelta(days=1)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
