"""Filters and what they find, the settings about strangers, and what is said of each rule: pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from node.errors import Invalid
from node.peering.rules import Category
from node.translating import N_

HELD_AT_MOST = 1000  # of a group
HELD_OF_HOST = 200
KEPT_FOR = timedelta(days=30)
COUNTED_FOR = timedelta(days=30)
FILTERS_AT_MOST = 500  # of a group
PATTERN_CHARACTERS = 100
LETTERS_AT_LEAST = 3
WORDS_READ = 100_000  # of a text; nobody writes so much to get by a filter
LINKS_READ = 200
STAR_CHARACTERS = 30
DAYS_AT_MOST = 365
AN_HOUR_AT_MOST = 1_000_000
SILENCED_AT_MOST = 20_000  # of a group


class By(StrEnum):
    """By what a filter finds a text."""

    WORDS = "words"
    LINKS = "links"


class Effect(StrEnum):
    """What happens with what a filter finds."""

    HOLD = "hold"
    REFUSE = "refuse"


class Silence(StrEnum):
    """How an account is not heard."""

    MUTE = "mute"
    BLOCK = "block"


CATEGORIES: Mapping[Category, str] = {
    Category.SPAM: N_("spam"),
    Category.HARASSMENT: N_("harassment, or danger to somebody"),
    Category.ILLEGAL: N_("against the law"),
    Category.MALWARE: N_("harmful software, or a trap"),
    Category.OTHER_ABUSE: N_("other abuse"),
}
"""Why something is removed or somebody not heard: the abuses among the reasons of policies; to disagree is none."""


class Rule(StrEnum):
    """The rules that are no filters; one that is is called `filter 12`."""

    FIRST_CONTACT = "first contact"
    NEW_ACCOUNT = "new account"
    NO_PICTURE = "no picture"
    POLICY = "policy"
    MUTED = "muted"
    BLOCKED = "blocked"
    BY_HAND = "by hand"
    WAVE = "wave"
    RATE = "rate"


RULES: Mapping[str, str] = {
    Rule.FIRST_CONTACT: N_("the first message from a server that is not known here"),
    Rule.NEW_ACCOUNT: N_("a new account"),
    Rule.NO_PICTURE: N_("an account without a picture"),
    Rule.POLICY: N_("a policy for its server or account"),
    Rule.MUTED: N_("a muted account"),
    Rule.BLOCKED: N_("a blocked account"),
    Rule.BY_HAND: N_("by hand"),
    Rule.WAVE: N_("a wave of mentions"),
    Rule.RATE: N_("too many activities of one server in an hour"),
}


class Did(StrEnum):
    """What a rule did, or a delegate with what it held."""

    HELD = "held"
    REFUSED = "refused"
    ADMITTED = "admitted"
    REMOVED = "removed"
    EXPIRED = "expired"
    COLLAPSED = "collapsed"


@dataclass(frozen=True, slots=True)
class Settings:
    """A group's rules about strangers. Nothing of it is on at first but the two bounds."""

    first_contact: bool = False
    new_account_days: int = 0  # an account that is younger waits; 0: none does
    without_picture: bool = False
    mentions_an_hour: int = 50  # of strangers; what comes beyond that is collapsed, 0: never
    activities_an_hour: int = 0  # of one server; 0: as many as it sends


def read_settings(given: Mapping[str, Any], held: Settings) -> Settings:
    """The settings as `given` changes them. Raises Invalid, with the field."""
    values = asdict(held)
    for one in fields(Settings):
        if one.name in given:
            values[one.name] = _flag(given[one.name], one.name) if one.type == "bool" else _count(given, one.name)
    if unknown := sorted(given.keys() - values.keys()):
        raise Invalid("there is no such key; the keys are {known}", field=unknown[0], known=", ".join(values))
    return Settings(**values)


def _flag(value: Any, name: str) -> bool:
    if value in (True, "yes", "true", "on"):
        return True
    if value in (False, "no", "false", "off", ""):
        return False
    raise Invalid("write yes or no", field=name)


def _count(given: Mapping[str, Any], name: str) -> int:
    return read_count(given[name], name, most=DAYS_AT_MOST if name == "new_account_days" else AN_HOUR_AT_MOST)


def read_count(given: Any, name: str, *, most: int) -> int:
    """A whole number, written or not. Raises Invalid."""
    text = str(given).strip()
    if isinstance(given, bool) or not (text.isascii() and text.isdecimal() and len(text) < 10) or int(text) > most:
        raise Invalid("write a whole number up to {most}", field=name, most=most)
    return int(text)


# ---- filters


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A group's own rule: by words or by links, for some kinds of objects or all (None)."""

    by: By
    pattern: str
    effect: Effect = Effect.HOLD
    kinds: tuple[str, ...] | None = None


