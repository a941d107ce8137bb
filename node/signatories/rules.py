"""What a signature is of, and how many there may be: pure."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from enum import StrEnum

from node.errors import Conflict, Invalid
from schemas.statement import Statement

AT_MOST = 100
"""Signatories of one text."""
OPEN_AT_MOST = 200
"""Invitations that a group has not answered."""
OPEN_BY_ONE = 20
"""Invitations of one author that a group has not answered."""
UNANSWERED_FOR = timedelta(days=180)
SIGNS = ("Organization", "Group", "Service", "Application")


class State(StrEnum):
    """Where the signature of one group under one text stands."""

    INVITED = "invited"  # ours is the text; the other has not answered
    ASKED = "asked"  # ours is the group; it has not answered
    CLAIMED = "claimed"  # the text or the group says so, and its stamp was not seen yet
    SIGNED = "signed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


def digest(statement: Statement) -> str:
    """What stands for the wording that is signed: SHA-256 of its content, in hexadecimal."""
    return hashlib.sha256((statement.content or "").encode()).hexdigest()


def check_inviting(author: str, signatory: str, kind: str | None, known: State | None, *, count: int) -> None:
    """Raise Invalid or Conflict unless the author of a text can invite `signatory`."""
    if signatory == author:
        raise Invalid("the group signs its own text by publishing it", field="group")
    if kind is not None and kind not in SIGNS:
        raise Invalid(
            "“{group}” is a {kind}; only groups sign texts together", field="group", group=signatory, kind=kind
        )
    if known in (State.SIGNED, State.INVITED, State.ASKED, State.CLAIMED):
        raise Conflict("“{group}” is {state} already", group=signatory, state=known.value)
    if known is State.DECLINED:
        raise Conflict("“{group}” has declined, and is not asked again", group=signatory)
    if count >= AT_MOST:
        raise Conflict("{limit} groups are invited or have signed, and that is the limit", limit=AT_MOST)
