"""What a profile may say: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from node.errors import Invalid

NAME_CHARACTERS = 100
TENDENCY_CHARACTERS = 120
SUMMARY_CHARACTERS = 5000
UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
TEXTS = {"name": NAME_CHARACTERS, "tendency": TENDENCY_CHARACTERS, "summary": SUMMARY_CHARACTERS}
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
            raise Invalid(f"it has {len(text)} characters; {limit} are the limit", field=name)
    if not changes.get("name", "x").strip():
        raise Invalid("a group has a name", field="name")