def read_filter(given: Mapping[str, Any], known_kinds: Iterable[str]) -> Filter:
    """The filter that a form, a command or a program describes. Raises Invalid, with the field."""
    by, effect = given.get("by") or By.WORDS, given.get("effect") or Effect.HOLD
    if by not in tuple(By):
        raise Invalid("“{given}” is none of {known}", field="by", given=by, known=", ".join(By))
    if effect not in tuple(Effect):
        raise Invalid("“{given}” is none of {known}", field="effect", given=effect, known=", ".join(Effect))
    pattern = given.get("pattern") or ""
    if not isinstance(pattern, str):
        raise Invalid("write a text", field="pattern")
    kinds = given.get("kinds") or None
    kinds = kinds.replace(",", " ").split() if isinstance(kinds, str) else kinds
    unknown = sorted(set(kinds or ()) - set(known_kinds))
    if unknown:
        known = ", ".join(sorted(known_kinds))
        raise Invalid("“{given}” is none of {known}", field="kinds", given=unknown[0], known=known)
    checked = check_host(pattern) if by == By.LINKS else check_words(pattern)
    return Filter(by=By(by), pattern=checked, effect=Effect(effect), kinds=tuple(sorted(kinds)) if kinds else None)


def check_words(pattern: str) -> str:
    """Words as a filter looks for them; one * stands for letters at the end or in the middle. Raises Invalid."""
    found = " ".join(_folded(pattern).split())
    if len(found) > PATTERN_CHARACTERS:
        raise Invalid("write at most {characters} characters", field="pattern", characters=PATTERN_CHARACTERS)
    if sum(letter.isalnum() for letter in found) < LETTERS_AT_LEAST:
        raise Invalid("write at least {letters} letters: less stands in every text", field="pattern",
                      letters=LETTERS_AT_LEAST)  # fmt: skip
    if found.count("*") > 1:
        raise Invalid("write one * at most", field="pattern")
    return found


def is_host(text: str) -> bool:
    """Whether this is a host, perhaps with a port, as activities come from."""
    return re.fullmatch(r"[a-z0-9.-]{1,253}(?::\d{1,5})?|\[[0-9a-f:.]{2,45}\](?::\d{1,5})?", text) is not None


def check_host(pattern: str) -> str:
    """A domain, which covers what lies below it. Raises Invalid."""
    found = pattern.strip().lower().rstrip(".")
    if not re.fullmatch(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}", found) or len(found) > 253:
        raise Invalid("“{given}” is no domain such as spam.example", field="pattern", given=pattern[:100])
    return found


def _folded(text: str) -> str:
    """As it is compared: without case, other forms of letters, and what nobody sees."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(letter) != "Cf"
    )


@dataclass(frozen=True, slots=True)
class Text:
    """What filters look at: the words, folded, and the hosts that are linked to."""

    words: str
    hosts: frozenset[str]


_LINK = re.compile(r"https?://([^\s/\"'<>?#\\]{1,300})", re.IGNORECASE)


def text_of(parts: Sequence[str], links: Sequence[str]) -> Text:
    """The words in `parts` (plain) and the hosts of what stands in `links` (addresses, or HTML with them)."""
    words = _folded("\n".join(parts)[:WORDS_READ])
    hosts: set[str] = set()
    for match in _LINK.finditer("\n".join(links)[:WORDS_READ]):
        hosts.add(match[1].rpartition("@")[2].partition(":")[0].lower().rstrip("."))
        if len(hosts) >= LINKS_READ:
            break
    return Text(words, frozenset(hosts))


def finds(one: Filter, text: Text, kind: str) -> bool:
    """Whether a filter is for this kind of object and finds the text."""
    if one.kinds is not None and kind not in one.kinds:
        return False
    if one.by is By.LINKS:
        return any(host == one.pattern or host.endswith(f".{one.pattern}") for host in text.hosts)
    # The longest part without a star is looked for first: most stand in no text at all, and to see that is cheap.
    if max(one.pattern.split("*"), key=len).split(" ")[0] not in text.words:
        return False
    return _pattern(one.pattern).search(text.words) is not None


@lru_cache(maxsize=2000)
def _pattern(words: str) -> re.Pattern[str]:
    """Escaped words; a star is bounded and stands once, so that a search takes no longer than the text is long, times
    thirty."""
    escaped = re.escape(words).replace(r"\ ", r"\s{1,10}").replace(r"\*", rf"\w{{0,{STAR_CHARACTERS}}}")
    before = r"(?<!\w)" if words[0].isalnum() or words[0] == "_" else ""
    after = r"(?!\w)" if words[-1].isalnum() or words[-1] == "_" else ""
    return re.compile(f"{before}{escaped}{after}")


# ---- strangers


def is_new(*, made: datetime | None, known_since: datetime, now: datetime, days: int) -> bool:
    """Whether an account is younger than `days`: by the date that its server gives, or since it is known here."""
    since = min(made, known_since) if made is not None else known_since
    return days > 0 and now - since < timedelta(days=days)


def read_category(given: Any) -> Category:
    """One of CATEGORIES. Raises Invalid."""
    if given not in CATEGORIES:
        raise Invalid("say why: {known}", field="category", known=", ".join(CATEGORIES))
    return Category(given)


def read_silence_days(given: Any) -> int | None:
    """For how many days; None for as long as nobody changes it. Raises Invalid."""
    if given in (None, "", 0, "0"):
        return None
    text = str(given).strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and 0 < int(text) <= DAYS_AT_MOST):
        raise Invalid("write a whole number up to {most}", field="days", most=DAYS_AT_MOST)
    return int(text)
