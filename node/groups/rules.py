"""What a profile may say: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from node.errors import Invalid

NAME_CHARACTERS = 100
TENDENCY_CHARACTERS = 120
SUMMARY_CHARACTERS = 5000
HANDLE = re.compile(r"[a-z0-9_]{1,30}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
RULES_AT_MOST = 50
RULE_CHARACTERS = 500
TEXTS = {"name": NAME_CHARACTERS, "tendency": TENDENCY_CHARACTERS, "summary": SUMMARY_CHARACTERS,
         "rules": RULES_AT_MOST * RULE_CHARACTERS, "extended": 20_000}  # fmt: skip
PICTURES = ("icon", "image")
CHOICES = ("indexable", "discoverable")


def check(changes: Mapping[str, Any]) -> None:
    """Raise Invalid, naming the field, unless a profile can be changed to this. Empty takes away; a name stays."""
    if not changes:
        raise Invalid("say what to change: --name, --summary, --icon and the others")
    for name, limit in TEXTS.items():
        text = changes.get(name)
        if text is None:
            continue
        if UNSENDABLE.search(text):
            raise Invalid("there is a character in it that cannot be sent", field=name)
        if len(text) > limit:
            raise Invalid("it has {given} characters; {limit} are the limit", field=name, given=len(text), limit=limit)
    for line in check_rules(changes.get("rules") or ""):
        if len(line) > RULE_CHARACTERS:
            more = {"given": len(line), "limit": RULE_CHARACTERS}
            raise Invalid("it has {given} characters; {limit} are the limit", field="rules", **more)
    if not changes.get("name", "x").strip():
        raise Invalid("a group has a name", field="name")


def check_rules(text: str) -> list[str]:
    """The rules in a text, one to a line. Raises Invalid for too many."""
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if len(found) > RULES_AT_MOST:
        more = {"count": len(found), "limit": RULES_AT_MOST}
        raise Invalid("there are {count}; {limit} are the limit", field="rules", **more)
    return found


def check_handle(text: str) -> str:
    """`text` as a handle. Raises Invalid."""
    if not HANDLE.fullmatch(text):
        raise Invalid("“{text}” cannot be a handle: use 1 to 30 of a-z, 0-9 and _", field="handle", text=text)
    return text


def check_name(text: str) -> str:
    """`text` as a group's name. Raises Invalid."""
    if not 0 < len(text.strip()) <= NAME_CHARACTERS or any(ord(letter) < 32 for letter in text):
        raise Invalid("a group's name has 1 to {limit} characters, in one line", field="name", limit=NAME_CHARACTERS)
    if UNSENDABLE.search(text):
        raise Invalid("there is a character in it that cannot be sent", field="name")
    return text.strip()


def check_language(text: str) -> str:
    """`text` as a language tag (BCP 47). Raises Invalid."""
    if not LANGUAGE.fullmatch(text):
        raise Invalid("“{text}” is not a language such as en, ar or pt-BR", field="language", text=text)
    return text
